/* What the records of an alert change: who was told, every send, and what came back. */
#include "router/state.h"

#include "base/memory.h"

#include <string.h>

static struct alert *about(struct core *c, uint64_t id)
{
    struct alert *a = core_alert(c, id);

    if (a == NULL)
        c->damaged = true;
    else
        a->last_position = c->position;
    return a;
}

void alert_tell(struct alert *a, const struct told_item *t, uint32_t step, bool fyi)
{
    struct recipient *there = alert_recipient(a, t->holder);
    struct recipient fresh = {
        .holder = t->holder, .desk = t->desk, .fyi = fyi, .step = step, .relay_us = TIME_NONE
    };

    if (there == NULL) {
        alert_recipient_add(a, &fresh);
        return;
    }
    /* Told before: being asked outweighs being informed, and a new ring opens the question again. */
    there->fyi = there->past ? fyi : there->fyi && fyi;
    there->past = there->declined = false;
    there->step = step;
}

static void tell(struct core *c, struct alert *a, struct slice blob, uint32_t step)
{
    size_t count;
    const struct told_item *told = items_read(c->scratch, &told_layout, blob, &count);

    for (size_t i = 0; i < count; i++)
        if (told[i].told)
            alert_tell(a, &told[i], step, step < a->step_count && a->steps[step].fyi);
}

void alert_send(struct core *c, struct alert *a, struct slice blob, uint32_t round, struct slice notice,
                struct slice by)
{
    size_t count;
    const struct send_item *sends = items_read(c->scratch, &send_layout, blob, &count);

    for (size_t i = 0; i < count; i++) {
        struct delivery d = { .id = sends[i].delivery,
                              .device = sends[i].device,
                              .holder = sends[i].holder,
                              .endpoint = sends[i].endpoint,
                              .address = sends[i].address,
                              .step = sends[i].step,
                              .round = round,
                              .seq = ++a->seq,
                              .fyi = sends[i].fyi,
                              .notice = notice,
                              .notice_by = by,
                              .state = SEND_QUEUED,
                              .sent_us = c->now_us };
        if (core_delivery(c, d.id) != NULL) {
            c->damaged = true;
            return;
        }
        struct delivery *kept = alert_delivery_add(a, &d);
        map_put(c->deliveries, id_key(&kept->id), kept);
        c->counters[notice.len > 0 ? COUNTER_NOTICES : COUNTER_SENDS]++;
        core_effect(c, notice.len > 0 ? EFFECT_NOTICE : EFFECT_SEND, d.id);
    }
}

/* After the last step the plan repeats, or waits a last time before it is exhausted. */
void alert_arm_end(struct alert *a, int64_t next_us)
{
    bool repeats = a->repeat_every_us > 0 && a->repeats < a->repeat_max;

    a->repeat_us = repeats ? next_us : TIME_NONE;
    a->exhaust_us = repeats ? TIME_NONE : next_us;
}

static void list_gap(struct core *c, struct alert *a, const struct record *r)
{
    char where[64];
    const struct record_step *s = &r->as.step;
    struct buf b = buf_make(sizeof where);

    if (s->sends.len > sizeof(uint32_t) || s->why == WHY_HANDOFF)
        return;
    c->counters[COUNTER_NOBODY]++;
    buf_put(&b, slice_sub(a->rule, 0, 40));
    buf_printf(&b, ", step %u", s->step + 1);
    lists_add(
        &c->lists, LIST_COVERAGE,
        &(struct list_row){ SLICE("coverage"), buf_slice(&b), a->unit, 1, a->first_position, r->wall_us },
        false);
    buf_free(&b);
}

