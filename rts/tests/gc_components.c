/* The collectors' parts, each on its own: stacks, bitmaps, side tables, roots; and of the incremental collector its
 * partitions, slices, barriers and forwarding. */
#include "../src/bytes.h"
#include "../src/field.h"
#include "../src/gc.h"
#include "../src/heap.h"
#include "../src/heap_check.h"
#include "../src/mark_bitmap.h"
#include "../src/mark_stack.h"
#include "../src/object_map.h"
#include "../src/poison.h"
#include "../src/roots.h"
#include "../src/span.h"
#include "../src/word_stack.h"
#include "check.h"
#include "random.h"
#if RTS_INCREMENTAL
#include "../src/gc_incremental.h"
#include "../src/partition.h"
#else
#include "../src/heap_flat.h"
#endif

static void values(void) {
    static const intptr_t numbers[] = {0, 1, -1, 12345, -12345, SCALAR_MAXIMUM, SCALAR_MINIMUM};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        Value value = value_from_scalar(numbers[i]);
        CHECK_EQUAL(value_to_scalar(value), numbers[i], "a scalar is read as it was written");
        CHECK(value_is_scalar(value) && !value_is_pointer(value), "a scalar is nothing else");
    }
    CHECK(!value_is_scalar(VALUE_NULL) && !value_is_pointer(VALUE_NULL), "null is neither scalar nor pointer");
    Word poisoned;
    memset(&poisoned, POISON_BYTE, sizeof poisoned);
    CHECK(!value_is_scalar(poisoned) && !value_is_pointer(poisoned) && poisoned != VALUE_NULL, "poison is no value");
    CHECK(!header_is_valid(poisoned), "poison is no header");
}

static void headers(void) {
    for (uint32_t kind = KIND_RECORD; kind < KIND_END; kind++) {
        for (size_t length = 0; length < 70; length++) {
            Word header = header_make((Kind)kind, length);
            CHECK(header_is_valid(header), "a header is valid");
            CHECK_EQUAL(header_kind(header), kind, "a header keeps the kind");
            CHECK_EQUAL(header_length(header), length, "a header keeps the length");
            size_t bytes = header_object_bytes(header);
            CHECK(bytes % OBJECT_ALIGNMENT == 0, "objects are aligned");
            CHECK(bytes >= sizeof(Object) + header_payload_bytes(header), "an object has room for its payload");
            CHECK(bytes < sizeof(Object) + header_payload_bytes(header) + OBJECT_ALIGNMENT, "and for no more");
        }
        Word longest = header_make((Kind)kind, OBJECT_MAXIMUM_LENGTH);
        CHECK_EQUAL(header_length(longest), OBJECT_MAXIMUM_LENGTH, "a header keeps the largest length");
    }
    CHECK(!header_is_valid(0), "zero is no header");
    CHECK(!header_is_valid(header_make(KIND_END, 1)), "an unknown kind is no header");
}

static void spans(void) {
    Random random = random_make(1, 400);
    uint8_t *live[40] = {NULL};
    size_t sizes[40] = {0};
    uint8_t *lowest = span_allocate(1);
    span_free(lowest, 1);
    size_t expected = 0;
    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t slot = random_below(&random, 40);
        if (live[slot]) {
            CHECK_EQUAL(live[slot][0], slot, "a span is its owner's alone");
            CHECK_EQUAL(live[slot][sizes[slot] - 1], slot, "a span is its owner's alone, to its end");
            span_free(live[slot], sizes[slot]);
            expected -= round_up(sizes[slot], SPAN_PAGE_BYTES);
            live[slot] = NULL;
        } else {
            sizes[slot] = random_between(&random, 1, 5 * SPAN_PAGE_BYTES);
            live[slot] = round % 2 ? span_allocate(sizes[slot]) : span_allocate_zeroed(sizes[slot]);
            CHECK((uintptr_t)live[slot] % SPAN_PAGE_BYTES == 0, "a span begins at a page");
            CHECK(round % 2 || live[slot][sizes[slot] / 2] == 0, "a span that was asked for zeroed is");
            live[slot][sizes[slot] / 2] = 1;
            live[slot][0] = live[slot][sizes[slot] - 1] = (uint8_t)slot;
            expected += round_up(sizes[slot], SPAN_PAGE_BYTES);
        }
        CHECK_EQUAL(span_bytes_in_use(), expected, "used pages are counted");
    }
    for (size_t slot = 0; slot < 40; slot++) {
        span_free(live[slot], sizes[slot]);
    }
    CHECK_EQUAL((uintptr_t)span_allocate(40 * SPAN_PAGE_BYTES), (uintptr_t)lowest, "what was freed is used again");
    span_free(lowest, 40 * SPAN_PAGE_BYTES);
}

