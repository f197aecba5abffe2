/* Rotas and assignments: who holds what, and when. */
#include "rules/site/build.h"

static void check_person(struct builder *b, const struct ast_node *at)
{
    struct names persons;

    if (slice_is(at->text, "nobody") || directory_person(&b->out->directory, at->text) != NULL)
        return;
    persons = names_of_persons(b);
    unknown_name(b, at, "person", &persons);
}

static void read_turn(struct builder *b, const struct ast_node *n, struct rota_turn *out)
{
    const struct ast_node *start = ast_child(n, AST_DATETIME);
    size_t count = ast_count(n, AST_NAME), i = 0;
    struct slice *people = arena_array(b->arena, count, sizeof *people);

    for (const struct ast_node *p = ast_child(n, AST_NAME); p != NULL; p = ast_next(p, AST_NAME)) {
        check_person(b, p);
        people[i++] = p->text;
    }
    *out = (struct rota_turn){ time_to_civil(start != NULL ? start->number : 0), (uint16_t)n->number, people,
                               count };
}

static int64_t wall_instant(const struct tz *zone, const struct ast_node *side)
{
    const struct ast_node *at = side != NULL ? ast_child(side, AST_DATETIME) : NULL;

    return at != NULL && zone != NULL ? tz_from_civil(zone, time_to_civil(at->number), TZ_FIRST) : 0;
}

static void read_override(struct builder *b, const struct ast_node *n, const struct tz *zone,
                          struct rota_interval *out)
{
    const struct ast_node *person = ast_child(n, AST_NAME), *instead = ast_child(n, AST_INSTEAD);

    out->from_us = wall_instant(zone, ast_child(n, AST_FROM));
    out->to_us = wall_instant(zone, ast_child(n, AST_TO));
    if (person != NULL) {
        check_person(b, person);
        out->person = person->text;
    }
    if (instead != NULL) {
        check_person(b, instead);
        out->instead_of = instead->text;
    }
    if (zone != NULL && out->from_us >= out->to_us) {
        diagnose(b->d, SEVERITY_ERROR, SITE_RANGE, n->at, "this override ends before it begins");
        diagnose_hint(b->d,
                      "write the earlier instant first: override 2026-12-24 19:00 to 2026-12-25 07:00 ...");
    }
}

static void read_turns(struct builder *b, const struct ast_node *n, struct rota *out)
{
    size_t count = ast_count(n, AST_WEEKLY), i = 0;
    struct rota_turn *turns = arena_array(b->arena, count, sizeof *turns);

    for (const struct ast_node *w = ast_child(n, AST_WEEKLY); w != NULL; w = ast_next(w, AST_WEEKLY))
        read_turn(b, w, &turns[i++]);
    out->turns = turns;
    out->turn_count = count;
}

static void read_overrides(struct builder *b, const struct ast_node *n, struct rota *out)
{
    size_t count = ast_count(n, AST_OVERRIDE), i = 0;
    struct rota_interval *list = arena_array(b->arena, count, sizeof *list);

    for (const struct ast_node *o = ast_child(n, AST_OVERRIDE); o != NULL; o = ast_next(o, AST_OVERRIDE))
        read_override(b, o, out->zone, &list[i++]);
    out->overrides = list;
    out->override_count = count;
}

static void read_rota(struct builder *b, const struct ast_node *n, struct rota *out)
{
    const struct ast_node *zone = ast_child(n, AST_ZONE), *from = ast_child(n, AST_FROM);
    const struct ast_node *title = ast_child(n, AST_STRING);

    out->name = n->text;
    out->title = title != NULL ? title->text : n->text;
    out->zone = zone != NULL ? build_zone(b, zone) : NULL;
    if (out->zone == NULL)
        out->zone = b->out->site.zone;
    if (from != NULL) {
        build_feed(b, from, out);
        return;
    }
    read_turns(b, n, out);
    read_overrides(b, n, out);
    if (out->turn_count + out->override_count == 0) {
        diagnose(b->d, SEVERITY_ERROR, SITE_RANGE, n->at, "rota \"%.*s\" has nobody", SLICE_ARG(n->text));
        diagnose_hint(b->d, "add: weekly from 2026-11-02 07:00 NAME, NAME");
    }
}

void build_rotas(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct names seen = { NULL, 0, 0 };
    struct directory *d = &b->out->directory;
    struct rota *rotas = arena_array(b->arena, walk_count(b->program, AST_ROTA), sizeof *rotas);

    d->rotas = rotas;
    while (walk_next(&w, b->program, AST_ROTA))
        if (names_declare(&seen, b, w.node, "rota"))
            read_rota(b, w.node, &rotas[d->rota_count++]);
}

