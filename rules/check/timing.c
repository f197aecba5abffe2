/* rules/check/timing.c - can each step of a plan ring by its time, and would anybody hear it? */
#include "rules/check/check.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 8, CLOCK_CHANGE_MIN = 60 };

/* --- how long until it is known that nobody's phone has it --------------------------------------------- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t slowest_reach(const struct check_context *site, const struct reach *reach, size_t count)
{
    int64_t us = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < site->receipt_count; k++)
            if (slice_eq(site->receipts[k].endpoint, reach[i].endpoint))
                us = later(us, site->receipts[k].us);
    return us;
}

static bool may_hold(const struct person *p, struct slice role)
{
    for (size_t i = 0; i < p->role_count; i++)
        if (slice_eq(p->roles[i], role))
            return true;
    return slice_eq(p->name, role);
}

static int64_t slowest_holder(const struct check_context *site, struct slice role)
{
    const struct directory *d = site->directory;
    int64_t us = 0;

    for (size_t i = 0; i < d->person_count; i++)
        if (may_hold(&d->persons[i], role))
            us = later(us, slowest_reach(site, d->persons[i].reach, d->persons[i].reach_count));
    return us;
}

static int64_t slowest_on_call(const struct check_context *site, struct slice rota)
{
    const struct rota *r = directory_rota(site->directory, rota);
    int64_t us = 0;

    for (size_t t = 0; r != NULL && t < r->turn_count; t++)
        for (size_t i = 0; i < r->turns[t].people_count; i++)
            us = later(us, slowest_holder(site, r->turns[t].people[i]));
    for (size_t i = 0; r != NULL && i < r->override_count; i++)
        us = later(us, slowest_holder(site, r->overrides[i].person));
    for (size_t i = 0; r != NULL && i < r->feed.count; i++)
        if (i == 0 || !slice_eq(r->feed.turns[i].person, r->feed.turns[i - 1].person))
            us = later(us, slowest_holder(site, r->feed.turns[i].person));
    return us;
}

static int64_t slowest_of(const struct check_context *site, const struct who *w, unsigned depth)
{
    const struct desk *desk = w->kind == WHO_DESK ? directory_desk(site->directory, w->name) : NULL;
    const struct group *g =
        depth < DEPTH_MAX && (w->kind == WHO_GROUP || w->kind == WHO_TURN || w->kind == WHO_LEAST)
            ? directory_group(site->directory, w->name)
            : NULL;
    int64_t us = 0;

    if (desk != NULL)
        return slowest_reach(site, desk->reach, desk->reach_count);
    if (w->kind == WHO_ROLE)
        return slowest_holder(site, w->name);
    if (w->kind == WHO_ONCALL || w->kind == WHO_COVERING)
        return slowest_on_call(site, w->name);
    for (size_t i = 0; g != NULL && i < g->member_count; i++)
        us = later(us, slowest_of(site, &g->members[i], depth + 1));
    return us;
}

static int64_t slowest_kept(struct checker *c, const struct who *w)
{
    char text[512];
    int len = snprintf(text, sizeof text, "%d %.*s", (int)w->kind, SLICE_ARG(w->name));
    struct slice key = { text, (size_t)len < sizeof text ? (size_t)len : 0 };
    int64_t *kept = map_get(c->slowest, key);

    if (kept == NULL) {
        kept = arena_alloc(c->arena, sizeof *kept);
        *kept = slowest_of(c->site, w, 0);
        map_put(c->slowest, key, kept);
    }
    return *kept;
}

static int64_t slowest_step(struct checker *c, const struct plan_step *s)
{
    int64_t us = 0;

    for (size_t t = 0; t < s->target_count; t++)
        for (size_t k = 0; k < s->targets[t].count; k++)
            us = later(us, slowest_kept(c, &s->targets[t].alternatives[k]));
    return us;
}

/* --- W318, W321: earlier than an answer can be there --------------------------------------------------- */

