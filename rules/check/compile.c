/* rules/check/compile.c - from the tree and the roster to a ruleset; every finding of a run is reported. */
#include "rules/check/compile.h"

#include "base/memory.h"
#include "rules/check/bounds.h"
#include "rules/check/check.h"

#include <stdlib.h>
#include <string.h>

/* --- the head of a rule -------------------------------------------------------------------------------- */

static void unknown_kind(struct checker *c, const struct ast_node *n)
{
    struct slice names[EVENT_KIND_COUNT];

    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        names[k] = slice_of(event_kind_name((enum event_kind)k));
    check_unknown(c, E_KIND, n->at, "kind of event", n->text, names, EVENT_KIND_COUNT);
}

static void unknown_phase(struct checker *c, const struct ast_node *n, enum event_kind kind)
{
    struct slice names[PHASE_COUNT];
    size_t count = 0;
    struct buf all = buf_make(2048);

    for (unsigned p = 0; p < PHASE_COUNT; p++)
        if (event_phase_fits(kind, (enum event_phase)p)) {
            names[count] = slice_of(event_phase_name((enum event_phase)p));
            buf_printf(&all, " %.*s", SLICE_ARG(names[count]));
            count++;
        }
    struct slice near = diagnose_nearest(n->text, names, count);
    if (CHECK_ERROR(c, E_PHASE, n->at, "%s events have no phase \"%.*s\"", event_kind_name(kind),
                    SLICE_ARG(n->text))) {
        if (near.len > 0)
            diagnose_hint(c->d, "did you mean \"%.*s\"? phases of %s:%.*s", SLICE_ARG(near),
                          event_kind_name(kind), SLICE_ARG(buf_slice(&all)));
        else
            diagnose_hint(c->d, "phases of %s:%.*s", event_kind_name(kind), SLICE_ARG(buf_slice(&all)));
    }
    buf_free(&all);
}

/* Later phases of an open alert are matched again as if it started. */
static uint32_t phases_of(enum event_phase p)
{
    uint32_t bits = UINT32_C(1) << p;

    if (p == PHASE_STARTS)
        bits |= UINT32_C(1) << PHASE_UPDATES | UINT32_C(1) << PHASE_WORSENS | UINT32_C(1) << PHASE_EASES;
    return bits;
}

static bool compile_head(struct checker *c, const struct ast_node *when, struct rule *r)
{
    const struct ast_node *kind = when->child, *phase = kind->next;
    enum event_phase p;

    if (!event_kind_find(kind->text, &r->kind)) {
        unknown_kind(c, kind);
        return false;
    }
    if (!event_phase_find(phase->text, &p) || !event_phase_fits(r->kind, p)) {
        unknown_phase(c, phase, r->kind);
        return false;
    }
    if (p == PHASE_ENDS || p == PHASE_WITHDRAWN || p == PHASE_ATTENDED) {
        if (CHECK_ERROR(c, E_PHASE, phase->at, "no rule owns the phase \"%.*s\"", SLICE_ARG(phase->text)))
            diagnose_hint(c->d, "it belongs to the alert that is open; see \"stop on\"");
        return false;
    }
    r->phases = phases_of(p);
    return true;
}

