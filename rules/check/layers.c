/* rules/check/layers.c - `layers house, unit` and `rule X in unit`: the higher layer goes first. */
#include "rules/check/check.h"

/* Asked once: it walks over all declarations. */
static const struct ast_node *layers_node(const struct checker *c)
{
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        if (ast_child(f, AST_LAYERS) != NULL)
            return ast_child(f, AST_LAYERS);
    return NULL;
}

static void only_one(struct checker *c, const struct ast_node *first)
{
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_LAYERS); n != NULL; n = ast_next(n, AST_LAYERS))
            if (n != first && CHECK_ERROR(c, E_TWICE, n->at, "a second list of layers"))
                diagnose_hint(c->d, "the first stands in %.*s, line %u; a site has one order of layers",
                              SLICE_ARG(c->d->files[first->at.file].name), first->at.line);
}

static bool listed_before(const struct ast_node *list, const struct ast_node *name)
{
    for (const struct ast_node *n = list->child; n != name; n = n->next)
        if (slice_eq(n->text, name->text))
            return true;
    return false;
}

void layers_check(struct checker *c)
{
    const struct ast_node *list = c->layers = layers_node(c);

    if (list == NULL)
        return;
    only_one(c, list);
    for (const struct ast_node *n = list->child; n != NULL; n = n->next)
        if (listed_before(list, n))
            CHECK_ERROR(c, E_TWICE, n->at, "a second layer named \"%.*s\"", SLICE_ARG(n->text));
}

static void unknown_layer(struct checker *c, const struct ast_node *in, const struct ast_node *list)
{
    struct slice known[64];
    size_t count = 0;

    for (const struct ast_node *n = list != NULL ? list->child : NULL; n != NULL && count < 64; n = n->next)
        known[count++] = n->text;
    if (list != NULL)
        check_unknown(c, E_NAME, in->at, "layer", in->text, known, count);
    else if (CHECK_ERROR(c, E_NAME, in->at, "unknown layer \"%.*s\"", SLICE_ARG(in->text)))
        diagnose_hint(c->d, "this site declares no layers; add, lowest first: layers house, %.*s",
                      SLICE_ARG(in->text));
}

void layer_of(struct checker *c, const struct ast_node *rule, struct rule *r)
{
    const struct ast_node *list = c->layers, *in = ast_child(rule, AST_IN_LAYER);
    uint32_t rank = 0;

    if (in == NULL) { /* without a word a rule stands in the lowest */
        r->layer = list != NULL && list->child != NULL ? list->child->text : SLICE("");
        return;
    }
    r->layer = in->text;
    for (const struct ast_node *n = list != NULL ? list->child : NULL; n != NULL; n = n->next, rank++)
        if (slice_eq(n->text, in->text)) {
            r->rank = rank;
            return;
        }
    unknown_layer(c, in, list);
}
