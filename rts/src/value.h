/* Values: one word, told apart by its low bits.
 *
 *     ...1   a scalar: a signed integer of all bits but one
 *     ..010  null
 *     ..000  the address of an object; objects are aligned to 8 bytes
 *
 * Every other pattern, and zero, is never a value: poisoned memory is made of one of them.
 */
#ifndef RTS_VALUE_H
#define RTS_VALUE_H

#include "base.h"

typedef Word Value;

#define VALUE_NULL ((Value)2)
#define VALUE_NONE ((Value)0) /* the absence of a value, in C code only: it is never stored in the heap */

#define SCALAR_MAXIMUM (INTPTR_MAX >> 1)
#define SCALAR_MINIMUM (INTPTR_MIN >> 1)

static inline bool value_is_scalar(Value value) {
    return value & 1;
}

static inline bool value_is_pointer(Value value) {
    return (value & 7) == 0;
}

static inline Value value_from_scalar(intptr_t number) {
    return (Word)number << 1 | 1;
}

static inline intptr_t value_to_scalar(Value value) {
    return (intptr_t)value >> 1;
}

#endif
