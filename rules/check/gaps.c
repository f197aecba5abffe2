/* rules/check/gaps.c - E304: a step that, in the days to come, would look for somebody whom the roster does
 * not have. Only for a person who asks with a date; a running program takes every roster as it comes. */
#include "roster/gaps.h"
#include "rules/check/check.h"

enum { GAP_DAYS = 14, GROUPS_DEEP = 8 };

unsigned check_gap_days(const struct checker *c)
{
    return c->site->gap_days > 0 ? c->site->gap_days : GAP_DAYS;
}

/* --- what is asked once for all steps ----------------------------------------------------------------------
 */

static const struct gaps *kept(struct checker *c, struct slice key,
                               struct gaps (*find)(struct checker *, const void *), const void *what)
{
    if (c->gaps == NULL)
        c->gaps = map_new();
    struct gaps *g = map_get(c->gaps, key);
    if (g == NULL) {
        g = arena_alloc(c->arena, sizeof *g);
        *g = find(c, what);
        map_put(c->gaps, key, g);
    }
    return g;
}

struct role_in {
    struct slice role, unit;
};

static struct gaps find_role(struct checker *c, const void *what)
{
    const struct role_in *r = what;

    return gaps_of_role(c->site->directory, r->role, r->unit, c->site->now_us,
                        c->site->now_us + check_gap_days(c) * TIME_DAY, c->arena);
}

static struct gaps find_rota(struct checker *c, const void *what)
{
    return gaps_of_rota(c->site->directory, what, c->site->now_us,
                        c->site->now_us + check_gap_days(c) * TIME_DAY, c->arena);
}

const struct gaps *check_gaps_of_rota(struct checker *c, const struct rota *r)
{
    if (c->site->now_us == 0)
        return NULL;
    return kept(c, arena_printf(c->arena, "rota %.*s", SLICE_ARG(r->name)), find_rota, r);
}

/* Does the site give out the role anywhere, and anything in the unit? Else that is done by hand or a feed. */
static bool planned_here(const struct checker *c, struct slice role, struct slice unit)
{
    const struct directory *d = c->site->directory;
    bool of_role = false, of_unit = false;

    for (size_t i = 0; i < d->assignment_count && !(of_role && of_unit); i++) {
        of_role = of_role || slice_eq(d->assignments[i].role, role);
        of_unit = of_unit || slice_eq(d->assignments[i].unit, unit);
    }
    return of_role && of_unit;
}

/* --- one alternative ------------------------------------------------------------------------------------ */

static struct gaps both(struct arena *a, const struct gaps *x, const struct gaps *y)
{
    struct gap *list = arena_array(a, x->count + y->count, sizeof *list);
    size_t count = 0, i = 0, k = 0;

    while (i < x->count && k < y->count) {
        struct gap one = { x->list[i].from_us > y->list[k].from_us ? x->list[i].from_us : y->list[k].from_us,
                           x->list[i].to_us < y->list[k].to_us ? x->list[i].to_us : y->list[k].to_us };
        if (one.from_us < one.to_us)
            list[count++] = one;
        if (x->list[i].to_us < y->list[k].to_us)
            i++;
        else
            k++;
    }
    return (struct gaps){ list, count };
}

static const struct gaps *gaps_of(struct checker *c, const struct who *w, struct slice unit, unsigned depth);

static const struct gaps *gaps_of_held_role(struct checker *c, const struct who *w, struct slice unit)
{
    struct role_in what = { w->name, w->of.len > 0 ? w->of : unit };

    if (directory_person(c->site->directory, w->name) != NULL || !planned_here(c, what.role, what.unit))
        return NULL;
    return kept(c, arena_printf(c->arena, "role %.*s of %.*s", SLICE_ARG(what.role), SLICE_ARG(what.unit)),
                find_role, &what);
}

/* A group has nobody while none of its members is there. */
static const struct gaps *gaps_of_group(struct checker *c, const struct group *group, struct slice unit,
                                        unsigned depth)
{
    struct gaps *all = arena_alloc(c->arena, sizeof *all);

    for (size_t i = 0; group != NULL && i < group->member_count; i++) {
        const struct gaps *g = gaps_of(c, &group->members[i], unit, depth + 1);
        if (g == NULL)
            return NULL;
        *all = i == 0 ? *g : both(c->arena, all, g);
    }
    return all;
}

