/* Bytes from the network on their way to a key: JWE, JWS and JWK take anything and stay standing. */
#include <stddef.h>
#include <stdint.h>

#include "adapters/seal/jwe.h"
#include "adapters/seal/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct jwk *key;
    struct slice text = { (const char *)data, size };
    struct buf out = buf_make(1 << 20);
    if (key == NULL)
        key = jwk_generate();
    jwe_open(key, text, &out, NULL);
    jws_verify(key, text, &out, NULL);
    jws_kid(text, &out, NULL);
    struct jwk *read = jwk_from_json(text, NULL);
    jwk_free(&read);
    read = jwk_from_point(text, NULL);
    jwk_free(&read);
    buf_free(&out);
    return 0;
}
