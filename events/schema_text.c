/* How a field reads in a message to a person. */
#include "base/limits.h"
#include "base/utf8.h"
#include "events/schema.h"

#include <string.h>

static size_t character_bytes(struct slice s)
{
    size_t n = 1;
    while (n < s.len && ((unsigned char)s.ptr[n] & 0xC0) == 0x80)
        n++;
    return n;
}

/* Appends at most `width` characters; what is longer ends in "..." so that nobody takes it for whole. */
static void put_within(struct buf *out, struct slice text, unsigned width)
{
    size_t keep = 0;
    if (width == 0 || utf8_count(text) <= width) {
        buf_put(out, text);
        return;
    }
    for (unsigned i = 0; i + 3 < width; i++)
        keep += character_bytes(slice_sub(text, keep, text.len));
    buf_put(out, slice_sub(text, 0, keep));
    buf_text(out, "...");
}

static void put_number(struct buf *out, struct decimal d)
{
    char text[DECIMAL_TEXT];
    buf_put(out, decimal_text(d, text));
}

/* UCUM codes as a ward writes them. */
static struct slice shown_unit(struct slice ucum)
{
    static const char *const shown[][2] = { { "mm[Hg]", "mmHg" },
                                            { "cm[H2O]", "cmH2O" },
                                            { "Cel", "\xC2\xB0"
                                                     "C" },
                                            { "[degF]", "\xC2\xB0"
                                                        "F" },
                                            { "meq/L", "mEq/L" },
                                            { "{INR}", "" },
                                            { "[pH]", "" },
                                            { "1", "" } };
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (slice_is(ucum, shown[i][0]))
            return slice_of(shown[i][1]);
    return ucum;
}

/* "86 %", "> 10 mmol/L", ">= 90 %", "90-96 %". */
static void put_quantity(struct buf *out, const struct quantity *q)
{
    if (q->state == QUANTITY_INTERVAL && q->has_low && q->has_high) {
        put_number(out, q->low);
        buf_text(out, "-");
        put_number(out, q->high);
    } else if (q->state == QUANTITY_INTERVAL && q->has_high) {
        buf_text(out, q->high_open ? "< " : "<= ");
        put_number(out, q->high);
    } else {
        if (q->state == QUANTITY_INTERVAL)
            buf_text(out, q->low_open ? "> " : ">= ");
        put_number(out, q->low);
    }
    struct slice unit = shown_unit(q->unit);
    if (unit.len > 0) {
        buf_text(out, " ");
        buf_put(out, unit);
    }
}

static void put_instant(struct buf *out, int64_t us, const struct tz *zone)
{
    struct civil c = zone != NULL ? tz_to_civil(zone, us) : time_to_civil(us);
    buf_printf(out, "%02u:%02u%s", (unsigned)c.hour, (unsigned)c.minute, zone != NULL ? "" : "Z");
}

/* "A.R.": the given name first. */
static void put_initials(struct buf *out, const struct patient *p)
{
    const struct slice names[] = { p->given, p->family };
    for (size_t i = 0; i < 2; i++) {
        struct slice name = slice_trim(names[i]);
        if (name.len == 0)
            continue;
        buf_put(out, slice_sub(name, 0, character_bytes(name)));
        buf_text(out, ".");
    }
}

static void put_name(struct buf *out, const struct patient *p)
{
    buf_put(out, p->given);
    if (p->given.len > 0 && p->family.len > 0)
        buf_text(out, " ");
    buf_put(out, p->family);
}

static void put_list(struct buf *out, const struct field_value *v)
{
    for (size_t i = 0; i < v->list_count; i++) {
        if (i > 0)
            buf_text(out, ", ");
        buf_put(out, v->list[i]);
    }
}

/* What a person is called, else by id. */
static struct slice person_text(const struct event *e, const char *field, struct slice id)
{
    const struct person_ref *p = strcmp(field, "actor") == 0               ? &e->actor
                                 : strcmp(field, "patient.attending") == 0 ? &e->patient.attending
                                                                           : &e->ordering_provider;
    return p->name.len > 0 ? p->name : id;
}

static void put_field(struct buf *out, const struct event *e, const struct field_info *f,
                      const struct field_value *v, const struct tz *zone)
{
    if (f->type == TYPE_NUMBER)
        put_quantity(out, &v->number);
    else if (f->type == TYPE_INSTANT)
        put_instant(out, v->instant_us, zone);
    else if (f->type == TYPE_LIST)
        put_list(out, v);
    else if (f->type == TYPE_PERSON)
        buf_put(out, person_text(e, f->name, v->text));
    else if (strcmp(f->name, "patient.initials") == 0)
        put_initials(out, &e->patient);
    else if (strcmp(f->name, "patient.name") == 0)
        put_name(out, &e->patient);
    else if (strcmp(f->name, "code") == 0 && e->title.len > 0)
        buf_put(out, e->title);
    else
        buf_put(out, v->text);
}

bool event_field_text_in(const struct event *e, size_t id, const struct tz *zone, struct buf *out)
{
    const struct field_info *f = schema_field(id);
    struct field_value v = event_field(e, id);
    struct buf whole = buf_make(2 * (size_t)LIMIT_MESSAGE_BYTES);
    if (f == NULL || !v.present)
        return false;
    put_field(&whole, e, f, &v, zone);
    bool shown = whole.len > 0 && !whole.failed;
    if (shown)
        put_within(out, buf_slice(&whole), f->width);
    buf_free(&whole);
    return shown;
}

bool event_field_text(const struct event *e, size_t id, struct buf *out)
{
    return event_field_text_in(e, id, NULL, out);
}
