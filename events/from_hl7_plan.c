/* Appointments (SIU, HL7 v2 chapter 10) and orders (ORM, OMG, OML, chapter 4). */
#include "events/from_hl7.h"

static bool appointment_phase(struct slice trigger, enum event_phase *out)
{
    static const struct {
        const char *trigger;
        enum event_phase phase;
    } table[] = {
        { "S12", PHASE_BOOKED },
        { "S13", PHASE_RESCHEDULED },
        { "S14", PHASE_CHANGED },
        { "S15", PHASE_CANCELLED },
        { "S16", PHASE_DISCONTINUED },
        { "S17", PHASE_DELETED },
        { "S18", PHASE_RESOURCE_ADDED },
        { "S19", PHASE_RESOURCE_CHANGED },
        { "S20", PHASE_RESOURCE_CANCELLED },
        { "S21", PHASE_RESOURCE_STOPPED },
        { "S22", PHASE_RESOURCE_DELETED },
        { "S23", PHASE_BLOCKED },
        { "S24", PHASE_UNBLOCKED },
        { "S26", PHASE_NO_SHOW },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (slice_eq_nocase(trigger, slice_of(table[i].trigger))) {
            *out = table[i].phase;
            return true;
        }
    }
    return false;
}

/* The start stands in one of many places, by version and by sender. */
static int64_t start_of(struct hl7_in *in)
{
    static const struct {
        const char *segment;
        uint32_t field, component;
    } places[] = { { "SCH", 11, 4 }, { "TQ1", 7, 1 }, { "AIS", 4, 1 },
                   { "AIL", 6, 1 },  { "AIP", 6, 1 }, { "AIG", 8, 1 } };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int64_t t = hl7_instant(in, hl7_segment_find(in->m, slice_of(places[i].segment), 1), places[i].field,
                                places[i].component);
        if (t != TIME_NONE)
            return t;
    }
    return TIME_NONE;
}

/* The name that a catalogue row gives; rules for appointments and orders seldom ask for it, so that an
 * unlisted one is no reason to send it to the default. */
static void name_it(struct hl7_in *in, struct event *e, size_t segment, uint32_t field)
{
    struct sent_code sent = { .system = hl7_part(in, segment, field, 3),
                              .code = hl7_part(in, segment, field, 1),
                              .text = hl7_part(in, segment, field, 2) };
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

static struct slice appointment_identity(struct hl7_in *in, size_t sch, const struct event *e)
{
    struct slice id = hl7_part(in, sch, 2, 1);
    if (id.len == 0)
        id = hl7_part(in, sch, 1, 1);
    const struct slice parts[] = { SLICE("appointment"), id, id.len > 0 ? SLICE("") : e->patient.id };
    return draft_identity(&in->draft, in->sender, parts, 3);
}

bool hl7_read_appointment(struct hl7_in *in, struct slice trigger)
{
    enum event_phase phase;
    size_t sch = hl7_segment_find(in->m, SLICE("SCH"), 1), ail = hl7_segment_find(in->m, SLICE("AIL"), 1);
    if (!appointment_phase(trigger, &phase))
        return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2", "this scheduling message is not read");
    if (sch == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "SCH", "a scheduling message without SCH");
    struct event e = hl7_event(in, EVENT_APPOINTMENT, phase);
    name_it(in, &e, sch, hl7_part(in, sch, 7, 1).len + hl7_part(in, sch, 7, 2).len > 0 ? 7 : 8);
    if (e.title.len == 0)
        e.title = SLICE("Appointment");
    e.start_us = start_of(in);
    if (ail != HL7_NONE)
        e.place = hl7_location(in, ail, 3);
    e.clinic = e.place.unit;
    e.identity = appointment_identity(in, sch, &e);
    if (phase == PHASE_CANCELLED || phase == PHASE_DELETED) { /* what was told about it before stops first */
        struct event gone = e;
        gone.phase = PHASE_WITHDRAWN;
        if (!draft_event(&in->draft, &gone, in->err))
            return false;
    }
    return draft_event(&in->draft, &e, in->err);
}

static bool is_cancelled(struct slice control)
{
    static const char *const codes[] = { "CA", "OC", "CR", "DC", "OD", "DR" };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (slice_is(control, codes[i]))
            return true;
    return false;
}

static struct slice order_identity(struct hl7_in *in, size_t orc, size_t obr)
{
    const struct slice ids[] = { hl7_part(in, orc, 2, 1), hl7_part(in, obr, 2, 1), hl7_part(in, orc, 3, 1),
                                 hl7_part(in, obr, 3, 1) };
    struct slice parts[] = { SLICE("order"), { NULL, 0 }, hl7_part(in, obr, 4, 1) };
    for (size_t i = 0; i < 4 && parts[1].len == 0; i++)
        parts[1] = ids[i];
    return draft_identity(&in->draft, in->sender, parts, 3);
}

/* One ORC with the OBR that follows it. */
static bool read_order(struct hl7_in *in, const struct event *shared, size_t orc, size_t obr, size_t to)
{
    struct event e = *shared;
    size_t from = orc != HL7_NONE ? orc : obr;
    if (orc != HL7_NONE && is_cancelled(hl7_part(in, orc, 1, 1)))
        e.phase = PHASE_WITHDRAWN;
    e.priority = hl7_order_priority(in, from, to);
    name_it(in, &e, obr, 4);
    if (e.title.len == 0)
        e.title = SLICE("Order");
    if (e.code.len == 0)
        e.class = class_of_priority(e.priority, CLASS_INFO);
    e.ordering_provider = hl7_person(in, orc, 12);
    if (e.ordering_provider.id.len + e.ordering_provider.name.len == 0)
        e.ordering_provider = hl7_person(in, obr, 16);
    e.identity = order_identity(in, orc, obr);
    int64_t t = hl7_instant(in, orc, 9, 1);
    if (t != TIME_NONE)
        e.time_us = t;
    return draft_event(&in->draft, &e, in->err);
}

bool hl7_read_orders(struct hl7_in *in)
{
    size_t end = hl7_message_segments(in->m), orc = HL7_NONE;
    struct event shared = hl7_event(in, EVENT_ORDER, PHASE_STARTS);
    for (size_t i = 1; i < end; i++) {
        struct slice name = hl7_segment_name(in->m, i);
        bool is_orc = slice_is(name, "ORC");
        if (!is_orc && !slice_is(name, "OBR"))
            continue;
        size_t next_orc = hl7_within(in, "ORC", i + 1, end), to = next_orc != HL7_NONE ? next_orc : end;
        size_t obr = is_orc ? hl7_within(in, "OBR", i, to) : i;
        if (is_orc)
            orc = i;
        if (is_orc && obr != HL7_NONE) /* the OBR itself will be read with it */
            continue;
        if (!read_order(in, &shared, orc, obr, to))
            return false;
    }
    if (in->draft.out->event_count == 0)
        return error_at(in->err, ERROR_MISSING, "ORC", "an order message without ORC and OBR");
    return true;
}
