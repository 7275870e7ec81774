/* Buffered sequential access to stable memory. */
#include "stable_stream.h"

#include "bytes.h"
#include "crc32.h"
#include "leb128.h"

void stable_writer_begin(StableWriter *writer, uint64_t offset) {
    writer->offset = offset;
    writer->used = 0;
}

static void flush(StableWriter *writer) {
    stable_reserve(writer->offset + writer->used);
    stable_write(writer->offset, writer->buffer, writer->used);
    writer->offset += writer->used;
    writer->used = 0;
}

void stable_writer_bytes(StableWriter *writer, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        if (writer->used == STABLE_BLOCK_BYTES) {
            flush(writer);
        }
        size_t room = STABLE_BLOCK_BYTES - writer->used;
        size_t piece = length < room ? length : room;
        memcpy(writer->buffer + writer->used, bytes, piece);
        writer->used += piece;
        bytes += piece;
        length -= piece;
    }
}

void stable_writer_number(StableWriter *writer, uint64_t number) {
    uint8_t encoded[LEB128_MAXIMUM_BYTES];
    stable_writer_bytes(writer, encoded, leb128_encode_unsigned(number, encoded));
}

uint64_t stable_writer_end(StableWriter *writer) {
    flush(writer);
    return writer->offset;
}

void stable_reader_begin(StableReader *reader, uint64_t offset, uint64_t end) {
    reader->offset = offset;
    reader->end = end;
    reader->at = 0;
    reader->filled = 0;
}

/* Moves what is left to the front and fills up behind it. */
static void fill(StableReader *reader) {
    size_t left = reader->filled - reader->at;
    memmove(reader->buffer, reader->buffer + reader->at, left);
    uint64_t rest = reader->end - reader->offset;
    size_t piece = STABLE_BLOCK_BYTES - left;
    piece = rest < piece ? (size_t)rest : piece;
    stable_read(reader->offset, reader->buffer + left, piece);
    reader->offset += piece;
    reader->at = 0;
    reader->filled = left + piece;
}

bool stable_reader_bytes(StableReader *reader, uint8_t *bytes, size_t length) {
    while (length > 0) {
        if (reader->at == reader->filled) {
            fill(reader);
            if (reader->filled == 0) {
                return false;
            }
        }
        size_t present = reader->filled - reader->at;
        size_t piece = length < present ? length : present;
        memcpy(bytes, reader->buffer + reader->at, piece);
        reader->at += piece;
        bytes += piece;
        length -= piece;
    }
    return true;
}

bool stable_reader_number(StableReader *reader, uint64_t *number) {
    if (reader->filled - reader->at < LEB128_MAXIMUM_BYTES) {
        fill(reader);
    }
    const uint8_t *at = reader->buffer + reader->at;
    if (leb128_decode_u64(&at, reader->buffer + reader->filled, number) != LEB128_OK) {
        return false;
    }
    reader->at = (size_t)(at - reader->buffer);
    return true;
}

uint32_t stable_crc32(uint64_t offset, uint64_t length) {
    uint8_t buffer[STABLE_BLOCK_BYTES];
    uint32_t crc = CRC32_EMPTY;
    while (length > 0) {
        size_t piece = length < sizeof buffer ? (size_t)length : sizeof buffer;
        stable_read(offset, buffer, piece);
        crc = crc32_update(crc, buffer, piece);
        offset += piece;
        length -= piece;
    }
    return crc;
}
