/* Orders: ORM, OMG, OML, OMI, OMP, RDE (HL7 v2 chapter 4). */
#include "events/from_hl7_plan.h"

void hl7_name_plan(struct hl7_in *in, struct event *e, size_t segment, uint32_t field)
{
    struct slice parts[3];
    hl7_parts(in, segment, field, parts, 3);
    struct sent_code sent = { .system = parts[2], .code = parts[0], .text = parts[1] };
    const struct catalogue_row *row = draft_row(&in->draft, &sent);
    e->mapped = true;
    e->system = sent.system;
    e->raw_code = sent.code;
    e->raw_text = sent.text;
    e->title = sent.text.len > 0 ? sent.text : sent.code;
    if (row == NULL || row->kind != e->kind)
        return;
    e->code = row->name;
    e->class = row->class;
    if (row->title.len > 0)
        e->title = row->title;
}

enum meaning {
    IS_ORDER,   /* an order that stands: new, changed, a child, replacing another */
    IS_UPDATE,  /* says something of an order that is known */
    BY_STATUS,  /* ORC-5 says it */
    IS_OVER,    /* cancelled, discontinued, replaced by another */
    IS_NOTHING, /* asks, refuses, or is about an earlier result */
};

/* ORC-1, table 0119. What is not listed is read as an order: none is lost. */
static enum meaning meaning_of(struct slice control)
{
    static const struct {
        const char *codes; /* of two letters, with a blank between */
        enum meaning meaning;
    } table[] = {
        { "CA OC CR DC OD DR RP RU RQ", IS_OVER },
        { "SC RE OK XX XR NA HD OH HR OR PA CN AF RL OE", BY_STATUS },
        { "UA UC UD UF UH UM UN UR UX SS SR DE LI PR DF OF FU PY", IS_NOTHING },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct slice rest = slice_of(table[i].codes);
        while (rest.len > 0)
            if (slice_eq_nocase(slice_cut(&rest, ' '), control))
                return table[i].meaning;
    }
    return IS_ORDER;
}

/* ORC-5, table 0038. */
static enum meaning meaning_by_status(struct slice status)
{
    if (slice_eq_nocase(status, SLICE("CA")) || slice_eq_nocase(status, SLICE("DC")) ||
        slice_eq_nocase(status, SLICE("RP")) || slice_eq_nocase(status, SLICE("CM")))
        return IS_OVER;
    return IS_UPDATE;
}

/* An ORC with the segment that says what is ordered. */
struct order {
    size_t orc, detail; /* HL7_NONE: none */
    uint32_t what;      /* the field of `detail` that names it */
    size_t to;          /* the first segment of the next order */
};

static bool is_detail(struct slice name, uint32_t *what)
{
    static const struct {
        const char *segment;
        uint32_t what;
    } details[] = { { "OBR", 4 }, { "RXO", 1 }, { "RXE", 2 } };
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        if (slice_is(name, details[i].segment)) {
            *what = details[i].what;
            return true;
        }
    }
    return false;
}

/* Where the next ORC or detail begins, or the end. */
static size_t next_order(const struct hl7_in *in, size_t from)
{
    uint32_t what;
    size_t end = hl7_message_segments(in->m), i = from;
    while (i < end && !slice_is(hl7_segment_name(in->m, i), "ORC") &&
           !is_detail(hl7_segment_name(in->m, i), &what))
        i++;
    return i;
}

/* The number of the one who ordered, else of the one who fills it: ORC-2, OBR-2, ORC-3, OBR-3. A placer
 * number that a second test of the message has too is told apart by the test. */
static struct slice identity_of(struct hl7_in *in, const struct order *o, const struct event *e)
{
    size_t obr = o->what == 4 ? o->detail : HL7_NONE;
    const struct slice ids[] = { hl7_part(in, o->orc, 2, 1), hl7_part(in, obr, 2, 1),
                                 hl7_part(in, o->orc, 3, 1), hl7_part(in, obr, 3, 1) };
    struct slice parts[] = { SLICE("order"), { NULL, 0 } };
    for (size_t i = 0; i < 4 && parts[1].len == 0; i++)
        parts[1] = ids[i];
    if (parts[1].len == 0) {
        const struct slice none[] = { SLICE("order"), e->patient.id, e->raw_code };
        return draft_identity(&in->draft, in->sender, none, 3);
    }
    struct slice id = draft_identity(&in->draft, in->sender, parts, 2);
    for (size_t i = 0; i < in->draft.out->event_count; i++)
        if (slice_eq(in->draft.out->events[i].identity, id))
            return draft_identity(&in->draft, id, &e->raw_code, 1);
    return id;
}

