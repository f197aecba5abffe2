/* What a site record changes, and which version an open alert is asked of. */
#include "router/state.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool same_version(const uint8_t a[32], const uint8_t b[32])
{
    return memcmp(a, b, 32) == 0;
}

static size_t open_alerts_of(const struct core *c, const uint8_t hash[32])
{
    size_t count = 0;

    for (const struct alert *a = c->open_first; a != NULL; a = a->next_open)
        count += same_version(a->site, hash);
    return count;
}

/* The version before goes, unless open alerts are asked of it. */
static void replace(struct core *c, const struct record_site *s, struct site *site)
{
    size_t open = open_alerts_of(c, c->head.site_hash);
    struct kept_version *back = versions_kept(&c->versions, s->hash);

    if (back != NULL) /* it comes back: its alerts are the newest's */
        versions_drop(&c->versions, back);
    if (c->site != NULL && open > 0 && !same_version(c->head.site_hash, s->hash)) {
        versions_keep(&c->versions, c->head.site_hash, c->head.fileset, c->site, open);
        c->head.fileset = (struct slice){ NULL, 0 };
        c->site = NULL;
    }
    site_free(&c->site);
    c->site = site;
    text_set(&c->head.fileset, s->fileset);
    memcpy(c->head.site_hash, s->hash, sizeof c->head.site_hash);
}

void apply_site(struct core *c, const struct record *r)
{
    const struct record_site *s = &r->as.site;
    struct error err = { .code = ERROR_NONE };
    struct site *site = c->fresh != NULL ? c->fresh : c->hooks.compile_site(c->hooks.ctx, s->fileset, &err);

    c->fresh = NULL;
    if (site == NULL) {
        c->damaged = true;
        return;
    }
    replace(c, s, site);
    struct taken_version row = { .position = c->position,
                                 .at_us = r->wall_us,
                                 .by = s->by,
                                 .how = s->how,
                                 .added = s->added,
                                 .changed = s->changed,
                                 .removed = s->removed };
    memcpy(row.hash, s->hash, sizeof row.hash);
    versions_take(&c->versions, &row);
    staff_site_changed(c->staff);
    sources_expect(c);
    reports_expect(c);
}

void apply_adopt(struct core *c, const struct record *r)
{
    (void)c; /* what goes over stands in the records after it */
    (void)r;
}

void apply_site_finding(struct core *c, const struct record *r)
{
    const struct record_site_finding *s = &r->as.site_finding;
    bool coverage = slice_is(s->how, "coverage");

    lists_add(&c->lists, coverage ? LIST_COVERAGE : LIST_FINDING,
              &(struct list_row){ coverage ? SLICE("coverage") : SLICE("site-kept-out"), s->why, s->by, 1,
                                  c->position, r->wall_us },
              false);
    c->counters[COUNTER_FINDINGS]++;
}

const struct site *alert_site(struct core *c, const struct alert *a)
{
    struct kept_version *k = versions_kept(&c->versions, a->site);
    struct error err = { .code = ERROR_NONE };

    if (k == NULL)
        return c->site;
    if (k->site == NULL && !k->refused) {
        k->site = c->hooks.compile_site(c->hooks.ctx, k->fileset, &err);
        k->refused = k->site == NULL;
    }
    return k->site != NULL ? k->site : c->site;
}

const struct rule *alert_rule(struct core *c, const struct alert *a)
{
    return ruleset_rule(alert_site(c, a)->rules, a->rule);
}

void alert_version_opened(struct core *c, struct alert *a)
{
    memcpy(a->site, c->head.site_hash, sizeof a->site);
    a->adopted_us = TIME_NONE;
}

void alert_version_left(struct core *c, struct alert *a)
{
    struct kept_version *k = versions_kept(&c->versions, a->site);

    if (k != NULL && --k->alerts == 0)
        versions_drop(&c->versions, k);
}

