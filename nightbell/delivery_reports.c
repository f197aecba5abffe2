/* nightbell/delivery_reports.c - reports to the sources of messages: PCD-05 and delayed application
 * acknowledgements, each listener's on one connection of ours, in order, one at a time (docs/reports.md).
 *
 * A report is sent until its source has taken or refused it; then the next one. What was settled is
 * remembered for a while: a router that was started again asks for everything it has not heard of, and the
 * same outcome is told again. Past that a source may get a report twice, with the same bytes and MSH-10. */
#include "nightbell/delivery_state.h"

#include "adapters/mllp/client.h"
#include "adapters/net/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"
#include "nightbell/block_tls.h"
#include "router/core.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTLED_MOST = 4096, LOOK_S = 5, ADDRESS = 300 };

struct waiting_report {
    uint64_t report;
    char *bytes;
    size_t length;
};

struct settled_report { /* a ring: the oldest is forgotten */
    uint64_t report;
    enum report_outcome outcome;
    char detail[16];
};

struct report_source {
    struct sources *owner;
    char name[BOUND_NAME], address[ADDRESS];
    uint64_t mark; /* of the certificates */
    struct mllp_sender *sender;
    SSL_CTX *tls;
    struct waiting_report *queue; /* a ring in arrival order */
    size_t queue_first, queue_count, queue_room;
    struct map *queued; /* report, 8 bytes -> anything */
    struct map *known;  /* report, 8 bytes -> struct settled_report in the ring */
    struct settled_report *ring;
    size_t ring_next;
    int64_t since_us; /* boot clock: when the first of the queue became it */
    bool told_stalled, stays;
};

struct sources {
    struct delivery_process *owner;
    struct map *by_name; /* struct report_source */
    struct event *look;  /* is one stalled? */
};

static struct slice report_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

static void tell_router(struct delivery_process *d, uint64_t report, enum report_outcome outcome,
                        const char *detail)
{
    struct report_item r = { .delivery = report,
                             .state = (uint8_t)(REPORT_STATE + outcome),
                             .detail = slice_of(detail) };

    peer_report(d->peer, &r);
}

/* --- the queue of one source -----------------------------------------------------------------------------
 */

static struct waiting_report *first_of(const struct report_source *s)
{
    return s->queue_count > 0 ? &s->queue[s->queue_first] : NULL;
}

/* Past its bytes nothing of a ring moves, so a report's place in it is its own. */
static void queue_put(struct report_source *s, uint64_t report, struct slice bytes)
{
    if (s->queue_count == s->queue_room) {
        size_t room = s->queue_room > 0 ? 2 * s->queue_room : 16;
        struct waiting_report *wider = memory_array(room, sizeof *wider);
        for (size_t i = 0; i < s->queue_count; i++)
            wider[i] = s->queue[(s->queue_first + i) % s->queue_room];
        free(s->queue);
        s->queue = wider;
        s->queue_first = 0;
        s->queue_room = room;
    }
    if (s->queue_count == 0)
        s->since_us = clock_boot_us();
    s->queue[(s->queue_first + s->queue_count++) % s->queue_room] =
        (struct waiting_report){ report, memory_text(bytes.ptr, bytes.len), bytes.len };
    map_put(s->queued, report_key(&report), s);
}

static void queue_drop_first(struct report_source *s)
{
    struct waiting_report *w = first_of(s);

    map_remove(s->queued, report_key(&w->report));
    free(w->bytes);
    s->queue_first = (s->queue_first + 1) % s->queue_room;
    s->queue_count--;
    s->since_us = clock_boot_us();
    s->told_stalled = false;
}

static void settle(struct report_source *s, uint64_t report, enum report_outcome outcome, const char *detail)
{
    struct settled_report *kept = &s->ring[s->ring_next];

    s->ring_next = (s->ring_next + 1) % SETTLED_MOST;
    if (kept->report != 0)
        map_remove(s->known, report_key(&kept->report));
    *kept = (struct settled_report){ .report = report, .outcome = outcome };
    snprintf(kept->detail, sizeof kept->detail, "%s", detail);
    map_put(s->known, report_key(&report), kept);
    tell_router(s->owner->owner, report, outcome, kept->detail);
}

/* Hands the first one over, when the connection has nothing in hand. */
static void send_first(struct report_source *s)
{
    struct waiting_report *w;

    while (s->sender != NULL && !mllp_sender_busy(s->sender) && (w = first_of(s)) != NULL) {
        uint64_t report = w->report;
        if (mllp_sender_send(s->sender, report, (struct slice){ w->bytes, w->length }))
            return;
        queue_drop_first(s); /* bytes that MLLP cannot carry */
        settle(s, report, REPORT_REFUSED, "bytes");
    }
}

static void on_result(void *ctx, const struct mllp_sent_result *r)
{
    struct report_source *s = ctx;
    struct waiting_report *w = first_of(s);
    char number[LOG_NUM];

    if (r->outcome == MLLP_SENT_REFUSED)
        log_event(LOG_WARN, "delivery", "report-refused", "listener", s->name, "answer", r->detail, "where",
                  r->where, "code", log_num(number, r->err_0357), NULL);
    if (r->outcome != MLLP_SENT_AGAIN && w != NULL && w->report == r->id) {
        queue_drop_first(s);
        settle(s, r->id, r->outcome == MLLP_SENT_ACCEPTED ? REPORT_TAKEN : REPORT_REFUSED, r->detail);
    }
    send_first(s);
}

