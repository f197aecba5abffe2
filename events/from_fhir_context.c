#include "events/from_fhir.h"

#include "events/catalogue_add.h"
#include "events/mdc.h"

#include <string.h>

struct slice in_get(const struct fhir_in *in, uint32_t node, const char *dotted)
{
    return code_trim(fhir_get(in->t, node, dotted));
}

const char *in_where(struct fhir_in *in, uint32_t node)
{
    return fhir_where(in->t, node, arena_alloc(in->draft.arena, FHIR_WHERE));
}

/* A date without a time, or (against the standard) a time without a zone, is the listener's. */
static bool has_zone(struct slice s)
{
    size_t t = slice_find(s, 'T');
    struct slice time = slice_sub(s, t, s.len);
    return time.len > 0 && (slice_ends(time, SLICE("Z")) || slice_find(time, '+') < time.len ||
                            slice_find(time, '-') < time.len);
}

int64_t in_instant(const struct fhir_in *in, uint32_t node, const char *dotted)
{
    int64_t us;
    struct slice text = in_get(in, node, dotted);
    const struct tz *zone = in->draft.src->zone;
    if (!time_parse_iso(text, 0, &us))
        return TIME_NONE;
    return has_zone(text) || zone == NULL ? us : tz_from_civil(zone, time_to_civil(us), TZ_FIRST);
}

uint32_t in_resolve(const struct fhir_in *in, uint32_t reference)
{
    struct slice text = in_get(in, reference, "reference");
    return text.len > 0 ? fhir_resolve(in->t, reference, text) : FHIR_NONE;
}

struct person_ref in_person(struct fhir_in *in, uint32_t reference)
{
    struct person_ref p = { in_get(in, reference, "identifier.value"), in_get(in, reference, "display") };
    uint32_t person = in_resolve(in, reference);
    if (slice_is(fhir_type(in->t, person), "PractitionerRole"))
        person = in_resolve(in, fhir_child(in->t, person, "practitioner"));
    if (person != FHIR_NONE) {
        struct slice id = in_get(in, person, "identifier.value");
        p.id = id.len > 0 ? id : p.id;
        if (p.name.len == 0)
            p.name =
                draft_name(&in->draft, in_get(in, person, "name.given"), in_get(in, person, "name.family"));
    }
    if (p.id.len == 0)
        p.id = in_get(in, reference, "reference");
    return p;
}

static struct sent_code coding_at(const struct fhir_in *in, uint32_t coding, struct slice text)
{
    struct slice display = in_get(in, coding, "display"), code = in_get(in, coding, "code");
    struct slice system = coding_system(in_get(in, coding, "system"));
    bool is_ref = slice_starts(display, SLICE("MDC"));
    return (struct sent_code){ .system = system,
                               .code = code,
                               .ref = is_ref ? display : (struct slice){ NULL, 0 },
                               .text = text.len > 0 ? text
                                       : is_ref     ? (struct slice){ NULL, 0 }
                                                    : display };
}

bool in_coding(struct fhir_in *in, uint32_t concept, struct sent_code *out)
{
    uint32_t codings = fhir_child(in->t, concept, "coding");
    struct slice text = in_get(in, concept, "text");
    for (uint32_t i = 0; i < fhir_count(in->t, codings); i++) {
        struct sent_code c = coding_at(in, fhir_item(in->t, codings, i), text);
        if (i == 0)
            *out = c;
        if (draft_row(&in->draft, &c) != NULL) {
            *out = c;
            return true;
        }
    }
    if (fhir_count(in->t, codings) > 0)
        return true;
    *out = (struct sent_code){ .text = text };
    return text.len > 0;
}

bool in_has_code(const struct fhir_in *in, uint32_t concepts, const char *code)
{
    for (uint32_t i = 0; i < fhir_count(in->t, concepts); i++) {
        uint32_t codings = fhir_child(in->t, fhir_item(in->t, concepts, i), "coding");
        for (uint32_t j = 0; j < fhir_count(in->t, codings); j++)
            if (slice_is(in_get(in, fhir_item(in->t, codings, j), "code"), code))
                return true;
    }
    return false;
}

static struct slice quantity_unit(const struct fhir_in *in, uint32_t quantity)
{
    struct slice code = in_get(in, quantity, "code");
    return code.len > 0 ? code : in_get(in, quantity, "unit");
}

