/* One connection: the guard as a filter between the socket and evhttp, deadlines, caps. */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/net/http_internal.h"
#include "base/log.h"
#include "base/memory.h"

/* Bytes read ahead while a request is in hand; then the socket is left alone. */
enum { READ_AHEAD = 65536 };
/* A refused client may still be sending; its bytes are thrown away for this long, so that the kernel does
 * not reset the connection before the client has read why. */
enum { LINGER_MS = 250 };

/* What evhttp gets for a request that it must not see: its reply goes out in order, like any other. */
static const char STAND_IN[] = "GET /refused HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";

void http_conn_deadline(struct http_conn *c, unsigned ms)
{
    struct timeval in = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000) * 1000 };
    event_del(c->deadline);
    if (ms > 0)
        event_add(c->deadline, &in);
}

size_t http_conn_queued(const struct http_conn *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->filter)) +
           evbuffer_get_length(bufferevent_get_output(c->socket));
}

void http_conn_kill(struct http_conn *c)
{
    /* evhttp hears of an end of file, and frees the connection as it would then. */
    bufferevent_trigger_event(c->filter, BEV_EVENT_READING | BEV_EVENT_EOF, 0);
}

/* Everything evhttp needs to know of a good request; headers and body stay with us. Nor does it learn that
 * the connection is to close: it takes a reply as sent when it has left the filter, and would close with
 * the reply still in the socket's buffer. http_conn_send closes. */
static void pass_on(struct http_conn *c, struct evbuffer *to)
{
    const struct http_guard *g = &c->guard;
    struct slice method = http_guard_method(g);
    evbuffer_add(to, method.ptr, method.len);
    evbuffer_add(to, " ", 1);
    evbuffer_add(to, g->head.ptr + g->target_at, g->target_len);
    evbuffer_add_printf(to, " HTTP/1.1\r\nHost: checked\r\n");
    if (slice_is(method, "POST") || slice_is(method, "PUT") || slice_is(method, "PATCH"))
        evbuffer_add_printf(to, "Content-Length: 0\r\n");
    evbuffer_add(to, "\r\n", 2);
}

static enum bufferevent_filter_result give_up(struct http_conn *c, struct evbuffer *to, int status)
{
    char number[LOG_NUM];
    c->refused = status;
    c->busy = true;
    log_event(LOG_INFO, "http", "refused", "peer", c->peer, "status", log_num(number, status), NULL);
    evbuffer_add(to, STAND_IN, sizeof STAND_IN - 1);
    return BEV_OK;
}

