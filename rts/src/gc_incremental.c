/* The incremental collector: mark, evacuate, update, in slices of bounded work between which the program runs.
 *
 * Three things change under the collector's feet while it is suspended, and each phase must survive them.
 *
 * MARK. The program may move the only reference to an object from where the collector has not yet looked to where it
 * has looked already. Marking therefore finds what was reachable *when the cycle began*: all roots are marked in the
 * first slice, whatever reference is overwritten afterwards is marked by the write barrier before it is lost, and
 * objects made during the cycle count as marked. What dies during a cycle is collected by the next one.
 *
 * EVACUATE. While references to both the old and the new copy of an object exist, the program must see one object.
 * Every object has a forwarding word, to itself or to its new copy, and every access goes through it. A cycle ends
 * with no reference to an old copy, so one hop is always enough.
 *
 * UPDATE. Fields that have been updated must not receive an old address again, although the program may still read
 * one from a field that has not: the barrier forwards whatever is written. Roots are updated in the first slice.
 *
 * Only marked objects are visited after marking. Dead ones stay where they are in partitions that are not evacuated,
 * and may hold references into freed partitions; nobody ever looks at them.
 */
#include "gc_incremental.h"

#include "bytes.h"
#include "gc.h"
#include "mark_stack.h"
#include "partition.h"
#include "poison.h"
#include "roots.h"

/* Long arrays are scanned in pieces of so many fields, so that a slice stays short. */
#define SCAN_FIELDS ((size_t)256)

/* Evacuation may take this part of the free partitions; the rest is for what the program allocates meanwhile. */
#define EVACUATION_SHARE 2

/* The work that choosing partitions, or skipping one, is reckoned at. */
#define PARTITION_WORK ((size_t)32)

static GcPhase phase = GC_PAUSE;
static GcStatistics statistics;
static uint32_t evacuation_threshold = 85;
static WordStack mark_stack;

/* Where evacuation or update goes on: an address in a partition, and the first field not yet updated there. */
static size_t cursor_partition;
static uintptr_t cursor_address;
static size_t cursor_field;

GcPhase gc_phase(void) {
    return phase;
}

GcStatistics gc_statistics(void) {
    return statistics;
}

void gc_set_evacuation_threshold(uint32_t percent) {
    evacuation_threshold = percent;
}

void gc_abandon(void) {
    word_stack_free(&mark_stack);
    phase = GC_PAUSE;
}

static void set_marked(Object *object, size_t bytes) {
    if (mark_bitmap_set(&partitioned_heap.bitmap, object)) {
        partitioned_heap.partitions[partition_of(object)].live += (uint32_t)bytes;
    }
}

static void mark(Value value) {
    if (!value_is_pointer(value)) {
        return;
    }
    Object *object = (Object *)value;
    RTS_ASSERT(heap_contains(object), "a reference out of the heap is met while marking");
    if (!mark_bitmap_is_set(&partitioned_heap.bitmap, object)) {
        RTS_ASSERT(header_is_valid(object->header), "a broken header is met while marking");
        RTS_ASSERT(object->forward == object, "an old copy is met while marking");
        set_marked(object, header_object_bytes(object->header));
        if (header_field_count(object->header) > 0) {
            mark_stack_push(&mark_stack, object, 0);
        }
    }
}

void gc_note_allocation(Object *object, size_t bytes) {
    if (phase != GC_PAUSE) {
        set_marked(object, bytes);
    }
}

Value gc_write_barrier(Value former, Value value) {
    if (phase == GC_MARK) {
        mark(former);
    } else if (phase == GC_UPDATE && value_is_pointer(value)) {
        return value_from_object(object_of(value));
    }
    return value;
}

static void start_marking(void) {
    PartitionedHeap *heap = &partitioned_heap;
    mark_bitmap_clear(&heap->bitmap);
    for (size_t i = 0; i < heap->count; i++) {
        heap->partitions[i].live = 0;
    }
    phase = GC_MARK;
    size_t count;
    const Value *roots = root_slots(&count);
    for (size_t i = 0; i < count; i++) {
        mark(roots[i]);
    }
}

/* Returns the work done; zero when nothing is left to be marked. */
static size_t mark_some(void) {
    Object *object;
    size_t first;
    if (!mark_stack_pop(&mark_stack, &object, &first)) {
        return 0;
    }
    size_t fields = header_field_count(object->header);
    size_t end = fields - first > SCAN_FIELDS ? first + SCAN_FIELDS : fields;
    if (end < fields) {
        mark_stack_push(&mark_stack, object, end);
    }
    for (size_t i = first; i < end; i++) {
        mark(object->payload[i]);
    }
    return 1 + end - first;
}

/* The partition of least live bytes that is worth evacuating and not yet chosen, or `count`. */
static size_t next_candidate(void) {
    const PartitionedHeap *heap = &partitioned_heap;
    size_t best = heap->count;
    for (size_t i = 0; i < heap->count; i++) {
        const Partition *partition = &heap->partitions[i];
        if (partition->state == PARTITION_SMALL && !partition->is_evacuated &&
            partition->live <= PARTITION_SIZE / 100 * evacuation_threshold &&
            (best == heap->count || partition->live < heap->partitions[best].live)) {
            best = i;
        }
    }
    return best;
}

