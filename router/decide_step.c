/* Firing the steps of a plan, and going on when one ends early (LANGUAGE 7, CLINICAL 3.4). */
#include "router/state.h"

/* Everything that one STEP record needs. */
struct firing {
    uint32_t step;
    enum step_why why;
    bool last;  /* the record that ends the plan, for now */
    bool ready; /* the sends are made already */
    struct told_list told;
    struct sends sends;
};

static int64_t receipt_deadline(struct core *c, const struct sends *s)
{
    int64_t longest = 0;

    for (size_t i = 0; i < s->count; i++) {
        int64_t r = core_receipt_us(c, s->items[i].endpoint);
        longest = r > longest ? r : longest;
    }
    return longest > 0 ? c->now_us + longest : TIME_NONE;
}

/* When the plan goes on after its last step: the next repeat, or the last call. */
static int64_t end_of_plan(const struct core *c, const struct alert *a, enum step_why why)
{
    if (a->repeat_every_us == 0)
        return c->now_us + LAST_CALL_US;
    int64_t next = (why == WHY_REPEAT ? a->repeat_us : c->now_us) + a->repeat_every_us;
    return next > c->now_us ? next : c->now_us + a->repeat_every_us;
}

static bool completes(const struct alert *a, uint32_t step)
{
    for (uint32_t i = 0; i < a->step_count; i++)
        if (i != step && !a->steps[i].fired && !a->steps[i].skipped)
            return false;
    return true;
}

/* The steps of a plan before this one have rung under the same numbers: delivery ids must not come twice. */
static bool first_plan(const struct alert *a)
{
    for (size_t i = 0; i < a->delivery_count; i++)
        if (a->deliveries[i]->past)
            return false;
    return a->adopted_us == TIME_NONE;
}

static uint32_t round_of(const struct alert *a, const struct firing *f)
{
    bool first_time = f->step < a->step_count && !a->steps[f->step].fired;

    return first_time && first_plan(a) ? 0 : a->round + 1;
}

static void emit_step(struct core *c, struct alert *a, struct firing *f)
{
    struct record r = { .type = RECORD_STEP };
    struct record_step *s = &r.as.step;

    s->alert = a->id;
    s->step = f->step;
    s->round = round_of(a, f);
    s->why = (uint8_t)f->why;
    s->base_us = a->base_us;
    for (size_t i = 0; i < f->told.count && !f->ready; i++)
        if (f->told.items[i].told)
            core_sends_add(c, a, &f->sends, f->told.items[i].holder, f->step, s->round,
                           f->step < a->step_count && a->steps[f->step].fyi);
    s->receipt_us = receipt_deadline(c, &f->sends);
    s->next_us = f->last ? end_of_plan(c, a, f->why) : TIME_NONE;
    s->told = items_write(c->scratch, &told_layout, f->told.items, f->told.count);
    s->sends = items_write(c->scratch, &send_layout, f->sends.items, f->sends.count);
    core_emit(c, &r);
}

/* An `if not accepted` step does not ring people a second time: when nobody new is left, it found nobody.
 * Desks always ring again. In a step with somebody new the others ring too, unless they declined. */
static void drop_told_before(const struct alert *a, struct told_list *told)
{
    size_t fresh = 0;

    for (size_t i = 0; i < told->count; i++) {
        const struct recipient *p = alert_recipient(a, told->items[i].holder);
        bool before = p != NULL && !p->past && !p->fyi && !told->items[i].desk;
        fresh += told->items[i].told && !before;
    }
    for (size_t i = 0; i < told->count; i++) {
        struct told_item *t = &told->items[i];
        const struct recipient *p = alert_recipient(a, t->holder);
        bool before = p != NULL && !p->past && !p->fyi && !t->desk;
        if (!t->told || !before || (fresh > 0 && !p->declined))
            continue;
        t->told = false;
        t->reason = p->declined ? SLICE("declined before") : SLICE("already told");
        told->told--;
    }
}

static bool condition_holds(const struct alert *a, uint32_t step)
{
    switch ((enum step_state)a->steps[step].condition) {
    case STEP_NOT_ACCEPTED:
        return a->state == ALERT_NOTIFYING;
    case STEP_NOT_DELIVERED:
        return a->state == ALERT_NOTIFYING && !alert_heard(a);
    case STEP_OPEN:
        return a->active;
    case STEP_ALWAYS:
        break;
    }
    return true;
}

