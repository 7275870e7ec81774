/* What gc and persistence tests do to a heap that a model describes. */
#ifndef RTS_TESTS_HEAP_SCENARIO_H
#define RTS_TESTS_HEAP_SCENARIO_H

#include "heap_model.h"

/* One whole collection by one collector; checks the heap and that freed memory is poisoned. */
void scenario_collect(Model *model, size_t collector);

/* Begins a cycle and leaves it unfinished if it can be: slices, with mutations between them. */
void scenario_collect_some(Model *model, size_t collector, uint32_t slices);

/* A whole cycle in slices with mutations between them, checked now and then while it is under way. */
void scenario_collect_in_slices(Model *model, size_t collector);

/* To stable memory, into a new heap and back again; the heap must be as before on both sides. */
void scenario_upgrade(Model *model);

#endif
