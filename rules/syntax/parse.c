#include "rules/syntax/parse.h"

#include "rules/syntax/build.h"

#include <limits.h>

struct ast_node *syntax_parse_file(struct arena *arena, const struct source_file *file, uint32_t index,
                                   struct diagnostics *d, struct token_list *tokens)
{
    struct bell_parser p = { .arena = arena,
                             .d = d,
                             .bytes = file->bytes,
                             .file = index,
                             .line = 1,
                             .faults_before = d->errors,
                             .tokens = tokens };
    struct span start = { index, 1, 1, 0 };

    if (file->bytes.len > LIMIT_SITE_BYTES)
        diagnose(d, SEVERITY_ERROR, 107, start, "site-bytes: more than %d bytes", LIMIT_SITE_BYTES);
    else
        bell_parse(&p);
    if (p.result == NULL)
        p.result = bell_parent(&p, AST_FILE, start, (struct bell_word){ { 0, 0 }, 0 },
                               bell_join(p.so_far, p.declared));
    p.result->at = start;
    p.result->text = file->name;
    bell_review(&p, p.result);
    return p.result;
}

struct ast_node *syntax_parse(struct arena *arena, const struct source_file *files, size_t count,
                              struct diagnostics *d)
{
    struct bell_parser p = { .arena = arena, .d = d };
    struct bell_list list = { 0, 0 };

    for (size_t i = 0; i < count && i < UINT32_MAX; i++)
        list = bell_append(list, syntax_parse_file(arena, &files[i], (uint32_t)i, d, NULL));
    return bell_parent(&p, AST_PROGRAM, (struct span){ 0, 0, 0, 0 }, (struct bell_word){ { 0, 0 }, 0 }, list);
}
