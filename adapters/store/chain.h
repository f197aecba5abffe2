/* adapters/store/chain.h - the hash chain over the journal's rows, as sealed (docs/journal.md).
 *
 * link(n) = SHA-256(link(n-1) || header(n) || nonce(n) || ciphertext(n)); link(-1) is made from the
 * journal's random id and the lane. Proving needs no key. A chain proves order and completeness up to
 * its last link; that the last link is the last one needs a witness elsewhere. */
#ifndef NIGHTBELL_ADAPTERS_STORE_CHAIN_H
#define NIGHTBELL_ADAPTERS_STORE_CHAIN_H

#include "adapters/seal/aead.h"
#include "adapters/seal/hash.h"

enum { CHAIN_VERSION = 1, CHAIN_ID = 16, CHAIN_HEADER = 1 + 8 + 8 + 4 + 8 + 8 + 8 + 4 + 4 };

struct chain {
    uint8_t link[HASH_BYTES];
};

/* One row without its body: what is hashed before the ciphertext and bound to it by the seal. */
struct chain_row {
    uint64_t lane, first, epoch;
    uint32_t count, key;
    int64_t lane_us, wall_us;
    uint32_t sealed_bytes;
};

struct chain chain_start(const uint8_t journal_id[CHAIN_ID], uint64_t lane);
void chain_header(const struct chain_row *row, uint8_t out[CHAIN_HEADER]);
/* The link after `c` for this row; *c is moved on. */
void chain_add(struct chain *c, const struct chain_row *row, const uint8_t nonce[AEAD_NONCE],
               struct slice sealed);

#endif
