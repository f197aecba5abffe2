#include "rules/print/canonical.h"

#include "rules/print/tell.h"

enum { LEANS_MAX = 512 };

struct canonical {
    const struct ast_node *program;
    const struct ast_node *leans[LEANS_MAX]; /* written or still to write, once each */
    size_t count;
};

static const struct {
    enum ast_kind mention, declaration;
} mentions[] = {
    { AST_NAME, AST_CODES },      { AST_NAME, AST_PLACES },    { AST_DURING, AST_SHIFT },
    { AST_DURING, AST_SWITCH },   { AST_ESCALATE, AST_CHAIN }, { AST_USING, AST_MESSAGE },
    { AST_WHO_GROUP, AST_GROUP }, { AST_WHO_TURN, AST_GROUP }, { AST_WHO_LEAST, AST_GROUP },
};

static void lean(struct canonical *c, const struct ast_node *on)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->leans[i] == on)
            return;
    if (c->count < LEANS_MAX)
        c->leans[c->count++] = on;
}

static void put(struct canonical *c, struct buf *out, const struct ast_node *n)
{
    buf_printf(out, "%s:%zu:%.*s:%lld(", ast_kind_name(n->kind), n->text.len, SLICE_ARG(n->text),
               (long long)n->number);
    for (const struct ast_node *kid = n->child; kid != NULL; kid = kid->next)
        put(c, out, kid);
    buf_text(out, ")");
    for (size_t i = 0; i < sizeof mentions / sizeof *mentions; i++) {
        const struct ast_node *on =
            mentions[i].mention == n->kind ? tell_find(c->program, mentions[i].declaration, n->text) : NULL;
        if (on != NULL)
            lean(c, on);
    }
}

void rule_canonical(const struct ast_node *program, const struct ast_node *declaration, struct buf *out)
{
    struct canonical c = { .program = program, .count = 0 };

    lean(&c, declaration);
    for (size_t i = 0; i < c.count; i++)
        put(&c, out, c.leans[i]);
}
