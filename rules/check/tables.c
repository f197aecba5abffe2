/* rules/check/tables.c - who is declared where, and findings about names. */
#include "base/memory.h"
#include "rules/check/check.h"

#include <stdlib.h>

static const struct {
    enum ast_kind kind;
    enum table table;
    const char *what;
} declared[] = {
    { AST_CODES, TABLE_CODES, "codes" },      { AST_PLACES, TABLE_PLACES, "places" },
    { AST_CHAIN, TABLE_CHAIN, "chain" },      { AST_MESSAGE, TABLE_MESSAGE, "message" },
    { AST_RULE, TABLE_RULE, "rule or copy" }, { AST_COPY, TABLE_RULE, "rule or copy" },
    { AST_SWITCH, TABLE_SWITCH, "switch" },   { AST_WORLD, TABLE_WORLD, "world" },
};

static void declare(struct checker *c, struct ast_node *n, enum table t, const char *what)
{
    const struct ast_node *first = map_get(c->tables[t], n->text);

    if (first == NULL) {
        map_put(c->tables[t], n->text, n);
        return;
    }
    diagnose(c->d, SEVERITY_ERROR, E_TWICE, n->at, "a second %s named \"%.*s\"", what, SLICE_ARG(n->text));
    diagnose_hint(c->d, "the first stands in %.*s, line %u", SLICE_ARG(c->d->files[first->at.file].name),
                  first->at.line);
}

void tables_fill(struct checker *c)
{
    for (int t = 0; t < TABLES; t++)
        c->tables[t] = map_new();
    c->said = map_new();
    c->heads = map_new();
    c->slowest = map_new();
    for (const struct ast_node *f = c->program->child; f != NULL; f = f->next)
        for (struct ast_node *n = f->child; n != NULL; n = n->next)
            for (size_t i = 0; i < sizeof declared / sizeof *declared; i++)
                if (declared[i].kind == n->kind)
                    declare(c, n, declared[i].table, declared[i].what);
}

void tables_free(struct checker *c)
{
    for (int t = 0; t < TABLES; t++)
        map_free(&c->tables[t], NULL);
    map_free(&c->said, NULL);
    map_free(&c->heads, NULL);
    map_free(&c->slowest, NULL);
    map_free(&c->gaps, NULL);
}

struct ast_node *table_find(const struct checker *c, enum table t, struct slice name)
{
    return map_get(c->tables[t], name);
}

size_t table_names(const struct checker *c, enum table t, struct slice **out)
{
    size_t at = 0, count = 0;
    struct slice key;
    void *value;

    *out = arena_array(c->arena, map_count(c->tables[t]) + 1, sizeof **out);
    while (map_next(c->tables[t], &at, &key, &value))
        (*out)[count++] = key;
    return count;
}

bool check_error(struct checker *c, unsigned number, struct span at)
{
    uint32_t key[] = { number, at.file, at.line, at.column };

    return map_put(c->said, (struct slice){ (const char *)key, sizeof key }, c) == NULL;
}

static void list_known(struct checker *c, const struct slice *known, size_t count)
{
    struct buf all = buf_make(4096);

    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%.*s", i > 0 ? ", " : "", SLICE_ARG(known[i]));
    diagnose_hint(c->d, "known: %.*s", SLICE_ARG(buf_slice(&all)));
    buf_free(&all);
}

void check_unknown(struct checker *c, unsigned number, struct span at, const char *what, struct slice name,
                   const struct slice *known, size_t known_count)
{
    struct slice near = diagnose_nearest(name, known, known_count);

    if (!CHECK_ERROR(c, number, at, "unknown %s \"%.*s\"", what, SLICE_ARG(name)))
        return;
    if (near.len > 0)
        diagnose_hint(c->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    else if (known_count == 0)
        diagnose_hint(c->d, "this site declares no %s", what);
    else if (known_count <= 12)
        list_known(c, known, known_count);
}

void check_unknown_in(struct checker *c, unsigned number, const struct ast_node *at, const char *what,
                      enum table t)
{
    struct slice *names;
    size_t count = table_names(c, t, &names);

    check_unknown(c, number, at->at, what, at->text, names, count);
}
