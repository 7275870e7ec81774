/* Random heaps, one scenario a seed: any number of objects, sparse or dense, with cycles, collected while it changes. */
#include "../src/gc.h"
#include "../src/heap.h"
#include "check.h"
#include "heap_scenario.h"
#if RTS_INCREMENTAL
#include "../src/gc_incremental.h"
#endif

#define MAXIMUM_OBJECTS 5000

/* A program that only mutates loses sight of more and more of its heap, so a scenario begins anew several times. */
#define HEAPS (RTS_EOP ? 18 : RTS_INCREMENTAL ? 20 : 8)
#define CYCLES 8

static void one_heap(uint64_t seed, uint32_t heap, size_t collector) {
    Random random = random_make(seed, 100 + heap);
    Model model = model_plan(model_random_shape(&random, MAXIMUM_OBJECTS), seed + heap * 0x10001);
#if RTS_INCREMENTAL
    gc_set_evacuation_threshold(random_chance(&random, 50) ? 100 : 85);
#endif
    model_build(&model);
    model_check(&model);
    for (uint32_t cycle = 0; cycle < CYCLES; cycle++) {
        check_step(collector * 1000 + heap * 100 + cycle);
        model_mutate(&model, random_below(&random, 60));
        if (random_chance(&random, 30)) {
            scenario_collect(&model, collector);
        } else {
            scenario_collect_in_slices(&model, collector);
        }
    }
    scenario_collect(&model, collector);
    heap_destroy();
    root_clear();
    model_free(&model);
}

static void one_seed(uint64_t seed) {
    for (uint32_t heap = 0; heap < HEAPS; heap++) {
        for (size_t collector = 0; collector < gc_collector_count(); collector++) {
            one_heap(seed, heap, collector);
        }
    }
}

TEST_MODULE(gc) {
    check_seeds(first_seed, seed_count, one_seed);
}
