/* Ropes.
 *
 * A rope can be as deep as it is long, leaning to either side, for a program that builds a text piece by piece makes
 * just that. So nothing here recurses: what is still to be visited is kept on a stack of words outside the heap.
 */
#include "text.h"

#include "bytes.h"
#include "field.h"
#include "heap.h"
#include "utf8.h"

enum { CONCAT_LEFT, CONCAT_RIGHT, CONCAT_BYTES, CONCAT_FIELDS };

Value text_from_bytes(const uint8_t *bytes, size_t length) {
    RTS_REQUIRE(utf8_validate(bytes, length, NULL) == UTF8_OK, "a text of invalid UTF-8");
    Value text = heap_allocate(KIND_BLOB, length);
    memcpy(value_bytes(text), bytes, length);
    return text;
}

static bool is_concat(Value text) {
    return value_kind(text) == KIND_CONCAT;
}

size_t text_bytes(Value text) {
    return is_concat(text) ? (size_t)value_to_scalar(field_get(text, CONCAT_BYTES)) : value_length(text);
}

/* Descends to the leftmost leaf of `text`, leaving the right sides on the stack. */
static Value leftmost_leaf(WordStack *pending, Value text) {
    while (is_concat(text)) {
        word_stack_push(pending, field_get(text, CONCAT_RIGHT));
        text = field_get(text, CONCAT_LEFT);
    }
    return text;
}

TextIterator text_iterate(Value text) {
    TextIterator iterator = {WORD_STACK_EMPTY, NULL, NULL};
    Value leaf = leftmost_leaf(&iterator.pending, text);
    iterator.at = value_bytes(leaf);
    iterator.end = iterator.at + value_length(leaf);
    return iterator;
}

/* Makes [at, end) a leaf that is not empty; false when there is none left. */
static bool refill(TextIterator *iterator) {
    while (iterator->at == iterator->end) {
        Word pending;
        if (!word_stack_pop(&iterator->pending, &pending)) {
            return false;
        }
        Value leaf = leftmost_leaf(&iterator->pending, pending);
        iterator->at = value_bytes(leaf);
        iterator->end = iterator->at + value_length(leaf);
    }
    return true;
}

bool text_next(TextIterator *iterator, uint32_t *code_point) {
    if (!refill(iterator)) {
        return false;
    }
    size_t size = 0;
    Utf8Status status = utf8_decode(iterator->at, (size_t)(iterator->end - iterator->at), code_point, &size);
    RTS_REQUIRE(status == UTF8_OK, "a text of invalid UTF-8");
    iterator->at += size;
    return true;
}

void text_iterate_end(TextIterator *iterator) {
    word_stack_free(&iterator->pending);
}

size_t text_length(Value text) {
    TextIterator iterator = text_iterate(text);
    size_t length = 0;
    while (refill(&iterator)) {
        length += utf8_count(iterator.at, (size_t)(iterator.end - iterator.at));
        iterator.at = iterator.end;
    }
    text_iterate_end(&iterator);
    return length;
}

void text_copy(Value text, uint8_t *target) {
    TextIterator iterator = text_iterate(text);
    while (refill(&iterator)) {
        size_t piece = (size_t)(iterator.end - iterator.at);
        memcpy(target, iterator.at, piece);
        target += piece;
        iterator.at = iterator.end;
    }
    text_iterate_end(&iterator);
}

Value text_flatten(Value text) {
    if (!is_concat(text)) {
        return text;
    }
    Value flat = heap_allocate(KIND_BLOB, text_bytes(text));
    text_copy(text, value_bytes(flat));
    return flat;
}

Value text_concatenate(Value left, Value right) {
    size_t left_bytes = text_bytes(left);
    size_t right_bytes = text_bytes(right);
    if (left_bytes == 0 || right_bytes == 0) {
        return left_bytes == 0 ? right : left;
    }
    RTS_REQUIRE(left_bytes <= (size_t)SCALAR_MAXIMUM - right_bytes, "a text is too long");
    if (left_bytes + right_bytes <= TEXT_FLAT_BYTES) {
        Value flat = heap_allocate(KIND_BLOB, left_bytes + right_bytes);
        text_copy(left, value_bytes(flat));
        text_copy(right, value_bytes(flat) + left_bytes);
        return flat;
    }
    Value concat = heap_allocate(KIND_CONCAT, CONCAT_FIELDS);
    field_set(concat, CONCAT_LEFT, left);
    field_set(concat, CONCAT_RIGHT, right);
    field_set(concat, CONCAT_BYTES, value_from_scalar((intptr_t)(left_bytes + right_bytes)));
    return concat;
}

int32_t text_compare(Value left, Value right) {
    TextIterator a = text_iterate(left);
    TextIterator b = text_iterate(right);
    int32_t order = 0;
    for (;;) {
        bool has_a = refill(&a);
        bool has_b = refill(&b);
        if (!has_a || !has_b) {
            order = (int32_t)has_a - (int32_t)has_b;
            break;
        }
        size_t rest_a = (size_t)(a.end - a.at);
        size_t rest_b = (size_t)(b.end - b.at);
        size_t piece = rest_a < rest_b ? rest_a : rest_b;
        order = memcmp(a.at, b.at, piece);
        if (order != 0) {
            break;
        }
        a.at += piece;
        b.at += piece;
    }
    text_iterate_end(&a);
    text_iterate_end(&b);
    return order;
}
