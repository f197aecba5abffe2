/* Definition, references and rename: all from one list of uses. */
#include <string.h>

#include "nightbell/json_text.h"
#include "nightbell/lsp.h"

static json_t *location(const struct lsp *s, const struct lsp_site *site, const struct use *u)
{
    return json_pack("{s:o s:o}", "uri", lsp_file_uri(site, u->at.file), "range",
                     lsp_span_range(&site->lines[u->at.file], u->at, s->utf8));
}

json_t *lsp_definition(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct lsp_place p;

    if (!lsp_place_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such place in an open file");
    const struct use *u = lsp_use_at(&p),
                     *d = u != NULL ? use_definition(&p.site->uses, u->kind, u->name) : NULL;
    return d != NULL ? location(s, p.site, d) : json_null();
}

json_t *lsp_references(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    bool declaration =
        json_is_true(json_object_get(json_object_get(params, "context"), "includeDeclaration"));
    struct lsp_place p;

    if (!lsp_place_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such place in an open file");
    const struct use *u = lsp_use_at(&p);
    json_t *list = json_array();
    for (size_t i = 0; u != NULL && i < p.site->uses.count; i++) {
        const struct use *other = &p.site->uses.items[i];
        if (other->kind == u->kind && slice_eq(other->name, u->name) && (declaration || !other->defines))
            json_array_append_new(list, location(s, p.site, other));
    }
    return list;
}

/* --- rename
 * -------------------------------------------------------------------------------------------------- */

static bool may_rename(enum use_kind k)
{
    switch (k) {
    case USE_RULE:
    case USE_CODES:
    case USE_PLACES:
    case USE_SHIFT:
    case USE_SWITCH:
    case USE_DESK:
    case USE_GROUP:
    case USE_CHAIN:
    case USE_MESSAGE:
    case USE_LAYER:
    case USE_WORLD:
    case USE_PERSON:
    case USE_ROTA:
        return true;
    default:
        return false;
    }
}

static bool is_name(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-')))
            return false;
    }
    return s.len > 0 && s.len <= 64;
}

/* Kinds that are looked up in one place share their names: a shift or a switch, a person or a role, a set of
 * codes or a code. */
static bool is_taken(const struct lsp_site *site, enum use_kind kind, struct slice name)
{
    for (size_t i = 0; i < site->uses.count; i++) {
        const struct use *u = &site->uses.items[i];
        bool near =
            u->kind == kind || (kind == USE_SHIFT && u->kind == USE_SWITCH) ||
            (kind == USE_SWITCH && u->kind == USE_SHIFT) || (kind == USE_PERSON && u->kind == USE_ROLE) ||
            (kind == USE_PERSON && u->kind == USE_DESK) || (kind == USE_DESK && u->kind == USE_PERSON) ||
            (kind == USE_CODES && u->kind == USE_CODE) || (kind == USE_RULE && u->kind == USE_CODES);
        if (near && slice_eq(u->name, name))
            return true;
    }
    return kind == USE_CODES && site->good != NULL && catalogue_named(site->good->catalogue, name) != NULL;
}

static const struct use *to_rename(const struct lsp_place *p, struct lsp_error *e)
{
    const struct use *u = lsp_use_at(p);

    if (u == NULL || !may_rename(u->kind) || use_definition(&p->site->uses, u->kind, u->name) == NULL) {
        lsp_refuse(e, LSP_FAILED, "here stands no name that these files declare");
        return NULL;
    }
    if (slice_find(u->name, '.') < u->name.len) {
        lsp_refuse(e, LSP_FAILED, "a rota that a field picks is named after the field's values");
        return NULL;
    }
    return u;
}

json_t *lsp_prepare_rename(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct lsp_place p;

    if (!lsp_place_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such place in an open file");
    const struct use *u = to_rename(&p, e);
    return u != NULL ? json_pack("{s:o s:o}", "range", lsp_span_range(p.lines, u->at, s->utf8), "placeholder",
                                 json_of_slice(u->name))
                     : NULL;
}

static void add_edit(const struct lsp *s, const struct lsp_site *site, json_t *changes, const struct use *u,
                     struct slice name)
{
    json_t *uri = lsp_file_uri(site, u->at.file);
    const char *key = json_string_value(uri);

    if (json_object_get(changes, key) == NULL)
        json_object_set_new(changes, key, json_array());
    json_array_append_new(json_object_get(changes, key),
                          json_pack("{s:o s:o}", "range",
                                    lsp_span_range(&site->lines[u->at.file], u->at, s->utf8), "newText",
                                    json_of_slice(name)));
    json_decref(uri);
}

json_t *lsp_rename(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct slice name = json_member(params, "newName");
    struct lsp_place p;

    if (!lsp_place_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such place in an open file");
    const struct use *u = to_rename(&p, e);
    if (u == NULL)
        return NULL;
    if (!is_name(name))
        return lsp_refuse(e, LSP_FAILED, "a name is a letter, then letters, digits, - and _, at most 64");
    if (is_taken(p.site, u->kind, name))
        return lsp_refuse(e, LSP_FAILED, "\"%.*s\" is taken", SLICE_ARG(name));
    json_t *changes = json_object();
    for (size_t i = 0; i < p.site->uses.count; i++) {
        const struct use *other = &p.site->uses.items[i];
        if (other->kind == u->kind && slice_eq(other->name, u->name))
            add_edit(s, p.site, changes, other, name);
    }
    return json_pack("{s:o}", "changes", changes);
}

/* --- outline
 * ------------------------------------------------------------------------------------------------- */

static int symbol_kind(enum use_kind k)
{
    switch (k) {
    case USE_RULE:
        return 12; /* function */
    case USE_TEST:
        return 24; /* event */
    case USE_UNIT:
        return 4; /* package */
    case USE_PERSON:
        return 13; /* variable */
    case USE_CODES:
    case USE_PLACES:
        return 10; /* enum */
    default:
        return 14; /* constant */
    }
}

json_t *lsp_symbols(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct lsp_place p;

    if (!lsp_file_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such open file");
    json_t *list = json_array();
    for (size_t i = 0; i < p.site->uses.count; i++) {
        const struct use *u = &p.site->uses.items[i];
        if (!u->defines || u->at.file != p.index)
            continue;
        const struct ast_node *title = ast_child(u->node, u->kind == USE_RULE ? AST_TITLE : AST_STRING);
        json_t *range = lsp_span_range(p.lines, u->at, s->utf8);
        json_array_append_new(
            list,
            json_pack("{s:o s:o s:i s:o s:o}", "name",
                      json_of_slice(u->name.len > 0 ? u->name : SLICE("unnamed")), "detail",
                      json_of_slice(title != NULL ? title->text : slice_of(use_kind_name(u->kind))), "kind",
                      symbol_kind(u->kind), "range", json_incref(range), "selectionRange", range));
    }
    return list;
}
