#include "base/utf8.h"
#include "events/event.h"
#include "events/event_parts.h"
#include "events/json_put.h"

static void put_key(struct buf *out, const char *key)
{
    buf_printf(out, ",\"%s\":", key);
}

void json_put_text(struct buf *out, const char *key, struct slice text)
{
    if (text.len == 0)
        return;
    put_key(out, key);
    buf_text(out, "\"");
    utf8_put_json(out, text);
    buf_text(out, "\"");
}

void json_put_instant(struct buf *out, const char *key, int64_t us)
{
    char text[TIME_TEXT];
    if (us != TIME_NONE)
        json_put_text(out, key, time_text(us, text));
}

static void put_bound(struct buf *out, const char *key, struct decimal d, bool open)
{
    char text[DECIMAL_TEXT];
    buf_printf(out, "\"%s%s\":", open ? "open-" : "", key);
    buf_put(out, decimal_text(d, text));
    buf_text(out, ",");
}

/* {"is":88,"unit":"%"}, or the bounds: "low" and "high" are inside, "open-low" and "open-high" outside. */
static void put_quantity(struct buf *out, const char *key, const struct quantity *q)
{
    if (q->state == QUANTITY_ABSENT)
        return;
    put_key(out, key);
    buf_text(out, "{");
    if (q->state == QUANTITY_EXACT) {
        put_bound(out, "is", q->low, false);
    } else {
        if (q->has_low)
            put_bound(out, "low", q->low, q->low_open);
        if (q->has_high)
            put_bound(out, "high", q->high, q->high_open);
    }
    buf_text(out, "\"unit\":\"");
    utf8_put_json(out, q->unit);
    buf_text(out, "\"}");
}

static void put_flags(struct buf *out, const struct patient *p)
{
    if (p->flag_count == 0)
        return;
    put_key(out, "patient.flags");
    for (size_t i = 0; i < p->flag_count; i++) {
        buf_text(out, i == 0 ? "[\"" : ",\"");
        utf8_put_json(out, p->flags[i]);
        buf_text(out, "\"");
    }
    buf_text(out, "]");
}

void event_json(struct buf *out, const struct event *e)
{
    buf_printf(out, "{\"kind\":\"%s\",\"phase\":\"%s\",\"class\":\"%s\"", event_kind_name(e->kind),
               event_phase_name(e->phase), event_class_name(e->class));
    json_put_text(out, "priority", slice_of(event_priority_name(e->priority)));
    buf_printf(out, ",\"mapped\":%s", e->mapped ? "true" : "false");
    if (e->test)
        buf_text(out, ",\"test\":true");
    if (e->signal_lost)
        buf_text(out, ",\"signal-lost\":true");
    if (e->identity_mismatch)
        buf_text(out, ",\"identity-mismatch\":true");
    if (e->kind == EVENT_RESULT)
        json_put_text(out, "abnormal", slice_of(event_abnormal_name(e->abnormal)));
#define X(member, key) json_put_instant(out, key, e->member);
    EVENT_INSTANTS(X)
#undef X
#define X(member, key) json_put_text(out, key, e->member);
    EVENT_TEXTS(X)
#undef X
#define X(member, key) put_quantity(out, key, &e->member);
    EVENT_QUANTITIES(X)
#undef X
    put_flags(out, &e->patient);
    if (e->part > 0)
        buf_printf(out, ",\"part\":%u", (unsigned)e->part);
    buf_text(out, "}");
}
