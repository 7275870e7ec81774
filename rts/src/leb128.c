/* LEB128 encoding and strict decoding. */
#include "leb128.h"

#define CONTINUES 0x80u
#define SIGN 0x40u
#define GROUP 0x7Fu

size_t leb128_encode_unsigned(uint64_t number, uint8_t *target) {
    size_t length = 0;
    while (number > GROUP) {
        target[length++] = (uint8_t)(number | CONTINUES);
        number >>= 7;
    }
    target[length++] = (uint8_t)number;
    return length;
}

size_t leb128_encode_signed(int64_t number, uint8_t *target) {
    size_t length = 0;
    while (number < -0x40 || number > 0x3F) {
        target[length++] = (uint8_t)(((uint64_t)number & GROUP) | CONTINUES);
        number >>= 7;
    }
    target[length++] = (uint8_t)((uint64_t)number & GROUP);
    return length;
}

/* Finds the last byte of the number at `source`: its length goes to `*length`. */
static Leb128Status measure(const uint8_t *source, const uint8_t *end, uint32_t width, size_t *length) {
    size_t available = (size_t)(end - source);
    size_t longest = (width + 6) / 7;
    for (size_t i = 0; i < longest; i++) {
        if (i == available) {
            return LEB128_UNTERMINATED;
        }
        if (!(source[i] & CONTINUES)) {
            *length = i + 1;
            return LEB128_OK;
        }
    }
    return LEB128_OVERLONG;
}

static Leb128Status decode(const uint8_t **source, const uint8_t *end, uint32_t width, bool is_signed,
                           uint64_t *number) {
    const uint8_t *bytes = *source;
    size_t length = 0;
    Leb128Status status = measure(bytes, end, width, &length);
    if (status != LEB128_OK) {
        return status;
    }
    uint8_t last = bytes[length - 1];
    if (length > 1) {
        bool before = bytes[length - 2] & SIGN;
        if (is_signed ? (last == 0 && !before) || (last == GROUP && before) : last == 0) {
            return LEB128_OVERLONG;
        }
    }
    uint64_t result = 0;
    for (size_t i = 0; i < length; i++) {
        result |= (uint64_t)(bytes[i] & GROUP) << (7 * i);
    }
    size_t shift = 7 * (length - 1);
    if (shift + 7 > width) {
        /* The last byte has `width - shift` bits of the number; the others must say nothing new. */
        uint32_t kept = width - (uint32_t)shift;
        uint32_t sign_and_rest = is_signed ? (uint32_t)last >> (kept - 1) : (uint32_t)last >> kept;
        uint32_t all_ones = GROUP >> (kept - 1);
        if (sign_and_rest != 0 && !(is_signed && sign_and_rest == all_ones)) {
            return LEB128_OVERFLOW;
        }
    }
    if (is_signed && (last & SIGN) && shift + 7 < 64) {
        result |= UINT64_MAX << (shift + 7);
    }
    *source = bytes + length;
    *number = result;
    return LEB128_OK;
}

Leb128Status leb128_decode_u32(const uint8_t **source, const uint8_t *end, uint32_t *number) {
    uint64_t wide;
    Leb128Status status = decode(source, end, 32, false, &wide);
    if (status == LEB128_OK) {
        *number = (uint32_t)wide;
    }
    return status;
}

Leb128Status leb128_decode_u64(const uint8_t **source, const uint8_t *end, uint64_t *number) {
    return decode(source, end, 64, false, number);
}

Leb128Status leb128_decode_i32(const uint8_t **source, const uint8_t *end, int32_t *number) {
    uint64_t wide;
    Leb128Status status = decode(source, end, 32, true, &wide);
    if (status == LEB128_OK) {
        *number = (int32_t)(int64_t)wide;
    }
    return status;
}

Leb128Status leb128_decode_i64(const uint8_t **source, const uint8_t *end, int64_t *number) {
    uint64_t wide;
    Leb128Status status = decode(source, end, 64, true, &wide);
    if (status == LEB128_OK) {
        *number = (int64_t)wide;
    }
    return status;
}
