/* adapters/seal/local.h - what OpenSSL needs ready: algorithms per process, contexts per thread.
 *
 * Fetching an algorithm costs more than using it on 1 KB (LIMITS 1), so each is fetched once. For the
 * seal's own files. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_LOCAL_H
#define NIGHTBELL_ADAPTERS_SEAL_LOCAL_H

#include <openssl/evp.h>

struct seal_algorithms {
    EVP_MD *sha256;
    EVP_CIPHER *aes_256_gcm, *aes_256_wrap;
    EVP_MAC *hmac;
};

struct seal_local { /* of this thread, given back when it ends */
    EVP_MD_CTX *digest, *sign;
    EVP_MAC_CTX *hmac;
    EVP_CIPHER_CTX *cipher;
    EVP_PKEY_CTX *p256; /* makes keys */
};

const struct seal_algorithms *seal_algorithms(void);
struct seal_local *seal_local(void);

/* Ends the process (exit 70) when `ok` is not 1: OpenSSL refused what cannot be refused. */
void seal_must(int ok);

#endif