/* An overdue review warns and never disables. */
static void check_review(struct checker *c, const struct ast_node *n)
{
    const struct ast_node *review = ast_child(n, AST_REVIEW), *owner = ast_child(n, AST_OWNER);
    struct civil today = tz_to_civil(c->site->directory->zone, c->site->now_us);
    int64_t day = today.year * INT64_C(10000) + today.month * 100 + today.day;

    if (review == NULL || c->site->now_us == 0 || review->number >= day ||
        !check_error(c, W_REVIEW, review->at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_REVIEW, review->at, "the review of \"%.*s\" was due on %.*s",
             SLICE_ARG(n->text), SLICE_ARG(review->text));
    if (owner != NULL)
        diagnose_hint(c->d, "it goes on as it is; ask its owner, %.*s, and write the next date",
                      SLICE_ARG(owner->text));
    else
        diagnose_hint(c->d, "it goes on as it is; look it through and write the next date");
}

static enum rule_mode mode_of(struct checker *c, const struct ast_node *n)
{
    const struct ast_node *mode = ast_child(n, AST_MODE);

    if (mode == NULL || slice_is(mode->text, "live"))
        return MODE_LIVE;
    bool draft = slice_is(mode->text, "draft");
    diagnose(
        c->d, SEVERITY_NOTE, N_DRAFT, n->at,
        draft ? "\"%.*s\" is a draft: it never owns an event"
              : "\"%.*s\" is a shadow: it never owns an event; nightbell shadow runs it as if it were live",
        SLICE_ARG(n->text));
    return draft ? MODE_DRAFT : MODE_SHADOW;
}

/* The codes that the rule names with `code is` or `code in`: they give numbers their unit. */
static void scope_codes(struct checker *c, const struct ast_node *when, struct scope *s)
{
    const struct catalogue_row **all = NULL, **rows;
    struct name_value *names;

    for (const struct ast_node *n = ast_child(when, AST_ATOM); n != NULL; n = ast_next(n, AST_ATOM)) {
        const struct ast_node *check = n->child->next;
        if (n->child->kind != AST_FIELD || !slice_is(n->child->text, "code") ||
            (check->kind != AST_IS && check->kind != AST_IN))
            continue;
        for (const struct ast_node *v = check->child; v != NULL; v = v->next) {
            if (v->kind != AST_NAME && v->kind != AST_CODE)
                continue;
            size_t count = code_rows(c, v, check->kind == AST_IN, &names, &rows);
            const struct catalogue_row **joined = arena_array(c->arena, s->row_count + count, sizeof *joined);
            for (size_t i = 0; i < s->row_count + count; i++)
                joined[i] = i < s->row_count ? all[i] : rows[i - s->row_count];
            all = joined;
            s->row_count += count;
            s->rows = all;
        }
    }
}

/* --- what the index and the order ask --------------------------------------------------------------------
 */

static int by_text(const void *x, const void *y)
{
    return slice_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

static size_t each_once(struct slice *list, size_t count)
{
    size_t kept = 0;

    if (count > 1)
        qsort(list, count, sizeof *list, by_text);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !slice_eq(list[kept - 1], list[i]))
            list[kept++] = list[i];
    return kept;
}

static void code_summary(struct checker *c, struct checked *k, size_t code)
{
    size_t total = 0, at = 0;

    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct dim *d = conjunct_dim(&k->dnf.list[i], code);
        k->codes.any = k->codes.any || (!k->dnf.list[i].impossible && (d == NULL || d->complement));
        total += d != NULL ? d->name_count : 0;
    }
    k->codes.any = k->codes.any || k->dnf.too_many;
    if (k->codes.any)
        return;
    struct slice *list = arena_array(c->arena, total, sizeof *list);
    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct dim *d = conjunct_dim(&k->dnf.list[i], code);
        for (size_t n = 0; d != NULL && !k->dnf.list[i].impossible && n < d->name_count; n++)
            list[at++] = d->names[n].name;
    }
    k->codes.codes = list;
    k->codes.count = each_once(list, at);
}

/* The highest class that the rule's codes or its `class` can have. */
static enum event_class highest_class(struct checker *c, const struct checked *k, size_t class)
{
    enum event_class best = CLASS_COUNT, found;

    for (size_t i = 0; !k->codes.any && i < k->codes.count; i++) {
        const struct catalogue_row *row = catalogue_named(c->site->catalogue, k->codes.codes[i]);
        if (row != NULL && row->class < best)
            best = row->class;
    }
    for (size_t i = 0; k->codes.any && i < k->dnf.count; i++) {
        const struct dim *d = conjunct_dim(&k->dnf.list[i], class);
        if (d == NULL || d->complement)
            return CLASS_COUNT;
        for (size_t n = 0; n < d->name_count; n++)
            if (event_class_find(d->names[n].name, &found) && found < best)
                best = found;
    }
    return best;
}

