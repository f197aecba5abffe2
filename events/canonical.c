#include "events/canonical.h"

#include "events/draft.h"

enum { CANONICAL_VERSION = 1, A_EVENT = 0, A_CHANGE = 1 };

#define FLAG_MAX (sizeof((struct patient *)0)->flags / sizeof((struct patient *)0)->flags[0])

/* Every text of a change that stands in the bytes, in their order. */
#define CHANGE_TEXTS(X)                                                                                      \
    X(patient.id)                                                                                            \
    X(patient.family)                                                                                        \
    X(patient.given)                                                                                         \
    X(patient.birth)                                                                                         \
    X(patient.class)                                                                                         \
    X(patient.service)                                                                                       \
    X(patient.attending.id)                                                                                  \
    X(patient.attending.name)                                                                                \
    X(place.unit)                                                                                            \
    X(place.room)                                                                                            \
    X(place.bed)

void canonical_put_event(struct buf *out, const struct event *e)
{
    buf_u8(out, CANONICAL_VERSION);
    buf_u8(out, A_EVENT);
    event_write(out, e);
}

void canonical_put_change(struct buf *out, const struct change *ch)
{
    buf_u8(out, CANONICAL_VERSION);
    buf_u8(out, A_CHANGE);
    buf_u8(out, (uint8_t)ch->kind);
    buf_i64(out, ch->occurred_us);
#define X(member) buf_slice_put(out, ch->member);
    CHANGE_TEXTS(X)
#undef X
    buf_u8(out, (uint8_t)ch->patient.flag_count);
    for (size_t i = 0; i < ch->patient.flag_count; i++)
        buf_slice_put(out, ch->patient.flags[i]);
}

static bool read_flags(struct reader *in, struct patient *p)
{
    p->flag_count = read_u8(in);
    if (p->flag_count > FLAG_MAX)
        return false;
    for (size_t i = 0; i < p->flag_count; i++)
        p->flags[i] = read_slice(in);
    return !in->failed;
}

static bool read_change(struct arena *a, struct reader *in, struct reading *out)
{
    struct change *ch = arena_alloc(a, sizeof *ch);
    uint8_t kind = read_u8(in);

    *ch = (struct change){ .kind = (enum change_kind)kind, .recorded_us = TIME_NONE };
    ch->occurred_us = read_i64(in);
#define X(member) ch->member = read_slice(in);
    CHANGE_TEXTS(X)
#undef X
    out->changes = ch;
    out->change_count = 1;
    out->context_only = true;
    return kind <= CHANGE_RENUMBER && read_flags(in, &ch->patient) && ch->patient.id.len > 0;
}

static bool read_one_event(struct arena *a, struct reader *in, struct reading *out)
{
    out->events = arena_alloc(a, sizeof *out->events);
    out->event_count = 1;
    return event_read(in, out->events);
}

bool canonical_read(struct arena *a, struct slice bytes, struct reading *out, struct error *err)
{
    struct reader in = reader_make(bytes);
    uint8_t version = read_u8(&in), what = read_u8(&in);

    *out = (struct reading){ .master_us = TIME_NONE };
    bool sound = version == CANONICAL_VERSION && what <= A_CHANGE &&
                 (what == A_EVENT ? read_one_event(a, &in, out) : read_change(a, &in, out));
    if (!sound || !reader_done(&in)) {
        *out = (struct reading){ .master_us = TIME_NONE };
        return error_set(err, ERROR_SYNTAX, "these bytes are no canonical event");
    }
    const struct event *e = out->events;
    if (e != NULL && (e->identity.len == 0 || !event_phase_fits(e->kind, e->phase))) {
        *out = (struct reading){ .master_us = TIME_NONE };
        return error_set(err, ERROR_VALUE, "an event needs an identity and a phase of its kind");
    }
    return true;
}

void canonical_classify(struct event *e, const struct catalogue_row *row, struct slice code)
{
    struct sent_code sent = { .system = row != NULL ? row->system : SLICE(""),
                              .code = row != NULL && row->code.len > 0 ? row->code : code };

    draft_take_row(e, &sent, row);
    if (e->kind == EVENT_RESULT)
        e->class = class_of_result(e, e->class);
}

struct quantity canonical_quantity(struct slice number, struct slice unit, const struct catalogue_row *row)
{
    struct quantity q = quantity_parse(number);

    if (q.state != QUANTITY_ABSENT)
        quantity_put_unit(&q, unit, row != NULL ? row->unit : (struct slice){ NULL, 0 });
    return q;
}