struct quantity in_quantity(const struct fhir_in *in, uint32_t quantity, struct slice row_unit)
{
    struct quantity q = quantity_make(in_get(in, quantity, "comparator"), in_get(in, quantity, "value"));
    quantity_set_unit(&q, quantity_unit(in, quantity), row_unit);
    return q;
}

struct quantity in_range(const struct fhir_in *in, uint32_t range, struct slice row_unit)
{
    uint32_t low = fhir_child(in->t, range, "low"), high = fhir_child(in->t, range, "high");
    struct quantity q = { .state = QUANTITY_ABSENT };
    q.has_low = decimal_parse(in_get(in, low, "value"), &q.low);
    q.has_high = decimal_parse(in_get(in, high, "value"), &q.high);
    if (!q.has_low && !q.has_high)
        return quantity_parse(in_get(in, range, "text"));
    q.state = QUANTITY_INTERVAL;
    quantity_set_unit(&q, quantity_unit(in, q.has_low ? low : high), row_unit);
    return q;
}

/* --- the patient --------------------------------------------------------------------------------------- */

static struct slice identifier_authority(const struct fhir_in *in, uint32_t identifier)
{
    struct slice assigner = in_get(in, identifier, "assigner.display");
    return assigner.len > 0 ? assigner : in_get(in, identifier, "system");
}

static unsigned identifier_fit(const struct fhir_in *in, uint32_t identifier)
{
    const struct event_source *src = in->draft.src;
    struct slice type = in_get(in, identifier, "type.coding.code");
    unsigned fit = in_get(in, identifier, "value").len > 0 ? 1 : 0;
    if (fit == 0)
        return 0;
    if (src->patient_authority.len > 0 &&
        (slice_eq_nocase(identifier_authority(in, identifier), src->patient_authority) ||
         slice_eq_nocase(in_get(in, identifier, "system"), src->patient_authority)))
        fit += 8;
    if (src->patient_type.len > 0 && slice_eq_nocase(type, src->patient_type))
        fit += 4;
    return fit + (slice_is(type, "MR") ? 1 : 0);
}

/* The identifier that the listener asks for, as PID-3 is chosen in HL7 v2. */
static struct slice patient_key(struct fhir_in *in, uint32_t identifiers)
{
    uint32_t best = FHIR_NONE;
    unsigned best_fit = 0;
    for (uint32_t i = 0; i < fhir_count(in->t, identifiers); i++) {
        uint32_t identifier = fhir_item(in->t, identifiers, i);
        unsigned fit = identifier_fit(in, identifier);
        if (fit > best_fit) {
            best = identifier;
            best_fit = fit;
        }
    }
    if (best == FHIR_NONE)
        return (struct slice){ NULL, 0 };
    if (in->draft.src->patient_authority.len > 0 && best_fit < 8)
        draft_finding(&in->draft, "patient-authority", in_where(in, best), identifier_authority(in, best));
    struct slice authority =
        best_fit >= 8 ? in->draft.src->patient_authority : identifier_authority(in, best);
    return draft_patient_id(&in->draft, authority, in_get(in, best, "value"));
}

/* 1960-02-03 -> 19600203, as HL7 v2 writes it. */
static struct slice plain_date(struct fhir_in *in, struct slice date)
{
    struct slice rest = date, year = slice_cut(&rest, '-'), month = slice_cut(&rest, '-');
    return arena_printf(in->draft.arena, "%.*s%.*s%.*s", SLICE_ARG(year), SLICE_ARG(month), SLICE_ARG(rest));
}

static struct slice class_of_visit(const struct fhir_in *in, uint32_t encounter)
{
    static const char *const classes[][2] = { { "IMP", "inpatient" },   { "ACUTE", "inpatient" },
                                              { "NONAC", "inpatient" }, { "AMB", "outpatient" },
                                              { "SS", "outpatient" },   { "VR", "outpatient" },
                                              { "EMER", "emergency" },  { "PRENC", "preadmit" },
                                              { "OBSENC", "inpatient" } };
    struct slice code = in_get(in, encounter, "class.code");
    if (code.len == 0)
        code = in_get(in, encounter, "class.coding.code");
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (slice_is(code, classes[i][0]))
            return slice_of(classes[i][1]);
    return code.len > 0 ? SLICE("other") : code;
}

