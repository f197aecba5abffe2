/* One request: what the handler sees of it, and its answer. */
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/net/http_internal.h"
#include "base/memory.h"

static void request_free(struct http_request *r)
{
    if (r->conn != NULL && r->conn->request == r)
        r->conn->request = NULL;
    http_guard_free(&r->guard);
    arena_free(&r->texts);
    free(r);
}

void http_request_lost(struct http_request *r)
{
    void (*gone)(void *) = r->gone;
    r->conn = NULL;
    r->ev = NULL;
    r->gone = NULL;
    if (gone != NULL)
        gone(r->gone_ctx);
}

static void set_header(struct evhttp_request *ev, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(ev), name, value); /* refuses CR and LF */
}

static void set_length(struct evhttp_request *ev, size_t len)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", len);
    set_header(ev, "Content-Length", text);
}

/* The stand-in for a request that the guard refused: says so, and the connection ends. */
static void answer_refused(struct http_conn *c, struct evhttp_request *ev)
{
    struct slice text = c->refused == 413
                            ? SLICE("message-bytes: the body is larger than this listener takes\n")
                        : c->refused == 431 ? SLICE("http-header-bytes: the head is too large\n")
                                            : SLICE("refused\n");
    set_header(ev, "Content-Type", "text/plain");
    set_header(ev, "Connection", "close");
    set_length(ev, text.len);
    http_conn_send(c, ev, c->refused, text, true);
}

static struct http_request *request_new(struct http_conn *c, struct evhttp_request *ev)
{
    struct http_request *r = memory_new(sizeof *r);
    r->conn = c;
    r->ev = ev;
    r->guard = c->guard;
    r->tls = c->server->tls != NULL;
    memcpy(r->peer, c->peer, sizeof r->peer);
    if (r->tls && c->fingerprint[0] == '\0' &&
        !tls_peer_fingerprint(bufferevent_openssl_get_ssl(c->socket), c->fingerprint))
        c->fingerprint[0] = '\0';
    memcpy(r->fingerprint, c->fingerprint, sizeof r->fingerprint);
    http_guard_init(&c->guard, c->server->options.max_header, c->server->options.max_body);
    c->request = r;
    return r;
}

void http_request_arrived(struct evhttp_request *ev, void *server)
{
    struct http_server *s = server;
    struct evhttp_connection *evcon = evhttp_request_get_connection(ev);
    struct bufferevent *filter = evhttp_connection_get_bufferevent(evcon);
    struct http_conn *c = map_get(s->conns, (struct slice){ (const char *)&filter, sizeof filter });
    if (c == NULL || !c->busy || c->request != NULL || c->stream != NULL) { /* not by the guard: cannot be */
        evhttp_send_error(ev, 500, NULL);
        return;
    }
    http_conn_watch(c, evcon);
    http_conn_deadline(c, 0);
    bufferevent_enable(filter, EV_READ); /* to hear of the client's going while the answer is made */
    if (c->refused != 0)
        answer_refused(c, ev);
    else
        s->handler(s->ctx, request_new(c, ev));
}

struct slice http_method(const struct http_request *r)
{
    return http_guard_method(&r->guard);
}

struct slice http_path(const struct http_request *r)
{
    return buf_slice(&r->guard.path);
}

struct slice http_query(const struct http_request *r)
{
    return http_guard_query(&r->guard);
}

struct slice http_body(const struct http_request *r)
{
    return buf_slice(&r->guard.body);
}

static const char *keep_text(const struct http_request *r, struct slice text)
{
    struct http_request *mine = (struct http_request *)(uintptr_t)r; /* a cache, not a part of the request */
    if (mine->texts == NULL)
        mine->texts = arena_new();
    return arena_text(mine->texts, text);
}

const char *http_header_get(const struct http_request *r, const char *name)
{
    struct slice value;
    return http_guard_header(&r->guard, name, &value) == 1 ? keep_text(r, value) : NULL;
}

/* RFC 6265 section 4.2.1: name=value; name=value. The first of a name counts. */
const char *http_cookie_get(const struct http_request *r, const char *name)
{
    struct slice rest;
    if (http_guard_header(&r->guard, "Cookie", &rest) != 1)
        return NULL;
    while (rest.len > 0) {
        struct slice value = slice_trim(slice_cut(&rest, ';'));
        if (slice_is(slice_cut(&value, '='), name))
            return keep_text(r, value);
    }
    return NULL;
}

const char *http_peer(const struct http_request *r)
{
    return r->peer;
}

const char *http_client_fingerprint(const struct http_request *r)
{
    return r->fingerprint[0] != '\0' ? r->fingerprint : NULL;
}

bool http_is_tls(const struct http_request *r)
{
    return r->tls;
}

void http_on_gone(struct http_request *r, void (*gone)(void *ctx), void *ctx)
{
    r->gone = gone;
    r->gone_ctx = ctx;
}

bool http_gone(const struct http_request *r)
{
    return r->conn == NULL;
}

static void common_headers(struct evhttp_request *ev, const struct http_header *extra, size_t count)
{
    bool cached = false;
    for (size_t i = 0; i < count; i++) {
        cached = cached || slice_eq_nocase(slice_of(extra[i].name), SLICE("Cache-Control"));
        set_header(ev, extra[i].name, extra[i].value);
    }
    set_header(ev, "X-Content-Type-Options", "nosniff");
    if (!cached)
        set_header(ev, "Cache-Control", "no-store");
}

void http_reply(struct http_request *r, int status, const char *content_type, struct slice body,
                const struct http_header *extra, size_t extra_count)
{
    struct http_conn *c = r->conn;
    if (c != NULL) {
        bool close = r->guard.close || r->guard.http_10;
        bool bare = slice_is(http_method(r), "HEAD") || status == 204 || status == 304;
        set_header(r->ev, "Content-Type", content_type != NULL ? content_type : "text/plain");
        common_headers(r->ev, extra, extra_count);
        if (status != 204 && status != 304)
            set_length(r->ev, body.len);
        if (close)
            set_header(r->ev, "Connection", "close");
        http_conn_send(c, r->ev, status, bare ? (struct slice){ NULL, 0 } : body, close);
    }
    request_free(r);
}

struct http_stream *http_stream_begin(struct http_request *r, const struct http_header *extra,
                                      size_t extra_count)
{
    struct http_conn *c = r->conn;
    struct http_stream *s = NULL;
    if (c != NULL && r->guard.http_10) {
        http_reply(r, 505, NULL, (struct slice){ NULL, 0 }, NULL, 0);
        return NULL;
    }
    if (c != NULL && c->server != NULL) {
        s = http_stream_new(c, r->ev);
        c->request = NULL;
        set_header(r->ev, "Content-Type", "text/event-stream");
        common_headers(r->ev, extra, extra_count);
        http_conn_deadline(c, 0);
        evhttp_send_reply_start(r->ev, 200, "OK");
        http_conn_push(c);
    }
    request_free(r);
    return s;
}
