/* The root set: a growing array of slots whose free ones are linked by scalars, invisible to collectors. */
#include "roots.h"

#include "bytes.h"
#include "span.h"
#if RTS_INCREMENTAL
#include "gc_incremental.h"
#endif

#define NO_SLOT UINT32_MAX

static Value *slots;
static uint32_t slot_count;
static uint32_t slot_capacity;
static uint32_t free_head = NO_SLOT;

static void reserve(uint32_t wanted) {
    if (wanted <= slot_capacity) {
        return;
    }
    uint32_t capacity = slot_capacity ? slot_capacity * 2 : (uint32_t)(SPAN_PAGE_BYTES / sizeof(Value));
    capacity = capacity < wanted ? wanted : capacity;
    Value *larger = span_allocate(capacity * sizeof(Value));
    if (slots) {
        memcpy(larger, slots, slot_count * sizeof(Value));
        span_free(slots, slot_capacity * sizeof(Value));
    }
    slots = larger;
    slot_capacity = capacity;
}

Root root_add(Value value) {
    Root root = free_head;
    if (root == NO_SLOT) {
        reserve(slot_count + 1);
        root = slot_count++;
    } else {
        intptr_t next = value_to_scalar(slots[root]);
        free_head = next < 0 ? NO_SLOT : (uint32_t)next;
    }
    slots[root] = VALUE_NULL;
    root_set(root, value);
    return root;
}

Value root_get(Root root) {
    RTS_ASSERT(root < slot_count, "an unknown root is read");
    return slots[root];
}

void root_set(Root root, Value value) {
    RTS_ASSERT(root < slot_count, "an unknown root is written");
#if RTS_INCREMENTAL
    value = gc_write_barrier(VALUE_NULL, value);
#endif
    slots[root] = value;
}

void root_remove(Root root) {
    RTS_ASSERT(root < slot_count, "an unknown root is removed");
    slots[root] = value_from_scalar(free_head == NO_SLOT ? -1 : (intptr_t)free_head);
    free_head = root;
}

Value *root_slots(size_t *count) {
    *count = slot_count;
    return slots;
}

uint32_t root_free_head(void) {
    return free_head;
}

Value *root_restore(size_t count, uint32_t head) {
    RTS_REQUIRE(count < NO_SLOT, "too many roots");
    reserve((uint32_t)count);
    slot_count = (uint32_t)count;
    free_head = head;
    return slots;
}

void root_clear(void) {
    span_free(slots, slot_capacity * sizeof(Value));
    slots = NULL;
    slot_count = 0;
    slot_capacity = 0;
    free_head = NO_SLOT;
}
