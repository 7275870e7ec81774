/* The flat heap's inside, for its two collectors. */
#ifndef RTS_HEAP_FLAT_H
#define RTS_HEAP_FLAT_H

#include "heap.h"

typedef struct FlatHeap {
    uint8_t *base;
    uint8_t *top; /* objects lie in [base, top) without gaps */
    uint8_t *end;
} FlatHeap;

extern FlatHeap flat_heap;

#endif
