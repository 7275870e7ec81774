/* The debug walker. */
#include "heap_check.h"

#include "heap.h"
#include "object_map.h"
#include "poison.h"
#include "roots.h"
#include "word_stack.h"
#if RTS_INCREMENTAL
#include "gc_incremental.h"
#include "partition.h"
#else
#include "heap_flat.h"
#endif

static void visit(ObjectMap *seen, WordStack *pending, HeapCensus *census, Value value) {
    if (!value_is_pointer(value)) {
        RTS_REQUIRE(value_is_scalar(value) || value == VALUE_NULL, "a field holds no value");
        return;
    }
    RTS_REQUIRE(heap_contains((const Object *)value), "a reference leads out of the heap");
    Object *object = object_of(value);
#if RTS_INCREMENTAL
    RTS_REQUIRE(heap_contains(object), "a forwarding word leads out of the heap");
    RTS_REQUIRE(object->forward == object, "a new copy is forwarded");
    RTS_REQUIRE(gc_phase() != GC_PAUSE || (Value)object == value, "an old address has survived the update");
#endif
    if (object_map_get(seen, object) != 0) {
        return;
    }
    RTS_REQUIRE(header_is_valid(object->header), "a header is broken");
    size_t bytes = header_object_bytes(object->header);
    RTS_REQUIRE((uintptr_t)object + bytes <= heap_base() + heap_extent(), "an object reaches out of the heap");
    object_map_set(seen, object, 1);
    census->objects++;
    census->bytes += bytes;
    if (header_field_count(object->header) > 0) {
        word_stack_push(pending, (Word)object);
    }
}

HeapCensus heap_check(void) {
    HeapCensus census = {0, 0};
    ObjectMap seen;
    object_map_initialise(&seen);
    WordStack pending = WORD_STACK_EMPTY;
    size_t count;
    const Value *roots = root_slots(&count);
    for (size_t i = 0; i < count; i++) {
        visit(&seen, &pending, &census, roots[i]);
    }
    Word word;
    while (word_stack_pop(&pending, &word)) {
        const Object *object = (const Object *)word;
        size_t fields = header_field_count(object->header);
        for (size_t i = 0; i < fields; i++) {
            visit(&seen, &pending, &census, object->payload[i]);
        }
    }
    word_stack_free(&pending);
    object_map_free(&seen);
    return census;
}

static bool is_all_poison(const uint8_t *from, const uint8_t *to) {
    const uint64_t pattern = 0x0101010101010101u * POISON_BYTE;
    for (; from < to; from += sizeof pattern) {
        if (*(const uint64_t *)from != pattern) {
            return false;
        }
    }
    return true;
}

bool heap_is_poisoned(void) {
#if RTS_INCREMENTAL
    for (size_t i = 0; i < partitioned_heap.count; i++) {
        bool is_free = partitioned_heap.partitions[i].state == PARTITION_FREE;
        if (is_free && !is_all_poison(partition_base(i), partition_base(i) + PARTITION_SIZE)) {
            return false;
        }
    }
    return true;
#else
    return is_all_poison(flat_heap.top, flat_heap.end);
#endif
}
