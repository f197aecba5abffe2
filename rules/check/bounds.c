/* rules/check/bounds.c - the most that a rule can send, as `nightbell check` prints it. */
#include "rules/check/compile.h"
#include "rules/compiled.h"

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

static void put_rule(struct buf *out, const struct rule *r)
{
    const struct plan *p = r->plan;
    size_t sends = 0;
    char text[TIME_TEXT];

    buf_printf(out, "%.*s: ", SLICE_ARG(r->name));
    if (p == NULL) {
        buf_text(out, "ignores\n");
        return;
    }
    for (size_t i = 0; i < p->step_count; i++)
        sends += p->steps[i].target_count;
    size_t last = p->step_count > 0 ? p->steps[p->step_count - 1].target_count : 0;
    size_t repeats = p->repeat_max * (p->repeat_all ? sends : last);
    int64_t span = p->hold_us + (p->step_count > 0 ? p->steps[p->step_count - 1].at_us : 0);
    span += (int64_t)p->repeat_max * p->repeat_every_us;
    struct slice time = duration_text(span, text);
    size_t targets = different(p);
    buf_printf(out, "at most %zu target send%s in %.*s, %zu target%s\n", sends + repeats,
               sends + repeats == 1 ? "" : "s", SLICE_ARG(time), targets, targets == 1 ? "" : "s");
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
