/* rules/site/feed_fhir.c - `rota X from fhir "rosters/x.json"`: a Bundle of Schedules with Slots, or of
 * PractitionerRoles with their weekly hours (hl7.org/fhir/R4: slot.html, schedule.html,
 * practitionerrole.html). The file was made a tree where it was read: here nothing parses JSON or XML. */
#include "base/limits.h"
#include "base/map.h"
#include "fhir/tree.h"
#include "rules/site/feed.h"

enum {
    NAME_MAX_BYTES = 256,
    HORIZON_DAYS = 731,
    YEAR_FIRST = 1970,
    YEAR_LAST = 2200,
    PERIODS_MAX = LIMIT_ROSTER_REPEATS
};

struct fhir_feed {
    struct feed *f;
    struct fhir_tree t;
    struct map *resources; /* fullUrl and "Type/id" -> uint32_t node */
    const uint32_t *entries;
    size_t entry_count;
    bool slots;        /* there are any: then weekly hours are not read */
    int64_t latest_us; /* of the Bundle's own dates; TIME_NONE: it has none */
    struct error *err;
};

static bool fault(struct fhir_feed *r, uint32_t node, const char *message)
{
    char where[FHIR_WHERE];

    fhir_where(&r->t, node, where);
    return error_at(r->err, ERROR_VALUE, where, "%s: %s", where, message);
}

static bool is_type(const struct fhir_feed *r, uint32_t node, const char *type)
{
    return slice_is(fhir_type(&r->t, node), type);
}

/* --- references ------------------------------------------------------------------------------------------
 */

static void know(struct fhir_feed *r, struct slice key, uint32_t *node)
{
    if (key.len > 0 && map_get(r->resources, key) == NULL)
        map_put(r->resources, key, node);
}

static void list_entries(struct fhir_feed *r)
{
    uint32_t list = fhir_child(&r->t, FHIR_ROOT, "entry"), count = fhir_count(&r->t, list);
    uint32_t *nodes = arena_array(r->f->b->arena, count, sizeof *nodes);
    uint32_t e = fhir_kind(&r->t, list) == FHIR_ARRAY ? fhir_first(&r->t, list) : list;

    r->entries = nodes;
    for (; e != FHIR_NONE && r->entry_count < count; e = e == list ? FHIR_NONE : fhir_next(&r->t, e)) {
        uint32_t *node = &nodes[r->entry_count++];
        *node = fhir_child(&r->t, e, "resource");
        struct slice type = fhir_type(&r->t, *node), id = fhir_get(&r->t, *node, "id");
        know(r, fhir_get(&r->t, e, "fullUrl"), node);
        if (type.len > 0 && id.len > 0)
            know(r, arena_printf(r->f->b->arena, "%.*s/%.*s", SLICE_ARG(type), SLICE_ARG(id)), node);
        r->slots = r->slots || slice_is(type, "Slot");
    }
}

/* "Type/id", the end of a reference. */
static struct slice reference_tail(struct slice ref)
{
    unsigned slashes = 0;

    for (size_t i = ref.len; i > 0; i--)
        if (ref.ptr[i - 1] == '/' && ++slashes == 2)
            return slice_sub(ref, i, ref.len);
    return ref;
}

static uint32_t resolve(const struct fhir_feed *r, uint32_t reference)
{
    struct slice ref = fhir_get(&r->t, reference, "reference");
    const uint32_t *node;

    if (slice_starts(ref, SLICE("#")))
        return fhir_resolve(&r->t, reference, ref);
    node = map_get(r->resources, ref);
    if (node == NULL)
        node = map_get(r->resources, reference_tail(ref));
    return node != NULL ? *node : FHIR_NONE;
}

/* --- people ----------------------------------------------------------------------------------------------
 */

