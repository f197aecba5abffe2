/* rules/check/outcome.c - clauses and steps into one plan on one clock; chains are merged into it. */
#include "rules/check/check.h"

#include <string.h>

enum { STEPS_MAX = LIMIT_RULE_STEPS + 1, TARGETS_MAX = 100, DEPTH_MAX = 8, ESCALATIONS_MAX = 32 };

struct step_draft {
    struct plan_step step;
    struct span at, last; /* of the step; of its last target */
    const struct span *targets;
    const struct field_slot *slots;
    size_t slot_count;
};

struct outcome {
    struct checker *c;
    const struct scope *s;
    const struct ast_node *node;
    struct plan *plan;
    struct rule *rule;
    struct step_draft steps[STEPS_MAX];
    size_t count;
    const struct ast_node *repeat;
    struct plan_message *messages;
    const struct ast_node *message_nodes[STEPS_MAX + 1];
    const struct shift *delivered; /* `deliver during` */
    unsigned depth, escalations;
    size_t errors; /* before this block */
};

/* --- one notify ------------------------------------------------------------------------------------------
 */

static uint16_t message_index(struct outcome *o, const struct ast_node *using)
{
    const struct ast_node *m = using != NULL ? table_find(o->c, TABLE_MESSAGE, using->text) : NULL;

    if (using != NULL && m == NULL)
        check_unknown_in(o->c, E_NAME, using, "message", TABLE_MESSAGE);
    if (m == NULL)
        return 0;
    for (size_t i = 1; i < o->plan->message_count; i++)
        if (o->message_nodes[i] == m)
            return (uint16_t)i;
    message_fits(o->c, o->s, m, using->at);
    size_t at = o->plan->message_count++;
    const struct ast_node *lock = ast_child(m, AST_LOCK), *full = ast_child(m, AST_FULL);
    o->message_nodes[at] = m;
    o->messages[at] = (struct plan_message){ .replies = message_replies(m),
                                             .lock_template = lock != NULL ? lock->text : SLICE(""),
                                             .full_template = full != NULL ? full->text : SLICE("") };
    return (uint16_t)at;
}

static enum notify_level level_of(const struct ast_node *notify)
{
    const struct ast_node *level = ast_child(notify, AST_LEVEL);

    if (level == NULL || slice_is(level->text, "normal"))
        return LEVEL_NORMAL;
    return slice_is(level->text, "urgent") ? LEVEL_URGENT : LEVEL_SILENT;
}

static void compile_targets(struct outcome *o, struct step_draft *d, const struct ast_node *notify)
{
    size_t count = ast_count(notify, AST_TARGET), who = 0, at = 0;
    struct target *list = arena_array(o->c->arena, count, sizeof *list);

    for (const struct ast_node *t = ast_child(notify, AST_TARGET); t != NULL; t = ast_next(t, AST_TARGET))
        for (const struct ast_node *w = t->child; w != NULL; w = w->next)
            who++;
    if (who > TARGETS_MAX) {
        CHECK_ERROR(o->c, E_BOUNDS, notify->at, "more than %d targets in one step", TARGETS_MAX);
        return;
    }
    struct field_slot *slots = arena_array(o->c->arena, who, sizeof *slots);
    struct span *places = arena_array(o->c->arena, count, sizeof *places);
    d->slots = slots;
    d->targets = places;
    for (const struct ast_node *t = ast_child(notify, AST_TARGET); t != NULL;
         t = ast_next(t, AST_TARGET), at++) {
        struct who *alternatives = arena_array(o->c->arena, who, sizeof *alternatives);
        d->last = places[at] = t->at;
        list[at].alternatives = alternatives;
        for (const struct ast_node *w = t->child; w != NULL; w = w->next) {
            bool has_field;
            size_t field = 0;
            alternatives[list[at].count] = compile_who(o->c, o->s, w, &has_field, &field);
            if (has_field)
                slots[d->slot_count++] =
                    (struct field_slot){ 0, (uint32_t)at, (uint32_t)list[at].count, field };
            if (has_field && w == t->child && w->next == NULL)
                check_every_value(o->c, w, field);
            list[at].count++;
        }
        if (list[at].count > 64)
            CHECK_ERROR(o->c, E_BOUNDS, t->at, "more than 64 alternatives in one target");
    }
    d->step.targets = list;
    d->step.target_count = count;
}

static struct step_draft *add_step(struct outcome *o, struct span at)
{
    if (o->count >= LIMIT_RULE_STEPS) {
        if (CHECK_ERROR(o->c, E_BOUNDS, o->node->at, "rule-steps: more than %d steps, chains counted",
                        LIMIT_RULE_STEPS))
            diagnose_hint(o->c->d, "several targets may stand in one step");
        return NULL;
    }
    struct step_draft *d = &o->steps[o->count++];
    *d = (struct step_draft){ .at = at };
    d->step.line = (uint16_t)(at.line > UINT16_MAX ? UINT16_MAX : at.line);
    return d;
}

