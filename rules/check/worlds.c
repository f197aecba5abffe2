/* rules/check/worlds.c - worlds and tests: names, words and times are checked; lab/tests.h runs them. */
#include "rules/check/check.h"

struct cast {
    struct checker *c;
    const struct ast_node *world; /* the test's world, or NULL */
};

static void person(struct cast *t, const struct ast_node *n)
{
    const struct directory *d = t->c->site->directory;

    if (n == NULL || directory_person(d, n->text) != NULL)
        return;
    struct slice *names = arena_array(t->c->arena, d->person_count, sizeof *names);
    for (size_t i = 0; i < d->person_count; i++)
        names[i] = d->persons[i].name;
    check_unknown(t->c, E_ROLE, n->at, "person", n->text, names, d->person_count);
}

static void role(struct cast *t, const struct ast_node *n)
{
    for (size_t i = 0; i < t->c->site->role_count; i++)
        if (slice_eq(t->c->site->roles[i], n->text))
            return;
    check_unknown(t->c, E_ROLE, n->at, "role", n->text, t->c->site->roles, t->c->site->role_count);
}

static void rota(struct cast *t, const struct ast_node *n)
{
    const struct directory *d = t->c->site->directory;

    if (directory_rota(d, n->text) != NULL)
        return;
    struct slice *names = arena_array(t->c->arena, d->rota_count, sizeof *names);
    for (size_t i = 0; i < d->rota_count; i++)
        names[i] = d->rotas[i].name;
    check_unknown(t->c, E_ONCALL, n->at, "rota", n->text, names, d->rota_count);
}

static void unit(struct cast *t, const struct ast_node *n)
{
    const struct directory *d = t->c->site->directory;

    if (n == NULL || directory_unit(d, n->text) != NULL)
        return;
    struct slice *names = arena_array(t->c->arena, d->unit_count, sizeof *names);
    for (size_t i = 0; i < d->unit_count; i++)
        names[i] = d->units[i].name;
    check_unknown(t->c, E_PLACE, n->at, "unit", n->text, names, d->unit_count);
}

static bool has_patient(const struct ast_node *block, struct slice name)
{
    for (const struct ast_node *f = ast_child(block, AST_FACT); f != NULL; f = ast_next(f, AST_FACT))
        if (slice_is(f->text, "patient") && f->child != NULL && slice_eq(f->child->text, name))
            return true;
    for (const struct ast_node *a = ast_child(block, AST_ACTION); a != NULL; a = ast_next(a, AST_ACTION))
        if (slice_is(a->text, "fact") && slice_is(a->child->text, "patient") &&
            slice_eq(a->child->child->text, name))
            return true;
    return false;
}

static void patient(struct cast *t, const struct ast_node *block, const struct ast_node *n)
{
    if (n->kind == AST_NAME && !has_patient(block, n->text) && !has_patient(t->world, n->text))
        CHECK_ERROR(t->c, E_NAME, n->at, "unknown patient \"%.*s\"", SLICE_ARG(n->text));
}

/* What a world may say of a patient, beside its flags. */
static void patient_details(struct cast *t, const struct ast_node *f)
{
    static const char *const words[] = { "unit",  "room",    "bed",       "name", "class",
                                         "birth", "service", "attending", "id" };
    enum { WORDS = sizeof words / sizeof words[0] };
    struct slice known[WORDS];

    for (const struct ast_node *e = ast_child(f, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY)) {
        bool found = false;
        for (size_t i = 0; i < WORDS; i++) {
            known[i] = slice_of(words[i]);
            found = found || slice_eq(e->text, known[i]);
        }
        if (!found)
            check_unknown(t->c, E_FIELD, e->at, "detail of a patient", e->text, known, WORDS);
        else if (slice_is(e->text, "unit"))
            unit(t, e->child);
    }
}

static void fact(struct cast *t, const struct ast_node *block, const struct ast_node *f)
{
    const struct ast_node *first = f->child, *second = first->next;

    if (slice_is(f->text, "patient")) {
        patient_details(t, f);
    } else if (slice_is(f->text, "assign")) {
        const struct ast_node *of = ast_child(f, AST_OF);
        person(t, first);
        role(t, second);
        if (of->child->kind == AST_STRING)
            unit(t, of->child);
        else
            patient(t, block, of->child);
    } else if (slice_is(f->text, "oncall")) {
        rota(t, first);
        person(t, second);
    } else if (slice_is(f->text, "covers")) {
        person(t, first);
        person(t, second);
    } else if (slice_is(f->text, "away") || slice_is(f->text, "back")) {
        person(t, first);
    } else if (slice_is(f->text, "move")) {
        patient(t, block, first);
        unit(t, ast_child(f, AST_STRING));
    } else if (slice_is(f->text, "switch") && table_find(t->c, TABLE_SWITCH, first->text) == NULL) {
        check_unknown_in(t->c, E_NAME, first, "switch", TABLE_SWITCH);
    }
}

static void facts(struct cast *t, const struct ast_node *block)
{
    for (const struct ast_node *f = ast_child(block, AST_FACT); f != NULL; f = ast_next(f, AST_FACT))
        fact(t, block, f);
}

static bool when_names(struct cast *t, const struct ast_node *kind, const struct ast_node *phase,
                       struct scope *s)
{
    enum event_phase p;

