/* Upgrades of heaps of 100, 1,000 and 10,000 objects; and what must be refused. */
#include "../src/bytes.h"
#include "../src/field.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/persistence.h"
#include "../src/stable_memory.h"
#include "check.h"
#include "heap_scenario.h"

#define AT_VERSION 8

static void fresh_heap(const Model *model) {
    heap_initialise(model_heap_capacity(model));
    root_clear();
}

static void upgrades(uint64_t seed, uint32_t objects, uint32_t rounds) {
    Random random = random_make(seed, 300 + objects);
    for (uint32_t round = 0; round < rounds; round++) {
        check_step((uint64_t)objects * 1000 + round);
        ModelShape shape = model_random_shape(&random, objects);
        shape.objects = round == 0 ? objects : shape.objects;
        Model model = model_plan(shape, seed + round);
        model_build(&model);
        for (uint32_t upgrade = 0; upgrade < 3; upgrade++) {
            scenario_collect_some(&model, random_below(&random, (uint32_t)gc_collector_count()),
                                  random_below(&random, 8));
            model_mutate(&model, random_below(&random, 100));
            scenario_upgrade(&model);
        }
        heap_destroy();
        root_clear();
        stable_reset();
        model_free(&model);
    }
}

static void refuses_what_it_cannot_read(uint64_t seed) {
    Random random = random_make(seed, 301);
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_ABSENT, "empty stable memory holds no heap");
    stable_grow(1);
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_ABSENT, "a page of zeroes holds no heap");

    ModelShape shape = {.objects = 300, .later_objects = 8, .maximum_fields = 6, .roots = 5};
    Model model = model_plan(shape, seed);
    model_build(&model);
    persistence_save();

    static const uint32_t unknown[] = {0, 3, 17, 0xFFFFFFFF};
    uint32_t version = stable_read_u32(AT_VERSION);
    CHECK_EQUAL(version, persistence_version, "the current version is written");
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        stable_write_u32(AT_VERSION, unknown[i]);
        fresh_heap(&model);
        CHECK_EQUAL(persistence_restore(), PERSISTENCE_UNKNOWN_VERSION, "an unknown version is refused");
        CHECK_EQUAL(stable_read_u32(AT_VERSION), unknown[i], "what is refused is left as it is");
    }
    stable_write_u32(AT_VERSION, version);

    uint64_t length = stable_read_u64(24);
    for (uint32_t i = 0; i < 40; i++) {
        uint64_t at = PERSISTENCE_HEADER_BYTES + random_u64(&random) % length;
        uint8_t byte;
        stable_read(at, &byte, 1);
        uint8_t broken = byte ^ (uint8_t)(1u << random_below(&random, 8));
        stable_write(at, &broken, 1);
        fresh_heap(&model);
        CHECK_EQUAL(persistence_restore(), PERSISTENCE_CORRUPT, "a flipped bit is noticed");
        stable_write(at, &byte, 1);
    }
    stable_write_u64(24, UINT64_MAX - 8);
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_CORRUPT, "a length beyond stable memory is noticed");
    stable_write_u64(24, length);

    heap_initialise(1);
    for (uint32_t i = 0; i < 8; i++) {
        heap_try_allocate(KIND_BLOB, PARTITION_SIZE / 10);
    }
    while (heap_try_allocate(KIND_BLOB, 1) != VALUE_NONE) {
    }
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_HEAP_TOO_SMALL, "a heap without room is noticed");

    fresh_heap(&model);
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "what was put right is restored");
    model_check(&model);
    heap_destroy();
    root_clear();
    stable_reset();
    model_free(&model);
}

