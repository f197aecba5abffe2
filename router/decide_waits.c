/* What a rule puts before time 0: suppress, deliver, and the order of all of them (LANGUAGE 7).
 *
 * hold, then dedupe (is this the same as one that was?), suppress, bundle, deliver. Bundle comes before
 * deliver, so that what gathers while a shift is closed is one message when it opens. */
#include "router/state.h"

#include <stdlib.h>

bool plan_waits(const struct plan *p)
{
    const struct plan_clauses *k = &p->clauses;

    return k->dedupe_us > 0 || k->suppress_us > 0 || k->bundle_us > 0 || k->delivers;
}

void emit_wait(struct core *c, struct alert *a, enum alert_wait kind, int64_t until_us, uint64_t by,
               struct slice shift)
{
    struct record r = { .type = RECORD_WAIT, .as.wait = { a->id, (uint8_t)kind, until_us, by, shift } };

    core_emit(c, &r);
}

void decide_time_zero(struct core *c, struct alert *a, int64_t at_us)
{
    enum alert_wait over = (enum alert_wait)a->wait;

    if (a->state == ALERT_HELD) {
        if (over == WAIT_HOLD && decide_dedupe(c, a))
            return;
        if (over <= WAIT_SUPPRESSED && decide_suppress(c, a, at_us))
            return;
        if (over < WAIT_BUNDLE && decide_bundle(c, a, at_us))
            return;
        if (decide_deliver(c, a))
            return;
        if (a->joined > 0)
            decide_parts_write(c, a);
    }
    decide_begin(c, a, at_us);
}

/* --- suppress while X open
 * ----------------------------------------------------------------------------------
 */

static bool is_named(const struct slice *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i], name))
            return true;
    return false;
}

/* The cheap comparisons first: an alert's event is unpacked only when its patient and unit can fit. */
static bool may_suppress(const struct plan_clauses *k, const struct alert *a, const struct alert *x)
{
    if (x == a || x->copy_of != 0 || alert_is_drill(x) ||
        (!is_named(k->while_rules, k->while_rule_count, x->rule) &&
         !is_named(k->while_codes, k->while_code_count, x->code)))
        return false;
    for (size_t i = 0; i < k->suppress.count; i++)
        if ((slice_is(k->suppress.fields[i], "patient") && !slice_eq(a->patient, x->patient)) ||
            (slice_is(k->suppress.fields[i], "unit") && !slice_eq(a->unit, x->unit)) ||
            (slice_is(k->suppress.fields[i], "bed") && !slice_eq(a->bed, x->bed)))
            return false;
    return true;
}

/* The narrowest of the fields that alerts are found by. */
static bool looks_at(const struct plan_same *fields, enum same_kind *kind)
{
    static const struct {
        const char *field;
        enum same_kind kind;
    } found_by[] = { { "patient", SAME_PATIENT }, { "bed", SAME_BED }, { "unit", SAME_UNIT } };

    for (size_t f = 0; f < sizeof found_by / sizeof found_by[0]; f++)
        for (size_t i = 0; i < fields->count; i++)
            if (slice_is(fields->fields[i], found_by[f].field)) {
                *kind = found_by[f].kind;
                return true;
            }
    return false;
}

/* The oldest open alert that holds this one back, or NULL. */
static struct alert *suppressor(struct core *c, struct alert *a, const struct plan_clauses *k)
{
    struct alert *first = NULL;
    enum same_kind kind;

    if (!looks_at(&k->suppress, &kind)) {
        for (struct alert *x = c->open_first; x != NULL; x = x->next_open)
            if (may_suppress(k, a, x) && alerts_same(c, a, x, &k->suppress))
                return x;
        return NULL;
    }
    for (struct alert *x = sameness_first(&c->sameness, kind, a->same[kind].key); x != NULL;
         x = sameness_next(x, kind))
        if ((first == NULL || x->placed < first->placed) && may_suppress(k, a, x) &&
            alerts_same(c, a, x, &k->suppress))
            first = x;
    return first;
}

/* `max` counts from the first time that it is held back, also when another cause follows the first. */
bool decide_suppress(struct core *c, struct alert *a, int64_t at_us)
{
    const struct plan_clauses *k = &alert_plan(c, a)->clauses;
    int64_t until = a->wait == WAIT_SUPPRESSED ? a->hold_until_us : at_us + k->suppress_us;

    if (k->suppress_us == 0 || until <= c->now_us)
        return false;
    const struct alert *by = suppressor(c, a, k);
    if (by == NULL)
        return false;
    emit_wait(c, a, WAIT_SUPPRESSED, until, by->id, (struct slice){ NULL, 0 });
    return true;
}

void decide_released(struct core *c, const struct alert *closed)
{
    size_t count = 0;

    for (struct alert *a = sameness_first(&c->sameness, SAME_HELD_BY, closed->id); a != NULL;
         a = sameness_next(a, SAME_HELD_BY))
        count++;
    struct alert **held = arena_array(c->scratch, count + 1, sizeof(struct alert *));
    count = 0;
    for (struct alert *a = sameness_first(&c->sameness, SAME_HELD_BY, closed->id); a != NULL;
         a = sameness_next(a, SAME_HELD_BY))
        held[count++] = a;
    qsort(held, count, sizeof *held, alerts_by_place);
    for (size_t i = 0; i < count; i++) {
        struct alert *a = held[i];
        if (a->state == ALERT_HELD && a->wait == WAIT_SUPPRESSED && a->held_by == closed->id)
            decide_time_zero(c, a, c->now_us);
    }
}

/* --- deliver during SHIFT
 * ----------------------------------------------------------------------------------- */

/* A shift that never opens holds nothing back. */
bool decide_deliver(struct core *c, struct alert *a)
{
    const struct plan_clauses *k = &alert_plan(c, a)->clauses;
    int64_t wall = core_wall(c, c->now_us);

    if (!k->delivers || shift_holds(&k->deliver, c->site->zone, wall))
        return false;
    int64_t opens = shift_next_change(&k->deliver, c->site->zone, wall);
    if (opens == TIME_NONE)
        return false;
    emit_wait(c, a, WAIT_SHIFT, opens - c->head.wall_offset_us, 0, k->deliver.name);
    return true;
}

/* When the shift that it waits for opens, as the wall clock goes now; now when it is open or never opens. */
static int64_t opens_at(struct core *c, struct alert *a)
{
    const struct plan_clauses *k = &alert_plan(c, a)->clauses;
    int64_t wall = core_wall(c, c->now_us);
    int64_t opens = shift_holds(&k->deliver, c->site->zone, wall)
                        ? TIME_NONE
                        : shift_next_change(&k->deliver, c->site->zone, wall);

    return opens == TIME_NONE ? c->now_us : opens - c->head.wall_offset_us;
}

/* One that is overdue is the timers' business. */
static bool opens_elsewhen(struct core *c, struct alert *a)
{
    return a->state == ALERT_HELD && a->wait == WAIT_SHIFT && a->hold_until_us > c->now_us &&
           opens_at(c, a) != a->hold_until_us;
}

void decide_clock(struct core *c)
{
    uint64_t *ids = arena_array(c->scratch, c->open_count + 1, sizeof *ids);
    size_t count = 0;

    for (struct alert *a = c->open_first; a != NULL; a = a->next_open)
        if (opens_elsewhen(c, a))
            ids[count++] = a->id;
    for (size_t i = 0; i < count; i++) {
        struct alert *a = core_alert(c, ids[i]);
        if (a != NULL && opens_elsewhen(c, a))
            decide_time_zero(c, a, c->now_us);
    }
}
