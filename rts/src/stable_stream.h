/* Reading and writing stable memory from one end to the other, in blocks. */
#ifndef RTS_STABLE_STREAM_H
#define RTS_STABLE_STREAM_H

#include "stable_memory.h"

#define STABLE_BLOCK_BYTES 4096

typedef struct StableWriter {
    uint64_t offset; /* where the buffer will go */
    size_t used;
    uint8_t buffer[STABLE_BLOCK_BYTES];
} StableWriter;

void stable_writer_begin(StableWriter *writer, uint64_t offset);
void stable_writer_bytes(StableWriter *writer, const uint8_t *bytes, size_t length);
void stable_writer_number(StableWriter *writer, uint64_t number); /* LEB128 */

/* Returns the offset behind what was written. */
uint64_t stable_writer_end(StableWriter *writer);

typedef struct StableReader {
    uint64_t offset; /* of what follows the buffer */
    uint64_t end;
    size_t at;
    size_t filled;
    uint8_t buffer[STABLE_BLOCK_BYTES];
} StableReader;

void stable_reader_begin(StableReader *reader, uint64_t offset, uint64_t end);

/* False when the input ends before, or the number is malformed. */
bool stable_reader_bytes(StableReader *reader, uint8_t *bytes, size_t length);
bool stable_reader_number(StableReader *reader, uint64_t *number);

/* The checksum of [offset, offset + length). */
uint32_t stable_crc32(uint64_t offset, uint64_t length);

#endif
