/* ORU^R01 and its like: one OBX, one event (LANGUAGE section 3; HL7 v2 chapter 7). */
#include "events/from_hl7.h"

#include <stdio.h>

/* What the OBX of one OBR share. */
struct order {
    size_t obr;          /* HL7_NONE: an OBX before any OBR */
    size_t from, to;     /* segments of the order, its ORC and TQ1 included */
    struct slice filler; /* OBR-3, else OBR-2 */
    struct person_ref provider;
    enum event_priority priority;
};

struct status {
    enum event_phase phase;
    const char *name;
    bool none; /* nothing was measured: no event */
};

/* HL7 table 0085. What is amended or was reported by mistake must reach those who saw it first. */
static struct status status_of(struct slice code)
{
    static const struct {
        const char *code;
        struct status status;
    } table[] = {
        { "F", { PHASE_FINAL, "final", false } },
        { "U", { PHASE_FINAL, "final", false } },
        { "V", { PHASE_FINAL, "final", false } },
        { "C", { PHASE_CORRECTED, "corrected", false } },
        { "A", { PHASE_CORRECTED, "corrected", false } },
        { "P", { PHASE_PRELIMINARY, "preliminary", false } },
        { "R", { PHASE_PRELIMINARY, "preliminary", false } },
        { "S", { PHASE_PRELIMINARY, "preliminary", false } },
        { "B", { PHASE_PRELIMINARY, "preliminary", false } },
        { "W", { PHASE_WITHDRAWN, "withdrawn", false } },
        { "D", { PHASE_WITHDRAWN, "withdrawn", false } },
        { "X", { PHASE_PRELIMINARY, "preliminary", true } },
        { "I", { PHASE_PRELIMINARY, "preliminary", true } },
        { "O", { PHASE_PRELIMINARY, "preliminary", true } },
        { "N", { PHASE_PRELIMINARY, "preliminary", true } },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (slice_eq_nocase(code, slice_of(table[i].code)))
            return table[i].status;
    return (struct status){ PHASE_FINAL, "final", false };
}

static struct status read_status(struct hl7_in *in, const struct order *o, size_t obx)
{
    struct slice own = hl7_part(in, obx, 11, 1);
    return status_of(own.len > 0 ? own : hl7_part(in, o->obr, 25, 1));
}

static struct sent_code read_code(struct hl7_in *in, size_t obx)
{
    struct sent_code c = { .system = hl7_part(in, obx, 3, 3),
                           .code = hl7_part(in, obx, 3, 1),
                           .text = hl7_part(in, obx, 3, 2) };
    struct sent_code other = { .code = hl7_part(in, obx, 3, 4) };
    if (other.code.len == 0)
        return c;
    other.system = hl7_part(in, obx, 3, 6);
    other.text = hl7_part(in, obx, 3, 5);
    if (c.code.len == 0 || (draft_row(&in->draft, &c) == NULL && draft_row(&in->draft, &other) != NULL))
        return other;
    return c;
}

static int64_t time_of(struct hl7_in *in, const struct order *o, size_t obx)
{
    int64_t own = hl7_instant(in, obx, 14, 1);
    int64_t reported = own == TIME_NONE ? hl7_instant(in, o->obr, 22, 1) : own;
    int64_t taken = reported == TIME_NONE ? hl7_instant(in, o->obr, 7, 1) : reported;
    return taken == TIME_NONE ? in->message_us : taken;
}

static void read_value(struct hl7_in *in, size_t obx, struct event *e)
{
    const struct catalogue_row *row = catalogue_named(in->draft.src->catalogue, e->code);
    struct slice row_unit = row != NULL ? row->unit : (struct slice){ NULL, 0 };
    struct slice unit = hl7_units(in, obx, 6);
    e->value = hl7_quantity(in, obx);
    e->threshold = quantity_parse(hl7_part(in, obx, 7, 1));
    if (e->value.state != QUANTITY_ABSENT && unit.len == 0 && row_unit.len > 0)
        draft_finding(&in->draft, "assumed-unit", hl7_where(in, obx, 6), e->raw_code);
    quantity_set_unit(&e->value, unit, row_unit);
    quantity_set_unit(&e->threshold, unit, row_unit);
}

static struct slice identity_of(struct hl7_in *in, const struct order *o, size_t obx, const struct event *e)
{
    const struct slice parts[] = { SLICE("result"), o->filler, o->filler.len > 0 ? SLICE("") : e->patient.id,
                                   e->raw_code, hl7_part(in, obx, 4, 1) };
    return draft_identity(&in->draft, in->sender, parts, sizeof parts / sizeof parts[0]);
}

/* `nth` is the number of this OBX in the message. */
static bool read_obx(struct hl7_in *in, const struct event *shared, const struct order *o, size_t obx,
                     uint32_t nth)
{
    struct status status = read_status(in, o, obx);
    struct event e = *shared;
    struct sent_code code = read_code(in, obx);
    if (status.none || (code.code.len == 0 && code.text.len == 0))
        return true;
    e.phase = status.phase;
    e.result_status = slice_of(status.name);
    e.priority = o->priority;
    e.ordering_provider = o->provider;
    e.time_us = time_of(in, o, obx);
    char where[HL7_PLACE];
    snprintf(where, sizeof where, "OBX[%u]-3", (unsigned)nth);
    draft_classify(&in->draft, &e, &code, where);
    for (uint32_t rep = 1; rep <= hl7_repetitions(in->m, obx, 8); rep++)
        e.abnormal = abnormal_worse(e.abnormal, hl7_part_at(in, obx, 8, rep, 1, 0));
    read_value(in, obx, &e);
    e.class = class_of_result(&e, e.mapped ? e.class : class_of_priority(e.priority, CLASS_LOW));
    e.identity = identity_of(in, o, obx, &e);
    e.part = nth;
    return draft_event(&in->draft, &e, in->err);
}

/* From `obr` (or the first OBX) up to the next OBR; an ORC just before belongs to it. */
static struct order read_order(struct hl7_in *in, size_t obr, size_t from, size_t to)
{
    struct order o = { .obr = obr, .from = from, .to = to };
    size_t orc = HL7_NONE;
    for (size_t i = obr; obr != HL7_NONE && i > 0 && orc == HL7_NONE; i--) {
        if (slice_is(hl7_segment_name(in->m, i), "ORC"))
            orc = i;
        else if (i != obr &&
                 (slice_is(hl7_segment_name(in->m, i), "OBR") || slice_is(hl7_segment_name(in->m, i), "OBX")))
            break;
    }
    if (orc != HL7_NONE)
        o.from = orc;
    const uint32_t ids[] = { 3, 2 };
    for (size_t i = 0; i < 2 && o.filler.len == 0; i++)
        o.filler = draft_entity(&in->draft, hl7_part(in, obr, ids[i], 1), hl7_part(in, obr, ids[i], 2),
                                hl7_part(in, obr, ids[i], 3));
    o.provider = hl7_person(in, obr, 16);
    if (o.provider.id.len + o.provider.name.len == 0)
        o.provider = hl7_person(in, orc, 12);
    o.priority = hl7_order_priority(in, o.from, to);
    return o;
}

bool hl7_read_results(struct hl7_in *in)
{
    size_t segments = hl7_message_segments(in->m);
    uint32_t obx_seen = 0;
    struct event shared = hl7_event(in, EVENT_RESULT, PHASE_FINAL);
    size_t obr = hl7_segment_find(in->m, SLICE("OBR"), 1);
    size_t first_obx = hl7_segment_find(in->m, SLICE("OBX"), 1);
    size_t at = first_obx < obr ? first_obx : obr;
    while (at < segments) {
        bool is_obr = slice_is(hl7_segment_name(in->m, at), "OBR");
        size_t next = hl7_segment_next(in->m, SLICE("OBR"), at + 1), to = next < segments ? next : segments;
        struct order o = read_order(in, is_obr ? at : HL7_NONE, at, to);
        for (size_t i = hl7_within(in, "OBX", at, to); i != HL7_NONE; i = hl7_within(in, "OBX", i + 1, to)) {
            if (!read_obx(in, &shared, &o, i, ++obx_seen))
                return false;
        }
        at = to;
    }
    in->draft.out->context_only = in->draft.out->event_count == 0;
    if (obx_seen == 0 && obr == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "OBX", "a result message without OBR and OBX");
    return true;
}
