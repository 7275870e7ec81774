/* Identifiers to text and back. */
#include "principal_id.h"

#include "bytes.h"
#include "crc32.h"

#define CHECKSUM_BYTES 4
#define GROUP_DIGITS 5

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

size_t principal_encode(const uint8_t *bytes, size_t length, char *text) {
    RTS_REQUIRE(length <= PRINCIPAL_MAXIMUM_BYTES, "an identifier is too long");
    uint8_t raw[CHECKSUM_BYTES + PRINCIPAL_MAXIMUM_BYTES + 1] = {0};
    write_u32_big(raw, crc32(bytes, length));
    memcpy(raw + CHECKSUM_BYTES, bytes, length);
    size_t digit_count = ((CHECKSUM_BYTES + length) * 8 + 4) / 5;
    size_t written = 0;
    for (size_t digit = 0; digit < digit_count; digit++) {
        if (digit > 0 && digit % GROUP_DIGITS == 0) {
            text[written++] = '-';
        }
        /* Five bits lie in two bytes; behind the last byte is the zero that fills the last digit. */
        size_t bit = digit * 5;
        uint32_t window = (uint32_t)raw[bit / 8] << 8 | raw[bit / 8 + 1];
        text[written++] = digits[window >> (11 - bit % 8) & 31];
    }
    return written;
}

static int32_t digit_value(char character) {
    if (character >= 'a' && character <= 'z') {
        return character - 'a';
    }
    if (character >= '2' && character <= '7') {
        return character - '2' + 26;
    }
    return -1;
}

PrincipalStatus principal_decode(const char *text, size_t text_length, uint8_t *bytes, size_t *length) {
    if (text_length > PRINCIPAL_MAXIMUM_TEXT) {
        return PRINCIPAL_TOO_LONG;
    }
    uint8_t raw[CHECKSUM_BYTES + PRINCIPAL_MAXIMUM_BYTES + 1];
    size_t raw_length = 0;
    uint32_t pending = 0;
    uint32_t pending_bits = 0;
    for (size_t i = 0; i < text_length; i++) {
        bool is_dash_due = i % (GROUP_DIGITS + 1) == GROUP_DIGITS;
        if (is_dash_due != (text[i] == '-')) {
            return is_dash_due || text[i] == '-' ? PRINCIPAL_BAD_GROUPING : PRINCIPAL_BAD_CHARACTER;
        }
        if (is_dash_due) {
            if (i + 1 == text_length) {
                return PRINCIPAL_BAD_GROUPING;
            }
            continue;
        }
        int32_t value = digit_value(text[i]);
        if (value < 0) {
            return PRINCIPAL_BAD_CHARACTER;
        }
        pending = pending << 5 | (uint32_t)value;
        pending_bits += 5;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            raw[raw_length++] = (uint8_t)(pending >> pending_bits);
        }
    }
    /* Five bits or more left over are a digit too many; fewer must be the zeroes that fill the last digit. */
    if (pending_bits >= 5 || (pending & ((1u << pending_bits) - 1)) != 0) {
        return PRINCIPAL_BAD_LENGTH;
    }
    if (raw_length < CHECKSUM_BYTES) {
        return PRINCIPAL_TOO_SHORT;
    }
    uint8_t checksum[CHECKSUM_BYTES];
    write_u32_big(checksum, crc32(raw + CHECKSUM_BYTES, raw_length - CHECKSUM_BYTES));
    if (memcmp(checksum, raw, CHECKSUM_BYTES) != 0) {
        return PRINCIPAL_BAD_CHECKSUM;
    }
    *length = raw_length - CHECKSUM_BYTES;
    memcpy(bytes, raw + CHECKSUM_BYTES, *length);
    return PRINCIPAL_OK;
}