static void skip_step(struct core *c, struct alert *a, uint32_t step)
{
    struct record r = { .type = RECORD_STEP_SKIP };

    r.as.step_skip.alert = a->id;
    r.as.step_skip.step = step;
    r.as.step_skip.next_us = completes(a, step) ? end_of_plan(c, a, WHY_DUE) : TIME_NONE;
    core_emit(c, &r);
}

enum level_result { LEVEL_TOLD, LEVEL_NOBODY, LEVEL_SKIPPED, LEVEL_FYI };

/* One line of a level; was somebody asked? */
static enum level_result fire_step(struct core *c, struct alert *a, uint32_t i, enum step_why why)
{
    struct firing f = { .step = i, .why = why };

    if (!condition_holds(a, i)) {
        skip_step(c, a, i);
        return LEVEL_SKIPPED;
    }
    const struct plan_step *step = &alert_plan(c, a)->steps[i];
    core_resolve(c, a, step, &f.told);
    if (step->state == STEP_NOT_ACCEPTED && !step->fyi)
        drop_told_before(a, &f.told);
    bool later = decide_surplus(c, a, i, &f.told);
    f.last = completes(a, i);
    emit_step(c, a, &f);
    if (a->steps[i].fyi)
        return LEVEL_FYI;
    return f.sends.count > 0 || later ? LEVEL_TOLD : LEVEL_NOBODY;
}

/* Fires every line of the level of `step`; the best that any of them reached. */
static enum level_result fire_lines(struct core *c, struct alert *a, uint32_t step, enum step_why why)
{
    uint32_t first, end;
    bool told = false, nobody = false, fyi = false;

    alert_level(a, step, &first, &end);
    for (uint32_t i = first; i < end; i++) {
        if (a->steps[i].fired || a->steps[i].skipped)
            continue;
        if (a->state == ALERT_ACCEPTED && a->steps[i].condition != STEP_OPEN)
            continue;
        enum level_result r = fire_step(c, a, i, why);
        told = told || r == LEVEL_TOLD;
        nobody = nobody || r == LEVEL_NOBODY;
        fyi = fyi || r == LEVEL_FYI;
    }
    return told ? LEVEL_TOLD : nobody ? LEVEL_NOBODY : fyi ? LEVEL_FYI : LEVEL_SKIPPED;
}

static bool anybody_asked(const struct alert *a)
{
    for (size_t i = 0; i < a->recipient_count; i++)
        if (!a->recipients[i].past && !a->recipients[i].fyi)
            return true;
    return false;
}

/* The plan is over and nobody at all could be told: every desk that can be reached, then the list. */
static void fall_back(struct core *c, struct alert *a)
{
    struct firing f = { .step = a->step_count > 0 ? (uint32_t)a->step_count - 1 : 0,
                        .why = WHY_FALLBACK,
                        .last = true };
    const struct directory *d = c->site->directory;

    for (size_t i = 0; i < d->desk_count; i++)
        if (core_reachable(c, d->desks[i].name))
            told_put(
                c, &f.told,
                &(struct told_item){ d->desks[i].name, true, true, SLICE("every desk that can be reached") });
    if (f.told.told == 0) {
        decide_exhausted(c, a, true);
        return;
    }
    emit_step(c, a, &f);
}

void decide_level(struct core *c, struct alert *a, uint32_t step, enum step_why why)
{
    while (step < a->step_count) {
        enum level_result r = fire_lines(c, a, step, why);
        if (r == LEVEL_TOLD || r == LEVEL_FYI || a->state != ALERT_NOTIFYING)
            return;
        /* A skipped level ends an early advance only when its own time had come. */
        if (r == LEVEL_SKIPPED && why == WHY_DUE)
            return;
        why = r == LEVEL_NOBODY ? WHY_NOBODY : why;
        step = alert_unfired(a);
    }
    if (a->state == ALERT_NOTIFYING && !anybody_asked(a) && alert_all_fired(a))
        fall_back(c, a);
}

