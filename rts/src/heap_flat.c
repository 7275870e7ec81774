/* A heap of one piece with a bump pointer, for the copying and the compacting collector. */
#include "heap_flat.h"

#include "bytes.h"
#include "poison.h"
#include "span.h"

FlatHeap flat_heap;

void heap_initialise(size_t capacity) {
    heap_destroy();
    capacity = round_up(capacity, SPAN_PAGE_BYTES);
    flat_heap.base = span_allocate(capacity);
    flat_heap.top = flat_heap.base;
    flat_heap.end = flat_heap.base + capacity;
    poison(flat_heap.base, capacity);
}

void heap_destroy(void) {
    span_free(flat_heap.base, heap_capacity_bytes());
    flat_heap = (FlatHeap){NULL, NULL, NULL};
}

Value heap_try_allocate(Kind kind, size_t length) {
    RTS_REQUIRE(length <= OBJECT_MAXIMUM_LENGTH, "an object is too long");
    Word header = header_make(kind, length);
    size_t bytes = header_object_bytes(header);
    if (bytes > (size_t)(flat_heap.end - flat_heap.top)) {
        return VALUE_NONE;
    }
    Object *object = (Object *)flat_heap.top;
    flat_heap.top += bytes;
    memset(object, 0, bytes);
    object->header = header;
    size_t fields = header_field_count(header);
    for (size_t i = 0; i < fields; i++) {
        object->payload[i] = VALUE_NULL;
    }
    return value_from_object(object);
}

Value heap_allocate(Kind kind, size_t length) {
    Value value = heap_try_allocate(kind, length);
    RTS_REQUIRE(value != VALUE_NONE, "the heap is full");
    return value;
}

size_t heap_capacity_bytes(void) {
    return (size_t)(flat_heap.end - flat_heap.base);
}

size_t heap_used_bytes(void) {
    return (size_t)(flat_heap.top - flat_heap.base);
}

uintptr_t heap_base(void) {
    return (uintptr_t)flat_heap.base;
}

size_t heap_extent(void) {
    return heap_capacity_bytes();
}

bool heap_contains(const Object *object) {
    return (uint8_t *)object >= flat_heap.base && (uint8_t *)object < flat_heap.top &&
           (uintptr_t)object % OBJECT_ALIGNMENT == 0;
}
