/* rules/check/targets.c - who a step is for: names known to the roster. */
#include "roster/gaps.h"
#include "rules/check/check.h"

static bool known(const struct slice *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i], name))
            return true;
    return false;
}

bool rota_of_value(const struct rota *r, struct slice name)
{
    return slice_starts(r->name, name) && r->name.len > name.len + 1 &&
           (r->name.ptr[name.len] == '.' || r->name.ptr[name.len] == '-');
}

/* The rota of that name, or (`of FIELD`) any of NAME.VALUE. */
static bool rota_known(const struct directory *d, struct slice name, bool by_field)
{
    if (directory_rota(d, name) != NULL)
        return true;
    for (size_t i = 0; by_field && i < d->rota_count; i++)
        if (rota_of_value(&d->rotas[i], name))
            return true;
    return false;
}

enum { PEOPLE_COUNTED = 100 };

struct people {
    struct slice seen[PEOPLE_COUNTED];
    size_t count;
};

static void count_person(struct people *p, struct slice name)
{
    if (p->count < PEOPLE_COUNTED && name.len > 0 && !slice_is(name, "nobody") &&
        !known(p->seen, p->count, name))
        p->seen[p->count++] = name;
}

/* Different people who ever have a turn. */
static size_t rota_people(const struct rota *r)
{
    struct people p = { .count = 0 };

    for (size_t t = 0; t < r->turn_count; t++)
        for (size_t i = 0; i < r->turns[t].people_count; i++)
            count_person(&p, r->turns[t].people[i]);
    for (size_t i = 0; i < r->override_count; i++)
        count_person(&p, r->overrides[i].person);
    for (size_t i = 0; i < r->feed.count; i++)
        count_person(&p, r->feed.turns[i].person);
    return p.count;
}

/* "(3 people, no gap in the next 14 days)"; without a date the people alone. */
static void mean_rota(struct checker *c, const struct rota *r)
{
    const struct gaps *g = check_gaps_of_rota(c, r);
    int64_t from = c->site->now_us, to = from + check_gap_days(c) * TIME_DAY;
    size_t people = rota_people(r);
    struct slice gap = { NULL, 0 };

    if (g != NULL && g->count == 0)
        gap = arena_printf(c->arena, ", no gap in the next %u days", check_gap_days(c));
    else if (g != NULL)
        gap = arena_printf(c->arena, ", nobody %.*s",
                           SLICE_ARG(gaps_text(g, from, to, c->site->directory->zone, c->arena)));
    if (people > 0)
        diagnose_hint(c->d, "did you mean \"%.*s\" (%zu %s%.*s)?", SLICE_ARG(r->name), people,
                      people == 1 ? "person" : "people", SLICE_ARG(gap));
    else
        diagnose_hint(c->d, "did you mean \"%.*s\"?", SLICE_ARG(r->name));
}

static void check_rota(struct checker *c, struct span at, struct slice name, bool by_field)
{
    const struct directory *d = c->site->directory;

    if (rota_known(d, name, by_field) ||
        !CHECK_ERROR(c, E_ONCALL, at, "nobody holds \"oncall %.*s\" in the roster", SLICE_ARG(name)))
        return;
    struct slice *names = arena_array(c->arena, d->rota_count, sizeof *names);
    for (size_t i = 0; i < d->rota_count; i++)
        names[i] = d->rotas[i].name;
    const struct rota *near = directory_rota(d, diagnose_nearest(name, names, d->rota_count));
    if (near != NULL)
        mean_rota(c, near);
    else
        diagnose_hint(c->d, "declare it: rota %.*s { zone \"...\" weekly from ... }", SLICE_ARG(name));
}

static bool rota_for_value(const struct directory *d, struct slice name, struct slice value, struct arena *a)
{
    return directory_rota(d, arena_printf(a, "%.*s.%.*s", SLICE_ARG(name), SLICE_ARG(value))) != NULL ||
           directory_rota(d, arena_printf(a, "%.*s-%.*s", SLICE_ARG(name), SLICE_ARG(value))) != NULL;
}

