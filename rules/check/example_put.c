/* rules/check/example_put.c - an example as the lines of a test. */
#include "rules/check/example.h"

static bool is_name(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-')))
            return false;
    }
    return text.len > 0;
}

static void put_text(struct buf *out, const char *name, struct slice text, bool place)
{
    buf_printf(out, is_name(text) && !place ? " %s %.*s" : " %s \"%.*s\"", name, SLICE_ARG(text));
}

static void put_quantity(struct buf *out, const char *name, const struct quantity *q)
{
    char digits[DECIMAL_TEXT];

    buf_printf(out, " %s %.*s%s%.*s", name, SLICE_ARG(decimal_text(q->low, digits)),
               q->unit.len > 0 ? " " : "", SLICE_ARG(q->unit));
}

static void put_code(struct buf *out, const struct example *x)
{
    const struct catalogue *c = x->site->catalogue;

    for (size_t i = 0; x->e.raw_code.len > 0 && i < catalogue_count(c); i++) {
        const struct catalogue_row *row = catalogue_row_at(c, i);
        if (slice_eq(row->name, x->e.code) && slice_eq_nocase(row->code, x->e.raw_code)) {
            buf_printf(out, " code %.*s:%.*s", SLICE_ARG(row->system), SLICE_ARG(row->code));
            return;
        }
    }
    if (x->e.code.len > 0)
        put_text(out, "code", x->e.code, false);
}

/* What the code and the phase bring along is not said again. */
static bool goes_without(const struct example *x, const char *name, struct slice text)
{
    const struct catalogue_row *row = catalogue_named(x->site->catalogue, x->e.code);

    if (slice_is(slice_of(name), "class"))
        return slice_is(text, event_class_name(row != NULL ? row->class : CLASS_MEDIUM));
    if (slice_is(slice_of(name), "status"))
        return slice_is(text, event_phase_name(x->e.phase));
    return text.len == 0 || slice_is(slice_of(name), "code") || slice_is(text, "none");
}

static void put_field(struct buf *out, const struct example *x, size_t id)
{
    const struct field_info *f = schema_field(id);
    struct field_value v = event_field(&x->e, id);

    if (!v.present || f->display_only)
        return;
    if (f->type == TYPE_NUMBER)
        put_quantity(out, f->name, &v.number);
    else if (f->type != TYPE_LIST && f->type != TYPE_INSTANT && !goes_without(x, f->name, v.text))
        put_text(out, f->name, v.text, f->type == TYPE_PLACE);
}

static bool of_patient(size_t id)
{
    return slice_starts(slice_of(schema_field(id)->name), SLICE("patient."));
}

static void put_patient(struct buf *out, const struct example *x)
{
    for (size_t id = 0; id < schema_count(); id++) {
        struct field_value v = event_field(&x->e, id);
        if (of_patient(id) && v.present && v.text.len > 0 && !schema_field(id)->display_only)
            put_text(out, schema_field(id)->name + sizeof "patient." - 1, v.text, false);
    }
    for (size_t i = 0; i < x->e.patient.flag_count; i++)
        buf_printf(out, " has %.*s", SLICE_ARG(x->e.patient.flags[i]));
}

static void put_time(struct buf *out, const struct example *x)
{
    struct civil c = tz_to_civil(x->site->directory->zone, x->wall_us);

    buf_printf(out, "at %04d-%02u-%02u %02u:%02u  ", c.year, (unsigned)c.month, (unsigned)c.day,
               (unsigned)c.hour, (unsigned)c.minute);
}

static void put_words(struct buf *out, const struct example *x)
{
    for (size_t id = 0; id < schema_count(); id++) {
        struct field_value v = event_field(&x->e, id);
        if (schema_field(id)->type == TYPE_INSTANT && v.present && v.instant_us != x->e.time_us)
            buf_printf(out, ", with %s %+lld min from its time", schema_field(id)->name,
                       (long long)((v.instant_us - x->e.time_us) / TIME_MIN));
    }
    for (size_t i = 0; i < x->raw_count; i++)
        if (x->raws[i].present)
            buf_printf(out, ", with %.*s \"%.*s\"", SLICE_ARG(x->raws[i].path), SLICE_ARG(x->raws[i].text));
    for (size_t i = 0; i < x->switch_count; i++)
        buf_printf(out, ", with switch %.*s on", SLICE_ARG(x->switches[i]));
}

void example_put(struct buf *out, const struct example *x)
{
    struct buf patient = buf_make(4096);

    put_patient(&patient, x);
    if (x->clock)
        put_time(out, x);
    if (patient.len > 0)
        buf_printf(out, "patient pat%.*s  ", SLICE_ARG(buf_slice(&patient)));
    buf_printf(out, "0s send %s %s", event_kind_name(x->e.kind), event_phase_name(x->e.phase));
    put_code(out, x);
    for (size_t id = 0; id < schema_count(); id++)
        if (!of_patient(id))
            put_field(out, x, id);
    if (patient.len > 0)
        buf_text(out, " patient pat");
    put_words(out, x);
    buf_free(&patient);
}
