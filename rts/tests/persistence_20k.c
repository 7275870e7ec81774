/* Large heaps, of up to 20,000 objects, through upgrade after upgrade: the long pole of every variant. */
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/persistence.h"
#include "../src/stable_memory.h"
#include "check.h"
#include "heap_scenario.h"
#if RTS_INCREMENTAL
#include "../src/gc_incremental.h"
#endif

#define MAXIMUM_OBJECTS 20000

/* Chosen so that the module costs about the same in every variant. */
#define HEAPS (RTS_EOP ? 34 : RTS_INCREMENTAL ? 44 : 54)
#define UPGRADES 6

static void upgrade_again_and_again(Model *model, Random *random, uint32_t upgrades) {
    model_build(model);
    for (uint32_t upgrade = 0; upgrade < upgrades; upgrade++) {
        size_t collector = random_below(random, (uint32_t)gc_collector_count());
#if RTS_INCREMENTAL
        gc_set_evacuation_threshold(random_chance(random, 50) ? 100 : 85);
#endif
        if (random_chance(random, 30)) {
            scenario_collect_in_slices(model, collector);
        } else {
            scenario_collect_some(model, collector, random_below(random, 12));
        }
        model_mutate(model, random_below(random, 400));
        scenario_upgrade(model);
    }
    heap_destroy();
    root_clear();
    stable_reset();
}

/* Regression: a heap of a fixed three partitions, as tests once had, is too small for this dense graph. */
static void seed_20000_overflows_three_partitions(void) {
    const uint64_t seed = 20000;
    Random random = random_make(seed, 200);
    ModelShape shape = model_random_shape(&random, MAXIMUM_OBJECTS);
    Model model = model_plan(shape, seed);
    CHECK(model.total_heap_size_bytes > 3 * PARTITION_SIZE, "the graph of seed 20000 is larger than three partitions");
    heap_initialise(3 * PARTITION_SIZE);
    CHECK(!model_try_build(&model), "three partitions overflow");
    model_free(&model);

    model = model_plan(shape, seed);
    upgrade_again_and_again(&model, &random, 2);
    model_free(&model);
}

static void one_seed(uint64_t seed) {
    check_step(20000);
    seed_20000_overflows_three_partitions();
    Random random = random_make(seed, 201);
    for (uint32_t heap = 0; heap < HEAPS; heap++) {
        check_step(heap);
        ModelShape shape = model_random_shape(&random, MAXIMUM_OBJECTS);
        shape.objects = heap == 0 ? MAXIMUM_OBJECTS : shape.objects;
        Model model = model_plan(shape, seed + heap * 0x10001);
        upgrade_again_and_again(&model, &random, UPGRADES);
        model_free(&model);
    }
}

TEST_MODULE(persistence_20k) {
    check_seeds(first_seed, seed_count, one_seed);
}
