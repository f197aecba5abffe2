/* adapters/seal/jwk_parts.h - the OpenSSL key inside a jwk; for the seal's own files. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_JWK_PARTS_H
#define NIGHTBELL_ADAPTERS_SEAL_JWK_PARTS_H

#include <jansson.h>
#include <openssl/evp.h>

#include "adapters/seal/jwk.h"

EVP_PKEY *jwk_pkey(const struct jwk *k);
struct jwk *jwk_from_object(const json_t *object, struct error *err); /* as jwk_from_json */

/* One ECDH with a fresh or a kept private key: 32 bytes of x. `theirs` was checked when it came in. */
void jwk_agree(const struct jwk *mine, const struct jwk *theirs, uint8_t z[JWK_SCALAR]);

#endif
