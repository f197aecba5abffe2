/* A new site, and open alerts that go over to it (LANGUAGE 7, Reload). */
#include "router/state.h"

#include "base/limits.h"

#include <string.h>

enum { ADOPT_AT_ONCE = 500 }; /* alerts that one input hands over: an append has room for their plans */

/* --- one alert over to the newest version ---------------------------------------------------------- */

static bool same_targets(const struct plan_step *x, const struct plan_step *y)
{
    struct buf one = buf_make(65536), two = buf_make(65536);

    for (size_t i = 0; i < x->target_count; i++)
        target_write(&one, &x->targets[i]);
    for (size_t i = 0; i < y->target_count; i++)
        target_write(&two, &y->targets[i]);
    bool same = x->fyi == y->fyi && slice_eq(buf_slice(&one), buf_slice(&two));
    buf_free(&one);
    buf_free(&two);
    return same;
}

/* A step that has fired stands for the one of the new plan that tells the same people: at the same time
 * first, then at another one, so that a changed delay rings nobody twice. */
static uint32_t *carry_over(struct core *c, struct alert *a, const struct plan *now)
{
    const struct plan *was = alert_plan(c, a);
    uint32_t *from = arena_array(c->scratch, now->step_count + 1, sizeof *from);
    bool *used = arena_array(c->scratch, was->step_count + 1, sizeof *used);

    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < now->step_count; i++)
            for (size_t k = 0; k < was->step_count && k < a->step_count && from[i] == 0; k++) {
                const struct plan_step *x = &now->steps[i], *y = &was->steps[k];
                bool fits = pass == 0 ? x->at_us == y->at_us : x->state == y->state;
                if (used[k] || !(a->steps[k].fired || a->steps[k].skipped) || !fits || !same_targets(x, y))
                    continue;
                from[i] = (uint32_t)k + 1;
                used[k] = true;
            }
    return from;
}

static struct slice numbers_write(struct core *c, const uint32_t *list, size_t count)
{
    struct buf b = buf_make(LIMIT_APPEND_BYTES);

    buf_u32(&b, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        buf_u32(&b, list[i]);
    struct slice kept = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    return kept;
}

static struct slice credits_of(struct core *c, struct alert *a, const struct plan *plan)
{
    uint32_t *list = arena_array(c->scratch, a->recipient_count + 1, sizeof *list);

    for (size_t i = 0; i < a->recipient_count; i++)
        list[i] = a->recipients[i].accepted ? decide_credits_of(c, a, plan, a->recipients[i].holder)
                                            : a->recipients[i].credits;
    return numbers_write(c, list, a->recipient_count);
}

/* Its rule in the newest version: the one of its name, else the one that owns its event now. NULL: that one
 * would ignore it, and what people were told of is not taken away from them. */
static const struct rule *rule_in_newest(struct core *c, struct alert *a, const struct event *e,
                                         const struct eval_now *now, struct slice *how)
{
    const struct rule *same = ruleset_rule(c->site->rules, a->rule);
    struct event as_new = *e;
    struct match match;

    *how = SLICE("the rule of the same name");
    if (same != NULL && (rule_is_live(same) || rule_is_default(same)) && rule_ignores(same).len == 0)
        return same;
    if (e->kind == EVENT_ALARM || e->kind == EVENT_CALL || e->kind == EVENT_ORDER)
        as_new.phase = PHASE_STARTS;
    ruleset_match(c->site->rules, &as_new, now, false, c->scratch, &match);
    *how = SLICE("it owns the event now");
    if (rule_ignores(match.owner).len == 0)
        return match.owner;
    *how = SLICE("its rule is gone, and what owns the event now ignores it: the plan stays");
    return NULL;
}

static int64_t hold_of(struct core *c, const struct alert *a, const struct rule *rule,
                       const struct plan *plan, const struct event *e, const struct eval_now *now)
{
    int64_t until = a->opened_us + plan->hold_us;

    if (a->state != ALERT_HELD)
        return TIME_NONE;
    if (rule == NULL || a->wait != 0)
        return a->hold_until_us;
    if (plan->hold_us == 0 || rule_hold_skipped(rule, e, now, c->scratch) || until < c->now_us)
        return c->now_us;
    return until;
}

/* When nothing is left to fire: the repeat or the last call that was on its way, else one from now. */
static int64_t end_of(const struct core *c, const struct alert *a, const struct plan *plan,
                      const uint32_t *from)
{
    int64_t due = a->repeat_us != TIME_NONE ? a->repeat_us : a->exhaust_us;

    if (a->state != ALERT_NOTIFYING)
        return TIME_NONE;
    for (size_t i = 0; i < plan->step_count; i++)
        if (from[i] == 0)
            return TIME_NONE;
    bool rings = plan->repeat_every_us > 0 && a->repeats < plan->repeat_max;
    if (a->exhausted && !rings)
        return TIME_NONE;
    if (due != TIME_NONE)
        return due;
    return c->now_us + (rings ? plan->repeat_every_us : LAST_CALL_US);
}

/* The accepts that stand may be enough for the new plan. */
static void accept_if_enough(struct core *c, struct alert *a)
{
    const struct recipient *last = NULL;

    for (size_t i = 0; i < a->recipient_count; i++)
        if (a->recipients[i].accepted && (last == NULL || !a->recipients[i].desk))
            last = &a->recipients[i];
    if (a->state == ALERT_NOTIFYING && last != NULL && last->credits != 0 && alert_quorum(c, a))
        decide_accepted(c, a, arena_copy(c->scratch, last->holder), 0);
}

static void adopt(struct core *c, struct alert *a, struct slice because)
{
    struct record r = { .type = RECORD_ALERT_ADOPT };
    struct record_alert_adopt *d = &r.as.alert_adopt;
    const struct event *e = alert_event(c, a);
    struct message_context m = { .position = c->position, .event = e };
    struct eval_now now = core_eval(c, &m);
    struct slice how;
    const struct rule *rule = rule_in_newest(c, a, e, &now, &how);
    const struct plan *plan = rule != NULL ? plan_make(rule, e, c->scratch) : alert_plan(c, a);
    const uint32_t *from = carry_over(c, a, plan);

    d->alert = a->id;
    memcpy(d->site, c->head.site_hash, sizeof d->site);
    d->rule = arena_copy(c->scratch, rule != NULL ? rule_name(rule) : a->rule);
    d->why = arena_printf(c->scratch, "%.*s; %.*s", SLICE_ARG(because), SLICE_ARG(how));
    d->plan = plan_bytes(c, plan);
    d->steps = numbers_write(c, from, plan->step_count);
    d->credits = credits_of(c, a, plan);
    d->hold_until_us = hold_of(c, a, rule, plan, e, &now);
    d->next_us = end_of(c, a, plan, from);
    core_emit(c, &r);
    accept_if_enough(c, a);
}

/* Those of one version, or (NULL) of every one but the newest. False: there are more than go at once. */
static bool adopt_all(struct core *c, const uint8_t *hash, struct slice because)
{
    unsigned count = 0;

    for (struct alert *a = c->open_first, *next; a != NULL && !c->damaged; a = next) {
        next = a->next_open;
        bool newest = memcmp(a->site, c->head.site_hash, sizeof a->site) == 0;
        if (hash != NULL ? memcmp(a->site, hash, sizeof a->site) != 0 : newest)
            continue;
        if (count++ == ADOPT_AT_ONCE)
            return false;
        adopt(c, a, because);
    }
    return true;
}

void decide_adopt(struct core *c, const struct core_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_ADOPT, .as.adopt = { in->as.adopt.by } };