void apply_step(struct core *c, const struct record *r)
{
    const struct record_step *s = &r->as.step;
    struct alert *a = about(c, s->alert);

    if (a == NULL)
        return;
    if (s->step < a->step_count && s->why != WHY_HANDOFF) {
        struct fired_step *f = &a->steps[s->step];
        f->fired = true;
        f->fired_us = r->lane_us;
        if (s->why != WHY_REPEAT && s->why != WHY_FALLBACK)
            f->receipt_us = f->fyi ? TIME_NONE : s->receipt_us;
        a->last_fire_us = r->lane_us;
    }
    a->base_us = s->base_us;
    a->round = s->round > a->round ? s->round : a->round;
    a->repeats += s->why == WHY_REPEAT && s->step + 1 == a->step_count;
    limits_step(c, a, s->told);
    if (s->why != WHY_REPEAT || !a->repeat_all) /* "all" were told before, each as she was */
        tell(c, a, s->told, s->step);
    alert_send(c, a, s->sends, s->round, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
    if (s->next_us != TIME_NONE)
        alert_arm_end(a, s->next_us);
    c->counters[COUNTER_STEPS]++;
    list_gap(c, a, r);
    alert_touch(c, a);
}

void apply_step_skip(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.step_skip.alert);

    if (a == NULL || r->as.step_skip.step >= a->step_count) {
        c->damaged = true;
        return;
    }
    a->steps[r->as.step_skip.step].skipped = true;
    if (r->as.step_skip.next_us != TIME_NONE)
        alert_arm_end(a, r->as.step_skip.next_us);
    alert_touch(c, a);
}

void apply_advance(struct core *c, const struct record *r)
{
    struct alert *a = about(c, r->as.advance.alert);
    uint32_t first, end;

    if (a == NULL || r->as.advance.step >= a->step_count) {
        c->damaged = true;
        return;
    }
    alert_level(a, r->as.advance.step, &first, &end);
    for (uint32_t i = first; i < end; i++)
        a->steps[i].advanced = true;
    c->counters[COUNTER_ADVANCED]++;
    alert_touch(c, a);
}