/* Told again and again while it lasts: the router counts the first. */
static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct sources *all = arg;
    void *value;

    (void)fd;
    (void)what;
    for (size_t at = 0; map_next(all->by_name, &at, NULL, &value);) {
        struct report_source *s = value;
        int64_t most = LIMIT_REPORT_STALLED_S * INT64_C(1000000);
        if (s->queue_count == 0 || s->told_stalled || clock_boot_us() - s->since_us < most)
            continue;
        log_event(LOG_WARN, "delivery", "reports-stalled", "listener", s->name, NULL);
        s->told_stalled = true;
        tell_router(all->owner, first_of(s)->report, REPORT_STALLED, "no-answer");
    }
}

void sources_take(struct sources *all, const struct deliver_item *i)
{
    struct report_source *s = map_get(all->by_name, i->endpoint);
    const struct settled_report *before = s != NULL ? map_get(s->known, report_key(&i->delivery)) : NULL;

    if (s == NULL) { /* the site has no address for it any more */
        tell_router(all->owner, i->delivery, REPORT_REFUSED, "no-address");
    } else if (before != NULL) {
        tell_router(all->owner, i->delivery, before->outcome, before->detail);
    } else if (map_get(s->queued, report_key(&i->delivery)) != NULL) {
        s->told_stalled = false; /* a router that was started again is told again */
    } else {
        queue_put(s, i->delivery, i->payload);
        send_first(s);
    }
}

/* --- configuration ---------------------------------------------------------------------------------------
 */

static void source_close_sender(struct report_source *s)
{
    mllp_sender_free(&s->sender);
    SSL_CTX_free(s->tls);
    s->tls = NULL;
}

static void open_sender(struct report_source *s, const struct block *b)
{
    struct error err = { .code = ERROR_NONE };

    if (block_has_reports_tls(b)) {
        s->tls = block_reports_tls(b, s->owner->owner->env->options->site_dir, &err);
        if (s->tls == NULL) {
            log_error("delivery", "reports-tls", &err);
            return;
        }
    }
    struct mllp_sender_options o = {
        .name = s->name, .address = s->address, .tls = s->tls, .on_result = on_result, .ctx = s
    };
    s->sender = mllp_sender_new(s->owner->owner->loop, &o, &err);
    if (s->sender == NULL)
        log_error("delivery", "reports-address", &err);
}

static struct report_source *source_new(struct sources *all, struct slice name)
{
    struct report_source *s = memory_new(sizeof *s);

    s->owner = all;
    s->queued = map_new();
    s->known = map_new();
    s->ring = memory_array(SETTLED_MOST, sizeof *s->ring);
    snprintf(s->name, sizeof s->name, "%.*s", SLICE_ARG(name));
    map_put(all->by_name, name, s);
    return s;
}

static void source_free(void *value)
{
    struct report_source *s = value;

    source_close_sender(s);
    while (s->queue_count > 0)
        queue_drop_first(s);
    free(s->queue);
    free(s->ring);
    map_free(&s->queued, NULL);
    map_free(&s->known, NULL);
    free(s);
}

/* A connection goes on over a new configuration unless something about it has changed. */
static void configure_one(struct sources *all, const struct block *b, const struct setting *to)
{
    struct report_source *s = map_get(all->by_name, b->name);
    char address[ADDRESS];
    uint64_t mark = block_reports_tls_mark(b, all->owner->env->options->site_dir) + block_has_reports_tls(b);

    if (s == NULL)
        s = source_new(all, b->name);
    s->stays = true;
    snprintf(address, sizeof address, "%.*s", SLICE_ARG(to->values[to->value_count - 1]));
    if (s->sender != NULL && strcmp(address, s->address) == 0 && mark == s->mark)
        return;
    source_close_sender(s);
    memcpy(s->address, address, sizeof address);
    s->mark = mark;
    open_sender(s, b);
    send_first(s);
}

/* What waited for a source that the site has no address for any more is given up, so that a person sees it.
 */
static void give_up(struct report_source *s)
{
    while (s->queue_count > 0) {
        uint64_t report = first_of(s)->report;
        queue_drop_first(s);
        tell_router(s->owner->owner, report, REPORT_REFUSED, "no-address");
    }
}

void sources_configure(struct sources *all, const struct block *blocks, size_t count)
{
    struct slice name;
    void *value;

    for (size_t at = 0; map_next(all->by_name, &at, NULL, &value);)
        ((struct report_source *)value)->stays = false;
    for (size_t i = 0; i < count; i++) {
        const struct setting *to = blocks[i].endpoint ? NULL : block_setting(&blocks[i], SLICE("reports"));
        if (to != NULL && to->value_count > 0)
            configure_one(all, &blocks[i], to);
    }
    for (size_t at = 0; map_next(all->by_name, &at, &name, &value);) {
        struct report_source *s = value;
        if (s->stays)
            continue;
        map_remove(all->by_name, slice_of(s->name));
        give_up(s);
        source_free(s);
    }
}

struct sources *sources_open(struct delivery_process *d)
{
    static const struct timeval every = { LOOK_S, 0 };
    struct sources *all = memory_new(sizeof *all);

    all->owner = d;
    all->by_name = map_new();
    all->look = event_new(d->loop, -1, EV_PERSIST, on_look, all);
    event_add(all->look, &every);
    return all;
}

void sources_close(struct sources **all)
{
    if (all == NULL || *all == NULL)
        return;
    map_free(&(*all)->by_name, source_free);
    event_free((*all)->look);
    free(*all);
    *all = NULL;
}