static void add_notify(struct outcome *o, const struct ast_node *notify, struct span at, int64_t at_us,
                       enum step_state state)
{
    struct step_draft *d = add_step(o, at);

    if (d == NULL)
        return;
    d->step.at_us = at_us;
    d->step.state = state;
    d->step.level = level_of(notify);
    d->step.fyi = ast_child(notify, AST_FYI) != NULL;
    d->step.message = message_index(o, ast_child(notify, AST_USING));
    compile_targets(o, d, notify);
}

/* --- steps ------------------------------------------------------------------------------------------------
 */

static void add_after(struct outcome *o, const struct ast_node *n, int64_t *before)
{
    enum step_state state = ast_child(n, AST_STATE_OPEN) != NULL            ? STEP_OPEN
                            : ast_child(n, AST_STATE_NOT_DELIVERED) != NULL ? STEP_NOT_DELIVERED
                                                                            : STEP_NOT_ACCEPTED;

    if (n->number < TIME_S && CHECK_ERROR(o->c, E_BOUNDS, n->at, "a later step comes after 1s or more"))
        diagnose_hint(o->c->d, "who is told at once stands in a notify of its own");
    if (n->number < *before && check_error(o->c, W_FALLING, n->at)) {
        diagnose(o->c->d, SEVERITY_WARNING, W_FALLING, n->at, "this step comes before the one above it");
        diagnose_hint(o->c->d, "times count from the first notification, not from the step above");
    }
    *before = n->number;
    add_notify(o, ast_child(n, AST_NOTIFY), n->at, n->number, state);
}

static void add_repeat(struct outcome *o, const struct ast_node *n)
{
    const struct ast_node *every = ast_child(n, AST_DURATION);

    if (o->repeat != NULL) {
        if (CHECK_ERROR(o->c, E_BOUNDS, n->at, "this plan has a second repeat"))
            diagnose_hint(o->c->d, "the other one stands in line %u", o->repeat->at.line);
        return;
    }
    o->repeat = n;
    if (n->number < 1 || n->number > LIMIT_RULE_REPEATS)
        CHECK_ERROR(o->c, E_BOUNDS, n->at, "rule-repeats: a repeat has a max from 1 to %d",
                    LIMIT_RULE_REPEATS);
    if (every->number < TIME_S)
        CHECK_ERROR(o->c, E_BOUNDS, every->at, "a repeat comes every 1s or slower");
    o->plan->repeat_every_us = every->number;
    o->plan->repeat_max = (uint32_t)n->number;
    o->plan->repeat_all = ast_child(n, AST_ALL) != NULL;
}

static void add_steps(struct outcome *o, const struct ast_node *first);

static void add_chain(struct outcome *o, const struct ast_node *n)
{
    const struct ast_node *chain = table_find(o->c, TABLE_CHAIN, n->text);

    if (chain == NULL) {
        check_unknown_in(o->c, E_NAME, n, "chain", TABLE_CHAIN);
    } else if (o->depth >= DEPTH_MAX || o->escalations >= ESCALATIONS_MAX) {
        CHECK_ERROR(o->c, E_CYCLE, n->at,
                    "chains escalate to each other without end, or more than %d deep or %d times", DEPTH_MAX,
                    ESCALATIONS_MAX);
    } else {
        o->escalations++;
        o->depth++;
        add_steps(o, chain->child);
        o->depth--;
    }
}

static void add_steps(struct outcome *o, const struct ast_node *first)
{
    int64_t before = 0;

    for (const struct ast_node *n = first; n != NULL; n = n->next) {
        if (n->kind == AST_NOTIFY)
            add_notify(o, n, n->at, 0, STEP_ALWAYS);
        else if (n->kind == AST_AFTER)
            add_after(o, n, &before);
        else if (n->kind == AST_REPEAT)
            add_repeat(o, n);
        else if (n->kind == AST_ESCALATE)
            add_chain(o, n);
    }
}

/* Stable: steps of one time keep their order. */
static void sort_steps(struct outcome *o)
{
    for (size_t i = 1; i < o->count; i++) {
        struct step_draft d = o->steps[i];
        size_t at = i;
        for (; at > 0 && o->steps[at - 1].step.at_us > d.step.at_us; at--)
            o->steps[at] = o->steps[at - 1];
        o->steps[at] = d;
    }
}

/* --- every plan ends at a desk
 * ------------------------------------------------------------------------------ */

