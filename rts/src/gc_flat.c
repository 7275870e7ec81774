/* Chooses between the flat heap's collectors. */
#include "gc_flat.h"

size_t gc_collector_count(void) {
    return 2;
}

const char *gc_collector_name(size_t collector) {
    return collector == 0 ? "copying" : "compacting";
}

void gc_collect(size_t collector) {
    if (collector == 0) {
        gc_collect_copying();
    } else {
        gc_collect_compact();
    }
}

bool gc_step(size_t collector, size_t work) {
    (void)work;
    gc_collect(collector);
    return false;
}