static void word_stack(void) {
    WordStack stack = WORD_STACK_EMPTY;
    Word word = 99;
    CHECK(word_stack_is_empty(&stack) && !word_stack_pop(&stack, &word) && word == 99, "an empty stack gives nothing");
    const Word many = 100000;
    for (Word i = 0; i < many; i++) {
        word_stack_push(&stack, i * 3);
    }
    for (Word i = many; i-- > 0;) {
        CHECK(word_stack_pop(&stack, &word), "a stack gives back as many words as it got");
        CHECK_EQUAL(word, i * 3, "last in is first out");
    }
    CHECK(word_stack_is_empty(&stack), "an emptied stack is empty");
    /* Back and forth over the border of a block. */
    Random random = random_make(2, 400);
    Word depth = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        bool is_push = random_chance(&random, i % 100000 < 50000 ? 60 : 40);
        if (is_push) {
            word_stack_push(&stack, depth++);
        } else if (word_stack_pop(&stack, &word)) {
            CHECK_EQUAL(word, --depth, "last in is first out at every depth");
        } else {
            CHECK_EQUAL(depth, 0, "a stack is empty only if all was taken");
        }
    }
    size_t used = span_bytes_in_use();
    for (uint32_t i = 0; i < 10; i++) {
        word_stack_pop(&stack, &word);
        word_stack_push(&stack, word);
    }
    CHECK_EQUAL(span_bytes_in_use(), used, "going back and forth takes no memory");
    word_stack_free(&stack);
    CHECK_EQUAL(span_bytes_in_use(), 0, "a freed stack gives all its blocks back");
}

static void mark_stack(void) {
    WordStack stack = WORD_STACK_EMPTY;
    Object *objects = span_allocate(SPAN_PAGE_BYTES);
    for (size_t i = 0; i < 20000; i++) {
        mark_stack_push(&stack, (Object *)((uint8_t *)objects + i % 1000 * 8), i);
    }
    Object *object;
    size_t field;
    for (size_t i = 20000; i-- > 0;) {
        CHECK(mark_stack_pop(&stack, &object, &field), "what was pushed is popped");
        CHECK_EQUAL(field, i, "with its field");
        CHECK_EQUAL((uintptr_t)object, (uintptr_t)objects + i % 1000 * 8, "and its object");
    }
    CHECK(!mark_stack_pop(&stack, &object, &field), "and nothing else");
    word_stack_free(&stack);
    span_free(objects, SPAN_PAGE_BYTES);
}

