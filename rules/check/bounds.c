/* rules/check/bounds.c - the most that a rule can send: groups and units by their members, repeats counted.
 * `nightbell check` prints it; too much is a finding. */
#include "rules/check/bounds.h"

#include <stdio.h>

enum { SENDS_SANE = 300, DEPTH_MAX = 8, MANY = 1000000 };

/* --- how many phones and desks one of a step's targets is ---------------------------------------------- */

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool common_bed(const struct assignment *a, const struct assignment *b)
{
    if (a->bed_count == 0 || b->bed_count == 0)
        return a->bed_count == b->bed_count; /* who holds beds comes before who holds the whole unit */
    for (size_t i = 0; i < a->bed_count; i++)
        for (size_t k = 0; k < b->bed_count; k++)
            if (slice_eq(a->beds[i], b->beds[k]))
                return true;
    return false;
}

static bool at_once(const struct assignment *a, const struct assignment *b)
{
    return slice_eq(a->role, b->role) && slice_eq(a->unit, b->unit) && common_bed(a, b) &&
           (a->during == NULL || b->during == NULL || a->during == b->during ||
            shifts_meet(a->during, b->during));
}

/* The most who hold the role for one bed at one time. */
static size_t holders(const struct directory *d, const struct who *w)
{
    size_t widest = 1;

    for (size_t i = 0; i < d->assignment_count; i++) {
        const struct assignment *a = &d->assignments[i];
        size_t count = 0;
        if (!slice_eq(a->role, w->name) || (w->of.len > 0 && !slice_eq(a->unit, w->of)))
            continue;
        for (size_t k = 0; k < d->assignment_count; k++)
            count += at_once(a, &d->assignments[k]);
        widest = most(widest, count);
    }
    return widest;
}

/* Most turns of a file that ever run at once: as one begins, those before it that still run. */
static size_t most_at_once(const struct rota_feed *f)
{
    size_t highest = 0, first = 0;

    for (size_t i = 0; i < f->count; i++) {
        size_t count = 0;
        while (first < i && f->turns[first].from_us + f->longest_us <= f->turns[i].from_us)
            first++;
        for (size_t k = first; k <= i; k++)
            count += f->turns[k].instead_of.len == 0 && f->turns[k].to_us > f->turns[i].from_us;
        highest = most(highest, count);
    }
    return highest;
}

static size_t on_call(const struct directory *d, struct slice name)
{
    size_t count = 1;

    for (size_t i = 0; i < d->rota_count; i++) {
        const struct rota *r = &d->rotas[i];
        bool of_name =
            slice_starts(r->name, name) && (r->name.len == name.len || r->name.ptr[name.len] == '.');
        size_t added = 0;
        for (size_t k = 0; k < r->override_count; k++)
            added += r->overrides[k].instead_of.len == 0;
        if (of_name)
            count = most(count, r->turn_count + (added > 0) + most_at_once(&r->feed));
    }
    return count;
}

static size_t assigned_to(const struct directory *d, struct slice unit)
{
    size_t count = 0;

    for (size_t i = 0; i < d->assignment_count; i++) {
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = slice_eq(d->assignments[k].unit, unit) &&
                    slice_eq(d->assignments[k].person, d->assignments[i].person);
        count += !again && slice_eq(d->assignments[i].unit, unit);
    }
    return most(1, count);
}

static size_t heads(const struct directory *d, const struct who *w, unsigned depth)
{
    const struct group *g = w->kind == WHO_GROUP && depth < DEPTH_MAX ? directory_group(d, w->name) : NULL;
    size_t count = 0;

    switch (w->kind) {
    case WHO_ROLE:
        return holders(d, w);
    case WHO_ONCALL:
    case WHO_COVERING:
        return on_call(d, w->name);
    case WHO_EVERYONE:
        return assigned_to(d, w->of);
    default:
        break;
    }
    for (size_t i = 0; g != NULL && i < g->member_count && count < MANY; i++)
        count += heads(d, &g->members[i], depth + 1);
    return most(1, count);
}

/* Counted once for each name: units times assignments times rules would not end. */
static size_t heads_kept(struct checker *c, const struct who *w)
{
    char text[512];
    int len = snprintf(text, sizeof text, "%d %.*s %.*s", (int)w->kind, SLICE_ARG(w->name), SLICE_ARG(w->of));
    struct slice key = { text, (size_t)len < sizeof text ? (size_t)len : 0 };
    size_t *kept = map_get(c->heads, key);

    if (kept == NULL) {
        kept = arena_alloc(c->arena, sizeof *kept);
        *kept = heads(c->site->directory, w, 0);
        map_put(c->heads, key, kept);
    }
    return *kept;
}

