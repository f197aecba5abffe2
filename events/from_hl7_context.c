#include "events/from_hl7.h"

struct slice hl7_part_at(struct hl7_in *in, size_t segment, uint32_t field, uint32_t repetition,
                         uint32_t component, uint32_t sub)
{
    return code_trim(hl7_value(in->m, in->draft.arena, segment, field, repetition, component, sub));
}

struct slice hl7_part(struct hl7_in *in, size_t segment, uint32_t field, uint32_t component)
{
    return hl7_part_at(in, segment, field, 1, component, 0);
}

/* A time without a zone has MSH-7's, else the listener's (STANDARDS section 3.2). */
int64_t hl7_instant_of(const struct hl7_in *in, struct slice text)
{
    struct hl7_dtm t;
    const struct tz *zone = in->draft.src->zone;
    if (!hl7_dtm_parse(text, in->has_offset ? in->offset_min : 0, &t))
        return TIME_NONE;
    if (t.has_zone || in->has_offset || zone == NULL)
        return t.instant_us;
    return tz_from_civil(zone, time_to_civil(t.instant_us), TZ_FIRST);
}

int64_t hl7_instant(struct hl7_in *in, size_t segment, uint32_t field, uint32_t component)
{
    return hl7_instant_of(in, hl7_part(in, segment, field, component));
}

const char *hl7_where(struct hl7_in *in, size_t segment, uint32_t field)
{
    char *text = arena_alloc(in->draft.arena, HL7_PLACE);
    return hl7_place(in->m, segment, field, 0, text);
}

struct person_ref hl7_person(struct hl7_in *in, size_t segment, uint32_t field)
{
    struct slice family = hl7_part_at(in, segment, field, 1, 2, 1), given = hl7_part(in, segment, field, 3);
    return (struct person_ref){ hl7_part(in, segment, field, 1), draft_name(&in->draft, given, family) };
}

/* PV1-3 with the next segment's name glued to its end ("..^12OBR|1|.."): the name is not the bed's. */
static struct slice unglued(struct hl7_in *in, size_t segment, uint32_t field, struct slice bed)
{
    uint32_t last = hl7_repetitions(in->m, segment, field + 1) > 0 ? field + 1 : 0;
    if (slice_ends(bed, SLICE("OBR")) && last > 0 && bed.len > 3)
        bed.len -= 3;
    return bed;
}

struct place hl7_location(struct hl7_in *in, size_t segment, uint32_t field)
{
    struct place sent = { hl7_part_at(in, segment, field, 1, 1, 1), hl7_part_at(in, segment, field, 1, 2, 1),
                          hl7_part_at(in, segment, field, 1, 3, 1) };
    struct slice *const last[] = { &sent.bed, &sent.room, &sent.unit };
    for (size_t i = 0; i < 3; i++) {
        if (last[i]->len > 0) {
            *last[i] = unglued(in, segment, field, *last[i]);
            break;
        }
    }
    if (sent.unit.len + sent.room.len + sent.bed.len == 0)
        return sent;
    return draft_place(&in->draft, sent, hl7_where(in, segment, field));
}

/* How well a CX repetition fits what the listener asked for; a medical record number is the habit. */
static unsigned key_fit(struct hl7_in *in, size_t segment, uint32_t field, uint32_t rep)
{
    const struct event_source *src = in->draft.src;
    struct slice authority = hl7_part_at(in, segment, field, rep, 4, 1),
                 type = hl7_part_at(in, segment, field, rep, 5, 0);
    unsigned fit = hl7_part_at(in, segment, field, rep, 1, 0).len > 0 ? 1 : 0;
    if (fit == 0)
        return 0;
    if (src->patient_authority.len > 0 && slice_eq_nocase(authority, src->patient_authority))
        fit += 8;
    if (src->patient_type.len > 0 && slice_eq_nocase(type, src->patient_type))
        fit += 4;
    return fit + (slice_is(type, "MR") ? 1 : 0);
}