static void mark_bitmap(void) {
    const uintptr_t base = 0x100000;
    const size_t extent = 512 * 40;
    const size_t places = extent / OBJECT_ALIGNMENT;
    MarkBitmap bitmap;
    mark_bitmap_initialise(&bitmap, base, extent);
    CHECK_EQUAL(mark_bitmap_next(&bitmap, base, base + extent), base + extent, "a new bitmap is clear");
    uint8_t *model = span_allocate_zeroed(places);
    Random random = random_make(3, 400);
    for (uint32_t round = 0; round < 60; round++) {
        mark_bitmap_clear(&bitmap);
        memset(model, 0, places);
        uint32_t count = random_below(&random, round < 30 ? 20 : 2000);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t place = random_below(&random, (uint32_t)places);
            bool was_clear = mark_bitmap_set(&bitmap, (const void *)(base + place * OBJECT_ALIGNMENT));
            CHECK_EQUAL(was_clear, !model[place], "setting a bit tells whether it was clear");
            model[place] = 1;
        }
        for (uint32_t i = 0; i < 400; i++) {
            uint32_t from = random_below(&random, (uint32_t)places);
            uint32_t end = random_between(&random, from, (uint32_t)places);
            uint32_t expected = from;
            while (expected < end && !model[expected]) {
                expected++;
            }
            uintptr_t found =
                mark_bitmap_next(&bitmap, base + from * OBJECT_ALIGNMENT, base + end * OBJECT_ALIGNMENT);
            CHECK_EQUAL((found - base) / OBJECT_ALIGNMENT, expected, "the next bit is the first one set in the range");
            CHECK_EQUAL(mark_bitmap_is_set(&bitmap, (const void *)(base + from * OBJECT_ALIGNMENT)), model[from],
                        "a bit is set if it was set");
        }
    }
    span_free(model, places);
    mark_bitmap_free(&bitmap);
}

static void object_map(void) {
    heap_initialise(3 * PARTITION_SIZE);
    Value objects[500];
    for (size_t i = 0; i < 500; i++) {
        objects[i] = heap_allocate(KIND_BLOB, i % 30);
    }
    ObjectMap map;
    object_map_initialise(&map);
    for (uint32_t i = 0; i < 500; i += 2) {
        object_map_set(&map, object_of(objects[i]), i + 1);
    }
    for (uint32_t i = 0; i < 500; i++) {
        CHECK_EQUAL(object_map_get(&map, object_of(objects[i])), i % 2 ? 0 : i + 1, "each object has its own number");
    }
    object_map_free(&map);
    heap_destroy();
}

static void root_set_grows(void) {
    for (intptr_t i = 0; i < 40000; i++) {
        CHECK_EQUAL(root_add(value_from_scalar(i)), i, "handles are given in order");
    }
    for (Root i = 0; i < 40000; i += 3) {
        root_remove(i);
    }
    for (Root i = 39999; i > 0; i -= 3) {
        CHECK_EQUAL(root_add(VALUE_NULL), i, "the last root removed is the first one used again");
    }
    CHECK_EQUAL(value_to_scalar(root_get(39998)), 39998, "growing keeps what roots hold");
    root_clear();
}

static void allocation(void) {
    heap_initialise(3 * PARTITION_SIZE);
    CHECK_EQUAL(heap_used_bytes(), 0, "a new heap is empty");
    CHECK(heap_is_poisoned(), "a new heap is poisoned");
    Value previous = VALUE_NONE;
    for (size_t length = 0; length < 200; length++) {
        Value record = heap_allocate(KIND_RECORD, length);
        Value blob = heap_allocate(KIND_BLOB, length);
        CHECK(record % OBJECT_ALIGNMENT == 0 && blob % OBJECT_ALIGNMENT == 0, "objects are aligned");
        for (size_t i = 0; i < length; i++) {
            CHECK_EQUAL(field_get(record, i), VALUE_NULL, "a new object's fields are null");
            CHECK_EQUAL(value_bytes(blob)[i], 0, "a new blob's bytes are zero");
        }
        CHECK(heap_contains(object_of(record)) && heap_contains(object_of(blob)), "an object is in the heap");
        CHECK(previous == VALUE_NONE || !value_is_same(previous, record), "objects differ");
        previous = record;
    }
    CHECK(!heap_contains((const Object *)(heap_base() + heap_extent())), "behind the heap is not in it");
    CHECK(!heap_contains((const Object *)(heap_base() - OBJECT_ALIGNMENT)), "before the heap is not in it");
    heap_destroy();
}

