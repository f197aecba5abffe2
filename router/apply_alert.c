/* What the records of an alert change: opening, its steps, its end. */
#include "router/state.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The alert that a record is about; a record about none does not fit the state. */
static struct alert *about(struct core *c, uint64_t id)
{
    struct alert *a = core_alert(c, id);

    if (a == NULL)
        c->damaged = true;
    else
        a->last_position = c->position;
    return a;
}

static void take_event(struct core *c, struct alert *a, struct slice event)
{
    a->view_of = 0;
    text_set(&a->event, event);
    const struct event *e = alert_event(c, a);
    text_set(&a->unit, e->place.unit);
    text_set(&a->bed, e->place.bed);
    text_set(&a->patient, e->patient.id);
    text_set(&a->code, e->code);
    text_set(&a->last_state, e->state);
    a->kind = (uint8_t)e->kind;
    a->class = (uint8_t)e->class;
    a->last_phase = (uint8_t)e->phase;
    a->last_time = e->time_us;
}

/* The plan's own times and conditions beside the alert, so that timers need not unpack it. */
void alert_take_plan(struct core *c, struct alert *a, struct slice plan)
{
    a->view_of = 0;
    text_set(&a->plan, plan);
    const struct plan *p = alert_plan(c, a);
    free(a->steps);
    a->step_count = p->step_count;
    a->steps = memory_array(p->step_count + 1, sizeof *a->steps);
    for (size_t i = 0; i < p->step_count; i++)
        a->steps[i] = (struct fired_step){ .at_us = p->steps[i].at_us,
                                           .condition = (uint8_t)p->steps[i].state,
                                           .fyi = p->steps[i].fyi,
                                           .fired_us = TIME_NONE,
                                           .receipt_us = TIME_NONE };
    a->stop = (uint8_t)p->stop;
    a->lease_us = p->lease_us;
    a->repeat_every_us = p->repeat_every_us;
    a->repeat_max = p->repeat_max;
    a->repeat_all = p->repeat_all;
    a->repeats = 0;
    a->repeat_us = a->exhaust_us = a->lease_until_us = a->accepted_us = a->last_fire_us = TIME_NONE;
    a->lease_stage = 0;
    a->exhausted = false;
}

/* It counts from time 0, for a source that never says that it is over. */
void alert_take_expire(struct core *c, struct alert *a)
{
    int64_t expire = alert_plan(c, a)->clauses.expire_us;

    a->expire_us = expire > 0 && !a->source_ends && a->state != ALERT_HELD ? a->base_us + expire : TIME_NONE;
}

static void take_time_zero(struct core *c, struct alert *a, int64_t base_us)
{
    a->state = ALERT_NOTIFYING;
    a->base_us = base_us;
    a->hold_until_us = TIME_NONE;
    a->held_by = 0;
    alert_take_expire(c, a);
}

static void take_hold(struct core *c, struct alert *a, int64_t hold_until_us, int64_t lane_us)
{
    take_time_zero(c, a, lane_us);
    a->wait = WAIT_HOLD;
    if (hold_until_us == TIME_NONE)
        return;
    a->state = ALERT_HELD;
    a->hold_until_us = hold_until_us;
    a->expire_us = TIME_NONE;
}

/* It is a part no longer. */
static void leave_whole(struct core *c, struct alert *a, bool seen)
{
    struct alert *whole = alert_whole(c, a);

    a->joined_to = 0;
    if (whole == NULL || whole->joined == 0) {
        c->damaged = c->damaged || whole != NULL;
        return;
    }
    whole->joined--;
    whole->part_seen = whole->part_seen || seen;
}

