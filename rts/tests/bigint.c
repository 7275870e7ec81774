/* Integers: known values, algebra, borders of the representation, conversions; and residues as an independent witness. */
#include "../src/bigint.h"

#include "../src/bytes.h"
#include "../src/heap.h"
#include "../src/leb128.h"
#include "../src/magnitude.h"
#include "../src/object.h"
#include "../src/span.h"
#include "check.h"
#include "random.h"

#define HEAP_BYTES (8u << 20)
#define MAXIMUM_LIMBS 300

/* Prime, and small enough that a product of residues and a limb fit 64 bits. */
#define MODULUS 2147483629u

static void fresh_heap(void) {
    heap_initialise(HEAP_BYTES);
}

static bool is_equal(Value a, Value b) {
    return bigint_compare(a, b) == 0;
}

/* Nothing that fits a scalar is an object, no object has a leading zero, zero has no sign. */
static void check_canonical(Value integer) {
    if (value_is_scalar(integer)) {
        return;
    }
    CHECK(value_has_kind(integer, KIND_BIGINT), "an integer is a scalar or a bigint");
    const uint32_t *limbs = (const uint32_t *)value_bytes(integer);
    size_t length = value_length(integer);
    CHECK(length >= 2 && limbs[length - 1] != 0, "a bigint has no leading zero");
    CHECK(limbs[0] <= 1, "a sign is zero or one");
    int64_t number;
    CHECK(!bigint_to_i64(integer, &number) || number > SCALAR_MAXIMUM || number < SCALAR_MINIMUM,
          "what fits a scalar is one");
}

/* The integer modulo a prime, in [0, MODULUS), computed from the limbs alone. */
static uint64_t residue(Value integer) {
    uint64_t result = 0;
    bool is_negative;
    if (value_is_scalar(integer)) {
        int64_t number = value_to_scalar(integer);
        is_negative = number < 0;
        result = (is_negative ? 0 - (uint64_t)number : (uint64_t)number) % MODULUS;
    } else {
        const uint32_t *limbs = (const uint32_t *)value_bytes(integer);
        is_negative = limbs[0] != 0;
        for (size_t i = value_length(integer); i-- > 1;) {
            result = (result << 32 | limbs[i]) % MODULUS;
        }
    }
    return is_negative && result > 0 ? MODULUS - result : result;
}

/* Of any length up to so many limbs; often with long runs of ones or zeroes, where carries and guesses go far. */
static Value random_integer(Random *random, uint32_t maximum_limbs) {
    uint32_t limbs[MAXIMUM_LIMBS];
    uint32_t length = random_between(random, 0, maximum_limbs);
    uint32_t style = random_below(random, 4);
    for (uint32_t i = 0; i < length; i++) {
        uint32_t limb = random_u32(random);
        limbs[i] = style == 0   ? limb
                   : style == 1 ? (limb & 1 ? UINT32_MAX : 0)
                   : style == 2 ? (limb % 8 ? UINT32_MAX : limb)
                                : (limb % 8 ? 0 : limb >> (limb % 32));
    }
    return bigint_from_limbs(random_chance(random, 50), limbs, length);
}

static Value from_text(const char *text) {
    size_t length = 0;
    while (text[length]) {
        length++;
    }
    return bigint_from_decimal((const uint8_t *)text, length);
}

static void expect_text(Value integer, const char *expected) {
    Value text = bigint_to_decimal(integer);
    size_t length = value_length(text);
    CHECK(memcmp(value_bytes(text), expected, length) == 0 && expected[length] == '\0', "an integer's known digits");
    CHECK(is_equal(from_text(expected), integer), "known digits are read back");
}

static void known_values(void) {
    fresh_heap();
    expect_text(bigint_from_i64(0), "0");
    expect_text(bigint_from_i64(-1), "-1");
    expect_text(bigint_from_i64(1000000000), "1000000000");
    expect_text(bigint_from_i64(-999999999), "-999999999");
    expect_text(bigint_from_i64(INT64_MIN), "-9223372036854775808");
    expect_text(bigint_from_u64(UINT64_MAX), "18446744073709551615");
    expect_text(bigint_shift_left(bigint_from_i64(1), 128), "340282366920938463463374607431768211456");
    Value factorial = bigint_from_i64(1);
    for (int64_t i = 2; i <= 30; i++) {
        factorial = bigint_multiply(factorial, bigint_from_i64(i));
    }
    expect_text(factorial, "265252859812191058636308480000000");
    Value power = bigint_from_i64(1);
    for (int64_t i = 0; i < 40; i++) {
        power = bigint_multiply(power, bigint_from_i64(-10));
    }
    expect_text(power, "10000000000000000000000000000000000000000");
    static const char *const malformed[] = {"", "-", "+1", "1 ", " 1", "1a", "--1", "1-"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        CHECK_EQUAL(from_text(malformed[i]), VALUE_NONE, "what is no number is refused");
    }
    CHECK(is_equal(from_text("-000"), bigint_from_i64(0)), "leading zeroes and a negative zero are read");
}

