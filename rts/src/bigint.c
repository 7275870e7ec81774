/* Integers of any size: signs, representation, arithmetic. The limbs are in magnitude.c, the texts in
 * bigint_convert.c. */
#include "bigint.h"

#include "bytes.h"
#include "heap.h"
#include "integer_view.h"
#include "magnitude.h"
#include "span.h"

#define LIMB_BITS 32u

IntegerView integer_view(Value integer) {
    IntegerView view = {.large = NULL};
    if (value_is_scalar(integer)) {
        int64_t number = value_to_scalar(integer);
        uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
        view.is_negative = number < 0;
        view.small[0] = (uint32_t)magnitude;
        view.small[1] = (uint32_t)(magnitude >> LIMB_BITS);
        view.length = magnitude_trim(view.small, 2);
        return view;
    }
    RTS_REQUIRE(value_has_kind(integer, KIND_BIGINT), "not an integer");
    const uint32_t *limbs = (const uint32_t *)object_of(integer)->payload;
    view.is_negative = limbs[0] != 0;
    view.large = limbs + 1;
    view.length = value_length(integer) - 1;
    return view;
}

uint32_t *limb_room_take(LimbRoom *room, size_t length) {
    bool is_few = length <= sizeof room->few / sizeof room->few[0];
    room->length = length;
    room->many = is_few ? NULL : span_allocate(length * sizeof(uint32_t));
    uint32_t *limbs = is_few ? room->few : room->many;
    memset(limbs, 0, length * sizeof(uint32_t));
    return limbs;
}

void limb_room_give_back(LimbRoom *room) {
    span_free(room->many, room->length * sizeof(uint32_t));
}

Value bigint_from_limbs(bool is_negative, const uint32_t *limbs, size_t length) {
    length = magnitude_trim(limbs, length);
    if (length <= 2) {
        uint64_t magnitude = (length > 0 ? limbs[0] : 0) | (uint64_t)(length > 1 ? limbs[1] : 0) << LIMB_BITS;
        if (magnitude <= (uint64_t)SCALAR_MAXIMUM + is_negative) {
            int64_t number = (int64_t)(is_negative ? 0 - magnitude : magnitude);
            return value_from_scalar((intptr_t)number);
        }
    }
    Value integer = heap_allocate(KIND_BIGINT, length + 1);
    uint32_t *target = (uint32_t *)object_of(integer)->payload;
    target[0] = is_negative;
    memcpy(target + 1, limbs, length * sizeof(uint32_t));
    return integer;
}

Value bigint_from_u64(uint64_t number) {
    uint32_t limbs[2] = {(uint32_t)number, (uint32_t)(number >> LIMB_BITS)};
    return bigint_from_limbs(false, limbs, 2);
}

Value bigint_from_i64(int64_t number) {
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    uint32_t limbs[2] = {(uint32_t)magnitude, (uint32_t)(magnitude >> LIMB_BITS)};
    return bigint_from_limbs(number < 0, limbs, 2);
}

static bool small_magnitude(const IntegerView *view, uint64_t *magnitude) {
    const uint32_t *limbs = integer_limbs(view);
    *magnitude = (view->length > 0 ? limbs[0] : 0) | (uint64_t)(view->length > 1 ? limbs[1] : 0) << LIMB_BITS;
    return view->length <= 2;
}

bool bigint_to_u64(Value integer, uint64_t *number) {
    IntegerView view = integer_view(integer);
    uint64_t magnitude;
    if (view.is_negative || !small_magnitude(&view, &magnitude)) {
        return false;
    }
    *number = magnitude;
    return true;
}

bool bigint_to_i64(Value integer, int64_t *number) {
    IntegerView view = integer_view(integer);
    uint64_t magnitude;
    if (!small_magnitude(&view, &magnitude) || magnitude > (uint64_t)INT64_MAX + view.is_negative) {
        return false;
    }
    *number = (int64_t)(view.is_negative ? 0 - magnitude : magnitude);
    return true;
}

bool bigint_is_negative(Value integer) {
    return integer_view(integer).is_negative;
}

int32_t bigint_compare(Value a, Value b) {
    IntegerView left = integer_view(a);
    IntegerView right = integer_view(b);
    if (left.is_negative != right.is_negative) {
        return left.is_negative ? -1 : 1;
    }
    int32_t order = magnitude_compare(integer_limbs(&left), left.length, integer_limbs(&right), right.length);
    return left.is_negative ? -order : order;
}

