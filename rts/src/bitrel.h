/* A relation on pairs of small numbers, in both directions, with two bits a pair: visited, and related.
 *
 * It remembers the answers of a recursive subtype check: visiting a pair assumes that it is related, which is what
 * makes the check of recursive types end; a failure disproves it. "p" is the direction: true asks whether i is below
 * j, false whether j is below i. The bits live in a blob, which the caller keeps alive.
 */
#ifndef RTS_BITREL_H
#define RTS_BITREL_H

#include "value.h"

typedef struct Bitrel {
    Value bits; /* a blob */
    uint32_t rows;
    uint32_t columns;
} Bitrel;

/* The blob's length for a relation of `rows` by `columns`. */
size_t bitrel_bytes(uint32_t rows, uint32_t columns);

/* A relation in which nothing was visited. */
Bitrel bitrel_make(uint32_t rows, uint32_t columns);

bool bitrel_is_visited(const Bitrel *relation, bool p, uint32_t i, uint32_t j);

/* Marks as visited, and assumes related. */
void bitrel_visit(const Bitrel *relation, bool p, uint32_t i, uint32_t j);

bool bitrel_is_related(const Bitrel *relation, bool p, uint32_t i, uint32_t j);
void bitrel_disprove(const Bitrel *relation, bool p, uint32_t i, uint32_t j);

#endif
