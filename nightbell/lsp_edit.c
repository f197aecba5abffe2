/* Formatting, quick fixes, and what stands above each rule and test. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"
#include "nightbell/print_rules.h"
#include "rules/syntax/fmt.h"

json_t *lsp_formatting(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct buf out = buf_make(2 * (size_t)LIMIT_SITE_BYTES);
    struct diagnostics quiet;
    struct lsp_place p;

    if (!lsp_file_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such open file");
    diagnostics_init(&quiet, s->scratch, p.file, 1);
    json_t *edits = json_array();
    if (!syntax_format(s->scratch, p.file, 0, &quiet, &out)) {
        json_decref(edits);
        edits = lsp_refuse(e, LSP_FAILED, "the file has errors of syntax, its layout stays");
    } else if (!slice_eq(buf_slice(&out), p.file->bytes)) {
        json_array_append_new(edits, json_pack("{s:o s:o}", "range",
                                               lsp_range(p.lines, 0, p.file->bytes.len, s->utf8), "newText",
                                               json_of_slice(buf_slice(&out))));
    }
    diagnostics_free(&quiet);
    buf_free(&out);
    return edits;
}

/* --- quick fixes
 * --------------------------------------------------------------------------------------------- */

struct fixes {
    struct lsp *s;
    struct lsp_place place;
    json_t *list;
};

static void add_fix(struct fixes *f, struct slice title, size_t from, size_t to, struct slice with)
{
    json_t *uri = lsp_file_uri(f->place.site, f->place.index);
    json_t *edit = json_pack("{s:o s:o}", "range", lsp_range(f->place.lines, from, to, f->s->utf8), "newText",
                             json_of_slice(with));
    json_t *changes = json_object();

    json_object_set_new(changes, json_string_value(uri), json_pack("[o]", edit));
    json_array_append_new(f->list, json_pack("{s:o s:s s:{s:o}}", "title", json_of_slice(title), "kind",
                                             "quickfix", "edit", "changes", changes));
    json_decref(uri);
}

/* The text in quotes behind `lead` in a hint: did you mean "X". */
static struct slice quoted(struct slice hint, const char *lead)
{
    const char *at = hint.len > 0 ? memmem(hint.ptr, hint.len, lead, strlen(lead)) : NULL;

    if (at == NULL)
        return SLICE("");
    struct slice rest = slice_sub(hint, (size_t)(at - hint.ptr) + strlen(lead), hint.len);
    return slice_cut(&rest, '"');
}

static void fix_spelling(struct fixes *f, const struct diagnostic *d, size_t from, size_t to)
{
    struct slice word = quoted(d->hint, "did you mean \""),
                 old = slice_sub(f->place.file->bytes, from, to - from);
    struct arena *a = f->s->scratch;

    if (word.len == 0)
        word = quoted(d->hint, "did you mean the codes \"");
    if (word.len == 0 || (word.ptr[0] == '{')) /* inside a message's text: no range of its own */
        return;
    bool text = old.len > 1 && old.ptr[0] == '"';
    add_fix(f, arena_printf(a, "Write \"%.*s\"", SLICE_ARG(word)), from, to,
            text ? arena_printf(a, "\"%.*s\"", SLICE_ARG(word)) : word);
}

/* The end of the check whose operand begins at `at`: the furthest byte of its parts; 0 when there is none. */
static size_t end_of_atom(const struct fixes *f, const struct ast_node *n, struct span at, bool inside)
{
    size_t end = 0;

    inside = inside || (n->kind == AST_ATOM && n->at.line == at.line && n->at.column == at.column);
    if (inside && n->at.length > 0)
        end = lsp_span_offset(f->place.lines, n->at) + n->at.length;
    for (const struct ast_node *c = n->child; c != NULL; c = c->next) {
        size_t other = end_of_atom(f, c, at, inside);
        end = other > end ? other : end;
    }
    return end;
}

static void fix_absent(struct fixes *f, const struct diagnostic *d)
{
    const struct ast_node *file = f->place.site->program->child;
    size_t to;

    for (uint32_t i = 0; file != NULL && i < f->place.index; i++)
        file = file->next;
    to = d->number == 205 && file != NULL ? end_of_atom(f, file, d->at, false) : 0;
    if (to == 0)
        return;
    add_fix(f, SLICE("Add \"if known\": absent counts as no"), to, to, SLICE(" if known"));
    add_fix(f, SLICE("Add \"or missing\": absent counts as yes"), to, to, SLICE(" or missing"));
}

