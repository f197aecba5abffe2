/* What can stand at a place: keywords by the parser's own state, names by the words before. */
#include <string.h>

#include "base/map.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"
#include "nightbell/schema_show.h"

enum {
    ITEMS_MAX = 1000,
    KIND_FIELD = 5,
    KIND_UNIT = 11,
    KIND_VALUE = 12,
    KIND_KEYWORD = 14,
    KIND_REFERENCE = 18
};

struct offer {
    struct lsp_place place;
    struct arena *arena;
    const struct token *before; /* the words in front, without comments */
    size_t count;
    struct slice typed; /* the part of a word in front of the cursor */
    json_t *items;
    struct map *offered; /* labels, so that each is offered once */
    json_t *range;       /* of what is replaced; borrowed by every item */
};

/* The word `back` words in front: 1 is the last. */
static const struct token *word(const struct offer *o, size_t back)
{
    static const struct token none = { TOKEN_BAD, { "", 0 }, { 0, 0, 0, 0 } };

    return back <= o->count ? &o->before[o->count - back] : &none;
}

static bool is_keyword(const struct token *t, const char *text)
{
    return t->class == TOKEN_KEYWORD && slice_is(t->text, text);
}

static bool is_sign(const struct token *t, char c)
{
    return t->class == TOKEN_SIGN && t->text.len == 1 && t->text.ptr[0] == c;
}

static bool any_keyword(const struct token *t, const char *const *list)
{
    for (; *list != NULL; list++)
        if (is_keyword(t, *list))
            return true;
    return false;
}

static void offer(struct offer *o, struct slice label, int kind, struct slice detail)
{
    struct slice bare = label.len > 0 && label.ptr[0] == '"' ? slice_sub(label, 1, label.len) : label;

    if (json_array_size(o->items) >= ITEMS_MAX)
        return;
    if (!slice_eq_nocase(slice_sub(bare, 0, o->typed.len), o->typed) &&
        !slice_eq_nocase(slice_sub(label, 0, o->typed.len), o->typed))
        return;
    if (map_put(o->offered, label, o) != NULL)
        return;
    json_array_append_new(o->items, json_pack("{s:o s:i s:o s:{s:O s:o}}", "label", json_of_slice(label),
                                              "kind", kind, "detail", json_of_slice(detail), "textEdit",
                                              "range", o->range, "newText", json_of_slice(label)));
}

static void offer_words(struct offer *o, const char *const *words, const char *detail)
{
    for (; *words != NULL; words++)
        offer(o, slice_of(*words), KIND_VALUE, slice_of(detail));
}

/* Every name of that kind that the files declare or use. */
static void offer_uses(struct offer *o, enum use_kind kind)
{
    const struct use_list *list = &o->place.site->uses;

    for (size_t i = 0; i < list->count; i++) {
        const struct use *u = &list->items[i];
        bool own = u->at.file == o->place.index &&
                   lsp_span_offset(o->place.lines, u->at) + u->at.length == o->place.offset;
        if (u->kind != kind || (own && !u->defines) || u->name.len == 0)
            continue;
        const struct ast_node *title = u->defines ? ast_child(u->node, AST_STRING) : NULL;
        struct slice label = u->quoted ? arena_printf(o->arena, "\"%.*s\"", SLICE_ARG(u->name)) : u->name;
        offer(o, label, KIND_REFERENCE, title != NULL ? title->text : slice_of(use_kind_name(kind)));
    }
}

/* --- the rule around
 * ------------------------------------------------------------------------------------------ */

/* The kind of event that the rule is about: false when nothing has said so yet. */
static bool kind_here(const struct offer *o, enum event_kind *out)
{
    for (size_t back = 2; back <= o->count; back++) {
        const struct token *t = word(o, back);
        if (is_sign(t, '{'))
            return false;
        if (is_keyword(t, "when") || is_keyword(t, "send"))
            return event_kind_find(word(o, back - 1)->text, out);
    }
    return false;
}

static void offer_fields(struct offer *o)
{
    enum event_kind kind;
    bool known = kind_here(o, &kind);

    for (size_t i = 0; i < schema_count(); i++) {
        const struct field_info *f = schema_field(i);
        if (!f->display_only && (!known || (f->kinds & KIND_BIT(kind))))
            offer(o, slice_of(f->name), KIND_FIELD, slice_of(schema_type_name(f->type)));
    }
}