void apply_alert_open(struct core *c, const struct record *r)
{
    const struct record_alert_open *o = &r->as.alert_open;
    struct alert *a = core_alert(c, o->alert) == NULL ? alert_new() : NULL;

    if (a == NULL) {
        c->damaged = true;
        return;
    }
    a->id = o->alert;
    a->number = c->head.alerts++;
    a->first_position = o->position;
    a->last_position = c->position;
    a->ordinal = o->ordinal;
    a->copy_of = o->copy_of;
    a->copies = o->copies;
    a->opened_us = r->lane_us;
    a->closed_us = a->updated_us = TIME_NONE;
    a->active = true;
    a->source_ends = o->source_ends;
    alert_version_opened(c, a);
    text_set(&a->rule, o->rule);
    text_set(&a->why, o->why);
    text_set(&a->plan, o->plan); /* the view of an alert unpacks both */
    take_event(c, a, o->event);
    alert_take_plan(c, a, o->plan);
    take_hold(c, a, o->hold_until_us, r->lane_us);
    alert_take_sameness(c, a);
    text_set(&a->identity, alert_event(c, a)->identity);
    text_set(&a->open_state, a->last_state);
    a->open_phase = a->last_phase;
    a->open_time = a->last_time;
    map_put(c->alerts, id_key(&a->id), a);
    alert_place_open(c, a);
    alert_identify(c, a);
    alert_touch(c, a);
    c->counters[o->copy_of != 0 ? COUNTER_COPIES : COUNTER_OPENED]++;
}

void apply_decision(struct core *c, const struct record *r)
{
    const struct record_decision *d = &r->as.decision;
    struct alert *a = d->alert != 0 ? about(c, d->alert) : NULL;
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
    struct reader in = reader_make(a != NULL ? a->event : d->event);

    if (d->alert != 0 && a == NULL)
        return;
    if (d->unowned && event_read(&in, &e))
        unowned_list(c, r, &e);
}

void apply_alert_update(struct core *c, const struct record *r)
{
    const struct record_alert_update *u = &r->as.alert_update;
    struct alert *a = about(c, u->alert);

    if (a == NULL)
        return;
    take_event(c, a, u->event);
    if (u->plan.len > 0) { /* the same plan with its texts written again */
        a->view_of = 0;
        text_set(&a->plan, u->plan);
    }
    if (u->active && !a->active)
        a->cleared_unseen = false;
    a->active = u->active;
    if (u->active)
        a->own_over = OWN_GOES_ON;
    alert_take_sameness(c, a);
    alert_touch(c, a);
}

void apply_alert_worse(struct core *c, const struct record *r)
{
    const struct record_alert_worse *w = &r->as.alert_worse;
    struct alert *a = about(c, w->alert);

    if (a == NULL)
        return;
    if (a->state == ALERT_JOINED)
        leave_whole(c, a, true);
    take_event(c, a, w->event);
    alert_take_plan(c, a, w->plan);
    take_hold(c, a, w->hold_until_us, r->lane_us);
    text_set(&a->rule, w->rule);
    alert_take_sameness(c, a);
    if (!w->by_part) /* the word of one that joined it says nothing about its own source */
        a->own_over = OWN_GOES_ON;
    text_set(&a->why, w->why);
    text_set(&a->taken_by, (struct slice){ NULL, 0 });
    a->active = true;
    a->cleared_unseen = a->was_attended = false;
    /* Who was told before keeps the notices; the new plan tells everybody anew. */
    for (size_t i = 0; i < a->recipient_count; i++)
        a->recipients[i].past = true, a->recipients[i].accepted = a->recipients[i].declined = false,
        a->recipients[i].relay_us = TIME_NONE;
    for (size_t i = 0; i < a->delivery_count; i++)
        a->deliveries[i]->past = true;
    alert_touch(c, a);
}

void apply_alert_begin(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.alert_begin.alert);

    if (a == NULL)
        return;
    take_time_zero(c, a, r->as.alert_begin.base_us);
    alert_touch(c, a);
}

void apply_attended(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.attended.alert);

    if (a == NULL)
        return;
    a->was_attended = true;
    a->lease_until_us = TIME_NONE;
    a->lease_stage = 0;
    alert_touch(c, a);
}

