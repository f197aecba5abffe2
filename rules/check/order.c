/* rules/check/order.c - who wins where two rules can own one event (LANGUAGE section 7, Who wins). */
#include "base/memory.h"
#include "rules/check/example.h"
#include "rules/check/pairs.h"
#include "rules/check/reach.h"

#include <stdlib.h>
#include <string.h>

struct beaten {
    struct {
        uint32_t loser;
        uint8_t why;
    } * list;
    size_t count, room;
};

struct ordering {
    struct checker *c;
    struct checked *rules;
    size_t count;
    struct beaten *beaten; /* by index */
    struct arena *scratch; /* of one comparison */
};

/* Every pair is looked at once, so that nothing stands here twice. */
static void add_beaten(struct ordering *o, size_t winner, size_t loser, enum order_why why)
{
    struct beaten *b = &o->beaten[winner];

    MEMORY_ROOM(b->list, b->count, b->room);
    b->list[b->count].loser = (uint32_t)loser;
    b->list[b->count++].why = (uint8_t)why;
}

/* A draft is compared as if it were live, so that its author sees early what will be refused. */
static bool owns(const struct checked *k)
{
    return !k->rule->copy && k->rule->mode != MODE_SHADOW && !k->dnf.too_many && !k->broken;
}

static bool takes_part(const struct checked *k)
{
    return owns(k) || (k->rule->copy && k->rule->mode == MODE_LIVE && !k->broken);
}

static bool overrides(const struct checked *a, const struct checked *b)
{
    const struct ast_node *list = ast_child(a->node, AST_OVERRIDES);

    for (const struct ast_node *n = list != NULL ? list->child : NULL; n != NULL; n = n->next)
        if (slice_eq(n->text, b->rule->name))
            return true;
    return false;
}

static bool implies(struct ordering *o, const struct checked *a, const struct checked *b)
{
    return (a->rule->phases & ~b->rule->phases) == 0 && proof_implies(o->scratch, &a->dnf, &b->dnf);
}

/* Equal plans need no order. What is compared is what the journal would hold, without names and lines. */
static struct slice plan_bytes(const struct rule *r, struct arena *a)
{
    struct buf out = buf_make(1 << 20);
    struct plan p = r->plan != NULL ? *r->plan : (struct plan){ .hold_us = -1 };
    struct plan_step *steps = arena_array(a, p.step_count, sizeof *steps);

