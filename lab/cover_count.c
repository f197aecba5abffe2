#include "lab/cover_count.h"

#include "base/map.h"
#include "router/alert.h"
#include "router/ignored.h"
#include "router/record.h"
#include "rules/compiled.h"

#include <string.h>

enum clause {
    CLAUSE_HOLD,
    CLAUSE_DEDUPE,
    CLAUSE_BUNDLE,
    CLAUSE_SUPPRESS,
    CLAUSE_DELIVER,
    CLAUSE_REPEAT,
    CLAUSE_EXPIRE,
    CLAUSE_COUNT
};

static const struct {
    const char *what, *held, *free;
    enum ast_kind kind;
} clauses[CLAUSE_COUNT] = {
    [CLAUSE_HOLD] = { "hold", "held to its end", "let go before", AST_HOLD },
    [CLAUSE_DEDUPE] = { "dedupe", "the same again", "a new alert", AST_DEDUPE },
    [CLAUSE_BUNDLE] = { "bundle", "joined", "alone", AST_BUNDLE },
    [CLAUSE_SUPPRESS] = { "suppress", "held back", "rang at once", AST_SUPPRESS },
    [CLAUSE_DELIVER] = { "deliver", "waited", "rang at once", AST_DELIVER },
    [CLAUSE_REPEAT] = { "repeat", "rang again", NULL, AST_REPEAT },
    [CLAUSE_EXPIRE] = { "expire", "expired", NULL, AST_EXPIRE },
};

struct counted { /* one rule */
    const struct rule *rule;
    struct cover_point *points;
    size_t count, when_count, hold_at, hold_count; /* atoms come first, those of `hold unless` behind */
    size_t used_at, steps_at, elses_at, else_count;
    size_t clause_at[CLAUSE_COUNT]; /* SIZE_MAX: has no such clause */
    uint8_t touched;
};

struct alert_seen {
    uint64_t alert;
    struct counted *rule;
    bool held, joined, closed, later, waited[ALERT_WAIT_COUNT]; /* later: one of its rule was closed before */
    int64_t hold_until_us;
};

struct cover_count {
    struct arena *arena, *scratch;
    const struct ruleset *rules;
    const struct ast_node *program;
    struct counted *list;
    size_t count;
};

/* --- the points of a rule ------------------------------------------------------------------------------- */

static size_t atoms_of(const struct cond *c, const struct atom **out)
{
    size_t count = 0;

    if (c->kind == COND_ATOM) {
        if (c->atom != NULL && out != NULL)
            *out = c->atom;
        return c->atom != NULL;
    }
    for (size_t i = 0; i < c->count; i++)
        count += atoms_of(&c->kids[i], out != NULL ? out + count : NULL);
    return count;
}

static void add_atoms(struct cover_count *c, struct counted *r, const struct cond *cond, const char *before)
{
    size_t count = atoms_of(cond, NULL);
    const struct atom **atoms = arena_array(c->arena, count + 1, sizeof *atoms);

    atoms_of(cond, atoms);
    for (size_t i = 0; i < count; i++)
        r->points[r->count++] = (struct cover_point){ .what = arena_printf(c->arena, "%s%.*s", before,
                                                                           SLICE_ARG(atoms[i]->says_yes)),
                                                      .way = { "yes", "no" },
                                                      .line = atoms[i]->line,
                                                      .column = atoms[i]->column,
                                                      .length = atoms[i]->length };
}

static void add_steps(struct cover_count *c, struct counted *r)
{
    const struct plan *p = r->rule->plan;

    r->steps_at = r->count;
    for (size_t i = 0; i < p->step_count; i++)
        r->points[r->count++] = (struct cover_point){ .what = arena_printf(c->arena, "step %zu", i + 1),
                                                      .way = { "fired", NULL },
                                                      .line = p->steps[i].line };
    r->elses_at = r->count;
    for (size_t i = 0; i < p->step_count; i++) {
        size_t most = 0;
        for (size_t t = 0; t < p->steps[i].target_count; t++)
            most = p->steps[i].targets[t].count > most ? p->steps[i].targets[t].count : most;
        for (size_t k = 1; k < most; k++)
            r->points[r->count++] =
                (struct cover_point){ .what = arena_printf(c->arena, "else %zu of step %zu", k, i + 1),
                                      .way = { "used", NULL },
                                      .line = p->steps[i].line };
    }
    r->else_count = r->count - r->elses_at;
}

static bool has_clause(const struct plan *p, enum clause k)
{
    const bool has[CLAUSE_COUNT] = { [CLAUSE_HOLD] = p->hold_us > 0,
                                     [CLAUSE_DEDUPE] = p->clauses.dedupe_us > 0,
                                     [CLAUSE_BUNDLE] = p->clauses.bundle_us > 0,
                                     [CLAUSE_SUPPRESS] = p->clauses.suppress_us > 0,
                                     [CLAUSE_DELIVER] = p->clauses.delivers,
                                     [CLAUSE_REPEAT] = p->repeat_every_us > 0,
                                     [CLAUSE_EXPIRE] = p->clauses.expire_us > 0 };

    return has[k];
}

