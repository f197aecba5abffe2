#include "adapters/seal/daykey.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "adapters/seal/aead.h"
#include "adapters/seal/jwe.h"
#include "adapters/seal/jwk_parts.h"
#include "adapters/seal/local.h"
#include "adapters/seal/random.h"

enum { WRAPPED = DAYKEY_BYTES + 8 };

void daykey_new(uint8_t key[DAYKEY_BYTES])
{
    seal_random(key, DAYKEY_BYTES);
}

static struct aead *master_aead(const struct keys *k)
{
    uint8_t sub[KEYS_BYTES];
    keys_derive(k, "day-key-wrap", sub);
    struct aead *a = aead_new(sub);
    OPENSSL_cleanse(sub, sizeof sub);
    return a;
}

void daykey_wrap_master(const struct keys *k, struct slice label, const uint8_t key[DAYKEY_BYTES],
                        uint8_t out[DAYKEY_MASTER_WRAP])
{
    struct aead *a = master_aead(k);
    struct buf sealed = buf_make(DAYKEY_BYTES + AEAD_TAG);
    /* A random nonce: one wrap a day under this sub-key, 2^32 would be the bound. */
    seal_random(out, AEAD_NONCE);
    seal_must(aead_seal(a, out, label, (struct slice){ (const char *)key, DAYKEY_BYTES }, &sealed));
    memcpy(out + AEAD_NONCE, sealed.ptr, sealed.len);
    aead_free(&a);
    buf_free(&sealed);
}

bool daykey_open_master(const struct keys *k, struct slice label, struct slice wrap,
                        uint8_t key[DAYKEY_BYTES], struct error *err)
{
    if (wrap.len != DAYKEY_MASTER_WRAP)
        return error_set(err, ERROR_CRYPTO, "a master wrap has %d bytes", (int)DAYKEY_MASTER_WRAP);
    struct aead *a = master_aead(k);
    struct buf plain = buf_make(DAYKEY_BYTES);
    bool ok = aead_open(a, (const uint8_t *)wrap.ptr, label,
                        slice_sub(wrap, AEAD_NONCE, DAYKEY_BYTES + AEAD_TAG), &plain);
    if (ok) {
        memcpy(key, plain.ptr, DAYKEY_BYTES);
        OPENSSL_cleanse(plain.ptr, DAYKEY_BYTES);
    }
    aead_free(&a);
    buf_free(&plain);
    return ok || error_set(err, ERROR_CRYPTO, "the day key was wrapped to another master key, or changed");
}

/* The key that wraps: as in ECDH-ES+A256KW, with the label as apv. */
static void wrapping_key(const struct jwk *mine, const struct jwk *theirs, struct slice label,
                         uint8_t kek[DAYKEY_BYTES])
{
    uint8_t z[JWK_SCALAR];
    jwk_agree(mine, theirs, z);
    jwe_concat_kdf((struct slice){ (char *)z, sizeof z }, SLICE("ECDH-ES+A256KW"), SLICE(""), label, kek,
                   DAYKEY_BYTES);
    OPENSSL_cleanse(z, sizeof z);
}

/* AES-256 key wrap, RFC 3394. False only when unwrapping finds another key. */
static bool key_wrap(bool wrap, const uint8_t kek[DAYKEY_BYTES], const uint8_t *in, int in_bytes,
                     uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = seal_local()->cipher;
    int len = 0;
    seal_must(EVP_CIPHER_CTX_reset(ctx));
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    seal_must(EVP_CipherInit_ex2(ctx, seal_algorithms()->aes_256_wrap, kek, NULL, wrap ? 1 : 0, NULL));
    bool ok = EVP_CipherUpdate(ctx, out, &len, in, in_bytes) == 1;
    seal_must(EVP_CIPHER_CTX_reset(ctx));
    return ok && len == (wrap ? WRAPPED : DAYKEY_BYTES);
}

void daykey_wrap_records(const struct jwk *records, struct slice label, const uint8_t key[DAYKEY_BYTES],
                         uint8_t out[DAYKEY_RECORDS_WRAP])
{
    uint8_t kek[DAYKEY_BYTES];
    struct jwk *ephemeral = jwk_generate();
    wrapping_key(ephemeral, records, label, kek);
    memcpy(out, jwk_point(ephemeral), JWK_POINT);
    seal_must(key_wrap(true, kek, key, DAYKEY_BYTES, out + JWK_POINT));
    OPENSSL_cleanse(kek, sizeof kek);
    jwk_free(&ephemeral);
}

bool daykey_open_records(const struct jwk *records, struct slice label, struct slice wrap,
                         uint8_t key[DAYKEY_BYTES], struct error *err)
{
    uint8_t kek[DAYKEY_BYTES], plain[WRAPPED];
    if (wrap.len != DAYKEY_RECORDS_WRAP)
        return error_set(err, ERROR_CRYPTO, "a records wrap has %d bytes", (int)DAYKEY_RECORDS_WRAP);
    struct jwk *ephemeral = jwk_from_point(slice_sub(wrap, 0, JWK_POINT), err);
    if (ephemeral == NULL)
        return false;
    wrapping_key(records, ephemeral, label, kek);
    bool ok = key_wrap(false, kek, (const uint8_t *)wrap.ptr + JWK_POINT, WRAPPED, plain);
    if (ok)
        memcpy(key, plain, DAYKEY_BYTES);
    OPENSSL_cleanse(plain, sizeof plain);
    OPENSSL_cleanse(kek, sizeof kek);
    jwk_free(&ephemeral);
    return ok || error_set(err, ERROR_CRYPTO, "the day key was wrapped to another records key, or changed");
}
