/* Encounter: where the patient is. Appointment: what is planned. */
#include "events/from_fhir.h"

/* The statuses of R4 and R5 together. */
enum visit { VISIT_PLANNED, VISIT_HERE, VISIT_OVER, VISIT_VOID };

static enum visit visit_of(struct slice status)
{
    static const struct {
        const char *status;
        enum visit visit;
    } table[] = {
        { "arrived", VISIT_HERE },   { "triaged", VISIT_HERE },          { "in-progress", VISIT_HERE },
        { "onleave", VISIT_HERE },   { "on-hold", VISIT_HERE },          { "finished", VISIT_OVER },
        { "completed", VISIT_OVER }, { "discharged", VISIT_OVER },       { "discontinued", VISIT_OVER },
        { "cancelled", VISIT_VOID }, { "entered-in-error", VISIT_VOID },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (slice_is(status, table[i].status))
            return table[i].visit;
    return VISIT_PLANNED;
}

static int64_t period_of(const struct fhir_in *in, uint32_t encounter, const char *r4, const char *r5)
{
    int64_t t = in_instant(in, encounter, r4);
    if (t == TIME_NONE)
        t = in_instant(in, encounter, r5);
    return t == TIME_NONE ? in_instant(in, encounter, "meta.lastUpdated") : t;
}

static bool is_placed(const struct place *p)
{
    return p->unit.len + p->bed.len > 0;
}

/* As A02 gives in HL7 v2: the same identity, so that either may follow the other. */
static bool transfer_event(struct fhir_in *in, uint32_t encounter, const struct change *c)
{
    struct event e = in_event(in, encounter, EVENT_TRANSFER, PHASE_STARTS);
    const struct slice parts[] = { SLICE("transfer"), c->patient.id };
    e.mapped = true;
    e.title = SLICE("Transfer");
    e.patient = c->patient;
    e.place = c->place;
    e.prior = c->prior;
    e.time_us = c->occurred_us;
    e.identity = draft_identity(&in->draft, e.sender, parts, 2);
    return draft_event(&in->draft, &e, in->err);
}

bool fhir_read_encounter(struct fhir_in *in, uint32_t encounter)
{
    enum visit visit = visit_of(in_get(in, encounter, "status"));
    struct change c = { .kind = CHANGE_UPDATE };
    uint32_t active;
    if (visit == VISIT_PLANNED)
        return true;
    c.patient = in_patient(in, fhir_child(in->t, encounter, "subject"), encounter);
    if (c.patient.id.len == 0)
        return error_at(in->err, ERROR_MISSING, in_where(in, encounter),
                        "an Encounter needs a patient as its subject");
    c.place = in_encounter_place(in, encounter, &c.prior, &active);
    c.occurred_us = period_of(in, encounter, "period.start", "actualPeriod.start");
    if (visit == VISIT_OVER) {
        c.kind = CHANGE_DISCHARGE;
        c.occurred_us = period_of(in, encounter, "period.end", "actualPeriod.end");
    } else if (visit == VISIT_VOID) {
        c.kind = CHANGE_CANCEL_ADMIT;
    } else if (is_placed(&c.place)) {
        int64_t since = in_instant(in, active, "period.start");
        c.kind = is_placed(&c.prior) ? CHANGE_MOVE : CHANGE_ADMIT;
        c.occurred_us = since != TIME_NONE ? since : c.occurred_us;
    }
    return draft_change(&in->draft, &c, in->err) &&
           (c.kind != CHANGE_MOVE || transfer_event(in, encounter, &c));
}

static enum event_phase appointment_phase(struct slice status)
{
    static const struct {
        const char *status;
        enum event_phase phase;
    } table[] = {
        { "booked", PHASE_BOOKED },
        { "noshow", PHASE_NO_SHOW },
        { "cancelled", PHASE_CANCELLED },
        { "entered-in-error", PHASE_DELETED },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (slice_is(status, table[i].status))
            return table[i].phase;
    return PHASE_CHANGED; /* pending, arrived, checked-in, fulfilled, waitlist: it stands otherwise than it
                             did */
}

/* Who and where stand among the participants. */
static void read_participants(struct fhir_in *in, uint32_t appointment, struct event *e)
{
    uint32_t list = fhir_child(in->t, appointment, "participant");
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++) {
        uint32_t actor = fhir_child(in->t, fhir_item(in->t, list, i), "actor");
        struct slice type = fhir_type(in->t, in_resolve(in, actor)), text = in_get(in, actor, "reference");
        if (e->patient.id.len == 0 && (slice_is(type, "Patient") || slice_starts(text, SLICE("Patient/"))))
            e->patient = in_patient(in, actor, FHIR_NONE);
        else if (!is_placed(&e->place) &&
                 (slice_is(type, "Location") || slice_starts(text, SLICE("Location/"))))
            e->place = in_location(in, actor);
    }
}

static void name_appointment(struct fhir_in *in, uint32_t appointment, struct event *e)
{
    static const char *const places[] = { "appointmentType", "serviceType", "reasonCode" };
    struct sent_code c;
    e->mapped = true;
    e->title = SLICE("Appointment");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint32_t item = fhir_item(in->t, fhir_child(in->t, appointment, places[i]), 0);
        uint32_t concept = fhir_child(in->t, item, "concept");
        if (!in_coding(in, concept != FHIR_NONE ? concept : item, &c))
            continue;
        const struct catalogue_row *row = draft_row(&in->draft, &c);
        e->system = c.system;
        e->raw_code = c.code;
        e->raw_text = c.text;
        if (c.text.len > 0)
            e->title = c.text;
        if (row != NULL && row->kind == EVENT_APPOINTMENT)
            e->code = row->name;
        return;
    }
}

bool fhir_read_appointment(struct fhir_in *in, uint32_t appointment)
{
    struct slice status = in_get(in, appointment, "status");
    if (status.len == 0)
        return error_at(in->err, ERROR_MISSING, in_where(in, appointment), "an Appointment needs a status");
    if (slice_is(status, "proposed"))
        return true;
    struct event e = in_event(in, appointment, EVENT_APPOINTMENT, appointment_phase(status));
    name_appointment(in, appointment, &e);
    read_participants(in, appointment, &e);
    e.clinic = e.place.unit;
    e.start_us = in_instant(in, appointment, "start");
    e.time_us = in_instant(in, appointment, "meta.lastUpdated");
    if (e.time_us == TIME_NONE)
        e.time_us = in_instant(in, appointment, "created");
    e.identity = in_identity(in, appointment, &e);
    if (e.phase == PHASE_CANCELLED ||
        e.phase == PHASE_DELETED) { /* as S15 and S17: what was told stops first */
        struct event gone = e;
        gone.phase = PHASE_WITHDRAWN;
        if (!draft_event(&in->draft, &gone, in->err))
            return false;
    }
    return draft_event(&in->draft, &e, in->err);
}