/* Where the clause stands in its rule; a chain's and a default's stand for themselves. */
static uint32_t clause_line(const struct cover_count *c, const struct rule *rule, enum ast_kind kind)
{
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_RULE); n != NULL; n = ast_next(n, AST_RULE))
            if (slice_eq(n->text, rule->name) && ast_child(n, kind) != NULL)
                return ast_child(n, kind)->at.line;
    return rule->line;
}

static void add_clauses(struct cover_count *c, struct counted *r)
{
    for (unsigned k = 0; k < CLAUSE_COUNT; k++) {
        r->clause_at[k] = SIZE_MAX;
        if (r->rule->plan == NULL || !has_clause(r->rule->plan, (enum clause)k))
            continue;
        r->clause_at[k] = r->count;
        r->points[r->count++] = (struct cover_point){ .what = slice_of(clauses[k].what),
                                                      .way = { clauses[k].held, clauses[k].free },
                                                      .line = clause_line(c, r->rule, clauses[k].kind) };
    }
}

static void add_rule(struct cover_count *c, const struct rule *rule)
{
    struct counted *r = &c->list[c->count++];
    size_t room = atoms_of(&rule->when, NULL) + atoms_of(&rule->hold_unless, NULL) + CLAUSE_COUNT + 1;

    for (size_t i = 0; rule->plan != NULL && i < rule->plan->step_count; i++) {
        room++;
        for (size_t t = 0; t < rule->plan->steps[i].target_count; t++)
            room += rule->plan->steps[i].targets[t].count;
    }
    *r = (struct counted){ .rule = rule, .points = arena_array(c->arena, room, sizeof *r->points) };
    add_atoms(c, r, &rule->when, "");
    r->when_count = r->hold_at = r->count;
    if (rule->has_hold_unless)
        add_atoms(c, r, &rule->hold_unless, "hold unless ");
    r->hold_count = r->count - r->hold_at;
    r->used_at = r->count;
    r->points[r->count++] =
        (struct cover_point){ .what = rule->is_default ? SLICE("the default") : SLICE("the rule"),
                              .way = { rule->ignores.len > 0 ? "ignored"
                                       : rule->copy          ? "informed"
                                                             : "owned",
                                       NULL },
                              .line = rule->line };
    if (rule->plan != NULL)
        add_steps(c, r);
    add_clauses(c, r);
}

struct cover_count *cover_count_new(const struct ruleset *rules, const struct ast_node *program,
                                    struct arena *a)
{
    struct cover_count *c = arena_alloc(a, sizeof *c);

    *c = (struct cover_count){ .arena = a, .rules = rules, .program = program };
    c->list = arena_array(a, rules->count + EVENT_KIND_COUNT + 1, sizeof *c->list);
    for (size_t i = 0; i < rules->count; i++)
        if (rules->rules[i].mode == MODE_LIVE)
            add_rule(c, &rules->rules[i]);
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (rules->defaults[k] != NULL)
            add_rule(c, rules->defaults[k]);
    if (rules->otherwise != NULL)
        add_rule(c, rules->otherwise);
    return c;
}

/* --- conditions ----------------------------------------------------------------------------------------- */

/* The condition's answer when its atoms answer so; *at counts through them. */
static bool answer(const struct cond *c, const bool *atoms, size_t *at)
{
    bool any = false, all = true;

    if (c->kind == COND_ATOM)
        return c->atom == NULL || atoms[(*at)++];
    for (size_t i = 0; i < c->count; i++) {
        bool one = answer(&c->kids[i], atoms, at);
        any = any || one;
        all = all && one;
    }
    if (c->kind == COND_NOT)
        return !any;
    return c->kind == COND_AND ? all : any;
}

/* What the router raises itself (a silent listener) is not what a test sent: it counts only for rules that
 * ask for it. */
static bool is_own(const struct event *e)
{
    return slice_is(e->listener, "nightbell");
}

/* Counts each atom that decides: with that one turned the answer would be another. */
static bool count_atoms(const struct cond *cond, struct cover_point *points, size_t count,
                        const struct event *e, const struct eval_now *now, struct arena *a)
{
    const struct atom **atoms = arena_array(a, count + 1, sizeof *atoms);
    bool *holds = arena_array(a, count + 1, sizeof *holds);
    size_t at = 0;

    atoms_of(cond, atoms);
    for (size_t i = 0; i < count; i++)
        holds[i] = atom_look(atoms[i], e, now, a).holds;
    bool whole = answer(cond, holds, &at);
    if (!whole && is_own(e))
        return false;
    for (size_t i = 0; i < count; i++) {
        at = 0;
        holds[i] = !holds[i];
        bool turned = answer(cond, holds, &at);
        holds[i] = !holds[i];
        points[i].seen[holds[i] ? 0 : 1] += turned != whole;
    }
    return whole;
}

