/* What the records of a limit change. */
#include "router/state.h"

void limits_step(struct core *c, struct alert *a, struct slice told)
{
    const struct plan_clauses k = alert_plan(c, a)->clauses;
    size_t count;

    if (k.limit_us == 0)
        return;
    const struct told_item *items = items_read(c->scratch, &told_layout, told, &count);
    for (size_t i = 0; i < count; i++) {
        const struct recipient *p = alert_recipient(a, items[i].holder);
        if (items[i].told && (p == NULL || p->past))
            limits_told(&c->limits, a->rule, items[i].holder, c->now_us, k.limit);
    }
}

void apply_limited(struct core *c, const struct record *r)
{
    const struct record_limited *l = &r->as.limited;
    struct alert *a = core_alert(c, l->alert);

    if (a == NULL || l->due_us == TIME_NONE) {
        c->damaged = true;
        return;
    }
    a->last_position = c->position;
    c->counters[COUNTER_LIMITED]++;
    limits_hold(&c->limits, l->rule, l->holder, l->desk, l->alert, l->step, l->due_us);
}

/* From now on they are told of each of them: they are rung again by its repeats, and hear of its end. */
static void tell_each(struct core *c, const struct record_summary *s)
{
    size_t count;
    const struct part_item *items = summary_items(c, s->alerts, &count);

    for (size_t i = 0; i < count; i++) {
        struct alert *a = core_alert(c, items[i].alert);
        if (a == NULL || (a->state != ALERT_NOTIFYING && a->state != ALERT_ACCEPTED))
            continue;
        uint32_t step = items[i].step < a->step_count ? items[i].step : 0;
        alert_tell(a, &(struct told_item){ s->holder, s->desk, true, SLICE("summary") }, step,
                   step < a->step_count && a->steps[step].fyi);
        a->last_position = c->position;
    }
}

static void write_summary(struct alert *a, const struct record_summary *s, size_t before)
{
    for (size_t i = before; i < a->delivery_count; i++) {
        text_set(&a->deliveries[i]->lock, s->lock);
        text_set(&a->deliveries[i]->full, s->full);
        text_set(&a->deliveries[i]->also, s->alerts);
    }
}

void apply_summary(struct core *c, const struct record *r)
{
    const struct record_summary *s = &r->as.summary;
    struct alert *a = s->alert != 0 ? core_alert(c, s->alert) : NULL;
    const struct limit_row *row = limits_find(&c->limits, s->rule, s->holder);

    if (row == NULL || (a == NULL && s->alert != 0)) {
        c->damaged = true;
        return;
    }
    limits_sent(&c->limits, s->rule, s->holder);
    if (a == NULL) /* none of them is remembered */
        return;
    size_t before = a->delivery_count, keep = alert_plan(c, a)->clauses.limit;
    tell_each(c, s);
    limits_told(&c->limits, s->rule, s->holder, c->now_us, keep > 0 ? keep : 1);
    a->round = s->round;
    a->last_position = c->position;
    alert_send(c, a, s->sends, s->round, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
    write_summary(a, s, before);
    alert_touch(c, a);
}