static bool ends_at_desk(const struct outcome *o)
{
    int64_t last = o->count > 0 ? o->steps[o->count - 1].step.at_us : 0;

    for (size_t i = o->count; i-- > 0 && o->steps[i].step.at_us == last;) {
        const struct plan_step *s = &o->steps[i].step;
        for (size_t t = 0; s->state != STEP_NOT_DELIVERED && t < s->target_count; t++)
            for (size_t k = 0; k < s->targets[t].count; k++)
                if (who_is_staffed_desk(o->c, &s->targets[t].alternatives[k], o->delivered))
                    return true;
    }
    return false;
}

static const struct desk *always_staffed(const struct checker *c)
{
    const struct directory *d = c->site->directory;

    for (size_t i = 0; i < d->unit_count; i++) {
        const struct desk *desk = directory_desk(d, d->units[i].fallback_desk);
        if (desk != NULL && desk->staffed == NULL)
            return desk;
    }
    for (size_t i = 0; i < d->desk_count; i++)
        if (d->desks[i].staffed == NULL)
            return &d->desks[i];
    return NULL;
}

static void ends_with_nobody(struct outcome *o, const struct step_draft *last, const struct desk *desk)
{
    char text[TIME_TEXT];
    struct slice name = desk != NULL ? desk->name : SLICE("operator");
    struct slice when = duration_text(last->step.at_us, text);

    if (!CHECK_ERROR(o->c, E_NOBODY, last->last, "this plan ends with nobody: after %.*s no desk is left",
                     SLICE_ARG(when)))
        return;
    diagnose_hint(o->c->d,
                  "end with a desk that is \"staffed always\", for example: after %.*s if not accepted "
                  "notify desk %.*s",
                  SLICE_ARG(duration_text(last->step.at_us + 2 * TIME_MIN, text)), SLICE_ARG(name));
}

/* `unit-desk else DESK` two minutes after the last step; DESK is for events without a unit. */
static void append_fallback(struct outcome *o)
{
    const struct desk *desk = always_staffed(o->c);
    char text[TIME_TEXT];

    if (o->count == 0 || o->c->d->errors > o->errors || ends_at_desk(o))
        return;
    struct step_draft last = o->steps[o->count - 1];
    if (!units_have_fallback(o->c) || desk == NULL) {
        ends_with_nobody(o, &last, desk);
        return;
    }
    struct step_draft *d = &o->steps[o->count++];
    struct who *who = arena_array(o->c->arena, 2, sizeof *who);
    struct target *target = arena_alloc(o->c->arena, sizeof *target);
    who[0] = (struct who){ .kind = WHO_UNIT_DESK };
    who[1] = (struct who){ .kind = WHO_DESK, .name = desk->name };
    *target = (struct target){ who, 2 };
    *d = (struct step_draft){ .at = last.at, .last = last.last, .targets = &o->steps[o->count - 1].last };
    d->step = (struct plan_step){ .at_us = last.step.at_us + 2 * TIME_MIN,
                                  .state = STEP_NOT_ACCEPTED,
                                  .targets = target,
                                  .target_count = 1,
                                  .level = last.step.level,
                                  .message = last.step.message,
                                  .line = last.step.line,
                                  .appended = true };
    struct slice when = duration_text(d->step.at_us, text);
    if (!check_error(o->c, N_APPENDED, o->node->at))
        return;
    diagnose(o->c->d, SEVERITY_NOTE, N_APPENDED, o->node->at,
             "the plan lacks a last desk; added: after %.*s if not accepted notify unit-desk else desk %.*s",
             SLICE_ARG(when), SLICE_ARG(desk->name));
}

/* --- clauses
 * -------------------------------------------------------------------------------------------------- */

static void compile_hold(struct outcome *o, const struct ast_node *n)
{
    const struct ast_node *unless = ast_child(n, AST_UNLESS);

    o->plan->hold_us = n->number;
    if (unless == NULL)
        return;
    o->rule->has_hold_unless = true;
    o->rule->hold_unless = compile_condition(o->c, o->s, unless->child, IN_HOLD, false);
}

static void compile_need(struct outcome *o, const struct ast_node *n)
{
    struct plan_need *list = arena_array(o->c->arena, ast_count(n, AST_NEEDED), sizeof *list);

    o->plan->needs = list;
    for (const struct ast_node *k = n->child; k != NULL; k = k->next) {
        struct plan_need *need = &list[o->plan->need_count++];
        bool has_field = false;
        size_t field;
        if (k->number < 1 || k->number > 50)
            CHECK_ERROR(o->c, E_BOUNDS, k->at, "a plan needs from 1 to 50 accepts");
        need->count = (uint32_t)k->number;
        need->any = k->child == NULL;
        if (!need->any)
            need->from = compile_who(o->c, o->s, k->child, &has_field, &field);
        if (has_field)
            CHECK_ERROR(o->c, E_TARGET, k->child->at, "need counts accepts of a fixed role, rota or group");
    }
    if (o->plan->need_count > 64)
        CHECK_ERROR(o->c, E_BOUNDS, n->at, "more than 64 parts in one need");
}

