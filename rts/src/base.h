/* What every file of the runtime needs: fixed-width types, the word, and how a broken invariant ends the program. */
#ifndef RTS_BASE_H
#define RTS_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set by the Makefile from VARIANT; 1 or 0, never undefined, so that a typing error is an error. */
#if !defined(RTS_INCREMENTAL) || !defined(RTS_EOP)
#error "RTS_INCREMENTAL and RTS_EOP come from the Makefile"
#endif

/* A word holds a value or a header: 4 bytes on wasm32, 8 bytes on wasm64. */
typedef uintptr_t Word;

_Static_assert(sizeof(Word) == sizeof(void *), "a word holds an address");
_Static_assert(!RTS_EOP || sizeof(Word) == 8, "enhanced orthogonal persistence is 64-bit");

/* Ends the program with "FILE:LINE: MESSAGE" where there is somebody to tell (the test module), else silently. */
_Noreturn void rts_fatal(const char *file, uint32_t line, const char *message);

#define RTS_FATAL(message) rts_fatal(__FILE__, __LINE__, message)
#define RTS_REQUIRE(condition, message) ((condition) ? (void)0 : RTS_FATAL(message))

/* Too expensive for the release library: evaluated in the test module only. */
#ifdef RTS_CHECK
#define RTS_ASSERT(condition, message) RTS_REQUIRE(condition, message)
#else
#define RTS_ASSERT(condition, message) ((void)sizeof(condition))
#endif

static inline size_t round_up(size_t bytes, size_t alignment) {
    return (bytes + alignment - 1) & ~(alignment - 1);
}

#endif