#if RTS_INCREMENTAL

static void partitions(void) {
    heap_initialise(8 * PARTITION_SIZE);
    CHECK_EQUAL(partition_free_count(), 8, "a new heap is all free partitions");
    uint8_t *first = partition_allocate(LARGE_OBJECT_BYTES);
    CHECK_EQUAL(partition_of(first), 0, "the lowest partition is used first");
    for (size_t i = 1; i < PARTITION_SIZE / LARGE_OBJECT_BYTES; i++) {
        CHECK_EQUAL(partition_of(partition_allocate(LARGE_OBJECT_BYTES)), 0, "a partition is filled to its end");
    }
    CHECK_EQUAL(partition_of(partition_allocate(8)), 1, "and then the next one is begun");
    CHECK_EQUAL(partition_free_count(), 6, "two are used");

    uint8_t *large = partition_allocate(2 * PARTITION_SIZE + 8);
    CHECK_EQUAL(partition_of(large), 2, "a large object begins a partition of its own");
    CHECK_EQUAL(partition_free_count(), 3, "and takes as many as it needs");
    CHECK_EQUAL(partitioned_heap.partitions[2].state, PARTITION_LARGE, "the first one is its head");
    CHECK_EQUAL(partitioned_heap.partitions[4].state, PARTITION_LARGE_TAIL, "the last one is its tail");
    CHECK_EQUAL(partitioned_heap.partitions[4].used, 8, "of which it uses the rest");
    CHECK(partition_allocate(4 * PARTITION_SIZE) == NULL, "four adjacent partitions are not free");
    CHECK_EQUAL(partition_of(partition_allocate(16)), 1, "small objects go on where they were");

    partition_free(2);
    CHECK_EQUAL(partition_free_count(), 6, "a large object's partitions are freed together");
    partition_seal_current();
    CHECK_EQUAL(partition_of(partition_allocate(16)), 2, "a sealed partition gets no more objects");
    partition_free(0);
    partition_seal_current();
    CHECK_EQUAL(partition_of(partition_allocate(16)), 0, "a freed partition is used again");
    CHECK_EQUAL(partition_run_length(1), 1, "one byte needs one partition");
    CHECK_EQUAL(partition_run_length(PARTITION_SIZE), 1, "a partition fits in one");
    CHECK_EQUAL(partition_run_length(PARTITION_SIZE + 1), 2, "one byte more needs two");
    heap_destroy();
}

/* Nine tenths of garbage in partitions 0 and 1, a full partition 2 without any. Returns the root of what lives. */
static Root sparse_and_full_partitions(void) {
    gc_set_evacuation_threshold(85);
    heap_initialise(8 * PARTITION_SIZE);
    Root root = root_add(VALUE_NULL);
    for (size_t i = 0; partition_free_count() > 5 || partitioned_heap.partitions[2].used < PARTITION_SIZE - 1024; i++) {
        bool is_full = partition_free_count() == 5;
        Value node = heap_allocate(KIND_RECORD, 30);
        if (is_full || i % 10 == 0) {
            field_set(node, 0, root_get(root));
            field_set(node, 1, value_from_scalar((intptr_t)i));
            root_set(root, node);
        }
    }
    return root;
}

static void evacuation_set(void) {
    sparse_and_full_partitions();
    size_t objects = heap_check().objects;
    uint32_t evacuated = gc_statistics().evacuated_partitions;
    gc_collect(0);
    CHECK_EQUAL(gc_statistics().evacuated_partitions - evacuated, 2, "the two partitions worth it are evacuated");
    CHECK_EQUAL(partitioned_heap.partitions[0].state, PARTITION_FREE, "the first one is free again");
    CHECK_EQUAL(partitioned_heap.partitions[1].state, PARTITION_FREE, "the second one is free again");
    CHECK_EQUAL(partitioned_heap.partitions[2].state, PARTITION_SMALL, "a full one stays where it is");
    CHECK_EQUAL(heap_check().objects, objects, "everything reachable is kept");
    evacuated = gc_statistics().evacuated_partitions;
    gc_set_evacuation_threshold(0);
    gc_collect(0);
    CHECK_EQUAL(gc_statistics().evacuated_partitions - evacuated, 0, "at threshold zero only empty ones are");
    gc_set_evacuation_threshold(85);
    heap_destroy();
    root_clear();
}