    if (p.step_count > 0)
        memcpy(steps, p.steps, p.step_count * sizeof *steps);
    for (size_t i = 0; i < p.step_count; i++)
        steps[i].line = 0;
    p.steps = steps;
    p.rule = p.title = p.file = (struct slice){ NULL, 0 };
    p.line = 0;
    plan_write(&out, &p);
    buf_u32(&out, (uint32_t)r->slot_count);
    for (size_t i = 0; i < r->slot_count; i++)
        buf_u64(&out, r->slots[i].field);
    struct slice kept = arena_copy(a, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static bool same_plan(struct ordering *o, const struct rule *a, const struct rule *b)
{
    if (a->has_hold_unless || b->has_hold_unless || !slice_eq(a->ignores, b->ignores))
        return false;
    return slice_eq(plan_bytes(a, o->scratch), plan_bytes(b, o->scratch));
}

/* A code that both let pass, when one of them names codes. */
static struct slice common_code(const struct conjunct *x, const struct conjunct *y, size_t code)
{
    const struct dim *dx = conjunct_dim(x, code), *dy = conjunct_dim(y, code);

    if (dx == NULL || dx->complement) {
        const struct dim *kept = dx;
        dx = dy;
        dy = kept;
    }
    for (size_t i = 0; dx != NULL && !dx->complement && i < dx->name_count; i++) {
        struct dim one = *dx;
        one.names = &dx->names[i];
        one.name_count = 1;
        if (dy == NULL || dim_within(NULL, &one, dy))
            return dx->names[i].name;
    }
    return (struct slice){ NULL, 0 };
}

/* What the two conditions say, where no event was found: "alarm spo2-low where unit is "ICU" and
 * patient.flags has fall-risk" */
static void put_conditions(struct buf *out, const struct checked *a, const struct conjunct *x,
                           const struct conjunct *y)
{
    const struct conjunct *both[] = { x, y };
    size_t code = 0, shown = 0;
    struct slice said[16];

    schema_find(SLICE("code"), &code);
    struct slice common = common_code(x, y, code);
    buf_printf(out, "%s%s%.*s", event_kind_name(a->rule->kind), common.len > 0 ? " " : "", SLICE_ARG(common));
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->literal_count && shown < 16; i++) {
            const struct literal *l = &both[k]->literals[i];
            struct slice text = l->yes ? l->atom->says_yes : l->atom->says_no;
            bool again =
                l->atom->operand == OPERAND_FIELD && l->atom->field == code && l->atom->check == CHECK_NAMES;
            for (size_t s = 0; s < shown; s++)
                again = again || slice_eq(said[s], text);
            if (again)
                continue;
            buf_printf(out, "%s%.*s", shown == 0 ? " where " : " and ", SLICE_ARG(text));
            said[shown++] = text;
        }
}

static bool later_in_text(const struct checked *a, const struct checked *b)
{
    struct span p = a->node->at, q = b->node->at;

    return q.file != p.file ? q.file < p.file : q.line < p.line;
}

static bool both_live(const struct checked *a, const struct checked *b)
{
    return a->rule->mode == MODE_LIVE && b->rule->mode == MODE_LIVE;
}

/* The later one in the text gets the caret, and is told of once. */
static void report_meeting(struct ordering *o, struct checked *a, struct checked *b, const struct conjunct *x,
                           const struct conjunct *y)
{
    bool live = both_live(a, b), *told = live ? &b->met : &b->met_draft;
    struct buf text = buf_make(65536);

    if (!*told) {
        *told = true;
        diagnose(o->c->d, live ? SEVERITY_ERROR : SEVERITY_WARNING, E_MEET, b->node->at,
                 "rules \"%.*s\" and \"%.*s\" can both own one event", SLICE_ARG(a->rule->name),
                 SLICE_ARG(b->rule->name));
        struct example *e = arena_alloc(o->scratch, sizeof *e);
        if (example_find(e, o->c->site, o->scratch, a->rule, x, b->rule, y))
            example_put(&text, e);
        else
            put_conditions(&text, a, x, y);
        diagnose_hint(o->c->d, "for example: %.*s. Write \"overrides %.*s\", or make one a copy",
                      SLICE_ARG(buf_slice(&text)), SLICE_ARG(a->rule->name));
    }
    buf_free(&text);
}

/* A rule that is refused already needs no order: of 10,000 that all meet, the rest would take minutes. */
static bool is_moot(const struct checked *a, const struct checked *b)
{
    return both_live(a, b) && (later_in_text(a, b) ? a : b)->met;
}

/* What the author wrote counts before what can be proved: overrides, then layers, then the narrower one. */
static enum order_why who_wins(struct ordering *o, const struct checked *a, const struct checked *b,
                               bool *a_first)
{
    bool a_over = overrides(a, b), b_over = overrides(b, a);

    *a_first = a_over;
    if (a_over || b_over)
        return ORDER_OVERRIDES;
    *a_first = a->rule->rank > b->rule->rank;
    if (a->rule->rank != b->rule->rank)
        return ORDER_LAYER;
    bool ab = implies(o, a, b), ba = implies(o, b, a);
    *a_first = ab;
    return ab != ba ? ORDER_NARROWER : ORDER_NONE;
}

/* A copy that can see an event of a rule sends as well. */
static void add_copy(struct ordering *o, const struct checked *copy, struct checked *rule)
{
    const struct conjunct *x, *y;

    arena_reset(o->scratch);
    if (owns(rule) && proof_meet(o->scratch, &copy->dnf, &rule->dnf, &x, &y))
        rule->rule->bounds.copy_heads += copy->rule->bounds.heads;
}

static void compare_pair(void *ctx, size_t i, size_t k)
{
    struct ordering *o = ctx;
    struct checked *a = &o->rules[i], *b = &o->rules[k];
    const struct conjunct *x, *y;
    bool a_first = false;

    if (a->rule->copy || b->rule->copy) {
        if (!b->rule->copy)
            add_copy(o, a, b);
        else if (!a->rule->copy)
            add_copy(o, b, a);
        return;
    }
    if (is_moot(a, b))
        return;
    arena_reset(o->scratch);
    if (!proof_meet(o->scratch, &a->dnf, &b->dnf, &x, &y))
        return;
    enum order_why why = who_wins(o, a, b, &a_first);
    if (why != ORDER_NONE)
        add_beaten(o, a_first ? i : k, a_first ? k : i, why);
    if (why == ORDER_OVERRIDES && a_first && overrides(b, a))
        add_beaten(o, k, i, why); /* a circle of two */
    if (why == ORDER_NONE && !same_plan(o, a->rule, b->rule))
        report_meeting(o, later_in_text(a, b) ? b : a, later_in_text(a, b) ? a : b,
                       later_in_text(a, b) ? y : x, later_in_text(a, b) ? x : y);
}

/* --- overrides must not go round -------------------------------------------------------------------------
 */

enum { NEW, OPEN, DONE };

struct walk {
    uint8_t *state;
    uint32_t *stack;
    size_t *next;
    size_t depth;
};

/* Depth first with a stack of our own: 10,000 rules may stand in one line. True: the rules from
 * stack[*from] to its top go round. */
static bool find_cycle(const struct ordering *o, size_t start, struct walk *w, size_t *from)
{
    w->depth = 0;
    w->stack[w->depth++] = (uint32_t)start;
    w->next[start] = 0;
    w->state[start] = OPEN;
    while (w->depth > 0) {
        uint32_t rule = w->stack[w->depth - 1];
        const struct beaten *b = &o->beaten[rule];
        if (w->next[rule] >= b->count) {
            w->state[rule] = DONE;
            w->depth--;
            continue;
        }
        uint32_t to = b->list[w->next[rule]++].loser;
        for (*from = 0; w->state[to] == OPEN && w->stack[*from] != to;)
            ++*from;
        if (w->state[to] == OPEN)
            return true;
        if (w->state[to] == NEW) {
            w->state[to] = OPEN;
            w->next[to] = 0;
            w->stack[w->depth++] = to;
        }
    }
    return false;
}

static void report_cycle(struct ordering *o, const struct walk *w, size_t from)
{
    const struct checked *k = &o->rules[w->stack[w->depth - 1]];
    struct buf path = buf_make(4096);

    for (size_t i = from; i < w->depth && i < from + 12; i++)
        buf_printf(&path, "%.*s, ", SLICE_ARG(o->rules[w->stack[i]].rule->name));
    if (w->depth - from > 12)
        buf_printf(&path, "%zu more, ", w->depth - from - 12);
    if (CHECK_ERROR(o->c, E_CYCLE, k->node->at, "\"overrides\" goes round in a circle through \"%.*s\"",
                    SLICE_ARG(k->rule->name)))
        diagnose_hint(o->c->d,
                      "%.*sand %.*s again: each goes before the next, by overrides, its layer, or by being "
                      "narrower. Take one \"overrides\" out",
                      SLICE_ARG(buf_slice(&path)), SLICE_ARG(o->rules[w->stack[from]].rule->name));
    buf_free(&path);
}

/* Is there an order without a circle? Only the first circle is told. */
static bool check_cycles(struct ordering *o)
{
    struct walk w = { .state = memory_array(o->count + 1, sizeof *w.state),
                      .stack = memory_array(o->count + 1, sizeof *w.stack),
                      .next = memory_array(o->count + 1, sizeof *w.next) };
    bool round = false;
    size_t from = 0;

    for (size_t i = 0; i < o->count && !round; i++)
        round = w.state[i] == NEW && find_cycle(o, i, &w, &from);
    if (round)
        report_cycle(o, &w, from);
    free(w.state);
    free(w.stack);
    free(w.next);
    return !round;
}

static void check_override_names(struct ordering *o, const struct checked *k)
{
    const struct ast_node *list = ast_child(k->node, AST_OVERRIDES);

    for (const struct ast_node *n = list != NULL ? list->child : NULL; n != NULL; n = n->next) {
        const struct ast_node *other = table_find(o->c, TABLE_RULE, n->text);
        if (other == NULL)
            check_unknown_in(o->c, E_NAME, n, "rule", TABLE_RULE);
        else if (other->kind == AST_COPY)
            CHECK_ERROR(o->c, E_NAME, n->at,
                        "\"%.*s\" is a copy: it never owns, so there is nothing to override",
                        SLICE_ARG(n->text));
        else if (other == k->node)
            CHECK_ERROR(o->c, E_CYCLE, n->at, "a rule cannot override itself");
    }
}

/* --- a rule that no event can reach ------------------------------------------------------------------------
 */

/* Do all cases with this part exclude themselves? */
static bool is_dead(const struct dnf *d, const struct atom *part)
{
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; !d->list[i].impossible && k < d->list[i].literal_count; k++)
            if (d->list[i].literals[k].atom == part)
                return false;
    return true;
}