static unsigned stop_bits(const struct ast_node *n)
{
    unsigned bits = 0;

    for (const struct ast_node *k = n->child; k != NULL; k = k->next)
        bits |= slice_is(k->text, "accepted")   ? STOP_ACCEPTED
                : slice_is(k->text, "ended")    ? STOP_ENDED
                : slice_is(k->text, "attended") ? STOP_ATTENDED
                                                : STOP_DONE;
    return bits;
}

static void compile_clause(struct outcome *o, const struct ast_node *n)
{
    switch ((int)n->kind) {
    case AST_HOLD:
        compile_hold(o, n);
        break;
    case AST_NEED:
        compile_need(o, n);
        break;
    case AST_STOP:
        o->plan->stop = stop_bits(n);
        break;
    case AST_LEASE:
        o->plan->lease_us = n->number;
        break;
    default:
        break;
    }
}

/* --- the plan
 * ------------------------------------------------------------------------------------------------- */

static void finish(struct outcome *o)
{
    struct plan_step *steps = arena_array(o->c->arena, o->count, sizeof *steps);
    size_t slots = 0, at = 0;

    for (size_t i = 0; i < o->count; i++)
        slots += o->steps[i].slot_count;
    struct field_slot *list = arena_array(o->c->arena, slots, sizeof *list);
    o->rule->first_level = LEVEL_SILENT;
    for (size_t i = 0; i < o->count; i++) {
        steps[i] = o->steps[i].step;
        for (size_t k = 0; k < o->steps[i].slot_count; k++) {
            list[at] = o->steps[i].slots[k];
            list[at++].step = (uint32_t)i;
        }
        if (steps[i].at_us > 0 || o->rule->first_level == LEVEL_URGENT)
            continue;
        if (steps[i].level != LEVEL_SILENT)
            o->rule->first_level = steps[i].level;
    }
    o->plan->steps = steps;
    o->plan->step_count = o->count;
    o->plan->messages = o->messages;
    o->rule->slots = list;
    o->rule->slot_count = slots;
    o->rule->plan = o->plan;
}

const struct step_place *compile_outcome(struct checker *c, const struct scope *s, const struct ast_node *n,
                                         struct rule *r)
{
    const struct ast_node *ignore = ast_child(n, AST_IGNORE);
    struct outcome *o = arena_alloc(c->arena, sizeof *o);

    *o = (struct outcome){ .c = c, .s = s, .node = n, .rule = r, .errors = c->d->errors };
    o->plan = arena_alloc(c->arena, sizeof *o->plan);
    *o->plan = (struct plan){ .rule = r->name,
                              .title = r->title,
                              .file = r->file,
                              .line = r->line,
                              .message_count = 1,
                              .stop = STOP_ACCEPTED | STOP_ENDED,
                              .lease_us = -1 };
    o->messages = arena_array(c->arena, STEPS_MAX + 1, sizeof *o->messages);
    o->messages[0] = (struct plan_message){ .replies = REPLY_ACCEPT | REPLY_DECLINE,
                                            .lock_template = SLICE("{class} {unit|?} {bed|?}"),
                                            .full_template = SLICE("{code} {unit|?}-{bed|?} {value|?}") };
    for (const struct ast_node *k = n->child; k != NULL; k = k->next)
        compile_clause(o, k);
    compile_clauses(c, s, n, &o->plan->clauses);
    o->delivered = o->plan->clauses.delivers ? find_shift(c, o->plan->clauses.deliver.name) : NULL;
    if (ignore != NULL) {
        r->ignores = ignore->text;
        return NULL;
    }
    add_steps(o, n->child);
    sort_steps(o);
    if (n->kind != AST_CHAIN && o->count > 0 && o->steps[0].step.at_us > 0 &&
        CHECK_ERROR(c, E_BOUNDS, o->steps[0].at, "nobody is told at the start of this plan"))
        diagnose_hint(c->d, "begin with a notify without \"after\"");
    if (!r->copy)
        append_fallback(o);
    finish(o);
    check_clauses(c, n, o->plan);
    struct step_place *at = arena_array(c->arena, o->count, sizeof *at);
    for (size_t i = 0; i < o->count; i++)
        at[i] = (struct step_place){ o->steps[i].at, o->steps[i].targets };
    return at;
}
