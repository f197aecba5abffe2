/* base/prng.h - seeded random numbers for the deterministic core (xoshiro256**, seeded by splitmix64).
 *
 * Not for keys, codes or nonces: those come from OpenSSL in adapters/seal. */
#ifndef NIGHTBELL_BASE_PRNG_H
#define NIGHTBELL_BASE_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t s[4];
};

struct prng prng_make(uint64_t seed);
uint64_t prng_next(struct prng *p);
uint64_t prng_below(struct prng *p, uint64_t bound); /* 0 .. bound-1, no bias; bound > 0 */

#endif