static enum bufferevent_filter_result read_some(struct http_conn *c, struct evbuffer *from,
                                                struct evbuffer *to)
{
    struct evbuffer_iovec piece;
    while (evbuffer_peek(from, -1, NULL, &piece, 1) > 0 && piece.iov_len > 0) {
        struct slice in = { piece.iov_base, piece.iov_len };
        if (http_guard_idle(&c->guard))
            http_conn_deadline(c, c->server->options.request_ms);
        enum http_guard_result result = http_guard_feed(&c->guard, &in);
        evbuffer_drain(from, piece.iov_len - in.len);
        if (result == HTTP_GUARD_REFUSED)
            return give_up(c, to, c->guard.status);
        if (result == HTTP_GUARD_REQUEST) {
            c->busy = true;
            pass_on(c, to);
            return BEV_OK;
        }
        if (http_guard_wants_continue(&c->guard))
            bufferevent_write(c->socket, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    }
    return BEV_NEED_MORE;
}

/* bufferevent_filter_cb: the socket's bytes come in, whole requests go out. */
static enum bufferevent_filter_result input(struct evbuffer *from, struct evbuffer *to, ev_ssize_t limit,
                                            enum bufferevent_flush_mode mode, void *ctx)
{
    struct http_conn *c = ctx;
    (void)limit;
    (void)mode;
    if (c->refused != 0 || c->last != NULL || c->server == NULL) {
        evbuffer_drain(from, evbuffer_get_length(from));
        return BEV_NEED_MORE;
    }
    /* A client that sends requests and reads no replies has to wait until they have left. */
    bool hold = c->busy || !c->admitted || http_conn_queued(c) > READ_AHEAD;
    return hold ? BEV_NEED_MORE : read_some(c, from, to);
}

void http_conn_forget(struct http_conn *c)
{
    event_del(c->admit);
    event_del(c->resume);
    event_del(c->deadline);
    if (c->server != NULL) {
        c->server->conn_count--;
        map_remove(c->server->conns, (struct slice){ (const char *)&c->filter, sizeof c->filter });
    }
    c->server = NULL;
}

static void conn_free(void *ctx)
{
    struct http_conn *c = ctx;
    http_conn_forget(c); /* closed before its first request, evhttp told nobody */
    http_guard_free(&c->guard);
    event_free(c->admit);
    event_free(c->resume);
    event_free(c->deadline);
    free(c);
}

/* The connection is closed: who waits on it hears so at once, and no pointer to it stays behind. A request
 * that evhttp has let go of is ours to free; one that still hangs on the connection goes with it. */
static void conn_closed(struct evhttp_connection *evcon, void *ctx)
{
    struct http_conn *c = ctx;
    struct evhttp_request *ev = c->last;
    (void)evcon;
    http_conn_forget(c);
    c->last = NULL;
    if (ev == NULL && c->request != NULL)
        ev = c->request->ev;
    if (ev == NULL && c->stream != NULL)
        ev = c->stream->ev;
    if (ev != NULL && evhttp_request_get_connection(ev) == NULL)
        evhttp_request_free(ev);
    if (c->request != NULL)
        http_request_lost(c->request);
    if (c->stream != NULL)
        http_stream_lost(c->stream);
}

void http_conn_watch(struct http_conn *c, struct evhttp_connection *evcon)
{
    evhttp_connection_set_closecb(evcon, conn_closed, c);
}

static void name_peer(struct http_conn *c)
{
    struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
    socklen_t len = sizeof from;
    evutil_socket_t fd = bufferevent_getfd(c->socket);
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&from;
    strcpy(c->peer, "local");
    if (getpeername(fd, (struct sockaddr *)&from, &len) != 0)
        return;
    if (from.ss_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)&from)->sin_addr, c->peer, sizeof c->peer);
    else if (from.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, c->peer, sizeof c->peer);
    else if (from.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &six->sin6_addr, c->peer, sizeof c->peer);
}

static unsigned count_peer(const struct http_server *s, const char *peer)
{
    struct slice key;
    void *other;
    unsigned count = 0;
    for (size_t at = 0; map_next(s->conns, &at, &key, &other);)
        count += strcmp(((const struct http_conn *)other)->peer, peer) == 0;
    return count;
}

/* evhttp asks for the bufferevent before it gives it the socket, so who is there is known only now. */
static void admit(evutil_socket_t fd, short what, void *ctx)
{
    struct http_conn *c = ctx;
    struct http_server *s = c->server;
    (void)fd;
    (void)what;
    name_peer(c);
    if (s->conn_count > s->options.max_connections || count_peer(s, c->peer) > s->options.max_per_peer) {
        log_event(LOG_WARN, "http", "connection refused", "peer", c->peer, "limit",
                  s->conn_count > s->options.max_connections ? "connections" : "connections-per-peer", NULL);
        http_conn_kill(c);
        return;
    }
    c->admitted = true;
    http_conn_deadline(c, s->options.request_ms);
    event_active(c->resume, EV_TIMEOUT, 0);
}

static void end_last(struct http_conn *c)
{
    struct evhttp_request *ev = c->last;
    SSL *ssl = c->server != NULL && c->server->tls != NULL ? bufferevent_openssl_get_ssl(c->socket) : NULL;
    c->last = NULL;
    if (ssl != NULL) { /* say goodbye, do not wait for theirs */
        SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
        SSL_shutdown(ssl);
    }
    /* On the stand-in's "Connection: close", or on our own header, evhttp closes the connection. */
    evhttp_send_reply_end(ev);
}

/* Bytes may have come while the guard waited, or a reply has left: go on from there. */
static void resume(evutil_socket_t fd, short what, void *ctx)
{
    struct http_conn *c = ctx;
    (void)fd;
    (void)what;
    if (c->server == NULL || (c->last != NULL && http_conn_queued(c) > 0))
        return;
    if (c->last != NULL && c->refused != 0) {
        http_conn_deadline(c, LINGER_MS);
        return;
    }
    if (c->last != NULL) {
        end_last(c);
        return;
    }
    if (c->busy)
        return;
    if (http_guard_idle(&c->guard) && c->admitted && http_conn_queued(c) == 0 && c->served)
        http_conn_deadline(c, c->server->options.idle_ms);
    bufferevent_flush(c->filter, EV_READ, BEV_NORMAL);
    if (evbuffer_get_length(bufferevent_get_input(c->filter)) > 0)
        bufferevent_trigger(c->filter, EV_READ, 0);
}

