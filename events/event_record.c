/* An event as bytes: version 1.
 *
 *   u8 version | u8 kind | u8 phase | u8 class | u8 priority | u8 abnormal | u8 bits | u32 part
 *   then the instants, quantities and texts in the order of event_parts.h, then u8 flags and each.
 *
 * A quantity is u8 state, u8 bits, two decimals (i64 mantissa, u8 scale) and its unit. Readers refuse
 * every other version: an older program must not guess at what a newer one wrote. */
#include "events/event.h"
#include "events/event_parts.h"

enum { EVENT_VERSION = 1 };

static void write_quantity(struct buf *out, const struct quantity *q)
{
    buf_u8(out, (uint8_t)q->state);
    buf_u8(out, (uint8_t)((q->has_low ? 1 : 0) | (q->has_high ? 2 : 0) | (q->low_open ? 4 : 0) |
                          (q->high_open ? 8 : 0)));
    buf_i64(out, q->low.mantissa);
    buf_u8(out, q->low.scale);
    buf_i64(out, q->high.mantissa);
    buf_u8(out, q->high.scale);
    buf_slice_put(out, q->unit);
}

static bool read_quantity(struct reader *in, struct quantity *q)
{
    uint8_t state = read_u8(in), bits = read_u8(in);
    *q = (struct quantity){ .state = (enum quantity_state)state,
                            .has_low = bits & 1,
                            .has_high = bits & 2,
                            .low_open = bits & 4,
                            .high_open = bits & 8 };
    q->low.mantissa = read_i64(in);
    q->low.scale = read_u8(in);
    q->high.mantissa = read_i64(in);
    q->high.scale = read_u8(in);
    q->unit = read_slice(in);
    return state <= QUANTITY_INTERVAL && bits < 16 && q->low.scale <= 18 && q->high.scale <= 18;
}

void event_write(struct buf *out, const struct event *e)
{
    buf_u8(out, EVENT_VERSION);
    buf_u8(out, (uint8_t)e->kind);
    buf_u8(out, (uint8_t)e->phase);
    buf_u8(out, (uint8_t)e->class);
    buf_u8(out, (uint8_t)e->priority);
    buf_u8(out, (uint8_t)e->abnormal);
    buf_u8(out, (uint8_t)((e->mapped ? 1 : 0) | (e->test ? 2 : 0) | (e->signal_lost ? 4 : 0) |
                          (e->identity_mismatch ? 8 : 0)));
    buf_u32(out, e->part);
#define X(member, key) buf_i64(out, e->member);
    EVENT_INSTANTS(X)
#undef X
#define X(member, key) write_quantity(out, &e->member);
    EVENT_QUANTITIES(X)
#undef X
#define X(member, key) buf_slice_put(out, e->member);
    EVENT_TEXTS(X)
#undef X
    buf_u8(out, (uint8_t)e->patient.flag_count);
    for (size_t i = 0; i < e->patient.flag_count; i++)
        buf_slice_put(out, e->patient.flags[i]);
}

/* Names as numbers: each must be one of this version's. */
static bool read_head(struct reader *in, struct event *e)
{
    uint8_t kind = read_u8(in), phase = read_u8(in), class = read_u8(in), priority = read_u8(in),
            abnormal = read_u8(in), bits = read_u8(in);
    if (kind >= EVENT_KIND_COUNT || phase >= PHASE_COUNT || class >= CLASS_COUNT ||
        priority >= PRIORITY_COUNT || abnormal >= ABNORMAL_COUNT || bits >= 16)
        return false;
    e->kind = (enum event_kind)kind;
    e->phase = (enum event_phase)phase;
    e->class = (enum event_class) class;
    e->priority = (enum event_priority)priority;
    e->abnormal = (enum event_abnormal)abnormal;
    e->mapped = bits & 1;
    e->test = bits & 2;
    e->signal_lost = bits & 4;
    e->identity_mismatch = bits & 8;
    e->part = read_u32(in);
    return !in->failed;
}

bool event_read(struct reader *in, struct event *out)
{
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
    if (read_u8(in) != EVENT_VERSION || in->failed || !read_head(in, &e))
        return false;
#define X(member, key) e.member = read_i64(in);
    EVENT_INSTANTS(X)
#undef X
    bool sound = true;
#define X(member, key) sound = read_quantity(in, &e.member) && sound;
    EVENT_QUANTITIES(X)
#undef X
#define X(member, key) e.member = read_slice(in);
    EVENT_TEXTS(X)
#undef X
    e.patient.flag_count = read_u8(in);
    if (!sound || in->failed || e.patient.flag_count > sizeof e.patient.flags / sizeof e.patient.flags[0])
        return false;
    for (size_t i = 0; i < e.patient.flag_count; i++)
        e.patient.flags[i] = read_slice(in);
    if (in->failed)
        return false;
    *out = e;
    return true;
}
