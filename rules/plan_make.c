/* rules/plan_make.c - from a rule's plan to the plan of one alert: fields looked up, texts rendered. */
#include "rules/compiled.h"

#include <string.h>

/* How long an accept holds while the source stays active (LANGUAGE section 7, lease). */
static int64_t class_lease(enum event_class class)
{
    switch (class) {
    case CLASS_LETHAL:
    case CLASS_HIGH:
        return 120 * TIME_S;
    case CLASS_MEDIUM:
        return 300 * TIME_S;
    case CLASS_CALL:
        return 600 * TIME_S;
    default:
        return 0;
    }
}

static struct slice rendered(struct arena *a, const struct rule *r, struct slice text, const struct event *e)
{
    struct buf out = buf_make(16384);

    plan_render_in(&out, text, e, r->zone);
    struct slice kept = arena_copy(a, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static struct plan_message *make_messages(const struct rule *r, const struct event *e, struct arena *a)
{
    struct plan_message *list = arena_array(a, r->plan->message_count, sizeof *list);

    for (size_t i = 0; i < r->plan->message_count; i++) {
        list[i] = r->plan->messages[i];
        list[i].lock = rendered(a, r, list[i].lock_template, e);
        list[i].full = rendered(a, r, list[i].full_template, e);
    }
    return list;
}

static struct slice slot_value(const struct rule *r, const struct field_slot *slot, const struct event *e,
                               struct arena *a)
{
    struct field_value v = event_field(e, slot->field);

    (void)r;
    return v.present ? arena_copy(a, v.text) : (struct slice){ NULL, 0 };
}

/* Steps share their targets with the rule, except those that take something from the event. */
static void fill_slot(struct plan_step *steps, const struct rule *r, const struct field_slot *slot,
                      const struct event *e, struct arena *a)
{
    struct plan_step *step = &steps[slot->step];
    struct target *targets = arena_array(a, step->target_count, sizeof *targets);
    struct target *target = &targets[slot->target];

    memcpy(targets, step->targets, step->target_count * sizeof *targets);
    struct who *list = arena_array(a, target->count, sizeof *list);
    memcpy(list, target->alternatives, target->count * sizeof *list);
    list[slot->alternative].of = slot_value(r, slot, e, a);
    target->alternatives = list;
    step->targets = targets;
}

struct plan *plan_make(const struct rule *r, const struct event *e, struct arena *a)
{
    struct plan *p = arena_alloc(a, sizeof *p);

    if (r->plan == NULL) { /* it ignores: a plan without steps */
        *p = (struct plan){ .rule = r->name, .title = r->title, .file = r->file, .line = r->line };
        return p;
    }
    *p = *r->plan;
    struct plan_step *steps = arena_array(a, p->step_count, sizeof *steps);
    memcpy(steps, r->plan->steps, p->step_count * sizeof *steps);
    for (size_t i = 0; i < r->slot_count; i++)
        fill_slot(steps, r, &r->slots[i], e, a);
    p->steps = steps;
    p->messages = make_messages(r, e, a);
    if (p->lease_us < 0)
        p->lease_us = class_lease(e->class);
    return p;
}
