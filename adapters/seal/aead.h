/* adapters/seal/aead.h - AES-256-GCM (NIST SP 800-38D) with the caller's nonce.
 *
 * A nonce must never be used twice under one key; who calls keeps that promise and says how. A `struct
 * aead` holds one key with its key schedule ready; use it from one thread at a time. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_AEAD_H
#define NIGHTBELL_ADAPTERS_SEAL_AEAD_H

#include "base/buf.h"

enum { AEAD_KEY = 32, AEAD_NONCE = 12, AEAD_TAG = 16 };

struct aead;

struct aead *aead_new(const uint8_t key[AEAD_KEY]); /* copies the key */
void aead_free(struct aead **a);                    /* cleanses; accepts NULL and *a == NULL */

/* Appends the ciphertext and its 16-byte tag to `out`; false only past out's ceiling. */
bool aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE], struct slice aad, struct slice plain,
               struct buf *out);
/* `sealed` is ciphertext and tag. Appends the plaintext; false, and nothing appended, when the tag
 * does not fit the key, nonce, aad and bytes. */
bool aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE], struct slice aad, struct slice sealed,
               struct buf *out);

#endif
