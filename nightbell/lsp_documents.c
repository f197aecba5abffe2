#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"

struct lsp_document *lsp_document_find(struct lsp *s, const char *path)
{
    for (size_t i = 0; i < s->document_count; i++)
        if (strcmp(s->documents[i].path, path) == 0)
            return &s->documents[i];
    return NULL;
}

struct lsp_document *lsp_document_open(struct lsp *s, const char *path, struct slice text, json_int_t version)
{
    struct lsp_document *d = lsp_document_find(s, path);

    if (d == NULL && s->document_count == LSP_DOCUMENTS)
        return NULL;
    if (d == NULL) {
        d = &s->documents[s->document_count++];
        *d = (struct lsp_document){ .path = memory_text(path, strlen(path)),
                                    .text = buf_make(LIMIT_SITE_BYTES) };
    }
    buf_reset(&d->text);
    buf_put(&d->text, text);
    d->version = version;
    return d;
}

void lsp_document_close(struct lsp *s, struct lsp_document *d)
{
    free(d->path);
    buf_free(&d->text);
    *d = s->documents[--s->document_count];
}

static json_int_t number(const json_t *o, const char *a, const char *b)
{
    return json_integer_value(json_object_get(json_object_get(o, a), b));
}

static bool change(const struct lsp *s, struct buf *text, const json_t *one)
{
    const json_t *range = json_object_get(one, "range"), *with = json_object_get(one, "text");
    struct slice old = buf_slice(text), new = json_member(one, "text");
    size_t from = 0, to = old.len;

    if (!json_is_string(with))
        return false;
    if (range != NULL) {
        struct arena *a = arena_new();
        struct lsp_lines lines = lsp_lines_of(a, old);
        from =
            lsp_offset(&lines, number(range, "start", "line"), number(range, "start", "character"), s->utf8);
        to = lsp_offset(&lines, number(range, "end", "line"), number(range, "end", "character"), s->utf8);
        arena_free(&a);
    }
    if (from > to)
        return false;
    struct buf made = buf_make(LIMIT_SITE_BYTES);
    buf_put(&made, slice_sub(old, 0, from));
    buf_put(&made, new);
    buf_put(&made, slice_sub(old, to, old.len));
    bool fits = !made.failed;
    if (fits) {
        buf_reset(text);
        buf_put(text, buf_slice(&made));
    }
    buf_free(&made);
    return fits;
}

bool lsp_document_change(struct lsp *s, struct lsp_document *d, const json_t *changes)
{
    struct buf text = buf_make(LIMIT_SITE_BYTES);
    bool fine = json_is_array(changes);
    const json_t *one;
    size_t i;

    buf_put(&text, buf_slice(&d->text));
    json_array_foreach(changes, i, one) fine = fine && change(s, &text, one);
    if (fine) {
        buf_reset(&d->text);
        buf_put(&d->text, buf_slice(&text));
    }
    buf_free(&text);
    return fine;
}
