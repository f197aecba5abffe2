#include "adapters/seal/jwk.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/seal/hash.h"
#include "adapters/seal/jwk_parts.h"
#include "adapters/seal/local.h"
#include "base/base64url.h"
#include "base/memory.h"

struct jwk {
    EVP_PKEY *pkey;
    uint8_t point[JWK_POINT];
    bool is_private;
};

enum { JSON_MAX = 4096 };

EVP_PKEY *jwk_pkey(const struct jwk *k)
{
    return k->pkey;
}

bool jwk_private(const struct jwk *k)
{
    return k->is_private;
}

const uint8_t *jwk_point(const struct jwk *k)
{
    return k->point;
}

void jwk_free(struct jwk **k)
{
    if (k == NULL || *k == NULL)
        return;
    EVP_PKEY_free((*k)->pkey); /* cleanses the private part */
    free(*k);
    *k = NULL;
}

struct jwk *jwk_generate(void)
{
    struct jwk *k = memory_new(sizeof *k);
    size_t len = 0;
    seal_must(EVP_PKEY_generate(seal_local()->p256, &k->pkey));
    seal_must(EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, k->point, JWK_POINT, &len));
    seal_must(len == JWK_POINT);
    k->is_private = true;
    return k;
}

static OSSL_PARAM *key_params(const uint8_t point[JWK_POINT], BIGNUM *d)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    seal_must(bld != NULL);
    seal_must(OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0));
    seal_must(OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, JWK_POINT));
    if (d != NULL)
        seal_must(OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d));
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
    seal_must(params != NULL);
    OSSL_PARAM_BLD_free(bld);
    return params;
}

/* Checks what OpenSSL made of it: on the curve and, for a private key, that both parts are one pair. */
static bool pkey_sound(EVP_PKEY *pkey, bool is_private)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    seal_must(ctx != NULL);
    bool sound = EVP_PKEY_public_check(ctx) == 1 && (!is_private || EVP_PKEY_pairwise_check(ctx) == 1);
    EVP_PKEY_CTX_free(ctx);
    return sound;
}

static EVP_PKEY *pkey_make(const uint8_t point[JWK_POINT], const uint8_t *scalar)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    BIGNUM *d = scalar != NULL ? BN_secure_new() : NULL;
    EVP_PKEY *pkey = NULL;
    seal_must(ctx != NULL && (scalar == NULL || (d != NULL && BN_bin2bn(scalar, JWK_SCALAR, d) != NULL)));
    OSSL_PARAM *params = key_params(point, d);
    int selection = scalar != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    seal_must(EVP_PKEY_fromdata_init(ctx));
    if (EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1 || !pkey_sound(pkey, scalar != NULL)) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    OSSL_PARAM_free(params);
    BN_clear_free(d);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static struct jwk *key_make(const uint8_t point[JWK_POINT], const uint8_t *scalar, struct error *err)
{
    EVP_PKEY *pkey = pkey_make(point, scalar);
    if (pkey == NULL) {
        error_set(err, ERROR_CRYPTO, scalar != NULL ? "not a key pair of P-256" : "not a point of P-256");
        return NULL;
    }
    struct jwk *k = memory_new(sizeof *k);
    k->pkey = pkey;
    k->is_private = scalar != NULL;
    memcpy(k->point, point, JWK_POINT);
    return k;
}

struct jwk *jwk_from_point(struct slice point, struct error *err)
{
    if (point.len != JWK_POINT || point.ptr[0] != 0x04) {
        error_set(err, ERROR_CRYPTO, "a public key is 65 bytes, uncompressed");
        return NULL;
    }
    return key_make((const uint8_t *)point.ptr, NULL, err);
}

/* A coordinate or the scalar: exactly 32 bytes, as RFC 7518 6.2.1.2 demands. */
static bool member_read(const json_t *object, const char *name, uint8_t out[JWK_SCALAR])
{
    const json_t *v = json_object_get(object, name);
    struct buf b = buf_make(JWK_SCALAR);
    bool ok = json_is_string(v) &&
              base64url_decode((struct slice){ json_string_value(v), json_string_length(v) }, &b) &&
              b.len == JWK_SCALAR && !b.failed;
    if (ok)
        memcpy(out, b.ptr, JWK_SCALAR);
    if (b.len > 0)
        OPENSSL_cleanse(b.ptr, b.len);
    buf_free(&b);
    return ok;
}

