/* Accepts, leases, ends and the quiet words that go with them. */
#include "router/state.h"

#include <string.h>

#define ACCEPT_STANDS                                                                                        \
    (UINT32_C(1) << 31) /* set in every accept that counts at all; below it one bit a need */

/* Does the holder answer for this `from`? The roster says who does now. */
static bool answers_for(struct core *c, struct alert *a, const struct who *from, struct slice holder)
{
    struct target target = { from, 1 };
    struct plan_step step = { .targets = &target, .target_count = 1 };
    struct told_list found = { .count = 0 };

    core_resolve(c, a, &step, &found);
    for (size_t i = 0; i < found.count; i++)
        if (slice_eq(found.items[i].holder, holder))
            return true;
    return false;
}

uint32_t decide_credits(struct core *c, struct alert *a, struct slice holder)
{
    return decide_credits_of(c, a, alert_plan(c, a), holder);
}

uint32_t decide_credits_of(struct core *c, struct alert *a, const struct plan *p, struct slice holder)
{
    const struct desk *desk = directory_desk(c->site->directory, holder);
    uint32_t credits = ACCEPT_STANDS;

    if (desk != NULL && desk->relay)
        return 0;
    for (size_t i = 0; i < p->need_count && i < 31; i++)
        if (p->needs[i].any || answers_for(c, a, &p->needs[i].from, holder))
            credits |= UINT32_C(1) << i;
    return credits;
}

/* How many of need `i` stand; each person counts once, for the first need that is not yet full. */
bool alert_quorum(const struct core *c, struct alert *a)
{
    const struct plan *p = alert_plan((struct core *)(uintptr_t)c, a); /* unpacks into scratch only */
    uint32_t have[32] = { 0 };
    uint32_t accepts = 0;

    for (size_t r = 0; r < a->recipient_count; r++) {
        const struct recipient *who = &a->recipients[r];
        if (!who->accepted)
            continue;
        accepts++;
        for (size_t i = 0; i < p->need_count && i < 31; i++)
            if ((who->credits & (UINT32_C(1) << i)) != 0 && have[i] < p->needs[i].count) {
                have[i]++;
                break;
            }
    }
    if (p->need_count == 0)
        return accepts > 0;
    for (size_t i = 0; i < p->need_count && i < 31; i++)
        if (have[i] < p->needs[i].count)
            return false;
    return true;
}

static bool notice_goes_to(const struct core *c, const struct delivery *d, uint64_t but_device)
{
    const struct device *v = devices_find(&c->devices, d->device);

    if (d->device != 0)
        return d->device != but_device && v != NULL && !v->revoked;
    return d->state == SEND_PUSHED || delivery_heard(d); /* a pager that never got the page needs no word */
}

/* One for each device or address that the alert was sent to. */
static void notice_sends(struct core *c, const struct alert *a, const char *word, uint64_t but_device,
                         struct sends *out)
{
    for (size_t i = 0; i < a->delivery_count; i++) {
        const struct delivery *d = a->deliveries[i];
        bool there = false;
        if (d->notice.len > 0 || !notice_goes_to(c, d, but_device))
            continue;
        for (size_t k = 0; k < out->count && !there; k++)
            there = out->items[k].device == d->device &&
                    (d->device != 0 || (slice_eq(out->items[k].endpoint, d->endpoint) &&
                                        slice_eq(out->items[k].address, d->address)));
        struct send_item item = { .device = d->device,
                                  .holder = d->holder,
                                  .endpoint = d->endpoint,
                                  .address = d->address,
                                  .step = d->step,
                                  .fyi = d->fyi };
        item.delivery = delivery_make_id(a->id, d->step, a->round + 1, d->device, d->endpoint, d->address,
                                         slice_of(word));
        if (!there)
            sends_put(c, out, &item);
    }
}

static void emit_notice(struct core *c, struct alert *a, const char *word, struct slice by,
                        const struct sends *sends)
{
    struct record r = { .type = RECORD_NOTICE };

    if (sends->count == 0)
        return;
    r.as.notice =
        (struct record_notice){ .alert = a->id,
                                .round = a->round + 1,
                                .word = slice_of(word),
                                .by = by,
                                .sends = items_write(c->scratch, &send_layout, sends->items, sends->count) };
    core_emit(c, &r);
}