    out->done = c->site != NULL;
    if (!out->done || c->versions.kept_count == 0)
        return; /* no alert is of another version */
    core_emit(c, &r);
    out->more = !adopt_all(c, NULL, SLICE("asked for"));
}

/* --- versions --------------------------------------------------------------------------------------- */

static void keep_within_limit(struct core *c)
{
    struct slice why = arena_printf(c->scratch, "site-versions: %d older ones are kept", LIMIT_SITE_VERSIONS);
    uint8_t oldest[32];

    while (c->versions.kept_count > LIMIT_SITE_VERSIONS && !c->damaged) {
        memcpy(oldest, c->versions.kept[0].hash, sizeof oldest);
        if (!adopt_all(c, oldest, why))
            return; /* the rest with the next site */
    }
}

void decide_unread_versions(struct core *c)
{
    for (size_t i = 0; i < c->versions.kept_count && !c->damaged;) {
        uint8_t hash[32];
        size_t before = c->versions.kept_count;
        struct alert of = { .id = 0 };
        memcpy(hash, c->versions.kept[i].hash, sizeof hash);
        memcpy(of.site, hash, sizeof of.site);
        if (alert_site(c, &of) == c->site)
            adopt_all(c, hash, SLICE("this program does not read its version any more"));
        i += c->versions.kept_count == before;
    }
}

static void put_changes(struct core *c, struct record_site *s)
{
    struct ruleset_changes d;

    ruleset_changes(c->site != NULL ? c->site->rules : NULL, c->fresh->rules, c->scratch, &d);
    if (c->site == NULL)
        d.added_count = 0; /* the first one: everything is */
    s->added = texts_write(c->scratch, d.added, d.added_count);
    s->changed = texts_write(c->scratch, d.changed, d.changed_count);
    s->removed = texts_write(c->scratch, d.removed, d.removed_count);
}

bool decide_site(struct core *c, const struct core_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_SITE };
    struct error err = { .code = ERROR_NONE };

    c->fresh = c->hooks.compile_site(c->hooks.ctx, in->as.site.fileset, &err);
    if (c->fresh == NULL) {
        out->error = err;
        error_set(&out->error, ERROR_VALUE, "the site does not compile");
        return true; /* kept out; the old one goes on */
    }
    r.as.site.fileset = in->as.site.fileset;
    memcpy(r.as.site.hash, in->as.site.hash, sizeof r.as.site.hash);
    r.as.site.by = in->as.site.by;
    r.as.site.how = in->as.site.how;
    put_changes(c, &r.as.site);
    core_emit(c, &r);
    keep_within_limit(c);
    decide_handoff_all(c);
    out->done = true;
    return true;
}

void decide_site_finding(struct core *c, const struct core_input *in, struct core_result *out)
{
    struct record r = { .type = RECORD_SITE_FINDING };

    r.as.site_finding = (struct record_site_finding){ in->as.site_finding.by, in->as.site_finding.how,
                                                      in->as.site_finding.why };
    struct message_context m = { .position = c->position };
    core_emit(c, &r);
    if (slice_is(in->as.site_finding.how, "coverage"))
        decide_technical(c, &m, "coverage-gap", "A change of data leaves rules without somebody",
                         (struct place){ .unit = { NULL, 0 } }, (struct slice){ NULL, 0 });
    out->done = true;
}