    if (!event_kind_find(kind->text, &s->kind)) {
        CHECK_ERROR(t->c, E_KIND, kind->at, "unknown kind of event \"%.*s\"", SLICE_ARG(kind->text));
        return false;
    }
    if (!event_phase_find(phase->text, &p) || !event_phase_fits(s->kind, p))
        CHECK_ERROR(t->c, E_PHASE, phase->at, "%s events have no phase \"%.*s\"", event_kind_name(s->kind),
                    SLICE_ARG(phase->text));
    return true;
}

static void sent(struct cast *t, const struct ast_node *test, const struct ast_node *a)
{
    const struct ast_node *kind = ast_child(a, AST_NAME);
    struct scope s = { .any_kind = false };
    size_t id;

    if (kind == NULL || !when_names(t, kind, ast_next(kind, AST_NAME), &s))
        return;
    for (const struct ast_node *e = ast_child(a, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY)) {
        struct name_value *names;
        const struct catalogue_row **rows;
        if (!scope_field(t->c, &s, e->text, e->at, &id))
            continue;
        if (slice_is(e->text, "code"))
            code_rows(t->c, e->child, false, &names, &rows);
        else if (slice_is(e->text, "patient"))
            patient(t, test, e->child);
        else if (slice_is(e->text, "unit"))
            unit(t, e->child);
    }
}

static void desk(struct cast *t, const struct ast_node *n)
{
    if (n != NULL && directory_desk(t->c->site->directory, n->text) == NULL)
        CHECK_ERROR(t->c, E_DESK, n->at, "unknown desk \"%.*s\"", SLICE_ARG(n->text));
}

static void seen(struct cast *t, const struct ast_node *a)
{
    const struct ast_node *rule = ast_child(a, AST_RULE);

    person(t, ast_child(a, AST_NAME));
    desk(t, ast_child(a, AST_WHO_DESK));
    if (rule != NULL && !slice_is(rule->text, "default") && table_find(t->c, TABLE_RULE, rule->text) == NULL)
        check_unknown_in(t->c, E_NAME, rule, "rule", TABLE_RULE);
}

/* `send file "x.hl7" source NAME`: a file says everything else itself. */
static void sent_file(struct cast *t, const struct ast_node *a)
{
    const struct check_context *site = t->c->site;

    for (const struct ast_node *e = ast_child(a, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY)) {
        bool found = false;
        if (!slice_is(e->text, "source")) {
            CHECK_ERROR(t->c, E_FIELD, e->at, "of a file that is sent only the source can be said");
            continue;
        }
        for (size_t i = 0; i < site->source_count; i++)
            found = found || slice_eq(site->sources[i], e->child->text);
        if (!found)
            check_unknown(t->c, E_NAME, e->child->at, "listener", e->child->text, site->sources,
                          site->source_count);
    }
}

/* What people do: `accept ana`, `readback desk lab "6.9"`. */
static void played(struct cast *t, const struct ast_node *a)
{
    static const char *const words[] = { "accept",  "decline",  "done",     "confirm",
                                         "dismiss", "callback", "readback", "undelivered" };
    enum { WORDS = sizeof words / sizeof words[0] };
    struct slice known[WORDS];
    bool found = false;

    for (size_t i = 0; i < WORDS; i++) {
        known[i] = slice_of(words[i]);
        found = found || slice_eq(a->text, known[i]);
    }
    if (!found)
        check_unknown(t->c, E_VALUE, a->at, "action", a->text, known, WORDS);
    person(t, ast_child(a, AST_NAME));
    desk(t, ast_child(a, AST_WHO_DESK));
}

static void action(struct cast *t, const struct ast_node *test, const struct ast_node *a)
{
    if (slice_is(a->text, "fact"))
        fact(t, test, a->child);
    else if (slice_is(a->text, "send") && ast_child(a, AST_STRING) != NULL)
        sent_file(t, a);
    else if (slice_is(a->text, "send"))
        sent(t, test, a);
    else if (slice_is(a->text, "expect"))
        seen(t, a);
    else if (!slice_is(a->text, "restart") && !slice_is(a->text, "load"))
        played(t, a);
}

static void check_test(struct checker *c, const struct ast_node *n)
{
    struct cast t = { .c = c };
    int64_t before = 0;
    const struct ast_node *with = ast_child(n, AST_WITH);

    t.world = with != NULL ? table_find(c, TABLE_WORLD, with->text) : NULL;
    if (with != NULL && t.world == NULL)
        check_unknown_in(c, E_NAME, with, "world", TABLE_WORLD);
    facts(&t, n);
    for (const struct ast_node *a = ast_child(n, AST_ACTION); a != NULL; a = ast_next(a, AST_ACTION)) {
        if (a->number < before)
            CHECK_ERROR(c, E_TIMES, a->at, "the times of a test must not go back");
        before = a->number;
        action(&t, n, a);
    }
}

void check_worlds(struct checker *c)
{
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next) {
        for (const struct ast_node *n = ast_child(f, AST_WORLD); n != NULL; n = ast_next(n, AST_WORLD))
            facts(&(struct cast){ .c = c }, n);
        for (const struct ast_node *n = ast_child(f, AST_TEST); n != NULL; n = ast_next(n, AST_TEST))
            check_test(c, n);
    }
}
