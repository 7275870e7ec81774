/* UTF-8, as of RFC 3629: what is valid, and code points to bytes and back. */
#ifndef RTS_UTF8_H
#define RTS_UTF8_H

#include "base.h"

typedef enum Utf8Status {
    UTF8_OK,
    UTF8_STRAY_CONTINUATION, /* 80..BF where a character should begin */
    UTF8_INVALID_LEAD,       /* F5..FF: no character begins so */
    UTF8_TRUNCATED,          /* the input ends, or another character begins, within a character */
    UTF8_OVERLONG,           /* a shorter form of the same code point exists */
    UTF8_SURROGATE,          /* U+D800..U+DFFF */
    UTF8_TOO_LARGE,          /* above U+10FFFF */
} Utf8Status;

#define UTF8_MAXIMUM_BYTES 4

/* Decodes the character at the beginning of `length` bytes; `*size` is set to its bytes, and both only if it is valid. */
Utf8Status utf8_decode(const uint8_t *bytes, size_t length, uint32_t *code_point, size_t *size);

/* Returns the number of bytes written; zero if the code point is a surrogate or too large. */
size_t utf8_encode(uint32_t code_point, uint8_t *target);

/* Checks all of it; `*position`, if not null, is where the first invalid character begins, or `length`. */
Utf8Status utf8_validate(const uint8_t *bytes, size_t length, size_t *position);

/* The number of characters in valid bytes. */
size_t utf8_count(const uint8_t *bytes, size_t length);

#endif
