/* Answers and receipts of devices and gateways, and what became of a send. */
#include "router/state.h"

#include <string.h>

static bool is_receipt(enum answer_kind k)
{
    return k == ANSWER_RECEIVED || k == ANSWER_DELIVERED || k == ANSWER_DISPLAYED || k == ANSWER_READ;
}

/* A closed alert past its day is as good as forgotten: the next record drops it. */
static struct delivery *delivery_now(const struct core *c, uint64_t id)
{
    struct delivery *d = core_delivery(c, id);

    if (d != NULL && d->alert->state == ALERT_CLOSED && d->alert->closed_us <= c->now_us - CLOSED_MEMORY_US)
        return NULL;
    return d;
}

/* Only the device that owns the delivery, or the gateway that carries it, may speak about it. */
static struct delivery *owned_delivery(const struct core *c, const struct answer *in)
{
    struct delivery *d = delivery_now(c, in->delivery);
    const struct device *v = in->device != 0 ? devices_find(&c->devices, in->device) : NULL;

    if (d == NULL || d->device != in->device)
        return NULL;
    if (in->device == 0)
        return slice_eq(d->endpoint, in->endpoint) ? d : NULL;
    return v != NULL && !v->revoked ? d : NULL;
}

static unsigned reply_bit_of(enum answer_kind k)
{
    switch (k) {
    case ANSWER_ACCEPT:
        return REPLY_ACCEPT;
    case ANSWER_DECLINE:
        return REPLY_DECLINE;
    case ANSWER_READBACK:
        return REPLY_READBACK;
    case ANSWER_CALLBACK:
        return REPLY_CALLBACK;
    case ANSWER_CONFIRM:
        return REPLY_CONFIRM;
    case ANSWER_DISMISS:
        return REPLY_DISMISS;
    case ANSWER_DONE:
        return REPLY_DONE;
    default:
        return 0;
    }
}

unsigned delivery_replies(const struct plan *p, const struct delivery *d)
{
    if (d->fyi || d->notice.len > 0 || d->step >= p->step_count)
        return 0;
    uint16_t m = p->steps[d->step].message;
    unsigned replies = m < p->message_count ? p->messages[m].replies : 0;
    return replies != 0 ? replies : (unsigned)REPLY_ACCEPT | REPLY_DECLINE;
}

/* `a`: the alert that is answered; of a summary one of those that it speaks of. */
static void emit_answer(struct core *c, struct alert *a, struct delivery *d, const struct answer *in,
                        enum answer_result result, uint32_t credits)
{
    struct record r = { .type = RECORD_ANSWER };

    r.as.answer = (struct record_answer){ .alert = a->id,
                                          .delivery = d->id,
                                          .device = in->device,
                                          .endpoint = in->endpoint,
                                          .holder = d->holder,
                                          .kind = (uint8_t)in->kind,
                                          .result = (uint8_t)result,
                                          .reason = in->reason,
                                          .device_us = in->device_us,
                                          .credits = credits };
    memcpy(r.as.answer.nonce, in->nonce, sizeof r.as.answer.nonce);
    core_emit(c, &r);
}

static enum answer_result decide_receipt(struct core *c, struct delivery *d, const struct answer *in)
{
    uint8_t level = in->kind == ANSWER_DISPLAYED ? SEND_DISPLAYED
                    : in->kind == ANSWER_READ    ? SEND_READ
                                                 : SEND_RECEIVED;

    if (d->state >= level)
        return ANSWER_REPEATED; /* nothing new: no record */
    emit_answer(c, d->alert, d, in, ANSWER_TAKEN, 0);
    return ANSWER_TAKEN;
}

static enum answer_result take_accept(struct core *c, struct alert *a, struct delivery *d,
                                      const struct answer *in)
{
    const struct recipient *p = alert_recipient(a, d->holder);
    bool mine = p != NULL && p->accepted;

    if (alert_paused(a) && !mine) {
        emit_answer(c, a, d, in, ANSWER_LATE, 0);
        return ANSWER_LATE;
    }
    bool before = a->state == ALERT_ACCEPTED;
    uint32_t credits = decide_credits(c, a, d->holder);
    emit_answer(c, a, d, in, ANSWER_TAKEN, credits);
    if (credits == 0 || !alert_quorum(c, a))
        return ANSWER_TAKEN;
    /* First time the quorum is met, or the acceptor says once more that it is hers. */
    if (!before || mine)
        decide_accepted(c, a, d->holder, in->device);
    return ANSWER_TAKEN;
}

static enum answer_result take_decline(struct core *c, struct alert *a, struct delivery *d,
                                       const struct answer *in)
{
    const struct recipient *p = alert_recipient(a, d->holder);
    bool was_hers = a->state == ALERT_ACCEPTED && p != NULL && p->accepted;

    if (a->state == ALERT_ACCEPTED && !was_hers) {
        emit_answer(c, a, d, in, ANSWER_LATE, 0);
        return ANSWER_LATE;
    }
    emit_answer(c, a, d, in, ANSWER_TAKEN, 0);
    if (was_hers && !alert_quorum(c, a))
        decide_resume(c, a, WHY_GIVEN_BACK);
    else
        decide_early_end(c, a, d->step);
    return ANSWER_TAKEN;
}