static bool unit_has_bed(const struct unit *u, struct slice bed)
{
    for (size_t i = 0; i < u->bed_count; i++)
        if (slice_eq(u->beds[i], bed))
            return true;
    return false;
}

static void read_assigned_beds(struct builder *b, const struct ast_node *n, const struct unit *unit,
                               struct assignment *out)
{
    const struct ast_node *at = ast_child(n, AST_BEDS);
    struct names beds = { NULL, 0, 0 };

    if (at == NULL)
        return;
    build_beds(b, at, &beds);
    for (size_t i = 0; unit != NULL && i < beds.count; i++) {
        if (unit_has_bed(unit, beds.list[i]))
            continue;
        diagnose(b->d, SEVERITY_ERROR, SITE_BED, at->at, "unit \"%.*s\" has no bed \"%.*s\"",
                 SLICE_ARG(unit->name), SLICE_ARG(beds.list[i]));
        if (unit->bed_count > 0)
            diagnose_hint(b->d, "its beds are \"%.*s\" to \"%.*s\"", SLICE_ARG(unit->beds[0]),
                          SLICE_ARG(unit->beds[unit->bed_count - 1]));
        break;
    }
    out->beds = beds.list;
    out->bed_count = beds.count;
}

static void check_may_hold(struct builder *b, struct slice person, const struct ast_node *role)
{
    const struct person *p = directory_person(&b->out->directory, person);
    struct slice near;

    if (p == NULL || p->role_count == 0)
        return;
    for (size_t i = 0; i < p->role_count; i++)
        if (slice_eq(p->roles[i], role->text))
            return;
    near = diagnose_nearest(role->text, p->roles, p->role_count);
    diagnose(b->d, SEVERITY_ERROR, SITE_MAY_NOT, role->at, "%.*s may not hold \"%.*s\"", SLICE_ARG(person),
             SLICE_ARG(role->text));
    if (near.len > 0)
        diagnose_hint(b->d, "did you mean \"%.*s\"? else add it to %.*s's may-hold", SLICE_ARG(near),
                      SLICE_ARG(person));
    else
        diagnose_hint(b->d, "add it to %.*s's may-hold", SLICE_ARG(person));
}

static void read_assignment(struct builder *b, const struct ast_node *n, struct assignment *out)
{
    const struct ast_node *role = ast_child(n, AST_NAME), *of = ast_child(n, AST_OF);
    const struct ast_node *place = of != NULL ? ast_child(of, AST_STRING) : NULL;
    const struct ast_node *during = ast_child(n, AST_DURING);
    const struct unit *unit = place != NULL ? directory_unit(&b->out->directory, place->text) : NULL;
    struct names units;

    *out = (struct assignment){ .person = n->text, .from_us = TIME_NONE, .until_us = TIME_NONE };
    check_person(b, n);
    if (role != NULL) {
        out->role = role->text;
        check_may_hold(b, n->text, role);
    }
    if (place != NULL)
        out->unit = place->text;
    if (place != NULL && unit == NULL) {
        units = names_of_units(b);
        unknown_name(b, place, "unit", &units);
    }
    read_assigned_beds(b, n, unit, out);
    out->during = during != NULL ? build_shift_named(b, during) : NULL;
}

static void collect_roles(struct builder *b)
{
    const struct directory *d = &b->out->directory;
    struct names roles = { NULL, 0, 0 };

    for (size_t i = 0; i < d->assignment_count; i++)
        if (!names_have(&roles, d->assignments[i].role))
            names_add(&roles, b->arena, d->assignments[i].role);
    for (size_t i = 0; i < d->person_count; i++)
        for (size_t k = 0; k < d->persons[i].role_count; k++)
            if (!names_have(&roles, d->persons[i].roles[k]))
                names_add(&roles, b->arena, d->persons[i].roles[k]);
    b->roles = roles.list;
    b->role_count = roles.count;
}

/* `notify ana` could mean either: a word stands for one thing. */
static void check_role_names(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct names roles = { b->roles, b->role_count, b->role_count };

    while (walk_next(&w, b->program, AST_PERSON))
        if (names_have(&roles, w.node->text))
            diagnose(b->d, SEVERITY_ERROR, SITE_TWICE, w.node->at, "\"%.*s\" is a person and a role",
                     SLICE_ARG(w.node->text));
}

void build_assignments(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct directory *d = &b->out->directory;
    struct assignment *list = arena_array(b->arena, walk_count(b->program, AST_ASSIGN), sizeof *list);

    d->assignments = list;
    while (walk_next(&w, b->program, AST_ASSIGN))
        read_assignment(b, w.node, &list[d->assignment_count++]);
    collect_roles(b);
    check_role_names(b);
}
