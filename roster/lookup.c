/* Roles: journaled overrides before the site's assignments, one patient before a bed before the unit
 * (CLINICAL 3.4, "Roster resolve"). */
#include "roster/lookup.h"

#include <string.h>

bool found_has(const struct found *f, struct slice name)
{
    for (size_t i = 0; i < f->count; i++)
        if (slice_eq(f->items[i].name, name))
            return true;
    return false;
}

void found_via(struct found *f, size_t from, struct slice how)
{
    for (size_t i = from; i < f->count; i++)
        f->items[i].reason =
            arena_printf(f->arena, "%.*s: %.*s", SLICE_ARG(how), SLICE_ARG(f->items[i].reason));
}

static void found_grow(struct found *f)
{
    size_t room = f->room > 0 ? f->room * 2 : 8;
    struct holder *items = arena_array(f->arena, room, sizeof *items);

    if (f->count > 0)
        memcpy(items, f->items, f->count * sizeof *items);
    f->items = items;
    f->room = room;
}

void found_add(struct found *f, struct slice name, bool is_desk, struct slice reason)
{
    if (name.len == 0 || slice_is(name, "nobody") || found_has(f, name))
        return;
    if (f->count == f->room)
        found_grow(f);
    f->items[f->count++] = (struct holder){ name, is_desk, true, reason };
}

static bool assignment_live(const struct roster_now *now, const struct assignment *a)
{
    if (a->from_us != TIME_NONE && now->wall_us < a->from_us)
        return false;
    if (a->until_us != TIME_NONE && now->wall_us >= a->until_us)
        return false;
    return a->during == NULL || shift_holds(a->during, now->directory->zone, now->wall_us);
}

static bool lists_bed(const struct assignment *a, struct slice bed)
{
    for (size_t i = 0; i < a->bed_count; i++)
        if (slice_eq(a->beds[i], bed))
            return true;
    return false;
}

/* An empty bed asks for those of the whole unit. */
static bool covers_place(const struct assignment *a, struct slice role, struct slice unit, struct slice bed)
{
    if (a->patient.len > 0 || !slice_eq(a->role, role) || !slice_eq(a->unit, unit))
        return false;
    return bed.len > 0 ? lists_bed(a, bed) : a->bed_count == 0;
}

/* " until 19:00", with the day when it is not within one. */
static struct slice until_text(struct found *f, int64_t until_us)
{
    struct civil t;

    if (until_us == TIME_NONE)
        return (struct slice){ NULL, 0 };
    t = tz_to_civil(f->now->directory->zone, until_us);
    if (until_us - f->now->wall_us < TIME_DAY)
        return arena_printf(f->arena, " until %02u:%02u", t.hour, t.minute);
    return arena_printf(f->arena, " until %04d-%02u-%02u %02u:%02u", t.year, t.month, t.day, t.hour,
                        t.minute);
}

/* Who says so, and how long: a feed by its listener's name, or a person. */
static const char *said_by(struct found *f, const struct assignment *o)
{
    struct slice until = until_text(f, o->until_us);

    if (o->listener.len > 0)
        return arena_printf(f->arena, "assigned by %.*s%.*s, ", SLICE_ARG(o->listener), SLICE_ARG(until)).ptr;
    return arena_printf(f->arena, "override%s%.*s%.*s, ", o->by.len > 0 ? " by " : "", SLICE_ARG(o->by),
                        SLICE_ARG(until))
        .ptr;
}

/* What one message of a feed says about a role counts together; by hand, each counts alone. */
static bool said_together(const struct assignment *a, const struct assignment *b)
{
    return a == b || (a->listener.len > 0 && slice_eq(a->listener, b->listener) && a->said == b->said);
}

static struct slice place_reason(struct found *f, const char *how, const struct assignment *a,
                                 struct slice bed)
{
    struct slice shift = a->during != NULL ? a->during->name : (struct slice){ NULL, 0 };

    return arena_printf(f->arena, "%s%.*s of %.*s%s%.*s%s%.*s%s", how, SLICE_ARG(a->role), SLICE_ARG(a->unit),
                        bed.len > 0 ? " bed " : "", SLICE_ARG(bed), shift.len > 0 ? " (" : "",
                        SLICE_ARG(shift), shift.len > 0 ? ")" : "");
}

static void add_places_said(struct found *f, const struct assignment *last, struct slice role,
                            struct slice unit, struct slice bed)
{
    for (size_t i = 0; i < f->now->override_count; i++) {
        const struct assignment *o = &f->now->overrides[i];

        if (said_together(o, last) && covers_place(o, role, unit, bed) && assignment_live(f->now, o))
            found_add(f, o->person, false, place_reason(f, said_by(f, o), o, bed));
    }
}

/* The override made last decides; "nobody" is an answer too, and leaves the place empty on purpose. */
static bool add_override(struct found *f, struct slice role, struct slice unit, struct slice bed)
{
    for (size_t i = f->now->override_count; i > 0; i--) {
        const struct assignment *o = &f->now->overrides[i - 1];

        if (covers_place(o, role, unit, bed) && assignment_live(f->now, o)) {
            add_places_said(f, o, role, unit, bed);
            return true;
        }
    }
    return false;
}

