/* A heap of partitions, for the incremental collector. */
#include "heap.h"

#include "bytes.h"
#include "gc_incremental.h"
#include "partition.h"
#include "poison.h"
#include "span.h"

void heap_initialise(size_t capacity) {
    heap_destroy();
    PartitionedHeap *heap = &partitioned_heap;
    heap->count = round_up(capacity, PARTITION_SIZE) / PARTITION_SIZE;
    heap->base = span_allocate(heap_capacity_bytes());
    heap->partitions = span_allocate_zeroed(heap->count * sizeof(Partition));
    partition_seal_current();
    mark_bitmap_initialise(&heap->bitmap, (uintptr_t)heap->base, heap_capacity_bytes());
    poison(heap->base, heap_capacity_bytes());
}

void heap_destroy(void) {
    gc_abandon();
    PartitionedHeap *heap = &partitioned_heap;
    span_free(heap->base, heap_capacity_bytes());
    span_free(heap->partitions, heap->count * sizeof(Partition));
    if (heap->base) {
        mark_bitmap_free(&heap->bitmap);
    }
    *heap = (PartitionedHeap){.base = NULL};
}

Value heap_try_allocate(Kind kind, size_t length) {
    RTS_REQUIRE(length <= OBJECT_MAXIMUM_LENGTH, "an object is too long");
    Word header = header_make(kind, length);
    size_t bytes = header_object_bytes(header);
    Object *object = (Object *)partition_allocate(bytes);
    if (!object) {
        return VALUE_NONE;
    }
    memset(object, 0, bytes);
    object->header = header;
    object->forward = object;
    size_t fields = header_field_count(header);
    for (size_t i = 0; i < fields; i++) {
        object->payload[i] = VALUE_NULL;
    }
    gc_note_allocation(object, bytes);
    return value_from_object(object);
}

Value heap_allocate(Kind kind, size_t length) {
    Value value = heap_try_allocate(kind, length);
    RTS_REQUIRE(value != VALUE_NONE, "the heap is full");
    return value;
}

size_t heap_capacity_bytes(void) {
    return partitioned_heap.count * PARTITION_SIZE;
}

size_t heap_used_bytes(void) {
    const PartitionedHeap *heap = &partitioned_heap;
    size_t bytes = 0;
    for (size_t i = 0; i < heap->count; i++) {
        const Partition *partition = &heap->partitions[i];
        bool is_open = partition->state == PARTITION_SMALL && i == heap->current;
        bytes += partition->state == PARTITION_FREE ? 0 : is_open ? partition->used : PARTITION_SIZE;
    }
    return bytes;
}

uintptr_t heap_base(void) {
    return (uintptr_t)partitioned_heap.base;
}

size_t heap_extent(void) {
    return heap_capacity_bytes();
}

bool heap_contains(const Object *object) {
    uintptr_t offset = (uintptr_t)object - heap_base();
    if (offset >= heap_extent() || offset % OBJECT_ALIGNMENT) {
        return false;
    }
    const Partition *partition = &partitioned_heap.partitions[offset / PARTITION_SIZE];
    size_t within = offset % PARTITION_SIZE;
    return partition->state == PARTITION_SMALL ? within < partition->used
                                               : partition->state == PARTITION_LARGE && within == 0;
}
