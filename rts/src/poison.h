/* What freed memory is filled with in the test module, so that a dangling reference is seen and not believed.
 *
 * The pattern is no value (see value.h), no header (its low bit is clear) and no address of an object.
 */
#ifndef RTS_POISON_H
#define RTS_POISON_H

#include "base.h"

#define POISON_BYTE 0xE6

static inline void poison(void *memory, size_t length) {
#ifdef RTS_CHECK
    __builtin_memset(memory, POISON_BYTE, length);
#else
    (void)memory, (void)length;
#endif
}

#endif
