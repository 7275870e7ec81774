/* LEB128: integers in groups of seven bits, least significant first. One encoding a number: others are refused. */
#ifndef RTS_LEB128_H
#define RTS_LEB128_H

#include "base.h"

#define LEB128_MAXIMUM_BYTES 10

typedef enum Leb128Status {
    LEB128_OK,
    LEB128_UNTERMINATED, /* the input ends within the number */
    LEB128_OVERLONG,     /* a shorter encoding of the same number exists, or more bytes than any number needs */
    LEB128_OVERFLOW,     /* bits beyond the width are not zero, or not copies of the sign */
} Leb128Status;

/* Write at most LEB128_MAXIMUM_BYTES; return how many. */
size_t leb128_encode_unsigned(uint64_t number, uint8_t *target);
size_t leb128_encode_signed(int64_t number, uint8_t *target);

/* Read from `*source`, before `end`; move `*source` behind the number and set `*number` only if it is well formed. */
Leb128Status leb128_decode_u32(const uint8_t **source, const uint8_t *end, uint32_t *number);
Leb128Status leb128_decode_u64(const uint8_t **source, const uint8_t *end, uint64_t *number);
Leb128Status leb128_decode_i32(const uint8_t **source, const uint8_t *end, int32_t *number);
Leb128Status leb128_decode_i64(const uint8_t **source, const uint8_t *end, int64_t *number);

#endif
