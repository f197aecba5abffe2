#include "rules/syntax/ast.h"

const char *ast_kind_name(enum ast_kind kind)
{
    static const char *const names[] = {
#define X(name) #name,
        AST_KINDS(X)
#undef X
    };

    return (unsigned)kind < AST_KIND_COUNT ? names[kind] : "?";
}

static struct ast_node *first_of(struct ast_node *n, enum ast_kind kind)
{
    while (n != NULL && n->kind != kind)
        n = n->next;
    return n;
}

struct ast_node *ast_child(const struct ast_node *n, enum ast_kind kind)
{
    return n != NULL ? first_of(n->child, kind) : NULL;
}

struct ast_node *ast_next(const struct ast_node *n, enum ast_kind kind)
{
    return n != NULL ? first_of(n->next, kind) : NULL;
}

size_t ast_count(const struct ast_node *n, enum ast_kind kind)
{
    size_t count = 0;

    for (struct ast_node *c = ast_child(n, kind); c != NULL; c = ast_next(c, kind))
        count++;
    return count;
}
