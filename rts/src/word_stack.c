/* A stack of words in linked blocks: growing never copies, and a deep structure costs no machine stack. */
#include "word_stack.h"

#include "span.h"

#define BLOCK_WORDS (SPAN_PAGE_BYTES / sizeof(Word) - 2)

struct WordBlock {
    WordBlock *below;
    WordBlock *spare; /* one emptied block is kept, lest a stack at a border allocate and free at every step */
    Word words[BLOCK_WORDS];
};

_Static_assert(sizeof(WordBlock) == SPAN_PAGE_BYTES, "a block fills its page");

void word_stack_push(WordStack *stack, Word word) {
    if (!stack->block || stack->used == BLOCK_WORDS) {
        WordBlock *block = stack->block ? stack->block->spare : NULL;
        if (!block) {
            block = span_allocate(sizeof(WordBlock));
        }
        if (stack->block) {
            stack->block->spare = NULL;
        }
        block->below = stack->block;
        block->spare = NULL;
        stack->block = block;
        stack->used = 0;
    }
    stack->block->words[stack->used++] = word;
}

bool word_stack_pop(WordStack *stack, Word *word) {
    if (word_stack_is_empty(stack)) {
        return false;
    }
    *word = stack->block->words[--stack->used];
    if (stack->used == 0 && stack->block->below) {
        WordBlock *emptied = stack->block;
        span_free(emptied->spare, sizeof(WordBlock));
        stack->block = emptied->below;
        stack->block->spare = emptied;
        stack->used = BLOCK_WORDS;
    }
    return true;
}

bool word_stack_is_empty(const WordStack *stack) {
    return stack->used == 0;
}

void word_stack_free(WordStack *stack) {
    while (stack->block) {
        WordBlock *block = stack->block;
        stack->block = block->below;
        span_free(block->spare, sizeof(WordBlock));
        span_free(block, sizeof(WordBlock));
    }
    *stack = WORD_STACK_EMPTY;
}
