/* rules/check/fallback.c - a unit without a desk that is always there: its plans can end with nobody. */
#include "rules/check/check.h"

static void check_unit(struct checker *c, const struct ast_node *n)
{
    const struct unit *u = directory_unit(c->site->directory, n->text);
    const struct desk *desk = u != NULL ? directory_desk(c->site->directory, u->fallback_desk) : NULL;

    if (u == NULL || (desk == NULL && ast_child(n, AST_FALLBACK) != NULL) || /* E603 tells of it */
        (desk != NULL && desk->staffed == NULL) || !check_error(c, W_NO_FALLBACK, n->at))
        return;
    if (desk == NULL)
        diagnose(c->d, SEVERITY_WARNING, W_NO_FALLBACK, n->at, "unit \"%.*s\" has no fallback desk",
                 SLICE_ARG(n->text));
    else
        diagnose(c->d, SEVERITY_WARNING, W_NO_FALLBACK, n->at,
                 "the fallback desk of unit \"%.*s\", \"%.*s\", is staffed during %.*s only",
                 SLICE_ARG(n->text), SLICE_ARG(desk->name), SLICE_ARG(desk->staffed->name));
    diagnose_hint(
        c->d,
        "write \"fallback desk D\" with a desk that is staffed always: it ends plans that end nowhere else");
}

void check_fallbacks(struct checker *c)
{
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_UNIT); n != NULL; n = ast_next(n, AST_UNIT))
            check_unit(c, n);
}
