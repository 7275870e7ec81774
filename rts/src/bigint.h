/* Integers of any size, as values: a scalar if it fits one, else a bigint object; never the other way round. */
#ifndef RTS_BIGINT_H
#define RTS_BIGINT_H

#include "value.h"

Value bigint_from_i64(int64_t number);
Value bigint_from_u64(uint64_t number);

/* False, and `*number` untouched, if it does not fit. */
bool bigint_to_i64(Value integer, int64_t *number);
bool bigint_to_u64(Value integer, uint64_t *number);

/* From limbs, least significant first, and a sign; leading zero limbs and a negative zero are put right. */
Value bigint_from_limbs(bool is_negative, const uint32_t *limbs, size_t length);

bool bigint_is_negative(Value integer);
int32_t bigint_compare(Value a, Value b);

Value bigint_negate(Value a);
Value bigint_add(Value a, Value b);
Value bigint_subtract(Value a, Value b);
Value bigint_multiply(Value a, Value b);

/* Rounds towards zero, and the remainder has the sign of `a`; a divisor of zero is fatal. */
Value bigint_divide(Value a, Value b, Value *remainder);

/* a * 2^bits, and the largest integer that is not above a / 2^bits. */
Value bigint_shift_left(Value a, uint32_t bits);
Value bigint_shift_right(Value a, uint32_t bits);

/* A blob of ASCII: an optional '-', then digits. */
Value bigint_to_decimal(Value integer);

/* VALUE_NONE unless all of it is an optional '-' and at least one digit. */
Value bigint_from_decimal(const uint8_t *text, size_t length);

/* A blob of LEB128; the unsigned form of a negative number is fatal. */
Value bigint_to_leb128(Value integer, bool is_signed);

/* Reads from `*source`, before `end`, and moves `*source`; VALUE_NONE, nothing moved, if it ends within the number or
 * if a shorter encoding exists. */
Value bigint_from_leb128(const uint8_t **source, const uint8_t *end, bool is_signed);

#endif
