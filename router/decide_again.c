/* What is known already when a further event of an alert comes: is it the same one again, what did the one
 * before say, and who must hear of it although the alert is closed? */
#include "router/state.h"

#include "base/limits.h"
#include "hl7/message.h"

static bool same_bytes(const struct alert *a, const struct event *e)
{
    struct buf b = buf_make(LIMIT_MESSAGE_BYTES);

    event_write(&b, e);
    bool same = !b.failed && slice_eq(buf_slice(&b), a->event);
    buf_free(&b);
    return same;
}

/* The message that opened the alert, or the last one, by the source's own clock. */
static bool is_first(const struct alert *a, const struct event *e)
{
    return a->open_time == e->time_us && slice_eq(a->open_state, e->state) &&
           (a->open_phase == e->phase || (a->open_phase == PHASE_STARTS && event_phase_opens(e->phase)));
}

static bool is_last(const struct alert *a, const struct event *e)
{
    return a->last_time == e->time_us && a->last_phase == e->phase && slice_eq(a->last_state, e->state);
}

/* A resend under a new control id (IHE PCD CP-157). Of an alarm: the same phase, state and source time as
 * one already seen. A laboratory keeps the time of the specimen through P, F and C, and may post what it
 * recalled again: there only the very same event is a resend, and none is after a recall. Appointments and
 * orders carry the time of their message: the last one must be the very same, an older one only the opening
 * one. */
bool event_is_again(const struct alert *a, const struct event *e)
{
    if (e->phase == PHASE_WITHDRAWN)
        return false;
    if (e->kind == EVENT_RESULT)
        return !(a->state == ALERT_CLOSED && a->reason == CLOSED_WITHDRAWN) && same_bytes(a, e);
    if (e->time_us == TIME_NONE)
        return false;
    if (e->kind == EVENT_ORDER || e->kind == EVENT_APPOINTMENT)
        return same_bytes(a, e) || (a->last_time != e->time_us && is_first(a, e));
    return is_last(a, e) || is_first(a, e);
}

/* `was` is the start that people were told before; a message without a start leaves it as it is. */
static void follow_appointment(const struct event *before, struct event *e)
{
    if (e->start_us == TIME_NONE)
        e->start_us = before->start_us;
    if (e->was_us != TIME_NONE || before->start_us == TIME_NONE)
        return;
    e->was_us = e->start_us != before->start_us ? before->start_us : before->was_us;
}

/* OBX-11 U: final now, with the value as sent before. */
static bool is_final_as_sent(const struct message_context *m, const struct event *e)
{
    struct slice raw;

    if (m->hl7 == NULL || e->phase != PHASE_FINAL || e->value.state != QUANTITY_ABSENT)
        return false;
    size_t obx = hl7_segment_find(m->hl7, SLICE("OBX"), e->part);
    return hl7_get(m->hl7, obx, 11, 1, 1, 0, &raw) == HL7_VALUE && slice_eq_nocase(raw, SLICE("U")) &&
           hl7_get(m->hl7, obx, 5, 0, 0, 0, NULL) != HL7_VALUE;
}

void event_follow(struct core *c, const struct message_context *m, struct alert *a, struct event *e)
{
    const struct event *before = alert_event(c, a);

    if (before->kind != e->kind)
        return;
    if (e->kind == EVENT_APPOINTMENT)
        follow_appointment(before, e);
    if (e->kind == EVENT_RESULT && is_final_as_sent(m, e)) {
        e->value = before->value;
        e->threshold = before->threshold;
        e->abnormal = e->abnormal == ABNORMAL_NONE ? before->abnormal : e->abnormal;
        e->class = before->class < e->class ? before->class : e->class;
    }
}

static bool was_recalled(const struct alert *a)
{
    for (size_t i = 0; i < a->delivery_count; i++)
        if (slice_is(a->deliveries[i]->notice, "withdrawn"))
            return true;
    return false;
}

bool alert_told(const struct alert *a)
{
    return a->recipient_count > 0 && a->reason != CLOSED_SELF_RESOLVED;
}

void decide_recall(struct core *c, struct alert *a)
{
    if (a->reason != CLOSED_WITHDRAWN && alert_told(a) && !was_recalled(a))
        decide_tell(c, a, "withdrawn");
}
