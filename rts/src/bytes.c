/* Byte memory without a C library.
 *
 * The compiler may call memcpy and its sisters on its own account, so they must exist under these names; and it must
 * not recognise their loops and compile them into calls to themselves, so the Makefile compiles everything with bulk
 * memory (the intrinsics below become one instruction) and with -ffreestanding.
 */
#include "bytes.h"

void *memcpy(void *restrict target, const void *restrict source, size_t length) {
    __builtin_memmove(target, source, length);
    return target;
}

void *memmove(void *target, const void *source, size_t length) {
    __builtin_memmove(target, source, length);
    return target;
}

void *memset(void *target, int value, size_t length) {
    __builtin_memset(target, value, length);
    return target;
}

int memcmp(const void *left, const void *right, size_t length) {
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (size_t i = 0; i < length; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

uint32_t read_u32(const uint8_t *source) {
    return (uint32_t)source[0] | (uint32_t)source[1] << 8 | (uint32_t)source[2] << 16 | (uint32_t)source[3] << 24;
}

uint64_t read_u64(const uint8_t *source) {
    return (uint64_t)read_u32(source) | (uint64_t)read_u32(source + 4) << 32;
}

void write_u32(uint8_t *target, uint32_t value) {
    target[0] = (uint8_t)value;
    target[1] = (uint8_t)(value >> 8);
    target[2] = (uint8_t)(value >> 16);
    target[3] = (uint8_t)(value >> 24);
}

void write_u64(uint8_t *target, uint64_t value) {
    write_u32(target, (uint32_t)value);
    write_u32(target + 4, (uint32_t)(value >> 32));
}

void write_u32_big(uint8_t *target, uint32_t value) {
    target[0] = (uint8_t)(value >> 24);
    target[1] = (uint8_t)(value >> 16);
    target[2] = (uint8_t)(value >> 8);
    target[3] = (uint8_t)value;
}