Value bigint_negate(Value a) {
    IntegerView view = integer_view(a);
    return bigint_from_limbs(!view.is_negative, integer_limbs(&view), view.length);
}

/* a + b, or with `is_flipped` a - b. */
static Value add_signed(Value a, Value b, bool is_flipped) {
    IntegerView left = integer_view(a);
    IntegerView right = integer_view(b);
    right.is_negative ^= is_flipped;
    bool is_swapped =
        magnitude_compare(integer_limbs(&left), left.length, integer_limbs(&right), right.length) < 0;
    const IntegerView *larger = is_swapped ? &right : &left;
    const IntegerView *smaller = is_swapped ? &left : &right;
    LimbRoom room;
    uint32_t *sum = limb_room_take(&room, larger->length + 1);
    if (left.is_negative == right.is_negative) {
        magnitude_add(sum, integer_limbs(larger), larger->length, integer_limbs(smaller), smaller->length);
    } else {
        magnitude_subtract(sum, integer_limbs(larger), larger->length, integer_limbs(smaller), smaller->length);
    }
    Value result = bigint_from_limbs(larger->is_negative, sum, larger->length + 1);
    limb_room_give_back(&room);
    return result;
}

Value bigint_add(Value a, Value b) {
    return add_signed(a, b, false);
}

Value bigint_subtract(Value a, Value b) {
    return add_signed(a, b, true);
}

Value bigint_multiply(Value a, Value b) {
    IntegerView left = integer_view(a);
    IntegerView right = integer_view(b);
    LimbRoom room;
    uint32_t *product = limb_room_take(&room, left.length + right.length);
    magnitude_multiply(product, integer_limbs(&left), left.length, integer_limbs(&right), right.length);
    Value result = bigint_from_limbs(left.is_negative != right.is_negative, product, left.length + right.length);
    limb_room_give_back(&room);
    return result;
}

Value bigint_divide(Value a, Value b, Value *remainder) {
    IntegerView left = integer_view(a);
    IntegerView right = integer_view(b);
    RTS_REQUIRE(right.length > 0, "a division by zero");
    if (left.length < right.length) {
        *remainder = a;
        return value_from_scalar(0);
    }
    size_t quotient_length = left.length - right.length + 1;
    LimbRoom room;
    uint32_t *quotient = limb_room_take(&room, quotient_length + right.length);
    uint32_t *rest = quotient + quotient_length;
    magnitude_divide(quotient, rest, integer_limbs(&left), left.length, integer_limbs(&right), right.length);
    Value result = bigint_from_limbs(left.is_negative != right.is_negative, quotient, quotient_length);
    *remainder = bigint_from_limbs(left.is_negative, rest, right.length);
    limb_room_give_back(&room);
    return result;
}

Value bigint_shift_left(Value a, uint32_t bits) {
    IntegerView view = integer_view(a);
    size_t limbs = bits / LIMB_BITS;
    size_t length = view.length + limbs + 1;
    LimbRoom room;
    uint32_t *shifted = limb_room_take(&room, length);
    magnitude_shift_left(shifted + limbs, integer_limbs(&view), view.length, bits % LIMB_BITS);
    Value result = bigint_from_limbs(view.is_negative, shifted, length);
    limb_room_give_back(&room);
    return result;
}

Value bigint_shift_right(Value a, uint32_t bits) {
    IntegerView view = integer_view(a);
    size_t limbs = bits / LIMB_BITS;
    if (limbs >= view.length) {
        return value_from_scalar(view.is_negative ? -1 : 0);
    }
    const uint32_t *source = integer_limbs(&view);
    bool is_inexact = magnitude_trim(source, limbs) > 0 || (source[limbs] & (((uint32_t)1 << bits % LIMB_BITS) - 1));
    size_t length = view.length - limbs;
    LimbRoom room;
    uint32_t *shifted = limb_room_take(&room, length + 1);
    magnitude_shift_right(shifted, source + limbs, length, bits % LIMB_BITS);
    if (view.is_negative && is_inexact) {
        static const uint32_t one = 1;
        magnitude_add(shifted, shifted, length, &one, 1);
    }
    Value result = bigint_from_limbs(view.is_negative, shifted, length + 1);
    limb_room_give_back(&room);
    return result;
}
