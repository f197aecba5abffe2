/* adapters/seal/hash.h - SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and HKDF (RFC 5869).
 *
 * Algorithms are fetched once per process, contexts kept per thread, so a call allocates nothing.
 * None of these can fail on valid arguments; a failure inside OpenSSL ends the process (exit 70). */
#ifndef NIGHTBELL_ADAPTERS_SEAL_HASH_H
#define NIGHTBELL_ADAPTERS_SEAL_HASH_H

#include "base/slice.h"

enum { HASH_BYTES = 32 };

void hash_sha256(struct slice bytes, uint8_t out[HASH_BYTES]);
/* The hash of the parts one after the other; lengths are not hashed, the caller's layout must be
 * unambiguous. */
void hash_sha256_parts(const struct slice *parts, size_t count, uint8_t out[HASH_BYTES]);
void hash_hmac(struct slice key, struct slice bytes, uint8_t out[HASH_BYTES]);
/* HKDF-SHA-256, extract and expand; `bytes` at most 255 * 32. */
void hash_hkdf(struct slice secret, struct slice salt, struct slice info, uint8_t *out, size_t bytes);
/* In constant time for equal lengths. */
bool hash_equal(struct slice a, struct slice b);

#endif
