/* nightbell/feeds.c - the process that listens to devices: MLLP in, submissions to the router, answers back.
 */
#include "adapters/mllp/listener.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "hl7/ack.h"
#include "nightbell/block_tls.h"
#include "nightbell/config.h"
#include "nightbell/fault.h"
#include "nightbell/feeds_bus.h"
#include "nightbell/peer.h"
#include "nightbell/suspect.h"
#include "router/core.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct feed {
    struct feeds *owner;
    char name[BOUND_NAME];
    uint64_t index; /* which listener: the upper byte of a connection id on the bus */
    struct mllp_listener *mllp;
    SSL_CTX *tls;
};

struct feeds {
    const struct role_env *env;
    struct event_base *loop;
    struct peer *peer;
    struct role_wire wire;
    struct feed *feed;
    size_t feed_count;
    struct bus_feeds *bus_feeds; /* adapters of other hosts */
    struct arena *arena;
    struct event *leave;
    int code; /* of exit */
};

/* Bits 56-63 of a connection id say which listener; the listener's own ids never reach that far. */
static uint64_t bus_connection(const struct feed *f, uint64_t connection)
{
    return f->index << 56 | (connection & 0x00ffffffffffffff);
}

static bool on_message(void *ctx, const struct mllp_message *m)
{
    struct feed *f = ctx;
    struct feeds *s = f->owner;
    struct submit_item item = { .connection = bus_connection(f, m->connection),
                                .sequence = m->sequence,
                                .listener = slice_of(f->name),
                                .principal = m->principal,
                                .bytes = m->bytes,
                                .syntax = m->framing };
    struct hl7_header header;
    bool due = true;

    arena_reset(s->arena);
    submission_key(item.listener, m->bytes, item.duplicate_key);
    item.suspect = suspect_is(s->env->suspects, item.duplicate_key);
    if (!item.suspect && item.syntax.code == ERROR_NONE) {
        suspect_enter(s->env->suspects, SUSPECT_FEEDS, item.duplicate_key, item.listener, 0, m->bytes);
        fault_on_bytes("feeds", m->bytes);
        struct hl7_message *parsed = hl7_message_parse(s->arena, m->bytes, &item.syntax);
        if (parsed != NULL) {
            hl7_header_read(parsed, &header);
            item.control_id = header.control_id;
            due = hl7_ack_mode(&header) != HL7_ACK_NEVER;
        }
        suspect_leave(s->env->suspects, SUSPECT_FEEDS);
    }
    if (!peer_submit(s->peer, &item))
        mllp_close_unanswered(f->mllp); /* between two routers: nothing can be promised */
    return due;
}

static void on_verdict(void *ctx, const struct verdict_item *v)
{
    struct feeds *s = ctx;
    uint64_t index = v->connection >> 56;

    if (index == 0) {
        bus_feeds_answer(s->bus_feeds, v);
        return;
    }
    for (size_t i = 0; i < s->feed_count; i++) {
        if (s->feed[i].index != index || s->feed[i].mllp == NULL)
            continue;
        struct mllp_verdict out = { .accepted = v->accepted,
                                    .reject = v->verdict == VERDICT_REJECTED,
                                    .position = v->position,
                                    .wall_us = v->wall_us,
                                    .error = v->error };
        mllp_answer(s->feed[i].mllp, v->connection & 0x00ffffffffffffff, v->sequence, &out);
    }
}

static enum mllp_ack ack_of(const struct block *b)
{
    struct slice said = block_value(b, SLICE("ack"), SLICE("by-header"));

    return slice_is(said, "original")   ? MLLP_ACK_ORIGINAL
           : slice_is(said, "enhanced") ? MLLP_ACK_ENHANCED
                                        : MLLP_ACK_BY_HEADER;
}

static bool open_feed(struct feeds *s, const struct block *b, struct error *err)
{
    const struct bound *at = role_bound(s->env, b->name);

    if (at == NULL)
        return true; /* a site change added it: the supervisor starts us anew with its socket */
    struct feed *f = &s->feed[s->feed_count];
    *f = (struct feed){ .owner = s, .index = s->feed_count + 1 };
    snprintf(f->name, sizeof f->name, "%.*s", SLICE_ARG(b->name));
    if (block_has_tls(b) && (f->tls = block_tls(b, s->env->options->site_dir, err)) == NULL)
        return false;
    struct mllp_options o = { .name = f->name,
                              .tls = f->tls,
                              .on_message = on_message,
                              .ctx = f,
                              .ack = ack_of(b),
                              .release_2 = slice_is(block_value(b, SLICE("release"), SLICE("1")), "2"),
                              .max_message = config_number(b, "max-message", LIMIT_MESSAGE_BYTES),
                              .max_connections = config_number(b, "max-connections", LIMIT_CONNECTIONS),
                              .max_per_peer = config_number(b, "max-connections", LIMIT_CONNECTIONS_PER_PEER),
                              .idle_s = config_number(b, "idle", LIMIT_IDLE_S) };
    f->mllp = mllp_listener_new(s->loop, at->fd, &o, err);
    s->feed_count += f->mllp != NULL;
    return f->mllp != NULL;
}

