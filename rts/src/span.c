/* Spans of wasm pages, first fit over a map of one byte a page.
 *
 * A wasm memory only grows. Everything that comes and goes (heaps, stacks, side tables, simulated stable memory) is
 * therefore recycled here, or a long test would need as much memory as the sum of all it ever did.
 */
#include "span.h"

#include "bytes.h"

#define SPAN_MAXIMUM_PAGES ((size_t)16384)

extern uint8_t __heap_base;

static uint8_t page_is_used[SPAN_MAXIMUM_PAGES];
static size_t page_count;       /* pages that exist, counted from first_page() */
static size_t lowest_free_page; /* no page below is free: where a search begins */
static size_t used_page_count;

static uintptr_t first_page(void) {
    return round_up((uintptr_t)&__heap_base, SPAN_PAGE_BYTES);
}

static void grow_to(size_t pages) {
    RTS_REQUIRE(pages <= SPAN_MAXIMUM_PAGES, "out of memory: the page map is full");
    size_t wanted = first_page() / SPAN_PAGE_BYTES + pages;
    size_t present = __builtin_wasm_memory_size(0);
    if (wanted > present) {
        RTS_REQUIRE(__builtin_wasm_memory_grow(0, wanted - present) != (size_t)-1, "out of memory: cannot grow");
    }
    page_count = pages;
}

static size_t find_free_run(size_t pages) {
    size_t start = lowest_free_page;
    size_t run = 0;
    for (size_t page = lowest_free_page; page < page_count; page++) {
        if (page_is_used[page]) {
            start = page + 1;
            run = 0;
        } else if (++run == pages) {
            return start;
        }
    }
    grow_to(start + pages);
    return start;
}

void *span_allocate(size_t bytes) {
    size_t pages = round_up(bytes, SPAN_PAGE_BYTES) / SPAN_PAGE_BYTES;
    pages = pages ? pages : 1;
    size_t start = find_free_run(pages);
    __builtin_memset(page_is_used + start, 1, pages);
    used_page_count += pages;
    while (lowest_free_page < page_count && page_is_used[lowest_free_page]) {
        lowest_free_page++;
    }
    return (void *)(first_page() + start * SPAN_PAGE_BYTES);
}

void *span_allocate_zeroed(size_t bytes) {
    void *span = span_allocate(bytes);
    memset(span, 0, bytes);
    return span;
}

void span_free(void *span, size_t bytes) {
    if (!span) {
        return;
    }
    size_t pages = round_up(bytes, SPAN_PAGE_BYTES) / SPAN_PAGE_BYTES;
    pages = pages ? pages : 1;
    size_t start = ((uintptr_t)span - first_page()) / SPAN_PAGE_BYTES;
    for (size_t page = start; page < start + pages; page++) {
        RTS_REQUIRE(page < page_count && page_is_used[page], "a span is freed twice");
        page_is_used[page] = 0;
    }
    used_page_count -= pages;
    lowest_free_page = start < lowest_free_page ? start : lowest_free_page;
}

size_t span_bytes_in_use(void) {
    return used_page_count * SPAN_PAGE_BYTES;
}
