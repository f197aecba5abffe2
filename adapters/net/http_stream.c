/* Event streams: one reply that goes on, bounded in what may wait for a slow reader. */
#include <event2/buffer.h>
#include <stdlib.h>

#include "adapters/net/http_internal.h"
#include "base/memory.h"

/* The reader is too slow: the connection goes, and with it comes http_stream_lost. */
static void end_from_loop(evutil_socket_t fd, short what, void *ctx)
{
    struct http_stream *s = ctx;
    (void)fd;
    (void)what;
    if (s->conn != NULL)
        http_conn_kill(s->conn);
}

struct http_stream *http_stream_new(struct http_conn *c, struct evhttp_request *ev)
{
    struct http_stream *s = memory_new(sizeof *s);
    s->conn = c;
    s->ev = ev;
    s->ending = event_new(c->server->base, -1, 0, end_from_loop, s);
    if (s->ending == NULL)
        abort();
    c->stream = s;
    return s;
}

static void stream_free(struct http_stream *s)
{
    if (s->conn != NULL)
        s->conn->stream = NULL;
    event_free(s->ending);
    free(s);
}

void http_stream_lost(struct http_stream *s)
{
    void (*closed)(void *) = s->closed;
    void *ctx = s->closed_ctx;
    stream_free(s);
    if (closed != NULL)
        closed(ctx);
}

size_t http_stream_queued(const struct http_stream *s)
{
    return s->conn != NULL ? http_conn_queued(s->conn) : 0;
}

bool http_stream_write(struct http_stream *s, struct slice bytes)
{
    if (s->failed || s->conn == NULL || s->conn->server == NULL)
        return false;
    size_t max = s->conn->server->options.max_stream_queue;
    if (bytes.len > max || http_conn_queued(s->conn) > max - bytes.len) {
        s->failed = true;
        event_active(s->ending, EV_TIMEOUT, 0);
        return false;
    }
    struct evbuffer *out = evbuffer_new();
    if (out == NULL || evbuffer_add(out, bytes.ptr, bytes.len) != 0)
        abort(); /* out of memory, as base/memory.h has it */
    evhttp_send_reply_chunk(s->ev, out);
    evbuffer_free(out);
    return true;
}

void http_stream_on_close(struct http_stream *s, void (*closed)(void *ctx), void *ctx)
{
    s->closed = closed;
    s->closed_ctx = ctx;
}

void http_stream_close(struct http_stream **s)
{
    if (s == NULL || *s == NULL)
        return;
    struct http_stream *mine = *s;
    *s = NULL;
    mine->closed = NULL;
    mine->failed = true;
    event_active(mine->ending, EV_TIMEOUT, 0);
}