static const struct person *by_identifier(const struct fhir_feed *r, uint32_t of)
{
    uint32_t list = fhir_child(&r->t, of, "identifier");
    const struct person *p = NULL;

    for (uint32_t i = 0; i < fhir_count(&r->t, list) && p == NULL; i++)
        p = feed_person(r->f, fhir_get(&r->t, fhir_item(&r->t, list, i), "value"));
    return p;
}

/* HumanName: its text, or "given family". */
static struct slice human_name(const struct fhir_feed *r, uint32_t name)
{
    struct slice text = fhir_get(&r->t, name, "text"), given = fhir_get(&r->t, name, "given"),
                 family = fhir_get(&r->t, name, "family");

    if (text.len > 0 || given.len + family.len == 0 || given.len + family.len > NAME_MAX_BYTES)
        return text;
    return arena_printf(r->f->b->arena, "%.*s%s%.*s", SLICE_ARG(given), given.len > 0 ? " " : "",
                        SLICE_ARG(family));
}

static const struct person *by_name(const struct fhir_feed *r, uint32_t practitioner)
{
    uint32_t list = fhir_child(&r->t, practitioner, "name");
    const struct person *p = NULL;

    for (uint32_t i = 0; i < fhir_count(&r->t, list) && p == NULL; i++)
        p = feed_person(r->f, slice_trim(human_name(r, fhir_item(&r->t, list, i))));
    return p != NULL ? p : feed_person(r->f, fhir_get(&r->t, practitioner, "id"));
}

static const struct person *by_reference(const struct fhir_feed *r, uint32_t reference, unsigned depth);

/* A Practitioner, or the one of a PractitionerRole. */
static const struct person *by_resource(const struct fhir_feed *r, uint32_t node, unsigned depth)
{
    const struct person *p = by_identifier(r, node);

    if (p != NULL)
        return p;
    if (is_type(r, node, "PractitionerRole"))
        return depth > 0 ? by_reference(r, fhir_child(&r->t, node, "practitioner"), depth - 1) : NULL;
    return by_name(r, node);
}

/* What is sent of the person counts before what the reference alone says. */
static const struct person *by_reference(const struct fhir_feed *r, uint32_t reference, unsigned depth)
{
    uint32_t node = resolve(r, reference);
    struct slice tail = reference_tail(fhir_get(&r->t, reference, "reference"));
    const struct person *p = node != FHIR_NONE ? by_resource(r, node, depth) : NULL;

    if (p == NULL)
        p = by_identifier(r, reference);
    if (p == NULL)
        p = feed_person(r->f, slice_trim(fhir_get(&r->t, reference, "display")));
    slice_cut(&tail, '/');
    return p != NULL ? p : feed_person(r->f, tail);
}

/* What a finding calls somebody who is not known. */
static struct slice label(const struct fhir_feed *r, uint32_t reference, unsigned depth)
{
    uint32_t node = resolve(r, reference);
    struct slice text = fhir_get(&r->t, reference, "display");

    if (text.len == 0 && depth > 0 && is_type(r, node, "PractitionerRole"))
        return label(r, fhir_child(&r->t, node, "practitioner"), depth - 1);
    if (text.len == 0)
        text = human_name(r, fhir_item(&r->t, fhir_child(&r->t, node, "name"), 0));
    return text.len > 0 ? text : fhir_get(&r->t, reference, "reference");
}

static bool is_off(const struct fhir_feed *r, uint32_t node)
{
    return slice_is(fhir_get(&r->t, node, "active"), "false");
}

/* --- Slots -----------------------------------------------------------------------------------------------
 */

static bool is_place_or_thing(const struct fhir_feed *r, uint32_t reference)
{
    static const char *const types[] = { "HealthcareService/", "Location/", "Device/" };
    struct slice tail = reference_tail(fhir_get(&r->t, reference, "reference"));
    uint32_t node = resolve(r, reference);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (slice_starts(tail, slice_of(types[i])))
            return true;
    return node != FHIR_NONE && !is_type(r, node, "Practitioner") && !is_type(r, node, "PractitionerRole");
}

