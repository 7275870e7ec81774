/* The bit relation: against a model of four bytes a pair, and at its one use, a subtype check of recursive types. */
#include "../src/bitrel.h"

#include "../src/bytes.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/object.h"
#include "../src/roots.h"
#include "../src/span.h"
#include "check.h"
#include "random.h"

#define MAXIMUM_SIDE 40
#define TYPES 14
#define FIELDS 3

typedef struct PairModel {
    bool is_visited[2];
    bool is_related[2];
} PairModel;

static void check_all(const Bitrel *relation, const PairModel *model) {
    for (uint32_t i = 0; i < relation->rows; i++) {
        for (uint32_t j = 0; j < relation->columns; j++) {
            for (uint32_t p = 0; p < 2; p++) {
                const PairModel *pair = &model[i * relation->columns + j];
                CHECK_EQUAL(bitrel_is_visited(relation, p, i, j), pair->is_visited[p], "a pair was visited, or not");
                CHECK_EQUAL(bitrel_is_related(relation, p, i, j), pair->is_related[p], "a pair is related, or not");
            }
        }
    }
}

/* Random visits and disproofs; a collector moves the bits meanwhile. */
static void against_the_model(Random *random) {
    static PairModel model[MAXIMUM_SIDE * MAXIMUM_SIDE];
    memset(model, 0, sizeof model);
    heap_initialise(3 * PARTITION_SIZE);
    heap_allocate(KIND_BLOB, 100);
    uint32_t rows = random_between(random, 1, MAXIMUM_SIDE);
    uint32_t columns = random_between(random, 1, MAXIMUM_SIDE);
    Bitrel relation = bitrel_make(rows, columns);
    Root root = root_add(relation.bits);
    CHECK_EQUAL(value_length(relation.bits), (rows * columns * 4 + 7) / 8, "a pair takes four bits");
    check_all(&relation, model);
    for (uint32_t round = 0; round < 200; round++) {
        uint32_t i = random_below(random, rows);
        uint32_t j = random_below(random, columns);
        uint32_t p = random_below(random, 2);
        PairModel *pair = &model[i * columns + j];
        if (random_chance(random, 60)) {
            bitrel_visit(&relation, p, i, j);
            pair->is_visited[p] = pair->is_related[p] = true;
        } else {
            bitrel_disprove(&relation, p, i, j);
            pair->is_related[p] = false;
        }
        if (round % 67 == 0) {
            gc_step(round % gc_collector_count(), 3);
            relation.bits = root_get(root);
        }
        if (round % 20 == 0) {
            check_all(&relation, model);
        }
    }
    check_all(&relation, model);
    heap_destroy();
    root_clear();
}

/* Recursive record types: a type is below another if each field that the other has is, too. Contravariant fields are
 * compared the other way round, which is what the direction is for. */
typedef struct Type {
    bool has_field[FIELDS];
    bool is_contravariant[FIELDS];
    uint32_t field[FIELDS];
} Type;

static bool is_below(const Bitrel *relation, const Type *left, const Type *right, bool p, uint32_t i, uint32_t j) {
    /* i is always of the left types and j of the right ones; p tells which is asked to be below which. */
    if (bitrel_is_visited(relation, p, i, j)) {
        return bitrel_is_related(relation, p, i, j);
    }
    bitrel_visit(relation, p, i, j);
    const Type *lower = p ? &left[i] : &right[j];
    const Type *upper = p ? &right[j] : &left[i];
    for (uint32_t f = 0; f < FIELDS; f++) {
        bool is_matched = !upper->has_field[f] ||
                          (lower->has_field[f] && lower->is_contravariant[f] == upper->is_contravariant[f] &&
                           is_below(relation, left, right, upper->is_contravariant[f] ? !p : p, left[i].field[f],
                                    right[j].field[f]));
        if (!is_matched) {
            bitrel_disprove(relation, p, i, j);
            return false;
        }
    }
    return true;
}

/* The greatest fixed point, by striking out until nothing changes. */
static void greatest_fixed_point(const Type *left, const Type *right, bool below[2][TYPES][TYPES]) {
    memset(below, true, 2 * TYPES * TYPES * sizeof(bool));
    for (bool has_changed = true; has_changed;) {
        has_changed = false;
        for (uint32_t k = 0; k < 2 * TYPES * TYPES; k++) {
            uint32_t p = k / (TYPES * TYPES), i = k / TYPES % TYPES, j = k % TYPES;
            const Type *lower = p ? &left[i] : &right[j];
            const Type *upper = p ? &right[j] : &left[i];
            bool holds = true;
            for (uint32_t f = 0; f < FIELDS; f++) {
                uint32_t q = upper->is_contravariant[f] ? !p : p;
                holds &= !upper->has_field[f] ||
                         (lower->has_field[f] && lower->is_contravariant[f] == upper->is_contravariant[f] &&
                          below[q][left[i].field[f]][right[j].field[f]]);
            }
            has_changed |= below[p][i][j] && !holds;
            below[p][i][j] = below[p][i][j] && holds;
        }
    }
}

static void random_types(Random *random, Type *types) {
    for (uint32_t i = 0; i < TYPES; i++) {
        for (uint32_t f = 0; f < FIELDS; f++) {
            types[i].has_field[f] = random_chance(random, 55);
            types[i].is_contravariant[f] = f == 2 && random_chance(random, 90);
            types[i].field[f] = random_below(random, TYPES);
        }
    }
}

static void subtypes(Random *random) {
    Type left[TYPES], right[TYPES];
    static bool below[2][TYPES][TYPES];
    random_types(random, left);
    random_types(random, right);
    if (random_chance(random, 30)) {
        memcpy(right, left, sizeof right);
    }
    greatest_fixed_point(left, right, below);
    heap_initialise(3 * PARTITION_SIZE);
    for (uint32_t i = 0; i < TYPES; i++) {
        for (uint32_t j = 0; j < TYPES; j++) {
            for (uint32_t p = 0; p < 2; p++) {
                Bitrel relation = bitrel_make(TYPES, TYPES);
                CHECK_EQUAL(is_below(&relation, left, right, p, i, j), below[p][i][j], "a subtype check is right");
            }
        }
    }
    heap_destroy();
}

static void one_seed(uint64_t seed) {
    Random random = random_make(seed, 530);
    for (uint32_t round = 0; round < 150; round++) {
        check_step(round);
        against_the_model(&random);
        subtypes(&random);
    }
}

TEST_MODULE(bitrel) {
    check_seeds(first_seed, seed_count, one_seed);
}