/* Everyone whom the site names there: a couplet's bed has two nurses, and both hold it. */
static bool add_assigned(struct found *f, struct slice role, struct slice unit, struct slice bed)
{
    const struct directory *d = f->now->directory;
    bool any = false;

    for (size_t i = 0; i < d->assignment_count; i++) {
        const struct assignment *a = &d->assignments[i];

        if (covers_place(a, role, unit, bed) && assignment_live(f->now, a)) {
            found_add(f, a->person, false, place_reason(f, "assigned ", a, bed));
            any = true;
        }
    }
    return any;
}

void lookup_place(struct found *f, struct slice role, struct slice unit, struct slice bed)
{
    static const struct slice whole = { NULL, 0 };

    if (unit.len == 0)
        return;
    if (bed.len > 0 && add_override(f, role, unit, bed))
        return;
    if (add_override(f, role, unit, whole))
        return;
    if (bed.len > 0 && add_assigned(f, role, unit, bed))
        return;
    add_assigned(f, role, unit, whole);
}

static bool covers_patient(const struct found *f, const struct assignment *o, struct slice role)
{
    return o->patient.len > 0 && slice_eq(o->patient, f->query->patient) && slice_eq(o->role, role) &&
           assignment_live(f->now, o);
}

/* What somebody has said by hand about the bed since then: they know of the patient in it. */
static bool bed_given_since(const struct found *f, const struct assignment *last, struct slice role)
{
    const struct assignment *end = f->now->overrides + f->now->override_count;

    for (const struct assignment *o = last + 1; o < end; o++)
        if (o->listener.len == 0 && f->query->bed.len > 0 &&
            covers_place(o, role, f->query->unit, f->query->bed) && assignment_live(f->now, o))
            return true;
    return false;
}

static bool add_patient_override(struct found *f, struct slice role)
{
    const struct assignment *last = NULL;

    for (size_t i = 0; i < f->now->override_count; i++)
        if (covers_patient(f, &f->now->overrides[i], role))
            last = &f->now->overrides[i];
    if (last != NULL && last->listener.len > 0 && bed_given_since(f, last, role))
        return false;
    for (size_t i = 0; last != NULL && i < f->now->override_count; i++) {
        const struct assignment *o = &f->now->overrides[i];

        if (said_together(o, last) && covers_patient(f, o, role))
            found_add(f, o->person, false,
                      arena_printf(f->arena, "%s%.*s of this patient", said_by(f, o), SLICE_ARG(role)));
    }
    return last != NULL;
}

void lookup_alert(struct found *f, struct slice role)
{
    const struct resolve_query *q = f->query;

    if (q->patient.len > 0 && add_patient_override(f, role))
        return;
    lookup_place(f, role, q->unit, q->bed);
    for (size_t i = 0; i < q->occupants_place_count; i++)
        lookup_place(f, role, q->occupants_places[i].unit, q->occupants_places[i].bed);
}

static void lookup_beds(struct found *f, struct slice role, const struct unit *u)
{
    for (size_t i = 0; i < u->bed_count; i++)
        lookup_place(f, role, u->name, u->beds[i]);
}

void lookup_unit(struct found *f, struct slice role, struct slice unit)
{
    const struct unit *u = directory_unit(f->now->directory, unit);
    size_t before = f->count;

    lookup_place(f, role, unit, (struct slice){ NULL, 0 });
    if (f->count == before && u != NULL)
        lookup_beds(f, role, u);
}

void lookup_all(struct found *f, struct slice role, struct slice unit)
{
    const struct directory *d = f->now->directory;

    for (size_t i = 0; i < d->unit_count; i++) {
        if (unit.len > 0 && !slice_eq(d->units[i].name, unit))
            continue;
        lookup_place(f, role, d->units[i].name, (struct slice){ NULL, 0 });
        lookup_beds(f, role, &d->units[i]);
    }
}

void lookup_everyone(struct found *f, struct slice unit)
{
    const struct directory *d = f->now->directory;

    for (size_t i = 0; i < d->assignment_count; i++)
        if (slice_eq(d->assignments[i].unit, unit) && assignment_live(f->now, &d->assignments[i]))
            lookup_all(f, d->assignments[i].role, unit);
    for (size_t i = 0; i < f->now->override_count; i++)
        if (slice_eq(f->now->overrides[i].unit, unit) && assignment_live(f->now, &f->now->overrides[i]))
            lookup_all(f, f->now->overrides[i].role, unit);
}

static bool holds_live(const struct roster_now *now, const struct assignment *list, size_t count,
                       struct slice person, bool *scheduled)
{
    for (size_t i = 0; i < count; i++) {
        if (!slice_eq(list[i].person, person))
            continue;
        *scheduled = true;
        if (assignment_live(now, &list[i]))
            return true;
    }
    return false;
}

