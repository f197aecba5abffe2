/* Semantic tokens: what each word is, as the parser has decided. A grammar of patterns cannot know that
 * `full` is a keyword behind a message's lock and a code anywhere else; this does. */
#include <string.h>

#include "nightbell/lsp.h"

static const char *const legend[] = { "keyword", "variable",   "string",   "number",
                                      "comment", "enumMember", "function", "property" };
enum { T_KEYWORD, T_VARIABLE, T_STRING, T_NUMBER, T_COMMENT, T_MEMBER, T_FUNCTION, T_PROPERTY, T_NONE };

json_t *lsp_token_legend(void)
{
    json_t *types = json_array();

    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++)
        json_array_append_new(types, json_string(legend[i]));
    return json_pack("{s:{s:o s:[]} s:b}", "legend", "tokenTypes", types, "tokenModifiers", "full", 1);
}

static int type_of_name(const struct lsp_place *p, const struct token *t)
{
    const struct use *u =
        lsp_use_in(p->site, (struct span){ p->index, t->at.line, t->at.column, t->at.length });

    if (u == NULL || u->at.column != t->at.column)
        return T_VARIABLE;
    return u->kind == USE_FIELD                          ? T_PROPERTY
           : u->kind == USE_CODE || u->kind == USE_CODES ? T_MEMBER
           : u->kind == USE_RULE || u->kind == USE_CHAIN ? T_FUNCTION
                                                         : T_VARIABLE;
}

static int type_of(const struct lsp_place *p, const struct token *t)
{
    switch (t->class) {
    case TOKEN_KEYWORD:
        return T_KEYWORD;
    case TOKEN_NAME:
        return type_of_name(p, t);
    case TOKEN_STRING:
        return T_STRING;
    case TOKEN_CODE:
        return T_MEMBER;
    case TOKEN_NUMBER:
    case TOKEN_DURATION:
    case TOKEN_TIME:
    case TOKEN_DATE:
    case TOKEN_UNIT:
        return T_NUMBER;
    case TOKEN_COMMENT:
        return T_COMMENT;
    default:
        return T_NONE;
    }
}

/* Five numbers a token: lines and characters from the one before, length, type, no modifiers. */
static void add(json_t *data, json_int_t lines, json_int_t characters, json_int_t length, int type)
{
    json_array_append_new(data, json_integer(lines));
    json_array_append_new(data, json_integer(characters));
    json_array_append_new(data, json_integer(length));
    json_array_append_new(data, json_integer(type));
    json_array_append_new(data, json_integer(0));
}

json_t *lsp_semantic_tokens(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct token_list tokens;
    struct diagnostics quiet;
    struct lsp_place p;
    json_int_t line = 0, start = 0;

    if (!lsp_file_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such open file");
    diagnostics_init(&quiet, s->scratch, p.file, 1);
    syntax_tokens(s->scratch, p.file, 0, &quiet, &tokens);
    diagnostics_free(&quiet);
    json_t *data = json_array();
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *t = &tokens.items[i];
        int type = type_of(&p, t);
        json_int_t here = (json_int_t)t->at.line - 1;
        size_t before = t->at.column - 1;
        json_int_t column = lsp_characters((struct slice){ t->text.ptr - before, before }, s->utf8);
        if (type == T_NONE)
            continue;
        add(data, here - line, here == line ? column - start : column, lsp_characters(t->text, s->utf8),
            type);
        line = here;
        start = column;
    }
    return json_pack("{s:o}", "data", data);
}
