/* Enhanced orthogonal persistence: the object graph is copied to stable memory in a 64-bit layout, and back.
 *
 * Stabilisation is Cheney's algorithm with stable memory as the to-space: an object is copied when it is first
 * referred to, a scan pointer follows the copies and turns the addresses in them into offsets. The from-space, our
 * heap, is only read: where an object went is noted in a side table, so that a program whose upgrade is refused goes
 * on as if nothing had happened, even with a collection half done.
 *
 * Layout version 2, every word 8 bytes, little-endian, behind the header of persistence.h:
 *
 *   an object    a header word (length << 8 | kind << 1 | 1), then its fields, or its bytes filled up with zeroes
 *   a field      a scalar or null as in memory, or the offset of an object in stable memory
 *   the roots    as fields, behind the last object
 *
 * Version 1 had no checksum, and its concatenations did not know their length: two fields, not three.
 */
#include "persistence.h"

#include "bytes.h"
#include "field.h"
#include "heap.h"
#include "object_map.h"
#include "roots.h"
#include "span.h"
#include "stable_stream.h"
#include "word_stack.h"

#define LAYOUT_CURRENT 2u
#define LAYOUT_WITHOUT_TEXT_LENGTH 1u

#define WORD_BYTES ((uint64_t)8)
#define CONCAT_BYTES_FIELD ((size_t)2)

const uint32_t persistence_version = LAYOUT_CURRENT;
const uint64_t persistence_magic = 0x3130454F50504C52; /* "RLPPOE01" */

typedef struct Copy {
    ObjectMap places; /* an object's offset in words */
    uint64_t top;     /* where the next object goes */
    uint64_t count;
    uint32_t layout;
} Copy;

static size_t stored_length(uint32_t layout, Word header) {
    bool is_shorter = layout == LAYOUT_WITHOUT_TEXT_LENGTH && header_kind(header) == KIND_CONCAT;
    return header_length(header) - (is_shorter ? 1 : 0);
}

/* A stored object's size with its header, in bytes. */
static uint64_t stored_bytes(Word stored_header) {
    return WORD_BYTES + round_up(header_payload_bytes(stored_header), WORD_BYTES);
}

/* What is written for a value; copies the object if it is met for the first time. */
static uint64_t stabilise(Copy *copy, Value value) {
    if (!value_is_pointer(value)) {
        return value;
    }
    const Object *object = object_of(value);
    uint64_t offset = object_map_get(&copy->places, object) * WORD_BYTES;
    if (offset == 0) {
        RTS_ASSERT(header_is_valid(object->header), "a broken header is met while saving");
        offset = copy->top;
        Word stored = header_make(header_kind(object->header), stored_length(copy->layout, object->header));
        copy->top += stored_bytes(stored);
        copy->count++;
        stable_reserve(copy->top);
        /* The last word may be padding, which must not depend on what was here before; it may be the header, too. */
        stable_write_u64(copy->top - WORD_BYTES, 0);
        stable_write_u64(offset, stored);
        stable_write(offset + WORD_BYTES, object->payload, header_payload_bytes(stored));
        object_map_set(&copy->places, object, (uint32_t)(offset / WORD_BYTES));
    }
    return offset;
}

static void save_layout(uint32_t layout) {
    Copy copy = {.top = PERSISTENCE_HEADER_BYTES, .count = 0, .layout = layout};
    object_map_initialise(&copy.places);
    size_t root_count;
    const Value *roots = root_slots(&root_count);
    for (size_t i = 0; i < root_count; i++) {
        stabilise(&copy, roots[i]);
    }
    for (uint64_t scan = PERSISTENCE_HEADER_BYTES; scan < copy.top;) {
        Word header = (Word)stable_read_u64(scan);
        size_t fields = header_field_count(header);
        for (size_t i = 0; i < fields; i++) {
            uint64_t at = scan + (1 + i) * WORD_BYTES;
            Value value = (Value)stable_read_u64(at);
            if (value_is_pointer(value)) {
                stable_write_u64(at, stabilise(&copy, value));
            }
        }
        scan += stored_bytes(header);
    }
    uint64_t roots_at = copy.top;
    stable_reserve(roots_at + root_count * WORD_BYTES);
    for (size_t i = 0; i < root_count; i++) {
        stable_write_u64(roots_at + i * WORD_BYTES, stabilise(&copy, roots[i]));
    }
    uint64_t length = roots_at + root_count * WORD_BYTES - PERSISTENCE_HEADER_BYTES;
    persistence_write_header(&(PersistenceHeader){
        .version = layout,
        .crc = layout == LAYOUT_CURRENT ? stable_crc32(PERSISTENCE_HEADER_BYTES, length) : 0,
        .length = length,
        .object_count = copy.count,
        .root_count = root_count,
        .root_free_head = root_free_head(),
    });
    object_map_free(&copy.places);
}

void persistence_save(void) {
    save_layout(LAYOUT_CURRENT);
}

#ifdef RTS_CHECK
void persistence_save_version_1(void) {
    save_layout(LAYOUT_WITHOUT_TEXT_LENGTH);
}
#endif

typedef struct Load {
    PersistenceHeader header;
    uint64_t objects_end;
    Value *places; /* by offset in words: the object that was allocated for what is stored there, or zero */
    uint64_t place_count;
    WordStack concats; /* of version 1: those whose length is not yet known */
} Load;

static bool load_value(const Load *load, uint64_t stored, Value *value) {
    if (!value_is_pointer((Value)stored)) {
        *value = (Value)stored;
        return value_is_scalar(*value) || *value == VALUE_NULL;
    }
    *value = stored / WORD_BYTES < load->place_count ? load->places[stored / WORD_BYTES] : VALUE_NONE;
    return *value != VALUE_NONE;
}

