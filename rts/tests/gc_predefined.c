/* Heaps made by hand: the shapes that collectors are known to trip over. */
#include "../src/field.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/roots.h"
#include "../src/span.h"
#include "check.h"

#define HEAP_BYTES (12 * PARTITION_SIZE)
#define CHAIN_LENGTH 40000
#define WIDE_LENGTH 20000
#define LARGE_LENGTH (PARTITION_SIZE / sizeof(Word) * 2 + 77)

static size_t collector;

/* Every shape is collected whole, and in slices of these sizes, and in both orders. */
static void collect_all_ways(void) {
    static const size_t slices[] = {1, 7, 100, 5000};
    gc_collect(collector);
    CHECK(heap_is_poisoned(), "freed memory is poisoned");
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        while (gc_step(collector, slices[i])) {
        }
        heap_check();
    }
    gc_collect(collector);
    heap_check();
}

static void expect_objects(size_t objects) {
    CHECK_EQUAL(heap_check().objects, objects, "so many objects are reachable");
}

static void make_garbage(size_t objects) {
    for (size_t i = 0; i < objects; i++) {
        heap_allocate(KIND_ARRAY, i % 50);
    }
}

static void empty_heap(void) {
    collect_all_ways();
    expect_objects(0);
    make_garbage(5000);
    collect_all_ways();
    expect_objects(0);
#if !RTS_INCREMENTAL
    CHECK_EQUAL(heap_used_bytes(), 0, "a heap of garbage becomes empty");
#endif
}

static void no_objects_but_roots(void) {
    Root scalar = root_add(value_from_scalar(-5));
    Root null = root_add(VALUE_NULL);
    make_garbage(100);
    collect_all_ways();
    CHECK_EQUAL(value_to_scalar(root_get(scalar)), -5, "a scalar in a root is left alone");
    CHECK_EQUAL(root_get(null), VALUE_NULL, "null in a root is left alone");
}

static void self_reference(void) {
    make_garbage(10);
    Value box = heap_allocate(KIND_MUTBOX, 1);
    field_set(box, 0, box);
    Root root = root_add(box);
    make_garbage(10);
    collect_all_ways();
    CHECK(value_is_same(field_get(root_get(root), 0), root_get(root)), "a box that contains itself still does");
    expect_objects(1);
}

static void all_fields_to_itself(void) {
    make_garbage(10);
    Value array = heap_allocate(KIND_ARRAY, 500);
    for (size_t i = 0; i < 500; i++) {
        field_set(array, i, array);
    }
    Root root = root_add(array);
    collect_all_ways();
    for (size_t i = 0; i < 500; i++) {
        CHECK(value_is_same(field_get(root_get(root), i), root_get(root)), "each field is the array itself");
    }
    expect_objects(1);
}

static void cycle_of_three(void) {
    Value a = heap_allocate(KIND_RECORD, 2);
    make_garbage(3);
    Value b = heap_allocate(KIND_RECORD, 2);
    make_garbage(3);
    Value c = heap_allocate(KIND_RECORD, 2);
    field_set(a, 0, b);
    field_set(b, 0, c);
    field_set(c, 0, a);
    field_set(a, 1, value_from_scalar(1));
    field_set(b, 1, value_from_scalar(2));
    field_set(c, 1, value_from_scalar(3));
    Root root = root_add(b);
    collect_all_ways();
    Value at = root_get(root);
    for (intptr_t i = 0; i < 9; i++) {
        CHECK_EQUAL(value_to_scalar(field_get(at, 1)), (i + 1) % 3 + 1, "the cycle goes round in its order");
        at = field_get(at, 0);
    }
    expect_objects(3);
    root_set(root, VALUE_NULL);
    collect_all_ways();
    expect_objects(0);
}

static void shared_by_all(void) {
    Value shared = heap_allocate(KIND_BLOB, 3);
    value_bytes(shared)[2] = 77;
    Root roots[40];
    for (size_t i = 0; i < 40; i++) {
        Value holder = heap_allocate(KIND_RECORD, 3);
        field_set(holder, 0, shared);
        field_set(holder, 2, shared);
        roots[i] = root_add(holder);
    }
    collect_all_ways();
    shared = field_get(root_get(roots[0]), 0);
    for (size_t i = 0; i < 40; i++) {
        CHECK(value_is_same(field_get(root_get(roots[i]), 0), shared), "what is shared stays shared");
        CHECK(value_is_same(field_get(root_get(roots[i]), 2), shared), "what is shared stays shared");
    }
    CHECK_EQUAL(value_bytes(shared)[2], 77, "and keeps its bytes");
    expect_objects(41);
}

