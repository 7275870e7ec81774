/* The bit matrix behind bitrel.h: pair-major, four bits a pair (two directions of two bits). */
#include "bitrel.h"

#include "heap.h"
#include "object.h"

#define BIT_VISITED 0u
#define BIT_RELATED 1u
#define BITS_PER_DIRECTION 2u
#define BITS_PER_PAIR (2 * BITS_PER_DIRECTION)

size_t bitrel_bytes(uint32_t rows, uint32_t columns) {
    return ((size_t)rows * columns * BITS_PER_PAIR + 7) / 8;
}

Bitrel bitrel_make(uint32_t rows, uint32_t columns) {
    return (Bitrel){heap_allocate(KIND_BLOB, bitrel_bytes(rows, columns)), rows, columns};
}

/* The byte that holds a pair's bit, and the bit's mask in it. */
static uint8_t *locate(const Bitrel *relation, bool p, uint32_t i, uint32_t j, uint32_t which, uint8_t *mask) {
    RTS_REQUIRE(i < relation->rows && j < relation->columns, "a pair outside the relation");
    size_t pair = (size_t)i * relation->columns + j;
    size_t bit = pair * BITS_PER_PAIR + (p ? BITS_PER_DIRECTION : 0) + which;
    *mask = (uint8_t)(1u << (bit % 8));
    return value_bytes(relation->bits) + bit / 8;
}

static bool get(const Bitrel *relation, bool p, uint32_t i, uint32_t j, uint32_t which) {
    uint8_t mask;
    return *locate(relation, p, i, j, which, &mask) & mask;
}

static void set(const Bitrel *relation, bool p, uint32_t i, uint32_t j, uint32_t which, bool is_on) {
    uint8_t mask;
    uint8_t *byte = locate(relation, p, i, j, which, &mask);
    *byte = is_on ? *byte | mask : *byte & (uint8_t)~mask;
}

bool bitrel_is_visited(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    return get(relation, p, i, j, BIT_VISITED);
}

void bitrel_visit(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    set(relation, p, i, j, BIT_VISITED, true);
    set(relation, p, i, j, BIT_RELATED, true);
}

bool bitrel_is_related(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    return get(relation, p, i, j, BIT_RELATED);
}

void bitrel_disprove(const Bitrel *relation, bool p, uint32_t i, uint32_t j) {
    set(relation, p, i, j, BIT_RELATED, false);
}
