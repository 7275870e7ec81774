/* calc-test MODULE FIRST_SEED SEED_COUNT: exits with 1, and says why, at the first thing that is not as it should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calc.h"

static uint64_t state;

static uint64_t next(void) { /* xorshift64* */
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1DULL;
}

static void expect(int holds, const char *what, uint64_t seed) {
    if (holds) return;
    printf("%s does not hold (seed %llu)\n", what, (unsigned long long)seed);
    exit(1);
}

static void test_gcd(uint64_t seed) {
    for (int round = 0; round < 1000; round++) {
        uint64_t a = next() % 100000, b = next() % 100000 + 1, divisor = calc_gcd(a, b);
        expect(a % divisor == 0 && b % divisor == 0, "gcd divides both", seed);
        expect(divisor == calc_gcd(b, a), "gcd commutes", seed);
    }
}

static void test_power(uint64_t seed) {
    for (int round = 0; round < 1000; round++) {
        uint64_t base = next(), m = next() % 64, n = next() % 64;
        expect(calc_power(base, m) * calc_power(base, n) == calc_power(base, m + n), "powers add up", seed);
    }
}

static void test_edges(uint64_t seed) {
    expect(calc_gcd(0, 7) == 7 && calc_gcd(7, 0) == 7, "gcd with 0", seed);
    expect(calc_power(0, 0) == 1 && calc_power(2, 64) == 0, "powers of 0 and 2", seed);
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    uint64_t first = strtoull(argv[2], NULL, 10), count = strtoull(argv[3], NULL, 10);
    for (uint64_t seed = first; seed < first + (count ? count : 1); seed++) {
        state = seed * 0x9E3779B97F4A7C15ULL + 1;
        if (!strcmp(argv[1], "gcd")) test_gcd(seed);
        else if (!strcmp(argv[1], "power")) test_power(seed);
        else if (!strcmp(argv[1], "edges")) test_edges(seed);
        else return 2;
    }
    return 0;
}
