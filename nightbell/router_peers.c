/* nightbell/router_peers.c - the router's end of the bus: sessions, submissions, verdicts, deliveries. */
#include "nightbell/router_state.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "nightbell/config.h"
#include "nightbell/fault.h"
#include "nightbell/suspect.h"

#include <stdlib.h>
#include <string.h>

enum { COMMIT_EARLY_BYTES = 16 << 20 };

static struct slice peer_id(const struct router_peer *p)
{
    return (struct slice){ p->id, p->id_len };
}

static struct router_peer *find_peer(struct router *r, struct slice id)
{
    for (size_t i = 0; i < r->peer_count; i++)
        if (slice_eq(peer_id(&r->peers[i]), id))
            return &r->peers[i];
    return NULL;
}

struct router_peer *router_peer_of(struct router *r, enum frame_role role)
{
    for (size_t i = 0; i < r->peer_count; i++)
        if (r->peers[i].role == role && r->peers[i].session != 0)
            return &r->peers[i];
    return NULL;
}

/* One peer a role: a newcomer of the same role is that process started again. */
static struct router_peer *take_peer(struct router *r, struct slice id, enum frame_role role)
{
    struct router_peer *p = NULL;

    for (size_t i = 0; i < r->peer_count && p == NULL; i++)
        if (r->peers[i].role == role)
            p = &r->peers[i];
    if (p == NULL && r->peer_count < PEERS) {
        p = &r->peers[r->peer_count++];
        p->verdicts = buf_make(LIMIT_BUS_FRAME_BYTES);
    }
    if (p == NULL || id.len > sizeof p->id)
        return NULL;
    memcpy(p->id, id.ptr, id.len);
    p->id_len = id.len;
    p->role = role;
    buf_reset(&p->verdicts);
    return p;
}

static bool token_at(void *ctx, size_t index, struct config_token *out)
{
    const struct router *r = ctx;

    return core_token_at(r->core, index, &out->listener, &out->name, out->hash);
}

static void write_configuration(struct router *r, struct buf *out)
{
    config_write(out, core_site(r->core), r->clock.rate_permille, token_at, r);
}

void router_send_configuration(struct router *r)
{
    struct buf text = buf_make(LIMIT_BUS_FRAME_BYTES);

    write_configuration(r, &text);
    for (size_t i = 0; i < r->peer_count; i++) {
        if (r->peers[i].session == 0)
            continue;
        configuration_write(&r->small, r->peers[i].session, buf_slice(&text));
        bus_send(r->bus, peer_id(&r->peers[i]), buf_slice(&r->small));
    }
    buf_free(&text);
}

/* A frame that cannot leave would be missed for ever: the peer is no longer known, hears so with its next
 * frame, says hello, and is told again what is outstanding. */
static void send_or_forget(struct router *r, struct router_peer *p, struct slice frame)
{
    if (bus_send(r->bus, peer_id(p), frame))
        return;
    log_event(LOG_WARN, "router", "peer-forgotten", NULL);
    p->session = 0;
    buf_reset(&p->verdicts);
}

/* --- deliveries ------------------------------------------------------------------------------------ */

static void flush_deliver(struct router *r, struct router_peer *to)
{
    if (to != NULL && frame_count(&r->deliver) > 0)
        send_or_forget(r, to, buf_slice(&r->deliver));
}

struct delivering {
    struct router *router;
    struct router_peer *to;
};

static void deliver_effect(void *ctx, const struct effect *e)
{
    struct delivering *d = ctx;
    struct router *r = d->router;
    struct device_info device = { .device = 0 };
    struct deliver_item item = { .delivery = e->delivery,
                                 .alert = e->alert,
                                 .device = e->device,
                                 .what = (uint8_t)e->kind,
                                 .level = (uint8_t)e->level,
                                 .endpoint = e->endpoint,
                                 .address = e->address };

    if (d->to == NULL)
        return; /* delivery is not there: its hello asks for everything outstanding */
    buf_reset(&r->payload);
    if (e->kind == EFFECT_SEND || e->kind == EFFECT_NOTICE)
        router_payload(r, e, &r->payload);
    item.payload = e->kind == EFFECT_REPORT ? e->bytes : buf_slice(&r->payload);
    if (e->device != 0 && core_device(r->core, e->device, &device))
        item.key = (struct slice){ (const char *)device.ecdh_key, sizeof device.ecdh_key };
    if (frame_full(&r->deliver, item.payload.len + 512)) {
        flush_deliver(r, d->to);
        frame_begin(&r->deliver, FRAME_DELIVER, d->to->session);
    }
    deliver_write(&r->deliver, &item);
}

