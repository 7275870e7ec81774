/* The two collectors of the flat heap. */
#ifndef RTS_GC_FLAT_H
#define RTS_GC_FLAT_H

#include "gc.h"

/* Cheney: time follows what lives; needs a second heap while it runs. */
void gc_collect_copying(void);

/* Jonkers: time follows the whole heap, two passes over what lives; needs a bit for every eight bytes. */
void gc_collect_compact(void);

#endif