/* Copies inform only: they fire, and are over. */
static void fire_copy(struct core *c, struct alert *a)
{
    struct slice none = { NULL, 0 };

    while (alert_unfired(a) < a->step_count && !c->damaged)
        decide_level(c, a, alert_unfired(a), WHY_DUE);
    decide_close(c, a, CLOSED_INFORMED, none, none);
}

void decide_begin(struct core *c, struct alert *a, int64_t base_us)
{
    if (a->state == ALERT_HELD) {
        struct record r = { .type = RECORD_ALERT_BEGIN, .as.alert_begin = { a->id, base_us } };
        core_emit(c, &r);
    }
    if (a->copy_of != 0) {
        fire_copy(c, a);
        return;
    }
    uint32_t first = alert_unfired(a);
    if (first >= a->step_count)
        fall_back(c, a);
    else if (a->steps[first].at_us <= 0)
        decide_level(c, a, first, WHY_DUE);
}

/* Everyone told so far who has not declined; `fyi` again as fyi. */
static void repeat_all(struct core *c, struct alert *a, struct firing *f)
{
    f->ready = true;
    for (size_t i = 0; i < a->recipient_count; i++) {
        const struct recipient *p = &a->recipients[i];
        if (p->past || p->declined || (!p->desk && devices_away(&c->devices, p->holder)))
            continue;
        told_put(c, &f->told, &(struct told_item){ p->holder, p->desk, true, SLICE("told before") });
        core_sends_add(c, a, &f->sends, p->holder, p->step, a->round + 1, p->fyi);
    }
}

static void repeat_step(struct core *c, struct alert *a, uint32_t i, enum step_why why)
{
    struct firing f = { .step = i, .why = why, .last = i + 1 == a->step_count };

    if (a->repeat_all && why == WHY_REPEAT)
        repeat_all(c, a, &f);
    else
        core_resolve(c, a, &alert_plan(c, a)->steps[i], &f.told);
    decide_surplus(c, a, i, &f.told);
    emit_step(c, a, &f);
}

/* The last level once more. */
static void ring_last(struct core *c, struct alert *a, enum step_why why)
{
    uint32_t first, end;

    if (a->step_count == 0)
        return;
    alert_level(a, (uint32_t)a->step_count - 1, &first, &end);
    if (a->repeat_all && why == WHY_REPEAT)
        first = end - 1;
    for (uint32_t i = first; i < end; i++)
        repeat_step(c, a, i, why);
}

/* Nothing has fired yet: then its own time is still to come. */
void decide_ring_again(struct core *c, struct alert *a, enum step_why why)
{
    uint32_t first, end, last = (uint32_t)a->step_count;

    while (last > 0 && !a->steps[last - 1].fired)
        last--;
    if (last == 0)
        return;
    alert_level(a, last - 1, &first, &end);
    for (uint32_t i = first; i < end; i++)
        if (a->steps[i].fired)
            repeat_step(c, a, i, why);
}

void decide_repeat(struct core *c, struct alert *a)
{
    ring_last(c, a, WHY_REPEAT);
}

static void advance(struct core *c, struct alert *a, uint32_t step, enum step_why why)
{
    struct record r = { .type = RECORD_ADVANCE, .as.advance = { a->id, step, (uint8_t)why } };
    uint32_t first, end;

    alert_level(a, step, &first, &end);
    core_emit(c, &r);
    uint32_t next = alert_unfired(a);
    /* Only the newest level opens the next one: an older one has already been followed. */
    if (next >= end && next < a->step_count)
        decide_level(c, a, next, why);
}

void decide_no_receipt(struct core *c, struct alert *a, uint32_t step)
{
    advance(c, a, step, WHY_NO_RECEIPT);
}

/* Is this holder lost to the level: declined, or every send of the level failed? */
static bool holder_lost(const struct alert *a, struct slice holder, uint32_t first, uint32_t end)
{
    const struct recipient *p = alert_recipient(a, holder);

    if (p != NULL && p->declined)
        return true;
    for (size_t i = 0; i < a->delivery_count; i++) {
        const struct delivery *d = a->deliveries[i];
        if (d->notice.len > 0 || d->past || d->step < first || d->step >= end || !slice_eq(d->holder, holder))
            continue;
        if (d->state != SEND_FAILED && d->state != SEND_DEAD && d->state != SEND_UNDECRYPTABLE &&
            d->state != SEND_DECLINED)
            return false;
    }
    return true;
}

