/* rules/check/clauses.c - dedupe, bundle, limit, suppress, deliver and expire: into the plan, and what they
 * may not stand beside (LANGUAGE 7). E307, for lethal-class codes, is in lethal.c. */
#include "rules/check/check.h"

enum { LIMIT_COUNT_MAX = 1000 };

#define MEMORY_MAX TIME_DAY         /* closed alerts are remembered for so long (router/state.h) */
#define WINDOW_MAX (12 * TIME_HOUR) /* the surplus of a limit must still be remembered at its end */
#define EXPIRE_MAX (366 * TIME_DAY) /* and any other time: lane times stay far from their end */

/* The duration of a clause, or 0 with a finding when it is out of its bounds. */
static int64_t duration_of(struct checker *c, struct span at, const char *clause, int64_t us, int64_t most_us)
{
    char least[TIME_TEXT], most[TIME_TEXT];

    if (us >= TIME_S && us <= most_us)
        return us;
    struct slice from = duration_text(TIME_S, least), to = duration_text(most_us, most);
    if (CHECK_ERROR(c, E_BOUNDS, at, "\"%s\" takes from %.*s to %.*s", clause, SLICE_ARG(from),
                    SLICE_ARG(to)))
        diagnose_hint(c->d, us < TIME_S
                                ? "take the clause out, or give it time"
                                : "what is longer than that is not remembered, or nobody waits for it");
    return 0;
}

static bool comparable(struct checker *c, const struct ast_node *f, size_t id)
{
    const struct field_info *info = schema_field(id);

    if (!info->display_only && info->type != TYPE_LIST)
        return true;
    if (CHECK_ERROR(c, E_CHECK, f->at, "two alerts cannot be the same by \"%.*s\"", SLICE_ARG(f->text)))
        diagnose_hint(c->d, "name what is one value: patient, unit, bed, code, device.id");
    return false;
}

/* `by FIELDS` and `same FIELDS`; false with a finding. */
static bool same_of(struct checker *c, const struct scope *s, const struct ast_node *clause,
                    struct plan_same *out)
{
    size_t count = ast_count(clause, AST_FIELD), id;
    struct slice *fields = arena_array(c->arena, count + 1, sizeof *fields);

    out->fields = fields;
    if (count > LIMIT_CLAUSE_FIELDS)
        return CHECK_ERROR(c, E_BOUNDS, clause->at, "clause-fields: more than %d fields",
                           LIMIT_CLAUSE_FIELDS) &&
               false;
    for (const struct ast_node *f = ast_child(clause, AST_FIELD); f != NULL; f = ast_next(f, AST_FIELD)) {
        if (!scope_field(c, s, f->text, f->at, &id) || !comparable(c, f, id))
            return false;
        fields[out->count++] = f->text;
    }
    return true;
}

static void compile_dedupe(struct checker *c, const struct scope *s, const struct ast_node *n,
                           struct plan_clauses *out)
{
    if (same_of(c, s, n, &out->dedupe))
        out->dedupe_us = duration_of(c, n->at, "dedupe", n->number, MEMORY_MAX);
}

static void compile_bundle(struct checker *c, const struct scope *s, const struct ast_node *n,
                           struct plan_clauses *out)
{
    if (same_of(c, s, n, &out->bundle))
        out->bundle_us = duration_of(c, n->at, "bundle", n->number, MEMORY_MAX);
}

static void compile_limit(struct checker *c, const struct ast_node *n, struct plan_clauses *out)
{
    const struct ast_node *per = ast_child(n, AST_DURATION);

    if (n->number < 1 || n->number > LIMIT_COUNT_MAX) {
        CHECK_ERROR(c, E_BOUNDS, n->at, "\"limit\" takes from 1 to %d alerts", LIMIT_COUNT_MAX);
        return;
    }
    out->limit = (uint32_t)n->number;
    out->limit_us = duration_of(c, per->at, "limit", per->number, WINDOW_MAX);
}

