/* LEB128 of 32 and 64 bits: borders, round trips, and every way to be malformed. */
#include "../src/leb128.h"

#include "../src/bytes.h"
#include "check.h"
#include "random.h"

static Leb128Status decode_unsigned(uint32_t width, const uint8_t *bytes, size_t length, uint64_t *number,
                                    size_t *used) {
    const uint8_t *at = bytes;
    uint32_t narrow = 0;
    Leb128Status status = width == 32 ? leb128_decode_u32(&at, bytes + length, &narrow)
                                      : leb128_decode_u64(&at, bytes + length, number);
    *number = width == 32 ? narrow : *number;
    *used = (size_t)(at - bytes);
    CHECK(status == LEB128_OK || *used == 0, "what is malformed is not read over");
    return status;
}

static Leb128Status decode_signed(uint32_t width, const uint8_t *bytes, size_t length, int64_t *number,
                                  size_t *used) {
    const uint8_t *at = bytes;
    int32_t narrow = 0;
    Leb128Status status = width == 32 ? leb128_decode_i32(&at, bytes + length, &narrow)
                                      : leb128_decode_i64(&at, bytes + length, number);
    *number = width == 32 ? narrow : *number;
    *used = (size_t)(at - bytes);
    CHECK(status == LEB128_OK || *used == 0, "what is malformed is not read over");
    return status;
}

static void round_trip(uint64_t number) {
    uint8_t bytes[LEB128_MAXIMUM_BYTES + 1];
    uint64_t decoded = 0;
    int64_t decoded_signed = 0;
    size_t used;
    size_t length = leb128_encode_unsigned(number, bytes);
    CHECK(length == LEB128_MAXIMUM_BYTES || number >> 7 * length == 0, "an encoding has room for the number");
    CHECK(length == 1 || number >> 7 * (length - 1) != 0, "an encoding is as short as it can be");
    CHECK_EQUAL(decode_unsigned(64, bytes, length, &decoded, &used), LEB128_OK, "what was encoded is well formed");
    CHECK_EQUAL(decoded, number, "unsigned numbers come back");
    CHECK_EQUAL(used, length, "all of the encoding is read");
    Leb128Status expected = number <= UINT32_MAX ? LEB128_OK : length > 5 ? LEB128_OVERLONG : LEB128_OVERFLOW;
    CHECK_EQUAL(decode_unsigned(32, bytes, length, &decoded, &used), expected, "32 bits take what fits them");
    CHECK(expected != LEB128_OK || decoded == number, "and as it is");
    for (size_t cut = 0; cut < length; cut++) {
        CHECK_EQUAL(decode_unsigned(64, bytes, cut, &decoded, &used), LEB128_UNTERMINATED, "a number cut short");
    }
    if (length < LEB128_MAXIMUM_BYTES) {
        bytes[length - 1] |= 0x80;
        bytes[length] = 0;
        CHECK_EQUAL(decode_unsigned(64, bytes, length + 1, &decoded, &used), LEB128_OVERLONG, "a needless zero");
    }

    int64_t number_signed = (int64_t)number;
    length = leb128_encode_signed(number_signed, bytes);
    CHECK_EQUAL(decode_signed(64, bytes, length, &decoded_signed, &used), LEB128_OK, "what was encoded is well formed");
    CHECK_EQUAL(decoded_signed, number_signed, "signed numbers come back");
    CHECK_EQUAL(used, length, "all of the encoding is read");
    bool fits = number_signed >= INT32_MIN && number_signed <= INT32_MAX;
    expected = fits ? LEB128_OK : length > 5 ? LEB128_OVERLONG : LEB128_OVERFLOW;
    CHECK_EQUAL(decode_signed(32, bytes, length, &decoded_signed, &used), expected, "32 bits take what fits them");
    CHECK(!fits || decoded_signed == number_signed, "and as it is");
    for (size_t cut = 0; cut < length; cut++) {
        CHECK_EQUAL(decode_signed(64, bytes, cut, &decoded_signed, &used), LEB128_UNTERMINATED, "a number cut short");
    }
    if (length < LEB128_MAXIMUM_BYTES) {
        bytes[length - 1] |= 0x80;
        bytes[length] = number_signed < 0 ? 0x7F : 0;
        CHECK_EQUAL(decode_signed(64, bytes, length + 1, &decoded_signed, &used), LEB128_OVERLONG, "a needless sign");
    }
}

static void known_encodings(void) {
    uint8_t bytes[LEB128_MAXIMUM_BYTES];
    CHECK_EQUAL(leb128_encode_unsigned(624485, bytes), 3, "a known unsigned encoding's length");
    CHECK(memcmp(bytes, "\xE5\x8E\x26", 3) == 0, "a known unsigned encoding");
    CHECK_EQUAL(leb128_encode_signed(-123456, bytes), 3, "a known signed encoding's length");
    CHECK(memcmp(bytes, "\xC0\xBB\x78", 3) == 0, "a known signed encoding");
    CHECK_EQUAL(leb128_encode_signed(-1, bytes), 1, "minus one is one byte");
    CHECK_EQUAL(bytes[0], 0x7F, "of seven ones");
    CHECK_EQUAL(leb128_encode_signed(64, bytes), 2, "64 needs a second byte for its sign");
    CHECK_EQUAL(leb128_encode_signed(-64, bytes), 1, "-64 does not");
    CHECK_EQUAL(leb128_encode_unsigned(UINT64_MAX, bytes), 10, "the largest number has ten bytes");
}

