/* Objects: a header word, in a heap with an incremental collector a forwarding word, then the payload.
 *
 * The header is `length << 8 | kind << 1 | 1`. Its low bit tells it from an address, which two collectors put in its
 * place for a while: the copying one to forward, the compacting one to thread. The length counts fields, bytes, or
 * limbs, according to the kind.
 */
#ifndef RTS_OBJECT_H
#define RTS_OBJECT_H

#include "base.h"
#include "value.h"

typedef enum Kind {
    KIND_RECORD = 1, /* immutable fields */
    KIND_ARRAY,      /* mutable fields */
    KIND_MUTBOX,     /* one mutable field */
    KIND_SOME,       /* one field: an option that cannot be represented by its content alone */
    KIND_CONCAT,     /* a rope of text: left, right, and the number of bytes as a scalar */
    KIND_BLOB,       /* bytes; a flat text is a blob of valid UTF-8 */
    KIND_BIGINT,     /* 32-bit limbs: first the sign (0 or 1), then the magnitude, least significant first */
    KIND_END,
} Kind;

typedef struct Object {
    Word header;
#if RTS_INCREMENTAL
    struct Object *forward; /* itself, or its new copy while references are not yet updated */
#endif
    Word payload[];
} Object;

#define OBJECT_ALIGNMENT ((size_t)8)

/* The longest object, in its own unit: what fits above the kind in a 32-bit header. */
#define OBJECT_MAXIMUM_LENGTH ((size_t)0xFFFFFF)

static inline Word header_make(Kind kind, size_t length) {
    return (Word)length << 8 | (Word)kind << 1 | 1;
}

static inline Kind header_kind(Word header) {
    return (Kind)(header >> 1 & 0x7F);
}

static inline size_t header_length(Word header) {
    return header >> 8;
}

static inline bool header_is_valid(Word header) {
    Kind kind = header_kind(header);
    return (header & 1) && kind >= KIND_RECORD && kind < KIND_END;
}

/* The number of payload words that hold values: they come first, and kinds that have any have nothing else. */
static inline size_t header_field_count(Word header) {
    return header_kind(header) >= KIND_BLOB ? 0 : header_length(header);
}

static inline size_t header_payload_bytes(Word header) {
    switch (header_kind(header)) {
    case KIND_BLOB:
        return header_length(header);
    case KIND_BIGINT:
        return header_length(header) * sizeof(uint32_t);
    default:
        return header_length(header) * sizeof(Word);
    }
}

/* The whole object in bytes, with its padding. */
static inline size_t header_object_bytes(Word header) {
    return round_up(sizeof(Object) + header_payload_bytes(header), OBJECT_ALIGNMENT);
}

/* The object that a pointer means, seen through its forwarding word. Valid until the next step of a collector. */
static inline Object *object_of(Value value) {
#if RTS_INCREMENTAL
    return ((Object *)value)->forward;
#else
    return (Object *)value;
#endif
}

static inline Value value_from_object(Object *object) {
    return (Value)object;
}

static inline Kind value_kind(Value value) {
    return header_kind(object_of(value)->header);
}

static inline bool value_has_kind(Value value, Kind kind) {
    return value_is_pointer(value) && value_kind(value) == kind;
}

static inline size_t value_length(Value value) {
    return header_length(object_of(value)->header);
}

static inline uint8_t *value_bytes(Value value) {
    return (uint8_t *)object_of(value)->payload;
}

/* Identity: the same scalar, null, or the same object whatever copy of it is named. */
static inline bool value_is_same(Value left, Value right) {
    if (value_is_pointer(left) && value_is_pointer(right)) {
        return object_of(left) == object_of(right);
    }
    return left == right;
}

#endif
