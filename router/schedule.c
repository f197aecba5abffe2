/* What an alert waits for next. Pure reading: the timers and every countdown are derived from here. */
#include "router/state.h"

bool alert_paused(const struct alert *a)
{
    return a->state == ALERT_ACCEPTED && (a->stop & STOP_ACCEPTED) != 0;
}

/* While accepted, only `if open` steps go on; the others wait for the accept to lapse. */
static bool may_fire(const struct alert *a, const struct fired_step *s)
{
    if (s->fired || s->skipped)
        return false;
    return a->state == ALERT_NOTIFYING || (a->state == ALERT_ACCEPTED && s->condition == STEP_OPEN);
}

uint32_t alert_unfired(const struct alert *a)
{
    uint32_t i = 0;

    while (i < a->step_count && !may_fire(a, &a->steps[i]))
        i++;
    return i;
}

bool alert_all_fired(const struct alert *a)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (!a->steps[i].fired && !a->steps[i].skipped)
            return false;
    return true;
}

void alert_level(const struct alert *a, uint32_t step, uint32_t *first, uint32_t *end)
{
    *first = *end = step;
    while (*first > 0 && a->steps[*first - 1].at_us == a->steps[step].at_us)
        (*first)--;
    while (*end < a->step_count && a->steps[*end].at_us == a->steps[step].at_us)
        (*end)++;
}

/* After a restart overdue steps fire once each, in order: the first at once, then at most one level per R
 * (ARCHITECTURE 5). `start_us` is when the router last began. A plan made anew for another site version may
 * hold overdue steps as well: the same from then on. */
static int64_t step_due(const struct core *c, const struct alert *a, uint32_t i)
{
    int64_t due = a->base_us + a->steps[i].at_us;
    int64_t since = a->adopted_us > c->head.start_us ? a->adopted_us : c->head.start_us;

    if (due >= since || a->last_fire_us == TIME_NONE || a->last_fire_us < since)
        return due;
    bool same_level = i > 0 && a->steps[i - 1].fired && a->steps[i - 1].at_us == a->steps[i].at_us;
    int64_t later = a->last_fire_us + RECEIPT_US;
    return same_level || due > later ? due : later;
}

static void sooner(struct due *best, enum due_kind kind, uint32_t step, int64_t at_us)
{
    if (at_us != TIME_NONE && at_us < best->at_us)
        *best = (struct due){ kind, step, at_us };
}

static void next_step(const struct core *c, const struct alert *a, struct due *best)
{
    uint32_t i = alert_paused(a) ? (uint32_t)a->step_count : alert_unfired(a);

    if (i < a->step_count)
        sooner(best, DUE_STEP, i, step_due(c, a, i));
}

static void next_while_notifying(const struct alert *a, struct due *best)
{
    for (uint32_t i = 0; i < a->step_count; i++)
        if (a->steps[i].fired && !a->steps[i].advanced)
            sooner(best, DUE_RECEIPT, i, a->steps[i].receipt_us);
    if (!a->exhausted && alert_all_fired(a)) {
        sooner(best, DUE_REPEAT, 0, a->repeat_us);
        sooner(best, DUE_EXHAUST, 0, a->exhaust_us);
    }
    for (uint32_t i = 0; i < a->recipient_count; i++)
        sooner(best, DUE_RELAY, i, a->recipients[i].relay_us);
}

struct due alert_next(const struct core *c, const struct alert *a)
{
    struct due best = { DUE_NOTHING, 0, INT64_MAX };

    if (a->state == ALERT_HELD)
        sooner(&best, DUE_HOLD, 0, a->hold_until_us);
    if (a->state == ALERT_HELD || a->state == ALERT_CLOSED || a->state == ALERT_JOINED)
        return best;
    sooner(&best, DUE_EXPIRE, 0, a->expire_us);
    next_step(c, a, &best);
    if (a->state == ALERT_NOTIFYING)
        next_while_notifying(a, &best);
    else
        sooner(&best, DUE_LEASE, 0, a->lease_until_us);
    return best;
}

int64_t alert_next_ring(const struct core *c, const struct alert *a)
{
    struct due best = { DUE_NOTHING, 0, INT64_MAX };

    if (a->state != ALERT_NOTIFYING && a->state != ALERT_ACCEPTED)
        return TIME_NONE;
    next_step(c, a, &best);
    if (a->state == ALERT_NOTIFYING && !a->exhausted && alert_all_fired(a))
        sooner(&best, DUE_REPEAT, 0, a->repeat_us);
    return best.kind == DUE_NOTHING ? TIME_NONE : best.at_us;
}

void alert_touch(struct core *c, struct alert *a)
{
    timers_set(&c->timers, a, alert_next(c, a).at_us);
    sameness_put(&c->sameness, a);
}

bool alert_heard(const struct alert *a)
{
    for (size_t i = 0; i < a->delivery_count; i++) {
        const struct delivery *d = a->deliveries[i];
        if (d->notice.len == 0 && !d->past && !d->fyi && delivery_heard(d))
            return true;
    }
    return false;
}

/* What it hangs on: another alert that is open and stands by itself. */
static bool well_joined(const struct core *c, const struct alert *a)
{
    const struct alert *whole = alert_whole(c, a);

    return (a->state == ALERT_JOINED) == (a->joined_to != 0) &&
           (a->joined_to == 0 ||
            (whole != NULL && whole->state != ALERT_CLOSED && whole->joined_to == 0 && whole->joined > 0));
}

bool core_invariants(const struct core *c, struct error *err)
{
    size_t open = 0;

    for (const struct alert *a = c->open_first; a != NULL; a = a->next_open, open++) {
        int64_t due = alert_next(c, a).at_us;
        if (due != a->due_us || (due == INT64_MAX) != (a->heap_at == 0))
            return error_set(err, ERROR_INTERNAL, "alert %016llx: its timer is not what its state asks for",
                             (unsigned long long)a->id);
        if (!sameness_fits(a))
            return error_set(err, ERROR_INTERNAL, "alert %016llx is not found by what it is",
                             (unsigned long long)a->id);
        if (!well_joined(c, a))
            return error_set(err, ERROR_INTERNAL,
                             "alert %016llx is part of another that does not ring for it",
                             (unsigned long long)a->id);
        bool settled = (a->state == ALERT_ACCEPTED && a->lease_until_us == TIME_NONE) || a->exhausted ||
                       a->state == ALERT_JOINED;
        if (due == INT64_MAX && !settled)
            return error_set(err, ERROR_INTERNAL, "alert %016llx is %s and waits for nothing",
                             (unsigned long long)a->id, alert_state_name((enum alert_state)a->state));
    }
    if (!limits_sound(&c->limits))
        return error_set(err, ERROR_INTERNAL, "a surplus waits for a summary that never comes");
    uint64_t fates = 0;
    for (unsigned i = 0; i < FATE_COUNT; i++)
        fates += c->fates[i];
    if (fates != c->counters[COUNTER_MESSAGES])
        return error_set(err, ERROR_INTERNAL, "fates and messages differ");
    if (open != c->open_count || c->damaged)
        return error_set(err, ERROR_INTERNAL, "the list of open alerts is damaged");
    return true;
}
