/* The formatter and the telling of rules on any bytes: a text that is formatted formats to itself and has the
 * same words; asking what fits at every eighth byte answers. */
#include "rules/print/tell.h"
#include "rules/syntax/fmt.h"
#include "rules/syntax/parse.h"
#include "rules/syntax/uses.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool format(struct arena *a, struct slice text, struct buf *out)
{
    struct source_file file = { SLICE("t.bell"), text };
    struct diagnostics d;

    diagnostics_init(&d, a, &file, 1);
    bool fine = syntax_format(a, &file, 0, &d, out);
    for (size_t i = 0; i < d.count; i++)
        if (d.items[i].number == 190)
            abort(); /* it would have changed more than white space */
    diagnostics_free(&d);
    return fine;
}

static void tell_all(struct arena *a, const struct ast_node *program)
{
    struct teller t = { a, program, NULL };
    struct use_list uses;
    struct told told;

    syntax_uses(a, program, &uses);
    for (const struct ast_node *n = program->child->child; n != NULL; n = n->next)
        if (n->kind == AST_RULE || n->kind == AST_COPY || n->kind == AST_DEFAULT)
            tell(&t, n, &told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = { (const char *)data, size };
    struct source_file file = { SLICE("t.bell"), text };
    struct buf once = buf_make(1 << 24), twice = buf_make(1 << 24);
    struct arena *a = arena_new();
    struct diagnostics d;

    if (size > 4096)
        size = 4096;
    text.len = file.bytes.len = size;
    if (format(a, text, &once) &&
        (!format(a, buf_slice(&once), &twice) || !slice_eq(buf_slice(&once), buf_slice(&twice))))
        abort();
    diagnostics_init(&d, a, &file, 1);
    tell_all(a, syntax_parse(a, &file, 1, &d)); /* of a tree with faults as well: editors ask for it */
    diagnostics_free(&d);
    for (size_t i = 0; i < size; i += 8) {
        struct expected e;
        syntax_expected(a, &file, i, &e, NULL);
    }
    arena_free(&a);
    buf_free(&once);
    buf_free(&twice);
    return 0;
}