/* The first value that the field can have and no rota is for; "any other" where the values are not known. */
static struct slice value_without_rota(const struct checker *c, struct slice name, const struct field_info *f)
{
    for (const char *const *v = f->values; v != NULL && *v != NULL; v++)
        if (!rota_for_value(c->site->directory, name, slice_of(*v), c->arena))
            return slice_of(*v);
    return f->values != NULL ? (struct slice){ NULL, 0 } : SLICE("any other value");
}

void check_every_value(struct checker *c, const struct ast_node *who, size_t field)
{
    const struct field_info *f = schema_field(field);
    struct slice without = who->kind == AST_WHO_ONCALL ? value_without_rota(c, who->text, f) : SLICE("");

    if (who->kind != AST_WHO_ONCALL || (f->always && without.len == 0))
        return;
    if (!f->always)
        CHECK_ERROR(c, E_ONCALL, who->at,
                    "\"%s\" can be absent: nobody is on call then, and this step has no else", f->name);
    else
        CHECK_ERROR(c, E_ONCALL, who->at,
                    "nobody holds \"oncall %.*s\" where %s is %.*s, and this step has no else",
                    SLICE_ARG(who->text), f->name, SLICE_ARG(without));
    diagnose_hint(c->d, "write \"oncall %.*s of %s else ...\"%s", SLICE_ARG(who->text), f->name,
                  f->always && f->values != NULL ? ", or declare a rota for each value" : "");
}

