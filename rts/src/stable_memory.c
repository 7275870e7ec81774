/* Simulated stable memory: a table of pages, so that growing never copies. */
#include "stable_memory.h"

#include "bytes.h"
#include "span.h"

static uint8_t *pages[STABLE_MAXIMUM_PAGES];
static uint64_t page_count;

uint64_t stable_size(void) {
    return page_count;
}

uint64_t stable_grow(uint64_t wanted) {
    if (wanted > STABLE_MAXIMUM_PAGES - page_count) {
        return UINT64_MAX;
    }
    uint64_t former = page_count;
    while (page_count < former + wanted) {
        pages[page_count++] = span_allocate_zeroed(STABLE_PAGE_BYTES);
    }
    return former;
}

static void check_range(uint64_t offset, uint64_t length) {
    uint64_t bytes = page_count * STABLE_PAGE_BYTES;
    RTS_REQUIRE(length <= bytes && offset <= bytes - length, "an access beyond the end of stable memory");
}

/* The address of a byte, and how many bytes follow it in its page, itself included. */
static uint8_t *locate(uint64_t offset, uint64_t *rest) {
    *rest = STABLE_PAGE_BYTES - offset % STABLE_PAGE_BYTES;
    return pages[offset / STABLE_PAGE_BYTES] + offset % STABLE_PAGE_BYTES;
}

void stable_read(uint64_t offset, void *target, uint64_t length) {
    check_range(offset, length);
    uint8_t *to = target;
    while (length > 0) {
        uint64_t rest;
        const uint8_t *from = locate(offset, &rest);
        uint64_t piece = length < rest ? length : rest;
        memcpy(to, from, (size_t)piece);
        to += piece;
        offset += piece;
        length -= piece;
    }
}

void stable_write(uint64_t offset, const void *source, uint64_t length) {
    check_range(offset, length);
    const uint8_t *from = source;
    while (length > 0) {
        uint64_t rest;
        uint8_t *to = locate(offset, &rest);
        uint64_t piece = length < rest ? length : rest;
        memcpy(to, from, (size_t)piece);
        from += piece;
        offset += piece;
        length -= piece;
    }
}

uint32_t stable_read_u32(uint64_t offset) {
    uint8_t bytes[4];
    stable_read(offset, bytes, sizeof bytes);
    return read_u32(bytes);
}

uint64_t stable_read_u64(uint64_t offset) {
    uint8_t bytes[8];
    stable_read(offset, bytes, sizeof bytes);
    return read_u64(bytes);
}

void stable_write_u32(uint64_t offset, uint32_t value) {
    uint8_t bytes[4];
    write_u32(bytes, value);
    stable_write(offset, bytes, sizeof bytes);
}

void stable_write_u64(uint64_t offset, uint64_t value) {
    uint8_t bytes[8];
    write_u64(bytes, value);
    stable_write(offset, bytes, sizeof bytes);
}

void stable_reserve(uint64_t bytes) {
    uint64_t wanted = (bytes + STABLE_PAGE_BYTES - 1) / STABLE_PAGE_BYTES;
    if (wanted > page_count) {
        RTS_REQUIRE(stable_grow(wanted - page_count) != UINT64_MAX, "stable memory is full");
    }
}

void stable_reset(void) {
    while (page_count > 0) {
        span_free(pages[--page_count], STABLE_PAGE_BYTES);
    }
}
