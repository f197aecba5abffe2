/* adapters/seal/jwe.h - compact JWE (RFC 7516) with ECDH-ES and A256GCM on P-256 (RFC 7518 4.6, 5.3).
 *
 * What leaves for a phone or a gateway is one of these per device: an ephemeral key each, Concat KDF
 * (SHA-256), a random 96-bit IV, a 128-bit tag. Nothing else is made and nothing else is opened. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_JWE_H
#define NIGHTBELL_ADAPTERS_SEAL_JWE_H

#include "adapters/seal/jwk.h"

enum { JWE_HEADER_MAX = 4096, JWE_PLAIN_MAX = 16 * 1024 * 1024 };

/* Protected header members; empty ones are left out. They travel readable: no patient data here. */
struct jwe_header {
    struct slice kid, typ, cty;
};

/* Appends the compact form to `out`; about 50 us. `to` is a checked public key (jwk.h). False past
 * out's ceiling or JWE_PLAIN_MAX (ERROR_LIMIT) or when a header member is not UTF-8 (ERROR_VALUE). */
bool jwe_seal(const struct jwk *to, const struct jwe_header *header, struct slice plain, struct buf *out,
              struct error *err);

/* Opens one made by anybody for the private key `key`: alg ECDH-ES and enc A256GCM only; apu and apv
 * are honoured; zip, crit, another alg or enc, an epk off the curve, an encrypted key, a tag that is
 * not 16 bytes are refused (ERROR_UNSUPPORTED, ERROR_SYNTAX, ERROR_CRYPTO). Appends the plaintext. */
bool jwe_open(const struct jwk *key, struct slice compact, struct buf *out, struct error *err);

/* Concat KDF with SHA-256 (NIST SP 800-56A 5.8.1 as RFC 7518 4.6.2 uses it), up to 32 bytes of key. */
void jwe_concat_kdf(struct slice z, struct slice algorithm_id, struct slice apu, struct slice apv,
                    uint8_t *key, size_t key_bytes);

#endif
