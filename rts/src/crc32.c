/* CRC-32, four bytes at a time ("slicing by 4"), with tables made at the first use. */
#include "crc32.h"

#include "bytes.h"

#define POLYNOMIAL 0xEDB88320u
#define SLICES 4

/* tables[k][b]: what byte b, followed by k zero bytes, adds to the remainder. */
static uint32_t tables[SLICES][256];
static bool tables_are_made;

static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t remainder = byte;
        for (int bit = 0; bit < 8; bit++) {
            remainder = remainder & 1 ? remainder >> 1 ^ POLYNOMIAL : remainder >> 1;
        }
        tables[0][byte] = remainder;
    }
    for (size_t slice = 1; slice < SLICES; slice++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables[slice - 1][byte];
            tables[slice][byte] = before >> 8 ^ tables[0][before & 0xFF];
        }
    }
    tables_are_made = true;
}

uint32_t crc32_update(uint32_t crc, const uint8_t *bytes, size_t length) {
    if (!tables_are_made) {
        make_tables();
    }
    uint32_t remainder = ~crc;
    for (; length >= SLICES; length -= SLICES, bytes += SLICES) {
        remainder ^= read_u32(bytes);
        remainder = tables[3][remainder & 0xFF] ^ tables[2][remainder >> 8 & 0xFF] ^
                    tables[1][remainder >> 16 & 0xFF] ^ tables[0][remainder >> 24];
    }
    for (; length > 0; length--, bytes++) {
        remainder = remainder >> 8 ^ tables[0][(remainder ^ *bytes) & 0xFF];
    }
    return ~remainder;
}

uint32_t crc32(const uint8_t *bytes, size_t length) {
    return crc32_update(CRC32_EMPTY, bytes, length);
}