/* The guess of Knuth's algorithm is one too large: the rare step that adds the divisor back. */
static void division_adds_back(void) {
    static const uint32_t dividend[] = {0x00000003, 0x00000000, 0x80000000};
    static const uint32_t divisor[] = {0x00000001, 0x00000000, 0x20000000};
    static const uint32_t dividend_2[] = {0, 0, 0x8000, 0x7FFF};
    static const uint32_t divisor_2[] = {1, 0, 0x8000};
    static const uint32_t dividend_3[] = {0, 0xFFFFFFFE, 0x80000000};
    static const uint32_t divisor_3[] = {0xFFFFFFFF, 0x80000000};
    const struct {
        const uint32_t *a, *b;
        size_t a_length, b_length;
        uint32_t quotient;
    } cases[] = {
        {dividend, divisor, 3, 3, 3},
        {dividend_2, divisor_2, 4, 3, 0xFFFE0000},
        {dividend_3, divisor_3, 3, 2, 0xFFFFFFFF},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fresh_heap();
        Value a = bigint_from_limbs(false, cases[i].a, cases[i].a_length);
        Value b = bigint_from_limbs(false, cases[i].b, cases[i].b_length);
        Value remainder;
        Value quotient = bigint_divide(a, b, &remainder);
        CHECK(is_equal(quotient, bigint_from_u64(cases[i].quotient)), "a quotient whose guess is too large");
        CHECK(bigint_compare(remainder, b) < 0 && !bigint_is_negative(remainder), "a remainder below the divisor");
        CHECK(is_equal(bigint_add(bigint_multiply(quotient, b), remainder), a), "and they belong together");
    }
}

static void conversions(Random *random) {
    fresh_heap();
    for (uint32_t i = 0; i < 400; i++) {
        uint64_t number = random_wide(random);
        number = i < 64 ? (uint64_t)1 << i : i < 128 ? ((uint64_t)1 << (i - 64)) - 1 : number;
        uint64_t back = 1;
        int64_t back_signed = 1;
        Value integer = bigint_from_u64(number);
        check_canonical(integer);
        CHECK(bigint_to_u64(integer, &back) && back == number, "64 bits without a sign come back");
        CHECK_EQUAL(bigint_to_i64(integer, &back_signed), number <= INT64_MAX, "and fit with a sign if they do");
        integer = bigint_from_i64((int64_t)number);
        check_canonical(integer);
        CHECK(bigint_to_i64(integer, &back_signed) && back_signed == (int64_t)number, "64 bits with a sign come back");
        CHECK_EQUAL(bigint_to_u64(integer, &back), (int64_t)number >= 0, "and fit without one if they do");

        uint8_t bytes[LEB128_MAXIMUM_BYTES];
        Value leb = bigint_to_leb128(integer, true);
        CHECK_EQUAL(value_length(leb), leb128_encode_signed((int64_t)number, bytes), "a signed LEB128's length");
        CHECK(memcmp(value_bytes(leb), bytes, value_length(leb)) == 0, "is what the other encoder says");
        leb = bigint_to_leb128(bigint_from_u64(number), false);
        CHECK_EQUAL(value_length(leb), leb128_encode_unsigned(number, bytes), "an unsigned LEB128's length");
        CHECK(memcmp(value_bytes(leb), bytes, value_length(leb)) == 0, "is what the other encoder says");
    }
    static const int64_t borders[] = {SCALAR_MINIMUM, SCALAR_MAXIMUM, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof borders / sizeof borders[0]; i++) {
        for (int64_t step = borders[i] == INT64_MIN ? 0 : -1; step <= (borders[i] == INT64_MAX ? 0 : 1); step++) {
            int64_t border = borders[i] + step;
            Value integer = bigint_from_i64(border);
            check_canonical(integer);
            CHECK_EQUAL(value_is_scalar(integer), border >= SCALAR_MINIMUM && border <= SCALAR_MAXIMUM,
                        "an integer is a scalar exactly if it fits one");
            int64_t back = 0;
            CHECK(bigint_to_i64(integer, &back) && back == border, "numbers at a border come back");
        }
    }
    Value beyond = bigint_add(bigint_from_u64(UINT64_MAX), bigint_from_i64(1));
    uint64_t number;
    int64_t number_signed;
    CHECK(!bigint_to_u64(beyond, &number) && !bigint_to_i64(beyond, &number_signed), "2^64 fits neither");
    CHECK(bigint_to_i64(bigint_from_i64(INT64_MIN), &number_signed), "the least number fits");
    CHECK(!bigint_to_i64(bigint_negate(bigint_from_i64(INT64_MIN)), &number_signed), "its negation does not");
}