void cover_count_asked(struct cover_count *c, const struct ruleset *rules, const struct event *e,
                       const struct eval_now *now)
{
    struct arena *a;

    if (rules != c->rules)
        return;
    a = arena_new();
    for (size_t i = 0; i < c->count; i++) {
        struct counted *r = &c->list[i];
        const struct rule *rule = r->rule;
        if (rule->is_default || rule->kind != e->kind || !(rule->phases >> e->phase & 1))
            continue;
        r->touched |= 1;
        if (count_atoms(&rule->when, r->points, r->when_count, e, now, a) && rule->has_hold_unless)
            count_atoms(&rule->hold_unless, r->points + r->hold_at, r->hold_count, e, now, a);
    }
    arena_free(&a);
}

/* --- the journal ---------------------------------------------------------------------------------------- */

static struct counted *rule_named(struct cover_count *c, struct slice name)
{
    for (size_t i = 0; i < c->count; i++)
        if (slice_eq(c->list[i].rule->name, name))
            return &c->list[i];
    return NULL;
}

static void use(struct counted *r)
{
    if (r != NULL) {
        r->points[r->used_at].seen[0]++;
        r->touched |= 2;
    }
}

static void clause(struct counted *r, enum clause k, bool held)
{
    if (r->clause_at[k] != SIZE_MAX)
        r->points[r->clause_at[k]].seen[held ? 0 : 1]++;
}

/* "primary-nurse of 5W; else 1": which alternative answered stands in the reason. */
static size_t else_of(struct slice reason)
{
    for (size_t i = 0; i + 6 <= reason.len; i++)
        if (memcmp(reason.ptr + i, "else ", 5) == 0 && reason.ptr[i + 5] >= '1' && reason.ptr[i + 5] <= '9')
            return (size_t)(reason.ptr[i + 5] - '0');
    return 0;
}

static void step(struct cover_count *c, struct counted *r, const struct record_step *s)
{
    const struct plan *p = r->rule->plan;
    size_t count = 0, at = r->elses_at;
    const struct told_item *told = items_read(c->scratch, &told_layout, s->told, &count);

    if (p == NULL || s->step >= p->step_count)
        return;
    r->points[r->steps_at + s->step].seen[0]++;
    if (s->why == WHY_REPEAT)
        clause(r, CLAUSE_REPEAT, true);
    for (; at < r->elses_at + r->else_count; at++)
        for (size_t i = 0; i < count; i++) {
            struct slice what =
                arena_printf(c->scratch, "else %zu of step %u", else_of(told[i].reason), s->step + 1);
            if (told[i].told && slice_eq(what, r->points[at].what))
                r->points[at].seen[0]++;
        }
}

static bool incidental(const struct record_alert_open *o, const struct counted *r)
{
    struct reader in = reader_make(o->event);
    struct event e;

    return r->rule->is_default && event_read(&in, &e) && is_own(&e);
}

static void opened(struct alert_seen *s, const struct record_alert_open *o, struct counted *r)
{
    *s = (struct alert_seen){ .alert = o->alert, .rule = r, .hold_until_us = o->hold_until_us };
    s->held = o->hold_until_us != TIME_NONE;
    use(r);
    if (!s->held)
        clause(r, CLAUSE_HOLD, false);
}

static void begun(struct alert_seen *s, const struct record *r)
{
    if (s->held)
        clause(s->rule, CLAUSE_HOLD, r->lane_us >= s->hold_until_us);
    s->held = false;
    if (!s->waited[WAIT_SUPPRESSED])
        clause(s->rule, CLAUSE_SUPPRESS, false);
    if (!s->waited[WAIT_SHIFT])
        clause(s->rule, CLAUSE_DELIVER, false);
    if (!s->joined)
        clause(s->rule, CLAUSE_BUNDLE, false);
    if (!s->joined && s->later)
        clause(s->rule, CLAUSE_DEDUPE, false);
}

static void waits(struct alert_seen *s, unsigned kind)
{
    if (kind >= ALERT_WAIT_COUNT || s->waited[kind])
        return;
    s->waited[kind] = true;
    if (kind == WAIT_SUPPRESSED)
        clause(s->rule, CLAUSE_SUPPRESS, true);
    if (kind == WAIT_SHIFT)
        clause(s->rule, CLAUSE_DELIVER, true);
}

static void joined(struct alert_seen *s, unsigned why)
{
    s->joined = true;
    clause(s->rule, why == JOIN_DEDUPE ? CLAUSE_DEDUPE : CLAUSE_BUNDLE, true);
}

