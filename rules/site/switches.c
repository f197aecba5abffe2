/* rules/site/switches.c - `switch NAME "TITLE" set by ROLE max D`. */
#include "rules/site/build.h"

#define SWITCH_MAX (30 * TIME_DAY) /* a switch that stays on is a change of the rules */

static void check_role(struct builder *b, const struct ast_node *role)
{
    struct names roles = { b->roles, b->role_count, b->role_count };

    if (names_have(&roles, role->text))
        return;
    struct slice near = diagnose_nearest(role->text, b->roles, b->role_count);
    diagnose(b->d, SEVERITY_ERROR, SITE_UNKNOWN, role->at,
             "nobody holds the role \"%.*s\": nobody could set it", SLICE_ARG(role->text));
    if (near.len > 0)
        diagnose_hint(b->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    else
        diagnose_hint(b->d, "a role is known when an assign or a may-hold names it");
}

static void check_max(struct builder *b, const struct ast_node *most)
{
    if (most->number >= TIME_S && most->number <= SWITCH_MAX)
        return;
    diagnose(b->d, SEVERITY_ERROR, SITE_RANGE, most->at, "a switch is on for at most 30d");
    diagnose_hint(b->d, "what holds for longer belongs into the rules");
}

void build_switches(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct site *site = &b->out->site;
    struct site_switch *list = arena_array(b->arena, walk_count(b->program, AST_SWITCH), sizeof *list);

    site->switches = list;
    while (walk_next(&w, b->program, AST_SWITCH)) {
        const struct ast_node *title = ast_child(w.node, AST_STRING), *role = ast_child(w.node, AST_NAME),
                              *most = ast_child(w.node, AST_DURATION);
        check_role(b, role);
        check_max(b, most);
        list[site->switch_count++] =
            (struct site_switch){ w.node->text, title->text, role->text, most->number };
    }
}

const struct site_switch *site_switch(const struct site *s, struct slice name)
{
    for (size_t i = 0; i < s->switch_count; i++)
        if (slice_eq(s->switches[i].name, name))
            return &s->switches[i];
    return NULL;
}