static struct person_ref ordered_by(struct hl7_in *in, const struct order *o)
{
    struct person_ref by = hl7_person(in, o->orc, 12);
    if (by.id.len + by.name.len == 0 && o->what == 4)
        by = hl7_person(in, o->detail, 16);
    return by;
}

/* Of the detail itself and what belongs to it, else of its ORC. */
static enum event_priority priority_of(struct hl7_in *in, const struct order *o)
{
    enum event_priority p = PRIORITY_NONE;
    if (o->detail != HL7_NONE)
        p = hl7_order_priority(in, o->detail, o->to);
    if (p == PRIORITY_NONE && o->orc != HL7_NONE)
        p = hl7_order_priority(in, o->orc, next_order(in, o->orc + 1));
    return p;
}

static bool read_order(struct hl7_in *in, const struct event *shared, const struct order *o)
{
    struct event e = *shared;
    enum meaning meaning = meaning_of(hl7_part(in, o->orc, 1, 1));
    if (meaning == BY_STATUS)
        meaning = meaning_by_status(hl7_part(in, o->orc, 5, 1));
    if (meaning == IS_NOTHING)
        return true;
    e.phase = meaning == IS_OVER ? PHASE_WITHDRAWN : meaning == IS_UPDATE ? PHASE_UPDATES : PHASE_STARTS;
    e.priority = priority_of(in, o);
    hl7_name_plan(in, &e, o->detail, o->what);
    if (e.title.len == 0)
        e.title = SLICE("Order");
    if (e.code.len == 0)
        e.class = class_of_priority(e.priority, CLASS_INFO);
    e.ordering_provider = ordered_by(in, o);
    e.identity = identity_of(in, o, &e);
    int64_t t = hl7_instant(in, o->orc, 9, 1);
    if (t != TIME_NONE)
        e.time_us = t;
    return draft_event(&in->draft, &e, in->err);
}

/* An ORC at `at` with the detail that follows it, or a detail that stands alone. */
static struct order order_at(const struct hl7_in *in, size_t at)
{
    struct order o = { .orc = HL7_NONE, .detail = HL7_NONE };
    size_t next = next_order(in, at + 1);
    if (is_detail(hl7_segment_name(in->m, at), &o.what)) {
        o.detail = at;
        o.to = next;
        return o;
    }
    o.orc = at;
    o.to = next;
    if (next < hl7_message_segments(in->m) && is_detail(hl7_segment_name(in->m, next), &o.what)) {
        o.detail = next;
        o.to = next_order(in, next + 1);
    }
    return o;
}

bool hl7_read_orders(struct hl7_in *in)
{
    size_t end = hl7_message_segments(in->m), pid = hl7_segment_find(in->m, SLICE("PID"), 1);
    size_t prior = pid != HL7_NONE ? hl7_segment_next(in->m, SLICE("PID"), pid + 1) : HL7_NONE;
    size_t orc = HL7_NONE, seen = 0;
    struct event shared = hl7_event(in, EVENT_ORDER, PHASE_STARTS);
    for (size_t i = next_order(in, 1); i < end;) {
        struct order o = order_at(in, i);
        /* A further PID begins the earlier results of an OML^O21: an OBR without ORC there orders nothing. */
        bool earlier = prior < i && o.orc == HL7_NONE;
        if (o.orc != HL7_NONE)
            orc = o.orc;
        o.orc = orc; /* several details under one ORC */
        seen++;
        if (!earlier && !read_order(in, &shared, &o))
            return false;
        i = o.to;
    }
    in->draft.out->context_only = in->draft.out->event_count == 0;
    if (seen == 0)
        return error_at(in->err, ERROR_MISSING, "ORC", "an order message without ORC and OBR");
    return true;
}