static void leb128_of(Value integer) {
    for (uint32_t is_signed = bigint_is_negative(integer); is_signed < 2; is_signed++) {
        Value leb = bigint_to_leb128(integer, is_signed);
        const uint8_t *at = value_bytes(leb);
        const uint8_t *end = at + value_length(leb);
        Value back = bigint_from_leb128(&at, end, is_signed);
        CHECK(back != VALUE_NONE && is_equal(back, integer), "LEB128 comes back");
        CHECK(at == end, "and is read to its end");
        check_canonical(back);
        at = value_bytes(leb);
        CHECK_EQUAL(bigint_from_leb128(&at, end - 1, is_signed), VALUE_NONE, "cut short, it is refused");
        CHECK(at == value_bytes(leb), "and not read");
    }
    static const uint8_t overlong[][3] = {{0x80, 0x80, 0x00}, {0xFF, 0xFF, 0x7F}, {0xBF, 0x80, 0x00}};
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *at = overlong[i];
        CHECK_EQUAL(bigint_from_leb128(&at, overlong[i] + 3, true), VALUE_NONE, "an overlong form is refused");
    }
}

static void algebra(Random *random, uint32_t maximum_limbs) {
    fresh_heap();
    Value a = random_integer(random, maximum_limbs);
    Value b = random_integer(random, maximum_limbs);
    Value c = random_integer(random, maximum_limbs / 2 + 1);
    Value sum = bigint_add(a, b);
    Value difference = bigint_subtract(a, b);
    Value product = bigint_multiply(a, b);
    check_canonical(a);
    check_canonical(sum);
    check_canonical(difference);
    check_canonical(product);
    CHECK_EQUAL(residue(sum), (residue(a) + residue(b)) % MODULUS, "a sum's residue");
    CHECK_EQUAL(residue(difference), (residue(a) + MODULUS - residue(b)) % MODULUS, "a difference's residue");
    CHECK_EQUAL(residue(product), residue(a) * residue(b) % MODULUS, "a product's residue");
    CHECK(is_equal(bigint_subtract(sum, b), a), "a + b - b is a");
    CHECK(is_equal(bigint_add(b, a), sum), "sums commute");
    CHECK(is_equal(bigint_multiply(b, a), product), "products commute");
    CHECK(is_equal(bigint_negate(difference), bigint_subtract(b, a)), "-(a - b) is b - a");
    CHECK(is_equal(bigint_multiply(sum, c), bigint_add(bigint_multiply(a, c), bigint_multiply(b, c))),
          "products distribute over sums");
    CHECK(is_equal(bigint_multiply(sum, difference),
                   bigint_subtract(bigint_multiply(a, a), bigint_multiply(b, b))),
          "(a + b)(a - b) is a^2 - b^2");
    int32_t order = bigint_compare(a, b);
    int32_t sign = bigint_is_negative(difference) ? -1 : is_equal(difference, bigint_from_i64(0)) ? 0 : 1;
    CHECK_EQUAL(order, sign, "a is below b if a - b is negative");
    CHECK_EQUAL(bigint_compare(b, a), -order, "and then b is above a");

    if (!is_equal(c, bigint_from_i64(0))) {
        Value remainder;
        Value quotient = bigint_divide(a, c, &remainder);
        check_canonical(quotient);
        check_canonical(remainder);
        CHECK(is_equal(bigint_add(bigint_multiply(quotient, c), remainder), a), "q * c + r is a");
        Value size = bigint_is_negative(remainder) ? bigint_negate(remainder) : remainder;
        Value bound = bigint_is_negative(c) ? bigint_negate(c) : c;
        CHECK(bigint_compare(size, bound) < 0, "a remainder is below the divisor");
        CHECK(is_equal(remainder, bigint_from_i64(0)) || bigint_is_negative(remainder) == bigint_is_negative(a),
              "a remainder has the dividend's sign");
        quotient = bigint_divide(bigint_multiply(a, c), c, &remainder);
        CHECK(is_equal(quotient, a) && is_equal(remainder, bigint_from_i64(0)), "a * c / c is a");
    }
}

