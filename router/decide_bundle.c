/* `bundle D by F`: the first waits D, later ones join it, one message for all (LANGUAGE 7). One that also
 * waits for a shift takes others in until it opens. */
#include "router/state.h"

#include "base/limits.h"

static struct alert *waiting_one(struct core *c, struct alert *a, const struct plan_same *fields)
{
    struct alert *first = NULL;

    for (struct alert *x = sameness_first(&c->sameness, SAME_BUNDLE, a->bundle_hash); x != NULL;
         x = sameness_next(x, SAME_BUNDLE))
        if (x != a && x->state == ALERT_HELD && x->wait >= WAIT_BUNDLE && x->joined < LIMIT_BUNDLE_MEMBERS &&
            (first == NULL || x->placed < first->placed) && alerts_same(c, a, x, fields))
            first = x;
    return first;
}

bool decide_bundle(struct core *c, struct alert *a, int64_t at_us)
{
    const struct plan_clauses *k = &alert_plan(c, a)->clauses;

    if (k->bundle_us == 0 || a->bundle_hash == 0)
        return false;
    struct alert *first = waiting_one(c, a, &k->bundle);
    if (first != NULL)
        decide_join(c, a, first, JOIN_BUNDLE);
    else
        emit_wait(c, a, WAIT_BUNDLE, at_us + k->bundle_us, 0, (struct slice){ NULL, 0 });
    return true;
}
