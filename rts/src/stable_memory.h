/* Stable memory: bytes that survive an upgrade of the program. Simulated here, page by page, inside the runtime.
 *
 * It only grows, by whole pages that read as zero; every access beyond its size is fatal.
 */
#ifndef RTS_STABLE_MEMORY_H
#define RTS_STABLE_MEMORY_H

#include "base.h"

#define STABLE_PAGE_BYTES ((uint64_t)65536)
#define STABLE_MAXIMUM_PAGES ((uint64_t)4096)

/* In pages. */
uint64_t stable_size(void);

/* The former size, or UINT64_MAX when it cannot grow so far. */
uint64_t stable_grow(uint64_t pages);

void stable_read(uint64_t offset, void *target, uint64_t length);
void stable_write(uint64_t offset, const void *source, uint64_t length);

/* Little-endian, at any offset. */
uint32_t stable_read_u32(uint64_t offset);
uint64_t stable_read_u64(uint64_t offset);
void stable_write_u32(uint64_t offset, uint32_t value);
void stable_write_u64(uint64_t offset, uint64_t value);

/* Grows until `bytes` bytes exist; fatal when they cannot. */
void stable_reserve(uint64_t bytes);

/* Forgets everything: a new program on a new machine. */
void stable_reset(void);

#endif