static void shifts(Random *random) {
    fresh_heap();
    Value a = random_integer(random, 40);
    uint32_t bits = random_below(random, 400);
    Value power = bigint_from_i64(1);
    for (uint32_t i = 0; i < bits; i++) {
        power = bigint_add(power, power);
    }
    Value shifted = bigint_shift_left(a, bits);
    check_canonical(shifted);
    CHECK(is_equal(shifted, bigint_multiply(a, power)), "a left shift is a product");
    CHECK(is_equal(bigint_shift_right(shifted, bits), a), "and a right shift undoes it");
    Value remainder;
    Value quotient = bigint_divide(a, power, &remainder);
    if (bigint_is_negative(remainder)) {
        quotient = bigint_subtract(quotient, bigint_from_i64(1));
    }
    shifted = bigint_shift_right(a, bits);
    check_canonical(shifted);
    CHECK(is_equal(shifted, quotient), "a right shift is a quotient, rounded down");
}

static void decimal(Random *random) {
    fresh_heap();
    Value a = random_integer(random, 60);
    Value text = bigint_to_decimal(a);
    Value back = bigint_from_decimal(value_bytes(text), value_length(text));
    CHECK(back != VALUE_NONE && is_equal(back, a), "decimal digits come back");
    /* One digit more is ten times as much. */
    Value longer = heap_allocate(KIND_BLOB, value_length(text) + 1);
    memcpy(value_bytes(longer), value_bytes(text), value_length(text));
    value_bytes(longer)[value_length(text)] = '7';
    Value seven = bigint_from_i64(bigint_is_negative(a) ? -7 : 7);
    CHECK(is_equal(bigint_from_decimal(value_bytes(longer), value_length(longer)),
                   bigint_add(bigint_multiply(a, bigint_from_i64(10)), seven)),
          "another digit is ten times as much and the digit");
    leb128_of(a);
}

/* Both methods of multiplication, at every size around where one gives way to the other. */
static void karatsuba(Random *random, uint32_t maximum_limbs) {
    uint32_t a[MAXIMUM_LIMBS], b[MAXIMUM_LIMBS], fast[2 * MAXIMUM_LIMBS], slow[2 * MAXIMUM_LIMBS];
    size_t a_length = random_between(random, 1, maximum_limbs);
    size_t b_length = random_between(random, 1, maximum_limbs);
    uint32_t style = random_below(random, 3);
    for (size_t i = 0; i < MAXIMUM_LIMBS; i++) {
        a[i] = style == 0 ? UINT32_MAX : random_u32(random);
        b[i] = style <= 1 ? UINT32_MAX : random_u32(random);
    }
    size_t usual = magnitude_karatsuba_limbs;
    magnitude_karatsuba_limbs = 4 + random_below(random, 40);
    magnitude_multiply(fast, a, a_length, b, b_length);
    magnitude_karatsuba_limbs = SIZE_MAX;
    magnitude_multiply(slow, a, a_length, b, b_length);
    magnitude_karatsuba_limbs = usual;
    CHECK(memcmp(fast, slow, (a_length + b_length) * sizeof(uint32_t)) == 0, "both ways to multiply agree");
}

static void one_seed(uint64_t seed) {
    Random random = random_make(seed, 520);
    check_step(1);
    known_values();
    check_step(2);
    division_adds_back();
    check_step(3);
    conversions(&random);
    for (uint32_t round = 0; round < 2500; round++) {
        check_step(1000 + round);
        algebra(&random, round % 4 == 0 ? 120 : round % 4 == 1 ? 3 : 20);
        shifts(&random);
        decimal(&random);
        karatsuba(&random, round % 8 == 0 ? MAXIMUM_LIMBS : 70);
    }
}

TEST_MODULE(bigint) {
    check_seeds(first_seed, seed_count, one_seed);
}
