/* The table of continuations: against a model, while it grows, and while a collector moves what it holds. */
#include "../src/continuation_table.h"

#include "../src/bytes.h"
#include "../src/field.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/persistence.h"
#include "../src/stable_memory.h"
#include "check.h"
#include "random.h"

#define MAXIMUM_LIVE 600
#define HEAP_BYTES (24 * PARTITION_SIZE)

typedef struct Remembered {
    uint32_t number; /* that the table gave */
    intptr_t content;
} Remembered;

static Value make_continuation(intptr_t content) {
    Value closure = heap_allocate(KIND_RECORD, 2);
    Value box = heap_allocate(KIND_MUTBOX, 1);
    field_set(box, 0, value_from_scalar(content));
    field_set(closure, 0, box);
    field_set(closure, 1, value_from_scalar(content + 1));
    return closure;
}

static void check_continuation(Value closure, intptr_t content) {
    CHECK_EQUAL(value_kind(closure), KIND_RECORD, "a continuation is what was remembered");
    CHECK_EQUAL(value_to_scalar(field_get(closure, 1)), content + 1, "and holds what it held");
    CHECK_EQUAL(value_to_scalar(field_get(field_get(closure, 0), 0)), content, "and refers to what it referred to");
}

static void fixed_behaviour(void) {
    heap_initialise(HEAP_BYTES);
    ContinuationTable table = continuation_table_make();
    uint32_t initial = continuation_capacity(&table);
    for (uint32_t i = 0; i < initial; i++) {
        CHECK_EQUAL(continuation_remember(&table, make_continuation(i)), i, "numbers are given in order");
    }
    CHECK_EQUAL(continuation_capacity(&table), initial, "a full table has not grown");
    CHECK_EQUAL(continuation_remember(&table, make_continuation(99)), initial, "the next number follows");
    CHECK_EQUAL(continuation_capacity(&table), 2 * initial, "for which the table doubles");
    check_continuation(continuation_recall(&table, 5), 5);
    check_continuation(continuation_recall(&table, 9), 9);
    CHECK_EQUAL(table.count, initial - 1, "what was recalled is not counted");
    CHECK_EQUAL(continuation_remember(&table, make_continuation(100)), 9, "the last number recalled is given first");
    CHECK_EQUAL(continuation_remember(&table, make_continuation(101)), 5, "then the one before");
    CHECK_EQUAL(continuation_remember(&table, make_continuation(102)), initial + 1, "then new ones");
    check_continuation(continuation_peek(&table, 9), 100);
    CHECK_EQUAL(table.count, initial + 2, "looking does not recall");
    gc_collect(0);
    CHECK_EQUAL(heap_check().objects, 2 * (initial + 2) + 1, "the table keeps all it holds, and nothing else");
    continuation_table_free(&table);
    gc_collect(0);
    CHECK_EQUAL(heap_check().objects, 0, "a freed table keeps nothing");
    heap_destroy();
    root_clear();
}

static void against_the_model(Random *random) {
    static Remembered live[MAXIMUM_LIVE];
    uint32_t count = 0;
    uint32_t most = 0;
    heap_initialise(HEAP_BYTES);
    ContinuationTable table = continuation_table_make();
    size_t collector = random_below(random, (uint32_t)gc_collector_count());
    for (uint32_t round = 0; round < 3000; round++) {
        bool wants_more = random_chance(random, round / 500 % 2 ? 35 : 70);
        if (wants_more && count < MAXIMUM_LIVE) {
            intptr_t content = (intptr_t)random_below(random, 1 << 28);
            live[count++] = (Remembered){continuation_remember(&table, make_continuation(content)), content};
        } else if (count > 0) {
            uint32_t which = random_below(random, count);
            check_continuation(continuation_peek(&table, live[which].number), live[which].content);
            check_continuation(continuation_recall(&table, live[which].number), live[which].content);
            live[which] = live[--count];
        }
        most = count > most ? count : most;
        CHECK_EQUAL(table.count, count, "the table knows how many it holds");
        if (random_chance(random, 6)) {
            gc_step(collector, random_below(random, 2000));
        }
        if (round % 1000 == 999) {
            gc_collect(collector);
            CHECK_EQUAL(heap_check().objects, 2 * count + 1, "what was recalled is garbage");
        }
    }
    uint32_t capacity = continuation_capacity(&table);
    CHECK(capacity >= most && (capacity <= 16 || capacity < 2 * most), "the table is no larger than it must be");

    /* The slab is in the heap: it survives an upgrade together with what it holds. */
    persistence_save();
    heap_initialise(HEAP_BYTES);
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "a table is restored");
    for (uint32_t i = 0; i < count; i++) {
        check_continuation(continuation_recall(&table, live[i].number), live[i].content);
    }
    CHECK_EQUAL(table.count, 0, "all were recalled");
    heap_destroy();
    root_clear();
    stable_reset();
}

static void one_seed(uint64_t seed) {
    Random random = random_make(seed, 540);
    fixed_behaviour();
    for (uint32_t round = 0; round < 25; round++) {
        check_step(round);
        against_the_model(&random);
    }
}

TEST_MODULE(continuation_table) {
    check_seeds(first_seed, seed_count, one_seed);
}
