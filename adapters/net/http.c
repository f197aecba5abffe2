#include "adapters/net/http.h"

#include <errno.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/net/http_internal.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

enum { IDLE_MS = 75000, PEER_DEAD_MS = 60000, ACCEPT_AGAIN_MS = 500 };

static void fill_options(struct http_options *o)
{
    if (o->max_body == 0)
        o->max_body = LIMIT_MESSAGE_BYTES;
    if (o->max_header == 0)
        o->max_header = LIMIT_HTTP_HEADER_BYTES;
    if (o->max_connections == 0)
        o->max_connections = LIMIT_CONNECTIONS;
    if (o->max_per_peer == 0)
        o->max_per_peer = LIMIT_CONNECTIONS_PER_PEER;
    if (o->request_ms == 0)
        o->request_ms = LIMIT_HTTP_REQUEST_S * 1000;
    if (o->idle_ms == 0)
        o->idle_ms = IDLE_MS;
    if (o->max_stream_queue == 0)
        o->max_stream_queue = LIMIT_SSE_QUEUE_BYTES;
}

/* Accepted sockets inherit these on Linux. Without TCP_NODELAY a TLS reply waits 40 ms for an
 * acknowledgement (LIMITS.md section 3); a peer that acknowledges nothing for a minute is dead. Not a
 * TCP socket: nothing to set. */
static void tune_socket(int fd)
{
    int on = 1, dead_ms = PEER_DEAD_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/* Out of descriptors: the connection stays in the kernel's queue, and we must not spin on it. The context
 * is evhttp's, so the server's own tick opens the listener again. */
static void accept_failed(struct evconnlistener *listener, void *ctx)
{
    (void)ctx;
    log_event(LOG_WARN, "http", "accept failed", "reason", strerror(errno), NULL);
    evconnlistener_disable(listener);
}

static void accept_again(evutil_socket_t fd, short what, void *ctx)
{
    struct http_server *s = ctx;
    (void)fd;
    (void)what;
    if (!s->paused)
        evconnlistener_enable(s->listener);
}

static bool start(struct http_server *s, int listen_fd, struct error *err)
{
    /* evhttp must not time anything itself: its timeouts are per read, and end idle streams. */
    const struct timeval never = { 86400 * 365, 0 }, tick = { 0, ACCEPT_AGAIN_MS * 1000 };
    s->http = evhttp_new(s->base);
    s->accept_again = event_new(s->base, -1, EV_PERSIST, accept_again, s);
    s->listener = evconnlistener_new(s->base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, listen_fd);
    if (s->http == NULL || s->accept_again == NULL || s->listener == NULL ||
        evhttp_bind_listener(s->http, s->listener) == NULL) {
        if (s->listener != NULL)
            evconnlistener_free(s->listener);
        return error_set(err, ERROR_IO, "http: cannot serve the listening socket (%s)", strerror(errno));
    }
    evconnlistener_set_error_cb(s->listener, accept_failed);
    event_add(s->accept_again, &tick);
    evhttp_set_timeout_tv(s->http, &never);
    evhttp_set_max_headers_size(s->http, (ev_ssize_t)(s->options.max_header + 256));
    evhttp_set_max_body_size(s->http, 0); /* bodies do not get as far as evhttp */
    evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                            EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
    evhttp_set_bevcb(s->http, http_conn_new, s);
    evhttp_set_gencb(s->http, http_request_arrived, s);
    return true;
}

struct http_server *http_server_new(struct event_base *base, int listen_fd, SSL_CTX *tls,
                                    const struct http_options *options, http_handler *handler, void *ctx,
                                    struct error *err)
{
    struct http_server *s = memory_new(sizeof *s);
    s->base = base;
    s->tls = tls;
    s->handler = handler;
    s->ctx = ctx;
    s->conns = map_new();
    if (options != NULL)
        s->options = *options;
    fill_options(&s->options);
    tune_socket(listen_fd);
    if (!start(s, listen_fd, err)) {
        s->listener = NULL;
        http_server_free(&s);
    }
    return s;
}

void http_server_free(struct http_server **server)
{
    if (server == NULL || *server == NULL)
        return;
    struct http_server *s = *server;
    struct slice key;
    void *conn;
    *server = NULL;
    for (size_t at = 0; map_next(s->conns, &at, &key, &conn);)
        http_conn_forget(conn);
    if (s->http != NULL)
        evhttp_free(s->http); /* and the listener, and each connection, which tell who waits on them */
    if (s->accept_again != NULL)
        event_free(s->accept_again);
    map_free(&s->conns, NULL);
    free(s);
}

void http_server_pause(struct http_server *s, bool paused)
{
    s->paused = paused;
    if (paused)
        evconnlistener_disable(s->listener);
    else
        evconnlistener_enable(s->listener);
}

unsigned http_server_connections(const struct http_server *s)
{
    return s->conn_count;
}
