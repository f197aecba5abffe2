#include "rules/syntax/tokens.h"

#include "rules/syntax/build.h"

#include <stdlib.h>

/* A comment is kept when it is scanned, a token when the parser has said what it is: one word later. */
static int by_place(const void *x, const void *y)
{
    const struct token *a = x, *b = y;

    return a->text.ptr < b->text.ptr ? -1 : a->text.ptr > b->text.ptr;
}

static void sort(struct token_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_place);
}

struct ast_node *syntax_tokens(struct arena *arena, const struct source_file *source, uint32_t file,
                               struct diagnostics *d, struct token_list *tokens)
{
    struct ast_node *node;

    *tokens = (struct token_list){ NULL, 0, 0 };
    node = syntax_parse_file(arena, source, file, d, tokens);
    sort(tokens);
    return node;
}

static void drop_comments(struct token_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].class != TOKEN_COMMENT)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

void syntax_expected(struct arena *arena, const struct source_file *source, size_t offset,
                     struct expected *out, struct token_list *before)
{
    struct token_list list = { NULL, 0, 0 };
    struct diagnostics quiet;
    struct bell_parser p = { .arena = arena,
                             .d = &quiet,
                             .bytes = source->bytes,
                             .line = 1,
                             .tokens = &list,
                             .expected = out,
                             .stop = offset };

    *out = (struct expected){ .word_count = 0 };
    diagnostics_init(&quiet, arena, source, 1);
    if (source->bytes.ptr != NULL && source->bytes.len <= LIMIT_SITE_BYTES)
        bell_parse(&p);
    diagnostics_free(&quiet);
    sort(&list);
    drop_comments(&list);
    if (before != NULL)
        *before = list;
}
