/* Classical persistence: the live graph as a stream, independent of the word size and of where objects lay.
 *
 * First the kind and length of every object, in the order in which a breadth-first walk finds them, which is also how
 * they are numbered; then the content of every object; then the root slots. Knowing all kinds and lengths first,
 * restoring allocates everything before it meets the first reference, in whichever direction references point.
 *
 * A value is one unsigned number, by its low two bits: 0 an object's number, 1 a scalar (zigzag), 2 null.
 */
#include "persistence.h"

#include "field.h"
#include "heap.h"
#include "object_map.h"
#include "roots.h"
#include "span.h"
#include "stable_stream.h"

enum { TAG_OBJECT, TAG_SCALAR, TAG_NULL };
#define TAG_BITS 2

const uint32_t persistence_version = 1;
const uint64_t persistence_magic = 0x31304D5453504C52; /* "RLPSTM01" */

typedef struct Walk {
    ObjectMap numbers; /* from 1 */
    Object **found;
    size_t capacity;
    size_t count;
} Walk;

static void visit(Walk *walk, Value value) {
    if (value_is_pointer(value)) {
        Object *object = object_of(value);
        if (object_map_get(&walk->numbers, object) == 0) {
            RTS_ASSERT(header_is_valid(object->header), "a broken header is met while saving");
            walk->found[walk->count++] = object;
            object_map_set(&walk->numbers, object, (uint32_t)walk->count);
        }
    }
}

static Walk walk_from_roots(const Value *roots, size_t root_count) {
    Walk walk = {.count = 0};
    object_map_initialise(&walk.numbers);
    walk.capacity = heap_used_bytes() / OBJECT_ALIGNMENT;
    walk.found = span_allocate(walk.capacity * sizeof(Object *));
    for (size_t i = 0; i < root_count; i++) {
        visit(&walk, roots[i]);
    }
    for (size_t next = 0; next < walk.count; next++) {
        const Object *object = walk.found[next];
        size_t fields = header_field_count(object->header);
        for (size_t i = 0; i < fields; i++) {
            visit(&walk, object->payload[i]);
        }
    }
    return walk;
}

static void walk_free(Walk *walk) {
    span_free(walk->found, walk->capacity * sizeof(Object *));
    object_map_free(&walk->numbers);
}

static void write_value(StableWriter *writer, const Walk *walk, Value value) {
    uint64_t number = TAG_NULL;
    if (value_is_pointer(value)) {
        number = (uint64_t)(object_map_get(&walk->numbers, object_of(value)) - 1) << TAG_BITS | TAG_OBJECT;
    } else if (value_is_scalar(value)) {
        int64_t scalar = value_to_scalar(value);
        number = ((uint64_t)scalar << 1 ^ (uint64_t)(scalar >> 63)) << TAG_BITS | TAG_SCALAR;
    } else {
        RTS_ASSERT(value == VALUE_NULL, "a broken value is met while saving");
    }
    stable_writer_number(writer, number);
}

void persistence_save(void) {
    size_t root_count;
    const Value *roots = root_slots(&root_count);
    Walk walk = walk_from_roots(roots, root_count);
    StableWriter writer;
    stable_writer_begin(&writer, PERSISTENCE_HEADER_BYTES);
    for (size_t next = 0; next < walk.count; next++) {
        Word header = walk.found[next]->header;
        stable_writer_number(&writer, header_kind(header));
        stable_writer_number(&writer, header_length(header));
    }
    for (size_t next = 0; next < walk.count; next++) {
        const Object *object = walk.found[next];
        size_t fields = header_field_count(object->header);
        for (size_t i = 0; i < fields; i++) {
            write_value(&writer, &walk, object->payload[i]);
        }
        if (header_kind(object->header) >= KIND_BLOB) {
            stable_writer_bytes(&writer, (const uint8_t *)object->payload, header_payload_bytes(object->header));
        }
    }
    for (size_t i = 0; i < root_count; i++) {
        write_value(&writer, &walk, roots[i]);
    }
    uint64_t end = stable_writer_end(&writer);
    uint64_t length = end - PERSISTENCE_HEADER_BYTES;
    persistence_write_header(&(PersistenceHeader){
        .version = persistence_version,
        .crc = stable_crc32(PERSISTENCE_HEADER_BYTES, length),
        .length = length,
        .object_count = walk.count,
        .root_count = root_count,
        .root_free_head = root_free_head(),
    });
    walk_free(&walk);
}

