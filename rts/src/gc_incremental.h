/* The incremental collector's hooks in allocation and in the write barrier, and its inside for tests. */
#ifndef RTS_GC_INCREMENTAL_H
#define RTS_GC_INCREMENTAL_H

#include "object.h"

typedef enum GcPhase {
    GC_PAUSE,    /* no cycle is under way */
    GC_MARK,     /* finding what was reachable when the cycle began */
    GC_EVACUATE, /* copying what lives out of the chosen partitions */
    GC_UPDATE,   /* redirecting references to what was copied */
} GcPhase;

/* Since the program's start, for tests and for whoever tunes the slices. */
typedef struct GcStatistics {
    uint32_t cycles;
    uint32_t slices;
    uint32_t evacuated_partitions;
    uint64_t evacuated_bytes;
} GcStatistics;

GcPhase gc_phase(void);
GcStatistics gc_statistics(void);

/* A partition is worth evacuating when at most so many hundredths of it live; 100 evacuates whatever there is room
 * for. */
void gc_set_evacuation_threshold(uint32_t percent);

/* Forgets a cycle under way; the heap is about to vanish. */
void gc_abandon(void);

/* To be called for each new object. */
void gc_note_allocation(Object *object, size_t bytes);

/* To be called when `former` is overwritten by `value`; returns what must be written. */
Value gc_write_barrier(Value former, Value value);

#endif
