/* roster/gaps.c - from change to change: between two of them nothing can differ. */
#include "roster/gaps.h"

enum { ON_CALL_MAX = 32 };

static bool active(const struct directory *d, struct slice name)
{
    const struct person *p = directory_person(d, name);

    return p != NULL && p->off.len == 0;
}

/* --- a list of gaps that grows ---------------------------------------------------------------------------
 */

struct growing {
    struct arena *arena;
    struct gap *list;
    size_t count, room;
};

/* Gaps that touch become one. */
static void add_gap(struct growing *g, int64_t from_us, int64_t to_us)
{
    if (g->count > 0 && g->list[g->count - 1].to_us == from_us) {
        g->list[g->count - 1].to_us = to_us;
        return;
    }
    if (g->count == g->room) {
        size_t room = g->room > 0 ? 2 * g->room : 8;
        struct gap *more = arena_array(g->arena, room, sizeof *more);
        for (size_t i = 0; i < g->count; i++)
            more[i] = g->list[i];
        g->list = more;
        g->room = room;
    }
    g->list[g->count++] = (struct gap){ from_us, to_us };
}

static void sooner(int64_t *best, int64_t at_us, int64_t than_us)
{
    if (at_us != TIME_NONE && at_us > than_us && at_us < *best)
        *best = at_us;
}

/* --- a rota ----------------------------------------------------------------------------------------------
 */

static bool rota_held(const struct directory *d, const struct rota *r, int64_t at_us)
{
    struct slice people[ON_CALL_MAX];
    size_t count = rota_at(r, at_us, people, ON_CALL_MAX);

    for (size_t i = 0; i < count; i++)
        if (active(d, people[i]))
            return true;
    return false;
}

struct gaps gaps_of_rota(const struct directory *d, const struct rota *r, int64_t from_us, int64_t to_us,
                         struct arena *a)
{
    struct growing g = { .arena = a };

    for (int64_t at = from_us, next; at < to_us; at = next) {
        next = to_us;
        sooner(&next, rota_next_change(r, at), at);
        if (!rota_held(d, r, at))
            add_gap(&g, at, next);
    }
    return (struct gaps){ g.list, g.count };
}

/* --- a role ----------------------------------------------------------------------------------------------
 */

static bool names_role(const struct assignment *a, struct slice role, struct slice unit)
{
    return slice_eq(a->role, role) && slice_eq(a->unit, unit);
}

bool gaps_role_planned(const struct directory *d, struct slice role, struct slice unit)
{
    for (size_t i = 0; i < d->assignment_count; i++)
        if (names_role(&d->assignments[i], role, unit))
            return true;
    return false;
}

static bool holds_then(const struct directory *d, const struct assignment *a, int64_t at_us)
{
    return (a->from_us == TIME_NONE || a->from_us <= at_us) &&
           (a->until_us == TIME_NONE || at_us < a->until_us) &&
           (a->during == NULL || shift_holds(a->during, d->zone, at_us)) && active(d, a->person);
}

static bool has_bed(const struct assignment *a, struct slice bed)
{
    for (size_t i = 0; i < a->bed_count; i++)
        if (slice_eq(a->beds[i], bed))
            return true;
    return a->bed_count == 0;
}

static bool bed_held(const struct directory *d, struct slice role, struct slice unit, struct slice bed,
                     int64_t at_us)
{
    for (size_t i = 0; i < d->assignment_count; i++) {
        const struct assignment *a = &d->assignments[i];
        if (names_role(a, role, unit) && has_bed(a, bed) && holds_then(d, a, at_us))
            return true;
    }
    return false;
}

/* A unit without beds is held as a whole: by a bed that has no name. */
static bool role_held(const struct directory *d, struct slice role, const struct unit *u, int64_t at_us)
{
    for (size_t i = 0; i < u->bed_count; i++)
        if (!bed_held(d, role, u->name, u->beds[i], at_us))
            return false;
    return u->bed_count > 0 || bed_held(d, role, u->name, (struct slice){ NULL, 0 }, at_us);
}

static int64_t next_change(const struct directory *d, struct slice role, struct slice unit, int64_t at_us,
                           int64_t last_us)
{
    for (size_t i = 0; i < d->assignment_count; i++) {
        const struct assignment *a = &d->assignments[i];
        if (!names_role(a, role, unit))
            continue;
        sooner(&last_us, a->from_us, at_us);
        sooner(&last_us, a->until_us, at_us);
        if (a->during != NULL)
            sooner(&last_us, shift_next_change(a->during, d->zone, at_us), at_us);
    }
    return last_us;
}

struct gaps gaps_of_role(const struct directory *d, struct slice role, struct slice unit, int64_t from_us,
                         int64_t to_us, struct arena *a)
{
    const struct unit *u = directory_unit(d, unit);
    struct growing g = { .arena = a };

    for (int64_t at = from_us, next; u != NULL && at < to_us; at = next) {
        next = next_change(d, role, unit, at, to_us);
        if (!role_held(d, role, u, at))
            add_gap(&g, at, next);
    }
    return (struct gaps){ g.list, g.count };
}