static void closed(struct alert_seen *s, const struct record_close *r)
{
    if (r->reason == CLOSED_EXPIRED)
        clause(s->rule, CLAUSE_EXPIRE, true);
    if (s->held)
        clause(s->rule, CLAUSE_HOLD, false);
    s->held = false;
    s->closed = true;
}

static struct alert_seen *find(struct alert_seen *list, size_t count, uint64_t alert)
{
    for (size_t i = count; i-- > 0;)
        if (list[i].alert == alert)
            return &list[i];
    return NULL;
}

static void ignored(struct cover_count *c, struct slice events)
{
    struct arena *a = arena_new();
    const struct ignored_list l = ignored_read(a, events);

    for (const struct ignored *i = l.first; i != NULL; i = i->next)
        use(rule_named(c, i->rule));
    arena_free(&a);
}

#define ABOUT(member) ((s = find(list, *count, r->as.member.alert)) != NULL && s->rule != NULL)

static void record(struct cover_count *c, struct alert_seen *list, size_t *count, const struct record *r)
{
    struct alert_seen *s;

    if (r->type == RECORD_ALERT_OPEN) {
        struct counted *rule = rule_named(c, r->as.alert_open.rule);
        if (rule != NULL && !incidental(&r->as.alert_open, rule)) {
            opened(&list[*count], &r->as.alert_open, rule);
            for (size_t i = 0; i < *count; i++)
                list[*count].later = list[*count].later || (list[i].closed && list[i].rule == rule);
            ++*count;
        }
    } else if (r->type == RECORD_FATE)
        ignored(c, r->as.fate.ignored);
    else if (r->type == RECORD_ALERT_WORSE && ABOUT(alert_worse)) {
        s->rule = rule_named(c, r->as.alert_worse.rule);
        use(s->rule);
    } else if (r->type == RECORD_ALERT_BEGIN && ABOUT(alert_begin))
        begun(s, r);
    else if (r->type == RECORD_WAIT && ABOUT(wait))
        waits(s, r->as.wait.kind);
    else if (r->type == RECORD_JOINED && ABOUT(joined))
        joined(s, r->as.joined.why);
    else if (r->type == RECORD_REOPEN && ABOUT(reopen))
        clause(s->rule, CLAUSE_DEDUPE, true);
    else if (r->type == RECORD_CLOSE && ABOUT(close))
        closed(s, &r->as.close);
    else if (r->type == RECORD_STEP && ABOUT(step))
        step(c, s->rule, &r->as.step);
}

void cover_count_journal(struct cover_count *c, const struct lab *lab, size_t first_append)
{
    size_t count = 0, records = 0;

    c->scratch = arena_new();
    for (size_t i = first_append; i < lab->append_count; i++)
        records += lab->appends[i].count;
    struct alert_seen *list = arena_array(c->scratch, records + 1, sizeof *list);
    for (size_t i = first_append; i < lab->append_count; i++) {
        struct reader in = reader_make(lab->appends[i].records);
        struct record r;
        while (in.len > 0 && record_read(&in, &r, NULL))
            record(c, list, &count, &r);
    }
    arena_free(&c->scratch);
}

/* --- the end ----------------------------------------------------------------------------------------------
 */

const uint8_t *cover_count_touched(struct cover_count *c)
{
    uint8_t *bits = arena_alloc(c->arena, c->count + 1);

    for (size_t i = 0; i < c->count; i++) {
        bits[i] = c->list[i].touched;
        c->list[i].touched = 0;
    }
    return bits;
}

struct lab_coverage *cover_count_done(struct cover_count *c)
{
    struct lab_coverage *out = arena_alloc(c->arena, sizeof *out);
    struct cover_rule *rules = arena_array(c->arena, c->count, sizeof *rules);

    *out = (struct lab_coverage){ .rules = rules, .rule_count = c->count };
    for (size_t i = 0; i < c->count; i++) {
        const struct counted *r = &c->list[i];
        rules[i] = (struct cover_rule){ .name = arena_copy(c->arena, r->rule->name),
                                        .file = arena_copy(c->arena, r->rule->file),
                                        .line = r->rule->line,
                                        .kind = r->rule->copy         ? COVER_COPY
                                                : r->rule->is_default ? COVER_DEFAULT
                                                                      : COVER_RULE,
                                        .lethal = r->rule->highest == CLASS_LETHAL && !r->rule->copy,
                                        .points = r->points,
                                        .point_count = r->count };
        for (size_t k = 0; k < r->count; k++)
            for (int way = 0; way < 2; way++)
                if (r->points[k].way[way] != NULL) {
                    rules[i].ways++;
                    rules[i].seen += r->points[k].seen[way] > 0;
                }
        out->ways += rules[i].ways;
        out->seen += rules[i].seen;
    }
    return out;
}
