#include "adapters/seal/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <string.h>

#include "adapters/seal/local.h"

static const unsigned char *bytes_of(struct slice s)
{
    return (const unsigned char *)(s.ptr != NULL ? s.ptr : "");
}

void hash_sha256_parts(const struct slice *parts, size_t count, uint8_t out[HASH_BYTES])
{
    EVP_MD_CTX *ctx = seal_local()->digest;
    seal_must(EVP_DigestInit_ex2(ctx, seal_algorithms()->sha256, NULL));
    for (size_t i = 0; i < count; i++)
        seal_must(EVP_DigestUpdate(ctx, bytes_of(parts[i]), parts[i].len));
    seal_must(EVP_DigestFinal_ex(ctx, out, NULL));
}

void hash_sha256(struct slice bytes, uint8_t out[HASH_BYTES])
{
    hash_sha256_parts(&bytes, 1, out);
}

static void hmac_parts(struct slice key, const struct slice *parts, size_t count, uint8_t out[HASH_BYTES])
{
    EVP_MAC_CTX *ctx = seal_local()->hmac;
    char name[] = "SHA256";
    OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, name, sizeof name - 1),
                            OSSL_PARAM_END };
    seal_must(EVP_MAC_init(ctx, bytes_of(key), key.len, params));
    for (size_t i = 0; i < count; i++)
        seal_must(EVP_MAC_update(ctx, bytes_of(parts[i]), parts[i].len));
    size_t len = 0;
    seal_must(EVP_MAC_final(ctx, out, &len, HASH_BYTES));
}

void hash_hmac(struct slice key, struct slice bytes, uint8_t out[HASH_BYTES])
{
    hmac_parts(key, &bytes, 1, out);
}

void hash_hkdf(struct slice secret, struct slice salt, struct slice info, uint8_t *out, size_t bytes)
{
    static const char zeros[HASH_BYTES];
    uint8_t prk[HASH_BYTES], block[HASH_BYTES];
    struct slice prk_slice = { (char *)prk, sizeof prk };
    struct slice before = { (char *)block, 0 };

    seal_must(bytes <= 255 * HASH_BYTES);
    hash_hmac(salt.len > 0 ? salt : (struct slice){ zeros, sizeof zeros }, secret, prk);
    for (uint8_t n = 1; bytes > 0; n++) {
        struct slice parts[] = { before, info, { (char *)&n, 1 } };
        hmac_parts(prk_slice, parts, 3, block);
        size_t part = bytes < sizeof block ? bytes : sizeof block;
        memcpy(out, block, part);
        out += part;
        bytes -= part;
        before.len = sizeof block;
    }
    OPENSSL_cleanse(prk, sizeof prk);
    OPENSSL_cleanse(block, sizeof block);
}

bool hash_equal(struct slice a, struct slice b)
{
    return a.len == b.len && CRYPTO_memcmp(bytes_of(a), bytes_of(b), a.len) == 0;
}
