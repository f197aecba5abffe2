/* rules/check/targets.c - who a step is for: names known to the roster. */
#include "rules/check/check.h"

static bool known(const struct slice *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i], name))
            return true;
    return false;
}

/* The rota of that name, or (`of FIELD`) any of NAME.VALUE. */
static bool rota_known(const struct directory *d, struct slice name, bool by_field)
{
    if (directory_rota(d, name) != NULL)
        return true;
    for (size_t i = 0; by_field && i < d->rota_count; i++) {
        struct slice rota = d->rotas[i].name;
        if (slice_starts(rota, name) && rota.len > name.len && rota.ptr[name.len] == '.')
            return true;
    }
    return false;
}

/* Different people who have a turn. */
static size_t rota_people(const struct rota *r)
{
    struct slice seen[100];
    size_t count = 0;

    for (size_t t = 0; r != NULL && t < r->turn_count; t++)
        for (size_t i = 0; i < r->turns[t].people_count && count < sizeof seen / sizeof *seen; i++)
            if (!known(seen, count, r->turns[t].people[i]))
                seen[count++] = r->turns[t].people[i];
    return count;
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
    struct slice near = diagnose_nearest(name, names, d->rota_count);
    size_t people = near.len > 0 ? rota_people(directory_rota(d, near)) : 0;
    if (people > 0)
        diagnose_hint(c->d, "did you mean \"%.*s\" (%zu %s)?", SLICE_ARG(near), people,
                      people == 1 ? "person" : "people");
    else if (near.len > 0)
        diagnose_hint(c->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    else
        diagnose_hint(c->d, "declare it: rota %.*s { zone \"...\" weekly from ... }", SLICE_ARG(name));
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
