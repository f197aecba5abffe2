#include "adapters/seal/jws.h"

#include <openssl/ecdsa.h>
#include <string.h>

#include "adapters/seal/compact.h"
#include "adapters/seal/jwk_parts.h"
#include "adapters/seal/local.h"
#include "base/base64url.h"

enum { DER_MAX = 80, COMPACT_MAX = 4 * 1024 * 1024 };

static const unsigned char *bytes_of(struct slice s)
{
    return (const unsigned char *)(s.ptr != NULL ? s.ptr : "");
}

/* OpenSSL speaks DER; JOSE and WebCrypto speak r and s of 32 bytes each (RFC 7518 3.4). */
static int der_from_raw(const unsigned char *raw, unsigned char der[DER_MAX])
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, 32, NULL), *s = BN_bin2bn(raw + 32, 32, NULL);
    seal_must(sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1);
    int len = i2d_ECDSA_SIG(sig, &der);
    ECDSA_SIG_free(sig);
    return len;
}

bool jws_signature_good(const struct jwk *key, struct slice bytes, struct slice signature)
{
    unsigned char der[DER_MAX];
    EVP_MD_CTX *ctx = seal_local()->sign;
    if (signature.len != JWS_SIGNATURE)
        return false;
    int len = der_from_raw(bytes_of(signature), der);
    seal_must(EVP_MD_CTX_reset(ctx));
    seal_must(EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, jwk_pkey(key), NULL));
    return len > 0 && EVP_DigestVerify(ctx, der, (size_t)len, bytes_of(bytes), bytes.len) == 1;
}

void jws_signature_make(const struct jwk *key, struct slice bytes, uint8_t out[JWS_SIGNATURE])
{
    unsigned char der[DER_MAX];
    const unsigned char *at = der;
    size_t len = sizeof der;
    EVP_MD_CTX *ctx = seal_local()->sign;
    seal_must(EVP_MD_CTX_reset(ctx));
    seal_must(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, jwk_pkey(key), NULL));
    seal_must(EVP_DigestSign(ctx, der, &len, bytes_of(bytes), bytes.len));
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    seal_must(sig != NULL);
    seal_must(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32);
    seal_must(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32);
    ECDSA_SIG_free(sig);
}

static bool header_taken(struct slice part, struct error *err)
{
    json_t *h = compact_header(part, JWS_HEADER_MAX, err);
    bool ok = h != NULL;
    if (ok && !slice_is(compact_text(h, "alg"), "ES256"))
        ok = error_set(err, ERROR_UNSUPPORTED, "only ES256 is taken");
    if (ok && (compact_has(h, "crit") || compact_has(h, "b64")))
        ok = error_set(err, ERROR_UNSUPPORTED, "crit and b64 are refused");
    json_decref(h);
    return ok;
}

static bool signature_checked(const struct jwk *key, struct slice compact, const struct slice parts[3],
                              struct error *err)
{
    struct buf signature = buf_make(JWS_SIGNATURE);
    struct slice signed_text = slice_sub(compact, 0, parts[0].len + 1 + parts[1].len);
    bool ok = base64url_decode(parts[2], &signature) && signature.len == JWS_SIGNATURE;
    if (!ok)
        error_set(err, ERROR_SYNTAX, "a signature of ES256 has 64 bytes");
    else if (!jws_signature_good(key, signed_text, buf_slice(&signature)))
        ok = error_set(err, ERROR_AUTH, "the signature is not of this key over these bytes");
    buf_free(&signature);
    return ok;
}

bool jws_verify(const struct jwk *key, struct slice compact, struct buf *out, struct error *err)
{
    struct slice parts[3];
    if (compact.len > COMPACT_MAX)
        return error_set(err, ERROR_LIMIT, "a signed form has more than %d bytes", (int)COMPACT_MAX);
    if (!compact_split(compact, parts, 3, err) || !header_taken(parts[0], err) ||
        !signature_checked(key, compact, parts, err))
        return false;
    if (!base64url_decode(parts[1], out))
        return error_set(err, ERROR_SYNTAX, "the payload is not base64url");
    if (out->failed)
        return error_set(err, ERROR_LIMIT, "the payload passes the caller's ceiling of %zu bytes", out->max);
    return true;
}

bool jws_verify_point(struct slice point, struct slice compact, struct buf *out, struct error *err)
{
    struct jwk *key = jwk_from_point(point, err);
    bool ok = key != NULL && jws_verify(key, compact, out, err);
    jwk_free(&key);
    return ok;
}

bool jws_kid(struct slice compact, struct buf *out, struct error *err)
{
    struct slice parts[3];
    if (!compact_split(compact, parts, 3, err))
        return false;
    json_t *h = compact_header(parts[0], JWS_HEADER_MAX, err);
    if (h != NULL)
        buf_put(out, compact_text(h, "kid"));
    json_decref(h);
    return h != NULL;
}

bool jws_sign(const struct jwk *key, struct slice kid, struct slice payload, struct buf *out,
              struct error *err)
{
    uint8_t signature[JWS_SIGNATURE];
    struct buf header = buf_make(JWS_HEADER_MAX);
    size_t at = out->len;
    if (!jwk_private(key))
        return error_set(err, ERROR_CRYPTO, "a private key is needed to sign");
    buf_text(&header, "{\"alg\":\"ES256\"");
    compact_put_member(&header, "kid", kid);
    buf_text(&header, "}");
    base64url_put(out, buf_slice(&header));
    buf_text(out, ".");
    base64url_put(out, payload);
    bool fits = !header.failed && !out->failed;
    if (fits) {
        jws_signature_make(key, (struct slice){ out->ptr + at, out->len - at }, signature);
        buf_text(out, ".");
        base64url_put(out, (struct slice){ (char *)signature, sizeof signature });
    }
    buf_free(&header);
    if (fits && !out->failed)
        return true;
    out->len = at;
    return error_set(err, ERROR_LIMIT, "the signed form passes the caller's ceiling of %zu bytes", out->max);
}
