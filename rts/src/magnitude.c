/* Arithmetic on limbs.
 *
 * Two parts are harder than they look. Karatsuba's method replaces one of four half-size products by additions; the
 * sums of halves need one limb more than a half, and the middle product is corrected before it is added, so that
 * nothing is ever negative. Division is Knuth's algorithm D (TAOCP 2, 4.3.1): the divisor is shifted until its top
 * bit is set, which makes a guess from the top two limbs at most two too large; the guess is corrected once with the
 * third limb, and in about one of 2^31 cases a last time by adding the divisor back.
 */
#include "magnitude.h"

#include "bytes.h"
#include "span.h"

size_t magnitude_karatsuba_limbs = 32;

size_t magnitude_trim(const uint32_t *limbs, size_t length) {
    while (length > 0 && limbs[length - 1] == 0) {
        length--;
    }
    return length;
}

uint64_t magnitude_bits(const uint32_t *limbs, size_t length) {
    return length == 0 ? 0 : (uint64_t)length * 32 - (uint64_t)__builtin_clz(limbs[length - 1]);
}

int32_t magnitude_compare(const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length) {
    if (a_length != b_length) {
        return a_length < b_length ? -1 : 1;
    }
    for (size_t i = a_length; i-- > 0;) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

void magnitude_add(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length) {
    uint64_t carry = 0;
    for (size_t i = 0; i < a_length; i++) {
        carry += (uint64_t)a[i] + (i < b_length ? b[i] : 0);
        target[i] = (uint32_t)carry;
        carry >>= 32;
    }
    target[a_length] = (uint32_t)carry;
}

void magnitude_subtract(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < a_length; i++) {
        uint64_t difference = (uint64_t)a[i] - (i < b_length ? b[i] : 0) - borrow;
        target[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
    RTS_ASSERT(borrow == 0, "a difference of magnitudes is negative");
}

/* target[0..length-1] += a, the carry going on as far as it must, within `target_length`. */
static void add_into(uint32_t *target, size_t target_length, const uint32_t *a, size_t length) {
    uint64_t carry = 0;
    for (size_t i = 0; i < target_length && (i < length || carry != 0); i++) {
        carry += (uint64_t)target[i] + (i < length ? a[i] : 0);
        target[i] = (uint32_t)carry;
        carry >>= 32;
    }
    RTS_ASSERT(carry == 0, "a carry out of a product");
}

static void multiply_schoolbook(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b,
                                size_t b_length) {
    memset(target, 0, (a_length + b_length) * sizeof(uint32_t));
    for (size_t i = 0; i < a_length; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < b_length; j++) {
            carry += (uint64_t)a[i] * b[j] + target[i + j];
            target[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        target[i + b_length] = (uint32_t)carry;
    }
}

/* Limbs of scratch for `multiply_karatsuba`: 4 (h + 1) at each level, where h is about half, and some for rounding. */
static size_t karatsuba_scratch(size_t length) {
    return length * 4 + 512;
}

/* target[0..2*length-1] = a * b, both of `length` limbs. */
static void multiply_karatsuba(uint32_t *target, const uint32_t *a, const uint32_t *b, size_t length,
                               uint32_t *scratch) {
    if (length < magnitude_karatsuba_limbs || length < 4) {
        multiply_schoolbook(target, a, length, b, length);
        return;
    }
    size_t half = (length + 1) / 2;
    size_t rest = length - half;
    uint32_t *a_sum = scratch;
    uint32_t *b_sum = a_sum + half + 1;
    uint32_t *middle = b_sum + half + 1;
    uint32_t *deeper = middle + 2 * (half + 1);
    multiply_karatsuba(target, a, b, half, deeper);
    multiply_karatsuba(target + 2 * half, a + half, b + half, rest, deeper);
    magnitude_add(a_sum, a, half, a + half, rest);
    magnitude_add(b_sum, b, half, b + half, rest);
    multiply_karatsuba(middle, a_sum, b_sum, half + 1, deeper);
    magnitude_subtract(middle, middle, 2 * (half + 1), target, 2 * half);
    magnitude_subtract(middle, middle, 2 * (half + 1), target + 2 * half, 2 * rest);
    add_into(target + half, 2 * length - half, middle, magnitude_trim(middle, 2 * (half + 1)));
}

/* Cuts the longer operand into pieces as long as the shorter one. */
static void multiply_in_pieces(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b,
                               size_t b_length) {
    size_t scratch_limbs = 2 * b_length + karatsuba_scratch(b_length);
    uint32_t *product = span_allocate(scratch_limbs * sizeof(uint32_t));
    memset(target, 0, (a_length + b_length) * sizeof(uint32_t));
    size_t at = 0;
    for (; at + b_length <= a_length; at += b_length) {
        multiply_karatsuba(product, a + at, b, b_length, product + 2 * b_length);
        add_into(target + at, a_length + b_length - at, product, 2 * b_length);
    }
    if (at < a_length) {
        magnitude_multiply(product, b, b_length, a + at, a_length - at);
        add_into(target + at, a_length + b_length - at, product, a_length - at + b_length);
    }
    span_free(product, scratch_limbs * sizeof(uint32_t));
}

void magnitude_multiply(uint32_t *target, const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length) {
    if (a_length < b_length) {
        magnitude_multiply(target, b, b_length, a, a_length);
    } else if (b_length < magnitude_karatsuba_limbs) {
        multiply_schoolbook(target, a, a_length, b, b_length);
    } else {
        multiply_in_pieces(target, a, a_length, b, b_length);
    }
}

uint32_t magnitude_multiply_small(uint32_t *a, size_t length, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (size_t i = 0; i < length; i++) {
        carry += (uint64_t)a[i] * factor;
        a[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

uint32_t magnitude_divide_small(uint32_t *a, size_t length, uint32_t divisor) {
    uint64_t remainder = 0;
    for (size_t i = length; i-- > 0;) {
        remainder = remainder << 32 | a[i];
        a[i] = (uint32_t)(remainder / divisor);
        remainder %= divisor;
    }
    return (uint32_t)remainder;
}

void magnitude_shift_left(uint32_t *target, const uint32_t *a, size_t length, uint32_t bits) {
    uint32_t above = 0;
    target[length] = 0;
    for (size_t i = length; i-- > 0;) {
        uint64_t wide = (uint64_t)a[i] << bits;
        above = (uint32_t)(wide >> 32);
        target[i + 1] |= above;
        target[i] = (uint32_t)wide;
    }
}

void magnitude_shift_right(uint32_t *target, const uint32_t *a, size_t length, uint32_t bits) {
    for (size_t i = 0; i < length; i++) {
        uint64_t wide = (uint64_t)(i + 1 < length ? a[i + 1] : 0) << 32 | a[i];
        target[i] = (uint32_t)(wide >> bits);
    }
}

/* One digit of the quotient: the top of `window`, b_length + 1 limbs, divided by b; window becomes the remainder. */
static uint32_t divide_digit(uint32_t *window, const uint32_t *b, size_t b_length) {
    const uint64_t base = (uint64_t)1 << 32;
    uint64_t top = (uint64_t)window[b_length] << 32 | window[b_length - 1];
    uint64_t guess = top / b[b_length - 1];
    uint64_t rest = top % b[b_length - 1];
    while (guess >= base || guess * b[b_length - 2] > (rest << 32 | window[b_length - 2])) {
        guess--;
        rest += b[b_length - 1];
        if (rest >= base) {
            break;
        }
    }
    uint64_t borrow = 0;
    for (size_t i = 0; i < b_length; i++) {
        uint64_t product = guess * b[i] + borrow;
        borrow = (product >> 32) + (window[i] < (uint32_t)product);
        window[i] -= (uint32_t)product;
    }
    bool is_too_large = window[b_length] < borrow;
    window[b_length] -= (uint32_t)borrow;
    if (is_too_large) {
        guess--;
        uint64_t carry = 0;
        for (size_t i = 0; i < b_length; i++) {
            carry += (uint64_t)window[i] + b[i];
            window[i] = (uint32_t)carry;
            carry >>= 32;
        }
        window[b_length] += (uint32_t)carry;
    }
    return (uint32_t)guess;
}

void magnitude_divide(uint32_t *quotient, uint32_t *remainder, const uint32_t *a, size_t a_length, const uint32_t *b,
                      size_t b_length) {
    if (b_length == 1) {
        memcpy(quotient, a, a_length * sizeof(uint32_t));
        remainder[0] = magnitude_divide_small(quotient, a_length, b[0]);
        return;
    }
    size_t scratch_limbs = a_length + 1 + b_length + 1;
    uint32_t *window = span_allocate(scratch_limbs * sizeof(uint32_t));
    uint32_t *divisor = window + a_length + 1;
    uint32_t shift = (uint32_t)__builtin_clz(b[b_length - 1]);
    magnitude_shift_left(window, a, a_length, shift);
    magnitude_shift_left(divisor, b, b_length, shift);
    for (size_t i = a_length - b_length + 1; i-- > 0;) {
        quotient[i] = divide_digit(window + i, divisor, b_length);
    }
    magnitude_shift_right(remainder, window, b_length, shift);
    span_free(window, scratch_limbs * sizeof(uint32_t));
}