static void expand_rule(struct checker *c, struct checked *k)
{
    size_t code = 0, class = 0;

    schema_find(SLICE("code"), &code);
    schema_find(SLICE("class"), &class);
    k->dnf = proof_expand(c->arena, &k->rule->when);
    if (k->dnf.too_many &&
        CHECK_ERROR(c, E_BOUNDS, k->node->at, "rule-conjuncts: this condition has more than %d cases",
                    LIMIT_RULE_CONJUNCTS))
        diagnose_hint(c->d, "every \"or\" multiplies; use a set of codes, or two rules");
    if (!k->dnf.too_many)
        check_classes(c, k->rule, &k->dnf);
    code_summary(c, k, code);
    k->rule->highest = highest_class(c, k, class);
}

/* `stop on ended` and `if open` of a rule whose listeners never send an end. */
static void check_ends(struct checker *c, const struct checked *k)
{
    size_t source = 0;
    const struct ast_node *after = ast_child(k->node, AST_AFTER), *stop = ast_child(k->node, AST_STOP);

    while (after != NULL && ast_child(after, AST_STATE_OPEN) == NULL)
        after = ast_next(after, AST_AFTER);
    bool waits = stop != NULL && k->rule->plan != NULL && k->rule->plan->stop == STOP_ENDED;
    if ((after == NULL && !waits) || !schema_find(SLICE("source"), &source) ||
        c->site->starts_only_count == 0)
        return;
    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct dim *d = conjunct_dim(&k->dnf.list[i], source);
        if (d == NULL || d->complement)
            return;
        for (size_t n = 0; n < d->name_count; n++) {
            bool one_shot = false;
            for (size_t s = 0; s < c->site->starts_only_count; s++)
                one_shot = one_shot || slice_eq(c->site->starts_only[s], d->names[n].name);
            if (!one_shot)
                return;
        }
    }
    if (CHECK_ERROR(c, E_NO_END, waits ? stop->at : after->at,
                    "this waits for an end that the sender never tells"))
        diagnose_hint(c->d,
                      "its listener says \"sends starts\" only: stop on accepted, and leave out \"if open\"");
}

/* --- one rule ---------------------------------------------------------------------------------------------
 */

static void compile_rule(struct checker *c, struct checked *k)
{
    const struct ast_node *n = k->node, *when = ast_child(n, AST_WHEN), *title = ast_child(n, AST_TITLE);
    struct rule *r = k->rule;
    struct scope s = { .any_kind = false };

    r->copy = n->kind == AST_COPY;
    r->title = title != NULL ? title->text : r->name;
    r->mode = mode_of(c, n);
    r->highest = CLASS_COUNT;
    layer_of(c, n, r);
    check_review(c, n);
    if (when == NULL || !compile_head(c, when, r))
        return;
    s.kind = r->kind;
    scope_codes(c, when, &s);
    r->when = compile_all(c, &s, when->child->next->next, IN_WHEN);
    k->step_at = compile_outcome(c, &s, n, r);
    expand_rule(c, k);
    check_lethal(c, k);
    check_ends(c, k);
    check_timing(c, k);
    check_gaps(c, r, &k->dnf, k->step_at);
    check_bounds(c, n, r);
}

static int by_name(const void *x, const void *y)
{
    return slice_cmp((*(const struct ast_node *const *)x)->text, (*(const struct ast_node *const *)y)->text);
}

static size_t rule_nodes(struct checker *c, const struct ast_node ***out)
{
    size_t count = map_count(c->tables[TABLE_RULE]), at = 0, i = 0;
    const struct ast_node **list = arena_array(c->arena, count + 1, sizeof *list);
    struct slice key;
    void *value;

    while (map_next(c->tables[TABLE_RULE], &at, &key, &value))
        list[i++] = value;
    if (count > 1)
        qsort(list, count, sizeof *list, by_name);
    *out = list;
    return count;
}

