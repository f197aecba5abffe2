#include "hl7/write.h"
#include "hl7/names.h"

#include "base/limits.h"
#include "hl7/delimiters.h"
#include "hl7/encode.h"
#include "hl7/escape.h"

/* FIELD_CLOSED stands for `repetition` after a raw field: nothing more can be added to it. */
enum { PARTS_MAX = 10000, FIELD_CLOSED = INT32_MAX };

struct hl7_writer hl7_writer_make(struct buf *out, const struct hl7_delimiters *d)
{
    return (struct hl7_writer){ .out = out, .delimiters = d != NULL ? *d : hl7_delimiters_usual() };
}

bool hl7_writer_charset(struct hl7_writer *w, struct slice declared)
{
    w->charset = hl7_encoding_name(declared);
    return w->charset != NULL;
}

static void put_char(struct hl7_writer *w, char c, uint32_t times)
{
    if (c == 0 && times > 0)
        w->failed = true;
    for (; c != 0 && times > 0; times--)
        buf_bytes(w->out, &c, 1);
}

static void stand_at(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component,
                     uint32_t sub)
{
    w->field = field;
    w->repetition = repetition;
    w->component = component;
    w->sub = sub;
}

/* MSH-1 and MSH-2. A gap among the encoding characters cannot be written. */
static void put_encoding(struct hl7_writer *w)
{
    const struct hl7_delimiters *d = &w->delimiters;
    const char chars[] = { d->component, d->repetition, d->escape, d->subcomponent, d->truncation };
    size_t count = sizeof chars;

    put_char(w, d->field, 1);
    while (count > 0 && chars[count - 1] == 0)
        count--;
    for (size_t i = 0; i < count; i++)
        put_char(w, chars[i], 1);
    stand_at(w, 2, FIELD_CLOSED, 1, 1);
}

void hl7_write_segment(struct hl7_writer *w, const char *name)
{
    struct slice s = slice_of(name);

    if (!hl7_segment_named(s) || slice_find(s, w->delimiters.field) < s.len) {
        w->failed = true;
        return;
    }
    if (w->in_segment)
        buf_text(w->out, "\r");
    buf_put(w->out, s);
    w->in_segment = true;
    stand_at(w, 0, 1, 1, 1);
    if (slice_is(s, "MSH") || slice_is(s, "BHS") || slice_is(s, "FHS"))
        put_encoding(w);
}

/* Is the place after the one where the writer stands? The writer never goes back. */
static bool is_ahead(const struct hl7_writer *w, const uint32_t to[4])
{
    const uint32_t now[4] = { w->field, w->repetition, w->component, w->sub };

    for (int i = 0; i < 4; i++)
        if (to[i] != now[i])
            return to[i] > now[i] && (i == 0 || now[1] != FIELD_CLOSED);
    return false;
}

static bool seek(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component, uint32_t sub)
{
    const uint32_t to[4] = { field, repetition, component, sub };

    for (int i = 0; i < 4; i++)
        if (to[i] == 0 || to[i] > (i == 0 ? LIMIT_FIELDS : PARTS_MAX))
            w->failed = true;
    if (!w->in_segment || w->failed || !is_ahead(w, to)) {
        w->failed = true;
        return false;
    }
    if (field > w->field) {
        put_char(w, w->delimiters.field, field - w->field);
        stand_at(w, field, 1, 1, 1);
    }
    if (repetition > w->repetition) {
        put_char(w, w->delimiters.repetition, repetition - w->repetition);
        stand_at(w, field, repetition, 1, 1);
    }
    if (component > w->component) {
        put_char(w, w->delimiters.component, component - w->component);
        stand_at(w, field, repetition, component, 1);
    }
    put_char(w, w->delimiters.subcomponent, sub - w->sub);
    w->sub = sub;
    return !w->failed;
}

void hl7_write_at(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component, uint32_t sub,
                  struct slice text)
{
    if (text.len == 0 || !seek(w, field, repetition, component, sub))
        return;
    if (!hl7_encode(w->out, &w->delimiters, w->charset, text))
        w->failed = true;
}

void hl7_write_null(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component,
                    uint32_t sub)
{
    if (hl7_is_delimiter(&w->delimiters, '"'))
        w->failed = true;
    else if (seek(w, field, repetition, component, sub))
        buf_text(w->out, "\"\"");
}

void hl7_write_field(struct hl7_writer *w, uint32_t field, struct slice text)
{
    hl7_write_at(w, field, 1, 1, 1, text);
}

void hl7_write_raw(struct hl7_writer *w, uint32_t field, struct slice raw)
{
    struct hl7_delimiters controls_only = { .escape = w->delimiters.escape };

    if (raw.len == 0 || !seek(w, field, 1, 1, 1))
        return;
    for (size_t i = 0; i < raw.len; i++) {
        bool control = (unsigned char)raw.ptr[i] < 0x20 || raw.ptr[i] == 0x7F;
        if (control || raw.ptr[i] == w->delimiters.field)
            w->failed |=
                !hl7_escape_put(w->out, control ? &controls_only : &w->delimiters, slice_sub(raw, i, 1));
        else
            buf_bytes(w->out, raw.ptr + i, 1);
    }
    w->repetition = FIELD_CLOSED;
}

bool hl7_write_end(struct hl7_writer *w)
{
    if (w->in_segment)
        buf_text(w->out, "\r");
    w->in_segment = false;
    return !w->failed && !w->out->failed;
}