static struct delivering begin_deliver(struct router *r)
{
    struct delivering d = { r, router_peer_of(r, ROLE_DELIVERY) };

    frame_begin(&r->deliver, FRAME_DELIVER, d.to != NULL ? d.to->session : 0);
    return d;
}

void router_send_effects(struct router *r)
{
    struct delivering d = begin_deliver(r);

    core_effects(r->core, deliver_effect, &d);
    flush_deliver(r, d.to);
}

static void send_outstanding(struct router *r, uint64_t device)
{
    struct delivering d = begin_deliver(r);

    core_outstanding(r->core, device, deliver_effect, &d);
    flush_deliver(r, d.to);
}

/* --- what peers say -------------------------------------------------------------------------------- */

static void on_hello(struct router *r, struct slice id, struct frame *f)
{
    uint8_t role = read_u8(&f->body);
    struct buf text = buf_make(LIMIT_BUS_FRAME_BYTES);

    /* What was decided for this turn's frames leaves first: outstanding deliveries may rest on it. */
    if (f->session == 0 || !router_commit(r))
        return;
    struct router_peer *p =
        role >= ROLE_FEEDS && role <= ROLE_DELIVERY ? take_peer(r, id, (enum frame_role)role) : NULL;
    if (p == NULL)
        return;
    p->session = f->session;
    write_configuration(r, &text);
    welcome_write(&r->small, p->session, r->session, buf_slice(&text));
    buf_free(&text);
    frame_begin(&p->verdicts, FRAME_VERDICTS, p->session);
    bus_send(r->bus, id, buf_slice(&r->small));
    if (role == ROLE_DELIVERY)
        send_outstanding(r, 0);
}

static void decide_message(struct router *r, struct router_peer *p, const struct submit_item *i)
{
    struct core_input in = { .kind = INPUT_MESSAGE,
                             .as.message = { .listener = i->listener,
                                             .format = (enum message_format)i->format,
                                             .principal = i->principal,
                                             .control_id = i->control_id,
                                             .suspect =
                                                 i->suspect || suspect_is(r->env->suspects, i->duplicate_key),
                                             .syntax = i->syntax,
                                             .bytes = i->bytes } };
    struct core_result result = { .verdict = VERDICT_REJECTED };

    memcpy(in.as.message.duplicate_key, i->duplicate_key, sizeof i->duplicate_key);
    suspect_enter(r->env->suspects, SUSPECT_ROUTER, i->duplicate_key, i->listener, i->format, i->bytes);
    if (!in.as.message.suspect)
        fault_on_bytes("router", i->bytes);
    /* A message that cannot be decided ends the process: it stays in the slot, as after a crash, so that its
     * second time makes a suspect of it instead of an endless loop. */
    if (!router_decide(r, &in, &result))
        return;
    suspect_leave(r->env->suspects, SUSPECT_ROUTER);
    /* What was refused is refused again by the same code. */
    bool again = result.verdict == VERDICT_DUPLICATE && !result.accepted;
    struct verdict_item v = { .connection = i->connection,
                              .sequence = i->sequence,
                              .position = result.position,
                              .verdict = (uint8_t)(again ? result.first : result.verdict),
                              .accepted = result.accepted,
                              .wall_us = result.wall_us,
                              .error = result.error };
    if (frame_full(&p->verdicts, 1024))
        router_commit(r);
    if (p->session != 0)
        verdict_write(&p->verdicts, &v);
}

static void on_submit(struct router *r, struct router_peer *p, struct frame *f)
{
    for (uint32_t n = 0; n < f->count && !r->leaving && p->session == f->session; n++) {
        struct submit_item i;
        if (!submit_read(&f->body, &i)) {
            log_event(LOG_ERROR, "bus", "submit-unreadable", NULL);
            return;
        }
        decide_message(r, p, &i);
        if (r->append.len >= COMMIT_EARLY_BYTES)
            router_commit(r);
    }
}

