#include "adapters/seal/aead.h"

#include <limits.h>
#include <stdlib.h>

#include "adapters/seal/local.h"
#include "base/memory.h"

/* One context each way: a context keeps its key schedule as long as the direction stays. */
struct aead {
    EVP_CIPHER_CTX *seal, *open;
};

struct aead *aead_new(const uint8_t key[AEAD_KEY])
{
    const EVP_CIPHER *gcm = seal_algorithms()->aes_256_gcm;
    struct aead *a = memory_new(sizeof *a);
    a->seal = EVP_CIPHER_CTX_new();
    a->open = EVP_CIPHER_CTX_new();
    seal_must(a->seal != NULL && a->open != NULL);
    seal_must(EVP_EncryptInit_ex2(a->seal, gcm, key, NULL, NULL));
    seal_must(EVP_DecryptInit_ex2(a->open, gcm, key, NULL, NULL));
    return a;
}

void aead_free(struct aead **a)
{
    if (a == NULL || *a == NULL)
        return;
    EVP_CIPHER_CTX_free((*a)->seal);
    EVP_CIPHER_CTX_free((*a)->open);
    free(*a);
    *a = NULL;
}

static const unsigned char *bytes_of(struct slice s)
{
    return (const unsigned char *)(s.ptr != NULL ? s.ptr : "");
}

bool aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE], struct slice aad, struct slice plain,
               struct buf *out)
{
    int len = 0;
    if (plain.len > INT_MAX - AEAD_TAG || aad.len > INT_MAX)
        return false;
    unsigned char *to = (unsigned char *)buf_extend(out, plain.len + AEAD_TAG);
    if (to == NULL)
        return false;
    seal_must(EVP_EncryptInit_ex2(a->seal, NULL, NULL, nonce, NULL));
    if (aad.len > 0)
        seal_must(EVP_EncryptUpdate(a->seal, NULL, &len, bytes_of(aad), (int)aad.len));
    if (plain.len > 0)
        seal_must(EVP_EncryptUpdate(a->seal, to, &len, bytes_of(plain), (int)plain.len));
    seal_must(EVP_EncryptFinal_ex(a->seal, to + plain.len, &len));
    seal_must(EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, to + plain.len));
    return true;
}

static bool open_into(EVP_CIPHER_CTX *ctx, const uint8_t nonce[AEAD_NONCE], struct slice aad,
                      struct slice sealed, unsigned char *to)
{
    int len = 0, cipher_len = (int)sealed.len - AEAD_TAG;
    unsigned char tag[AEAD_TAG];
    for (size_t i = 0; i < AEAD_TAG; i++)
        tag[i] = bytes_of(sealed)[(size_t)cipher_len + i];
    seal_must(EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL));
    if (aad.len > 0)
        seal_must(EVP_DecryptUpdate(ctx, NULL, &len, bytes_of(aad), (int)aad.len));
    if (cipher_len > 0)
        seal_must(EVP_DecryptUpdate(ctx, to, &len, bytes_of(sealed), cipher_len));
    seal_must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, tag));
    unsigned char none[AEAD_TAG];
    return EVP_DecryptFinal_ex(ctx, none, &len) == 1;
}

bool aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE], struct slice aad, struct slice sealed,
               struct buf *out)
{
    if (sealed.len < AEAD_TAG || sealed.len > INT_MAX || aad.len > INT_MAX)
        return false;
    size_t before = out->len, plain = sealed.len - AEAD_TAG;
    unsigned char *to = (unsigned char *)buf_extend(out, plain);
    if (plain > 0 && to == NULL)
        return false;
    if (open_into(a->open, nonce, aad, sealed, to))
        return true;
    if (plain > 0)
        OPENSSL_cleanse(to, plain);
    out->len = before;
    return false;
}