/* NULL where nothing can be said, or somebody is always there. A part-time desk is W320's. */
static const struct gaps *gaps_of(struct checker *c, const struct who *w, struct slice unit, unsigned depth)
{
    const struct directory *d = c->site->directory;
    const struct rota *r = directory_rota(d, w->name);
    const struct gaps *g = NULL;

    if (depth > GROUPS_DEEP)
        return NULL;
    if (w->kind == WHO_ONCALL || w->kind == WHO_COVERING)
        g = r != NULL ? check_gaps_of_rota(c, r) : NULL;
    else if (w->kind == WHO_ROLE)
        g = gaps_of_held_role(c, w, unit);
    else if (w->kind == WHO_GROUP || w->kind == WHO_TURN || w->kind == WHO_LEAST)
        g = gaps_of_group(c, directory_group(d, w->name), unit, depth);
    return g != NULL && g->count > 0 ? g : NULL;
}

/* --- a target: a gap is where none of its alternatives is there
 * --------------------------------------------- */

static bool takes_from_event(const struct rule *r, size_t step, size_t target, size_t alternative)
{
    for (size_t i = 0; i < r->slot_count; i++)
        if (r->slots[i].step == step && r->slots[i].target == target &&
            r->slots[i].alternative == alternative)
            return true;
    return false;
}

/* `oncall X of FIELD`: the first rota of a value that has a gap. Whose value the event has is not known, so
 * beside an else nothing is said. */
static const struct rota *open_rota_of_value(struct checker *c, const struct who *w)
{
    const struct directory *d = c->site->directory;

    for (size_t i = 0; i < d->rota_count; i++)
        if (rota_of_value(&d->rotas[i], w->name) && check_gaps_of_rota(c, &d->rotas[i])->count > 0)
            return &d->rotas[i];
    return NULL;
}

static struct gaps target_gaps(struct checker *c, const struct rule *r, size_t step, size_t target,
                               struct slice unit, struct who *first)
{
    const struct target *t = &r->plan->steps[step].targets[target];
    struct gaps all = { NULL, 0 };

    *first = t->alternatives[0];
    for (size_t i = 0; i < t->count; i++) {
        struct who w = t->alternatives[i];
        bool by_field = w.kind != WHO_COVERING && takes_from_event(r, step, target, i);
        const struct rota *of_value =
            by_field && t->count == 1 && w.kind == WHO_ONCALL ? open_rota_of_value(c, &w) : NULL;
        if (of_value != NULL)
            *first = w = (struct who){ .kind = WHO_ONCALL, .name = of_value->name };
        const struct gaps *g = by_field && of_value == NULL ? NULL : gaps_of(c, &w, unit, 0);
        if (g == NULL)
            return (struct gaps){ NULL, 0 };
        all = i == 0 ? *g : both(c->arena, &all, g);
    }
    return all;
}

static bool from_feed(const struct checker *c, const struct target *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct who *w = &t->alternatives[i];
        const struct rota *r = w->kind == WHO_ONCALL ? directory_rota(c->site->directory, w->name) : NULL;
        if (w->kind == WHO_COVERING || (r != NULL && r->feed.file.len > 0))
            return true;
    }
    return false;
}

/* --- the finding ---------------------------------------------------------------------------------------- */

static bool there_all_the_time(struct checker *c, const struct rota *r)
{
    const struct gaps *g = check_gaps_of_rota(c, r);

    return g != NULL && g->count == 0 && r->feed.file.len == 0;
}

/* Who could stand behind the else: a rota without a gap, else a desk that is always there. */
static struct slice who_else(struct checker *c)
{
    const struct directory *d = c->site->directory;

    for (size_t i = 0; i < d->rota_count; i++)
        if (slice_find(d->rotas[i].name, '.') == d->rotas[i].name.len && there_all_the_time(c, &d->rotas[i]))
            return arena_printf(c->arena, "oncall %.*s", SLICE_ARG(d->rotas[i].name));
    for (size_t i = 0; i < d->desk_count; i++)
        if (d->desks[i].staffed == NULL)
            return arena_printf(c->arena, "desk %.*s", SLICE_ARG(d->desks[i].name));
    return SLICE("desk operator");
}