typedef struct Malformed {
    uint32_t width;
    bool is_signed;
    Leb128Status status;
    uint8_t length;
    uint8_t bytes[12];
} Malformed;

static void malformed_inputs(void) {
    static const Malformed inputs[] = {
        {32, false, LEB128_UNTERMINATED, 0, {0}},
        {32, false, LEB128_UNTERMINATED, 4, {0x80, 0x80, 0x80, 0x80}},
        {32, false, LEB128_OVERLONG, 6, {0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
        {32, false, LEB128_OVERLONG, 5, {0x80, 0x80, 0x80, 0x80, 0x80}},
        {32, false, LEB128_OVERLONG, 2, {0x80, 0x00}},
        {32, false, LEB128_OVERFLOW, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0x1F}},
        {32, false, LEB128_OVERFLOW, 5, {0x80, 0x80, 0x80, 0x80, 0x10}},
        {32, false, LEB128_OK, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0x0F}},
        {64, false, LEB128_OVERFLOW, 10, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}},
        {64, false, LEB128_OVERFLOW, 10, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x41}},
        {64, false, LEB128_OK, 10, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}},
        {64, false, LEB128_OVERLONG, 11, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
        {64, false, LEB128_UNTERMINATED, 9, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {32, true, LEB128_OK, 5, {0x80, 0x80, 0x80, 0x80, 0x78}},
        {32, true, LEB128_OVERFLOW, 5, {0x80, 0x80, 0x80, 0x80, 0x70}},
        {32, true, LEB128_OVERFLOW, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0x0F}},
        {32, true, LEB128_OVERFLOW, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0x4F}},
        {32, true, LEB128_OK, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0x07}},
        {32, true, LEB128_OVERLONG, 2, {0xFF, 0x7F}},
        {32, true, LEB128_OVERLONG, 2, {0xBF, 0x00}},
        {32, true, LEB128_OK, 2, {0xBF, 0x7F}},
        {32, true, LEB128_OK, 2, {0xFF, 0x00}},
        {64, true, LEB128_OK, 10, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F}},
        {64, true, LEB128_OVERFLOW, 10, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E}},
        {64, true, LEB128_OVERFLOW, 10, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
        {64, true, LEB128_OVERLONG, 10, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}},
    };
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        check_step(i);
        const Malformed *input = &inputs[i];
        uint64_t number;
        int64_t number_signed;
        size_t used;
        Leb128Status status = input->is_signed
                                  ? decode_signed(input->width, input->bytes, input->length, &number_signed, &used)
                                  : decode_unsigned(input->width, input->bytes, input->length, &number, &used);
        CHECK_EQUAL(status, input->status, "a hand-made input is judged rightly");
    }
}

/* Whatever is accepted is what the number's own encoding is: no number has two forms. */
static void random_input(Random *random) {
    uint8_t bytes[12];
    random_bytes(random, bytes, sizeof bytes);
    size_t continued = random_below(random, 12);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = i < continued ? bytes[i] | 0x80 : bytes[i] & 0x7F;
    }
    uint8_t again[LEB128_MAXIMUM_BYTES];
    for (uint32_t width = 32; width <= 64; width += 32) {
        uint64_t number = 0;
        int64_t number_signed = 0;
        size_t used;
        if (decode_unsigned(width, bytes, sizeof bytes, &number, &used) == LEB128_OK) {
            CHECK_EQUAL(leb128_encode_unsigned(number, again), used, "an unsigned number has one length");
            CHECK(memcmp(bytes, again, used) == 0, "an unsigned number has one form");
        }
        if (decode_signed(width, bytes, sizeof bytes, &number_signed, &used) == LEB128_OK) {
            CHECK_EQUAL(leb128_encode_signed(number_signed, again), used, "a signed number has one length");
            CHECK(memcmp(bytes, again, used) == 0, "a signed number has one form");
        }
    }
}

static void one_seed(uint64_t seed) {
    known_encodings();
    malformed_inputs();
    for (uint32_t bit = 0; bit < 64; bit++) {
        uint64_t power = (uint64_t)1 << bit;
        round_trip(power - 1);
        round_trip(power);
        round_trip(power + 1);
        round_trip(0 - power);
        round_trip(0 - power - 1);
    }
    Random random = random_make(seed, 510);
    for (uint32_t i = 0; i < 100000; i++) {
        check_step(1000 + i);
        round_trip(random_wide(&random));
        random_input(&random);
    }
}

TEST_MODULE(leb128) {
    check_seeds(first_seed, seed_count, one_seed);
}