/* A Slot is a turn of everybody whose Schedule it is; services, places and devices beside them are not. */
static bool add_actors(struct fhir_feed *r, uint32_t schedule, int64_t from_us, int64_t to_us)
{
    uint32_t actors = fhir_child(&r->t, schedule, "actor"), count = fhir_count(&r->t, actors);

    if (count == 0)
        return fault(r, schedule, "a Schedule needs an actor");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t actor = fhir_item(&r->t, actors, i);
        const struct person *p = by_reference(r, actor, 1);
        if (p == NULL && !(is_place_or_thing(r, actor) && count > 1))
            feed_stranger(r->f, label(r, actor, 1), 0);
        if (p == NULL || is_off(r, resolve(r, actor)))
            continue;
        if (!feed_add(r->f, (struct rota_interval){ from_us, to_us, p->name, { NULL, 0 } }, r->err))
            return false;
    }
    return true;
}

static bool read_slot(struct fhir_feed *r, uint32_t slot)
{
    struct slice status = fhir_get(&r->t, slot, "status");
    bool counts = slice_is(status, "busy") || slice_is(status, "free") || slice_is(status, "busy-tentative");
    uint32_t schedule = resolve(r, fhir_child(&r->t, slot, "schedule"));
    int64_t from_us, to_us;

    if (!counts && !slice_is(status, "busy-unavailable") && !slice_is(status, "entered-in-error"))
        return fault(r, slot,
                     "status is none of busy, free, busy-tentative, busy-unavailable, entered-in-error");
    if (!counts)
        return true;
    if (!is_type(r, schedule, "Schedule"))
        return fault(r, slot, "its Schedule is not in the Bundle");
    if (!time_parse_iso(fhir_get(&r->t, slot, "start"), 0, &from_us) ||
        !time_parse_iso(fhir_get(&r->t, slot, "end"), 0, &to_us))
        return fault(r, slot, "start and end are instants, as 2026-11-02T07:00:00-06:00");
    if (from_us >= to_us)
        return fault(r, slot, "it ends before it begins");
    return is_off(r, schedule) || add_actors(r, schedule, from_us, to_us);
}

/* --- weekly hours of a PractitionerRole ------------------------------------------------------------------
 */

struct hours {
    unsigned days; /* bit 0: Monday */
    int64_t from_us, to_us;
};

struct off {
    int64_t from_us, to_us;
};

struct role {
    const struct person *person;
    struct hours *hours;
    struct off *off;
    size_t hours_count, off_count;
    int64_t from_us, to_us;
};

/* A date is the whole day on the rota's wall clock: its end is the next midnight. */
static bool read_date(const struct fhir_feed *r, struct slice text, bool end, int64_t *out)
{
    int64_t at;

    if (!time_parse_iso(text, 0, &at) || time_to_civil(at).year < YEAR_FIRST ||
        time_to_civil(at).year > YEAR_LAST)
        return false;
    if (text.len <= 10)
        at = tz_from_civil(r->f->zone, time_to_civil(at + (end ? TIME_DAY : 0)), TZ_FIRST);
    *out = at;
    return true;
}

/* Either side may be open: *from and *to stay. */
static bool read_period(struct fhir_feed *r, uint32_t period, int64_t *from_us, int64_t *to_us)
{
    struct slice start = fhir_get(&r->t, period, "start"), end = fhir_get(&r->t, period, "end");

    if ((start.len > 0 && !read_date(r, start, false, from_us)) ||
        (end.len > 0 && !read_date(r, end, true, to_us)))
        return fault(r, period,
                     "dates are written 2026-11-02, or with a time and its offset, from 1970 to 2200");
    return true;
}

/* "09:00:00" as microseconds of the day. */
static bool read_clock(struct slice text, int64_t *out)
{
    char whole[32] = "1970-01-01T";

    if (text.len < 5 || text.len > 12)
        return false;
    for (size_t i = 0; i < text.len; i++)
        whole[11 + i] = text.ptr[i];
    return time_parse_iso((struct slice){ whole, 11 + text.len }, 0, out) && *out < TIME_DAY;
}

