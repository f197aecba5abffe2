#include "adapters/seal/random.h"

#include <openssl/rand.h>

#include "adapters/seal/local.h"

void seal_random(void *out, size_t bytes)
{
    unsigned char *at = out;
    while (bytes > 0) {
        size_t part = bytes < 65536 ? bytes : 65536;
        seal_must(RAND_bytes(at, (int)part));
        at += part;
        bytes -= part;
    }
}

uint64_t seal_random_u64(void)
{
    uint64_t v = 0;
    while (v == 0)
        seal_random(&v, sizeof v);
    return v;
}
