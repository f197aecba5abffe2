/* Appointments: SIU S12 to S24 and S26 (HL7 v2 chapter 10). */
#include "events/from_hl7_plan.h"

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

/* SCH-25 (table 0278) says more than a trigger that only says "booked", "re-timed" or "changed". */
static enum event_phase refined(struct hl7_in *in, size_t sch, enum event_phase phase)
{
    static const struct {
        const char *word;
        enum event_phase phase;
    } table[] = {
        { "Cancelled", PHASE_CANCELLED },       { "Canceled", PHASE_CANCELLED },
        { "Dc", PHASE_DISCONTINUED },           { "Deleted", PHASE_DELETED },
        { "Discontinued", PHASE_DISCONTINUED }, { "Noshow", PHASE_NO_SHOW },
        { "No show", PHASE_NO_SHOW },           { "No-show", PHASE_NO_SHOW },
        { "Blocked", PHASE_BLOCKED },
    };
    if (phase != PHASE_BOOKED && phase != PHASE_RESCHEDULED && phase != PHASE_CHANGED)
        return phase;
    for (uint32_t component = 1; component <= 2; component++)
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
            if (slice_eq_nocase(hl7_part(in, sch, 25, component), slice_of(table[i].word)))
                return table[i].phase;
    return phase;
}

/* SCH-11.4 (to version 2.4), TQ1-7 (from 2.5). */
static int64_t booked_start(struct hl7_in *in, size_t sch)
{
    int64_t t = hl7_instant(in, sch, 11, 4);
    return t != TIME_NONE ? t : hl7_instant(in, hl7_segment_find(in->m, SLICE("TQ1"), 1), 7, 1);
}

/* Where each kind of resource segment has its parts. */
static const struct resource_kind {
    const char *segment;
    uint32_t what, start; /* field of the resource; of the start, then offset, offset unit */
} kinds[] = { { "AIS", 3, 4 }, { "AIG", 3, 8 }, { "AIL", 3, 6 }, { "AIP", 3, 6 } };

struct resource {
    const struct resource_kind *kind;
    size_t segment;
    char action; /* AIx-2, table 0206: A D U X, or 0 */
    int64_t start_us;
};

/* An offset counts from the start of the appointment; minutes where no unit is named. */
static int64_t offset_us(struct hl7_in *in, size_t segment, uint32_t field)
{
    static const struct {
        char letter;
        int64_t us;
    } scales[] = { { 's', TIME_S }, { 'm', TIME_MIN }, { 'h', TIME_HOUR }, { 'd', TIME_DAY } };
    struct slice unit = hl7_part(in, segment, field + 1, 1);
    int64_t n, us = TIME_MIN;
    if (!slice_to_i64(hl7_part(in, segment, field, 1), &n) || n < -100000 || n > 100000)
        return 0;
    for (size_t i = 0; unit.len > 0 && i < sizeof scales / sizeof scales[0]; i++)
        if ((unit.ptr[0] | 0x20) == scales[i].letter)
            us = scales[i].us;
    return n * us;
}

static bool resource_at(struct hl7_in *in, size_t segment, int64_t booked_us, struct resource *out)
{
    struct slice name = hl7_segment_name(in->m, segment);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!slice_is(name, kinds[i].segment))
            continue;
        struct slice action = hl7_part(in, segment, 2, 1);
        *out = (struct resource){ &kinds[i], segment, action.len > 0 ? (char)(action.ptr[0] & ~0x20) : '\0',
                                  hl7_instant(in, segment, kinds[i].start, 1) };
        if (out->start_us == TIME_NONE && booked_us != TIME_NONE)
            out->start_us = booked_us + offset_us(in, segment, kinds[i].start + 1);
        return true;
    }
    return false;
}

static bool is_gone(const struct resource *r)
{
    return r->action == 'D' || r->action == 'X';
}

/* What a resource says of its appointment: where, with whom. */
static void take_resource(struct hl7_in *in, struct event *e, const struct resource *r)
{
    bool place = slice_is(slice_of(r->kind->segment), "AIL"),
         person = slice_is(slice_of(r->kind->segment), "AIP");
    if (place && is_gone(r))
        e->prior = hl7_location(in, r->segment, 3);
    else if (place && e->clinic.len == 0) {
        e->place = hl7_location(in, r->segment, 3);
        e->clinic = e->place.unit;
    }
    if (person && !is_gone(r) && e->ordering_provider.id.len + e->ordering_provider.name.len == 0)
        e->ordering_provider = hl7_person(in, r->segment, 3);
}

/* The resources of all RGS groups in order: the first place and person that stay decide, and the earliest
 * start where the appointment itself names none. */
static void take_resources(struct hl7_in *in, struct event *e)
{
    int64_t booked = e->start_us;
    struct resource r;
    for (size_t i = 1; i < hl7_message_segments(in->m); i++) {
        if (!resource_at(in, i, booked, &r))
            continue;
        take_resource(in, e, &r);
        if (booked == TIME_NONE && !is_gone(&r) && r.start_us != TIME_NONE &&
            (e->start_us == TIME_NONE || r.start_us < e->start_us))
            e->start_us = r.start_us;
    }
    if (e->clinic.len == 0)
        e->clinic = e->place.unit;
}

