/* adapters/seal/random.h - random bytes for keys, nonces, codes and ids, from OpenSSL. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_RANDOM_H
#define NIGHTBELL_ADAPTERS_SEAL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills `out`. A machine without randomness can seal nothing, so the process ends with exit code 70
 * when OpenSSL has none, as it does without memory (base/memory.h). Any thread. */
void seal_random(void *out, size_t bytes);
uint64_t seal_random_u64(void); /* never 0: device ids */

#endif
