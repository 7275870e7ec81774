/* Partitions: taking and freeing them. */
#include "partition.h"

#include "poison.h"

PartitionedHeap partitioned_heap;

size_t partition_run_length(size_t bytes) {
    return round_up(bytes, PARTITION_SIZE) / PARTITION_SIZE;
}

size_t partition_free_count(void) {
    size_t free = 0;
    for (size_t i = 0; i < partitioned_heap.count; i++) {
        free += partitioned_heap.partitions[i].state == PARTITION_FREE;
    }
    return free;
}

/* The first of `length` adjacent free partitions, or `count`. */
static size_t find_free_run(size_t length) {
    size_t run = 0;
    for (size_t i = 0; i < partitioned_heap.count; i++) {
        run = partitioned_heap.partitions[i].state == PARTITION_FREE ? run + 1 : 0;
        if (run == length) {
            return i + 1 - length;
        }
    }
    return partitioned_heap.count;
}

static uint8_t *allocate_large(size_t bytes) {
    size_t length = partition_run_length(bytes);
    size_t first = find_free_run(length);
    if (first == partitioned_heap.count) {
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        size_t rest = bytes - i * PARTITION_SIZE;
        partitioned_heap.partitions[first + i] = (Partition){
            .used = (uint32_t)(rest < PARTITION_SIZE ? rest : PARTITION_SIZE),
            .state = i == 0 ? PARTITION_LARGE : PARTITION_LARGE_TAIL,
        };
    }
    return partition_base(first);
}

uint8_t *partition_allocate(size_t bytes) {
    if (bytes > LARGE_OBJECT_BYTES) {
        return allocate_large(bytes);
    }
    PartitionedHeap *heap = &partitioned_heap;
    if (heap->current == heap->count || heap->partitions[heap->current].used + bytes > PARTITION_SIZE) {
        size_t next = find_free_run(1);
        if (next == heap->count) {
            return NULL;
        }
        heap->partitions[next] = (Partition){.state = PARTITION_SMALL};
        heap->current = next;
    }
    Partition *partition = &heap->partitions[heap->current];
    uint8_t *place = partition_base(heap->current) + partition->used;
    partition->used += (uint32_t)bytes;
    return place;
}

void partition_seal_current(void) {
    partitioned_heap.current = partitioned_heap.count;
}

void partition_free(size_t index) {
    PartitionedHeap *heap = &partitioned_heap;
    RTS_ASSERT(index != heap->current, "the current partition is freed");
    do {
        heap->partitions[index] = (Partition){.state = PARTITION_FREE};
        poison(partition_base(index), PARTITION_SIZE);
        index++;
    } while (index < heap->count && heap->partitions[index].state == PARTITION_LARGE_TAIL);
}
