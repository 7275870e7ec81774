/* Reproducible random numbers: SplitMix64 (Steele, Lea, Flood 2014). */
#ifndef RTS_TESTS_RANDOM_H
#define RTS_TESTS_RANDOM_H

#include "../src/base.h"

typedef struct Random {
    uint64_t state;
} Random;

/* Different subjects take different streams of the same seed. */
static inline Random random_make(uint64_t seed, uint64_t stream) {
    return (Random){seed * 0x9E3779B97F4A7C15u + stream * 0xD1B54A32D192ED03u};
}

static inline uint64_t random_u64(Random *random) {
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static inline uint32_t random_u32(Random *random) {
    return (uint32_t)(random_u64(random) >> 32);
}

/* In [0, bound), for a bound that is not zero. */
static inline uint32_t random_below(Random *random, uint32_t bound) {
    return (uint32_t)((uint64_t)random_u32(random) * bound >> 32);
}

/* In [low, high]. */
static inline uint32_t random_between(Random *random, uint32_t low, uint32_t high) {
    return low + random_below(random, high - low + 1);
}

/* True in about `percent` of a hundred cases. */
static inline bool random_chance(Random *random, uint32_t percent) {
    return random_below(random, 100) < percent;
}

/* A number of a random width up to 64 bits: small ones and borders are as frequent as large ones. */
static inline uint64_t random_wide(Random *random) {
    uint64_t number = random_u64(random) >> random_below(random, 64);
    return random_chance(random, 10) ? 0 - number : number;
}

static inline void random_bytes(Random *random, uint8_t *target, size_t length) {
    for (size_t i = 0; i < length; i++) {
        target[i] = (uint8_t)random_u32(random);
    }
}

#endif