void apply_cleared(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.cleared.alert);

    if (a == NULL)
        return;
    a->active = false;
    a->cleared_unseen = true;
    alert_touch(c, a);
}

void apply_exhausted(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.exhausted.alert);

    if (a == NULL)
        return;
    a->exhausted = true;
    c->counters[COUNTER_EXHAUSTED]++;
    lists_add(&c->lists, LIST_EXHAUSTED,
              &(struct list_row){ SLICE("exhausted"), a->rule, a->unit, 1, a->first_position, r->wall_us },
              false);
    alert_touch(c, a);
}

/* Sends that no device has seen need not arrive any more. */
static void settle(struct core *c, struct alert *a)
{
    for (size_t i = 0; i < a->delivery_count; i++) {
        struct delivery *d = a->deliveries[i];
        if (d->notice.len > 0 || d->state > SEND_FAILED || d->state == SEND_TIMED_OUT)
            continue;
        d->state = SEND_TIMED_OUT;
        core_effect(c, EFFECT_CANCEL, d->id);
    }
}

void apply_accepted(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.accepted.alert);

    if (a == NULL)
        return;
    a->state = ALERT_ACCEPTED;
    a->accepted_us = r->lane_us;
    a->lease_until_us = r->as.accepted.lease_until_us;
    a->lease_stage = 0;
    a->exhausted = false;
    text_set(&a->taken_by, r->as.accepted.by);
    for (size_t i = 0; i < a->recipient_count; i++)
        a->recipients[i].relay_us = TIME_NONE;
    for (size_t i = 0; i < a->step_count; i++)
        a->steps[i].receipt_us = TIME_NONE;
    if (alert_paused(a))
        settle(c, a);
    alert_touch(c, a);
}

void apply_lapse(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.lapse.alert);

    if (a == NULL)
        return;
    a->state = ALERT_NOTIFYING;
    a->base_us = r->as.lapse.base_us;
    a->accepted_us = a->lease_until_us = a->repeat_us = a->exhaust_us = TIME_NONE;
    a->lease_stage = 0;
    text_set(&a->taken_by, (struct slice){ NULL, 0 });
    for (size_t i = 0; i < a->recipient_count; i++)
        a->recipients[i].accepted = false;
    alert_touch(c, a);
}

void apply_close(struct core *c, const struct record *r)
{
    const struct record_close *e = &r->as.close;
    struct alert *a = about(c, e->alert);

    if (a == NULL || a->state == ALERT_CLOSED) {
        c->damaged = true;
        return;
    }
    if (a->state == ALERT_JOINED)
        leave_whole(c, a, e->reason != CLOSED_WITHDRAWN);
    a->state = ALERT_CLOSED;
    a->reason = e->reason;
    a->closed_us = r->lane_us;
    a->lease_until_us = TIME_NONE;
    if (e->reason != CLOSED_INFORMED) {
        a->active = false;
        settle(c, a);
    }
    alert_place_closed(c, a);
    alert_version_left(c, a);
    alert_touch(c, a);
    c->counters[COUNTER_CLOSED] += a->copy_of == 0;
}

static void patient_moved(struct core *c, struct alert *a, struct slice into)
{
    struct event e = *alert_event(c, a);
    struct buf b = buf_make(LIMIT_MESSAGE_BYTES);

    e.patient.id = into;
    event_write(&b, &e);
    a->view_of = 0;
    text_set(&a->event, buf_slice(&b));
    text_set(&a->patient, into);
    alert_take_sameness(c, a);
    sameness_put(&c->sameness, a);
    buf_free(&b);
}

void alerts_patient_moved(struct core *c, struct slice from, struct slice into, int64_t since_us)
{
    struct alert *const lists[] = { c->open_first, c->closed_first };

    for (size_t i = 0; i < 2; i++)
        for (struct alert *a = lists[i]; a != NULL; a = a->next_open)
            if (slice_eq(a->patient, from) && (since_us == TIME_NONE || a->opened_us >= since_us))
                patient_moved(c, a, into);
}