static size_t step_heads(struct checker *c, const struct plan_step *s)
{
    size_t sum = 0;

    for (size_t t = 0; t < s->target_count; t++) {
        size_t widest = 1;
        for (size_t k = 0; k < s->targets[t].count; k++)
            widest = most(widest, heads_kept(c, &s->targets[t].alternatives[k]));
        sum += widest;
    }
    return sum < MANY ? sum : MANY;
}

/* --- one plan --------------------------------------------------------------------------------------------
 */

static bool same_who(const struct who *a, const struct who *b)
{
    return a->kind == b->kind && slice_eq(a->name, b->name) && slice_eq(a->of, b->of);
}

static bool named_before(const struct plan *p, size_t step, size_t target, size_t alternative)
{
    const struct who *w = &p->steps[step].targets[target].alternatives[alternative];

    for (size_t s = 0; s <= step; s++)
        for (size_t t = 0; t < p->steps[s].target_count; t++)
            for (size_t k = 0; k < p->steps[s].targets[t].count; k++) {
                if (s == step && t == target && k == alternative)
                    return false;
                if (same_who(&p->steps[s].targets[t].alternatives[k], w))
                    return true;
            }
    return false;
}

static size_t different(const struct plan *p)
{
    size_t count = 0;

    for (size_t s = 0; s < p->step_count; s++)
        for (size_t t = 0; t < p->steps[s].target_count; t++)
            for (size_t k = 0; k < p->steps[s].targets[t].count; k++)
                count += !named_before(p, s, t, k);
    return count;
}

struct rule_bounds bounds_of(struct checker *c, const struct plan *p)
{
    struct rule_bounds b = { .targets = different(p), .span_us = p->hold_us };
    size_t last = 0, last_heads = 0;

    for (size_t i = 0; i < p->step_count; i++) {
        last = p->steps[i].target_count;
        last_heads = step_heads(c, &p->steps[i]);
        b.sends += last;
        b.heads += last_heads;
    }
    if (p->step_count > 0)
        b.span_us += p->steps[p->step_count - 1].at_us;
    b.span_us += (int64_t)p->repeat_max * p->repeat_every_us;
    b.sends += p->repeat_max * (p->repeat_all ? b.sends : last);
    b.heads += p->repeat_max * (p->repeat_all ? b.heads : last_heads);
    return b;
}

void check_bounds(struct checker *c, const struct ast_node *n, struct rule *r)
{
    char text[TIME_TEXT];

    if (r->plan == NULL)
        return;
    r->bounds = bounds_of(c, r->plan);
    if (r->bounds.heads <= SENDS_SANE)
        return;
    bool refused = r->bounds.heads > LIMIT_RULE_SENDS;
    if (!check_error(c, refused ? E_BOUNDS : W_MANY_SENDS, n->at))
        return;
    diagnose(c->d, refused ? SEVERITY_ERROR : SEVERITY_WARNING, refused ? E_BOUNDS : W_MANY_SENDS, n->at,
             "%s\"%.*s\" can send %zu times for one event, in %.*s", refused ? "rule-sends: " : "",
             SLICE_ARG(r->name), r->bounds.heads, SLICE_ARG(duration_text(r->bounds.span_us, text)));
    diagnose_hint(c->d,
                  "groups, units and repeats are counted by their members; %s %d. Repeat less often, or "
                  "name fewer people",
                  refused ? "the limit is" : "it warns above", refused ? LIMIT_RULE_SENDS : SENDS_SANE);
}

/* --- as check prints it ------------------------------------------------------------------------------------
 */

static void put_rule(struct buf *out, const struct rule *r)
{
    const struct rule_bounds *b = &r->bounds;
    char text[TIME_TEXT];

    buf_printf(out, "%.*s: ", SLICE_ARG(r->name));
    if (r->plan == NULL) {
        buf_text(out, "ignores\n");
        return;
    }
    buf_printf(out, "at most %zu target send%s in %.*s, %zu target%s", b->sends, b->sends == 1 ? "" : "s",
               SLICE_ARG(duration_text(b->span_us, text)), b->targets, b->targets == 1 ? "" : "s");
    if (b->heads != b->sends)
        buf_printf(out, "; %zu to people and desks", b->heads);
    if (b->copy_heads > 0)
        buf_printf(out, "; and %zu by copies", b->copy_heads);
    buf_text(out, "\n");
}

void ruleset_bounds(const struct ruleset *r, struct buf *out)
{
    for (size_t i = 0; i < r->count; i++)
        put_rule(out, &r->rules[i]);
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (r->defaults[k] != NULL)
            put_rule(out, r->defaults[k]);
    if (r->otherwise != NULL)
        put_rule(out, r->otherwise);
}
