/* Cheney's copying collector.
 *
 * The to-space is its own work list: everything below `scan` has been copied and its fields forwarded, everything
 * between `scan` and `top` has only been copied. A copied object's header in from-space is replaced by the address of
 * its copy, which is even where a header is odd; that is the whole forwarding table. The machine stack stays flat
 * whatever the shape of the graph.
 */
#include "gc_flat.h"

#include "bytes.h"
#include "heap_flat.h"
#include "poison.h"
#include "roots.h"
#include "span.h"

static Value forward(Value value, uint8_t **top) {
    if (!value_is_pointer(value)) {
        return value;
    }
    Object *object = (Object *)value;
    RTS_ASSERT(heap_contains(object), "a reference out of the heap is met while copying");
    if (!(object->header & 1)) {
        return (Value)object->header;
    }
    RTS_ASSERT(header_is_valid(object->header), "a broken header is met while copying");
    size_t bytes = header_object_bytes(object->header);
    Object *copy = (Object *)*top;
    *top += bytes;
    memcpy(copy, object, bytes);
    object->header = (Word)copy;
    return value_from_object(copy);
}

void gc_collect_copying(void) {
    size_t capacity = heap_capacity_bytes();
    uint8_t *target = span_allocate(capacity);
    uint8_t *top = target;
    size_t root_count;
    Value *roots = root_slots(&root_count);
    for (size_t i = 0; i < root_count; i++) {
        roots[i] = forward(roots[i], &top);
    }
    for (uint8_t *scan = target; scan < top;) {
        Object *object = (Object *)scan;
        size_t fields = header_field_count(object->header);
        for (size_t i = 0; i < fields; i++) {
            object->payload[i] = forward(object->payload[i], &top);
        }
        scan += header_object_bytes(object->header);
    }
    poison(flat_heap.base, capacity);
    span_free(flat_heap.base, capacity);
    poison(top, (size_t)(target + capacity - top));
    flat_heap = (FlatHeap){target, top, target + capacity};
}