static struct person_ref attending_of(struct fhir_in *in, uint32_t encounter)
{
    uint32_t list = fhir_child(in->t, encounter, "participant");
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++) {
        uint32_t p = fhir_item(in->t, list, i), who = fhir_child(in->t, p, "individual");
        if (in_has_code(in, fhir_child(in->t, p, "type"), "ATND"))
            return in_person(in, who != FHIR_NONE ? who : fhir_child(in->t, p, "actor"));
    }
    return (struct person_ref){ { NULL, 0 }, { NULL, 0 } };
}

struct patient in_patient(struct fhir_in *in, uint32_t reference, uint32_t encounter)
{
    struct patient p = { .flag_count = 0 };
    uint32_t person = in_resolve(in, reference);
    struct slice text = in_get(in, reference, "reference");
    if (slice_is(fhir_type(in->t, person), "Patient")) {
        p.id = patient_key(in, fhir_child(in->t, person, "identifier"));
        p.family = in_get(in, person, "name.family");
        p.given = in_get(in, person, "name.given");
        p.birth = plain_date(in, in_get(in, person, "birthDate"));
    }
    if (p.id.len == 0)
        p.id = patient_key(in, fhir_child(in->t, reference, "identifier"));
    if (p.id.len == 0 && text.len > 0 && text.ptr[0] != '#')
        p.id = draft_patient_id(&in->draft, (struct slice){ NULL, 0 }, text);
    p.class = class_of_visit(in, encounter);
    p.service = in_get(in, encounter, "serviceType.coding.code");
    p.attending = attending_of(in, encounter);
    return p;
}

/* --- the place ----------------------------------------------------------------------------------------- */

/* "5W^512^12" as HL7 v2 writes a place; a text without carets is a unit. */
static struct place place_of_text(struct slice text)
{
    struct place p;
    p.unit = slice_trim(slice_cut(&text, '^'));
    p.room = slice_trim(slice_cut(&text, '^'));
    p.bed = slice_trim(slice_cut(&text, '^'));
    return p;
}

static struct slice location_name(const struct fhir_in *in, uint32_t location)
{
    struct slice id = in_get(in, location, "identifier.value");
    return id.len > 0 ? id : in_get(in, location, "name");
}

/* Bed, room and ward by physicalType (R5: form) up the partOf chain. */
static struct place place_of_chain(const struct fhir_in *in, uint32_t location)
{
    enum { CHAIN_MAX = 8 };
    struct place p = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    for (unsigned i = 0; i < CHAIN_MAX && slice_is(fhir_type(in->t, location), "Location"); i++) {
        struct slice form = in_get(in, location, "physicalType.coding.code"),
                     name = location_name(in, location);
        if (form.len == 0)
            form = in_get(in, location, "form.coding.code");
        if (slice_is(form, "bd") && p.bed.len == 0)
            p.bed = name;
        else if (slice_is(form, "ro") && p.room.len == 0)
            p.room = name;
        else if ((slice_is(form, "wa") || slice_is(form, "lvl") || form.len == 0) && p.unit.len == 0)
            p = form.len == 0 && i == 0 ? place_of_text(name) : (struct place){ name, p.room, p.bed };
        uint32_t up = fhir_child(in->t, location, "partOf"), above = in_resolve(in, up);
        if (above == FHIR_NONE && p.unit.len == 0) /* the ward was not sent along: its name may stand here */
            p.unit =
                in_get(in, up, in_get(in, up, "identifier.value").len > 0 ? "identifier.value" : "display");
        location = above;
    }
    return p;
}

struct place in_location(struct fhir_in *in, uint32_t reference)
{
    uint32_t location = in_resolve(in, reference);
    struct place sent = place_of_chain(in, location);
    struct slice text = in_get(in, reference, "identifier.value");
    if (sent.unit.len + sent.room.len + sent.bed.len == 0)
        sent = place_of_text(text.len > 0 ? text : in_get(in, reference, "display"));
    if (sent.unit.len + sent.room.len + sent.bed.len == 0)
        return sent;
    return draft_place(&in->draft, sent, in_where(in, reference));
}