/* Deep enough to overflow the machine stack of a collector that recurses. */
static void long_chain(bool is_forwards) {
    Value head = VALUE_NULL;
    Value tail = VALUE_NULL;
    for (intptr_t i = 0; i < CHAIN_LENGTH; i++) {
        Value node = heap_allocate(KIND_RECORD, 2);
        field_set(node, 1, value_from_scalar(is_forwards ? i : CHAIN_LENGTH - 1 - i));
        if (is_forwards && tail != VALUE_NULL) {
            field_set(tail, 0, node);
        } else if (!is_forwards) {
            field_set(node, 0, head);
        }
        head = is_forwards && head != VALUE_NULL ? head : node;
        tail = node;
    }
    Root root = root_add(head);
    collect_all_ways();
    Value at = root_get(root);
    for (intptr_t i = 0; i < CHAIN_LENGTH; i++) {
        CHECK_EQUAL(value_to_scalar(field_get(at, 1)), i, "a chain keeps its order");
        at = field_get(at, 0);
    }
    CHECK_EQUAL(at, VALUE_NULL, "a chain ends");
    expect_objects(CHAIN_LENGTH);
}

static void chain_forwards(void) {
    long_chain(true);
}

static void chain_backwards(void) {
    long_chain(false);
}

static void wide_array(void) {
    Value array = heap_allocate(KIND_ARRAY, WIDE_LENGTH);
    Root root = root_add(array);
    for (size_t i = 0; i < WIDE_LENGTH; i++) {
        Value box = heap_allocate(KIND_MUTBOX, 1);
        field_set(box, 0, value_from_scalar((intptr_t)i));
        field_set(array, WIDE_LENGTH - 1 - i, box);
    }
    collect_all_ways();
    for (size_t i = 0; i < WIDE_LENGTH; i++) {
        Value box = field_get(root_get(root), i);
        CHECK_EQUAL(value_to_scalar(field_get(box, 0)), WIDE_LENGTH - 1 - i, "a wide array keeps its order");
    }
    expect_objects(WIDE_LENGTH + 1);
}

/* Larger than two partitions, referred to from before and from behind, and then let go. */
static void object_larger_than_a_partition(void) {
    Value before = heap_allocate(KIND_MUTBOX, 1);
    Value large = heap_allocate(KIND_ARRAY, LARGE_LENGTH);
    Value behind = heap_allocate(KIND_MUTBOX, 1);
    field_set(before, 0, large);
    field_set(behind, 0, large);
    field_set(large, 0, before);
    field_set(large, LARGE_LENGTH - 1, behind);
    Root root = root_add(behind);
    Root other = root_add(before);
    make_garbage(1000);
    collect_all_ways();
    Value found = field_get(root_get(root), 0);
    CHECK_EQUAL(value_length(found), LARGE_LENGTH, "a large object keeps its length");
    CHECK(value_is_same(field_get(found, 0), root_get(other)), "its first field is updated");
    CHECK(value_is_same(field_get(found, LARGE_LENGTH - 1), root_get(root)), "its last field is updated");
    expect_objects(3);
    field_set(root_get(root), 0, VALUE_NULL);
    field_set(root_get(other), 0, VALUE_NULL);
    size_t used = heap_used_bytes();
    collect_all_ways();
    expect_objects(2);
    CHECK(heap_used_bytes() + LARGE_LENGTH * sizeof(Word) <= used, "a large object's memory is free again");
}

static void objects_without_content(void) {
    Value holder = heap_allocate(KIND_ARRAY, 300);
    Root root = root_add(holder);
    for (size_t i = 0; i < 300; i++) {
        field_set(holder, i, heap_allocate(i % 2 ? KIND_BLOB : KIND_RECORD, 0));
    }
    collect_all_ways();
    for (size_t i = 0; i < 300; i++) {
        Value empty = field_get(root_get(root), i);
        CHECK_EQUAL(value_kind(empty), i % 2 ? KIND_BLOB : KIND_RECORD, "an empty object keeps its kind");
        CHECK_EQUAL(value_length(empty), 0, "an empty object stays empty");
    }
    expect_objects(301);
}