static bool rota_has(const struct rota *r, struct arena *a, int64_t wall_us, struct slice person)
{
    size_t room = rota_room(r, wall_us), count;
    struct slice *people = arena_array(a, room, sizeof *people);

    count = rota_at(r, wall_us, people, room);
    for (size_t i = 0; i < count; i++)
        if (slice_eq(people[i], person))
            return true;
    return false;
}

bool lookup_on_duty(const struct roster_now *now, struct arena *a, struct slice person)
{
    const struct directory *d = now->directory;
    bool scheduled = false;

    if (holds_live(now, now->overrides, now->override_count, person, &scheduled) ||
        holds_live(now, d->assignments, d->assignment_count, person, &scheduled))
        return true;
    for (size_t i = 0; i < d->rota_count; i++) {
        if (!rota_lists(&d->rotas[i], person))
            continue;
        scheduled = true;
        if (rota_has(&d->rotas[i], a, now->wall_us, person))
            return true;
    }
    return !scheduled;
}

static const char *turn_word(const struct rota_turn *t)
{
    return t->every_days == 7 ? "weekly turn" : t->every_days == 1 ? "daily turn" : "turn";
}

/* Which line of the rota put the person there. */
static struct slice rota_word(const struct rota *r, struct arena *a, int64_t wall_us, struct slice person)
{
    for (size_t i = 0; i < r->turn_count; i++) {
        struct rota alone = { .zone = r->zone, .turns = &r->turns[i], .turn_count = 1 };

        if (rota_has(&alone, a, wall_us, person))
            return slice_of(turn_word(&r->turns[i]));
    }
    for (size_t i = 0; i < r->override_count; i++) {
        const struct rota_interval *o = &r->overrides[i];

        if (wall_us >= o->from_us && wall_us < o->to_us && slice_eq(o->person, person) &&
            o->instead_of.len > 0)
            return arena_printf(a, "override instead of %.*s", SLICE_ARG(o->instead_of));
    }
    if (rota_has_turn(r, wall_us, person)) /* of the site's own turns none: they were asked above */
        return SLICE("turn from a file");
    for (size_t i = 0; i < r->feed.count && r->feed.turns[i].from_us <= wall_us; i++) {
        const struct rota_interval *o = &r->feed.turns[i];

        if (wall_us < o->to_us && slice_eq(o->person, person))
            return arena_printf(a, "turn from a file instead of %.*s", SLICE_ARG(o->instead_of));
    }
    return SLICE("override");
}

/* `oncall consult of patient.service`: the rota "consult.cardiology" or "consult-cardiology". */
static const struct rota *rota_for(struct found *f, struct slice name, struct slice value)
{
    const struct rota *r;

    if (value.len == 0)
        return directory_rota(f->now->directory, name);
    r = directory_rota(f->now->directory,
                       arena_printf(f->arena, "%.*s.%.*s", SLICE_ARG(name), SLICE_ARG(value)));
    if (r != NULL)
        return r;
    return directory_rota(f->now->directory,
                          arena_printf(f->arena, "%.*s-%.*s", SLICE_ARG(name), SLICE_ARG(value)));
}

void lookup_oncall(struct found *f, struct slice name, struct slice value)
{
    const struct rota *r = rota_for(f, name, value);
    size_t room, count;
    struct slice *people;

    if (r == NULL)
        return;
    room = rota_room(r, f->now->wall_us);
    people = arena_array(f->arena, room, sizeof *people);
    count = rota_at(r, f->now->wall_us, people, room);
    for (size_t i = 0; i < count; i++)
        found_add(f, people[i], false,
                  arena_printf(f->arena, "oncall %.*s, %.*s", SLICE_ARG(r->name),
                               SLICE_ARG(rota_word(r, f->arena, f->now->wall_us, people[i]))));
}

/* The cover counts when the rota now shows it, and would show `person` if nobody stood in. */
static struct slice rota_cover(const struct rota *r, struct arena *a, int64_t wall_us, struct slice person)
{
    size_t room = rota_room(r, wall_us);
    struct slice *people = arena_array(a, room, sizeof *people);

    if (!rota_has_turn(r, wall_us, person))
        return (struct slice){ NULL, 0 };
    return rota_stand_in(r, wall_us, person, people, rota_at(r, wall_us, people, room));
}

struct slice lookup_cover(const struct roster_now *now, struct arena *a, struct slice first,
                          struct slice person, struct slice *rota)
{
    const struct directory *d = now->directory;
    const struct rota *named = directory_rota(d, first);
    struct slice cover = { NULL, 0 };

    if (named != NULL) {
        cover = rota_cover(named, a, now->wall_us, person);
        *rota = named->name;
    }
    for (size_t i = 0; i < d->rota_count && cover.len == 0; i++) {
        cover = rota_cover(&d->rotas[i], a, now->wall_us, person);
        *rota = d->rotas[i].name;
    }
    return cover;
}
