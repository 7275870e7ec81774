/* The root set: slots that keep what they hold alive, named by handles that survive collections and upgrades. */
#ifndef RTS_ROOTS_H
#define RTS_ROOTS_H

#include "value.h"

typedef uint32_t Root;

Root root_add(Value value);
Value root_get(Root root);
void root_set(Root root, Value value);
void root_remove(Root root);

/* All slots, for collectors and for persistence: free ones hold scalars. Valid until a root is added. */
Value *root_slots(size_t *count);

/* The head of the free list, and its counterpart: makes `count` slots, to be filled by the caller, with this head. */
uint32_t root_free_head(void);
Value *root_restore(size_t count, uint32_t free_head);

/* Forgets every root. */
void root_clear(void);

#endif