static void offer_codes(struct offer *o)
{
    const struct site *site = o->place.site->good;
    enum event_kind kind;
    bool known = kind_here(o, &kind);

    offer_uses(o, USE_CODES);
    for (size_t i = 0; site != NULL && i < catalogue_count(site->catalogue); i++) {
        const struct catalogue_row *row = catalogue_row_at(site->catalogue, i);
        if (!known || row->kind == kind)
            offer(o, row->name, KIND_VALUE, row->title);
    }
}

static void offer_units_of_measure(struct offer *o)
{
    const struct site *site = o->place.site->good;

    for (size_t i = 0; site != NULL && i < catalogue_count(site->catalogue); i++)
        if (catalogue_row_at(site->catalogue, i)->unit.len > 0)
            offer(o, catalogue_row_at(site->catalogue, i)->unit, KIND_UNIT, SLICE("unit (UCUM)"));
}

/* The field whose value is being written: before the nearest `is` or `in`; empty when it is something else.
 */
static struct slice field_here(const struct offer *o)
{
    static const char *const checks[] = { "is", "in", NULL };
    static const char *const ends[] = { "and", "or", "when", "unless", "notify", NULL };

    for (size_t back = 1; back <= o->count && !any_keyword(word(o, back), ends); back++) {
        if (!any_keyword(word(o, back), checks))
            continue;
        size_t last = back + 1;
        if (is_keyword(word(o, last), "not"))
            last++;
        const struct token *end = word(o, last), *first = end;
        while (is_sign(first - 1, '.') && last + 2 <= o->count) {
            first -= 2;
            last += 2;
        }
        return (struct slice){ first->text.ptr, (size_t)(end->text.ptr + end->text.len - first->text.ptr) };
    }
    return SLICE("");
}

static void offer_values(struct offer *o, struct slice field)
{
    size_t id;

    if (slice_is(field, "code"))
        offer_codes(o);
    else if (slice_is(field, "source"))
        offer_uses(o, USE_LISTENER);
    else if (slice_is(field, "unit") || slice_is(field, "prior-unit")) {
        offer_uses(o, USE_UNIT);
        offer_uses(o, USE_PLACES);
    } else if (schema_find(field, &id) && schema_field(id)->values != NULL) {
        offer_words(o, schema_field(id)->values, schema_field(id)->name);
    }
}

static void offer_kinds(struct offer *o)
{
    for (int k = 0; k < EVENT_KIND_COUNT; k++)
        offer(o, slice_of(event_kind_name((enum event_kind)k)), KIND_VALUE, SLICE("kind of event"));
}

static void offer_phases(struct offer *o)
{
    enum event_kind kind;

    for (int p = 0; event_kind_find(word(o, 1)->text, &kind) && p < PHASE_COUNT; p++)
        if (event_phase_fits(kind, (enum event_phase)p))
            offer(o, slice_of(event_phase_name((enum event_phase)p)), KIND_VALUE, SLICE("phase"));
}

static void offer_people(struct offer *o)
{
    offer_uses(o, USE_ROLE);
    offer_uses(o, USE_PERSON);
}

/* --- by the word in front
 * ------------------------------------------------------------------------------------- */

static const struct {
    const char *before; /* the keyword in front */
    enum use_kind kind;
} after[] = { { "during", USE_SHIFT },
              { "during", USE_SWITCH },
              { "oncall", USE_ROTA },
              { "group", USE_GROUP },
              { "escalate", USE_CHAIN },
              { "using", USE_MESSAGE },
              { "overrides", USE_RULE },
              { "with", USE_WORLD },
              { "desk", USE_DESK },
              { "reach", USE_ENDPOINT },
              { "may-hold", USE_ROLE },
              { "assign", USE_PERSON },
              { "away", USE_PERSON },
              { "back", USE_PERSON },
              { "accept", USE_PERSON },
              { "decline", USE_PERSON },
              { "undelivered", USE_PERSON },
              { "expect", USE_PERSON },
              { "instead", USE_PERSON },
              { "of", USE_UNIT },
              { "notify", USE_PERSON },
              { "notify", USE_ROLE },
              { "else", USE_PERSON },
              { "else", USE_ROLE },
              { "from", USE_ROLE },
              { "while", USE_RULE },
              { "rule", USE_RULE },
              { "covers", USE_PERSON },
              { "by", USE_ROLE },
              { "switch", USE_SWITCH } };

static const char *const modes[] = { "draft", "shadow", "live", NULL };
static const char *const endings[] = { "accepted", "ended", "attended", "done", NULL };
static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };
static const char *const replies[] = { "accept",  "decline", "readback", "callback",
                                       "confirm", "dismiss", "done",     NULL };