void alert_version_back(struct core *c, struct alert *a)
{
    struct kept_version *k = versions_kept(&c->versions, a->site);

    if (k != NULL)
        k->alerts++;
    else
        memcpy(a->site, c->head.site_hash, sizeof a->site);
}

/* Which step of the new plan stands for one of the old: its successor, else the last before it that has one.
 */
static uint32_t successor(const uint32_t *from, size_t count, uint32_t old)
{
    uint32_t nearest = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (from[i] == old + 1)
            return i;
        if (from[i] != 0 && from[i] <= old)
            nearest = i;
    }
    return nearest;
}

/* Sends and people of the plan before belong to the steps that go on for theirs. */
static void renumber(struct alert *a, const uint32_t *from)
{
    for (size_t i = 0; i < a->delivery_count; i++)
        if (!a->deliveries[i]->past)
            a->deliveries[i]->step = successor(from, a->step_count, a->deliveries[i]->step);
    for (size_t i = 0; i < a->recipient_count; i++)
        if (!a->recipients[i].past)
            a->recipients[i].step = successor(from, a->step_count, a->recipients[i].step);
}

/* The new plan in place of the old one; what has happened stays as it is. */
static void exchange(struct core *c, struct alert *a, struct slice plan, const uint32_t *from, size_t count)
{
    struct alert was = *a;

    a->steps = NULL; /* the old ones are read below */
    alert_take_plan(c, a, plan);
    for (size_t i = 0; i < a->step_count && i < count; i++) {
        if (from[i] == 0 || from[i] > was.step_count)
            continue;
        const struct fired_step *old = &was.steps[from[i] - 1];
        a->steps[i].fired = old->fired;
        a->steps[i].skipped = old->skipped;
        a->steps[i].advanced = old->advanced;
        a->steps[i].fired_us = old->fired_us;
        a->steps[i].receipt_us = old->receipt_us;
    }
    free(was.steps);
    a->repeats = was.repeats;
    a->accepted_us = was.accepted_us;
    a->lease_until_us = was.lease_until_us;
    a->lease_stage = was.lease_stage;
    a->last_fire_us = was.last_fire_us;
    a->exhausted =
        was.exhausted && alert_all_fired(a) && !(a->repeat_every_us > 0 && a->repeats < a->repeat_max);
}

static void take_credits(struct alert *a, struct slice blob)
{
    struct reader in = reader_make(blob);
    uint32_t count = read_u32(&in);

    for (uint32_t i = 0; i < count && i < a->recipient_count && !in.failed; i++)
        a->recipients[i].credits = read_u32(&in);
}

void apply_alert_adopt(struct core *c, const struct record *r)
{
    const struct record_alert_adopt *d = &r->as.alert_adopt;
    struct alert *a = core_alert(c, d->alert);
    struct reader in = reader_make(d->steps);
    uint32_t count = read_u32(&in);
    uint32_t *from = arena_array(c->scratch, d->steps.len / 4 + 1, sizeof *from);

    for (uint32_t i = 0; i < count && !in.failed; i++)
        from[i] = read_u32(&in);
    if (a == NULL || a->state == ALERT_CLOSED || !reader_done(&in)) {
        c->damaged = true;
        return;
    }
    a->last_position = c->position;
    alert_version_left(c, a);
    exchange(c, a, d->plan, from, count);
    if (a->step_count != count) {
        c->damaged = true;
        return;
    }
    renumber(a, from);
    take_credits(a, d->credits);
    memcpy(a->site, d->site, sizeof a->site);
    a->adopted_us = r->lane_us;
    a->hold_until_us = d->hold_until_us;
    text_set(&a->rule, d->rule);
    text_set(&a->why, d->why);
    alert_take_sameness(c, a);
    alert_take_expire(c, a);
    if (d->next_us != TIME_NONE)
        alert_arm_end(a, d->next_us);
    c->counters[COUNTER_ADOPTED]++;
    alert_touch(c, a);
}
