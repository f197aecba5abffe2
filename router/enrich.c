/* What the census adds to an event: place before patient (LANGUAGE 3). */
#include "router/state.h"

#include <string.h>

bool event_follows_patient(enum event_kind k)
{
    return k == EVENT_RESULT || k == EVENT_ORDER || k == EVENT_APPOINTMENT;
}

static void add_flag(struct patient *p, struct slice flag)
{
    for (size_t i = 0; i < p->flag_count; i++)
        if (slice_eq(p->flags[i], flag))
            return;
    if (p->flag_count < sizeof p->flags / sizeof p->flags[0])
        p->flags[p->flag_count++] = flag;
}

/* What the census knows of the stay is a flag as well, for rules and people to see. */
static void stay_flags(struct patient *p, const struct record_patient *row)
{
    static const char *const pending[][2] = { { "admission", "pending-admission" },
                                              { "transfer", "pending-transfer" },
                                              { "discharge", "pending-discharge" } };

    if (row->away)
        add_flag(p, SLICE("on-leave"));
    if (row->here && row->temporary_unit.len + row->temporary_bed.len > 0)
        add_flag(p, SLICE("off-unit"));
    for (size_t i = 0; i < sizeof pending / sizeof pending[0]; i++)
        if (slice_is(row->pending, pending[i][0]))
            add_flag(p, slice_of(pending[i][1]));
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
    for (size_t i = 0; i < count; i++)
        add_flag(p, flags[i]);
    stay_flags(p, &row->patient);
}

static struct place place_of_row(const struct census_row *row)
{
    return (struct place){ row->patient.unit, row->patient.room, row->patient.bed };
}

/* The bed named in the message decides, then the device's, then the patient's. */
static void find_place(struct core *c, struct event *e, const struct census_row *patient)
{
    const struct record_device_place *d = census_device(&c->census, e->device_id);

    if (event_follows_patient(e->kind)) {
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
    else if (patient != NULL && patient->patient.here &&
             slice_eq(e->place.unit, patient->patient.temporary_unit))
        e->place = (struct place){ patient->patient.temporary_unit, patient->patient.temporary_room,
                                   patient->patient.temporary_bed };
}

static bool lies_here(const struct occupants *bed, struct slice patient)
{
    for (size_t i = 0; i < bed->count; i++)
        if (slice_eq(bed->rows[i]->patient.id, patient))
            return true;
    return false;
}

/* Whose alarm it is when it names nobody: of the only one who lies there. Who is on leave keeps the bed, but
 * an alarm there is not theirs. */
static const struct census_row *only_one_there(const struct occupants *bed)
{
    const struct census_row *one = NULL;

    for (size_t i = 0; i < bed->count; i++) {
        if (bed->rows[i]->patient.away)
            continue;
        if (one != NULL)
            return NULL;
        one = bed->rows[i];
    }
    return one;
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
        event_follows_patient(e->kind) ? NULL : census_bed(&c->census, e->place.unit, e->place.bed);
    const struct census_row *row;

    if (bed != NULL && e->patient.id.len > 0 && !lies_here(bed, e->patient.id)) {
        mark_mismatch(c, e, m);
        return;
    }
    if (bed != NULL && e->patient.id.len == 0)
        row = only_one_there(bed);
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

/* A transfer is known by its patient: also under the id that was merged away since. */
static void same_transfer(struct core *c, struct event *e)
{
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open)
        if (a->kind == EVENT_TRANSFER && e->patient.id.len > 0 && slice_eq(a->patient, e->patient.id) &&
            slice_eq(alert_event(c, a)->sender, e->sender))
            e->identity = a->identity;
}

struct event *enrich_event(struct core *c, const struct event *e, struct message_context *m)
{
    struct event *full = arena_alloc(c->scratch, sizeof *full);

    *full = *e;
    full->patient.id = arena_copy(c->scratch, census_survivor(&c->census, e->patient.id));
    e = full;
    if (e->kind == EVENT_ALARM || e->kind == EVENT_CALL)
        remember_device(c, e);
    if (e->kind != EVENT_TRANSFER && e->kind != EVENT_TRANSPORT) {
        find_place(c, full, census_patient(&c->census, e->patient.id));
        find_patient(c, full, m);
    } else if (census_patient(&c->census, e->patient.id) != NULL) {
        take_patient(c, full, census_patient(&c->census, e->patient.id));
    }
    if (e->kind == EVENT_TRANSFER)
        same_transfer(c, full);
    return full;
}