/* --- suppress --------------------------------------------------------------------------------------------
 */

/* The codes that a name in `while` stands for: itself, or those of a set. */
static size_t codes_of(struct checker *c, const struct ast_node *name, const struct name_value **out)
{
    struct name_value *names = NULL;
    const struct catalogue_row **rows;
    bool known = table_find(c, TABLE_CODES, name->text) != NULL ||
                 catalogue_named(c->site->catalogue, name->text) != NULL;
    struct ast_node one = *name;

    one.next = NULL;
    size_t count = known ? code_rows(c, &one, true, &names, &rows) : 0;
    *out = names;
    return count;
}

static void compile_suppress(struct checker *c, const struct scope *s, const struct ast_node *n,
                             struct plan_clauses *out)
{
    const struct ast_node *most = ast_child(n, AST_DURATION);
    struct slice *rules = arena_array(c->arena, ast_count(n, AST_NAME) + 1, sizeof *rules);
    struct slice *codes = arena_array(c->arena, LIMIT_SUPPRESS_NAMES + 1, sizeof *codes);

    out->while_rules = rules;
    out->while_codes = codes;
    for (const struct ast_node *k = ast_child(n, AST_NAME); k != NULL; k = ast_next(k, AST_NAME)) {
        const struct name_value *names;
        const struct ast_node *rule = table_find(c, TABLE_RULE, k->text);
        size_t count = codes_of(c, k, &names);
        if (rule == NULL && count == 0)
            check_unknown_in(c, E_NAME, k, "rule, code or codes", TABLE_RULE);
        if (rule != NULL)
            rules[out->while_rule_count++] = k->text;
        if (out->while_rule_count + out->while_code_count + count > LIMIT_SUPPRESS_NAMES) {
            CHECK_ERROR(c, E_BOUNDS, n->at, "suppress-names: more than %d rules and codes",
                        LIMIT_SUPPRESS_NAMES);
            return;
        }
        for (size_t i = 0; i < count; i++)
            codes[out->while_code_count++] = names[i].name;
    }
    if (same_of(c, s, n, &out->suppress))
        out->suppress_us = duration_of(c, most->at, "suppress", most->number, MEMORY_MAX);
}

static bool named(const struct slice *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i], name))
            return true;
    return false;
}

/* Does an alert of `by` hold back one of `rule`? A rule that names no codes counts by its name alone. */
static bool holds_back(const struct checked *rule, const struct checked *by)
{
    const struct plan_clauses *k = rule->rule->plan != NULL ? &rule->rule->plan->clauses : NULL;

    if (k == NULL || k->suppress_us == 0 || by->rule->copy)
        return false;
    if (named(k->while_rules, k->while_rule_count, by->rule->name))
        return true;
    for (size_t i = 0; !by->codes.any && i < by->codes.count; i++)
        if (named(k->while_codes, k->while_code_count, by->codes.codes[i]))
            return true;
    return false;
}

struct walk {
    const struct checked *rules;
    size_t count;
    uint8_t *seen;
    uint32_t *stack;
};

/* Can `from` be held back, through others, by itself? Depth first with a stack of our own. */
static bool comes_back(struct walk *w, size_t from)
{
    size_t depth = 0;

    for (size_t i = 0; i < w->count; i++)
        w->seen[i] = 0;
    w->stack[depth++] = (uint32_t)from;
    while (depth > 0) {
        size_t at = w->stack[--depth];
        for (size_t i = 0; i < w->count; i++) {
            if (w->seen[i] != 0 || !holds_back(&w->rules[at], &w->rules[i]))
                continue;
            if (i == from)
                return true;
            w->seen[i] = 1;
            w->stack[depth++] = (uint32_t)i;
        }
    }
    return false;
}

