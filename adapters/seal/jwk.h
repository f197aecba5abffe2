/* adapters/seal/jwk.h - P-256 keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.2) and raw points.
 *
 * A public key is checked once, when it comes in (on the curve, not infinity, right order); every
 * later use may trust it. The OpenSSL key is kept ready inside. Immutable, so threads may share one. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_JWK_H
#define NIGHTBELL_ADAPTERS_SEAL_JWK_H

#include "base/buf.h"
#include "base/error.h"

enum { JWK_POINT = 65 /* 0x04, x, y: uncompressed */, JWK_SCALAR = 32 };

struct jwk;

struct jwk *jwk_generate(void);
/* NULL with ERROR_CRYPTO when it is not a point of P-256. */
struct jwk *jwk_from_point(struct slice point, struct error *err);
/* A JSON object with kty EC, crv P-256, x, y and, for a private key, d. Other members are ignored.
 * NULL with ERROR_SYNTAX / ERROR_UNSUPPORTED / ERROR_CRYPTO. At most 4096 bytes. */
struct jwk *jwk_from_json(struct slice json, struct error *err);
void jwk_free(struct jwk **k); /* cleanses; accepts NULL and *k == NULL */

bool jwk_private(const struct jwk *k);         /* has it the private part */
const uint8_t *jwk_point(const struct jwk *k); /* JWK_POINT bytes, owned by k */
/* {"kty":"EC","crv":"P-256","x":..,"y":..} and "d" when asked and there. */
void jwk_put_json(const struct jwk *k, bool with_private, struct buf *out);
/* RFC 7638 thumbprint, base64url, 43 characters: a good kid. */
void jwk_put_thumbprint(const struct jwk *k, struct buf *out);

#endif