/* Root handles are numbers that the program keeps; they mean the same after an upgrade, the free ones, too. */
static void keeps_root_handles(void) {
    heap_initialise(3 * PARTITION_SIZE);
    Root first = root_add(value_from_scalar(1));
    Root second = root_add(heap_allocate(KIND_BLOB, 3));
    Root third = root_add(value_from_scalar(3));
    root_remove(first);
    persistence_save();
    heap_initialise(3 * PARTITION_SIZE);
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "a heap with a free root is restored");
    CHECK_EQUAL(value_kind(root_get(second)), KIND_BLOB, "a root means what it meant");
    CHECK_EQUAL(value_to_scalar(root_get(third)), 3, "a root means what it meant");
    CHECK_EQUAL(root_add(VALUE_NULL), first, "a free root is used again");
    CHECK_EQUAL(root_add(VALUE_NULL), third + 1, "the list of free roots ends where it ended");
    heap_destroy();
    root_clear();
    stable_reset();
}

#if RTS_EOP
#include "../src/text.h"

/* A rope of words, leaning to either side, with shared parts. */
static Value random_rope(Random *random, uint32_t parts) {
    Value rope = text_from_bytes((const uint8_t *)"", 0);
    for (uint32_t i = 0; i < parts; i++) {
        uint8_t word[24];
        for (size_t at = 0; at < sizeof word; at++) {
            word[at] = (uint8_t)random_between(random, 'a', 'z');
        }
        Value piece = text_from_bytes(word, random_between(random, 1, sizeof word));
        uint32_t dice = random_below(random, 100);
        rope = dice < 45                              ? text_concatenate(rope, piece)
               : dice < 90 || text_bytes(rope) > 4096 ? text_concatenate(piece, rope)
                                                      : text_concatenate(rope, rope);
    }
    return rope;
}

static void upgrades_from_version_1(uint64_t seed) {
    Random random = random_make(seed, 302);
    ModelShape shape = {.objects = 2000, .later_objects = 8, .maximum_fields = 6, .roots = 20};
    Model model = model_plan(shape, seed);
    model_build(&model);
    persistence_save_version_1();
    CHECK_EQUAL(stable_read_u32(AT_VERSION), 1, "the old layout says that it is old");
    fresh_heap(&model);
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "version 1 is read");
    model_check(&model);
    scenario_upgrade(&model);
    CHECK_EQUAL(stable_read_u32(AT_VERSION), persistence_version, "and written back as the current one");
    heap_destroy();
    root_clear();
    stable_reset();
    model_free(&model);

    heap_initialise(16 * PARTITION_SIZE);
    Value rope = random_rope(&random, 500);
    size_t bytes = text_bytes(rope);
    Root rope_root = root_add(rope);
    Root flat_root = root_add(text_flatten(rope));
    persistence_save_version_1();
    heap_initialise(16 * PARTITION_SIZE);
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "ropes of version 1 are read");
    CHECK_EQUAL(text_bytes(root_get(rope_root)), bytes, "a rope's length is found out");
    CHECK_EQUAL(text_compare(root_get(rope_root), root_get(flat_root)), 0, "a rope keeps its text");
    heap_destroy();
    root_clear();
    stable_reset();

    /* A damaged file without a checksum: a rope that contains itself. */
    heap_initialise(3 * PARTITION_SIZE);
    Value concat = heap_allocate(KIND_CONCAT, 3);
    field_set(concat, 0, concat);
    field_set(concat, 1, concat);
    root_add(concat);
    persistence_save_version_1();
    heap_initialise(3 * PARTITION_SIZE);
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_CORRUPT, "a rope that contains itself is refused");
    heap_destroy();
    root_clear();
    stable_reset();
}
#endif

static void one_seed(uint64_t seed) {
    upgrades(seed, 100, 150);
    upgrades(seed, 1000, 60);
    upgrades(seed, 10000, 12);
    check_step(1);
    refuses_what_it_cannot_read(seed);
    check_step(2);
    keeps_root_handles();
#if RTS_EOP
    check_step(3);
    upgrades_from_version_1(seed);
#endif
}

TEST_MODULE(persistence_small) {
    check_seeds(first_seed, seed_count, one_seed);
}
