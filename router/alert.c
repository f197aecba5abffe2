#include "router/alert.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

LAYOUT_DEFINE(, alert_layout, "alert", struct alert, ALERT_MEMBERS)
LAYOUT_DEFINE(, fired_step_layout, "step", struct fired_step, FIRED_STEP_MEMBERS)
LAYOUT_DEFINE(, recipient_layout, "recipient", struct recipient, RECIPIENT_MEMBERS)
LAYOUT_DEFINE(, delivery_layout, "delivery", struct delivery, DELIVERY_STATE_MEMBERS)
LAYOUT_DEFINE(, reply_layout, "reply", struct reply, REPLY_MEMBERS)

#define X(id, name) name,
static const char *const STATE_NAMES[] = { ALERT_STATES(X) };
static const char *const WAIT_NAMES[] = { ALERT_WAITS(X) };
static const char *const REASON_NAMES[] = { CLOSE_REASONS(X) };
static const char *const WHY_TEXTS[] = { STEP_WHYS(X) };
static const char *const SEND_NAMES[] = { DELIVERY_STATES(X) };
#undef X

const char *alert_state_name(enum alert_state s)
{
    return s < ALERT_STATE_COUNT ? STATE_NAMES[s] : "?";
}

const char *alert_wait_name(enum alert_wait w)
{
    return w < ALERT_WAIT_COUNT ? WAIT_NAMES[w] : "?";
}

const char *close_reason_name(enum close_reason r)
{
    return r < CLOSE_REASON_COUNT ? REASON_NAMES[r] : "?";
}

const char *step_why_text(enum step_why w)
{
    return w < STEP_WHY_COUNT ? WHY_TEXTS[w] : "?";
}

const char *send_state_name(enum send_state s)
{
    return s < SEND_STATE_COUNT ? SEND_NAMES[s] : "?";
}

struct alert *alert_new(void)
{
    struct alert *a = memory_new(sizeof *a);

    a->due_us = INT64_MAX;
    return a;
}

static void delivery_free(struct delivery *d)
{
    free(d->replies);
    layout_drop(&delivery_layout, d);
    free(d);
}

void alert_free(struct alert *a)
{
    for (size_t i = 0; i < a->delivery_count; i++)
        delivery_free(a->deliveries[i]);
    for (size_t i = 0; i < a->recipient_count; i++)
        layout_drop(&recipient_layout, &a->recipients[i]);
    free(a->deliveries);
    free(a->recipients);
    free(a->steps);
    layout_drop(&alert_layout, a);
    free(a);
}

static void delivery_write(const struct delivery *d, struct buf *out)
{
    layout_write(out, &delivery_layout, d);
    buf_u32(out, (uint32_t)d->reply_count);
    for (size_t i = 0; i < d->reply_count; i++)
        layout_write(out, &reply_layout, &d->replies[i]);
}

void alert_write(const struct alert *a, struct buf *out)
{
    layout_write(out, &alert_layout, a);
    buf_u32(out, (uint32_t)a->step_count);
    for (size_t i = 0; i < a->step_count; i++)
        layout_write(out, &fired_step_layout, &a->steps[i]);
    buf_u32(out, (uint32_t)a->recipient_count);
    for (size_t i = 0; i < a->recipient_count; i++)
        layout_write(out, &recipient_layout, &a->recipients[i]);
    buf_u32(out, (uint32_t)a->delivery_count);
    for (size_t i = 0; i < a->delivery_count; i++)
        delivery_write(a->deliveries[i], out);
}

static void delivery_read(struct alert *a, struct reader *in, uint8_t version)
{
    struct delivery read = { .id = 0 };

#define ONE(S, kind, name) +1
    layout_read_first(in, &delivery_layout,
                      version < 3 ? (0 DELIVERY_MEMBERS_V2(ONE, _)) : delivery_layout.count, &read);
#undef ONE
    read.replies = NULL;
    read.reply_count = read.reply_room = 0;
    struct delivery *d = alert_delivery_add(a, &read);
    uint32_t replies = read_u32(in);
    for (uint32_t i = 0; i < replies && !in->failed; i++) {
        MEMORY_ROOM(d->replies, d->reply_count, d->reply_room);
        layout_read(in, &reply_layout, &d->replies[d->reply_count++]);
    }
}

/* How many members an alert had in a snapshot of that version. */
static size_t members_in(uint8_t version)
{
#define ONE(S, kind, name) +1
    return version < 3 ? (0 ALERT_MEMBERS_V2(ONE, _)) : alert_layout.count;
#undef ONE
}

bool alert_read(struct alert *a, struct reader *in, uint8_t version)
{
    struct alert read = { .id = 0 };

    layout_read_first(in, &alert_layout, members_in(version), &read);
    layout_own(&alert_layout, &read);
    *a = read;
    if (version < 3)
        a->expire_us = TIME_NONE;
    a->due_us = INT64_MAX;
    uint32_t steps = read_u32(in);
    if (in->failed || steps > in->len)
        return false;
    a->steps = memory_array(steps + 1, sizeof *a->steps);
    for (a->step_count = 0; a->step_count < steps; a->step_count++)
        layout_read(in, &fired_step_layout, &a->steps[a->step_count]);
    uint32_t recipients = read_u32(in);
    for (uint32_t i = 0; i < recipients && !in->failed; i++) {
        struct recipient r;
        layout_read(in, &recipient_layout, &r);
        alert_recipient_add(a, &r);
    }
    uint32_t deliveries = read_u32(in);
    for (uint32_t i = 0; i < deliveries && !in->failed; i++)
        delivery_read(a, in, version);
    return !in->failed;
}

struct recipient *alert_recipient(const struct alert *a, struct slice holder)
{
    for (size_t i = 0; i < a->recipient_count; i++)
        if (slice_eq(a->recipients[i].holder, holder))
            return &a->recipients[i];
    return NULL;
}

bool delivery_heard(const struct delivery *d)
{
    return d->state >= SEND_RECEIVED;
}

struct delivery *alert_delivery_add(struct alert *a, const struct delivery *d)
{
    struct delivery *kept = memory_new(sizeof *kept);

    *kept = *d;
    layout_own(&delivery_layout, kept);
    kept->alert = a;
    MEMORY_ROOM(a->deliveries, a->delivery_count, a->delivery_room);
    a->deliveries[a->delivery_count++] = kept;
    return kept;
}

struct recipient *alert_recipient_add(struct alert *a, const struct recipient *r)
{
    MEMORY_ROOM(a->recipients, a->recipient_count, a->recipient_room);
    struct recipient *kept = &a->recipients[a->recipient_count++];

    *kept = *r;
    layout_own(&recipient_layout, kept);
    return kept;
}