/* A part of an `or` that excludes what stands beside it, in a rule that is possible otherwise. */
static void check_parts(struct checker *c, const struct checked *k)
{
    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct conjunct *j = &k->dnf.list[i];
        const struct atom *part = j->impossible ? j->clash[1] : NULL, *other = j->clash[0];
        if (part == NULL || !is_dead(&k->dnf, part))
            continue;
        struct span at = { k->node->at.file, part->line, part->column, part->length };
        if (!check_error(c, W_DEAD_PART, at))
            continue;
        diagnose(c->d, SEVERITY_WARNING, W_DEAD_PART, at, "this part is never true where it stands");
        if (other != NULL)
            diagnose_hint(c->d, "\"%.*s\" (line %u) excludes it: take it out, or give it a rule of its own",
                          SLICE_ARG(other->says_yes), other->line);
    }
}

/* Stands the part below `unless` or `not`? */
static bool is_denied(const struct conjunct *j, const struct atom *part)
{
    for (size_t i = 0; i < j->literal_count; i++)
        if (j->literals[i].atom == part)
            return !j->literals[i].yes;
    return false;
}

static void check_possible(struct checker *c, const struct checked *k)
{
    const struct conjunct *first = k->dnf.count > 0 ? &k->dnf.list[0] : NULL;

    for (size_t i = 0; i < k->dnf.count; i++)
        if (!k->dnf.list[i].impossible) {
            check_parts(c, k);
            return;
        }
    if (k->dnf.too_many || first == NULL || first->clash[1] == NULL)
        return;
    const struct atom *a = first->clash[0], *b = first->clash[1];
    struct span at = { k->node->at.file, b->line, b->column, b->length };
    if (!check_error(c, E_NEVER, at))
        return;
    diagnose(c->d, k->rule->mode == MODE_LIVE ? SEVERITY_ERROR : SEVERITY_WARNING, E_NEVER, at,
             "rule \"%.*s\" can never own an event", SLICE_ARG(k->rule->name));
    if (is_denied(first, b))
        diagnose_hint(
            c->d, "this takes away all that the rest of the condition lets pass: leave it out, or narrow it");
    else if (a == NULL)
        diagnose_hint(c->d, "nothing passes \"%.*s\" together with the conditions before it",
                      SLICE_ARG(b->says_yes));
    else if (a->line == b->line)
        diagnose_hint(c->d, "\"%.*s\" and \"%.*s\" exclude each other (columns %u and %u)",
                      SLICE_ARG(a->says_yes), SLICE_ARG(b->says_yes), a->column, b->column);
    else
        diagnose_hint(c->d, "\"%.*s\" (line %u) and \"%.*s\" exclude each other", SLICE_ARG(a->says_yes),
                      a->line, SLICE_ARG(b->says_yes));
}

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y; /* `loser` stands first */

    return a < b ? -1 : a > b;
}

