/* Integers to decimal text and to LEB128, and back. */
#include "bigint.h"

#include "bytes.h"
#include "heap.h"
#include "integer_view.h"
#include "magnitude.h"

/* Nine decimal digits at a time: the most that a limb holds. */
#define CHUNK 1000000000u
#define CHUNK_DIGITS 9

Value bigint_to_decimal(Value integer) {
    IntegerView view = integer_view(integer);
    /* A limb has fewer than ten digits; one more for the sign, one for a lone zero. */
    size_t room_for_text = view.length * 10 + 2;
    LimbRoom room;
    uint32_t *rest = limb_room_take(&room, view.length + room_for_text / sizeof(uint32_t) + 1);
    uint8_t *text = (uint8_t *)(rest + view.length);
    memcpy(rest, integer_limbs(&view), view.length * sizeof(uint32_t));
    size_t at = room_for_text;
    size_t length = view.length;
    do {
        uint32_t chunk = magnitude_divide_small(rest, length, CHUNK);
        length = magnitude_trim(rest, length);
        for (int digit = 0; digit < CHUNK_DIGITS && (length > 0 || chunk > 0); digit++) {
            text[--at] = (uint8_t)('0' + chunk % 10);
            chunk /= 10;
        }
    } while (length > 0);
    if (at == room_for_text) {
        text[--at] = '0';
    }
    if (view.is_negative) {
        text[--at] = '-';
    }
    Value result = heap_allocate(KIND_BLOB, room_for_text - at);
    memcpy(value_bytes(result), text + at, room_for_text - at);
    limb_room_give_back(&room);
    return result;
}

Value bigint_from_decimal(const uint8_t *text, size_t length) {
    bool is_negative = length > 0 && text[0] == '-';
    size_t at = is_negative ? 1 : 0;
    if (at == length) {
        return VALUE_NONE;
    }
    for (size_t i = at; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return VALUE_NONE;
        }
    }
    size_t capacity = length / CHUNK_DIGITS + 2;
    LimbRoom room;
    uint32_t *limbs = limb_room_take(&room, capacity);
    size_t used = 0;
    while (at < length) {
        uint32_t factor = 1;
        uint32_t chunk = 0;
        for (int digit = 0; digit < CHUNK_DIGITS && at < length; digit++) {
            chunk = chunk * 10 + (uint32_t)(text[at++] - '0');
            factor *= 10;
        }
        uint32_t carry = magnitude_multiply_small(limbs, used, factor, chunk);
        if (carry > 0) {
            limbs[used++] = carry;
        }
    }
    Value result = bigint_from_limbs(is_negative, limbs, used);
    limb_room_give_back(&room);
    return result;
}

/* Seven bits of a magnitude, from bit `at` on; zeroes behind its end. */
static uint32_t group_at(const uint32_t *limbs, size_t length, size_t at) {
    uint64_t window = at / 32 < length ? limbs[at / 32] : 0;
    window |= (uint64_t)(at / 32 + 1 < length ? limbs[at / 32 + 1] : 0) << 32;
    return (uint32_t)(window >> at % 32) & 0x7F;
}

Value bigint_to_leb128(Value integer, bool is_signed) {
    IntegerView view = integer_view(integer);
    RTS_REQUIRE(is_signed || !view.is_negative, "a negative number has no unsigned form");
    LimbRoom room;
    uint32_t *limbs = limb_room_take(&room, view.length + 1);
    memcpy(limbs, integer_limbs(&view), view.length * sizeof(uint32_t));
    if (view.is_negative) {
        /* In two's complement, -m is the complement of m - 1. */
        static const uint32_t one = 1;
        magnitude_subtract(limbs, limbs, view.length, &one, 1);
    }
    uint64_t bits = magnitude_bits(limbs, magnitude_trim(limbs, view.length)) + is_signed;
    size_t groups = bits == 0 ? 1 : (size_t)((bits + 6) / 7);
    Value result = heap_allocate(KIND_BLOB, groups);
    uint8_t *bytes = value_bytes(result);
    for (size_t i = 0; i < groups; i++) {
        uint32_t group = group_at(limbs, view.length, i * 7) ^ (view.is_negative ? 0x7F : 0);
        bytes[i] = (uint8_t)(group | (i + 1 < groups ? 0x80 : 0));
    }
    limb_room_give_back(&room);
    return result;
}

Value bigint_from_leb128(const uint8_t **source, const uint8_t *end, bool is_signed) {
    const uint8_t *bytes = *source;
    size_t available = (size_t)(end - bytes);
    size_t groups = 0;
    while (groups < available && bytes[groups] & 0x80) {
        groups++;
    }
    if (groups == available) {
        return VALUE_NONE;
    }
    uint8_t last = bytes[groups++];
    if (groups > 1) {
        bool before = bytes[groups - 2] & 0x40;
        if (is_signed ? (last == 0 && !before) || (last == 0x7F && before) : last == 0) {
            return VALUE_NONE;
        }
    }
    bool is_negative = is_signed && last & 0x40;
    size_t length = groups * 7 / 32 + 2;
    LimbRoom room;
    uint32_t *limbs = limb_room_take(&room, length + 1);
    for (size_t i = 0; i < groups; i++) {
        uint32_t group = (bytes[i] & 0x7Fu) ^ (is_negative ? 0x7F : 0);
        uint64_t wide = (uint64_t)group << (i * 7 % 32);
        limbs[i * 7 / 32] |= (uint32_t)wide;
        limbs[i * 7 / 32 + 1] |= (uint32_t)(wide >> 32);
    }
    if (is_negative) {
        static const uint32_t one = 1;
        magnitude_add(limbs, limbs, length, &one, 1);
    }
    Value result = bigint_from_limbs(is_negative, limbs, length);
    limb_room_give_back(&room);
    *source = bytes + groups;
    return result;
}
