/* UTF-8: every code point, every class of what is malformed, and an automaton as an independent judge. */
#include "../src/utf8.h"

#include "../src/bytes.h"
#include "check.h"
#include "random.h"

/* RFC 3629, section 4, as a table of byte ranges; returns the length of the character, or zero. */
static size_t judge(const uint8_t *bytes, size_t length) {
    static const struct {
        uint8_t lead_low, lead_high, second_low, second_high, size;
    } rows[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (bytes[0] < rows[i].lead_low || bytes[0] > rows[i].lead_high) {
            continue;
        }
        if (rows[i].size > length) {
            return 0;
        }
        if (rows[i].size > 1 && (bytes[1] < rows[i].second_low || bytes[1] > rows[i].second_high)) {
            return 0;
        }
        for (size_t at = 2; at < rows[i].size; at++) {
            if (bytes[at] < 0x80 || bytes[at] > 0xBF) {
                return 0;
            }
        }
        return rows[i].size;
    }
    return 0;
}

static void every_code_point(void) {
    for (uint32_t code_point = 0; code_point < 0x110400; code_point++) {
        uint8_t bytes[UTF8_MAXIMUM_BYTES];
        size_t size = utf8_encode(code_point, bytes);
        bool is_valid = code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
        CHECK_EQUAL(size > 0, is_valid, "what is no character is not encoded");
        if (is_valid) {
            uint32_t decoded = 0;
            size_t used = 0;
            CHECK_EQUAL(utf8_decode(bytes, size, &decoded, &used), UTF8_OK, "a character is valid");
            CHECK_EQUAL(decoded, code_point, "a character comes back");
            CHECK_EQUAL(used, size, "with all its bytes");
            CHECK_EQUAL(judge(bytes, size), size, "as the standard's table has it");
        }
    }
}

static void malformed_classes(void) {
    static const struct {
        Utf8Status status;
        uint8_t length;
        uint8_t bytes[4];
    } classes[] = {
        {UTF8_STRAY_CONTINUATION, 1, {0x80}},
        {UTF8_STRAY_CONTINUATION, 1, {0xBF}},
        {UTF8_STRAY_CONTINUATION, 2, {0xA9, 0x80}},
        {UTF8_OVERLONG, 2, {0xC0, 0x80}},
        {UTF8_OVERLONG, 2, {0xC0, 0xAF}},
        {UTF8_OVERLONG, 2, {0xC1, 0xBF}},
        {UTF8_OVERLONG, 3, {0xE0, 0x80, 0x80}},
        {UTF8_OVERLONG, 3, {0xE0, 0x9F, 0xBF}},
        {UTF8_OVERLONG, 4, {0xF0, 0x80, 0x80, 0x80}},
        {UTF8_OVERLONG, 4, {0xF0, 0x8F, 0xBF, 0xBF}},
        {UTF8_SURROGATE, 3, {0xED, 0xA0, 0x80}},
        {UTF8_SURROGATE, 3, {0xED, 0xBF, 0xBF}},
        {UTF8_SURROGATE, 3, {0xED, 0xB0, 0x80}},
        {UTF8_TOO_LARGE, 4, {0xF4, 0x90, 0x80, 0x80}},
        {UTF8_TOO_LARGE, 4, {0xF4, 0xBF, 0xBF, 0xBF}},
        {UTF8_INVALID_LEAD, 4, {0xF5, 0x80, 0x80, 0x80}},
        {UTF8_INVALID_LEAD, 4, {0xF8, 0x88, 0x80, 0x80}},
        {UTF8_INVALID_LEAD, 1, {0xFE}},
        {UTF8_INVALID_LEAD, 1, {0xFF}},
        {UTF8_TRUNCATED, 1, {0xC3}},
        {UTF8_TRUNCATED, 2, {0xC3, 0x41}},
        {UTF8_TRUNCATED, 2, {0xC3, 0xC3}},
        {UTF8_TRUNCATED, 2, {0xE2, 0x82}},
        {UTF8_TRUNCATED, 3, {0xE2, 0x82, 0x41}},
        {UTF8_TRUNCATED, 3, {0xF0, 0x9F, 0x98}},
        {UTF8_TRUNCATED, 4, {0xF0, 0x9F, 0x98, 0xC0}},
        {UTF8_TRUNCATED, 0, {0}},
    };
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        check_step(i);
        uint32_t code_point = 77;
        size_t size = 77;
        CHECK_EQUAL(utf8_decode(classes[i].bytes, classes[i].length, &code_point, &size), classes[i].status,
                    "what is malformed is named");
        CHECK(code_point == 77 && size == 77, "and not decoded");
        if (classes[i].length > 0) {
            /* Behind ASCII, at every offset of the fast path. */
            for (size_t before = 0; before < 18; before++) {
                uint8_t bytes[32];
                memset(bytes, 'x', sizeof bytes);
                memcpy(bytes + before, classes[i].bytes, classes[i].length);
                size_t position = 0;
                CHECK_EQUAL(utf8_validate(bytes, before + classes[i].length, &position), classes[i].status,
                            "also behind valid text");
                CHECK_EQUAL(position, before, "where it begins");
            }
        }
    }
}

/* All leads with all second bytes, and third bytes around the borders. */
static void every_two_bytes(void) {
    static const uint8_t thirds[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
    for (uint32_t pair = 0; pair < 0x10000; pair++) {
        for (size_t i = 0; i < sizeof thirds; i++) {
            uint8_t bytes[4] = {(uint8_t)(pair >> 8), (uint8_t)pair, thirds[i], 0x80};
            uint32_t code_point;
            size_t size = 0;
            Utf8Status status = utf8_decode(bytes, sizeof bytes, &code_point, &size);
            CHECK_EQUAL(status == UTF8_OK ? size : 0, judge(bytes, sizeof bytes), "four bytes are judged rightly");
        }
    }
}

static void random_inputs(Random *random) {
    uint8_t bytes[64];
    size_t length = 0;
    size_t characters = 0;
    while (length < 50) {
        uint32_t code_point = random_below(random, random_chance(random, 50) ? 0x80 : 0x110000);
        size_t size = utf8_encode(code_point, bytes + length);
        length += size;
        characters += size > 0;
    }
    size_t position;
    CHECK_EQUAL(utf8_validate(bytes, length, &position), UTF8_OK, "valid text is valid");
    CHECK_EQUAL(position, length, "to its end");
    CHECK_EQUAL(utf8_count(bytes, length), characters, "and has as many characters as were written");

    /* Damaged in one byte, it is valid as far as the table says. */
    bytes[random_below(random, (uint32_t)length)] = (uint8_t)random_u32(random);
    size_t expected = 0;
    for (size_t size = 1; expected < length && size > 0; expected += size) {
        size = judge(bytes + expected, length - expected);
    }
    Utf8Status status = utf8_validate(bytes, length, &position);
    CHECK_EQUAL(status == UTF8_OK, position == length, "all of it is valid, or there is a first error");
    CHECK_EQUAL(position, expected, "where the table has it");
}

static void one_seed(uint64_t seed) {
    malformed_classes();
    every_code_point();
    every_two_bytes();
    Random random = random_make(seed, 590);
    for (uint32_t round = 0; round < 100000; round++) {
        check_step(1000 + round);
        random_inputs(&random);
    }
}

TEST_MODULE(utf8) {
    check_seeds(first_seed, seed_count, one_seed);
}