static void on_pressure(void *ctx, bool stop)
{
    struct feeds *s = ctx;

    for (size_t i = 0; i < s->feed_count; i++)
        mllp_pause(s->feed[i].mllp, stop);
}

static bool open_feeds(struct feeds *s, const struct config *c, struct error *err)
{
    s->feed = memory_array(c->block_count + 1, sizeof *s->feed);
    for (size_t i = 0; i < c->block_count; i++)
        if (!c->blocks[i].endpoint && slice_is(c->blocks[i].kind, "mllp") &&
            !open_feed(s, &c->blocks[i], err))
            return false;
    s->bus_feeds = bus_feeds_open(s->env, s->loop, s->peer, c, err);
    return s->bus_feeds != NULL;
}

/* Listeners open once, when the router has welcomed us for the first time: nobody is heard before. */
static void on_welcome(void *ctx, struct slice json)
{
    struct feeds *s = ctx;
    struct error err = { .code = ERROR_NONE };
    struct config *c = config_read(json, &err);
    bool first = s->feed == NULL, fine = c != NULL && (!first || open_feeds(s, c, &err));

    config_free(&c);
    if (!fine) {
        log_error("feeds", "cannot-listen", &err);
        s->code = EXIT_CONFIG;
        event_base_loopexit(s->loop, NULL);
        return;
    }
    if (first)
        role_say(&s->wire, 'R');
    on_pressure(s, false);
}

static void on_lost(void *ctx)
{
    struct feeds *s = ctx;

    log_event(LOG_WARN, "feeds", "router-lost", NULL);
    for (size_t i = 0; i < s->feed_count; i++) {
        mllp_close_unanswered(s->feed[i].mllp);
        mllp_pause(s->feed[i].mllp, true);
    }
    bus_feeds_lost(s->bus_feeds);
}

static void on_router_down(void *ctx)
{
    struct feeds *s = ctx;

    if (peer_welcome(s->peer))
        peer_router_down(s->peer);
}

/* Leaving: stop reading, wait (bounded) for what is unanswered, go. */
static void on_leave_tick(evutil_socket_t fd, short what, void *arg)
{
    struct feeds *s = arg;
    size_t waiting = 0;
    static const struct timeval soon = { 0, 20000 };

    (void)fd;
    (void)what;
    for (size_t i = 0; i < s->feed_count; i++)
        waiting += mllp_unanswered(s->feed[i].mllp);
    if (waiting == 0 || !peer_welcome(s->peer))
        event_base_loopexit(s->loop, &soon);
    else
        event_add(s->leave, &soon);
}

static void on_quit(void *ctx)
{
    struct feeds *s = ctx;
    static const struct timeval most = { 2, 0 };

    s->code = EXIT_LEFT;
    for (size_t i = 0; i < s->feed_count; i++)
        mllp_stop(s->feed[i].mllp);
    event_base_loopexit(s->loop, &most);
    on_leave_tick(-1, 0, s);
}

static void close_all(struct feeds *s)
{
    for (size_t i = 0; i < s->feed_count; i++) {
        mllp_listener_free(&s->feed[i].mllp);
        SSL_CTX_free(s->feed[i].tls);
    }
    bus_feeds_close(&s->bus_feeds);
    peer_close(&s->peer);
    role_wire_close(&s->wire);
    event_free(s->leave);
    arena_free(&s->arena);
    event_base_free(s->loop);
    free(s->feed);
}

int feeds_run(const struct role_env *env)
{
    struct feeds s = { .env = env, .loop = event_base_new(), .arena = arena_new(), .code = EXIT_REBUILD };
    struct error err = { .code = ERROR_NONE };
    struct peer_events events = { .on_welcome = on_welcome,
                                  .on_verdict = on_verdict,
                                  .on_lost = on_lost,
                                  .on_pressure = on_pressure,
                                  .ctx = &s };

    s.leave = event_new(s.loop, -1, 0, on_leave_tick, &s);
    s.wire = (struct role_wire){ .on_quit = on_quit, .on_router_down = on_router_down, .ctx = &s };
    role_wire_open(&s.wire, s.loop, env);
    s.peer = peer_open(s.loop, env, ROLE_FEEDS, &events, &err);
    if (s.peer != NULL)
        event_base_dispatch(s.loop);
    else
        log_error("feeds", "no-bus", &err);
    close_all(&s);
    return s.code;
}
