/* UTF-8 decoding that names what is wrong, and encoding. */
#include "utf8.h"

#include "bytes.h"

Utf8Status utf8_decode(const uint8_t *bytes, size_t length, uint32_t *code_point, size_t *size) {
    if (length == 0) {
        return UTF8_TRUNCATED;
    }
    uint8_t lead = bytes[0];
    if (lead < 0x80) {
        *code_point = lead;
        *size = 1;
        return UTF8_OK;
    }
    if (lead < 0xC0) {
        return UTF8_STRAY_CONTINUATION;
    }
    if (lead >= 0xF5) {
        return UTF8_INVALID_LEAD;
    }
    size_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    static const uint32_t smallest[UTF8_MAXIMUM_BYTES + 1] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t result = lead & (0x7Fu >> wanted);
    for (size_t i = 1; i < wanted; i++) {
        if (i >= length || (bytes[i] & 0xC0) != 0x80) {
            return UTF8_TRUNCATED;
        }
        result = result << 6 | (bytes[i] & 0x3Fu);
    }
    if (result < smallest[wanted]) {
        return UTF8_OVERLONG;
    }
    if (result >= 0xD800 && result <= 0xDFFF) {
        return UTF8_SURROGATE;
    }
    if (result > 0x10FFFF) {
        return UTF8_TOO_LARGE;
    }
    *code_point = result;
    *size = wanted;
    return UTF8_OK;
}

size_t utf8_encode(uint32_t code_point, uint8_t *target) {
    if (code_point < 0x80) {
        target[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        target[0] = (uint8_t)(0xC0 | code_point >> 6);
        target[1] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point >= 0xD800 && code_point <= 0xDFFF) {
        return 0;
    }
    if (code_point < 0x10000) {
        target[0] = (uint8_t)(0xE0 | code_point >> 12);
        target[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
        target[2] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 3;
    }
    if (code_point > 0x10FFFF) {
        return 0;
    }
    target[0] = (uint8_t)(0xF0 | code_point >> 18);
    target[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3F));
    target[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
    target[3] = (uint8_t)(0x80 | (code_point & 0x3F));
    return 4;
}

Utf8Status utf8_validate(const uint8_t *bytes, size_t length, size_t *position) {
    size_t at = 0;
    Utf8Status status = UTF8_OK;
    while (at < length) {
        /* Most text is ASCII: eight bytes at a time while no high bit is set. */
        if (length - at >= 8 && !(read_u64(bytes + at) & 0x8080808080808080u)) {
            at += 8;
            continue;
        }
        uint32_t code_point;
        size_t size;
        status = utf8_decode(bytes + at, length - at, &code_point, &size);
        if (status != UTF8_OK) {
            break;
        }
        at += size;
    }
    if (position) {
        *position = at;
    }
    return status;
}

size_t utf8_count(const uint8_t *bytes, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += (bytes[i] & 0xC0) != 0x80;
    }
    return count;
}