static void step_to(GcPhase wanted) {
    while (gc_phase() != wanted) {
        CHECK(gc_step(0, 1), "a cycle reaches each of its phases");
    }
}

static void phases_and_slices(void) {
    sparse_and_full_partitions();
    CHECK_EQUAL(gc_phase(), GC_PAUSE, "nothing is under way");
    uint32_t cycles = gc_statistics().cycles;
    uint32_t slices = gc_statistics().slices;
    step_to(GC_MARK);
    step_to(GC_EVACUATE);
    step_to(GC_UPDATE);
    while (gc_step(0, 1)) {
    }
    CHECK_EQUAL(gc_phase(), GC_PAUSE, "a finished cycle is over");
    CHECK_EQUAL(gc_statistics().cycles - cycles, 1, "it was one");
    uint32_t small_slices = gc_statistics().slices - slices;
    CHECK(small_slices > 1000, "slices of one unit are small");

    slices = gc_statistics().slices;
    while (gc_step(0, 1000)) {
    }
    uint32_t large_slices = gc_statistics().slices - slices;
    CHECK(large_slices > 3 && large_slices < small_slices / 10, "larger slices are fewer");
    CHECK(!gc_step(0, SIZE_MAX), "one slice without a bound is a cycle");
    heap_destroy();
    root_clear();
}

/* The only reference to a chain moves, while marking, from an object that was not yet looked at into a root that was,
 * and is overwritten: without the barrier the chain is lost. */
static void barrier_while_marking(void) {
    heap_initialise(8 * PARTITION_SIZE);
    Root holders = root_add(heap_allocate(KIND_ARRAY, 2000));
    for (size_t i = 0; i < 2000; i++) {
        Value holder = heap_allocate(KIND_MUTBOX, 1);
        Value hidden = heap_allocate(KIND_RECORD, 1);
        field_set(hidden, 0, value_from_scalar((intptr_t)i));
        field_set(holder, 0, hidden);
        field_set(root_get(holders), i, holder);
    }
    Root moved = root_add(heap_allocate(KIND_ARRAY, 2000));
    gc_step(0, 1);
    CHECK_EQUAL(gc_phase(), GC_MARK, "marking has begun");
    for (size_t i = 0; i < 2000; i++) {
        Value holder = field_get(root_get(holders), i);
        field_set(root_get(moved), i, field_get(holder, 0));
        field_set(holder, 0, VALUE_NULL);
        if (i % 200 == 0) {
            gc_step(0, 20);
        }
    }
    while (gc_step(0, 500)) {
    }
    for (size_t i = 0; i < 2000; i++) {
        Value hidden = field_get(root_get(moved), i);
        CHECK_EQUAL(value_to_scalar(field_get(hidden, 0)), i, "what was moved while marking is alive");
    }
    CHECK_EQUAL(heap_check().objects, 4002, "as is everything else");
    heap_destroy();
    root_clear();
}

