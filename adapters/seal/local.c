#include "adapters/seal/local.h"

#include <openssl/core_names.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

static struct seal_algorithms algorithms;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static pthread_key_t of_thread;

void seal_must(int ok)
{
    if (ok != 1)
        _Exit(70);
}

static void local_free(void *ptr)
{
    struct seal_local *l = ptr;
    EVP_MD_CTX_free(l->digest);
    EVP_MD_CTX_free(l->sign);
    EVP_MAC_CTX_free(l->hmac);
    EVP_CIPHER_CTX_free(l->cipher);
    EVP_PKEY_CTX_free(l->p256);
    free(l);
}

/* pthread destructors do not run for the thread that leaves main, so its contexts go here. */
static void algorithms_free(void)
{
    struct seal_local *l = pthread_getspecific(of_thread);
    if (l != NULL) {
        pthread_setspecific(of_thread, NULL);
        local_free(l);
    }
}

static void algorithms_fetch(void)
{
    algorithms.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    algorithms.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    algorithms.aes_256_wrap = EVP_CIPHER_fetch(NULL, "AES-256-WRAP", NULL);
    algorithms.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    seal_must(algorithms.sha256 != NULL && algorithms.aes_256_gcm != NULL &&
              algorithms.aes_256_wrap != NULL && algorithms.hmac != NULL);
    seal_must(pthread_key_create(&of_thread, local_free) == 0);
    atexit(algorithms_free);
}

const struct seal_algorithms *seal_algorithms(void)
{
    pthread_once(&fetched, algorithms_fetch);
    return &algorithms;
}

static EVP_PKEY_CTX *p256_maker(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    char curve[] = "P-256";
    OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof curve - 1),
                            OSSL_PARAM_END };
    seal_must(ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_params(ctx, params) == 1);
    return ctx;
}

struct seal_local *seal_local(void)
{
    const struct seal_algorithms *a = seal_algorithms();
    struct seal_local *l = pthread_getspecific(of_thread);
    if (l != NULL)
        return l;
    l = memory_new(sizeof *l);
    l->digest = EVP_MD_CTX_new();
    l->sign = EVP_MD_CTX_new();
    l->hmac = EVP_MAC_CTX_new(a->hmac);
    l->cipher = EVP_CIPHER_CTX_new();
    seal_must(l->digest != NULL && l->sign != NULL && l->hmac != NULL && l->cipher != NULL);
    l->p256 = p256_maker();
    seal_must(pthread_setspecific(of_thread, l) == 0);
    return l;
}