static const char *const lists[] = { "overrides", "notify", "may-hold", "reach", "codes", "stop", "reply",
                                     "dedupe",    "bundle", "suppress", "need",  "shift", NULL };

/* `group NAME =`, not a group that is told. */
static bool declares_group(const struct offer *o, size_t back)
{
    return back > 2 && is_keyword(word(o, back), "group") && is_sign(word(o, back - 2), '=');
}

/* The keyword that began the list which a comma goes on with. */
static const struct token *list_head(const struct offer *o)
{
    for (size_t back = 2; back <= o->count; back++)
        if (any_keyword(word(o, back), lists) || declares_group(o, back) || is_sign(word(o, back), '{') ||
            is_keyword(word(o, back), "in"))
            return word(o, back);
    return word(o, 1);
}

static bool declares(const struct offer *o)
{
    static const char *const names[] = { "rule",    "copy",   "desk",  "group", "chain",
                                         "message", "switch", "world", NULL };
    int depth = 0;

    if (!any_keyword(word(o, 1), names) || is_sign(word(o, 2), '=') || is_sign(word(o, 2), ',') ||
        is_keyword(word(o, 2), "of"))
        return false;
    for (size_t i = 0; i < o->count; i++)
        depth += is_sign(&o->before[i], '{') ? 1 : is_sign(&o->before[i], '}') ? -1 : 0;
    return depth <= 0;
}

static void offer_names(struct offer *o)
{
    static const char *const operands[] = { "and", "or", "not", "unless", NULL };
    static const char *const fields[] = { "dedupe", "bundle", "same", "suppress", NULL };
    const struct token *last = word(o, 1), *head = is_sign(last, ',') ? list_head(o) : last;
    bool by_fields = is_keyword(last, "same") || (is_keyword(last, "by") && last->class == TOKEN_KEYWORD &&
                                                  word(o, 2)->class == TOKEN_DURATION);

    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        if (is_keyword(head, after[i].before) && !by_fields)
            offer_uses(o, after[i].kind);
    if (is_keyword(last, "when") || is_keyword(last, "send") || is_keyword(last, "for"))
        offer_kinds(o);
    if (is_keyword(word(o, 2), "when") || is_keyword(word(o, 2), "send"))
        offer_phases(o);
    if (is_keyword(last, "mode"))
        offer_words(o, modes, "mode");
    if (is_keyword(last, "on") || is_keyword(head, "stop"))
        offer_words(o, is_keyword(word(o, 2), "stop") || is_keyword(head, "stop") ? endings : days, "");
    if (is_keyword(head, "reply"))
        offer_words(o, replies, "reply");
    if (any_keyword(last, operands) || is_sign(last, '(') || by_fields ||
        (is_sign(last, ',') && any_keyword(head, fields)))
        offer_fields(o);
    if (is_keyword(word(o, 2), "assign"))
        offer_uses(o, USE_ROLE);
    if (is_keyword(last, "in") && is_keyword(word(o, 3), "rule"))
        offer_uses(o, USE_LAYER);
    if (is_keyword(head, "codes") || (is_sign(last, '=') && is_keyword(word(o, 3), "codes")))
        offer_codes(o);
    if (head != last ? is_keyword(head, "group") : is_sign(last, '=') && declares_group(o, 3))
        offer_people(o);
    offer_values(o, field_here(o));
}

json_t *lsp_completion(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct token_list before;
    struct expected expected;
    struct offer o = { .count = 0, .arena = s->scratch };
    size_t from, to;

    if (!lsp_place_of(s, params, &o.place))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such place in an open file");
    struct slice text = o.place.file->bytes;
    lsp_word_at(text, o.place.offset, &from, &to);
    if (from > 0 && text.ptr[from - 1] == '"')
        from--;
    syntax_expected(s->scratch, o.place.file, from, &expected, &before);
    o.before = before.items;
    o.count = before.count;
    o.typed = slice_sub(text, from, o.place.offset - from);
    o.items = json_array();
    o.offered = map_new();
    o.range = lsp_range(o.place.lines, from, o.place.offset, s->utf8);
    if (!declares(&o) && (expected.name || expected.string || expected.code))
        offer_names(&o);
    if (expected.unit)
        offer_units_of_measure(&o);
    for (size_t i = 0; i < expected.word_count; i++)
        offer(&o, slice_of(expected.words[i]), KIND_KEYWORD, SLICE("keyword"));
    json_decref(o.range);
    map_free(&o.offered, NULL);
    return json_pack("{s:b s:o}", "isIncomplete", 0, "items", o.items);
}
