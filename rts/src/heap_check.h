/* The debug walker of the test module: is the heap what the collectors promise? */
#ifndef RTS_HEAP_CHECK_H
#define RTS_HEAP_CHECK_H

#include "base.h"

typedef struct HeapCensus {
    size_t objects;
    size_t bytes;
} HeapCensus;

/* Visits everything reachable: values, headers, forwarding words and addresses must be sound, else it is fatal. */
HeapCensus heap_check(void);

/* Whether all memory that no object may occupy is poisoned; to be called right after a collection. */
bool heap_is_poisoned(void);

#endif
