/* Collections and upgrades, checked. */
#include "heap_scenario.h"

#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/persistence.h"
#include "check.h"

void scenario_collect(Model *model, size_t collector) {
    gc_collect(collector);
    CHECK(heap_is_poisoned(), "freed memory is poisoned after a collection");
    size_t reachable = model_check(model);
#if !RTS_INCREMENTAL
    HeapCensus census = heap_check();
    CHECK_EQUAL(census.bytes, heap_used_bytes(), "no garbage survives a collection");
    CHECK_EQUAL(census.objects, reachable, "exactly what is reachable survives");
#else
    (void)reachable;
#endif
}

void scenario_collect_some(Model *model, size_t collector, uint32_t slices) {
    Random *random = &model->random;
    for (uint32_t i = 0; i < slices; i++) {
        if (!gc_step(collector, random_between(random, 1, model->made / 2 + 50))) {
            return;
        }
        model_mutate(model, random_below(random, 20));
    }
}

void scenario_collect_in_slices(Model *model, size_t collector) {
    Random *random = &model->random;
    /* About 20 slices a cycle whatever the heap's size; some cycles of tiny ones. */
    uint32_t words = (uint32_t)(model->total_heap_size_bytes / sizeof(Word));
    uint32_t largest = random_chance(random, 20) ? 1 + words / 400 : 100 + words / 8;
    uint32_t slices = 0;
    while (gc_step(collector, random_between(random, 1, largest))) {
        model_mutate(model, random_below(random, 30));
        if (++slices % 16 == 7) {
            model_check(model);
        }
    }
    CHECK(heap_is_poisoned(), "freed memory is poisoned after a cycle");
    model_check(model);
}

void scenario_upgrade(Model *model) {
    persistence_save();
    /* Saving must leave the running program as it was. */
    model_check(model);
    heap_initialise(model_heap_capacity(model));
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "what was saved is restored");
    size_t reachable = model_check(model);
    CHECK_EQUAL(heap_check().objects, reachable, "nothing else is restored");
}
