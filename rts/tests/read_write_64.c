/* 64-bit reads and writes at any offset: in memory, and in stable memory across its pages. */
#include "../src/bytes.h"
#include "../src/span.h"
#include "../src/stable_memory.h"
#include "../src/stable_stream.h"
#include "check.h"
#include "random.h"

#define PAGES 5
#define EXTENT (PAGES * STABLE_PAGE_BYTES)

static void in_memory(Random *random) {
    uint8_t bytes[64];
    uint8_t model[64];
    random_bytes(random, bytes, sizeof bytes);
    memcpy(model, bytes, sizeof model);
    for (uint32_t round = 0; round < 200; round++) {
        size_t at = random_below(random, sizeof bytes - 7);
        uint64_t number = random_wide(random);
        write_u64(bytes + at, number);
        for (size_t i = 0; i < 8; i++) {
            model[at + i] = (uint8_t)(number >> 8 * i);
        }
        CHECK(memcmp(bytes, model, sizeof bytes) == 0, "eight bytes are written, least significant first");
        CHECK_EQUAL(read_u64(bytes + at), number, "and read back");
        at = random_below(random, sizeof bytes - 7);
        uint64_t expected = 0;
        for (size_t i = 8; i-- > 0;) {
            expected = expected << 8 | model[at + i];
        }
        CHECK_EQUAL(read_u64(bytes + at), expected, "eight bytes are one number");
        CHECK_EQUAL(read_u32(bytes + at), (uint32_t)expected, "of which four are the lower half");
    }
    write_u32_big(bytes, 0x01020304);
    CHECK(bytes[0] == 1 && bytes[1] == 2 && bytes[2] == 3 && bytes[3] == 4, "big-endian is the other way round");
}

static void growing(void) {
    stable_reset();
    CHECK_EQUAL(stable_size(), 0, "stable memory begins empty");
    CHECK_EQUAL(stable_grow(2), 0, "growing tells the former size");
    CHECK_EQUAL(stable_grow(0), 2, "growing by nothing, too");
    CHECK_EQUAL(stable_grow(STABLE_MAXIMUM_PAGES - 1), UINT64_MAX, "growing too far is refused");
    CHECK_EQUAL(stable_grow(UINT64_MAX), UINT64_MAX, "also when the sum overflows");
    CHECK_EQUAL(stable_size(), 2, "and changes nothing");
    CHECK_EQUAL(stable_read_u64(STABLE_PAGE_BYTES - 4), 0, "new pages read as zero");
    stable_write_u64(STABLE_PAGE_BYTES - 3, UINT64_MAX);
    CHECK_EQUAL(stable_grow(1), 2, "stable memory grows again");
    CHECK_EQUAL(stable_read_u64(STABLE_PAGE_BYTES - 3), UINT64_MAX, "and keeps what it holds");
    stable_reserve(3 * STABLE_PAGE_BYTES);
    CHECK_EQUAL(stable_size(), 3, "what is there need not be reserved");
    stable_reserve(3 * STABLE_PAGE_BYTES + 1);
    CHECK_EQUAL(stable_size(), 4, "one byte more is one page more");
    stable_reset();
}

/* Mostly around the borders of pages, where a number lies in two. */
static uint64_t random_offset(Random *random, uint64_t length) {
    if (random_chance(random, 60)) {
        uint64_t border = random_between(random, 1, PAGES - 1) * STABLE_PAGE_BYTES;
        return border + random_below(random, 20) - 12;
    }
    return random_u64(random) % (EXTENT - length + 1);
}

