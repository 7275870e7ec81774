/* A slab of continuations: what waits for an answer, named by a number that is small enough to be sent away.
 *
 * The slab is an array in the heap, kept by a root of the table's own; free slots are linked through scalars. What is
 * remembered must therefore be an object.
 */
#ifndef RTS_CONTINUATION_TABLE_H
#define RTS_CONTINUATION_TABLE_H

#include "roots.h"

typedef struct ContinuationTable {
    Root slab;
    uint32_t count;     /* continuations remembered */
    uint32_t free_slot; /* the head of the free list; equal to the slab's length when there is none */
} ContinuationTable;

ContinuationTable continuation_table_make(void);
void continuation_table_free(ContinuationTable *table);

/* Keeps a continuation until it is recalled; the number is free again then. */
uint32_t continuation_remember(ContinuationTable *table, Value continuation);
Value continuation_recall(ContinuationTable *table, uint32_t number);

Value continuation_peek(const ContinuationTable *table, uint32_t number);
uint32_t continuation_capacity(const ContinuationTable *table);

#endif