static struct slice named(struct checker *c, const struct who *w, struct slice place)
{
    switch (w->kind) {
    case WHO_ONCALL:
        return arena_printf(c->arena, "rota \"%.*s\" has nobody", SLICE_ARG(w->name));
    case WHO_COVERING:
        return arena_printf(c->arena, "rota \"%.*s\", which covers, has nobody", SLICE_ARG(w->name));
    case WHO_ROLE:
        return arena_printf(c->arena, "unit \"%.*s\" has no %.*s", SLICE_ARG(place), SLICE_ARG(w->name));
    default:
        return arena_printf(c->arena, "group \"%.*s\" has nobody", SLICE_ARG(w->name));
    }
}

static void report(struct checker *c, const struct target *t, const struct who *w, struct span at,
                   const struct gaps *g, struct slice unit)
{
    static const char *const how[] = { [WHO_ONCALL] = "oncall ",
                                       [WHO_GROUP] = "group ",
                                       [WHO_TURN] = "turn of group ",
                                       [WHO_LEAST] = "least of group ",
                                       [WHO_COVERING] = "covering ... via oncall " };
    const struct directory *d = c->site->directory;
    int64_t from = c->site->now_us, to = from + check_gap_days(c) * TIME_DAY;
    struct slice place = w->of.len > 0 ? w->of : unit;

    if (!check_error(c, E_GAP, at))
        return;
    diagnose(c->d, t->count > 1 || from_feed(c, t) ? SEVERITY_WARNING : SEVERITY_ERROR, E_GAP, at,
             "%.*s %.*s, and %s", SLICE_ARG(named(c, w, place)),
             SLICE_ARG(gaps_text(g, from, to, d->zone, c->arena)),
             t->count > 1 ? "the else has nobody then either" : "this step has no else");
    const char *word = w->kind < sizeof how / sizeof *how && how[w->kind] != NULL ? how[w->kind] : "";
    diagnose_hint(c->d, "write \"%s%.*s else %.*s\", or fill the roster: nightbell roster gaps%s%.*s", word,
                  SLICE_ARG(w->name), SLICE_ARG(who_else(c)), w->kind == WHO_ROLE ? " " : "",
                  SLICE_ARG(w->kind == WHO_ROLE ? place : ((struct slice){ NULL, 0 })));
}

static void check_in_unit(struct checker *c, const struct rule *r, const struct step_place *step_at,
                          struct slice unit)
{
    for (size_t s = 0; s < r->plan->step_count; s++)
        for (size_t t = 0; t < r->plan->steps[s].target_count; t++) {
            struct who first;
            struct gaps g = target_gaps(c, r, s, t, unit, &first);
            if (g.count > 0)
                report(c, &r->plan->steps[s].targets[t], &first, step_at[s].targets[t], &g, unit);
        }
}

/* The units that a rule is for: those that all of its cases list, else every one. */
static bool for_unit(const struct dnf *dnf, size_t field, struct slice unit)
{
    for (size_t i = 0; i < dnf->count; i++) {
        const struct dim *d = conjunct_dim(&dnf->list[i], field);
        bool listed = d == NULL;
        for (size_t n = 0; d != NULL && n < d->name_count; n++)
            listed = listed || slice_eq(d->names[n].name, unit) != d->complement;
        if (listed || (d != NULL && d->complement && d->name_count == 0))
            return true;
    }
    return dnf->count == 0;
}

void check_gaps(struct checker *c, const struct rule *r, const struct dnf *dnf,
                const struct step_place *step_at)
{
    const struct directory *d = c->site->directory;
    size_t field = 0;

    if (c->site->now_us == 0 || r->plan == NULL || step_at == NULL || r->mode != MODE_LIVE)
        return;
    schema_find(SLICE("unit"), &field);
    check_in_unit(c, r, step_at, (struct slice){ NULL, 0 });
    for (size_t i = 0; i < d->unit_count; i++)
        if (dnf == NULL || for_unit(dnf, field, d->units[i].name))
            check_in_unit(c, r, step_at, d->units[i].name);
}