/* States 0 to 2 are of sends, from REPORT_STATE on of reports to sources (docs/bus.md). */
static bool report_input(const struct report_item *i, struct core_input *in)
{
    if (i->state <= DELIVERY_DEAD) {
        *in = (struct core_input){ .kind = INPUT_DELIVERY,
                                   .as.delivery = { .delivery = i->delivery, .detail = i->detail } };
        in->as.delivery.state = i->state;
        return true;
    }
    if (i->state < REPORT_STATE || i->state - REPORT_STATE > REPORT_STALLED)
        return false;
    *in = (struct core_input){ .kind = INPUT_REPORT,
                               .as.report = { .report = i->delivery, .detail = i->detail } };
    in->as.report.outcome = (enum report_outcome)(i->state - REPORT_STATE);
    return true;
}

static void on_report(struct router *r, struct frame *f)
{
    for (uint32_t n = 0; n < f->count; n++) {
        struct report_item i;
        struct core_input in;
        if (!report_read(&f->body, &i) || !report_input(&i, &in) || !router_decide(r, &in, NULL))
            return;
    }
}

static void on_ask(struct router *r, struct router_peer *p, struct frame *f)
{
    uint64_t id = read_u64(&f->body);
    uint8_t question = read_u8(&f->body);
    struct slice body = read_slice(&f->body);

    if (!f->body.failed)
        router_ask(r, p, id, question, body);
}

static void on_stream(struct router *r, struct frame *f)
{
    uint64_t device = read_u64(&f->body);
    bool open = read_u8(&f->body) != 0;

    if (!f->body.failed && open && device != 0 && router_commit(r)) /* nothing undurable may leave */
        send_outstanding(r, device);
}

void router_on_frame(void *ctx, struct slice id, struct slice name, struct slice bytes)
{
    struct router *r = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;

    (void)name;
    if (r->leaving)
        return;
    if (!frame_open(bytes, &f, &err)) {
        log_error("bus", "frame-refused", &err);
        return;
    }
    struct router_peer *p = find_peer(r, id);
    if (f.type == FRAME_HELLO) {
        on_hello(r, id, &f);
    } else if (p == NULL || p->session == 0 || p->session != f.session) {
        stale_write(&r->small, f.session);
        bus_send(r->bus, id, buf_slice(&r->small));
    } else if (f.type == FRAME_SUBMIT && p->role != ROLE_DELIVERY) {
        on_submit(r, p, &f);
    } else if (f.type == FRAME_REPORT && p->role == ROLE_DELIVERY) {
        on_report(r, &f);
    } else if (f.type == FRAME_ASK && p->role == ROLE_WEB) {
        on_ask(r, p, &f);
    } else if (f.type == FRAME_STREAM && p->role == ROLE_WEB) {
        on_stream(r, &f);
    }
}

void router_on_turn(void *ctx)
{
    router_commit(ctx);
}

/* --- what leaves after the commit ------------------------------------------------------------------- */

void router_send_verdicts(struct router *r)
{
    for (size_t i = 0; i < r->peer_count; i++) {
        struct router_peer *p = &r->peers[i];
        if (p->session == 0 || p->verdicts.len == 0 || frame_count(&p->verdicts) == 0)
            continue;
        send_or_forget(r, p, buf_slice(&p->verdicts));
        if (p->session != 0)
            frame_begin(&p->verdicts, FRAME_VERDICTS, p->session);
    }
}

void router_reply(struct router *r, struct router_peer *p, uint64_t id, uint16_t status, const char *body)
{
    MEMORY_ROOM(r->replies, r->reply_count, r->reply_room);
    r->replies[r->reply_count++] =
        (struct waiting_reply){ p, p->session, id, status, memory_text(body, strlen(body)) };
}

void router_send_replies(struct router *r)
{
    for (size_t i = 0; i < r->reply_count; i++) {
        struct waiting_reply *w = &r->replies[i];
        if (w->peer->session == w->session) {
            reply_write(&r->small, w->session, w->id, w->status, slice_of(w->body));
            bus_send(r->bus, peer_id(w->peer), buf_slice(&r->small));
        }
        free(w->body);
    }
    r->reply_count = 0;
}
