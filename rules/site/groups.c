/* Groups: lists of who, looked up when a step fires. */
#include "rules/site/build.h"

static const struct {
    enum ast_kind node;
    enum who_kind who;
} KINDS[] = {
    { AST_WHO_ROLE, WHO_ROLE }, { AST_WHO_ONCALL, WHO_ONCALL },       { AST_WHO_GROUP, WHO_GROUP },
    { AST_WHO_DESK, WHO_DESK }, { AST_WHO_UNIT_DESK, WHO_UNIT_DESK }, { AST_WHO_EVERYONE, WHO_EVERYONE },
    { AST_WHO_TURN, WHO_TURN }, { AST_WHO_LEAST, WHO_LEAST },
};

static bool who_kind_of(const struct ast_node *n, enum who_kind *out)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (KINDS[i].node == n->kind) {
            *out = KINDS[i].who;
            return true;
        }
    return false;
}

/* A group is declared once for all events, so nothing in it may come from one event. */
static void refuse_field(struct builder *b, const struct ast_node *at)
{
    diagnose(b->d, SEVERITY_ERROR, SITE_GROUP, at->at,
             "a group's member cannot depend on a field of the event");
    diagnose_hint(b->d,
                  "name a role, a person, a desk, a rota or a unit here; use the field in the rule's notify");
}

static bool read_member(struct builder *b, const struct ast_node *n, struct who *out)
{
    const struct ast_node *of = ast_child(n, AST_OF), *unit;

    if (!who_kind_of(n, &out->kind)) {
        refuse_field(b, n);
        return false;
    }
    out->name = n->text;
    if (of == NULL)
        return true;
    unit = ast_child(of, AST_STRING);
    if (unit == NULL) {
        refuse_field(b, of);
        return false;
    }
    out->of = unit->text;
    return true;
}

static bool member_known(struct builder *b, const struct ast_node *n, struct names *known, const char **what)
{
    struct directory *d = &b->out->directory;
    struct names roles = { b->roles, b->role_count, b->role_count };

    switch (n->kind) {
    case AST_WHO_ONCALL:
        *what = "rota";
        for (size_t i = 0; i < d->rota_count; i++)
            names_add(known, b->arena, d->rotas[i].name);
        break;
    case AST_WHO_DESK:
        *what = "desk";
        *known = names_of_desks(b);
        break;
    case AST_WHO_GROUP:
    case AST_WHO_TURN:
    case AST_WHO_LEAST:
        *what = "group";
        for (size_t i = 0; i < d->group_count; i++)
            names_add(known, b->arena, d->groups[i].name);
        break;
    case AST_WHO_ROLE:
        *what = "role or person";
        *known = names_of_persons(b);
        for (size_t i = 0; i < roles.count; i++)
            names_add(known, b->arena, roles.list[i]);
        break;
    default:
        return true;
    }
    return names_have(known, n->text);
}

static void check_member(struct builder *b, const struct ast_node *n)
{
    const struct ast_node *of = ast_child(n, AST_OF);
    const struct ast_node *unit = of != NULL ? ast_child(of, AST_STRING) : NULL;
    struct names known = { NULL, 0, 0 };
    const char *what = "";

    if (!member_known(b, n, &known, &what))
        unknown_name(b, n, what, &known);
    if (unit != NULL && directory_unit(&b->out->directory, unit->text) == NULL) {
        known = names_of_units(b);
        unknown_name(b, unit, "unit", &known);
    }
}

static void read_group(struct builder *b, const struct ast_node *n, struct group *out)
{
    struct who *members;
    size_t count = 0, at = 0;

    for (const struct ast_node *m = n->child; m != NULL; m = m->next)
        count++;
    members = arena_array(b->arena, count, sizeof *members);
    for (const struct ast_node *m = n->child; m != NULL; m = m->next)
        if (read_member(b, m, &members[at]))
            at++;
    *out = (struct group){ n->text, members, at };
}

enum { GROUP_DEPTH = 8 }; /* as deep as roster/resolve follows */

static unsigned member_depth(const struct directory *d, const unsigned *depth, const struct who *w)
{
    const struct group *inner = w->kind == WHO_GROUP || w->kind == WHO_TURN || w->kind == WHO_LEAST
                                    ? directory_group(d, w->name)
                                    : NULL;

    return inner != NULL ? depth[inner - d->groups] : 0;
}

/* Levels of each group, by passes: a circle grows with every pass and so ends above any bound. */
static unsigned *group_depths(struct builder *b)
{
    const struct directory *d = &b->out->directory;
    unsigned *depth = arena_array(b->arena, d->group_count, sizeof *depth);

    for (unsigned pass = 0; pass <= GROUP_DEPTH; pass++)
        for (size_t i = 0; i < d->group_count; i++)
            for (size_t k = 0; k < d->groups[i].member_count; k++) {
                unsigned inner = member_depth(d, depth, &d->groups[i].members[k]);

                if (depth[i] < inner + 1 && inner <= GROUP_DEPTH)
                    depth[i] = inner + 1;
            }
    return depth;
}

static void check_group(struct builder *b, const struct ast_node *n, const unsigned *depth)
{
    const struct group *g = directory_group(&b->out->directory, n->text);

    for (const struct ast_node *m = n->child; m != NULL; m = m->next)
        check_member(b, m);
    if (g != NULL && depth[g - b->out->directory.groups] > GROUP_DEPTH) {
        diagnose(b->d, SEVERITY_ERROR, SITE_GROUP, n->at, "group \"%.*s\" contains itself, or nests too deep",
                 SLICE_ARG(n->text));
        diagnose_hint(b->d, "groups may stand in groups %d levels deep, without a circle", GROUP_DEPTH);
    }
}

void build_groups(struct builder *b)
{
    struct walk w = { NULL, NULL }, again = { NULL, NULL };
    struct names seen = { NULL, 0, 0 };
    struct directory *d = &b->out->directory;
    struct group *groups = arena_array(b->arena, walk_count(b->program, AST_GROUP), sizeof *groups);
    unsigned *depth;

    d->groups = groups;
    while (walk_next(&w, b->program, AST_GROUP))
        if (names_declare(&seen, b, w.node, "group"))
            read_group(b, w.node, &groups[d->group_count++]);
    depth = group_depths(b);
    while (walk_next(&again, b->program, AST_GROUP))
        check_group(b, again.node, depth);
}
