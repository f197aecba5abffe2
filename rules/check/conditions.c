/* rules/check/conditions.c - the tree of a condition. What is wrong is reported; the tree stays whole. */
#include "rules/check/check.h"

static struct cond atom_cond(const struct atom *t)
{
    return (struct cond){ .kind = t != NULL ? COND_ATOM : COND_AND, .atom = t };
}

static struct cond list_cond(struct checker *c, const struct scope *s, const struct ast_node *n,
                             enum cond_place where, bool inverted, enum cond_kind kind)
{
    size_t count = 0;

    for (const struct ast_node *k = n; k != NULL; k = k->next)
        count++;
    struct cond *kids = arena_array(c->arena, count, sizeof *kids);
    for (size_t i = 0; i < count; i++, n = n->next)
        kids[i] = compile_condition(c, s, n, where, inverted);
    return (struct cond){ .kind = kind, .kids = kids, .count = count };
}

struct cond compile_condition(struct checker *c, const struct scope *s, const struct ast_node *n,
                              enum cond_place where, bool inverted)
{
    switch ((int)n->kind) {
    case AST_AND:
        return list_cond(c, s, n->child, where, inverted, COND_AND);
    case AST_OR:
        return list_cond(c, s, n->child, where, inverted, COND_OR);
    case AST_NOT:
        return list_cond(c, s, n->child, where, !inverted, COND_NOT);
    default:
        return atom_cond(compile_atom(c, s, n, where, inverted));
    }
}

/* `when KIND PHASE and ... unless ...`: the conditions after the two names. */
struct cond compile_all(struct checker *c, const struct scope *s, const struct ast_node *first,
                        enum cond_place where)
{
    size_t count = 0;

    for (const struct ast_node *n = first; n != NULL; n = n->next)
        count++;
    struct cond *kids = arena_array(c->arena, count, sizeof *kids);
    for (size_t i = 0; i < count; i++, first = first->next) {
        if (first->kind != AST_UNLESS) {
            kids[i] = compile_condition(c, s, first, where, false);
            continue;
        }
        struct cond *removed = arena_alloc(c->arena, sizeof *removed);
        *removed = compile_condition(c, s, first->child, IN_UNLESS, false);
        kids[i] = (struct cond){ .kind = COND_NOT, .kids = removed, .count = 1 };
    }
    return (struct cond){ .kind = COND_AND, .kids = kids, .count = count };
}
