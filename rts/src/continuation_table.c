/* The slab of continuations. */
#include "continuation_table.h"

#include "field.h"
#include "heap.h"

#define INITIAL_CAPACITY 16u

/* Links the slots [from, to) of a slab, the last one to `to`. */
static void link_free(Value slab, uint32_t from, uint32_t to) {
    for (uint32_t slot = from; slot < to; slot++) {
        field_set(slab, slot, value_from_scalar((intptr_t)slot + 1));
    }
}

ContinuationTable continuation_table_make(void) {
    Value slab = heap_allocate(KIND_ARRAY, INITIAL_CAPACITY);
    link_free(slab, 0, INITIAL_CAPACITY);
    return (ContinuationTable){.slab = root_add(slab), .count = 0, .free_slot = 0};
}

void continuation_table_free(ContinuationTable *table) {
    root_remove(table->slab);
    *table = (ContinuationTable){.slab = 0, .count = 0, .free_slot = 0};
}

uint32_t continuation_capacity(const ContinuationTable *table) {
    return (uint32_t)value_length(root_get(table->slab));
}

static void grow(ContinuationTable *table) {
    Value former = root_get(table->slab);
    uint32_t capacity = continuation_capacity(table);
    Value slab = heap_allocate(KIND_ARRAY, (size_t)capacity * 2);
    for (uint32_t slot = 0; slot < capacity; slot++) {
        field_set(slab, slot, field_get(former, slot));
    }
    link_free(slab, capacity, capacity * 2);
    root_set(table->slab, slab);
}

uint32_t continuation_remember(ContinuationTable *table, Value continuation) {
    RTS_REQUIRE(value_is_pointer(continuation), "a continuation must be an object");
    if (table->free_slot == continuation_capacity(table)) {
        grow(table);
    }
    Value slab = root_get(table->slab);
    uint32_t slot = table->free_slot;
    table->free_slot = (uint32_t)value_to_scalar(field_get(slab, slot));
    field_set(slab, slot, continuation);
    table->count++;
    return slot;
}

Value continuation_peek(const ContinuationTable *table, uint32_t number) {
    RTS_REQUIRE(number < continuation_capacity(table), "a continuation that was never remembered");
    Value continuation = field_get(root_get(table->slab), number);
    RTS_REQUIRE(value_is_pointer(continuation), "a continuation that is not remembered");
    return continuation;
}

Value continuation_recall(ContinuationTable *table, uint32_t number) {
    Value continuation = continuation_peek(table, number);
    field_set(root_get(table->slab), number, value_from_scalar((intptr_t)table->free_slot));
    table->free_slot = number;
    table->count--;
    return continuation;
}
