/* What the records of waiting, joined and reopened alerts change. */
#include "router/state.h"

#include "base/limits.h"

static struct alert *about(struct core *c, uint64_t id)
{
    struct alert *a = core_alert(c, id);

    if (a == NULL)
        c->damaged = true;
    else
        a->last_position = c->position;
    return a;
}

static uint64_t hash_of(const struct alert *a, const struct plan_same *fields, const struct event *e)
{
    struct buf b = buf_make(LIMIT_MESSAGE_BYTES);
    uint64_t hash = 0;

    buf_slice_put(&b, a->rule);
    if (plan_same_key(fields, e, &b)) {
        hash = slice_hash(buf_slice(&b), UINT64_C(0x73616d65));
        hash = hash != 0 ? hash : 1;
    }
    buf_free(&b);
    return hash;
}

void alert_take_sameness(struct core *c, struct alert *a)
{
    const struct plan_clauses *k = &alert_plan(c, a)->clauses;
    const struct event *e = alert_event(c, a);

    a->dedupe_hash = k->dedupe_us > 0 ? hash_of(a, &k->dedupe, e) : 0;
    a->bundle_hash = k->bundle_us > 0 ? hash_of(a, &k->bundle, e) : 0;
}

bool alerts_same(struct core *c, struct alert *x, struct alert *y, const struct plan_same *fields)
{
    struct buf a = buf_make(LIMIT_MESSAGE_BYTES), b = buf_make(LIMIT_MESSAGE_BYTES);
    bool same = plan_same_key(fields, alert_event(c, x), &a) &&
                plan_same_key(fields, alert_event(c, y), &b) && slice_eq(buf_slice(&a), buf_slice(&b));

    buf_free(&a);
    buf_free(&b);
    return same;
}

void apply_wait(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.wait.alert);

    if (a == NULL || a->state != ALERT_HELD || r->as.wait.kind >= ALERT_WAIT_COUNT) {
        c->damaged = true;
        return;
    }
    c->counters[COUNTER_SUPPRESSED] += r->as.wait.kind == WAIT_SUPPRESSED && a->wait != WAIT_SUPPRESSED;
    a->wait = r->as.wait.kind;
    a->hold_until_us = r->as.wait.until_us;
    a->held_by = r->as.wait.by;
    alert_touch(c, a);
}

/* The whole goes on with the new one, whatever its own source has said. */
void apply_joined(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.joined.alert), *whole = about(c, r->as.joined.into);

    if (a == NULL || whole == NULL || a->state != ALERT_HELD || whole->state == ALERT_CLOSED ||
        whole->joined_to != 0) {
        c->damaged = true;
        return;
    }
    if (!whole->active) /* ended, and nobody had accepted */
        whole->own_over = OWN_ENDED;
    a->state = ALERT_JOINED;
    a->joined_to = whole->id;
    a->join_why = r->as.joined.why;
    a->hold_until_us = TIME_NONE;
    whole->joined++;
    whole->active = true;
    whole->cleared_unseen = false;
    c->counters[COUNTER_JOINED]++;
    alert_touch(c, a);
    alert_touch(c, whole);
}

static int64_t later(int64_t us, int64_t by)
{
    return us != TIME_NONE ? us + by : TIME_NONE;
}

/* The clock of the plan stood still while it was closed. */
void apply_reopen(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.reopen.alert);
    bool accepted = false;

    if (a == NULL || a->state != ALERT_CLOSED) {
        c->damaged = true;
        return;
    }
    for (size_t i = 0; i < a->recipient_count; i++)
        accepted = accepted || a->recipients[i].accepted;
    int64_t away = r->lane_us - a->closed_us;
    a->state = accepted ? ALERT_ACCEPTED : ALERT_NOTIFYING;
    a->own_over = OWN_ENDED;
    a->part_seen = true;
    a->active = true;
    a->source_ends = r->as.reopen.source_ends;
    a->reason = 0;
    a->cleared_unseen = a->was_attended = a->exhausted = false;
    a->base_us = later(a->base_us, away);
    a->expire_us = later(a->expire_us, away);
    a->closed_us = a->lease_until_us = a->repeat_us = a->exhaust_us = TIME_NONE;
    a->lease_stage = 0;
    for (size_t i = 0; i < a->step_count; i++)
        a->steps[i].receipt_us = TIME_NONE;
    for (size_t i = 0; i < a->recipient_count; i++)
        a->recipients[i].relay_us = TIME_NONE;
    c->counters[COUNTER_REOPENED]++;
    alert_place_reopened(c, a);
    alert_version_back(c, a);
    alert_touch(c, a);
}

void apply_part_over(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.part_over.alert);

    if (a == NULL)
        return;
    a->own_over = r->as.part_over.withdrawn ? OWN_WITHDRAWN : OWN_ENDED;
    a->part_seen = a->part_seen || !r->as.part_over.withdrawn;
    alert_touch(c, a);
}

/* Those of the bundle are parts of the first of them from now on; it waits as the one before did. */
void apply_lead(struct core *c, const struct record *r)
{
    struct alert *first = about(c, r->as.lead.alert), *from = about(c, r->as.lead.from);

    if (first == NULL || from == NULL || first->joined_to != from->id || from->joined == 0) {
        c->damaged = true;
        return;
    }
    first->state = ALERT_HELD;
    first->wait = from->state == ALERT_HELD ? from->wait : WAIT_BUNDLE;
    first->hold_until_us = r->as.lead.until_us;
    first->joined_to = 0;
    from->joined--;
    for (struct alert *a = sameness_first(&c->sameness, SAME_WHOLE, from->id), *next; a != NULL; a = next) {
        next = sameness_next(a, SAME_WHOLE);
        if (a == first || a->join_why != JOIN_BUNDLE)
            continue;
        a->joined_to = first->id;
        sameness_put(&c->sameness, a);
        from->joined--;
        first->joined++;
    }
    alert_touch(c, first);
    alert_touch(c, from);
}

void apply_texts(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.texts.alert);

    if (a == NULL)
        return;
    a->view_of = 0;
    text_set(&a->plan, r->as.texts.plan);
}
