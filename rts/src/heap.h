/* The heap as everything but its collectors sees it. Implemented by heap_flat.c or by heap_partitioned.c.
 *
 * Allocation never collects and never moves anything: objects move only inside the functions of gc.h. Code between
 * two calls of those may hold values in C variables; across them, only what a root or the heap refers to survives.
 */
#ifndef RTS_HEAP_H
#define RTS_HEAP_H

#include "object.h"

/* The unit in which the incremental collector frees memory; also the unit in which tests size a heap. */
#define PARTITION_SIZE ((size_t)256 * 1024)

/* Makes an empty heap of at least `capacity` bytes; any former heap is destroyed, roots are not. */
void heap_initialise(size_t capacity);

void heap_destroy(void);

/* A new object with all fields null, or all bytes zero. `VALUE_NONE` when the heap is full. */
Value heap_try_allocate(Kind kind, size_t length);

/* As `heap_try_allocate`; a full heap is fatal. */
Value heap_allocate(Kind kind, size_t length);

size_t heap_capacity_bytes(void);

/* Bytes taken by objects, reachable or not, and by what partitions lose at their ends. */
size_t heap_used_bytes(void);

/* The address range in which every object lies, for side tables. */
uintptr_t heap_base(void);
size_t heap_extent(void);

/* Whether an object may begin here: inside the memory that has been handed out and not freed since. */
bool heap_contains(const Object *object);

#endif
