#include "nightbell/peer.h"

#include "adapters/seal/hash.h"
#include "adapters/seal/random.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

struct peer {
    struct peer_events events;
    enum frame_role role;
    struct bus_socket *bus;
    struct event *flush, *knock;
    struct buf out, small; /* the frame being filled; one-item frames */
    enum frame_type filling;
    uint64_t session, router;
    uint32_t unanswered;
    uint64_t unanswered_bytes;
    uint64_t *sizes; /* ring: bytes of each unanswered submission, in order */
    uint32_t sizes_room, sizes_first;
    bool welcome, stopped;
};

static struct slice nobody(void)
{
    return (struct slice){ NULL, 0 };
}

static void say_hello(struct peer *p)
{
    hello_write(&p->small, p->session, p->role, p->router);
    bus_send(p->bus, nobody(), buf_slice(&p->small));
}

/* Until the router answers, hello is said again: a router that starts later must hear it. */
static void on_knock(evutil_socket_t fd, short what, void *arg)
{
    struct peer *p = arg;

    (void)fd;
    (void)what;
    if (!p->welcome)
        say_hello(p);
}

enum { KEPT_ROOM = 16 * 1024 * 1024 }; /* a frame of one huge message gives its memory back */

static void send_filled(struct peer *p)
{
    if (p->filling == 0)
        return;
    if (p->welcome && !bus_send(p->bus, nobody(), buf_slice(&p->out)))
        peer_router_down(p); /* below the credits this cannot be a full queue: the router is not there */
    p->filling = 0;
    if (p->out.room > KEPT_ROOM)
        buf_free(&p->out);
    buf_reset(&p->out);
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    send_filled(arg);
}

/* False: the router is not there, or went away just now; the owner has been told. */
static bool fill(struct peer *p, enum frame_type type, size_t bytes)
{
    if (p->filling != 0 && (p->filling != type || frame_full(&p->out, bytes)))
        send_filled(p);
    if (!p->welcome)
        return false;
    if (p->filling == 0) {
        frame_begin(&p->out, type, p->session);
        p->filling = type;
        event_active(p->flush, EV_TIMEOUT, 0);
    }
    return true;
}

static void pressure(struct peer *p)
{
    bool stop = p->unanswered >= LIMIT_BUS_CREDIT_ITEMS || p->unanswered_bytes >= LIMIT_BUS_CREDIT_BYTES;

    if (stop == p->stopped)
        return;
    p->stopped = stop;
    if (p->events.on_pressure != NULL)
        p->events.on_pressure(p->events.ctx, stop);
}

static void count_in(struct peer *p, uint64_t bytes)
{
    if (p->unanswered == p->sizes_room) {
        uint32_t room = p->sizes_room > 0 ? p->sizes_room * 2 : 256;
        uint64_t *sizes = memory_array(room, sizeof *sizes);
        for (uint32_t i = 0; i < p->unanswered; i++)
            sizes[i] = p->sizes[(p->sizes_first + i) % p->sizes_room];
        free(p->sizes);
        p->sizes = sizes;
        p->sizes_room = room;
        p->sizes_first = 0;
    }
    p->sizes[(p->sizes_first + p->unanswered++) % p->sizes_room] = bytes;
    p->unanswered_bytes += bytes;
    pressure(p);
}

static void count_out(struct peer *p)
{
    if (p->unanswered == 0)
        return;
    p->unanswered_bytes -= p->sizes[p->sizes_first];
    p->sizes_first = (p->sizes_first + 1) % p->sizes_room;
    p->unanswered--;
}

static void lose(struct peer *p)
{
    bool had = p->welcome;

    p->welcome = false;
    p->filling = 0;
    p->unanswered = 0;
    p->unanswered_bytes = 0;
    buf_reset(&p->out);
    /* Verdicts for what was sent before must not meet new submissions: a new session discards them. */
    p->session = seal_random_u64();
    pressure(p); /* before on_lost: what the owner stops there stays stopped until the welcome */
    if (had && p->events.on_lost != NULL)
        p->events.on_lost(p->events.ctx);
    say_hello(p);
}

void peer_router_down(struct peer *p)
{
    lose(p);
}

static void take_welcome(struct peer *p, struct frame *f)
{
    p->router = read_u64(&f->body);
    read_u32(&f->body); /* credits: both sides have the same limits in one installation */
    read_u32(&f->body);
    struct slice configuration = read_slice(&f->body);
    if (f->body.failed || p->welcome)
        return;
    p->welcome = true;
    p->events.on_welcome(p->events.ctx, configuration);
}

