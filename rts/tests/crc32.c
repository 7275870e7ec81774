/* CRC-32: known values, a bit-by-bit reference, pieces, and what a checksum must notice. */
#include "../src/crc32.h"

#include "../src/bytes.h"
#include "../src/span.h"
#include "check.h"
#include "random.h"

static uint32_t reference(const uint8_t *bytes, size_t length) {
    uint32_t remainder = 0xFFFFFFFF;
    for (size_t i = 0; i < length; i++) {
        for (uint32_t bit = 0; bit < 8; bit++) {
            bool is_odd = (remainder ^ (uint32_t)(bytes[i] >> bit)) & 1;
            remainder = remainder >> 1 ^ (is_odd ? 0xEDB88320 : 0);
        }
    }
    return ~remainder;
}

static void known_values(void) {
    CHECK_EQUAL(crc32(NULL, 0), 0, "of nothing");
    CHECK_EQUAL(crc32((const uint8_t *)"123456789", 9), 0xCBF43926, "the check value of the standard");
    CHECK_EQUAL(crc32((const uint8_t *)"a", 1), 0xE8B7BE43, "of one letter");
    static const uint8_t zeroes[32];
    CHECK_EQUAL(crc32(zeroes, 32), 0x190A55AD, "of 32 zeroes");
    uint8_t ones[32];
    memset(ones, 0xFF, sizeof ones);
    CHECK_EQUAL(crc32(ones, 32), 0xFF6CAB0B, "of 32 bytes of ones");
}

static void one_seed(uint64_t seed) {
    known_values();
    Random random = random_make(seed, 500);
    const size_t room = SPAN_PAGE_BYTES;
    uint8_t *bytes = span_allocate(room);
    uint8_t *other = span_allocate(room);
    uint8_t *sum = span_allocate(room);
    for (uint32_t round = 0; round < 500; round++) {
        check_step(round);
        size_t length = random_below(&random, round % 50 == 0 ? (uint32_t)room : 3000);
        random_bytes(&random, bytes, length);
        random_bytes(&random, other, length);
        uint32_t whole = crc32(bytes, length);
        CHECK_EQUAL(whole, reference(bytes, length), "the checksum is that of the bit-by-bit method");

        uint32_t pieces = CRC32_EMPTY;
        for (size_t at = 0; at < length;) {
            size_t piece = 1 + random_below(&random, (uint32_t)(length - at));
            pieces = crc32_update(pieces, bytes + at, piece);
            at += piece;
        }
        CHECK_EQUAL(pieces, whole, "pieces give the checksum of the whole");

        /* crc is affine: crc(a) ^ crc(b) ^ crc(a ^ b) depends on the length alone, and is that of zeroes. */
        for (size_t i = 0; i < length; i++) {
            sum[i] = bytes[i] ^ other[i];
        }
        uint32_t of_sum = crc32(sum, length);
        memset(sum, 0, length);
        CHECK_EQUAL(whole ^ crc32(other, length) ^ of_sum, crc32(sum, length), "the checksum is affine");

        if (length > 0) {
            uint32_t at = random_below(&random, (uint32_t)length);
            bytes[at] ^= (uint8_t)(1u << random_below(&random, 8));
            CHECK(crc32(bytes, length) != whole, "one flipped bit is noticed");
        }
    }
    span_free(bytes, room);
    span_free(other, room);
    span_free(sum, room);
}

TEST_MODULE(crc32) {
    check_seeds(first_seed, seed_count, one_seed);
}
