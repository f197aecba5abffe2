/* tests/adapters/http_helpers.h - a server on a thread of its own, and plain or TLS clients for it. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_HTTP_HELPERS_H
#define NIGHTBELL_TESTS_ADAPTERS_HTTP_HELPERS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapters/net/http.h"
#include "adapters/net/tls.h"
#include "base/buf.h"

struct test_server {
    int listen_fd, port, stop[2];
    SSL_CTX *tls;
    struct http_options options;
    http_handler *handler;
    void *ctx;
    struct event_base *base; /* of the server's thread */
    pthread_t thread;
};

static inline void test_server_stop_cb(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(ctx);
}

static inline void *test_server_run(void *ctx)
{
    struct test_server *t = ctx;
    struct error err = { .code = ERROR_NONE };
    struct http_server *s =
        http_server_new(t->base, t->listen_fd, t->tls, &t->options, t->handler, t->ctx, &err);
    struct event *stop = event_new(t->base, t->stop[0], EV_READ, test_server_stop_cb, t->base);
    if (s == NULL)
        abort();
    event_add(stop, NULL);
    event_base_dispatch(t->base);
    event_free(stop);
    http_server_free(&s);
    for (int i = 0; i < 20; i++) /* what was put off until the loop runs */
        event_base_loop(t->base, EVLOOP_NONBLOCK);
    return NULL;
}

static inline void test_server_start(struct test_server *t)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    t->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    t->base = event_base_new();
    if (t->listen_fd < 0 || bind(t->listen_fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(t->listen_fd, 512) != 0 || getsockname(t->listen_fd, (struct sockaddr *)&at, &len) != 0 ||
        pipe(t->stop) != 0)
        abort();
    t->port = ntohs(at.sin_port);
    if (pthread_create(&t->thread, NULL, test_server_run, t) != 0)
        abort();
}

static inline void test_server_stop(struct test_server *t)
{
    if (write(t->stop[1], "x", 1) != 1)
        abort();
    pthread_join(t->thread, NULL);
    event_base_free(t->base);
    close(t->stop[0]);
    close(t->stop[1]);
    close(t->listen_fd);
    SSL_CTX_free(t->tls);
}

struct client {
    int fd;
    SSL *ssl;
};

static inline struct client client_open(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval wait = { 10, 0 };
    struct client c = { socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), NULL };
    setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (c.fd < 0 || connect(c.fd, (struct sockaddr *)&to, sizeof to) != 0)
        abort();
    return c;
}

static inline bool client_tls(struct client *c, SSL_CTX *ctx)
{
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set1_host(c->ssl, "localhost");
    return SSL_connect(c->ssl) == 1;
}

static inline ssize_t client_read(struct client *c, char *to, size_t room)
{
    return c->ssl != NULL ? SSL_read(c->ssl, to, (int)room) : recv(c->fd, to, room, 0);
}

static inline void client_send(struct client *c, struct slice s)
{
    while (s.len > 0) {
        ssize_t n =
            c->ssl != NULL ? SSL_write(c->ssl, s.ptr, (int)s.len) : send(c->fd, s.ptr, s.len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* closed by the server: what it says is looked at by the reader */
        s = slice_sub(s, (size_t)n, s.len);
    }
}

/* Until the server closes; *closed is false when it did not within ten seconds. */
static inline void client_read_all(struct client *c, struct buf *out, bool *closed)
{
    char chunk[4096];
    ssize_t n;
    while ((n = client_read(c, chunk, sizeof chunk)) > 0)
        buf_bytes(out, chunk, (size_t)n);
    *closed = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* Until `text` has been seen; false at the end or after ten seconds. */
static inline bool client_read_until(struct client *c, struct buf *out, const char *text)
{
    char chunk[4096];
    for (;;) {
        if (out->len > 0 && memmem(out->ptr, out->len, text, strlen(text)) != NULL)
            return true;
        ssize_t n = client_read(c, chunk, sizeof chunk);
        if (n <= 0)
            return false;
        buf_bytes(out, chunk, (size_t)n);
    }
}

static inline void client_close(struct client *c)
{
    SSL_free(c->ssl);
    close(c->fd);
}

/* The status of the reply that begins at `text`, or 0. */
static inline int reply_status(struct slice text)
{
    uint32_t status = 0;
    if (!slice_starts(text, SLICE("HTTP/1.1 ")) || !slice_to_u32(slice_sub(text, 9, 3), &status))
        return 0;
    return (int)status;
}

static inline int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Demo certificates in a fresh folder, with one client "ward". */
static inline void demo_make(char dir[64])
{
    struct error err = { .code = ERROR_NONE };
    strcpy(dir, "/tmp/nightbell-tls-XXXXXX");
    if (mkdtemp(dir) == NULL || !tls_make_demo(dir, NULL, &err) || !tls_make_client(dir, "ward", &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
}

static inline const char *demo_file(const char *dir, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", dir, name);
    return out;
}

static inline void demo_remove(const char *dir)
{
    static const char *const files[] = { "ca.pem",     "ca.key",   "server.pem",
                                         "server.key", "ward.pem", "ward.key" };
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(demo_file(dir, files[i], path));
    rmdir(dir);
}

static inline SSL_CTX *demo_server(const char *dir, bool mutual)
{
    char cert[128], key[128], ca[128];
    struct error err = { .code = ERROR_NONE };
    struct tls_config config = { demo_file(dir, "server.pem", cert), demo_file(dir, "server.key", key),
                                 demo_file(dir, "ca.pem", ca), mutual };
    SSL_CTX *ctx = tls_server_new(&config, &err);
    if (ctx == NULL)
        abort();
    return ctx;
}

static inline SSL_CTX *demo_client(const char *dir, bool with_cert)
{
    char cert[128], key[128], ca[128];
    SSL_CTX *ctx =
        tls_client_new(demo_file(dir, "ca.pem", ca), with_cert ? demo_file(dir, "ward.pem", cert) : NULL,
                       demo_file(dir, "ward.key", key), NULL);
    if (ctx == NULL)
        abort();
    return ctx;
}

#endif