void decide_early_end(struct core *c, struct alert *a, uint32_t step)
{
    uint32_t first, end;
    bool asked = false;

    if (a->state != ALERT_NOTIFYING || step >= a->step_count || a->steps[step].advanced)
        return;
    alert_level(a, step, &first, &end);
    for (size_t i = 0; i < a->delivery_count; i++) {
        const struct delivery *d = a->deliveries[i];
        if (d->notice.len > 0 || d->past || d->fyi || d->step < first || d->step >= end)
            continue;
        asked = true;
        if (!holder_lost(a, d->holder, first, end))
            return;
    }
    if (asked)
        advance(c, a, step, WHY_DECLINED);
}

void decide_resume(struct core *c, struct alert *a, enum step_why why)
{
    struct record r = { .type = RECORD_LAPSE, .as.lapse = { a->id, (uint8_t)why, a->base_us } };
    uint32_t next = 0;

    /* Its next unfired step fires now, later ones keep their distances from it. */
    while (next < a->step_count && (a->steps[next].fired || a->steps[next].skipped))
        next++;
    if (next < a->step_count)
        r.as.lapse.base_us = c->now_us - a->steps[next].at_us;
    core_emit(c, &r);
    decide_notice(c, a, "resumed", (struct slice){ NULL, 0 }, 0);
    size_t before = a->delivery_count;
    if (next < a->step_count)
        decide_level(c, a, next, WHY_RESUMED);
    /* Nothing was left to fire, or it found nobody new: the last step rings again. */
    if (a->delivery_count == before)
        ring_last(c, a, WHY_RESUMED);
}

/* A target whose answer hangs on who was told before is not asked again. */
static bool settled_choice(const struct plan_step *s)
{
    for (size_t t = 0; t < s->target_count; t++)
        for (size_t i = 0; i < s->targets[t].count; i++)
            if (s->targets[t].alternatives[i].kind == WHO_TURN ||
                s->targets[t].alternatives[i].kind == WHO_LEAST)
                return true;
    return false;
}

static void newcomers(const struct alert *a, struct told_list *told)
{
    for (size_t i = 0; i < told->count; i++) {
        const struct recipient *p = alert_recipient(a, told->items[i].holder);
        if (told->items[i].told && p != NULL && !p->past) {
            told->items[i].told = false;
            told->told--;
        }
    }
}

/* An unaccepted alert follows the bed to the incoming nurse, who has at least 30 s. */
void decide_handoff(struct core *c, struct alert *a)
{
    const struct plan *plan = alert_plan(c, a);

    for (uint32_t i = 0; i < a->step_count && a->state == ALERT_NOTIFYING; i++) {
        struct firing f = { .step = i, .why = WHY_HANDOFF };
        if (!a->steps[i].fired || settled_choice(&plan->steps[i]))
            continue;
        core_resolve(c, a, &plan->steps[i], &f.told);
        newcomers(a, &f.told);
        decide_surplus(c, a, i, &f.told);
        if (f.told.told == 0)
            continue;
        int64_t next = alert_unfired(a) < a->step_count ? alert_next_ring(c, a) : TIME_NONE;
        int64_t shift =
            next != TIME_NONE && next < c->now_us + HANDOFF_US ? c->now_us + HANDOFF_US - next : 0;
        struct record r = { .type = RECORD_STEP };
        r.as.step = (struct record_step){ .alert = a->id,
                                          .step = i,
                                          .round = a->round + 1,
                                          .why = WHY_HANDOFF,
                                          .base_us = a->base_us + shift,
                                          .receipt_us = TIME_NONE,
                                          .next_us = TIME_NONE };
        for (size_t n = 0; n < f.told.count; n++)
            if (f.told.items[n].told)
                core_sends_add(c, a, &f.sends, f.told.items[n].holder, i, a->round + 1, a->steps[i].fyi);
        r.as.step.told = items_write(c->scratch, &told_layout, f.told.items, f.told.count);
        r.as.step.sends = items_write(c->scratch, &send_layout, f.sends.items, f.sends.count);
        core_emit(c, &r);
    }
}

void decide_handoff_all(struct core *c)
{
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open)
        if (a->state == ALERT_NOTIFYING)
            decide_handoff(c, a);
}