/* A copy: the rules outlive the findings' list of files. */
static struct slice file_name(const struct checker *c, const struct ast_node *n)
{
    return n->at.file < c->d->file_count ? arena_copy(c->arena, c->d->files[n->at.file].name) : SLICE("");
}

static void build_index(struct checker *c, struct ruleset *set, const struct checked *rules)
{
    struct index_case *cases;
    size_t count = 0, at = 0;

    for (size_t i = 0; i < set->count; i++)
        count += rules[i].dnf.count;
    cases = arena_array(c->arena, count, sizeof *cases);
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < rules[i].dnf.count; k++) {
            const struct conjunct *one = &rules[i].dnf.list[k];
            cases[at++] = (struct index_case){ (uint32_t)i, (uint32_t)one->literal_count, one->literals };
        }
    index_build(set, cases, count, c->arena);
}

static void pack_rule(struct checker *c, struct rule *r)
{
    if (r->plan == NULL)
        return;
    r->plan = plan_packed(r->plan, c->arena);
    r->name = r->plan->rule;
    r->title = r->plan->title;
    r->file = r->plan->file;
}

static void compile_rules(struct checker *c, struct ruleset *set)
{
    const struct ast_node **nodes;
    size_t count = rule_nodes(c, &nodes);
    struct rule *rules = arena_array(c->arena, count + 1, sizeof *rules);
    struct checked *checked = arena_array(c->arena, count + 1, sizeof *checked);

    for (size_t i = 0; i < count; i++) {
        rules[i] = (struct rule){ .name = nodes[i]->text,
                                  .file = file_name(c, nodes[i]),
                                  .index = (uint32_t)i,
                                  .line = nodes[i]->at.line,
                                  .zone = c->site->directory->zone };
        checked[i] = (struct checked){ .node = nodes[i], .rule = &rules[i] };
        size_t errors = c->d->errors;
        compile_rule(c, &checked[i]);
        checked[i].broken = c->d->errors > errors;
    }
    check_order(c, checked, count);
    check_suppress(c, checked, count);
    set->rules = rules;
    set->count = count;
    build_index(c, set, checked);
    for (size_t i = 0; i < count; i++)
        pack_rule(c, &rules[i]);
}

/* --- defaults
 * ----------------------------------------------------------------------------------------------- */

static bool may_ignore(enum event_kind kind)
{
    return kind == EVENT_RESULT || kind == EVENT_APPOINTMENT || kind == EVENT_ORDER || kind == EVENT_TRANSFER;
}

static void compile_default(struct checker *c, struct ruleset *set, const struct ast_node *n)
{
    struct rule *r = arena_alloc(c->arena, sizeof *r);
    struct scope s = { .any_kind = n->text.len == 0 };
    const struct ast_node *ignore = ast_child(n, AST_IGNORE);

    if (!s.any_kind && !event_kind_find(n->text, &s.kind)) {
        unknown_kind(c, n);
        return;
    }
    const struct rule **slot = s.any_kind ? &set->otherwise : &set->defaults[s.kind];
    if (*slot != NULL) {
        if (CHECK_ERROR(c, E_DEFAULTS, n->at, "a second default%s%s", s.any_kind ? "" : " for ",
                        s.any_kind ? "" : event_kind_name(s.kind)))
            diagnose_hint(c->d, "the first stands in %.*s, line %u", SLICE_ARG((*slot)->file), (*slot)->line);
        return;
    }
    if (ignore != NULL && (s.any_kind || !may_ignore(s.kind)) &&
        CHECK_ERROR(c, E_IGNORE, ignore->at, "this default may not ignore"))
        diagnose_hint(c->d, "only default for result, appointment, order and transfer may");
    *r =
        (struct rule){ .name = s.any_kind ? SLICE("default")
                                          : arena_printf(c->arena, "default for %s", event_kind_name(s.kind)),
                       .file = file_name(c, n),
                       .line = n->at.line,
                       .is_default = true,
                       .kind = s.kind,
                       .index = UINT32_MAX,
                       .highest = CLASS_COUNT,
                       .zone = c->site->directory->zone };
    r->title = r->name;
    check_gaps(c, r, NULL, compile_outcome(c, &s, n, r));
    check_bounds(c, n, r);
    *slot = r;
}

