/* One bit for every place of an address range where an object may begin. */
#ifndef RTS_MARK_BITMAP_H
#define RTS_MARK_BITMAP_H

#include "base.h"

typedef struct MarkBitmap {
    uintptr_t base;
    size_t extent; /* bytes of heap covered */
    uint64_t *bits;
} MarkBitmap;

/* All bits clear. `extent` is a multiple of 512, what one word of bits covers. */
void mark_bitmap_initialise(MarkBitmap *bitmap, uintptr_t base, size_t extent);
void mark_bitmap_free(MarkBitmap *bitmap);
void mark_bitmap_clear(MarkBitmap *bitmap);

bool mark_bitmap_is_set(const MarkBitmap *bitmap, const void *address);

/* Sets the bit; true if it was clear. */
bool mark_bitmap_set(MarkBitmap *bitmap, const void *address);

/* The lowest set address in [from, end), or `end`. */
uintptr_t mark_bitmap_next(const MarkBitmap *bitmap, uintptr_t from, uintptr_t end);

#endif