void check_suppress(struct checker *c, const struct checked *rules, size_t count)
{
    struct walk w = { rules, count, arena_array(c->arena, count + 1, sizeof *w.seen),
                      arena_array(c->arena, count + 1, sizeof *w.stack) };

    for (size_t i = 0; i < count; i++) {
        const struct ast_node *clause = ast_child(rules[i].node, AST_SUPPRESS);
        if (clause == NULL || !comes_back(&w, i) ||
            !CHECK_ERROR(c, E_HELD_BY_ITSELF, clause->at, "alerts of \"%.*s\" would hold back each other%s",
                         SLICE_ARG(rules[i].rule->name),
                         holds_back(&rules[i], &rules[i]) ? "" : ", through other rules"))
            continue;
        diagnose_hint(c->d, "suppress while a cause is open that is not itself suppressed by this");
    }
}

/* --- deliver, expire, and what stands beside them ----------------------------------------------------------
 */

static void compile_deliver(struct checker *c, const struct ast_node *n, struct plan_clauses *out)
{
    const struct shift *s = find_shift(c, n->child->text);

    if (s == NULL) {
        CHECK_ERROR(c, E_NAME, n->child->at, "unknown shift \"%.*s\"", SLICE_ARG(n->child->text));
        return;
    }
    out->delivers = true;
    out->deliver = *s;
}

void compile_clauses(struct checker *c, const struct scope *s, const struct ast_node *rule,
                     struct plan_clauses *out)
{
    for (const struct ast_node *n = rule->child; n != NULL; n = n->next) {
        if (n->kind == AST_DEDUPE)
            compile_dedupe(c, s, n, out);
        else if (n->kind == AST_BUNDLE)
            compile_bundle(c, s, n, out);
        else if (n->kind == AST_LIMIT)
            compile_limit(c, n, out);
        else if (n->kind == AST_SUPPRESS)
            compile_suppress(c, s, n, out);
        else if (n->kind == AST_DELIVER)
            compile_deliver(c, n, out);
        else if (n->kind == AST_EXPIRE)
            out->expire_us = duration_of(c, n->at, "expire", n->number, EXPIRE_MAX);
    }
}

static void check_not_urgent(struct checker *c, const struct ast_node *rule, const struct plan *p)
{
    static const struct {
        enum ast_kind kind;
        const char *word;
    } words[] = { { AST_BUNDLE, "bundle" }, { AST_LIMIT, "limit" } };
    size_t urgent = 0;

    while (urgent < p->step_count && p->steps[urgent].level != LEVEL_URGENT)
        urgent++;
    for (size_t i = 0; i < sizeof words / sizeof *words && urgent < p->step_count; i++) {
        const struct ast_node *n = ast_child(rule, words[i].kind);
        if (n != NULL && CHECK_ERROR(c, E_URGENT, n->at, "\"%s\" does not go with urgent, and line %u is",
                                     words[i].word, p->steps[urgent].line))
            diagnose_hint(c->d, "what is urgent is told at once, each by itself: take one of the two out");
    }
}

static void check_expire(struct checker *c, const struct ast_node *rule, const struct plan *p)
{
    const struct ast_node *n = ast_child(rule, AST_EXPIRE);
    int64_t last = p->step_count > 0 ? p->steps[p->step_count - 1].at_us : 0;
    char text[TIME_TEXT];

    if (n == NULL || p->clauses.expire_us == 0 || p->clauses.expire_us > last ||
        !check_error(c, W_EXPIRE, n->at))
        return;
    struct slice when = duration_text(last, text);
    diagnose(c->d, SEVERITY_WARNING, W_EXPIRE, n->at, "the plan expires before its last step, after %.*s",
             SLICE_ARG(when));
    diagnose_hint(c->d, "expire counts from the first notification, not from the event: give it more time");
}

void check_clauses(struct checker *c, const struct ast_node *rule, const struct plan *p)
{
    check_not_urgent(c, rule, p);
    check_expire(c, rule, p);
}