/* --- the rest of the program
 * --------------------------------------------------------------------------------- */

/* Chains are compiled where they are used; here those that nothing uses, and sets of codes. */
static void check_unused(struct checker *c)
{
    struct name_value *names;
    const struct catalogue_row **rows;
    struct slice *chains;
    size_t count = table_names(c, TABLE_CHAIN, &chains);

    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_CODES); n != NULL; n = ast_next(n, AST_CODES))
            for (const struct ast_node *v = n->child; v != NULL; v = v->next) {
                struct ast_node one = *v;
                one.next = NULL;
                code_rows(c, &one, false, &names, &rows);
            }
    for (size_t i = 0; i < count; i++) {
        struct ast_node block = *table_find(c, TABLE_CHAIN, chains[i]);
        struct rule unused = { .copy = true, .name = block.text };
        compile_outcome(c, &(struct scope){ .any_kind = true }, &block, &unused);
    }
}

static void check_default_there(struct checker *c, const struct ruleset *set)
{
    if (set->otherwise != NULL)
        return;
    diagnose(c->d, SEVERITY_ERROR, E_NO_DEFAULT, (struct span){ 0, 0, 0, 0 },
             "the rules have no default: an event that no rule wants would reach nobody");
    diagnose_hint(c->d, "add: default { notify primary-nurse else charge-nurse  after 2min if not accepted "
                        "notify unit-desk }");
}

static bool has_syntax_errors(const struct diagnostics *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].severity == SEVERITY_ERROR && d->items[i].number < E_KIND)
            return true;
    return false;
}

/* Each rule by itself: which of them go before others cannot be said while some are missing. */
static void compile_partly(struct checker *c, struct ruleset *set)
{
    struct diagnostics found, *told = c->d;
    const struct ast_node **nodes;

    c->program = partial_program(c);
    diagnostics_init(&found, c->arena, told->files, told->file_count);
    c->d = &found;
    tables_fill(c);
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_DEFAULT); n != NULL; n = ast_next(n, AST_DEFAULT))
            compile_default(c, set, n);
    size_t count = rule_nodes(c, &nodes);
    for (size_t i = 0; i < count; i++) {
        struct rule rule = { .name = nodes[i]->text, .zone = c->site->directory->zone };
        struct checked one = { .node = nodes[i], .rule = &rule };
        compile_rule(c, &one);
    }
    tables_free(c);
    partial_tell(told, &found);
    diagnostics_free(&found);
    c->d = told;
}

struct ruleset *ruleset_compile(struct arena *arena, const struct ast_node *program,
                                const struct check_context *site, struct diagnostics *d)
{
    struct checker c = { .arena = arena, .d = d, .program = program, .site = site };
    struct ruleset *set = arena_alloc(arena, sizeof *set);

    if (has_syntax_errors(d)) {
        compile_partly(&c, set);
        return NULL;
    }
    tables_fill(&c);
    check_messages(&c);
    layers_check(&c);
    for (const struct ast_node *f = program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_DEFAULT); n != NULL; n = ast_next(n, AST_DEFAULT))
            compile_default(&c, set, n);
    compile_rules(&c, set);
    check_unused(&c);
    check_fallbacks(&c);
    check_worlds(&c);
    check_default_there(&c, set);
    tables_free(&c);
    return d->errors == 0 ? set : NULL;
}