static bool read_value(StableReader *reader, const Value *objects, uint64_t object_count, Value *value) {
    uint64_t number;
    if (!stable_reader_number(reader, &number)) {
        return false;
    }
    uint64_t content = number >> TAG_BITS;
    switch (number & ((1 << TAG_BITS) - 1)) {
    case TAG_OBJECT:
        if (content >= object_count) {
            return false;
        }
        *value = objects[content];
        return true;
    case TAG_SCALAR: {
        int64_t scalar = (int64_t)(content >> 1) ^ -(int64_t)(content & 1);
        *value = value_from_scalar((intptr_t)scalar);
        return scalar >= SCALAR_MINIMUM && scalar <= SCALAR_MAXIMUM;
    }
    case TAG_NULL:
        *value = VALUE_NULL;
        return content == 0;
    default:
        return false;
    }
}

static PersistenceStatus allocate_objects(StableReader *reader, Value *objects, uint64_t object_count) {
    for (uint64_t i = 0; i < object_count; i++) {
        uint64_t kind, length;
        if (!stable_reader_number(reader, &kind) || !stable_reader_number(reader, &length) || kind < KIND_RECORD ||
            kind >= KIND_END || length > OBJECT_MAXIMUM_LENGTH) {
            return PERSISTENCE_CORRUPT;
        }
        objects[i] = heap_try_allocate((Kind)kind, (size_t)length);
        if (objects[i] == VALUE_NONE) {
            return PERSISTENCE_HEAP_TOO_SMALL;
        }
    }
    return PERSISTENCE_OK;
}

static PersistenceStatus fill_objects(StableReader *reader, const Value *objects, uint64_t object_count) {
    for (uint64_t i = 0; i < object_count; i++) {
        Word header = object_of(objects[i])->header;
        size_t fields = header_field_count(header);
        for (size_t field = 0; field < fields; field++) {
            Value value;
            if (!read_value(reader, objects, object_count, &value)) {
                return PERSISTENCE_CORRUPT;
            }
            field_set(objects[i], field, value);
        }
        if (header_kind(header) >= KIND_BLOB &&
            !stable_reader_bytes(reader, value_bytes(objects[i]), header_payload_bytes(header))) {
            return PERSISTENCE_CORRUPT;
        }
    }
    return PERSISTENCE_OK;
}

static PersistenceStatus restore_all(const PersistenceHeader *header, Value *objects) {
    StableReader reader;
    stable_reader_begin(&reader, PERSISTENCE_HEADER_BYTES, PERSISTENCE_HEADER_BYTES + header->length);
    PersistenceStatus status = allocate_objects(&reader, objects, header->object_count);
    if (status == PERSISTENCE_OK) {
        status = fill_objects(&reader, objects, header->object_count);
    }
    if (status != PERSISTENCE_OK) {
        return status;
    }
    Value *roots = root_restore((size_t)header->root_count, (uint32_t)header->root_free_head);
    for (uint64_t i = 0; i < header->root_count; i++) {
        if (!read_value(&reader, objects, header->object_count, &roots[i])) {
            return PERSISTENCE_CORRUPT;
        }
    }
    return PERSISTENCE_OK;
}

PersistenceStatus persistence_restore(void) {
    PersistenceHeader header;
    PersistenceStatus status = persistence_read_header(&header);
    if (status != PERSISTENCE_OK) {
        return status;
    }
    if (stable_crc32(PERSISTENCE_HEADER_BYTES, header.length) != header.crc) {
        return PERSISTENCE_CORRUPT;
    }
    size_t bytes = (size_t)header.object_count * sizeof(Value);
    Value *objects = span_allocate(bytes);
    status = restore_all(&header, objects);
    span_free(objects, bytes);
    return status;
}
