/* The mark bitmap, read 64 places at a time. */
#include "mark_bitmap.h"

#include "bytes.h"
#include "object.h"
#include "span.h"

#define BYTES_PER_WORD (OBJECT_ALIGNMENT * 64)

static size_t bitmap_bytes(const MarkBitmap *bitmap) {
    return bitmap->extent / OBJECT_ALIGNMENT / 8;
}

void mark_bitmap_initialise(MarkBitmap *bitmap, uintptr_t base, size_t extent) {
    RTS_REQUIRE(extent % BYTES_PER_WORD == 0, "a bitmap covers a part of its last word");
    *bitmap = (MarkBitmap){base, extent, NULL};
    bitmap->bits = span_allocate_zeroed(bitmap_bytes(bitmap));
}

void mark_bitmap_free(MarkBitmap *bitmap) {
    span_free(bitmap->bits, bitmap_bytes(bitmap));
    *bitmap = (MarkBitmap){0, 0, NULL};
}

void mark_bitmap_clear(MarkBitmap *bitmap) {
    memset(bitmap->bits, 0, bitmap_bytes(bitmap));
}

static size_t place_of(const MarkBitmap *bitmap, uintptr_t address) {
    RTS_ASSERT(address - bitmap->base < bitmap->extent, "an address outside the bitmap");
    return (address - bitmap->base) / OBJECT_ALIGNMENT;
}

bool mark_bitmap_is_set(const MarkBitmap *bitmap, const void *address) {
    size_t place = place_of(bitmap, (uintptr_t)address);
    return bitmap->bits[place / 64] >> (place % 64) & 1;
}

bool mark_bitmap_set(MarkBitmap *bitmap, const void *address) {
    size_t place = place_of(bitmap, (uintptr_t)address);
    uint64_t bit = (uint64_t)1 << (place % 64);
    bool was_clear = !(bitmap->bits[place / 64] & bit);
    bitmap->bits[place / 64] |= bit;
    return was_clear;
}

uintptr_t mark_bitmap_next(const MarkBitmap *bitmap, uintptr_t from, uintptr_t end) {
    if (from >= end) {
        return end;
    }
    size_t place = place_of(bitmap, from);
    size_t limit = (end - bitmap->base + OBJECT_ALIGNMENT - 1) / OBJECT_ALIGNMENT;
    uint64_t word = bitmap->bits[place / 64] >> (place % 64);
    if (!word) {
        size_t index = place / 64 + 1;
        while (index * 64 < limit && !bitmap->bits[index]) {
            index++;
        }
        if (index * 64 >= limit) {
            return end;
        }
        place = index * 64;
        word = bitmap->bits[index];
    }
    place += (size_t)__builtin_ctzll(word);
    return place < limit ? bitmap->base + place * OBJECT_ALIGNMENT : end;
}