static void keep_beaten(struct ordering *o)
{
    for (size_t i = 0; i < o->count; i++) {
        struct beaten *b = &o->beaten[i];
        if (b->count > 1)
            qsort(b->list, b->count, sizeof *b->list, by_number);
        uint32_t *list = arena_array(o->c->arena, b->count, sizeof *list);
        uint8_t *why = arena_array(o->c->arena, b->count, sizeof *why);
        for (size_t k = 0; k < b->count; k++) {
            list[k] = b->list[k].loser;
            why[k] = b->list[k].why;
        }
        o->rules[i].rule->beats = list;
        o->rules[i].rule->beat_why = why;
        o->rules[i].rule->beat_count = b->count;
        free(b->list);
    }
    free(o->beaten);
}

void check_order(struct checker *c, struct checked *rules, size_t count)
{
    struct ordering o = { .c = c, .rules = rules, .count = count };

    o.beaten = memory_array(count + 1, sizeof *o.beaten);
    o.scratch = arena_new();
    for (size_t i = 0; i < count; i++) {
        if (!rules[i].broken)
            check_possible(c, &rules[i]);
        check_override_names(&o, &rules[i]);
    }
    pairs_each(rules, count, takes_part, compare_pair, &o);
    bool ordered = check_cycles(&o);
    keep_beaten(&o);
    if (ordered)
        check_reachable(c, rules, count);
    arena_free(&o.scratch);
}
