/* Configurations of other systems as drafts of rules: any bytes are refused with a place or drafted, and what
 * is drafted parses. '<' begins a channel of Mirth, anything else is YAML of Alertmanager. */
#include "adapters/import/alertmanager.h"
#include "adapters/import/mirth.h"
#include "rules/syntax/parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_parse(const struct import_draft *draft)
{
    struct buf text = buf_make(draft->rules.len + 64);
    struct arena *a = arena_new();
    struct diagnostics d;

    buf_text(&text, "language 1\n\n");
    buf_put(&text, buf_slice(&draft->rules));
    struct source_file file = { SLICE("imported.bell"), buf_slice(&text) };
    diagnostics_init(&d, a, &file, 1);
    syntax_parse(a, &file, 1, &d);
    if (!draft->rules.failed && d.errors > 0)
        abort();
    diagnostics_free(&d);
    arena_free(&a);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = { (const char *)data, size };
    struct import_draft *draft = draft_new("phones");
    struct error err = { .code = ERROR_NONE };
    bool channel = size > 0 && data[0] == '<';

    if (channel ? import_mirth(draft, text, &err) : import_alertmanager(draft, text, &err))
        must_parse(draft);
    else if (err.code == ERROR_NONE)
        abort();
    draft_free(&draft);
    return 0;
}