/* Old and new copies of an object are one while references to both exist. */
static void forwarding(void) {
    Root root = sparse_and_full_partitions();
    /* The chain's far end is the oldest: what lies in the partitions to be evacuated. */
    Value last = root_get(root);
    while (field_get(last, 0) != VALUE_NULL) {
        last = field_get(last, 0);
    }
    Root other = root_add(last);
    Object *former = object_of(last);
    step_to(GC_UPDATE);
    Object *copy = former->forward;
    CHECK(copy != former, "the object was copied");
    CHECK(copy->forward == copy, "the copy is forwarded to itself");
    CHECK_EQUAL(copy->header, former->header, "the copy has the header");
    CHECK(value_is_same(value_from_object(former), value_from_object(copy)), "both are one object");
    CHECK(root_get(other) == value_from_object(copy), "roots are updated first");
    field_set(value_from_object(former), 2, value_from_scalar(4242));
    CHECK_EQUAL(value_to_scalar(field_get(value_from_object(copy), 2)), 4242, "a write goes to the copy");
    field_set(root_get(other), 3, value_from_object(former));
    CHECK(copy->payload[3] == value_from_object(copy), "an old address is forwarded when it is written");
    root_set(other, value_from_object(former));
    CHECK(root_get(other) == value_from_object(copy), "also when it is written to a root");
    Root added = root_add(value_from_object(former));
    CHECK(root_get(added) == value_from_object(copy), "also when the root is new");
    while (gc_step(0, 100)) {
    }
    CHECK(!heap_contains(former), "the old copy is gone");
    CHECK(value_is_same(root_get(other), field_get(root_get(other), 3)), "and nobody misses it");
    heap_check();
    heap_destroy();
    root_clear();
}

/* What is made during a cycle survives it, in each phase, with what it refers to. */
static void allocation_during_a_cycle(void) {
    static const GcPhase phases[] = {GC_MARK, GC_EVACUATE, GC_UPDATE};
    for (size_t i = 0; i < 3; i++) {
        Root root = sparse_and_full_partitions();
        Root made = root_add(VALUE_NULL);
        step_to(phases[i]);
        Value old = root_get(root);
        for (uint32_t steps = 0; field_get(old, 0) != VALUE_NULL && steps < 2000; steps++) {
            old = field_get(old, 0);
        }
        intptr_t number = value_to_scalar(field_get(old, 1));
        for (intptr_t n = 0; n < 100; n++) {
            Value node = heap_allocate(KIND_RECORD, 3);
            field_set(node, 0, root_get(made));
            field_set(node, 1, value_from_scalar(n));
            field_set(node, 2, old);
            root_set(made, node);
        }
        while (gc_step(0, 300)) {
        }
        heap_check();
        Value at = root_get(made);
        for (intptr_t n = 100; n-- > 0;) {
            CHECK_EQUAL(value_to_scalar(field_get(at, 1)), n, "a new object is as it was made");
            CHECK_EQUAL(value_to_scalar(field_get(field_get(at, 2), 1)), number, "and so is what it refers to");
            at = field_get(at, 0);
        }
        gc_collect(0);
        heap_check();
        heap_destroy();
        root_clear();
    }
}

/* A long array is marked and updated in pieces. */
static void long_array_in_slices(void) {
    heap_initialise(8 * PARTITION_SIZE);
    const size_t length = 5000;
    Root root = root_add(heap_allocate(KIND_ARRAY, length));
    for (size_t i = 0; i < length; i++) {
        Value box = heap_allocate(KIND_MUTBOX, 1);
        field_set(box, 0, value_from_scalar((intptr_t)i));
        field_set(root_get(root), i, box);
        heap_allocate(KIND_BLOB, 60);
    }
    uint32_t slices = gc_statistics().slices;
    gc_step(0, 1);
    while (gc_phase() == GC_MARK) {
        gc_step(0, 1);
    }
    CHECK(gc_statistics().slices - slices > length / 256, "marking a long array takes many slices");
    while (gc_step(0, 1)) {
    }
    for (size_t i = 0; i < length; i++) {
        CHECK_EQUAL(value_to_scalar(field_get(field_get(root_get(root), i), 0)), i, "each field is updated");
    }
    heap_check();
    heap_destroy();
    root_clear();
}

static void run_variant(void) {
    partitions();
    check_step(20);
    evacuation_set();
    check_step(21);
    phases_and_slices();
    check_step(22);
    barrier_while_marking();
    check_step(23);
    forwarding();
    check_step(24);
    allocation_during_a_cycle();
    check_step(25);
    long_array_in_slices();
}