static void attended(struct core *c, struct alert *a)
{
    struct record r = { .type = RECORD_ATTENDED, .as.attended = { a->id, c->position } };

    core_emit(c, &r);
}

static enum answer_result take_other(struct core *c, struct alert *a, struct delivery *d,
                                     const struct answer *in)
{
    emit_answer(c, a, d, in, ANSWER_TAKEN, 0);
    if (in->kind == ANSWER_CONFIRM && a->state == ALERT_NOTIFYING)
        decide_level(c, a, alert_unfired(a), WHY_CONFIRMED);
    else if (in->kind == ANSWER_DISMISS)
        decide_close(c, a, CLOSED_DISMISSED, d->holder, in->reason);
    else if (in->kind == ANSWER_DONE && ((a->stop & STOP_DONE) != 0 || !a->source_ends))
        decide_close(c, a, CLOSED_DONE, d->holder, (struct slice){ NULL, 0 });
    else if (in->kind == ANSWER_DONE && a->state == ALERT_ACCEPTED)
        attended(c, a);
    return ANSWER_TAKEN;
}

static enum answer_result take_for(struct core *c, struct alert *a, struct delivery *d,
                                   const struct answer *in)
{
    if (a->state == ALERT_CLOSED) {
        emit_answer(c, a, d, in, ANSWER_LATE, 0);
        return ANSWER_LATE;
    }
    if (in->kind == ANSWER_ACCEPT || in->kind == ANSWER_READBACK)
        return take_accept(c, a, d, in);
    return in->kind == ANSWER_DECLINE ? take_decline(c, a, d, in) : take_other(c, a, d, in);
}

/* Who answers a summary answers for all that it speaks of. */
static void take_for_others(struct core *c, struct delivery *d, const struct answer *in)
{
    size_t count;
    const struct part_item *items = summary_items(c, d->also, &count);

    for (size_t i = 0; i < count; i++) {
        struct alert *a = core_alert(c, items[i].alert);
        if (a != NULL && a != d->alert && a->state != ALERT_CLOSED && a->state != ALERT_JOINED)
            take_for(c, a, d, in);
    }
}

static enum answer_result take_reply(struct core *c, struct delivery *d, const struct answer *in)
{
    if ((delivery_replies(alert_plan(c, d->alert), d) & reply_bit_of(in->kind)) == 0)
        return ANSWER_REFUSED;
    enum answer_result result = take_for(c, d->alert, d, in);
    take_for_others(c, d, in);
    return result;
}

static bool said_before(const struct delivery *d, const struct answer *in)
{
    for (size_t i = 0; i < d->reply_count; i++)
        if (memcmp(d->replies[i].nonce, in->nonce, sizeof in->nonce) == 0)
            return true;
    return false;
}

void decide_answer(struct core *c, const struct answer *in, struct core_result *out)
{
    struct delivery *d = owned_delivery(c, in);

    out->done = true;
    if (d == NULL) {
        out->answer = ANSWER_UNKNOWN;
        out->done = error_set(&out->error, ERROR_UNKNOWN, "no such delivery for this device");
    } else if (said_before(d, in)) {
        out->answer = ANSWER_REPEATED;
    } else if (is_receipt(in->kind)) {
        out->answer = decide_receipt(c, d, in);
    } else if (in->kind == ANSWER_UNDECRYPTABLE) {
        out->answer = ANSWER_TAKEN;
        emit_answer(c, d->alert, d, in, ANSWER_TAKEN, 0);
        decide_early_end(c, d->alert, d->step);
    } else {
        out->answer = take_reply(c, d, in);
    }
}

void decide_delivery(struct core *c, const struct delivery_input *in, struct core_result *out)
{
    struct delivery *d = delivery_now(c, in->delivery);
    struct record r = { .type = RECORD_DELIVERY };
    uint8_t state = in->state == DELIVERY_PUSHED ? SEND_PUSHED
                    : in->state == DELIVERY_DEAD ? SEND_DEAD
                                                 : SEND_FAILED;

    out->done = d != NULL || error_set(&out->error, ERROR_UNKNOWN, "no such delivery");
    /* A receipt outweighs what delivery knows, and a dead letter stays one. */
    if (d == NULL || delivery_heard(d) || d->state == state || d->state == SEND_DEAD ||
        d->state == SEND_UNDECRYPTABLE)
        return;
    if (d->state == SEND_TIMED_OUT && state != SEND_PUSHED)
        return;
    if (state == SEND_PUSHED && d->device == 0 && core_pushed_is_received(c, d->endpoint))
        state = SEND_RECEIVED;
    r.as.delivery = (struct record_delivery){ d->alert->id, d->id, state, in->detail };
    core_emit(c, &r);
    if (state == SEND_FAILED || state == SEND_DEAD)
        decide_early_end(c, d->alert, d->step);
}
