/* Options, unboxed wherever that is unambiguous.
 *
 * None is null. Some of a value that is not itself an option is the value; only Some of null, and Some of a Some
 * that had to be boxed, take a box. So Some(null), Some(Some(null)) and null differ, and ?Nat costs nothing.
 */
#ifndef RTS_STABLE_OPTION_H
#define RTS_STABLE_OPTION_H

#include "value.h"

Value option_inject(Value content); /* Some(content) */

/* The content of a Some; null is fatal. */
Value option_project(Value option);

static inline bool option_is_some(Value option) {
    return option != VALUE_NULL;
}

#endif
