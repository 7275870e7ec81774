/* What remains to be marked: objects, each with the first of its fields that has not been looked at. */
#ifndef RTS_MARK_STACK_H
#define RTS_MARK_STACK_H

#include "object.h"
#include "word_stack.h"

static inline void mark_stack_push(WordStack *stack, Object *object, size_t first_field) {
    word_stack_push(stack, first_field);
    word_stack_push(stack, (Word)object);
}

static inline bool mark_stack_pop(WordStack *stack, Object **object, size_t *first_field) {
    Word word;
    if (!word_stack_pop(stack, &word)) {
        return false;
    }
    *object = (Object *)word;
    word_stack_pop(stack, first_field);
    return true;
}

#endif