struct slice hl7_patient_key(struct hl7_in *in, size_t segment, uint32_t field)
{
    uint32_t best = 0;
    unsigned best_fit = 0;
    for (uint32_t rep = 1; rep <= hl7_repetitions(in->m, segment, field); rep++) {
        unsigned fit = key_fit(in, segment, field, rep);
        if (fit > best_fit) {
            best = rep;
            best_fit = fit;
        }
    }
    if (best == 0)
        return (struct slice){ NULL, 0 };
    struct slice authority = hl7_part_at(in, segment, field, best, 4, 1);
    if (in->draft.src->patient_authority.len > 0 && best_fit < 8)
        draft_finding(&in->draft, "patient-authority", hl7_where(in, segment, field), authority);
    return draft_patient_id(&in->draft, authority, hl7_part_at(in, segment, field, best, 1, 0));
}

struct slice hl7_patient_of(struct hl7_in *in, size_t pid)
{
    static const uint32_t fields[] = { 3, 2, 4 };
    struct slice id = { NULL, 0 };
    for (size_t i = 0; id.len == 0 && i < sizeof fields / sizeof fields[0]; i++)
        id = hl7_patient_key(in, pid, fields[i]);
    return id;
}

static struct slice patient_class(struct slice sent)
{
    static const char *const classes[][2] = { { "I", "inpatient" }, { "O", "outpatient" },
                                              { "E", "emergency" }, { "P", "preadmit" },
                                              { "R", "recurring" }, { "B", "obstetrics" } };
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (slice_is(sent, classes[i][0]))
            return slice_of(classes[i][1]);
    return sent.len > 0 ? SLICE("other") : sent;
}

struct patient hl7_patient(struct hl7_in *in, size_t pid, size_t pv1)
{
    struct patient p = { .id = hl7_patient_of(in, pid) };
    p.family = hl7_part_at(in, pid, 5, 1, 1, 1);
    p.given = hl7_part(in, pid, 5, 2);
    p.birth = slice_sub(hl7_part(in, pid, 7, 1), 0, 8);
    p.class = patient_class(hl7_part(in, pv1, 2, 1));
    p.service = hl7_part(in, pv1, 10, 1);
    p.attending = hl7_person(in, pv1, 7);
    return p;
}

size_t hl7_within(const struct hl7_in *in, const char *name, size_t from, size_t to)
{
    size_t end = to < hl7_message_segments(in->m) ? to : hl7_message_segments(in->m);
    for (size_t i = from; i < end; i++)
        if (slice_is(hl7_segment_name(in->m, i), name))
            return i;
    return HL7_NONE;
}

enum event_priority hl7_order_priority(struct hl7_in *in, size_t from, size_t to)
{
    static const struct {
        const char *segment;
        uint32_t field, component;
    } places[] = { { "OBR", 27, 6 }, { "OBR", 5, 1 }, { "TQ1", 9, 1 }, { "ORC", 7, 6 } };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        enum event_priority p;
        size_t segment = hl7_within(in, places[i].segment, from, to);
        if (priority_of_word(hl7_part(in, segment, places[i].field, places[i].component), &p))
            return p;
    }
    return PRIORITY_NONE;
}

struct event hl7_event_of(struct hl7_in *in, enum event_kind kind, enum event_phase phase, size_t pid,
                          size_t pv1)
{
    struct event e = event_empty(kind, phase);
    e.listener = in->draft.src->listener;
    e.sender = in->sender;
    e.test = in->test;
    e.time_us = in->message_us;
    e.patient = hl7_patient(in, pid, pv1);
    e.place = hl7_location(in, pv1, 3);
    return e;
}

struct event hl7_event(struct hl7_in *in, enum event_kind kind, enum event_phase phase)
{
    return hl7_event_of(in, kind, phase, hl7_segment_find(in->m, SLICE("PID"), 1),
                        hl7_segment_find(in->m, SLICE("PV1"), 1));
}
