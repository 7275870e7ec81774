/* Collecting, whatever the variant's collectors are. The only functions that move objects. */
#ifndef RTS_GC_H
#define RTS_GC_H

#include "base.h"

/* How many collectors the variant has; tests run them all. */
size_t gc_collector_count(void);
const char *gc_collector_name(size_t collector);

/* One whole collection. Afterwards everything unreachable when it was called is gone, as far as the collector
 * promises: the flat ones leave no garbage at all, the incremental one evacuates the partitions worth it. */
void gc_collect(size_t collector);

/* Does about `work` units of work, an object's word being one; begins a cycle when none is under way. True while the
 * cycle is unfinished. A collector that is not incremental does all of it. */
bool gc_step(size_t collector, size_t work);

#endif
