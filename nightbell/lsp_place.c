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
        found = strcmp(site->uris[i], json_string_value(wanted)) == 0;
        if (found)
            *out = (struct lsp_place){ site, &site->bells[i], &site->lines[i], i, 0 };
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
    out->offset = lsp_offset(out->lines, json_integer_value(json_object_get(position, "line")),
                             json_integer_value(json_object_get(position, "character")), s->utf8);
    return true;
}

/* Does `a` stand before or at the place? */
static bool not_behind(const struct span *a, struct span place)
{
    if (a->file != place.file)
        return a->file < place.file;
    return a->line != place.line ? a->line < place.line : a->column <= place.column;
}

const struct use *lsp_use_in(const struct lsp_site *site, struct span at)
{
    size_t low = 0, high = site->uses.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (not_behind(&site->by_place[middle]->at, at))
            low = middle + 1;
        else
            high = middle;
    }
    const struct use *u = low > 0 ? site->by_place[low - 1] : NULL;
    if (u == NULL || u->at.file != at.file || u->at.line != at.line ||
        at.column > u->at.column + u->at.length)
        return NULL;
    return u;
}

const struct use *lsp_use_at(const struct lsp_place *p)
{
    size_t line = 0;

    while (line + 1 < p->lines->count && p->lines->starts[line + 1] <= p->offset)
        line++;
    uint32_t column = (uint32_t)(p->offset - p->lines->starts[line]) + 1;
    return lsp_use_in(p->site, (struct span){ p->index, (uint32_t)line + 1, column, 0 });
}
