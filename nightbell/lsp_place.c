#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightbell/json_text.h"
#include "nightbell/lsp.h"

json_t *lsp_refuse(struct lsp_error *e, int code, const char *format, ...)
{
    va_list ap;

    e->code = code;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    return NULL;
}

static bool find_file(struct lsp_site *site, const char *path, struct lsp_place *out)
{
    json_t *wanted = lsp_uri_of(path);
    bool found = false;

    for (uint32_t i = 0; i < site->bell_count && !found; i++) {
        json_t *uri = lsp_file_uri(site, i);
        found = json_equal(uri, wanted) != 0;
        json_decref(uri);
        if (found)
            *out = (struct lsp_place){ site, &site->bells[i], i, 0 };
    }
    json_decref(wanted);
    return found;
}

bool lsp_file_of(struct lsp *s, const json_t *params, struct lsp_place *out)
{
    char *path = lsp_path_of(json_member(json_object_get(params, "textDocument"), "uri"));
    bool found = false;

    if (path != NULL && lsp_document_find(s, path) != NULL) {
        struct lsp_site *site = lsp_site_of(s, path);
        lsp_site_refresh(s, site);
        found = find_file(site, path, out);
    }
    free(path);
    return found;
}

bool lsp_place_of(struct lsp *s, const json_t *params, struct lsp_place *out)
{
    const json_t *position = json_object_get(params, "position");

    if (!json_is_object(position) || !lsp_file_of(s, params, out))
        return false;
    out->offset = lsp_offset(out->file->bytes, json_integer_value(json_object_get(position, "line")),
                             json_integer_value(json_object_get(position, "character")), s->utf8);
    return true;
}

const struct use *lsp_use_at(const struct lsp_place *p)
{
    const struct use_list *list = &p->site->uses;
    const struct use *found = NULL;

    for (size_t i = 0; i < list->count; i++) {
        const struct use *u = &list->items[i];
        if (u->at.file != p->index)
            continue;
        size_t from = lsp_span_offset(p->file->bytes, u->at);
        if (p->offset >= from && p->offset <= from + u->at.length &&
            (found == NULL || u->at.length < found->at.length))
            found = u;
    }
    return found;
}

const struct ast_node *lsp_declaration_at(const struct lsp_place *p)
{
    const struct ast_node *file = p->site->program->child, *found = NULL;

    for (uint32_t i = 0; file != NULL && i < p->index; i++)
        file = file->next;
    for (const struct ast_node *n = file != NULL ? file->child : NULL; n != NULL; n = n->next)
        if (lsp_span_offset(p->file->bytes, n->at) <= p->offset)
            found = n;
    return found;
}
