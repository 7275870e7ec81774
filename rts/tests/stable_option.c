/* Options: what must differ differs, what need not take a box takes none, and all of it survives upgrades. */
#include "../src/stable_option.h"

#include "../src/field.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/object.h"
#include "../src/persistence.h"
#include "../src/roots.h"
#include "../src/stable_memory.h"
#include "check.h"
#include "random.h"

#define MAXIMUM_DEPTH 12
#define OPTIONS 400

/* `depth` times Some around a core. */
typedef enum Core { CORE_NULL, CORE_SCALAR, CORE_RECORD, CORE_BLOB, CORE_ARRAY_OF_OPTIONS, CORE_END } Core;

typedef struct Nested {
    Core core;
    uint32_t depth;
    uint32_t content;
} Nested;

static Value make_core(const Nested *nested) {
    switch (nested->core) {
    case CORE_SCALAR:
        return value_from_scalar((intptr_t)nested->content);
    case CORE_RECORD: {
        Value record = heap_allocate(KIND_RECORD, 1);
        field_set(record, 0, value_from_scalar((intptr_t)nested->content));
        return record;
    }
    case CORE_BLOB:
        return heap_allocate(KIND_BLOB, nested->content % 50);
    case CORE_ARRAY_OF_OPTIONS: {
        Value array = heap_allocate(KIND_ARRAY, 3);
        field_set(array, 1, option_inject(VALUE_NULL));
        field_set(array, 2, option_inject(option_inject(VALUE_NULL)));
        return array;
    }
    default:
        return VALUE_NULL;
    }
}

static void check_core(const Nested *nested, Value value) {
    switch (nested->core) {
    case CORE_SCALAR:
        CHECK_EQUAL(value_to_scalar(value), nested->content, "the scalar within comes out");
        break;
    case CORE_RECORD:
        CHECK_EQUAL(value_to_scalar(field_get(value, 0)), nested->content, "the record within comes out");
        break;
    case CORE_BLOB:
        CHECK_EQUAL(value_length(value), nested->content % 50, "the blob within comes out");
        break;
    case CORE_ARRAY_OF_OPTIONS:
        CHECK(!option_is_some(field_get(value, 0)), "null within an array is null");
        CHECK(!option_is_some(option_project(field_get(value, 1))), "Some(null) within an array is that");
        CHECK(option_is_some(option_project(field_get(value, 2))), "Some(Some(null)) within an array is that");
        break;
    default:
        CHECK(!option_is_some(value), "the null within comes out");
    }
}

static Value make(const Nested *nested) {
    Value value = make_core(nested);
    for (uint32_t i = 0; i < nested->depth; i++) {
        value = option_inject(value);
    }
    return value;
}

static void check(const Nested *nested, Value value) {
    size_t boxes = 0;
    Value at = value;
    for (uint32_t i = 0; i < nested->depth; i++) {
        CHECK(option_is_some(at), "Some is not null");
        boxes += value_has_kind(at, KIND_SOME);
        at = option_project(at);
    }
    check_core(nested, at);
    CHECK_EQUAL(boxes, nested->core == CORE_NULL ? nested->depth : 0, "only options of null take boxes");
}

static void distinctions(void) {
    heap_initialise(3 * PARTITION_SIZE);
    Value null = VALUE_NULL;
    Value some_null = option_inject(null);
    Value some_some_null = option_inject(some_null);
    CHECK(!option_is_some(null), "null is not Some");
    CHECK(option_is_some(some_null) && option_is_some(some_some_null), "Some(null) is not null");
    CHECK_EQUAL(option_project(some_null), VALUE_NULL, "Some(null) contains null");
    CHECK(value_is_same(option_project(some_some_null), some_null), "Some(Some(null)) contains Some(null)");
    Value five = value_from_scalar(5);
    CHECK_EQUAL(option_inject(five), five, "Some(5) is 5");
    CHECK_EQUAL(option_inject(option_inject(five)), five, "Some(Some(5)) is 5");
    Value record = heap_allocate(KIND_RECORD, 0);
    CHECK(value_is_same(option_inject(record), record), "Some(record) is the record");
    Value box = heap_allocate(KIND_MUTBOX, 1);
    CHECK(value_is_same(option_inject(box), box), "a mutable box is not an option, whatever it contains");
    heap_destroy();
}

static void random_options(Random *random) {
    static Nested model[OPTIONS];
    static Root roots[OPTIONS];
    heap_initialise(8 * PARTITION_SIZE);
    for (uint32_t i = 0; i < OPTIONS; i++) {
        model[i] = (Nested){(Core)random_below(random, CORE_END), random_below(random, MAXIMUM_DEPTH + 1),
                            random_below(random, 1 << 28)};
        roots[i] = root_add(make(&model[i]));
        check(&model[i], root_get(roots[i]));
    }
    for (size_t collector = 0; collector < gc_collector_count(); collector++) {
        gc_collect(collector);
        for (uint32_t i = 0; i < OPTIONS; i++) {
            check(&model[i], root_get(roots[i]));
        }
    }
    size_t objects = heap_check().objects;
    persistence_save();
    heap_initialise(8 * PARTITION_SIZE);
    root_clear();
    CHECK_EQUAL(persistence_restore(), PERSISTENCE_OK, "options are restored");
    CHECK_EQUAL(heap_check().objects, objects, "with no more boxes than before");
    for (uint32_t i = 0; i < OPTIONS; i++) {
        check(&model[i], root_get(roots[i]));
        /* What was restored is wrapped and unwrapped like what was made here. */
        Value wrapped = option_inject(root_get(roots[i]));
        model[i].depth++;
        check(&model[i], wrapped);
    }
    heap_destroy();
    root_clear();
    stable_reset();
}

static void one_seed(uint64_t seed) {
    Random random = random_make(seed, 570);
    distinctions();
    for (uint32_t round = 0; round < 120; round++) {
        check_step(round);
        random_options(&random);
    }
}

TEST_MODULE(stable_option) {
    check_seeds(first_seed, seed_count, one_seed);
}
