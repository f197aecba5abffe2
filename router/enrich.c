/* What the census adds to an event: place before patient (LANGUAGE 3). */
#include "router/state.h"

#include <string.h>

static bool follows_patient(enum event_kind k)
{
    return k == EVENT_RESULT || k == EVENT_ORDER || k == EVENT_APPOINTMENT;
}

static void take_text(struct slice *to, struct slice from)
{
    if (to->len == 0)
        *to = from;
}

/* The census knows of the patient what this message left out. */
static void take_patient(struct core *c, struct event *e, const struct census_row *row)
{
    struct patient *p = &e->patient;
    size_t count;

    p->id = row->patient.id;
    take_text(&p->family, row->patient.family);
    take_text(&p->given, row->patient.given);
    take_text(&p->birth, row->patient.birth);
    take_text(&p->class, row->patient.class);
    take_text(&p->service, row->patient.service);
    if (p->attending.id.len == 0)
        p->attending = (struct person_ref){ row->patient.attending_id, row->patient.attending_name };
    const struct slice *flags = texts_read(c->scratch, row->patient.flags, &count);
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t k = 0; k < p->flag_count && !there; k++)
            there = slice_eq(p->flags[k], flags[i]);
        if (!there && p->flag_count < sizeof p->flags / sizeof p->flags[0])
            p->flags[p->flag_count++] = flags[i];
    }
}

static struct place place_of_row(const struct census_row *row)
{
    return (struct place){ row->patient.unit, row->patient.room, row->patient.bed };
}

/* The bed named in the message decides, then the device's, then the patient's. */
static void find_place(struct core *c, struct event *e, const struct census_row *patient)
{
    const struct record_device_place *d = census_device(&c->census, e->device_id);

    if (follows_patient(e->kind)) {
        if (patient != NULL && patient->patient.here && patient->patient.unit.len > 0)
            e->place = place_of_row(patient);
        return;
    }
    if (e->place.bed.len > 0)
        return;
    if (d != NULL && (e->place.unit.len == 0 || slice_eq(e->place.unit, d->unit)))
        e->place = (struct place){ d->unit, d->room, d->bed };
    else if (patient != NULL && patient->patient.here &&
             (e->place.unit.len == 0 || slice_eq(e->place.unit, patient->patient.unit)))
        e->place = place_of_row(patient);
}

static bool lies_here(const struct occupants *bed, struct slice patient)
{
    for (size_t i = 0; i < bed->count; i++)
        if (slice_eq(bed->rows[i]->patient.id, patient))
            return true;
    return false;
}

/* Route by bed and hide the name: whose alarm it is, is in doubt. */
static void mark_mismatch(struct core *c, struct event *e, struct message_context *m)
{
    struct record r = { .type = RECORD_FINDING };

    e->identity_mismatch = true;
    e->patient = (struct patient){ .flag_count = 0 };
    r.as.finding =
        (struct record_finding){ SLICE("identity-mismatch"), e->place.bed, e->place.unit, m->position };
    core_emit(c, &r);
}

static void find_patient(struct core *c, struct event *e, struct message_context *m)
{
    const struct occupants *bed =
        follows_patient(e->kind) ? NULL : census_bed(&c->census, e->place.unit, e->place.bed);
    const struct census_row *row;

    if (bed != NULL && e->patient.id.len > 0 && !lies_here(bed, e->patient.id)) {
        mark_mismatch(c, e, m);
        return;
    }
    if (bed != NULL && e->patient.id.len == 0 && bed->count == 1)
        row = bed->rows[0];
    else
        row = census_patient(&c->census, e->patient.id);
    if (row != NULL)
        take_patient(c, e, row);
}

/* Where a bedside device is seen with its bed, so that a later message without one finds it. */
static void remember_device(struct core *c, const struct event *e)
{
    const struct record_device_place *d = census_device(&c->census, e->device_id);
    struct record r = { .type = RECORD_DEVICE_PLACE };

    if (e->device_id.len == 0 || e->place.bed.len == 0 ||
        (d != NULL && slice_eq(d->unit, e->place.unit) && slice_eq(d->bed, e->place.bed)))
        return;
    r.as.device_place =
        (struct record_device_place){ e->device_id, e->place.unit, e->place.room, e->place.bed };
    core_emit(c, &r);
}

struct event *enrich_event(struct core *c, const struct event *e, struct message_context *m)
{
    struct event *full = arena_alloc(c->scratch, sizeof *full);

    *full = *e;
    if (e->kind == EVENT_ALARM || e->kind == EVENT_CALL)
        remember_device(c, e);
    if (e->kind != EVENT_TRANSFER && e->kind != EVENT_TRANSPORT) {
        find_place(c, full, census_patient(&c->census, e->patient.id));
        find_patient(c, full, m);
    } else if (census_patient(&c->census, e->patient.id) != NULL) {
        take_patient(c, full, census_patient(&c->census, e->patient.id));
    }
    return full;
}