static bool read_days(const struct fhir_feed *r, uint32_t list, unsigned *out)
{
    static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

    *out = fhir_count(&r->t, list) == 0 ? 0x7f : 0;
    for (uint32_t i = 0; i < fhir_count(&r->t, list); i++) {
        unsigned day = 0;
        while (day < 7 && !slice_is(fhir_text(&r->t, fhir_item(&r->t, list, i)), names[day]))
            day++;
        if (day == 7)
            return false;
        *out |= 1u << day;
    }
    return true;
}

static bool read_hours(struct fhir_feed *r, uint32_t node, struct hours *out)
{
    *out = (struct hours){ .from_us = 0, .to_us = TIME_DAY };
    if (!read_days(r, fhir_child(&r->t, node, "daysOfWeek"), &out->days))
        return fault(r, node, "a day of the week is one of mon, tue, wed, thu, fri, sat, sun");
    if (slice_is(fhir_get(&r->t, node, "allDay"), "true"))
        return true;
    if (!read_clock(fhir_get(&r->t, node, "availableStartTime"), &out->from_us) ||
        !read_clock(fhir_get(&r->t, node, "availableEndTime"), &out->to_us))
        return fault(r, node, "availableStartTime and availableEndTime are times of day, as 09:00:00");
    if (out->to_us <= out->from_us) /* past midnight */
        out->to_us += TIME_DAY;
    return true;
}

static bool read_off(struct fhir_feed *r, uint32_t node, struct off *out)
{
    *out = (struct off){ INT64_MIN, INT64_MAX };
    return read_period(r, fhir_child(&r->t, node, "during"), &out->from_us, &out->to_us);
}

/* The hours of one day, with the time off cut out of them. */
static bool add_without_off(struct fhir_feed *r, const struct role *role, int64_t from_us, int64_t to_us)
{
    while (from_us < to_us) {
        int64_t until = to_us, skip = from_us;
        for (size_t i = 0; i < role->off_count; i++) {
            const struct off *o = &role->off[i];
            if (o->from_us <= from_us && o->to_us > skip)
                skip = o->to_us;
            else if (o->from_us > from_us && o->from_us < until)
                until = o->from_us;
        }
        if (skip == from_us &&
            !feed_add(r->f, (struct rota_interval){ from_us, until, role->person->name, { NULL, 0 } },
                      r->err))
            return false;
        from_us = skip > from_us ? skip : until;
    }
    return true;
}

static bool add_day(struct fhir_feed *r, const struct role *role, int64_t midnight)
{
    unsigned day = civil_weekday(time_to_civil(midnight));

    for (size_t i = 0; i < role->hours_count; i++) {
        const struct hours *h = &role->hours[i];
        int64_t from = tz_from_civil(r->f->zone, time_to_civil(midnight + h->from_us), TZ_FIRST),
                to = tz_from_civil(r->f->zone, time_to_civil(midnight + h->to_us), TZ_FIRST);
        from = from > role->from_us ? from : role->from_us;
        to = to < role->to_us ? to : role->to_us;
        if ((h->days >> day & 1) && from < to && !add_without_off(r, role, from, to))
            return false;
    }
    return true;
}

/* From the period's start, else the Bundle's date, to the period's end, else two years after the later one.
 */
static bool read_bounds(struct fhir_feed *r, uint32_t node, struct role *role)
{
    role->from_us = role->to_us = TIME_NONE;
    if (!read_period(r, fhir_child(&r->t, node, "period"), &role->from_us, &role->to_us))
        return false;
    int64_t latest = r->latest_us;
    if (role->from_us != TIME_NONE && (latest == TIME_NONE || role->from_us > latest))
        latest = role->from_us;
    if (latest == TIME_NONE)
        return fault(r, node, "weekly hours need a period.start, or a Bundle with a timestamp");
    if (role->from_us == TIME_NONE)
        role->from_us = latest;
    if (role->to_us == TIME_NONE)
        role->to_us = latest + HORIZON_DAYS * TIME_DAY;
    return true;
}

