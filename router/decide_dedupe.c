/* `dedupe D by F`: the same again is the same alert (LANGUAGE 7). While one is open the new one joins it;
 * within D after it was closed the old one is opened again, and who had it last is rung first. */
#include "router/state.h"

#include "base/limits.h"

static bool is_same(struct core *c, struct alert *a, struct alert *x, const struct plan_same *fields)
{
    return x != a && x->joined_to == 0 && alerts_same(c, a, x, fields);
}

/* One that is still in its hold may never come to anything. */
static struct alert *open_one(struct core *c, struct alert *a, const struct plan_same *fields)
{
    struct alert *first = NULL;

    for (struct alert *x = sameness_first(&c->sameness, SAME_DEDUPE, a->dedupe_hash); x != NULL;
         x = sameness_next(x, SAME_DEDUPE))
        if (x->state != ALERT_CLOSED && (x->state != ALERT_HELD || x->wait != WAIT_HOLD) &&
            x->joined < LIMIT_BUNDLE_MEMBERS && (first == NULL || x->placed < first->placed) &&
            is_same(c, a, x, fields))
            first = x;
    return first;
}

/* Somebody was told of it, and the source did not take it back. */
static bool may_reopen(const struct alert *x)
{
    return x->recipient_count > 0 && x->reason != CLOSED_WITHDRAWN && x->reason != CLOSED_INFORMED;
}

/* The newest that was closed less than D before this one came; they stand in the order of their ends. */
static struct alert *closed_one(struct core *c, struct alert *a, const struct plan_clauses *k)
{
    struct alert *last = NULL;

    for (struct alert *x = sameness_first(&c->sameness, SAME_DEDUPE, a->dedupe_hash); x != NULL;
         x = sameness_next(x, SAME_DEDUPE))
        if (x->state == ALERT_CLOSED && x->closed_us > a->opened_us - k->dedupe_us && may_reopen(x) &&
            (last == NULL || x->placed > last->placed) && is_same(c, a, x, &k->dedupe))
            last = x;
    return last;
}

static void reopen(struct core *c, struct alert *old, struct alert *a)
{
    struct record r = { .type = RECORD_REOPEN, .as.reopen = { old->id, a->id, a->source_ends } };

    core_emit(c, &r);
    decide_join(c, a, old, JOIN_DEDUPE);
    decide_parts_write(c, old);
    if (old->state == ALERT_ACCEPTED)
        decide_ring_acceptors(c, old, WHY_REOPENED);
    else
        decide_ring_again(c, old, WHY_REOPENED);
}

bool decide_dedupe(struct core *c, struct alert *a)
{
    const struct plan_clauses *k = &alert_plan(c, a)->clauses;

    if (k->dedupe_us == 0 || a->dedupe_hash == 0)
        return false;
    struct alert *there = open_one(c, a, &k->dedupe);
    if (there != NULL) {
        decide_join(c, a, there, JOIN_DEDUPE);
        decide_parts_texts(c, there);
        return true;
    }
    there = closed_one(c, a, k);
    if (there == NULL)
        return false;
    reopen(c, there, a);
    return true;
}