void decide_notice(struct core *c, struct alert *a, const char *word, struct slice by, uint64_t but_device)
{
    struct sends sends = { .count = 0 };

    notice_sends(c, a, word, but_device, &sends);
    emit_notice(c, a, word, by, &sends);
}

static const char *closing_word(enum close_reason reason)
{
    return reason == CLOSED_WITHDRAWN ? "withdrawn" : reason == CLOSED_EXPIRED ? "expired" : "ended";
}

static struct alert *copy_at(const struct core *c, const struct alert *a, uint32_t i)
{
    return core_alert(c, c->hooks.alert_id(c->hooks.ctx, c->head.lane, a->first_position, a->ordinal + i));
}

/* Copies of the alert told people too: they hear of its end. */
static void tell_copies(struct core *c, const struct alert *a, const char *word)
{
    for (uint32_t i = 1; i <= a->copies; i++) {
        struct alert *copy = copy_at(c, a, i);
        if (copy != NULL && copy->state == ALERT_CLOSED)
            decide_notice(c, copy, word, (struct slice){ NULL, 0 }, 0);
    }
}

/* The source says that it is over: a copy that still waits for its shift is not wanted any more. */
static void drop_copies(struct core *c, const struct alert *a, enum close_reason reason)
{
    bool over = reason == CLOSED_WITHDRAWN || reason == CLOSED_SOURCE_CLEARED ||
                reason == CLOSED_SELF_RESOLVED || reason == CLOSED_SUPPRESSED ||
                (reason == CLOSED_RESOLVED && a->source_ends);

    for (uint32_t i = 1; over && i <= a->copies; i++) {
        struct alert *copy = copy_at(c, a, i);
        if (copy != NULL && copy->state == ALERT_HELD)
            decide_close(c, copy, reason, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
    }
}

void decide_tell(struct core *c, struct alert *a, const char *word)
{
    decide_notice(c, a, word, (struct slice){ NULL, 0 }, 0);
    tell_copies(c, a, word);
}

void decide_close(struct core *c, struct alert *a, enum close_reason reason, struct slice by,
                  struct slice detail)
{
    struct record r = { .type = RECORD_CLOSE };
    struct sends sends = { .count = 0 };

    /* Who is to hear of it is settled before the sends of those who never saw it are cancelled. */
    notice_sends(c, a, closing_word(reason), 0, &sends);
    r.as.close = (struct record_close){ a->id, c->position, (uint8_t)reason, by, detail };
    core_emit(c, &r);
    if (a->joined > 0)
        decide_parts_close(c, a, reason, by, detail);
    decide_released(c, a);
    drop_copies(c, a, reason);
    if (reason == CLOSED_INFORMED || reason == CLOSED_SELF_RESOLVED || reason == CLOSED_SUPPRESSED)
        return;
    emit_notice(c, a, closing_word(reason), core_title(c, by), &sends);
    tell_copies(c, a, closing_word(reason));
}

static bool lease_applies(const struct alert *a)
{
    return a->lease_us > 0 && a->active && a->source_ends && !a->was_attended;
}

static struct slice holder_title(const struct core *c, struct slice holder)
{
    struct slice title = holder;
    bool desk;

    core_holder(c, holder, &title, &desk);
    return title;
}

void decide_accepted(struct core *c, struct alert *a, struct slice by, uint64_t device)
{
    struct record r = { .type = RECORD_ACCEPTED };
    struct sends sends = { .count = 0 };

    notice_sends(c, a, "taken", device, &sends);
    r.as.accepted.alert = a->id;
    r.as.accepted.by = by;
    r.as.accepted.lease_until_us = lease_applies(a) ? c->now_us + a->lease_us : TIME_NONE;
    core_emit(c, &r);
    emit_notice(c, a, "taken", holder_title(c, by), &sends);
    /* Nothing more will come from the source: the accept ends it. */
    if ((a->stop & STOP_ACCEPTED) != 0 && (!a->active || !a->source_ends))
        decide_close(c, a, CLOSED_RESOLVED, by, (struct slice){ NULL, 0 });
}

static void ring(struct core *c, struct alert *a, enum step_why why, int64_t next_us,
                 const struct told_list *who)
{
    struct record r = { .type = RECORD_RING };
    struct sends sends = { .count = 0 };

    for (size_t i = 0; i < who->count; i++) {
        const struct recipient *p = alert_recipient(a, who->items[i].holder);
        core_sends_add(c, a, &sends, who->items[i].holder, p != NULL ? p->step : 0, a->round + 1, false);
    }
    r.as.ring = (struct record_ring){
        .alert = a->id, .round = a->round + 1, .why = (uint8_t)why, .next_us = next_us
    };
    r.as.ring.told = items_write(c->scratch, &told_layout, who->items, who->count);
    r.as.ring.sends = items_write(c->scratch, &send_layout, sends.items, sends.count);
    core_emit(c, &r);
}

static bool can_be_rung(const struct core *c, const struct recipient *p)
{
    return (p->desk || !devices_away(&c->devices, p->holder)) && core_reachable(c, p->holder);
}

void decide_ring_acceptors(struct core *c, struct alert *a, enum step_why why)
{
    struct told_list who = { .count = 0 };

    for (size_t i = 0; i < a->recipient_count; i++)
        if (a->recipients[i].accepted && can_be_rung(c, &a->recipients[i]))
            told_put(c, &who,
                     &(struct told_item){ a->recipients[i].holder, a->recipients[i].desk, true,
                                          SLICE("accepted it") });
    if (who.count == 0)
        decide_resume(c, a, why);
    else
        ring(c, a, why, c->now_us + LEASE_RING_US, &who);
}

/* The lease is over: the acceptor is rung once more; 20 s later the plan resumes. */
void decide_lease(struct core *c, struct alert *a)
{
    if (a->lease_stage > 0)
        decide_resume(c, a, WHY_LEASE);
    else
        decide_ring_acceptors(c, a, WHY_LEASE);
}

void decide_relay(struct core *c, struct alert *a, uint32_t recipient)
{
    struct told_list who = { .count = 0 };

    told_put(c, &who,
             &(struct told_item){ a->recipients[recipient].holder, true, true,
                                  SLICE("a relay desk, no clinician yet") });
    ring(c, a, WHY_RELAY, c->now_us + RELAY_US, &who);
}

/* A plan that asks nobody: when its last step has been told, nothing is awaited. */
static bool only_informs(const struct alert *a)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (!a->steps[i].fyi)
            return false;
    return a->step_count > 0;
}