/* evbuffer_cb on the socket's output: all that was to be sent is with the kernel. */
static void drained(struct evbuffer *output, const struct evbuffer_cb_info *info, void *ctx)
{
    struct http_conn *c = ctx;
    if (info->n_deleted > 0 && evbuffer_get_length(output) == 0 && c->server != NULL)
        event_active(c->resume, EV_TIMEOUT, 0);
}

static void too_late(evutil_socket_t fd, short what, void *ctx)
{
    struct http_conn *c = ctx;
    (void)fd;
    (void)what;
    if (c->last != NULL && c->refused != 0 && http_conn_queued(c) == 0) {
        end_last(c); /* the refused client has had its time to read why */
        return;
    }
    if (!http_guard_idle(&c->guard) || c->busy || http_conn_queued(c) > 0)
        log_event(LOG_INFO, "http", "too slow", "peer", c->peer, "limit", "http-request-seconds", NULL);
    http_conn_kill(c);
}

static void reply_done(struct evhttp_request *ev, void *ctx)
{
    struct http_conn *c = ctx;
    (void)ev;
    if (c->server == NULL || c->refused != 0)
        return;
    c->busy = false;
    c->served = true;
    event_active(c->resume, EV_TIMEOUT, 0);
}

/* evhttp adds its reply while writing is off, and a filter does not look at what it holds when writing is
 * turned on again: only at what is added then. */
void http_conn_push(struct http_conn *c)
{
    bufferevent_flush(c->filter, EV_WRITE, BEV_NORMAL);
}

void http_conn_send(struct http_conn *c, struct evhttp_request *ev, int status, struct slice body, bool close)
{
    struct evbuffer *out = evbuffer_new();
    if (out == NULL || evbuffer_add(out, body.ptr, body.len) != 0)
        abort(); /* out of memory, as base/memory.h has it */
    c->request = NULL;
    http_conn_deadline(c, c->server != NULL ? c->server->options.request_ms : 0);
    if (!close) {
        evhttp_request_set_on_complete_cb(ev, reply_done, c);
        evhttp_send_reply(ev, status, NULL, out);
    } else {
        c->last = ev;
        evhttp_send_reply_start(ev, status, NULL);
        evhttp_send_reply_chunk(ev, out);
        event_active(c->resume, EV_TIMEOUT, 0);
    }
    http_conn_push(c);
    evbuffer_free(out);
}

static struct bufferevent *socket_new(struct event_base *base, const struct http_server *s)
{
    /* Callbacks come from the loop, never from inside a write: evhttp may free a connection in one. */
    const int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
    SSL *ssl = s->tls != NULL ? SSL_new(s->tls) : NULL;
    if (s->tls == NULL)
        return bufferevent_socket_new(base, -1, options);
    return ssl != NULL ? bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, options)
                       : NULL;
}

struct bufferevent *http_conn_new(struct event_base *base, void *server)
{
    struct http_server *s = server;
    struct http_conn *c = memory_new(sizeof *c);
    c->server = s;
    c->socket = socket_new(base, s);
    if (c->socket != NULL) {
        /* Deferred here too: the filter takes a reply over while evhttp is still adding to it, and would
         * call evhttp back before it knows what to do when all is written. */
        c->filter = bufferevent_filter_new(c->socket, input, NULL,
                                           BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS, conn_free, c);
        if (c->filter == NULL)
            bufferevent_free(c->socket);
    }
    if (c->filter == NULL)
        abort(); /* out of memory: without a bufferevent of ours evhttp would go on in plain text */
    bufferevent_setwatermark(c->socket, EV_READ, 0, READ_AHEAD);
    http_guard_init(&c->guard, s->options.max_header, s->options.max_body);
    c->admit = event_new(base, -1, 0, admit, c);
    c->resume = event_new(base, -1, 0, resume, c);
    c->deadline = evtimer_new(base, too_late, c);
    if (c->admit == NULL || c->resume == NULL || c->deadline == NULL)
        abort();
    evbuffer_add_cb(bufferevent_get_output(c->socket), drained, c);
    map_put(s->conns, (struct slice){ (const char *)&c->filter, sizeof c->filter }, c);
    s->conn_count++;
    event_active(c->admit, EV_TIMEOUT, 0);
    return c->filter;
}
