/* rules/check/gaps.c - E304: a step that, in the days to come, would look for somebody whom the roster does
 * not have. Only for a person who asks with a date; a running program takes every roster as it comes. */
#include "roster/gaps.h"
#include "rules/check/check.h"

enum { GAP_DAYS = 14 };

static unsigned days_of(const struct checker *c)
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
                        c->site->now_us + days_of(c) * TIME_DAY, c->arena);
}

static struct gaps find_rota(struct checker *c, const void *what)
{
    return gaps_of_rota(c->site->directory, what, c->site->now_us, c->site->now_us + days_of(c) * TIME_DAY,
                        c->arena);
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

/* The gaps of one alternative in a unit; NULL where nothing can be said, or somebody is always there. */
static const struct gaps *gaps_of(struct checker *c, const struct who *w, struct slice unit)
{
    const struct directory *d = c->site->directory;
    const struct gaps *g = NULL;

    if (w->kind == WHO_ONCALL) {
        const struct rota *r = directory_rota(d, w->name);
        g = r != NULL ? kept(c, arena_printf(c->arena, "rota %.*s", SLICE_ARG(w->name)), find_rota, r) : NULL;
    } else if (w->kind == WHO_ROLE && directory_person(d, w->name) == NULL &&
               planned_here(c, w->name, w->of.len > 0 ? w->of : unit)) {
        struct role_in what = { w->name, w->of.len > 0 ? w->of : unit };
        struct slice key =
            arena_printf(c->arena, "role %.*s of %.*s", SLICE_ARG(what.role), SLICE_ARG(what.unit));
        g = kept(c, key, find_role, &what);
    }
    return g != NULL && g->count > 0 ? g : NULL;
}

/* --- a target: a gap is where none of its alternatives is there
 * --------------------------------------------- */

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

static bool takes_from_event(const struct rule *r, size_t step, size_t target, size_t alternative)
{
    for (size_t i = 0; i < r->slot_count; i++)
        if (r->slots[i].step == step && r->slots[i].target == target &&
            r->slots[i].alternative == alternative)
            return true;
    return false;
}

static struct gaps target_gaps(struct checker *c, const struct rule *r, size_t step, size_t target,
                               struct slice unit)
{
    const struct target *t = &r->plan->steps[step].targets[target];
    struct gaps all = { NULL, 0 };

    for (size_t i = 0; i < t->count; i++) {
        const struct gaps *g =
            takes_from_event(r, step, target, i) ? NULL : gaps_of(c, &t->alternatives[i], unit);
        if (g == NULL)
            return (struct gaps){ NULL, 0 };
        all = i == 0 ? *g : both(c->arena, &all, g);
    }
    return all;
}

static bool from_feed(const struct checker *c, const struct target *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct rota *r = t->alternatives[i].kind == WHO_ONCALL
                                   ? directory_rota(c->site->directory, t->alternatives[i].name)
                                   : NULL;
        if (r != NULL && r->feed.file.len > 0)
            return true;
    }
    return false;
}

static void report(struct checker *c, const struct target *t, struct span at, const struct gaps *g,
                   struct slice unit)
{
    const struct who *w = &t->alternatives[0];
    bool rota = w->kind == WHO_ONCALL;
    struct slice place = w->of.len > 0 ? w->of : unit,
                 text = gap_text(&g->list[0], c->site->directory->zone, c->arena);

    if (!check_error(c, E_GAP, at))
        return;
    enum severity severity = t->count > 1 || from_feed(c, t) ? SEVERITY_WARNING : SEVERITY_ERROR;
    struct slice more = g->count > 1 ? arena_printf(c->arena, " and %zu more times", g->count - 1)
                                     : (struct slice){ NULL, 0 };
    struct slice who =
        rota ? arena_printf(c->arena, "rota \"%.*s\" has nobody", SLICE_ARG(w->name))
             : arena_printf(c->arena, "unit \"%.*s\" has no %.*s", SLICE_ARG(place), SLICE_ARG(w->name));
    diagnose(c->d, severity, E_GAP, at, "%.*s %.*s%.*s in %u days, and %s", SLICE_ARG(who), SLICE_ARG(text),
             SLICE_ARG(more), days_of(c),
             t->count > 1 ? "the else has nobody then either" : "this step has no else");
    if (rota)
        diagnose_hint(c->d,
                      "write \"oncall %.*s else desk ...\", or fill the roster: nightbell roster gaps SITE",
                      SLICE_ARG(w->name));
    else
        diagnose_hint(c->d,
                      "write \"%.*s else oncall ...\", or fill the roster: nightbell roster gaps SITE %.*s",
                      SLICE_ARG(w->name), SLICE_ARG(place));
}

static void check_in_unit(struct checker *c, const struct rule *r, const struct span *step_at,
                          struct slice unit)
{
    for (size_t s = 0; s < r->plan->step_count; s++)
        for (size_t t = 0; t < r->plan->steps[s].target_count; t++) {
            struct gaps g = target_gaps(c, r, s, t, unit);
            if (g.count > 0)
                report(c, &r->plan->steps[s].targets[t], step_at[s], &g, unit);
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

void check_gaps(struct checker *c, const struct rule *r, const struct dnf *dnf, const struct span *step_at)
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