static PersistenceStatus allocate_objects(Load *load) {
    uint64_t at = PERSISTENCE_HEADER_BYTES;
    for (uint64_t i = 0; i < load->header.object_count; i++) {
        if (at >= load->objects_end) {
            return PERSISTENCE_CORRUPT;
        }
        Word stored = (Word)stable_read_u64(at);
        if (!header_is_valid(stored) || header_length(stored) >= OBJECT_MAXIMUM_LENGTH ||
            stored_bytes(stored) > load->objects_end - at) {
            return PERSISTENCE_CORRUPT;
        }
        bool is_shorter = load->header.version == LAYOUT_WITHOUT_TEXT_LENGTH && header_kind(stored) == KIND_CONCAT;
        Value value = heap_try_allocate(header_kind(stored), header_length(stored) + (is_shorter ? 1 : 0));
        if (value == VALUE_NONE) {
            return PERSISTENCE_HEAP_TOO_SMALL;
        }
        if (is_shorter) {
            word_stack_push(&load->concats, value);
        }
        load->places[at / WORD_BYTES] = value;
        at += stored_bytes(stored);
    }
    return at == load->objects_end ? PERSISTENCE_OK : PERSISTENCE_CORRUPT;
}

static PersistenceStatus fill_objects(const Load *load) {
    for (uint64_t at = PERSISTENCE_HEADER_BYTES; at < load->objects_end;) {
        Word stored = (Word)stable_read_u64(at);
        Value value = load->places[at / WORD_BYTES];
        size_t fields = header_field_count(stored);
        for (size_t i = 0; i < fields; i++) {
            Value content;
            if (!load_value(load, stable_read_u64(at + (1 + i) * WORD_BYTES), &content)) {
                return PERSISTENCE_CORRUPT;
            }
            field_set(value, i, content);
        }
        if (header_kind(stored) >= KIND_BLOB) {
            stable_read(at + WORD_BYTES, value_bytes(value), header_payload_bytes(stored));
        }
        at += stored_bytes(stored);
    }
    return PERSISTENCE_OK;
}

/* The bytes of a text, if they are known; else the text goes on the stack, to be found out first. */
static bool known_bytes(Load *load, Value text, intptr_t *bytes) {
    if (!value_has_kind(text, KIND_CONCAT)) {
        *bytes = (intptr_t)value_length(text);
        return true;
    }
    Value known = field_get(text, CONCAT_BYTES_FIELD);
    if (known == VALUE_NULL) {
        word_stack_push(&load->concats, text);
        return false;
    }
    *bytes = value_to_scalar(known);
    return true;
}

/* The upgrade from version 1: gives each concatenation its length, parts before wholes. */
static PersistenceStatus measure_concats(Load *load) {
    Word text;
    /* Each concatenation is pushed once by whoever allocated it, and at most once by each part that refers to it;
     * more than that is a rope that contains itself. */
    for (uint64_t budget = load->header.object_count * 4; word_stack_pop(&load->concats, &text); budget--) {
        if (budget == 0) {
            return PERSISTENCE_CORRUPT;
        }
        if (field_get(text, CONCAT_BYTES_FIELD) != VALUE_NULL) {
            continue;
        }
        Value left = field_get(text, 0);
        Value right = field_get(text, 1);
        if (!value_is_pointer(left) || !value_is_pointer(right)) {
            return PERSISTENCE_CORRUPT;
        }
        word_stack_push(&load->concats, text);
        intptr_t left_bytes = 0;
        intptr_t right_bytes = 0;
        bool is_known = known_bytes(load, left, &left_bytes);
        is_known = known_bytes(load, right, &right_bytes) && is_known;
        if (is_known) {
            word_stack_pop(&load->concats, &text);
            field_set(text, CONCAT_BYTES_FIELD, value_from_scalar(left_bytes + right_bytes));
        }
    }
    return PERSISTENCE_OK;
}

static PersistenceStatus load_all(Load *load) {
    PersistenceStatus status = allocate_objects(load);
    if (status == PERSISTENCE_OK) {
        status = fill_objects(load);
    }
    if (status == PERSISTENCE_OK) {
        status = measure_concats(load);
    }
    if (status != PERSISTENCE_OK) {
        return status;
    }
    Value *roots = root_restore((size_t)load->header.root_count, (uint32_t)load->header.root_free_head);
    for (uint64_t i = 0; i < load->header.root_count; i++) {
        if (!load_value(load, stable_read_u64(load->objects_end + i * WORD_BYTES), &roots[i])) {
            return PERSISTENCE_CORRUPT;
        }
    }
    return PERSISTENCE_OK;
}

PersistenceStatus persistence_restore(void) {
    Load load = {.places = NULL, .concats = WORD_STACK_EMPTY};
    PersistenceStatus status = persistence_read_header(&load.header);
    if (status != PERSISTENCE_OK) {
        return status;
    }
    uint64_t root_bytes = load.header.root_count * WORD_BYTES;
    bool is_checked = load.header.version != LAYOUT_WITHOUT_TEXT_LENGTH;
    if (root_bytes > load.header.length || load.header.length % WORD_BYTES != 0 ||
        (is_checked && stable_crc32(PERSISTENCE_HEADER_BYTES, load.header.length) != load.header.crc)) {
        return PERSISTENCE_CORRUPT;
    }
    load.objects_end = PERSISTENCE_HEADER_BYTES + load.header.length - root_bytes;
    load.place_count = load.objects_end / WORD_BYTES;
    size_t bytes = (size_t)load.place_count * sizeof(Value);
    load.places = span_allocate_zeroed(bytes);
    status = load_all(&load);
    word_stack_free(&load.concats);
    span_free(load.places, bytes);
    return status;
}
