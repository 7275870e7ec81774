/* Partitions: equal pieces of the heap, the unit in which the incremental collector frees memory. */
#ifndef RTS_PARTITION_H
#define RTS_PARTITION_H

#include "heap.h"
#include "mark_bitmap.h"

/* An object beyond this gets partitions of its own and never moves: copying it would be too long a pause, and it
 * bounds what a partition loses at its end to an eighth. */
#define LARGE_OBJECT_BYTES (PARTITION_SIZE / 8)

typedef enum PartitionState {
    PARTITION_FREE,
    PARTITION_SMALL,      /* objects one after the other up to `used` */
    PARTITION_LARGE,      /* the first partition of one large object */
    PARTITION_LARGE_TAIL, /* a further partition of the large object before it */
} PartitionState;

typedef struct Partition {
    uint32_t used; /* bytes; of a large object, what lies in this partition */
    uint32_t live; /* bytes of marked objects, in the current cycle */
    PartitionState state;
    bool is_evacuated; /* its objects are leaving, or have left, in the current cycle */
} Partition;

typedef struct PartitionedHeap {
    uint8_t *base;
    size_t count;
    Partition *partitions;
    size_t current; /* where small objects are allocated; `count` when there is none */
    MarkBitmap bitmap;
} PartitionedHeap;

extern PartitionedHeap partitioned_heap;

static inline uint8_t *partition_base(size_t index) {
    return partitioned_heap.base + index * PARTITION_SIZE;
}

static inline size_t partition_of(const void *address) {
    return ((uintptr_t)address - (uintptr_t)partitioned_heap.base) / PARTITION_SIZE;
}

/* Where an object of so many bytes may begin, or null when there is no room. */
uint8_t *partition_allocate(size_t bytes);

/* No more objects are put into the current partition. */
void partition_seal_current(void);

/* Frees a small partition, or a large object's with all its tails. */
void partition_free(size_t index);

size_t partition_free_count(void);

/* The number of partitions that a large object of so many bytes needs. */
size_t partition_run_length(size_t bytes);

#endif