static void start_evacuation(void) {
    PartitionedHeap *heap = &partitioned_heap;
    word_stack_free(&mark_stack);
    size_t room = partition_free_count() / EVACUATION_SHARE * (PARTITION_SIZE - LARGE_OBJECT_BYTES);
    for (;;) {
        size_t candidate = next_candidate();
        if (candidate == heap->count || heap->partitions[candidate].live > room) {
            break;
        }
        room -= heap->partitions[candidate].live;
        heap->partitions[candidate].is_evacuated = true;
        statistics.evacuated_partitions++;
        if (candidate == heap->current) {
            partition_seal_current();
        }
    }
    phase = GC_EVACUATE;
    cursor_partition = 0;
    cursor_address = (uintptr_t)heap->base;
}

/* The next marked object at or after the cursor, in partitions that are evacuated or in those that are not; null when
 * there is none left. Leaves the cursor on the object; adds to `*work` for what was skipped. */
static Object *next_marked(bool in_evacuated, size_t *work) {
    const PartitionedHeap *heap = &partitioned_heap;
    for (; cursor_partition < heap->count; cursor_partition++) {
        const Partition *partition = &heap->partitions[cursor_partition];
        uintptr_t base = (uintptr_t)partition_base(cursor_partition);
        uintptr_t end = base + partition->used;
        if (partition->is_evacuated == in_evacuated &&
            (partition->state == PARTITION_SMALL || partition->state == PARTITION_LARGE)) {
            uintptr_t from = cursor_address > base ? cursor_address : base;
            uintptr_t at = mark_bitmap_next(&heap->bitmap, from, end);
            if (at < end) {
                cursor_address = at;
                return (Object *)at;
            }
        }
        *work += PARTITION_WORK;
    }
    return NULL;
}

static size_t evacuate_some(void) {
    size_t work = 0;
    Object *object = next_marked(true, &work);
    if (!object) {
        return 0;
    }
    size_t bytes = header_object_bytes(object->header);
    Object *copy = (Object *)partition_allocate(bytes);
    RTS_REQUIRE(copy != NULL, "no room to evacuate to");
    memcpy(copy, object, bytes);
    copy->forward = copy;
    object->forward = copy;
    set_marked(copy, bytes);
    statistics.evacuated_bytes += bytes;
    cursor_address += bytes;
    return work + bytes / sizeof(Word);
}

static void start_update(void) {
    phase = GC_UPDATE;
    size_t count;
    Value *roots = root_slots(&count);
    for (size_t i = 0; i < count; i++) {
        if (value_is_pointer(roots[i])) {
            roots[i] = value_from_object(object_of(roots[i]));
        }
    }
    cursor_partition = 0;
    cursor_address = (uintptr_t)partitioned_heap.base;
    cursor_field = 0;
}

static size_t update_some(void) {
    size_t work = 0;
    Object *object = next_marked(false, &work);
    if (!object) {
        return 0;
    }
    size_t fields = header_field_count(object->header);
    size_t end = fields - cursor_field > SCAN_FIELDS ? cursor_field + SCAN_FIELDS : fields;
    work += 1 + end - cursor_field;
    for (size_t i = cursor_field; i < end; i++) {
        if (value_is_pointer(object->payload[i])) {
            object->payload[i] = value_from_object(object_of(object->payload[i]));
        }
    }
    if (end < fields) {
        cursor_field = end;
    } else {
        cursor_field = 0;
        cursor_address += header_object_bytes(object->header);
    }
    return work;
}

#ifdef RTS_CHECK
/* Dead objects keep their place, but nobody may find anything there. */
static void poison_gaps(size_t index) {
    const Partition *partition = &partitioned_heap.partitions[index];
    uintptr_t at = (uintptr_t)partition_base(index);
    uintptr_t end = at + partition->used;
    while (at < end) {
        uintptr_t next = mark_bitmap_next(&partitioned_heap.bitmap, at, end);
        poison((void *)at, next - at);
        at = next < end ? next + header_object_bytes(((Object *)next)->header) : end;
    }
}
#endif

static void finish_cycle(void) {
    PartitionedHeap *heap = &partitioned_heap;
    for (size_t i = 0; i < heap->count; i++) {
        const Partition *partition = &heap->partitions[i];
        bool is_dead_large = partition->state == PARTITION_LARGE && partition->live == 0;
        if (partition->is_evacuated || is_dead_large) {
            partition_free(i);
        }
#ifdef RTS_CHECK
        if (partition->state == PARTITION_SMALL) {
            poison_gaps(i);
        }
#endif
    }
    phase = GC_PAUSE;
    statistics.cycles++;
}

bool gc_step(size_t collector, size_t work) {
    (void)collector;
    statistics.slices++;
    if (phase == GC_PAUSE) {
        start_marking();
    }
    for (size_t done = 0; done < work;) {
        size_t piece = phase == GC_MARK ? mark_some() : phase == GC_EVACUATE ? evacuate_some() : update_some();
        if (piece > 0) {
            done += piece;
        } else if (phase == GC_MARK) {
            start_evacuation();
            done += PARTITION_WORK;
        } else if (phase == GC_EVACUATE) {
            start_update();
            done += PARTITION_WORK;
        } else {
            finish_cycle();
            return false;
        }
    }
    return true;
}

void gc_collect(size_t collector) {
    /* What a cycle under way regards as alive is what was so at its beginning: finish it and run another one. */
    while (phase != GC_PAUSE && gc_step(collector, SIZE_MAX)) {
    }
    while (gc_step(collector, SIZE_MAX)) {
    }
}

size_t gc_collector_count(void) {
    return 1;
}

const char *gc_collector_name(size_t collector) {
    (void)collector;
    return "incremental";
}