static void name_appointment(struct hl7_in *in, struct event *e, size_t sch)
{
    static const uint32_t fields[] = { 7, 8, 6 };
    for (size_t i = 0; i < 3; i++) {
        if (hl7_part(in, sch, fields[i], 1).len + hl7_part(in, sch, fields[i], 2).len == 0)
            continue;
        hl7_name_plan(in, e, sch, fields[i]);
        return;
    }
    hl7_name_plan(in, e, hl7_segment_find(in->m, SLICE("AIS"), 1), 3);
    if (e->title.len == 0)
        e->title = SLICE("Appointment");
}

static struct slice appointment_identity(struct hl7_in *in, size_t sch, const struct event *e)
{
    struct slice id = hl7_part(in, sch, 2, 1);
    if (id.len == 0)
        id = hl7_part(in, sch, 1, 1);
    const struct slice parts[] = { SLICE("appointment"), id, id.len > 0 ? SLICE("") : e->patient.id };
    return draft_identity(&in->draft, in->sender, parts, 3);
}

/* Of one resource of it: what is told about a room or a person is taken back with that one. */
static struct slice resource_identity(struct hl7_in *in, const struct event *whole, const struct resource *r)
{
    struct slice parts[] = { slice_of(r->kind->segment), hl7_part_at(in, r->segment, r->kind->what, 1, 1, 1),
                             hl7_part_at(in, r->segment, r->kind->what, 1, 2, 1),
                             hl7_part_at(in, r->segment, r->kind->what, 1, 3, 1) };
    bool place = slice_is(parts[0], "AIL");
    if (parts[1].len == 0)
        parts[1] = hl7_part(in, r->segment, 1, 1);
    return draft_identity(&in->draft, whole->identity, parts, place ? 4 : 2);
}

static bool put_withdrawn(struct hl7_in *in, const struct event *e, struct slice identity)
{
    struct event gone = *e;
    gone.phase = PHASE_WITHDRAWN;
    gone.identity = identity;
    return draft_event(&in->draft, &gone, in->err);
}

/* What was told about the appointment stops first, and about its resources. */
static bool put_taken_back(struct hl7_in *in, const struct event *e)
{
    struct resource r;
    if (!put_withdrawn(in, e, e->identity))
        return false;
    for (size_t i = 1; i < hl7_message_segments(in->m); i++)
        if (resource_at(in, i, e->start_us, &r) && !put_withdrawn(in, e, resource_identity(in, e, &r)))
            return false;
    return true;
}

static bool is_of_resource(enum event_phase p)
{
    return p >= PHASE_RESOURCE_ADDED && p <= PHASE_RESOURCE_DELETED;
}

/* Does a resource with this action code belong to this trigger? One without a code always does. */
static bool fits_trigger(enum event_phase p, char action)
{
    switch (action) {
    case 'A':
        return p == PHASE_RESOURCE_ADDED;
    case 'U':
        return p == PHASE_RESOURCE_CHANGED;
    case 'D':
    case 'X':
        return p == PHASE_RESOURCE_CANCELLED || p == PHASE_RESOURCE_STOPPED || p == PHASE_RESOURCE_DELETED;
    default:
        return true;
    }
}

/* S18 to S22: an event for each resource that they are about. */
static bool read_resources(struct hl7_in *in, const struct event *whole)
{
    size_t before = in->draft.out->event_count;
    bool over = whole->phase == PHASE_RESOURCE_CANCELLED || whole->phase == PHASE_RESOURCE_DELETED;
    struct resource r;
    for (size_t i = 1; i < hl7_message_segments(in->m); i++) {
        if (!resource_at(in, i, whole->start_us, &r) || !fits_trigger(whole->phase, r.action))
            continue;
        struct event e = *whole;
        e.start_us = r.start_us;
        e.clinic = (struct slice){ NULL, 0 };
        e.ordering_provider = (struct person_ref){ { NULL, 0 }, { NULL, 0 } };
        r.action = '\0'; /* a cancelled room is what this event is about */
        take_resource(in, &e, &r);
        if (e.clinic.len == 0)
            e.clinic = whole->clinic;
        e.identity = resource_identity(in, whole, &r);
        if ((over && !put_withdrawn(in, &e, e.identity)) || !draft_event(&in->draft, &e, in->err))
            return false;
    }
    return in->draft.out->event_count > before || draft_event(&in->draft, whole, in->err);
}

bool hl7_read_appointment(struct hl7_in *in, struct slice trigger)
{
    enum event_phase phase;
    size_t sch = hl7_segment_find(in->m, SLICE("SCH"), 1);
    if (slice_eq_nocase(trigger, SLICE("S25")))
        return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2",
                        "S25 is a query about schedules: it is not read");
    if (!appointment_phase(trigger, &phase))
        return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2", "this scheduling message is not read");
    if (sch == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "SCH", "a scheduling message without SCH");
    struct event e = hl7_event(in, EVENT_APPOINTMENT, refined(in, sch, phase));
    name_appointment(in, &e, sch);
    e.start_us = booked_start(in, sch);
    take_resources(in, &e);
    e.identity = appointment_identity(in, sch, &e);
    if (is_of_resource(e.phase))
        return read_resources(in, &e);
    if ((e.phase == PHASE_CANCELLED || e.phase == PHASE_DELETED) && !put_taken_back(in, &e))
        return false;
    if (e.phase == PHASE_UNBLOCKED && !put_withdrawn(in, &e, e.identity)) /* what said "blocked" is over */
        return false;
    return draft_event(&in->draft, &e, in->err);
}
