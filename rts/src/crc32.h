/* CRC-32 as of ISO 3309 and zlib: reflected polynomial 0xEDB88320, initial value and final xor all ones. */
#ifndef RTS_CRC32_H
#define RTS_CRC32_H

#include "base.h"

#define CRC32_EMPTY ((uint32_t)0) /* of no bytes */

/* The checksum of what `crc` is the checksum of, followed by these bytes. */
uint32_t crc32_update(uint32_t crc, const uint8_t *bytes, size_t length);

uint32_t crc32(const uint8_t *bytes, size_t length);

#endif
