#include <stdint.h>

/* The greatest common divisor; gcd(0, n) is n. */
uint64_t calc_gcd(uint64_t a, uint64_t b);

/* base to the power of exponent, modulo 2^64. */
uint64_t calc_power(uint64_t base, uint64_t exponent);