static bool member_is(const json_t *object, const char *name, const char *value)
{
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) &&
           slice_is((struct slice){ json_string_value(v), json_string_length(v) }, value);
}

struct jwk *jwk_from_object(const json_t *object, struct error *err)
{
    uint8_t point[JWK_POINT] = { 0x04 }, scalar[JWK_SCALAR];
    bool has_d = json_object_get(object, "d") != NULL;
    if (!member_is(object, "kty", "EC") || !member_is(object, "crv", "P-256")) {
        error_set(err, ERROR_UNSUPPORTED, "only EC keys on P-256 are taken");
        return NULL;
    }
    if (!member_read(object, "x", point + 1) || !member_read(object, "y", point + 1 + JWK_SCALAR) ||
        (has_d && !member_read(object, "d", scalar))) {
        error_set(err, ERROR_SYNTAX, "x, y and d of a P-256 key are 32 bytes in base64url");
        return NULL;
    }
    struct jwk *k = key_make(point, has_d ? scalar : NULL, err);
    OPENSSL_cleanse(scalar, sizeof scalar);
    return k;
}

struct jwk *jwk_from_json(struct slice json, struct error *err)
{
    json_error_t where;
    if (json.len > JSON_MAX) {
        error_set(err, ERROR_LIMIT, "a JSON Web Key has more than %d bytes", (int)JSON_MAX);
        return NULL;
    }
    json_t *object = json_loadb(json.ptr != NULL ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(object)) {
        json_decref(object);
        error_set(err, ERROR_SYNTAX, "not a JSON object");
        return NULL;
    }
    struct jwk *k = jwk_from_object(object, err);
    json_decref(object);
    return k;
}

static void put_member(struct buf *out, const char *name, const uint8_t bytes[JWK_SCALAR])
{
    buf_printf(out, ",\"%s\":\"", name);
    base64url_put(out, (struct slice){ (const char *)bytes, JWK_SCALAR });
    buf_text(out, "\"");
}

static void put_scalar(const struct jwk *k, struct buf *out)
{
    BIGNUM *d = NULL;
    uint8_t scalar[JWK_SCALAR];
    seal_must(EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d));
    seal_must(BN_bn2binpad(d, scalar, JWK_SCALAR) == JWK_SCALAR);
    put_member(out, "d", scalar);
    OPENSSL_cleanse(scalar, sizeof scalar);
    BN_clear_free(d);
}

void jwk_put_json(const struct jwk *k, bool with_private, struct buf *out)
{
    buf_text(out, "{\"kty\":\"EC\",\"crv\":\"P-256\"");
    put_member(out, "x", k->point + 1);
    put_member(out, "y", k->point + 1 + JWK_SCALAR);
    if (with_private && k->is_private)
        put_scalar(k, out);
    buf_text(out, "}");
}

void jwk_put_thumbprint(const struct jwk *k, struct buf *out)
{
    /* RFC 7638 3: the required members only, in the order of their names. */
    struct buf b = buf_make(512);
    uint8_t hash[HASH_BYTES];
    buf_text(&b, "{\"crv\":\"P-256\",\"kty\":\"EC\"");
    put_member(&b, "x", k->point + 1);
    put_member(&b, "y", k->point + 1 + JWK_SCALAR);
    buf_text(&b, "}");
    hash_sha256(buf_slice(&b), hash);
    base64url_put(out, (struct slice){ (char *)hash, sizeof hash });
    buf_free(&b);
}

void jwk_agree(const struct jwk *mine, const struct jwk *theirs, uint8_t z[JWK_SCALAR])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, mine->pkey, NULL);
    size_t len = JWK_SCALAR;
    seal_must(ctx != NULL && EVP_PKEY_derive_init(ctx) == 1);
    /* Without a second check of the peer: every jwk was checked when it was made (LIMITS 1). */
    seal_must(EVP_PKEY_derive_set_peer_ex(ctx, theirs->pkey, 0));
    seal_must(EVP_PKEY_derive(ctx, z, &len));
    seal_must(len == JWK_SCALAR);
    EVP_PKEY_CTX_free(ctx);
}