void apply_ring(struct core *c, const struct record *r)
{
    const struct record_ring *g = &r->as.ring;
    struct alert *a = about(c, g->alert);
    size_t count;

    if (a == NULL)
        return;
    a->round = g->round;
    if (g->why == WHY_LEASE || g->why == WHY_REOPENED) {
        a->lease_stage = 1;
        a->lease_until_us = g->next_us;
    }
    const struct told_item *told = items_read(c->scratch, &told_layout, g->told, &count);
    for (size_t i = 0; i < count && g->why == WHY_RELAY; i++) {
        struct recipient *desk = alert_recipient(a, told[i].holder);
        if (desk != NULL)
            desk->relay_us = g->next_us;
    }
    alert_send(c, a, g->sends, g->round, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
    alert_touch(c, a);
}

void apply_notice(struct core *c, const struct record *r)
{
    const struct record_notice *n = &r->as.notice;
    struct alert *a = about(c, n->alert);

    if (a == NULL)
        return;
    a->round = n->round;
    if (slice_is(n->word, "updated"))
        a->updated_us = r->lane_us;
    alert_send(c, a, n->sends, n->round, n->word, n->by);
}

/* Somebody of this level has it: no receipt is awaited any more. */
static void level_heard(struct alert *a, const struct delivery *d)
{
    uint32_t first, end;

    if (d->notice.len > 0 || d->past || d->fyi || d->step >= a->step_count)
        return;
    alert_level(a, d->step, &first, &end);
    for (uint32_t i = first; i < end; i++)
        a->steps[i].receipt_us = TIME_NONE;
}

static uint8_t state_after(enum answer_kind kind)
{
    switch (kind) {
    case ANSWER_RECEIVED:
    case ANSWER_DELIVERED:
        return SEND_RECEIVED;
    case ANSWER_DISPLAYED:
        return SEND_DISPLAYED;
    case ANSWER_ACCEPT:
    case ANSWER_READBACK:
        return SEND_ACCEPTED;
    case ANSWER_DECLINE:
        return SEND_DECLINED;
    case ANSWER_UNDECRYPTABLE:
        return SEND_UNDECRYPTABLE;
    default:
        return SEND_READ; /* who answers has read it */
    }
}

static void take_state(struct alert *a, struct delivery *d, enum answer_kind kind)
{
    uint8_t state = state_after(kind);
    bool answer = state == SEND_ACCEPTED || state == SEND_DECLINED || state == SEND_UNDECRYPTABLE;

    if (answer || state > d->state || d->state == SEND_UNDECRYPTABLE)
        d->state = state;
    if (state != SEND_UNDECRYPTABLE)
        level_heard(a, d);
}

static void take_reply(struct core *c, struct alert *a, const struct record_answer *n)
{
    struct recipient *p = alert_recipient(a, n->holder);

    if (n->result == ANSWER_LATE)
        c->counters[COUNTER_LATE]++;
    if (p == NULL || n->result != ANSWER_TAKEN)
        return;
    if (n->kind == ANSWER_ACCEPT || n->kind == ANSWER_READBACK) {
        c->counters[COUNTER_ACCEPTS]++;
        p->accepted = n->credits != 0;
        p->credits = n->credits;
        p->declined = false;
        p->relay_us = n->credits == 0 ? c->now_us + RELAY_US : TIME_NONE; /* a relay desk: nothing counted */
    } else if (n->kind == ANSWER_DECLINE) {
        c->counters[COUNTER_DECLINES]++;
        p->declined = true;
        p->accepted = false;
        p->relay_us = TIME_NONE;
    }
}

void apply_answer(struct core *c, const struct record *r)
{
    const struct record_answer *n = &r->as.answer;
    struct alert *a = about(c, n->alert);
    struct delivery *d = a != NULL ? core_delivery(c, n->delivery) : NULL;
    struct device *v = n->device != 0 ? devices_find(&c->devices, n->device) : NULL;

    if (d == NULL || n->kind >= ANSWER_KIND_COUNT) {
        c->damaged = true;
        return;
    }
    struct reply reply = { .kind = n->kind, .result = n->result };
    memcpy(reply.nonce, n->nonce, sizeof reply.nonce);
    MEMORY_ROOM(d->replies, d->reply_count, d->reply_room);
    d->replies[d->reply_count++] = reply;
    if (v != NULL)
        v->last_receipt_us = r->lane_us;
    if (state_after((enum answer_kind)n->kind) <= SEND_READ && n->kind <= ANSWER_READ)
        c->counters[COUNTER_RECEIPTS]++;
    c->counters[COUNTER_UNDECRYPTABLE] += n->kind == ANSWER_UNDECRYPTABLE;
    take_state(a, d, (enum answer_kind)n->kind);
    take_reply(c, a, n);
    alert_touch(c, a);
}

void apply_delivery(struct core *c, const struct record *r)
{
    const struct record_delivery *n = &r->as.delivery;
    struct alert *a = about(c, n->alert);
    struct delivery *d = a != NULL ? core_delivery(c, n->delivery) : NULL;

    if (d == NULL || n->state >= SEND_STATE_COUNT) {
        c->damaged = true;
        return;
    }
    d->state = n->state;
    text_set(&d->detail, n->detail);
    if (n->state == SEND_RECEIVED)
        level_heard(a, d);
    c->counters[COUNTER_FAILED] += n->state == SEND_FAILED;
    if (n->state == SEND_DEAD) {
        char hex[24];
        struct buf b = buf_make(sizeof hex);
        c->counters[COUNTER_DEAD]++;
        buf_printf(&b, "%016llx", (unsigned long long)d->id);
        lists_add(&c->lists, LIST_DEAD_LETTER,
                  &(struct list_row){ SLICE("dead-letter"), buf_slice(&b), d->endpoint, 1, c->position,
                                      r->wall_us },
                  true);
        buf_free(&b);
    }
    alert_touch(c, a);
}
