/* The state of an alert at a time in the past, from its records alone: the journal is the only memory that
 * goes back so far. */
#include "router/state.h"

#include "base/utf8.h"

static void set(struct story *s, struct slice *to, struct slice value)
{
    *to = arena_copy(s->arena, value);
}

static void told_one(struct story *s, struct slice holder)
{
    for (size_t i = 0; i < s->told_count; i++)
        if (slice_eq(s->told[i], holder))
            return;
    if (s->told_count == s->told_room) {
        size_t room = s->told_room > 0 ? 2 * s->told_room : 8;
        struct slice *more = arena_array(s->arena, room, sizeof *more);
        for (size_t i = 0; i < s->told_count; i++)
            more[i] = s->told[i];
        s->told = more;
        s->told_room = room;
    }
    set(s, &s->told[s->told_count++], holder);
}

static void follow_told(struct story *s, struct slice blob)
{
    size_t count;
    const struct told_item *items = items_read(s->arena, &told_layout, blob, &count);

    for (size_t i = 0; i < count; i++)
        if (items[i].told)
            told_one(s, items[i].holder);
}

static void follow_opening(struct story *s, struct slice rule, int64_t hold_until_us)
{
    bool held = hold_until_us != TIME_NONE;

    set(s, &s->rule, rule);
    s->state = slice_of(alert_state_name(held ? ALERT_HELD : ALERT_NOTIFYING));
    s->taken_by = (struct slice){ NULL, 0 };
}

bool story_has(const struct story *s, uint64_t alert)
{
    for (size_t i = 0; i < s->alert_count; i++)
        if (s->alerts[i] == alert)
            return true;
    return false;
}

static void opened(struct story *s, uint64_t alert)
{
    if (s->alert_count == s->alert_room) {
        size_t room = s->alert_room > 0 ? 2 * s->alert_room : 8;
        uint64_t *more = arena_array(s->arena, room, sizeof *more);
        for (size_t i = 0; i < s->alert_count; i++)
            more[i] = s->alerts[i];
        s->alerts = more;
        s->alert_room = room;
    }
    s->alerts[s->alert_count++] = alert;
    s->going++;
}

void story_follow(struct story *s, const struct record *r)
{
    s->known = true;
    s->at_us = r->wall_us;
    switch ((int)r->type) {
    case RECORD_ALERT_OPEN:
        if (r->as.alert_open.copy_of == 0 || s->alert != 0)
            follow_opening(s, r->as.alert_open.rule, r->as.alert_open.hold_until_us);
        opened(s, r->as.alert_open.alert);
        break;
    case RECORD_ALERT_WORSE:
        follow_opening(s, r->as.alert_worse.rule, r->as.alert_worse.hold_until_us);
        break;
    case RECORD_ALERT_BEGIN:
    case RECORD_LAPSE:
        s->state = slice_of(alert_state_name(ALERT_NOTIFYING));
        s->taken_by = (struct slice){ NULL, 0 };
        break;
    case RECORD_WAIT:
        s->state = slice_of(alert_wait_name((enum alert_wait)r->as.wait.kind));
        break;
    case RECORD_JOINED:
        if (r->as.joined.alert == s->alert || s->alert == 0)
            s->state = slice_of(alert_state_name(ALERT_JOINED));
        break;
    case RECORD_REOPEN:
        s->state = slice_of(alert_state_name(s->taken_by.len > 0 ? ALERT_ACCEPTED : ALERT_NOTIFYING));
        s->going++;
        break;
    case RECORD_SUMMARY: /* whom `limit` kept waiting: told now */
        told_one(s, r->as.summary.holder);
        break;
    case RECORD_STEP:
        follow_told(s, r->as.step.told);
        break;
    case RECORD_RING:
        follow_told(s, r->as.ring.told);
        break;
    case RECORD_ACCEPTED:
        s->state = slice_of(alert_state_name(ALERT_ACCEPTED));
        set(s, &s->taken_by, r->as.accepted.by);
        break;
    case RECORD_EXHAUSTED:
        s->state = SLICE("exhausted");
        s->going -= s->going > 0;
        break;
    case RECORD_CLOSE:
        s->going -= s->going > 0 && !slice_is(s->state, "exhausted");
        if (r->as.close.reason == CLOSED_INFORMED && s->alert == 0) /* a copy */
            break;
        s->state = slice_of(close_reason_name((enum close_reason)r->as.close.reason));
        break;
    default:
        break;
    }
}

void core_story_state(const struct core *c, const struct story *s, struct buf *out)
{
    char at[TIME_TEXT];

    buf_text(out, "{\"type\":\"state\",\"at\":\"");
    buf_put(out, time_text(s->until_us != INT64_MAX ? s->until_us : s->at_us, at));
    buf_text(out, "\",\"state\":\"");
    buf_put(out, s->known ? s->state : SLICE("not there yet"));
    buf_text(out, "\",\"rule\":\"");
    utf8_put_json(out, s->rule);
    buf_text(out, "\",\"taken_by\":\"");
    utf8_put_json(out, s->taken_by.len > 0 ? core_title(c, s->taken_by) : s->taken_by);
    buf_text(out, "\",\"told\":[");
    for (size_t i = 0; i < s->told_count; i++) {
        buf_text(out, i > 0 ? ",\"" : "\"");
        utf8_put_json(out, core_title(c, s->told[i]));
        buf_text(out, "\"");
    }
    buf_text(out, "]}\n");
}
