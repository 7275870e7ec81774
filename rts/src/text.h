/* Texts: ropes of UTF-8. A leaf is a blob; a concatenation knows its parts and its length in bytes. */
#ifndef RTS_TEXT_H
#define RTS_TEXT_H

#include "object.h"
#include "word_stack.h"

/* Texts up to this many bytes are concatenated by copying: a node would be larger than what it saves. */
#define TEXT_FLAT_BYTES 32

/* A blob; the bytes must be valid UTF-8. */
Value text_from_bytes(const uint8_t *bytes, size_t length);

size_t text_bytes(Value text);

/* In characters, that is, code points. */
size_t text_length(Value text);

Value text_concatenate(Value left, Value right);

/* An equal text that is one blob; the text itself if it is one already. */
Value text_flatten(Value text);

/* Copies all of it to `target`, which has room for `text_bytes`. */
void text_copy(Value text, uint8_t *target);

/* Negative, zero or positive, by bytes, which for UTF-8 is by code points. */
int32_t text_compare(Value left, Value right);

/* Walks a rope's leaves, then their characters; must be ended, and no collector may run meanwhile. */
typedef struct TextIterator {
    WordStack pending;
    const uint8_t *at;
    const uint8_t *end;
} TextIterator;

TextIterator text_iterate(Value text);

/* True, and the next character, unless there is none. */
bool text_next(TextIterator *iterator, uint32_t *code_point);
void text_iterate_end(TextIterator *iterator);

#endif
