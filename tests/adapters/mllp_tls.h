/* tests/adapters/mllp_tls.h - certificates for the tests of one program, made before and dropped after. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_MLLP_TLS_H
#define NIGHTBELL_TESTS_ADAPTERS_MLLP_TLS_H

#include "adapters/net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];

static inline int make_certificates(void **state)
{
    static const char *const none[] = { NULL };
    struct error err = { .code = ERROR_NONE };

    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nightbell-mllp-XXXXXX");
    return mkdtemp(folder) != NULL && tls_make_demo(folder, none, &err) &&
                   tls_make_client(folder, "monitor-7", &err)
               ? 0
               : -1;
}

static inline int drop_certificates(void **state)
{
    static const char *const files[] = { "ca.pem",     "ca.key",        "server.pem",
                                         "server.key", "monitor-7.pem", "monitor-7.key" };
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static inline char *in_folder(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *out = path[next++ % 4];

    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static inline SSL_CTX *server_context(void)
{
    struct error err = { .code = ERROR_NONE };

    return tls_server_new(&(struct tls_config){ .cert_file = in_folder("server.pem"),
                                                .key_file = in_folder("server.key"),
                                                .client_ca_file = in_folder("ca.pem"),
                                                .mutual_required = true },
                          &err);
}

static inline SSL_CTX *client_context(bool certificate)
{
    struct error err = { .code = ERROR_NONE };

    return tls_client_new(in_folder("ca.pem"), certificate ? in_folder("monitor-7.pem") : NULL,
                          certificate ? in_folder("monitor-7.key") : NULL, &err);
}

#endif