struct place in_encounter_place(struct fhir_in *in, uint32_t encounter, struct place *prior, uint32_t *active)
{
    struct place none = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    uint32_t list = fhir_child(in->t, encounter, "location"), here = FHIR_NONE, before = FHIR_NONE;
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++) {
        uint32_t item = fhir_item(in->t, list, i);
        struct slice status = in_get(in, item, "status");
        bool ended =
            slice_is(status, "completed") || (status.len == 0 && in_get(in, item, "period.end").len > 0);
        if (ended)
            before = item;
        else if (here == FHIR_NONE && (slice_is(status, "active") || status.len == 0))
            here = item;
    }
    *active = here;
    *prior = before != FHIR_NONE ? in_location(in, fhir_child(in->t, before, "location")) : none;
    return here != FHIR_NONE ? in_location(in, fhir_child(in->t, here, "location")) : none;
}

/* --- identity and what all events share ------------------------------------------------------------------
 */

struct slice in_identity(struct fhir_in *in, uint32_t resource, const struct event *e)
{
    uint32_t list = fhir_child(in->t, resource, "identifier");
    struct slice value = in_get(in, list, "value"), id = in_get(in, resource, "id");
    if (value.len == 0)
        value = in_get(in, fhir_item(in->t, list, 0), "value");
    struct slice entity = draft_entity(&in->draft, value, in_get(in, fhir_item(in->t, list, 0), "system"),
                                       (struct slice){ NULL, 0 });
    if (entity.len == 0 && id.len > 0)
        entity =
            arena_printf(in->draft.arena, "%.*s/%.*s", SLICE_ARG(fhir_type(in->t, resource)), SLICE_ARG(id));
    if (entity.len == 0)
        entity = in->focus.full_url;
    if (entity.len > 0)
        return draft_identity(&in->draft, e->sender, &entity, 1);
    const struct slice parts[] = { e->device_id, SLICE(""),     e->code.len > 0 ? e->code : e->raw_code,
                                   e->raw_text,  e->place.unit, e->place.room,
                                   e->place.bed };
    return draft_identity(&in->draft, e->sender, parts, sizeof parts / sizeof parts[0]);
}

/* Without a message header the resource's own source stands for the sender, last the listener. */
static struct slice sender_of(const struct fhir_in *in, uint32_t resource)
{
    static const char *const places[] = { "meta.source", "identifier.assigner.display", "device.display" };
    if (in->sender.len > 0)
        return in->sender;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct slice s = in_get(in, resource, places[i]);
        if (s.len > 0)
            return s;
    }
    return in->draft.src->listener;
}

static bool is_test(const struct fhir_in *in, uint32_t resource)
{
    static const char *const lists[] = { "tag", "security" };
    uint32_t meta = fhir_child(in->t, resource, "meta");
    for (size_t i = 0; i < 2; i++) {
        uint32_t list = fhir_child(in->t, meta, lists[i]);
        for (uint32_t j = 0; j < fhir_count(in->t, list); j++)
            if (slice_is(in_get(in, fhir_item(in->t, list, j), "code"), "HTEST"))
                return !in->draft.src->allow_test;
    }
    return false;
}

struct event in_event(struct fhir_in *in, uint32_t resource, enum event_kind kind, enum event_phase phase)
{
    struct event e = event_empty(kind, phase);
    uint32_t subject = fhir_child(in->t, resource, "subject"), active;
    uint32_t encounter = in_resolve(in, fhir_child(in->t, resource, "encounter"));
    bool at_place = slice_is(fhir_type(in->t, in_resolve(in, subject)), "Location") ||
                    slice_starts(in_get(in, subject, "reference"), SLICE("Location/"));
    e.listener = in->draft.src->listener;
    e.sender = sender_of(in, resource);
    e.test = is_test(in, resource);
    e.part = in->focus.entry == FHIR_NONE ? 0 : in->focus.entry + 1;
    if (at_place)
        e.place = in_location(in, subject);
    else
        e.patient = in_patient(in, subject, encounter);
    if (e.place.unit.len + e.place.bed.len == 0 && encounter != FHIR_NONE)
        e.place = in_encounter_place(in, encounter, &e.prior, &active);
    e.prior = (struct place){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    return e;
}
