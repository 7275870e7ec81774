/* Textual identifiers: known ones, round trips, and every way to be wrong. */
#include "../src/principal_id.h"

#include "../src/bytes.h"
#include "../src/crc32.h"
#include "check.h"
#include "random.h"

static size_t text_length(const char *text) {
    size_t length = 0;
    while (text[length]) {
        length++;
    }
    return length;
}

static PrincipalStatus decode(const char *text, size_t length) {
    uint8_t bytes[PRINCIPAL_MAXIMUM_BYTES];
    size_t decoded = 12345;
    PrincipalStatus status = principal_decode(text, length, bytes, &decoded);
    CHECK(status == PRINCIPAL_OK || decoded == 12345, "what is refused has no length");
    return status;
}

static void known_identifiers(void) {
    static const struct {
        const char *text;
        size_t length;
        uint8_t bytes[10];
    } known[] = {
        {"aaaaa-aa", 0, {0}},
        {"2vxsx-fae", 1, {0x04}},
        {"rrkah-fqaaa-aaaaa-aaaaq-cai", 10, {0, 0, 0, 0, 0, 0, 0, 1, 1, 1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[PRINCIPAL_MAXIMUM_TEXT];
        size_t length = principal_encode(known[i].bytes, known[i].length, text);
        CHECK_EQUAL(length, text_length(known[i].text), "a known identifier's length");
        CHECK(memcmp(text, known[i].text, length) == 0, "a known identifier");
        uint8_t bytes[PRINCIPAL_MAXIMUM_BYTES];
        size_t decoded;
        CHECK_EQUAL(principal_decode(known[i].text, length, bytes, &decoded), PRINCIPAL_OK, "is read back");
        CHECK(decoded == known[i].length && memcmp(bytes, known[i].bytes, decoded) == 0, "to its bytes");
    }
}

static void refusals(void) {
    static const struct {
        const char *text;
        PrincipalStatus status;
    } wrong[] = {
        {"", PRINCIPAL_TOO_SHORT},
        {"aaaaa", PRINCIPAL_TOO_SHORT},
        {"aaaaa-a", PRINCIPAL_BAD_LENGTH},
        {"aaaaa-ab", PRINCIPAL_BAD_LENGTH}, /* the last digit carries bits that no byte has */
        {"2vxsx-fab", PRINCIPAL_BAD_CHECKSUM},
        {"2vxsx-fa", PRINCIPAL_BAD_CHECKSUM},
        {"aaaaa-", PRINCIPAL_BAD_GROUPING},
        {"aaaaaaa", PRINCIPAL_BAD_GROUPING},
        {"aaaa-aaa", PRINCIPAL_BAD_GROUPING},
        {"-aaaaa-aa", PRINCIPAL_BAD_GROUPING},
        {"aaaaa--aa", PRINCIPAL_BAD_GROUPING},
        {"aaaaa-aa-", PRINCIPAL_BAD_GROUPING},
        {"aaaaa-aA", PRINCIPAL_BAD_CHARACTER},
        {"AAAAA-AA", PRINCIPAL_BAD_CHARACTER},
        {"aaaaa-a1", PRINCIPAL_BAD_CHARACTER},
        {"aaaaa-a8", PRINCIPAL_BAD_CHARACTER},
        {"aaaaa-a{", PRINCIPAL_BAD_CHARACTER},
        {"aaaaa-a`", PRINCIPAL_BAD_CHARACTER},
        {"aaaaa aa", PRINCIPAL_BAD_GROUPING},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check_step(i);
        PrincipalStatus status = decode(wrong[i].text, text_length(wrong[i].text));
        CHECK_EQUAL(status, wrong[i].status, "a wrong identifier is refused");
    }
    char longest[PRINCIPAL_MAXIMUM_TEXT + 1];
    memset(longest, 'a', sizeof longest);
    CHECK_EQUAL(decode(longest, sizeof longest), PRINCIPAL_TOO_LONG, "a long identifier is refused");
}

/* By the definition: a bit at a time. */
static size_t reference_encode(const uint8_t *bytes, size_t length, char *text) {
    uint8_t raw[4 + PRINCIPAL_MAXIMUM_BYTES];
    uint32_t crc = crc32(bytes, length);
    for (size_t i = 0; i < 4; i++) {
        raw[i] = (uint8_t)(crc >> (24 - 8 * i));
    }
    memcpy(raw + 4, bytes, length);
    size_t bits = (4 + length) * 8;
    size_t written = 0;
    for (size_t digit = 0; digit * 5 < bits; digit++) {
        uint32_t value = 0;
        for (size_t bit = digit * 5; bit < digit * 5 + 5; bit++) {
            value = value * 2 + (bit < bits ? raw[bit / 8] >> (7 - bit % 8) & 1 : 0);
        }
        if (digit % 5 == 0 && digit > 0) {
            text[written++] = '-';
        }
        text[written++] = (char)(value < 26 ? 'a' + value : '2' + value - 26);
    }
    return written;
}

static void round_trip(Random *random) {
    uint8_t bytes[PRINCIPAL_MAXIMUM_BYTES];
    uint8_t back[PRINCIPAL_MAXIMUM_BYTES];
    char text[PRINCIPAL_MAXIMUM_TEXT];
    char expected[PRINCIPAL_MAXIMUM_TEXT];
    size_t length = random_below(random, PRINCIPAL_MAXIMUM_BYTES + 1);
    random_bytes(random, bytes, length);
    size_t written = principal_encode(bytes, length, text);
    CHECK_EQUAL(written, reference_encode(bytes, length, expected), "an identifier's length is as defined");
    CHECK(memcmp(text, expected, written) == 0, "an identifier is as defined");
    size_t decoded = 0;
    CHECK_EQUAL(principal_decode(text, written, back, &decoded), PRINCIPAL_OK, "an identifier is read back");
    CHECK_EQUAL(decoded, length, "to as many bytes");
    CHECK(memcmp(bytes, back, length) == 0, "and the same");

    /* One changed character is always noticed: four bytes of checksum see any five bits. */
    size_t at = random_below(random, (uint32_t)written);
    char former = text[at];
    text[at] = "abcdefghijklmnopqrstuvwxyz234567-ABZ018 "[random_below(random, 40)];
    CHECK_EQUAL(decode(text, written) == PRINCIPAL_OK, text[at] == former, "a changed character is noticed");
    text[at] = former;
    /* So is a missing one, or an upper-case form. */
    CHECK(decode(text, written - 1) != PRINCIPAL_OK, "a missing character is noticed");
    if (former >= 'a' && former <= 'z') {
        text[at] = (char)(former - 'a' + 'A');
        CHECK_EQUAL(decode(text, written), PRINCIPAL_BAD_CHARACTER, "upper case is refused");
    }
}

static void one_seed(uint64_t seed) {
    known_identifiers();
    refusals();
    Random random = random_make(seed, 550);
    for (uint32_t round = 0; round < 60000; round++) {
        check_step(1000 + round);
        round_trip(&random);
    }
}

TEST_MODULE(principal_id) {
    check_seeds(first_seed, seed_count, one_seed);
}