static void take_list(struct peer *p, struct frame *f)
{
    for (uint32_t i = 0; i < f->count && f->session == p->session; i++) {
        struct verdict_item v;
        struct deliver_item d;
        if (f->type == FRAME_VERDICTS && verdict_read(&f->body, &v)) {
            count_out(p);
            p->events.on_verdict(p->events.ctx, &v);
        } else if (f->type == FRAME_DELIVER && p->events.on_deliver != NULL && deliver_read(&f->body, &d)) {
            p->events.on_deliver(p->events.ctx, &d);
        }
    }
    pressure(p);
}

static void take_reply(struct peer *p, struct frame *f)
{
    uint64_t id = read_u64(&f->body);
    uint16_t status = read_u16(&f->body);
    struct slice body = read_slice(&f->body);

    if (!f->body.failed && p->events.on_reply != NULL)
        p->events.on_reply(p->events.ctx, id, status, body);
}

static void on_frame(void *ctx, struct slice from, struct slice name, struct slice bytes)
{
    struct peer *p = ctx;
    struct frame f;
    struct error err = { .code = ERROR_NONE };

    (void)from;
    (void)name;
    if (!frame_open(bytes, &f, &err)) {
        log_error("bus", "frame-refused", &err);
        return;
    }
    if (f.session != p->session)
        return;
    switch (f.type) {
    case FRAME_WELCOME:
        take_welcome(p, &f);
        break;
    case FRAME_VERDICTS:
    case FRAME_DELIVER:
        take_list(p, &f);
        break;
    case FRAME_REPLY:
        take_reply(p, &f);
        break;
    case FRAME_CONFIGURATION:
        if (p->events.on_configuration != NULL)
            p->events.on_configuration(p->events.ctx, read_slice(&f.body));
        break;
    case FRAME_STALE:
        lose(p);
        break;
    default:
        break;
    }
}

struct peer *peer_open(struct event_base *loop, const struct role_env *env, enum frame_role role,
                       const struct peer_events *events, struct error *err)
{
    struct peer *p = memory_new(sizeof *p);
    struct bus_options o = {
        .side = BUS_CONNECT, .address = env->router_address, .on_frame = on_frame, .ctx = p
    };
    struct timeval half_second = { 0, 500000 };

    *p = (struct peer){ .events = *events, .role = role, .session = seal_random_u64(), .sizes_room = 256 };
    p->out = buf_make(LIMIT_BUS_FRAME_BYTES);
    p->small = buf_make(LIMIT_BUS_FRAME_BYTES);
    p->sizes = memory_array(p->sizes_room, sizeof *p->sizes);
    p->flush = event_new(loop, -1, 0, on_flush, p);
    p->knock = event_new(loop, -1, EV_PERSIST, on_knock, p);
    event_add(p->knock, &half_second);
    p->bus = bus_open(env->bus, loop, &o, err);
    if (p->bus == NULL)
        peer_close(&p);
    else
        say_hello(p);
    return p;
}

void peer_close(struct peer **p)
{
    if (p == NULL || *p == NULL)
        return;
    (*p)->events.on_lost = NULL; /* the owner is half gone */
    (*p)->events.on_pressure = NULL;
    send_filled(*p);
    bus_close(&(*p)->bus);
    event_free((*p)->flush);
    event_free((*p)->knock);
    buf_free(&(*p)->out);
    buf_free(&(*p)->small);
    free((*p)->sizes);
    free(*p);
    *p = NULL;
}

void submission_key(struct slice listener, struct slice bytes, uint8_t key[16])
{
    uint8_t whole[HASH_BYTES];
    const struct slice parts[] = { listener, SLICE("\n"), bytes };

    hash_sha256_parts(parts, 3, whole);
    memcpy(key, whole, 16);
}

bool peer_welcome(const struct peer *p)
{
    return p->welcome;
}

uint64_t peer_session(const struct peer *p)
{
    return p->session;
}

bool peer_submit(struct peer *p, const struct submit_item *i)
{
    size_t bytes = i->bytes.len + i->listener.len + i->principal.len + i->control_id.len + 512;

    if (bytes > LIMIT_BUS_FRAME_BYTES / 2 || !fill(p, FRAME_SUBMIT, bytes))
        return false;
    submit_write(&p->out, i);
    count_in(p, bytes);
    return true;
}

bool peer_report(struct peer *p, const struct report_item *r)
{
    if (!fill(p, FRAME_REPORT, r->detail.len + 16))
        return false;
    report_write(&p->out, r);
    return true;
}

bool peer_ask(struct peer *p, uint64_t id, enum frame_question question, struct slice body)
{
    send_filled(p); /* what was submitted before stays before */
    if (!p->welcome)
        return false;
    ask_write(&p->small, p->session, id, question, body);
    return bus_send(p->bus, nobody(), buf_slice(&p->small));
}

bool peer_stream(struct peer *p, uint64_t device, bool open)
{
    if (!p->welcome)
        return false;
    stream_write(&p->small, p->session, device, open);
    return bus_send(p->bus, nobody(), buf_slice(&p->small));
}
