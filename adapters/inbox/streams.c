#include "adapters/inbox/streams.h"

#include "adapters/net/clock.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

enum { BEAT_MS = 15000, PER_DEVICE = 4 }; /* tabs of one browser; the oldest gives way */

struct one {
    struct streams *owner;
    struct http_stream *http;
    uint64_t device;
    struct one *next; /* of the same device, newest first */
};

struct streams {
    struct map *devices; /* device (8 bytes) -> newest struct one */
    void (*told)(void *ctx, uint64_t device, bool open);
    void *ctx;
    struct event *beat;
    struct buf text;
    size_t count;
};

static struct slice key_of(const uint64_t *device)
{
    return (struct slice){ (const char *)device, sizeof *device };
}

static void unlink_one(struct one *o)
{
    struct streams *s = o->owner;
    struct one *first = map_get(s->devices, key_of(&o->device));

    if (first == o) {
        if (o->next != NULL)
            map_put(s->devices, key_of(&o->device), o->next);
        else
            map_remove(s->devices, key_of(&o->device));
    } else {
        while (first->next != o)
            first = first->next;
        first->next = o->next;
    }
    s->count--;
    if (map_get(s->devices, key_of(&o->device)) == NULL && s->told != NULL)
        s->told(s->ctx, o->device, false);
    free(o);
}

static void on_close(void *ctx)
{
    unlink_one(ctx);
}

static void drop(struct one *o)
{
    http_stream_close(&o->http);
    unlink_one(o);
}

/* A comment now and then keeps what stands between from closing the stream. */
static void on_beat(evutil_socket_t fd, short what, void *arg)
{
    struct streams *s = arg;
    void *value;

    (void)fd;
    (void)what;
    for (size_t at = 0; map_next(s->devices, &at, NULL, &value);)
        for (struct one *o = value; o != NULL; o = o->next)
            http_stream_write(o->http, SLICE(": keep-alive\n\n"));
}

struct streams *streams_new(struct event_base *loop, void (*told)(void *ctx, uint64_t device, bool open),
                            void *ctx, unsigned beat_ms)
{
    unsigned ms = beat_ms > 0 ? beat_ms : BEAT_MS;
    const struct timeval beat = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };
    struct streams *s = memory_new(sizeof *s);

    *s = (struct streams){
        .devices = map_new(), .told = told, .ctx = ctx, .text = buf_make(LIMIT_SSE_QUEUE_BYTES)
    };
    s->beat = event_new(loop, -1, EV_PERSIST, on_beat, s);
    event_add(s->beat, &beat);
    return s;
}

void streams_free(struct streams **s)
{
    void *value;

    if (s == NULL || *s == NULL)
        return;
    (*s)->told = NULL;
    for (size_t at = 0; map_next((*s)->devices, &at, NULL, &value); at = 0)
        drop(value);
    map_free(&(*s)->devices, NULL);
    event_free((*s)->beat);
    buf_free(&(*s)->text);
    free(*s);
    *s = NULL;
}

static void keep_few(struct streams *s, uint64_t device)
{
    struct one *o = map_get(s->devices, key_of(&device));

    for (int n = 1; o != NULL; n++, o = o->next)
        if (n >= PER_DEVICE && o->next == NULL) {
            drop(o);
            return;
        }
}

void streams_open(struct streams *s, struct http_request *r, uint64_t device, const struct http_header *extra,
                  size_t extra_count)
{
    char hello[160];

    keep_few(s, device);
    struct http_stream *http = http_stream_begin(r, extra, extra_count);
    if (http == NULL)
        return;
    struct one *o = memory_new(sizeof *o);
    *o = (struct one){ s, http, device, map_get(s->devices, key_of(&device)) };
    map_put(s->devices, key_of(&device), o);
    s->count++;
    http_stream_on_close(http, on_close, o);
    int length =
        snprintf(hello, sizeof hello, "event: hello\ndata: {\"v\":1,\"now\":%lld,\"device\":\"%016llx\"}\n\n",
                 (long long)(clock_wall_us() / 1000), (unsigned long long)device);
    http_stream_write(http, (struct slice){ hello, (size_t)length });
    if (s->told != NULL)
        s->told(s->ctx, device, true); /* also for a second tab: it wants what is not settled as well */
}

bool streams_push(struct streams *s, uint64_t device, uint64_t delivery, struct slice jwe)
{
    bool written = false;

    buf_reset(&s->text);
    buf_printf(&s->text, "event: alert\nid: %016llx\ndata: ", (unsigned long long)delivery);
    buf_put(&s->text, jwe);
    buf_text(&s->text, "\n\n");
    for (struct one *o = map_get(s->devices, key_of(&device)); o != NULL && !s->text.failed; o = o->next)
        written |= http_stream_write(o->http, buf_slice(&s->text));
    return written;
}

void streams_tell(struct streams *s)
{
    void *value;

    for (size_t at = 0; map_next(s->devices, &at, NULL, &value);)
        if (s->told != NULL)
            s->told(s->ctx, ((struct one *)value)->device, true);
}

size_t streams_count(const struct streams *s)
{
    return s->count;
}