static bool read_lists(struct fhir_feed *r, uint32_t node, struct role *role)
{
    uint32_t hours = fhir_child(&r->t, node, "availableTime"), off = fhir_child(&r->t, node, "notAvailable");

    role->hours_count = fhir_count(&r->t, hours);
    role->off_count = fhir_count(&r->t, off);
    if (role->hours_count > PERIODS_MAX || role->off_count > PERIODS_MAX)
        return error_set(r->err, ERROR_LIMIT,
                         "roster-repeats: a role has at most %d hours and as many absences", PERIODS_MAX);
    role->hours = arena_array(r->f->b->arena, role->hours_count, sizeof *role->hours);
    role->off = arena_array(r->f->b->arena, role->off_count, sizeof *role->off);
    for (uint32_t i = 0; i < role->hours_count; i++)
        if (!read_hours(r, fhir_item(&r->t, hours, i), &role->hours[i]))
            return false;
    for (uint32_t i = 0; i < role->off_count; i++)
        if (!read_off(r, fhir_item(&r->t, off, i), &role->off[i]))
            return false;
    return true;
}

static bool read_role(struct fhir_feed *r, uint32_t node)
{
    struct role role = { .person = NULL };

    if (is_off(r, node) || fhir_count(&r->t, fhir_child(&r->t, node, "availableTime")) == 0)
        return true;
    if (!read_lists(r, node, &role) || !read_bounds(r, node, &role))
        return false;
    role.person = by_resource(r, node, 1);
    if (role.person == NULL) {
        feed_stranger(r->f, label(r, fhir_child(&r->t, node, "practitioner"), 1), 0);
        return true;
    }
    /* The day before: its night may reach into the first one. */
    int64_t midnight =
        time_from_civil(tz_to_civil(r->f->zone, role.from_us)) / TIME_DAY * TIME_DAY - TIME_DAY;
    int64_t last = time_from_civil(tz_to_civil(r->f->zone, role.to_us));
    for (; midnight <= last; midnight += TIME_DAY)
        if (!add_day(r, &role, midnight))
            return false;
    return true;
}

/* --- the Bundle ------------------------------------------------------------------------------------------
 */

static void read_dates(struct fhir_feed *r)
{
    static const char *const dates[] = { "timestamp", "meta.lastUpdated" };

    r->latest_us = TIME_NONE;
    for (size_t i = 0; i < 2 && r->latest_us == TIME_NONE; i++)
        if (!read_date(r, fhir_get(&r->t, FHIR_ROOT, dates[i]), false, &r->latest_us))
            r->latest_us = TIME_NONE;
}

static bool read_entries(struct fhir_feed *r)
{
    for (size_t i = 0; i < r->entry_count; i++) {
        uint32_t node = r->entries[i];
        bool fine = r->slots ? !is_type(r, node, "Slot") || read_slot(r, node)
                             : !is_type(r, node, "PractitionerRole") || read_role(r, node);
        if (!fine)
            return false;
    }
    return true;
}

bool feed_read_fhir(struct feed *f, struct slice tree, struct error *err)
{
    struct fhir_feed r = { .f = f, .err = err };

    if (!fhir_tree_open(tree, &r.t, err))
        return false;
    if (!is_type(&r, FHIR_ROOT, "Bundle"))
        return error_set(err, ERROR_VALUE,
                         "a roster is a Bundle: of Schedules with Slots, or of PractitionerRoles");
    r.resources = map_new();
    list_entries(&r);
    read_dates(&r);
    bool fine = read_entries(&r);
    map_free(&r.resources, NULL);
    return fine;
}