#else

/* Garbage between what lives; then both collectors leave the same, in their own order. */
static void what_collectors_leave(void) {
    for (size_t collector = 0; collector < 2; collector++) {
        heap_initialise(3 * PARTITION_SIZE);
        Root root = root_add(VALUE_NULL);
        size_t live_bytes = 0;
        for (intptr_t i = 0; i < 3000; i++) {
            heap_allocate(KIND_BLOB, (size_t)i % 17);
            Value node = heap_allocate(KIND_RECORD, 2 + (size_t)i % 5);
            field_set(node, 0, root_get(root));
            field_set(node, 1, value_from_scalar(i));
            root_set(root, node);
            live_bytes += header_object_bytes(object_of(node)->header);
        }
        gc_collect(collector);
        CHECK_EQUAL(heap_used_bytes(), live_bytes, "what lives is all that is left");
        CHECK(heap_is_poisoned(), "the rest is poisoned");
        Value at = root_get(root);
        uintptr_t before = (uintptr_t)object_of(at);
        for (intptr_t i = 3000; i-- > 0;) {
            CHECK_EQUAL(value_to_scalar(field_get(at, 1)), i, "the chain is whole");
            at = field_get(at, 0);
            if (at != VALUE_NULL) {
                /* Copying follows the graph from the root; compacting keeps the order of addresses. */
                CHECK_EQUAL((uintptr_t)object_of(at) > before, collector == 0, "objects lie in the collector's order");
                before = (uintptr_t)object_of(at);
            }
        }
        uint8_t *top = flat_heap.top;
        gc_collect(collector);
        CHECK_EQUAL(flat_heap.top - flat_heap.base, live_bytes, "a second collection finds nothing to free");
        CHECK(collector == 0 || flat_heap.top == top, "and a compact heap does not move");
        heap_destroy();
        root_clear();
    }
}

/* A copied object's header is its new address until the collection ends; the compacting collector threads. */
static void many_references_to_one(void) {
    for (size_t collector = 0; collector < 2; collector++) {
        heap_initialise(3 * PARTITION_SIZE);
        heap_allocate(KIND_BLOB, 1000);
        Value before = heap_allocate(KIND_ARRAY, 3000);
        Value target = heap_allocate(KIND_ARRAY, 3);
        Value behind = heap_allocate(KIND_ARRAY, 3000);
        for (size_t i = 0; i < 3000; i++) {
            field_set(before, i, i % 3 ? target : behind);
            field_set(behind, i, i % 3 ? target : before);
        }
        field_set(target, 0, target);
        field_set(target, 1, before);
        field_set(target, 2, behind);
        Root roots[3] = {root_add(before), root_add(behind), root_add(target)};
        gc_collect(collector);
        before = root_get(roots[0]);
        behind = root_get(roots[1]);
        target = root_get(roots[2]);
        for (size_t i = 0; i < 3000; i++) {
            CHECK_EQUAL(field_get(before, i), i % 3 ? target : behind, "a reference from before is set");
            CHECK_EQUAL(field_get(behind, i), i % 3 ? target : before, "a reference from behind is set");
        }
        CHECK(field_get(target, 0) == target && field_get(target, 1) == before && field_get(target, 2) == behind,
              "an object's own references are set");
        CHECK_EQUAL(heap_check().objects, 3, "three objects live");
        heap_destroy();
        root_clear();
    }
}

static void run_variant(void) {
    what_collectors_leave();
    check_step(20);
    many_references_to_one();
}

#endif

static void run_all(void) {
    static void (*const parts[])(void) = {
        values, headers,    spans,          word_stack, mark_stack,
        mark_bitmap, object_map, root_set_grows, allocation, run_variant,
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        check_step(i);
        parts[i]();
    }
}

TEST_MODULE(gc_components) {
    (void)first_seed, (void)seed_count;
    check_once(run_all);
}
