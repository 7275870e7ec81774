/* Byte memory without a C library: moving, filling, comparing, and unaligned little-endian access. */
#ifndef RTS_BYTES_H
#define RTS_BYTES_H

#include "base.h"

void *memcpy(void *restrict target, const void *restrict source, size_t length);
void *memmove(void *target, const void *source, size_t length);
void *memset(void *target, int value, size_t length);
int memcmp(const void *left, const void *right, size_t length);

uint32_t read_u32(const uint8_t *source);
uint64_t read_u64(const uint8_t *source);
void write_u32(uint8_t *target, uint32_t value);
void write_u64(uint8_t *target, uint64_t value);

/* Big-endian, for what is compared or shown byte by byte. */
void write_u32_big(uint8_t *target, uint32_t value);

#endif
