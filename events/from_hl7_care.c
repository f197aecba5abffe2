/* Who cares for the patient: ROL (v2.3) and PRT (v2.7) of patient and visit (STANDARDS sections 1.2, 3.7).
 *
 * Only what stands with PID or PV1 is about the patient. The roles of a procedure (PR1), an insurance (IN1),
 * an order (ORC, OBR) or an observation (OBX) are not, and in PCD-04 they are whom the sender would like to
 * tell. */
#include "base/limits.h"
#include "events/from_hl7.h"

/* Where ROL and PRT keep the same things. */
struct role_fields {
    uint32_t action, role, person, begin, end;
};

static const struct role_fields *fields_of(struct slice name)
{
    static const struct role_fields rol = { 2, 3, 4, 5, 6 }, prt = { 2, 4, 5, 11, 12 };

    return slice_is(name, "ROL") ? &rol : slice_is(name, "PRT") ? &prt : NULL;
}

/* Table 0287. Correct, link, unchanged and update say who it is now, as add does. */
static bool action_of(struct slice code, bool *end)
{
    static const char *const begins[] = { "", "AD", "UP", "CO", "LI", "UC" };

    *end = slice_eq_nocase(code, SLICE("DE")) || slice_eq_nocase(code, SLICE("UN"));
    for (size_t i = 0; i < sizeof begins / sizeof begins[0] && !*end; i++)
        if (slice_eq_nocase(code, slice_of(begins[i])))
            return true;
    return *end;
}

/* Does this segment begin what is about the patient (true), or about something else (false)? */
static bool group_of(struct slice name, bool so_far)
{
    static const char *const others[] = {
        "PR1", "IN1", "GT1", "ORC", "OBR", "OBX", "TXA", "SCH", "RGS", "SPM"
    };

    if (slice_is(name, "PID") || slice_is(name, "PV1"))
        return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (slice_is(name, others[i]))
            return false;
    return so_far;
}

/* The role's code in either of its codings, as the site names it. */
static void name_role(struct hl7_in *in, size_t segment, uint32_t field, struct care_change *c)
{
    const struct role_map *roles = in->draft.src->roles;

    c->role_code = hl7_part(in, segment, field, 1);
    c->role_text = hl7_part(in, segment, field, 2);
    c->role_system = hl7_part(in, segment, field, 3);
    c->role = role_map_find(roles, c->role_system, c->role_code);
    if (c->role.len == 0)
        c->role = role_map_find(roles, hl7_part(in, segment, field, 6), hl7_part(in, segment, field, 4));
    if (c->role.len == 0 && roles != NULL && c->role_code.len > 0)
        draft_finding(
            &in->draft, "unmapped-role", hl7_where(in, segment, field),
            arena_printf(in->draft.arena, "%.*s|%.*s", SLICE_ARG(c->role_system), SLICE_ARG(c->role_code)));
}

static struct person_ref person_at(struct hl7_in *in, size_t segment, uint32_t field, uint32_t rep)
{
    struct slice family = hl7_part_at(in, segment, field, rep, 2, 1);

    return (struct person_ref){ hl7_part_at(in, segment, field, rep, 1, 0),
                                draft_name(&in->draft, hl7_part_at(in, segment, field, rep, 3, 0), family) };
}

/* PRT-5 may be empty: then a device, an organisation or a place takes part, and nobody is assigned. */
static bool read_role(struct hl7_in *in, size_t segment, const struct role_fields *f,
                      const struct care_change *about)
{
    struct reading *out = in->draft.out;
    struct care_change c = *about;

    if (!action_of(hl7_part(in, segment, f->action, 1), &c.end)) {
        draft_finding(&in->draft, "role-action", hl7_where(in, segment, f->action),
                      hl7_part(in, segment, f->action, 1));
        return true;
    }
    name_role(in, segment, f->role, &c);
    c.from_us = hl7_instant(in, segment, f->begin, 1);
    c.until_us = hl7_instant(in, segment, f->end, 1);
    c.where = hl7_where(in, segment, f->person);
    for (uint32_t rep = 1; rep <= hl7_repetitions(in->m, segment, f->person); rep++) {
        c.person = person_at(in, segment, f->person, rep);
        if (c.person.id.len + c.person.name.len == 0)
            continue;
        if (out->care_count == LIMIT_ROLES_PER_MESSAGE)
            return error_at(in->err, ERROR_LIMIT, c.where, "roles-per-message (%d) passed",
                            LIMIT_ROLES_PER_MESSAGE);
        out->care[out->care_count++] = c;
    }
    return true;
}

static size_t count_people(const struct hl7_in *in)
{
    size_t n = 0;

    for (size_t i = 0; i < hl7_message_segments(in->m); i++) {
        const struct role_fields *f = fields_of(hl7_segment_name(in->m, i));
        n += f != NULL ? hl7_repetitions(in->m, i, f->person) : 0;
    }
    return n;
}

static void begin_patient(struct hl7_in *in, size_t pid, struct care_change *about)
{
    about->place = (struct place){ .unit = { NULL, 0 } };
    about->patient = hl7_patient_of(in, pid);
}

bool hl7_read_care(struct hl7_in *in)
{
    size_t people = count_people(in), end = hl7_message_segments(in->m);
    struct care_change about = { .occurred_us = hl7_occurred(in) };
    bool of_patient = false;

    if (people == 0)
        return true;
    people = people < LIMIT_ROLES_PER_MESSAGE ? people : LIMIT_ROLES_PER_MESSAGE;
    in->draft.out->care = arena_array(in->draft.arena, people, sizeof *in->draft.out->care);
    for (size_t i = 1; i < end; i++) {
        struct slice name = hl7_segment_name(in->m, i);
        const struct role_fields *f = fields_of(name);
        of_patient = group_of(name, of_patient);
        if (slice_is(name, "PID"))
            begin_patient(in, i, &about);
        else if (slice_is(name, "PV1"))
            about.place = hl7_location(in, i, 3);
        else if (f != NULL && of_patient && !read_role(in, i, f, &about))
            return false;
    }
    return true;
}
