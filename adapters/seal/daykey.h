/* adapters/seal/daykey.h - the key that seals one day's records, and its two wraps (docs/keys.md).
 *
 * Each key is 32 random bytes, wrapped twice: to the master key (AES-256-GCM under a sub-key; this wrap
 * is deleted some hours after the day) and to the records public key (ECDH-ES + A256KW, RFC 7518 4.6
 * and RFC 3394, key wrapping only). Both wraps are bound to `label`, so a wrap moved to another key's
 * row does not open. Losing both wraps loses the day: that is how a day is shredded. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_DAYKEY_H
#define NIGHTBELL_ADAPTERS_SEAL_DAYKEY_H

#include "adapters/seal/keys.h"

enum {
    DAYKEY_BYTES = 32,
    DAYKEY_MASTER_WRAP = 12 + 32 + 16,       /* nonce, ciphertext, tag */
    DAYKEY_RECORDS_WRAP = JWK_POINT + 32 + 8 /* ephemeral point, wrapped key */
};

void daykey_new(uint8_t key[DAYKEY_BYTES]);
void daykey_wrap_master(const struct keys *k, struct slice label, const uint8_t key[DAYKEY_BYTES],
                        uint8_t out[DAYKEY_MASTER_WRAP]);
void daykey_wrap_records(const struct jwk *records, struct slice label, const uint8_t key[DAYKEY_BYTES],
                         uint8_t out[DAYKEY_RECORDS_WRAP]);
/* False with ERROR_CRYPTO when the wrap is not of this key and label; *key is then untouched. */
bool daykey_open_master(const struct keys *k, struct slice label, struct slice wrap,
                        uint8_t key[DAYKEY_BYTES], struct error *err);
bool daykey_open_records(const struct jwk *records, struct slice label, struct slice wrap,
                         uint8_t key[DAYKEY_BYTES], struct error *err);

#endif