static void across_pages(Random *random) {
    /* Something else between any two pages: what overruns a page must not land in the next one. */
    uint8_t *fences[PAGES];
    for (size_t i = 0; i < PAGES; i++) {
        stable_grow(1);
        fences[i] = span_allocate_zeroed(SPAN_PAGE_BYTES);
    }
    uint8_t *model = span_allocate_zeroed(EXTENT);
    uint8_t *buffer = span_allocate(EXTENT);
    for (uint32_t round = 0; round < 12000; round++) {
        check_step(round);
        uint64_t number = random_wide(random);
        uint64_t at = random_offset(random, 8);
        stable_write_u64(at, number);
        for (size_t i = 0; i < 8; i++) {
            model[at + i] = (uint8_t)(number >> 8 * i);
        }
        at = random_offset(random, 8);
        uint64_t expected = 0;
        for (size_t i = 8; i-- > 0;) {
            expected = expected << 8 | model[at + i];
        }
        CHECK_EQUAL(stable_read_u64(at), expected, "stable memory holds what was written");
        CHECK_EQUAL(stable_read_u32(at), (uint32_t)expected, "in halves, too");
        if (round % 50 == 0) {
            uint64_t length = random_below(random, 2 * STABLE_PAGE_BYTES);
            at = random_u64(random) % (EXTENT - length + 1);
            random_bytes(random, buffer, (size_t)(length < 300 ? length : 300));
            stable_write(at, buffer, length);
            memcpy(model + at, buffer, (size_t)length);
            length = random_below(random, 2 * STABLE_PAGE_BYTES);
            at = random_u64(random) % (EXTENT - length + 1);
            stable_read(at, buffer, length);
            CHECK(memcmp(buffer, model + at, (size_t)length) == 0, "blocks are read over any number of pages");
        }
    }
    stable_read(0, buffer, EXTENT);
    CHECK(memcmp(buffer, model, EXTENT) == 0, "nothing else was written");
    stable_write_u64(EXTENT - 8, 1);
    CHECK_EQUAL(stable_read_u64(EXTENT - 8), 1, "the last eight bytes are there");
    for (size_t i = 0; i < PAGES; i++) {
        for (size_t at = 0; at < SPAN_PAGE_BYTES; at++) {
            CHECK_EQUAL(fences[i][at], 0, "nothing is written between the pages");
        }
        span_free(fences[i], SPAN_PAGE_BYTES);
    }
    span_free(model, EXTENT);
    span_free(buffer, EXTENT);
    stable_reset();
}

/* Numbers and blocks, written and read in the same order, over the borders of the streams' buffers. */
static void streams(Random *random) {
    Random again = *random;
    uint64_t start = random_below(random, 100000);
    StableWriter writer;
    stable_writer_begin(&writer, start);
    uint8_t block[5000];
    for (uint32_t i = 0; i < 3000; i++) {
        stable_writer_number(&writer, random_wide(random));
        size_t length = random_below(random, i % 100 == 0 ? sizeof block : 20);
        random_bytes(random, block, length);
        stable_writer_bytes(&writer, block, length);
    }
    uint64_t end = stable_writer_end(&writer);

    random_below(&again, 100000);
    StableReader reader;
    stable_reader_begin(&reader, start, end);
    uint8_t expected[5000];
    for (uint32_t i = 0; i < 3000; i++) {
        uint64_t number = 0;
        CHECK(stable_reader_number(&reader, &number), "a number is there");
        CHECK_EQUAL(number, random_wide(&again), "and is what was written");
        size_t length = random_below(&again, i % 100 == 0 ? sizeof block : 20);
        random_bytes(&again, expected, length);
        CHECK(stable_reader_bytes(&reader, block, length), "a block is there");
        CHECK(memcmp(block, expected, length) == 0, "and is what was written");
    }
    uint64_t number;
    CHECK(!stable_reader_number(&reader, &number), "behind the end is no number");
    CHECK(!stable_reader_bytes(&reader, block, 1), "and no byte");
    stable_reset();
}

static void one_seed(uint64_t seed) {
    Random random = random_make(seed, 560);
    growing();
    for (uint32_t round = 0; round < 100; round++) {
        in_memory(&random);
    }
    for (uint32_t round = 0; round < 4; round++) {
        across_pages(&random);
        streams(&random);
    }
}

TEST_MODULE(read_write_64) {
    check_seeds(first_seed, seed_count, one_seed);
}