void decide_exhausted(struct core *c, struct alert *a, bool nobody)
{
    struct record r = { .type = RECORD_EXHAUSTED, .as.exhausted = { a->id, nobody } };

    if (!nobody && only_informs(a)) {
        decide_close(c, a, CLOSED_INFORMED, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
        return;
    }
    core_emit(c, &r);
    decide_notice(c, a, "exhausted", (struct slice){ NULL, 0 }, 0);
}

static void decide_due(struct core *c, struct alert *a, const struct due *due)
{
    switch (due->kind) {
    case DUE_HOLD:
        decide_time_zero(c, a, a->hold_until_us);
        break;
    case DUE_STEP:
        decide_level(c, a, due->step, WHY_DUE);
        break;
    case DUE_RECEIPT:
        decide_no_receipt(c, a, due->step);
        break;
    case DUE_REPEAT:
        decide_repeat(c, a);
        break;
    case DUE_LEASE:
        decide_lease(c, a);
        break;
    case DUE_RELAY:
        decide_relay(c, a, due->step);
        break;
    case DUE_EXHAUST:
        decide_exhausted(c, a, false);
        break;
    case DUE_EXPIRE:
        decide_close(c, a, CLOSED_EXPIRED, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
        break;
    case DUE_NOTHING:
        break;
    }
}

void decide_timers(struct core *c)
{
    struct alert *a;

    while ((a = timers_first(&c->timers)) != NULL && a->due_us <= c->now_us && !c->damaged) {
        struct due due = alert_next(c, a);
        uint32_t before = c->appended;
        decide_due(c, a, &due);
        if (c->appended == before) { /* our own fault: a deadline that decides nothing would never end */
            c->damaged = true;
            return;
        }
    }
}
