/* Natural numbers as arrays of 32-bit limbs, least significant first: the arithmetic below bigint.h.
 *
 * Lengths may count leading zero limbs unless said otherwise. Targets may be the same array as an operand only where
 * that is said.
 */
#ifndef RTS_MAGNITUDE_H
#define RTS_MAGNITUDE_H

#include "base.h"

/* The length without leading zero limbs. */
size_t magnitude_trim(const uint32_t *limbs, size_t length);

/* Bits up to the highest one that is set; the length is trimmed. */
uint64_t magnitude_bits(const uint32_t *limbs, size_t length);

/* Negative, zero or positive; both lengths are trimmed. */
int32_t magnitude_compare(const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length);

/* target[0..a_length] = a + b, one limb longer than a; a is not shorter than b; the target may be a. */
void magnitude_add(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length);

/* target[0..a_length-1] = a - b, which is not negative; a is not shorter than b; the target may be a. */
void magnitude_subtract(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length);

/* target[0..a_length+b_length-1] = a * b. */
void magnitude_multiply(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length);

/* a = a * factor + addend in place; returns the limb that is carried out. */
uint32_t magnitude_multiply_small(uint32_t *a, size_t length, uint32_t factor, uint32_t addend);

/* a = a / divisor in place; returns the remainder. */
uint32_t magnitude_divide_small(uint32_t *a, size_t length, uint32_t divisor);

/* quotient[0..a_length-b_length] = a / b, remainder[0..b_length-1] = a % b; b is trimmed and not zero, a is not
 * shorter than b. */
void magnitude_divide(uint32_t *quotient, uint32_t *remainder, const uint32_t *a, size_t a_length, const uint32_t *b,
                      size_t b_length);

/* target[0..length] = a << bits, where bits < 32; the target may be a. */
void magnitude_shift_left(uint32_t *target, const uint32_t *a, size_t length, uint32_t bits);

/* target[0..length-1] = a >> bits, where bits < 32; the target may be a. */
void magnitude_shift_right(uint32_t *target, const uint32_t *a, size_t length, uint32_t bits);

/* From how many limbs on Karatsuba's method is used; at least 4. A variable for tests and for tuning. */
extern size_t magnitude_karatsuba_limbs;

#endif