static void fix_order(struct fixes *f, const struct diagnostic *d, size_t from)
{
    struct slice loser = quoted(d->hint, "Write \"overrides "), text = f->place.file->bytes;
    struct slice rest = slice_sub(text, from, text.len);
    size_t brace = slice_find(rest, '{');

    if (d->number != 401 || loser.len == 0 || brace == rest.len)
        return;
    bool lists = memmem(rest.ptr, brace, "overrides", 9) != NULL;
    size_t at = from + brace;
    while (at > from && text.ptr[at - 1] == ' ')
        at--;
    add_fix(f, arena_printf(f->s->scratch, "Let it go before \"%.*s\"", SLICE_ARG(loser)), at, at,
            arena_printf(f->s->scratch, lists ? ", %.*s" : " overrides %.*s", SLICE_ARG(loser)));
}

json_t *lsp_actions(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    const json_t *range = json_object_get(params, "range");
    struct fixes f = { .s = s };

    if (!lsp_file_of(s, params, &f.place))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such open file");
    f.list = json_array();
    json_int_t first = json_integer_value(json_object_get(json_object_get(range, "start"), "line")) + 1;
    json_int_t last = json_integer_value(json_object_get(json_object_get(range, "end"), "line")) + 1;
    for (size_t i = 0; i < f.place.site->d.count; i++) {
        const struct diagnostic *d = &f.place.site->d.items[i];
        if (d->at.file != f.place.index || d->at.line < first || d->at.line > last)
            continue;
        size_t from = lsp_span_offset(f.place.lines, d->at), to = from + d->at.length;
        fix_spelling(&f, d, from, to);
        fix_absent(&f, d);
        fix_order(&f, d, from);
    }
    return f.list;
}

/* --- lenses
 * -------------------------------------------------------------------------------------------------- */

/* "0 s primary-nurse · 30 s charge-nurse · again every 30 s, 10 times". */
static void put_timeline(struct buf *out, const struct told *t)
{
    if (t->hold_us > 0) {
        buf_text(out, "waits ");
        print_time(out, t->hold_us);
        buf_text(out, " · ");
    }
    for (size_t i = 0; i < t->step_count; i++) {
        buf_text(out, i > 0 ? " · " : "");
        print_time(out, t->steps[i].at_us);
        buf_printf(out, " %.*s%s", SLICE_ARG(t->steps[i].brief), t->steps[i].level == TOLD_URGENT ? "!" : "");
    }
    if (t->repeat_every_us > 0) {
        buf_text(out, " · again every ");
        print_time(out, t->repeat_every_us);
        buf_printf(out, ", %u times", (unsigned)t->repeat_max);
    }
    if (t->ignores.len > 0)
        buf_text(out, "nobody is told");
}

static void add_lens(const struct lsp *s, const struct lsp_place *p, json_t *list, const struct ast_node *n,
                     struct slice title, const char *command, json_t *arguments)
{
    json_array_append_new(list, json_pack("{s:o s:{s:o s:s s:o}}", "range",
                                          lsp_span_range(p->lines, n->at, s->utf8), "command", "title",
                                          json_of_slice(title), "command", command, "arguments", arguments));
}

static void lens_of(struct lsp *s, const struct lsp_place *p, const struct ast_node *n, json_t *list)
{
    struct teller t = lsp_teller(s, p->site);
    struct buf title = buf_make(1 << 16);
    struct told told;

    if (n->kind == AST_TEST) {
        add_lens(s, p, list, n, SLICE("run test"), "nightbell.runTest",
                 json_pack("[o,o]", lsp_file_uri(p->site, p->index), json_of_slice(n->text)));
    } else if (n->kind == AST_RULE || n->kind == AST_COPY || n->kind == AST_DEFAULT) {
        tell(&t, n, &told);
        put_timeline(&title, &told);
        add_lens(s, p, list, n, buf_slice(&title), "", json_array());
    }
    buf_free(&title);
}

json_t *lsp_lenses(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct lsp_place p;

    if (!lsp_file_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such open file");
    json_t *list = json_array();
    const struct ast_node *file = p.site->program->child;
    for (uint32_t i = 0; file != NULL && i < p.index; i++)
        file = file->next;
    for (const struct ast_node *n = file != NULL ? file->child : NULL; n != NULL; n = n->next)
        lens_of(s, &p, n, list);
    return list;
}