static void too_early(struct checker *c, const struct checked *k, size_t step)
{
    const struct plan_step *list = k->rule->plan->steps, *s = &list[step];
    char at[TIME_TEXT], wait[TIME_TEXT];
    int64_t known = INT64_MAX;

    for (size_t i = 0; i < step; i++) {
        int64_t slow = slowest_step(c, &list[i]);
        if (slow > 0 && list[i].at_us + slow < known)
            known = list[i].at_us + slow;
    }
    if (s->state != STEP_NOT_DELIVERED || known == INT64_MAX || s->at_us >= known ||
        !check_error(c, W_TOO_EARLY, k->step_at[step].at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_TOO_EARLY, k->step_at[step].at,
             "at %.*s nobody can know yet whether it was delivered", SLICE_ARG(duration_text(s->at_us, at)));
    diagnose_hint(c->d,
                  "phones may take until %.*s to say so (receipt of their endpoint): ask no earlier, or say "
                  "\"if not accepted\"",
                  SLICE_ARG(duration_text(known, wait)));
}

static void slow_receipt(struct checker *c, const struct checked *k, size_t step)
{
    const struct plan_step *list = k->rule->plan->steps, *s = &list[step];
    char gap[TIME_TEXT], wait[TIME_TEXT];
    size_t next = step + 1;

    while (next < k->rule->plan->step_count && list[next].at_us <= s->at_us)
        next++;
    if (s->fyi || next >= k->rule->plan->step_count || list[next].state == STEP_NOT_DELIVERED)
        return;
    int64_t slow = slowest_step(c, s), between = list[next].at_us - s->at_us;
    if (slow <= between || !check_error(c, W_SLOW_RECEIPT, k->step_at[next].at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_SLOW_RECEIPT, k->step_at[next].at,
             "this step comes %.*s after the one before it, sooner than that one's phones must answer",
             SLICE_ARG(duration_text(between, gap)));
    diagnose_hint(c->d, "their endpoint has \"receipt %.*s\": wait at least as long, or lower it",
                  SLICE_ARG(duration_text(slow, wait)));
}

/* --- W319: everybody was told before -------------------------------------------------------------------- */

/* Whoever gets to a later "if not accepted" has passed these. */
static bool is_sure(enum step_state s)
{
    return s == STEP_ALWAYS || s == STEP_NOT_ACCEPTED;
}

static bool told_before(const struct plan *p, size_t step, const struct who *w)
{
    for (size_t s = 0; s < step; s++)
        for (size_t t = 0; is_sure(p->steps[s].state) && t < p->steps[s].target_count; t++) {
            const struct who *other = &p->steps[s].targets[t].alternatives[0];
            if (w->kind == other->kind && slice_eq(w->name, other->name) && slice_eq(w->of, other->of))
                return true;
        }
    return false;
}

static bool always_rings(const struct who *w)
{
    return w->kind == WHO_DESK || w->kind == WHO_UNIT_DESK || w->kind == WHO_TURN || w->kind == WHO_LEAST;
}

static void all_told(struct checker *c, const struct checked *k, size_t step)
{
    const struct plan *p = k->rule->plan;
    const struct plan_step *s = &p->steps[step];

    if (s->state != STEP_NOT_ACCEPTED || k->rule->slot_count > 0)
        return;
    for (size_t t = 0; t < s->target_count; t++)
        for (size_t i = 0; i < s->targets[t].count; i++)
            if (always_rings(&s->targets[t].alternatives[i]) ||
                !told_before(p, step, &s->targets[t].alternatives[i]))
                return;
    if (!check_error(c, W_TOLD_BEFORE, k->step_at[step].at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_TOLD_BEFORE, k->step_at[step].at,
             "everybody in this step was told before: it finds nobody and goes on at once");
    diagnose_hint(c->d, "name somebody else, or ring them again with \"repeat\"; a desk always rings again");
}

/* --- E324, W320: desks that are not there at that hour -------------------------------------------------- */

static bool there_near(const uint64_t *there, unsigned minute, unsigned slack)
{
    for (unsigned near = 0; near <= 2 * slack; near += 30) {
        unsigned at = (minute + WEEK_MINUTES - slack + near) % WEEK_MINUTES;
        if (there[at / 64] >> (at % 64) & 1)
            return true;
    }
    return false;
}

/* Is the desk there so long after every (all) or some minute of the hours? A clock change moves the wall
 * clock between the event and the step by an hour at most, so "never" allows for one. */
static bool staffed_after(const struct dim *hours, const struct desk *desk, struct arena *a, int64_t after_us,
                          bool all)
{
    struct atom atom = { .check = CHECK_SHIFT, .shift = desk->staffed };
    const uint64_t *there = dim_of(a, &(struct literal){ &atom, true }).minutes;
    unsigned after = (unsigned)(after_us / TIME_MIN % WEEK_MINUTES);

    for (unsigned m = 0; m < WEEK_MINUTES; m++) {
        bool asked = hours == NULL || (hours->minutes[m / 64] >> (m % 64) & 1);
        if (asked && there_near(there, m + after, all ? 0 : CLOCK_CHANGE_MIN) != all)
            return !all;
    }
    return all;
}

static const struct dim *hours_of(const struct conjunct *j)
{
    for (size_t i = 0; i < j->dim_count; i++)
        if (j->dims[i].kind == DIM_CLOCK)
            return &j->dims[i];
    return NULL;
}

/* Is the desk there at the step's time for every (all) or for some event that the rule can own? */
static bool desk_there(struct checker *c, const struct checked *k, const struct desk *desk, int64_t at_us,
                       bool all)
{
    for (size_t i = 0; i < k->dnf.count; i++)
        if (!k->dnf.list[i].impossible && staffed_after(hours_of(&k->dnf.list[i]), desk, c->arena,
                                                        at_us + k->rule->plan->hold_us, all) != all)
            return !all;
    return all;
}

static void part_time(struct checker *c, const struct checked *k, size_t step)
{
    const struct plan_step *s = &k->rule->plan->steps[step];
    bool delivered = ast_child(k->node, AST_DELIVER) != NULL;

    for (size_t t = 0; t < s->target_count && !delivered; t++) {
        const struct who *last = &s->targets[t].alternatives[s->targets[t].count - 1];
        const struct desk *desk =
            last->kind == WHO_DESK ? directory_desk(c->site->directory, last->name) : NULL;
        if (desk == NULL || desk->staffed == NULL || desk_there(c, k, desk, s->at_us, true))
            continue;
        bool ever = desk_there(c, k, desk, s->at_us, false) || s->targets[t].count > 1;
        if (!check_error(c, ever ? W_PART_TIME : E_NEVER_RINGS, k->step_at[step].at))
            continue;
        diagnose(c->d, ever ? SEVERITY_WARNING : SEVERITY_ERROR, ever ? W_PART_TIME : E_NEVER_RINGS,
                 k->step_at[step].at,
                 ever ? "desk \"%.*s\" is staffed during %.*s only: at other hours this finds nobody"
                      : "this step never rings: desk \"%.*s\" is staffed during %.*s only, and then this "
                        "rule owns nothing",
                 SLICE_ARG(desk->name), SLICE_ARG(desk->staffed->name));
        diagnose_hint(c->d, "write \"desk %.*s else desk ...\" with one that is staffed then%s",
                      SLICE_ARG(desk->name), ever ? ", or \"deliver during\" its hours" : "");
    }
}

void check_timing(struct checker *c, const struct checked *k)
{
    if (k->rule->plan == NULL || k->step_at == NULL || k->dnf.too_many)
        return;
    for (size_t i = 0; i < k->rule->plan->step_count; i++) {
        too_early(c, k, i);
        slow_receipt(c, k, i);
        all_told(c, k, i);
        part_time(c, k, i);
    }
}