static void check_role(struct checker *c, const struct ast_node *n)
{
    const struct directory *d = c->site->directory;
    size_t roles = c->site->role_count;

    if (known(c->site->roles, roles, n->text) || directory_person(d, n->text) != NULL ||
        !CHECK_ERROR(c, E_ROLE, n->at, "nobody holds the role \"%.*s\", and no person has that name",
                     SLICE_ARG(n->text)))
        return;
    struct slice *names = arena_array(c->arena, roles + d->person_count, sizeof *names);
    for (size_t i = 0; i < roles + d->person_count; i++)
        names[i] = i < roles ? c->site->roles[i] : d->persons[i - roles].name;
    struct slice near = diagnose_nearest(n->text, names, roles + d->person_count);
    if (near.len > 0)
        diagnose_hint(c->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    else
        diagnose_hint(c->d, "a role is known when an assign or a may-hold names it");
}

static void check_desk(struct checker *c, const struct ast_node *n)
{
    const struct directory *d = c->site->directory;

    if (directory_desk(d, n->text) != NULL)
        return;
    struct slice *names = arena_array(c->arena, d->desk_count, sizeof *names);
    for (size_t i = 0; i < d->desk_count; i++)
        names[i] = d->desks[i].name;
    check_unknown(c, E_DESK, n->at, "desk", n->text, names, d->desk_count);
}

static void check_group(struct checker *c, const struct ast_node *n)
{
    const struct directory *d = c->site->directory;

    if (directory_group(d, n->text) != NULL)
        return;
    struct slice *names = arena_array(c->arena, d->group_count, sizeof *names);
    for (size_t i = 0; i < d->group_count; i++)
        names[i] = d->groups[i].name;
    check_unknown(c, E_DESK, n->at, "group", n->text, names, d->group_count);
}

static void check_unit(struct checker *c, const struct ast_node *n)
{
    const struct directory *d = c->site->directory;

    if (directory_unit(d, n->text) != NULL)
        return;
    struct slice *names = arena_array(c->arena, d->unit_count, sizeof *names);
    for (size_t i = 0; i < d->unit_count; i++)
        names[i] = d->units[i].name;
    check_unknown(c, E_PLACE, n->at, "unit", n->text, names, d->unit_count);
}

bool units_have_fallback(const struct checker *c)
{
    const struct directory *d = c->site->directory;

    for (size_t i = 0; i < d->unit_count; i++) {
        const struct desk *desk = directory_desk(d, d->units[i].fallback_desk);
        if (desk == NULL || desk->staffed != NULL)
            return false;
    }
    return d->unit_count > 0;
}

bool who_is_staffed_desk(const struct checker *c, const struct who *w, const struct shift *during)
{
    const struct directory *d = c->site->directory;

    if (w->kind == WHO_UNIT_DESK)
        return units_have_fallback(c);
    if (w->kind == WHO_DESK) {
        const struct desk *desk = directory_desk(d, w->name);
        return desk != NULL && (desk->staffed == NULL || desk->staffed == during);
    }
    const struct group *g = w->kind == WHO_GROUP ? directory_group(d, w->name) : NULL;
    for (size_t i = 0; g != NULL && i < g->member_count; i++)
        if (g->members[i].kind == WHO_DESK && who_is_staffed_desk(c, &g->members[i], during))
            return true;
    return false;
}

static bool is_person_field(size_t field)
{
    return schema_field(field)->type == TYPE_PERSON;
}

static struct who oncall(struct checker *c, const struct scope *s, const struct ast_node *n, bool *has,
                         size_t *field)
{
    const struct ast_node *of = ast_child(n, AST_OF);

    *has = of != NULL && scope_field(c, s, of->child->text, of->child->at, field);
    check_rota(c, n->at, n->text, of != NULL);
    return (struct who){ .kind = WHO_ONCALL, .name = n->text };
}

static struct who covering(struct checker *c, const struct scope *s, const struct ast_node *n, bool *has,
                           size_t *field)
{
    const struct ast_node *via = ast_child(n, AST_VIA);

    *has = scope_field(c, s, n->text, n->at, field);
    if (*has && !is_person_field(*field) &&
        CHECK_ERROR(c, E_TARGET, n->at, "\"%.*s\" is not a person", SLICE_ARG(n->text)))
        diagnose_hint(
            c->d, "covering takes a field that names a person, as ordering-provider or patient.attending");
    check_rota(c, via->at, via->text, false);
    return (struct who){ .kind = WHO_COVERING, .name = via->text };
}

static struct who role(struct checker *c, const struct scope *s, const struct ast_node *n, bool *has,
                       size_t *field)
{
    const struct ast_node *of = ast_child(n, AST_OF);
    struct who w = { .kind = WHO_ROLE, .name = n->text };

    check_role(c, n);
    if (of == NULL)
        return w;
    if (of->child->kind == AST_STRING) {
        check_unit(c, of->child);
        w.of = of->child->text;
        return w;
    }
    *has = scope_field(c, s, of->child->text, of->child->at, field);
    if (*has && schema_field(*field)->type != TYPE_PLACE &&
        CHECK_ERROR(c, E_TARGET, of->child->at, "\"%.*s\" is not a place", SLICE_ARG(of->child->text)))
        diagnose_hint(c->d, "write a unit in quotes, or a field that is a place, as prior-unit");
    return w;
}

struct who compile_who(struct checker *c, const struct scope *s, const struct ast_node *n, bool *has,
                       size_t *field)
{
    static const enum who_kind kinds[AST_KIND_COUNT] = { [AST_WHO_GROUP] = WHO_GROUP,
                                                         [AST_WHO_DESK] = WHO_DESK,
                                                         [AST_WHO_UNIT_DESK] = WHO_UNIT_DESK,
                                                         [AST_WHO_TURN] = WHO_TURN,
                                                         [AST_WHO_LEAST] = WHO_LEAST };

    *has = false;
    switch ((int)n->kind) {
    case AST_WHO_ONCALL:
        return oncall(c, s, n, has, field);
    case AST_WHO_COVERING:
        return covering(c, s, n, has, field);
    case AST_WHO_ROLE:
        return role(c, s, n, has, field);
    case AST_WHO_DESK:
        check_desk(c, n);
        break;
    case AST_WHO_EVERYONE:
        check_unit(c, ast_child(n, AST_OF)->child);
        return (struct who){ .kind = WHO_EVERYONE, .of = ast_child(n, AST_OF)->child->text };
    case AST_WHO_UNIT_DESK:
        break;
    default:
        check_group(c, n);
        break;
    }
    return (struct who){ .kind = kinds[n->kind], .name = n->text };
}
