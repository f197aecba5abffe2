/* adapters/seal/jws.h - compact JWS with ES256 (RFC 7515, RFC 7518 3.4), strict.
 *
 * Answers of devices and gateways are these. Taken: alg exactly ES256, no crit, no b64, no repeated
 * member, a 64-byte signature. Everything else is refused before the signature is looked at. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_JWS_H
#define NIGHTBELL_ADAPTERS_SEAL_JWS_H

#include "adapters/seal/jwk.h"

enum { JWS_HEADER_MAX = 4096, JWS_SIGNATURE = 64 };

/* Appends the payload's bytes to `out` when the signature is right: about 60 us with a jwk, 80 us
 * more with a raw point, which is checked first. ERROR_SYNTAX, ERROR_UNSUPPORTED or ERROR_AUTH. */
bool jws_verify(const struct jwk *key, struct slice compact, struct buf *out, struct error *err);
bool jws_verify_point(struct slice point, struct slice compact, struct buf *out, struct error *err);

/* The header's kid without any check, to find the key with; empty when there is none.
 * Appended to `out`. False when the header cannot be read. */
bool jws_kid(struct slice compact, struct buf *out, struct error *err);

/* Signs with a private key; `kid` may be empty. Appends the compact form. */
bool jws_sign(const struct jwk *key, struct slice kid, struct slice payload, struct buf *out,
              struct error *err);

/* The bare signature over bytes, r and s of 32 bytes each, as WebCrypto makes it. */
bool jws_signature_good(const struct jwk *key, struct slice bytes, struct slice signature);
void jws_signature_make(const struct jwk *key, struct slice bytes, uint8_t out[JWS_SIGNATURE]);

#endif
