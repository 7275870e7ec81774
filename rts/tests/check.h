/* How a test says that something is wrong: one message, "FILE:LINE: what (values; seed)", and a trap. */
#ifndef RTS_TESTS_CHECK_H
#define RTS_TESTS_CHECK_H

#include "../src/base.h"

/* Checks a condition; `what` is the sentence that turned out to be false. */
#define CHECK(condition, what) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, what))

/* Compares two integers of at most 64 bits, and shows them. */
#define CHECK_EQUAL(actual, expected, what)                                                                            \
    check_equal(__FILE__, __LINE__, (uint64_t)(actual), (uint64_t)(expected), what)

_Noreturn void check_failed(const char *file, uint32_t line, const char *what);
void check_equal(const char *file, uint32_t line, uint64_t actual, uint64_t expected, const char *what);

/* Which step of a test is under way, to be named when it fails. */
void check_step(uint64_t step);

/* Runs `test` once for each seed. In between, heap, roots and stable memory are emptied, and whatever memory the test
 * has not given back is an error. */
void check_seeds(uint64_t first_seed, uint64_t seed_count, void (*test)(uint64_t seed));

/* Runs a test that takes no seed, with the same care. */
void check_once(void (*test)(void));

/* Defines the entry of a test module. */
#define TEST_MODULE(module)                                                                                            \
    __attribute__((export_name("test_" #module))) void test_##module(uint64_t first_seed, uint64_t seed_count);        \
    void test_##module(uint64_t first_seed, uint64_t seed_count)

#endif
