/* A growing stack of words outside the heap: the mark stack, and the work list of everything that walks a rope. */
#ifndef RTS_WORD_STACK_H
#define RTS_WORD_STACK_H

#include "base.h"

typedef struct WordBlock WordBlock;

typedef struct WordStack {
    WordBlock *block; /* the topmost one */
    size_t used;      /* words in the topmost block */
} WordStack;

#define WORD_STACK_EMPTY ((WordStack){NULL, 0})

void word_stack_push(WordStack *stack, Word word);

/* False, and `*word` untouched, when the stack is empty. */
bool word_stack_pop(WordStack *stack, Word *word);

bool word_stack_is_empty(const WordStack *stack);

/* Gives back all memory; the stack is empty and usable afterwards. */
void word_stack_free(WordStack *stack);

#endif
