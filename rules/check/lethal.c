/* rules/check/lethal.c - rules that can own a lethal-class event: nothing may hold that back (E307), what
 * ends the plan is written (E309), and a repeat rings everyone (E310). */
#include "rules/check/check.h"

bool dim_takes(const struct dim *d, struct slice name)
{
    if (d == NULL)
        return true;
    for (size_t i = 0; i < d->name_count; i++)
        if (slice_eq(d->names[i].name, name))
            return !d->complement || d->names[i].code.len > 0;
    return d->complement;
}

static const struct catalogue_row *lethal_row(struct checker *c, const struct checked *k,
                                              const struct conjunct *j, size_t code, size_t class)
{
    if (j->impossible || !dim_takes(conjunct_dim(j, class), SLICE("lethal")))
        return NULL;
    for (size_t i = 0; i < catalogue_count(c->site->catalogue); i++) {
        const struct catalogue_row *row = catalogue_row_at(c->site->catalogue, i);
        if (row->class == CLASS_LETHAL && row->kind == k->rule->kind &&
            dim_takes(conjunct_dim(j, code), row->name))
            return row;
    }
    return NULL;
}

static void held_back(struct checker *c, const struct ast_node *clause, const char *word,
                      const struct catalogue_row *row, bool named)
{
    if (!CHECK_ERROR(c, E_LETHAL_CLAUSE, clause->at,
                     "\"%s\" may not touch a lethal-class code, and this rule can own \"%.*s\"", word,
                     SLICE_ARG(row->name)))
        return;
    if (named)
        diagnose_hint(c->d, "give \"%.*s\" a rule of its own without it%s", SLICE_ARG(row->name),
                      slice_is(slice_of(word), "dedupe") ? ", or make it 60 s at most" : "");
    else
        diagnose_hint(c->d, "add \"and class is not lethal\" to the rule, or name its codes");
}

static void check_held_back(struct checker *c, const struct ast_node *rule, const struct catalogue_row *row,
                            bool named)
{
    static const struct {
        enum ast_kind kind;
        const char *word;
        int64_t allowed_us;
    } clauses[] = {
        { AST_HOLD, "hold", 0 },    { AST_DEDUPE, "dedupe", 60 * TIME_S }, { AST_BUNDLE, "bundle", 0 },
        { AST_LIMIT, "limit", -1 }, { AST_SUPPRESS, "suppress", -1 },      { AST_DELIVER, "deliver", -1 },
    };

    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
        const struct ast_node *clause = ast_child(rule, clauses[i].kind);
        if (clause != NULL && clause->number > clauses[i].allowed_us)
            held_back(c, clause, clauses[i].word, row, named);
    }
}

static const struct ast_node *own_repeat(const struct ast_node *rule)
{
    return ast_child(rule, AST_REPEAT);
}

void check_lethal(struct checker *c, const struct checked *k)
{
    const struct catalogue_row *row = NULL;
    const struct ast_node *stop = ast_child(k->node, AST_STOP), *repeat = own_repeat(k->node);
    size_t code, class;
    bool named = false;

    if (!schema_find(SLICE("code"), &code) || !schema_find(SLICE("class"), &class))
        return;
    for (size_t i = 0; i < k->dnf.count && !named; i++) {
        const struct dim *d = conjunct_dim(&k->dnf.list[i], code);
        const struct catalogue_row *found = lethal_row(c, k, &k->dnf.list[i], code, class);
        if (found == NULL)
            continue;
        row = found;
        named = d != NULL && !d->complement;
    }
    if (row == NULL)
        return;
    check_held_back(c, k->node, row, named);
    if (!named || k->rule->copy)
        return;
    if (stop == NULL && k->rule->plan != NULL &&
        CHECK_ERROR(c, E_LETHAL_STOP, k->node->at,
                    "a rule with a lethal-class code (\"%.*s\") says what ends its plan",
                    SLICE_ARG(row->name)))
        diagnose_hint(c->d, "add \"stop on accepted\" before the first step");
    if (repeat != NULL && ast_child(repeat, AST_ALL) == NULL &&
        CHECK_ERROR(c, E_LETHAL_REPEAT, repeat->at,
                    "a rule with a lethal-class code (\"%.*s\") repeats to all who were told",
                    SLICE_ARG(row->name)))
        diagnose_hint(c->d, "write \"repeat all\"");
}
