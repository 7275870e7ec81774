/* The header of what is persisted: written last, checked first. */
#include "persistence.h"

#include "stable_stream.h"

enum { AT_MAGIC = 0, AT_VERSION = 8, AT_CRC = 16, AT_LENGTH = 24, AT_OBJECTS = 32, AT_ROOTS = 40, AT_FREE_HEAD = 48 };

void persistence_write_header(const PersistenceHeader *header) {
    static const uint8_t zeroes[PERSISTENCE_HEADER_BYTES];
    stable_reserve(PERSISTENCE_HEADER_BYTES);
    stable_write(0, zeroes, sizeof zeroes);
    stable_write_u64(AT_MAGIC, persistence_magic);
    stable_write_u32(AT_VERSION, header->version);
    stable_write_u32(AT_CRC, header->crc);
    stable_write_u64(AT_LENGTH, header->length);
    stable_write_u64(AT_OBJECTS, header->object_count);
    stable_write_u64(AT_ROOTS, header->root_count);
    stable_write_u64(AT_FREE_HEAD, header->root_free_head);
}

PersistenceStatus persistence_read_header(PersistenceHeader *header) {
    uint64_t present = stable_size() * STABLE_PAGE_BYTES;
    if (present < PERSISTENCE_HEADER_BYTES || stable_read_u64(AT_MAGIC) != persistence_magic) {
        return PERSISTENCE_ABSENT;
    }
    header->version = stable_read_u32(AT_VERSION);
    if (header->version == 0 || header->version > persistence_version) {
        return PERSISTENCE_UNKNOWN_VERSION;
    }
    header->crc = stable_read_u32(AT_CRC);
    header->length = stable_read_u64(AT_LENGTH);
    header->object_count = stable_read_u64(AT_OBJECTS);
    header->root_count = stable_read_u64(AT_ROOTS);
    header->root_free_head = stable_read_u64(AT_FREE_HEAD);
    bool is_plausible = header->length <= present - PERSISTENCE_HEADER_BYTES &&
                        header->object_count <= header->length && header->root_count <= header->length &&
                        header->object_count < UINT32_MAX && header->root_count < UINT32_MAX &&
                        header->root_free_head <= UINT32_MAX;
    return is_plausible ? PERSISTENCE_OK : PERSISTENCE_CORRUPT;
}