/* Two trees that exchange their leaves: every reference crosses what moves. */
static void crossing_references(void) {
    Value left = heap_allocate(KIND_ARRAY, 1000);
    Value right = heap_allocate(KIND_ARRAY, 1000);
    Root left_root = root_add(left);
    Root right_root = root_add(right);
    for (size_t i = 0; i < 1000; i++) {
        Value leaf = heap_allocate(KIND_RECORD, 2);
        field_set(leaf, 0, value_from_scalar((intptr_t)i));
        field_set(leaf, 1, i % 2 ? left : right);
        field_set(left, i, leaf);
        field_set(right, 999 - i, leaf);
        make_garbage(2);
    }
    collect_all_ways();
    for (size_t i = 0; i < 1000; i++) {
        Value leaf = field_get(root_get(left_root), i);
        CHECK(value_is_same(leaf, field_get(root_get(right_root), 999 - i)), "both trees share each leaf");
        CHECK(value_is_same(field_get(leaf, 1), root_get(i % 2 ? left_root : right_root)), "a leaf knows its tree");
    }
    expect_objects(1002);
}

/* As long as what lives is small, garbage without end must fit: nothing may be lost from cycle to cycle. */
static void garbage_without_end(void) {
    Root root = root_add(heap_allocate(KIND_ARRAY, 64));
    for (intptr_t i = 0; i < 60000; i++) {
        Value node = heap_allocate(KIND_RECORD, 20);
        field_set(node, 0, value_from_scalar(i));
        field_set(root_get(root), (size_t)(i % 64), node);
        if (i % 3000 == 2999) {
            gc_collect(collector);
        }
    }
    for (size_t i = 0; i < 64; i++) {
        intptr_t number = value_to_scalar(field_get(field_get(root_get(root), i), 0));
        CHECK_EQUAL((size_t)number % 64, i, "each slot holds its last object");
    }
    expect_objects(65);
}

static void removed_roots(void) {
    Root roots[100];
    for (size_t i = 0; i < 100; i++) {
        roots[i] = root_add(heap_allocate(KIND_BLOB, i));
    }
    for (size_t i = 0; i < 100; i += 2) {
        root_remove(roots[i]);
    }
    collect_all_ways();
    expect_objects(50);
    for (size_t i = 0; i < 50; i++) {
        CHECK_EQUAL(root_add(VALUE_NULL) % 2, 0, "removed roots are used again");
    }
    for (size_t i = 1; i < 100; i += 2) {
        CHECK_EQUAL(value_length(root_get(roots[i])), i, "the other roots keep their objects");
    }
}

static void full_heap(void) {
    Root root = root_add(VALUE_NULL);
    size_t count = 0;
    for (;;) {
        Value node = heap_try_allocate(KIND_RECORD, 30);
        if (node == VALUE_NONE) {
            break;
        }
        /* Only every fifth one is kept. */
        if (count++ % 5 == 0) {
            field_set(node, 0, root_get(root));
            root_set(root, node);
        }
    }
    CHECK(heap_try_allocate(KIND_RECORD, 30) == VALUE_NONE, "a full heap stays full");
#if !RTS_INCREMENTAL
    collect_all_ways();
    expect_objects((count + 4) / 5);
    CHECK(heap_try_allocate(KIND_RECORD, 30) != VALUE_NONE, "a collected heap has room");
#else
    /* Without a free partition nothing can be evacuated; but it must be found out in an orderly way. */
    collect_all_ways();
    expect_objects((count + 4) / 5);
#endif
}

static void run_all(void) {
    static void (*const shapes[])(void) = {
        empty_heap,      no_objects_but_roots, self_reference,   all_fields_to_itself,
        cycle_of_three,  shared_by_all,        chain_forwards,   chain_backwards,
        wide_array,      removed_roots,        full_heap,        object_larger_than_a_partition,
        crossing_references, garbage_without_end, objects_without_content,
    };
    for (collector = 0; collector < gc_collector_count(); collector++) {
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            check_step(collector * 100 + i);
            heap_initialise(HEAP_BYTES);
            shapes[i]();
            heap_destroy();
            root_clear();
        }
    }
}

TEST_MODULE(gc_predefined) {
    (void)first_seed, (void)seed_count;
    check_once(run_all);
}
