#include "adapters/import/mirth.h"

#include "fhir/xml_dom.h"

#include <string.h>

enum { MOST_VALUES = 64, MOST_RULES = 256 };

struct reading {
    struct import_draft *d;
    struct error *err;
    xmlNode *source; /* the source connector's filter, or NULL */
};

/* What MSH-9 conditions say: the kind and phase of the event. */
struct when {
    struct slice type, trigger;
};

/* --- XML -------------------------------------------------------------------------------------------------
 */

static xmlNode *child(const xmlNode *n, const char *name)
{
    for (xmlNode *k = n != NULL ? n->children : NULL; k != NULL; k = k->next)
        if (k->type == XML_ELEMENT_NODE && strcmp((const char *)k->name, name) == 0)
            return k;
    return NULL;
}

static xmlNode *next_element(xmlNode *n)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return n;
}

static struct slice text_of(struct reading *r, const xmlNode *n)
{
    struct slice text = { NULL, 0 };

    for (const xmlNode *k = n != NULL ? n->children : NULL; k != NULL; k = k->next)
        if (k->type == XML_TEXT_NODE || k->type == XML_CDATA_SECTION_NODE)
            text = arena_printf(r->d->arena, "%.*s%s", SLICE_ARG(text), (const char *)k->content);
    return text;
}

static bool ends_with(const xmlNode *n, const char *name)
{
    return slice_ends(slice_of((const char *)n->name), slice_of(name));
}

/* --- fields: msg['PV1']['PV1.3']['PV1.3.1'].toString()
 * ------------------------------------------------------ */

static bool take(struct slice *s, const char *text)
{
    if (!slice_starts(*s, slice_of(text)))
        return false;
    *s = slice_sub(*s, strlen(text), s->len);
    return true;
}

/* ['NAME'] or ["NAME"], and maybe [0] behind it. */
static bool take_key(struct slice *s, struct slice *name, uint32_t *index)
{
    char quote = s->len > 1 ? s->ptr[1] : 0;

    *index = UINT32_MAX;
    if (s->len < 4 || s->ptr[0] != '[' || (quote != '\'' && quote != '"'))
        return false;
    *s = slice_sub(*s, 2, s->len);
    *name = slice_cut(s, quote);
    if (!take(s, "]"))
        return false;
    if (s->len > 2 && s->ptr[0] == '[' && s->ptr[1] >= '0' && s->ptr[1] <= '9') {
        *s = slice_sub(*s, 1, s->len);
        return slice_to_u32(slice_cut(s, ']'), index);
    }
    return true;
}

/* "PV1-3.1"; false for anything but a plain path. */
static bool hl7_path(struct slice field, struct buf *out)
{
    struct slice segment, part, number;
    uint32_t index;

    if (!take(&field, "msg") || !take_key(&field, &segment, &index) || segment.len != 3)
        return false;
    buf_put(out, segment);
    if (index != UINT32_MAX)
        buf_printf(out, "[%u]", index + 1);
    for (unsigned level = 0; level < 3 && field.len > 0 && field.ptr[0] == '['; level++) {
        if (!take_key(&field, &part, &index) || slice_find(part, '.') == part.len)
            return false;
        number = part;
        for (size_t dot; (dot = slice_find(number, '.')) < number.len;)
            number = slice_sub(number, dot + 1, number.len);
        buf_printf(out, "%s%.*s", level == 0 ? "-" : ".", SLICE_ARG(number));
        if (index != UINT32_MAX && level == 0)
            buf_printf(out, "[%u]", index + 1);
        else if (index != UINT32_MAX)
            return false;
    }
    take(&field, ".toString()");
    return field.len == 0;
}

/* --- conditions -------------------------------------------------------------------------------------------
 */

/* 'ICU' or "ICU"; what else stands there is JavaScript. */
static bool literal(struct slice js, struct slice *out)
{
    char quote = js.len >= 2 ? js.ptr[0] : 0;

    if ((quote != '\'' && quote != '"') || js.ptr[js.len - 1] != quote)
        return false;
    *out = slice_sub(js, 1, js.len - 2);
    return memchr(out->ptr, quote, out->len) == NULL && memchr(out->ptr, '\\', out->len) == NULL;
}

static bool values_of(struct reading *r, const xmlNode *rule, struct slice values[MOST_VALUES], size_t *count)
{
    *count = 0;
    for (xmlNode *n = next_element(child(rule, "values") != NULL ? child(rule, "values")->children : NULL);
         n != NULL; n = next_element(n->next))
        if (*count == MOST_VALUES || !literal(text_of(r, n), &values[(*count)++]))
            return false;
    return true;
}

static void put_list(struct buf *out, struct slice path, bool negated, const struct slice *values,
                     size_t count)
{
    buf_printf(out, "raw \"%.*s\" %s", SLICE_ARG(path), negated ? "not in " : "in ");
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i > 0 ? ", " : "");
        draft_quoted(out, values[i]);
    }
    buf_text(out, negated ? " or missing" : " if known");
}

/* `like` does not tell capitals from small letters, Mirth does: wider, so it is said. */
static bool put_contains(struct buf *out, struct slice path, bool negated, const struct slice *values,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memchr(values[i].ptr, '*', values[i].len) != NULL)
            return false;
        buf_printf(out, "%s%sraw \"%.*s\" like ", i > 0 ? (negated ? " and " : " or ") : "",
                   negated ? "not " : "", SLICE_ARG(path));
        struct buf pattern = buf_make(4096);
        buf_printf(&pattern, "*%.*s*", SLICE_ARG(values[i]));
        draft_quoted(out, buf_slice(&pattern));
        buf_free(&pattern);
        buf_text(out, " if known");
    }
    return count > 0;
}

/* One rule of the rule builder, in parentheses where it is several. False: a person must write it. */
static bool put_rule(struct reading *r, const xmlNode *rule, struct buf *out, struct when *w)
{
    struct slice values[MOST_VALUES], condition = text_of(r, child(rule, "condition"));
    struct buf path = buf_make(128);
    size_t count;
    bool negated = slice_starts(condition, SLICE("NOT_"));

    bool fine = values_of(r, rule, values, &count) && hl7_path(text_of(r, child(rule, "field")), &path);
    struct slice where = arena_copy(r->d->arena, buf_slice(&path));
    buf_free(&path);
    if (!fine)
        return false;
    if (slice_is(condition, "EQUALS") && count == 1 && slice_is(where, "MSH-9.1"))
        return w->type = values[0], true;
    if (slice_is(condition, "EQUALS") && count == 1 && slice_is(where, "MSH-9.2"))
        return w->trigger = values[0], true;
    if (slice_is(condition, "EXISTS") || slice_is(condition, "NOT_EXIST")) {
        buf_printf(out, "%sraw \"%.*s\" like \"*\" if known", negated ? "not " : "", SLICE_ARG(where));
        return true;
    }
    if ((slice_is(condition, "EQUALS") || slice_is(condition, "NOT_EQUAL")) && count > 0)
        return put_list(out, where, negated, values, count), true;
    if (!slice_is(condition, "CONTAINS") && !slice_is(condition, "NOT_CONTAIN"))
        return false;
    buf_text(out, count > 1 ? "(" : "");
    fine = put_contains(out, where, negated, values, count);
    buf_text(out, count > 1 ? ")" : "");
    return fine;
}

/* The elements of a filter joined by their operators: `and` binds closer, as in JavaScript. */
static bool put_filter(struct reading *r, const xmlNode *filter, struct buf *out, struct when *w)
{
    const xmlNode *list = child(filter, "elements");
    struct slice parts[MOST_RULES];
    bool is_or[MOST_RULES];
    size_t count = 0, ors = 0;

    for (xmlNode *n = next_element(list != NULL ? list->children : NULL); n != NULL;
         n = next_element(n->next)) {
        struct buf one = buf_make(65536);
        bool fine = count < MOST_RULES;
        if (slice_is(text_of(r, child(n, "enabled")), "false"))
            continue;
        bool either = slice_is(text_of(r, child(n, "operator")), "OR");
        struct when before = *w;
        fine = fine && ends_with(n, "RuleBuilderRule") && put_rule(r, n, &one, w);
        bool head = one.len == 0; /* it went into kind and phase */
        if (fine && !head) {
            is_or[count] = either && count > 0;
            ors += is_or[count];
            parts[count++] = arena_copy(r->d->arena, buf_slice(&one));
        }
        buf_free(&one);
        if (!fine || (head && either)) {
            *w = before;
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool opens = ors > 0 && (i == 0 || is_or[i]), closes = ors > 0 && (i + 1 == count || is_or[i + 1]);
        bool alone = opens && closes;
        buf_text(out, i == 0 ? (ors > 0 ? " and (" : " and ") : is_or[i] ? " or " : " and ");
        buf_text(out, opens && !alone ? "(" : "");
        buf_put(out, parts[i]);
        buf_text(out, closes && !alone ? ")" : "");
    }
    buf_text(out, ors > 0 ? ")" : "");
    return true;
}

/* --- kinds ------------------------------------------------------------------------------------------------
 */

static const char *kind_of(const struct when *w)
{
    static const char *const table[][3] = {
        { "ORU", "R40", "alarm starts" },          { "ORU", "R01", "result final" },
        { "ORU", "R30", "result final" },          { "ORU", "R31", "result final" },
        { "SIU", "S12", "appointment booked" },    { "SIU", "S13", "appointment rescheduled" },
        { "SIU", "S15", "appointment cancelled" }, { "SIU", "S26", "appointment no-show" },
        { "ADT", "A02", "transfer starts" },       { "ORM", "O01", "order starts" },
        { "OMG", "O19", "order starts" },          { "OML", "O21", "order starts" },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (slice_is(w->type, table[i][0]) && slice_is(w->trigger, table[i][1]))
            return table[i][2];
    return NULL;
}

/* --- channels ---------------------------------------------------------------------------------------------
 */

static void leave(struct reading *r, const char *why, struct slice name, const xmlNode *filter)
{
    const xmlNode *list = child(filter, "elements");

    draft_comment(&r->d->rules, why, name);
    for (xmlNode *n = next_element(list != NULL ? list->children : NULL); n != NULL;
         n = next_element(n->next)) {
        const char *field = ends_with(n, "RuleBuilderRule") ? "field" : "script";
        draft_comment(&r->d->rules, "  ", text_of(r, child(n, field)));
    }
    buf_text(&r->d->rules, "\n");
    r->d->left++;
}

static void draft_destination(struct reading *r, const xmlNode *connector)
{
    struct slice name = text_of(r, child(connector, "name"));
    const xmlNode *filter = child(connector, "filter");
    struct buf condition = buf_make(IMPORT_BYTES);
    struct when w = { { NULL, 0 }, { NULL, 0 } };
    struct slice desk = draft_desk(r->d, name);

    if (slice_is(text_of(r, child(connector, "enabled")), "false")) {
        draft_comment(&r->d->rules, "not enabled there: ", name);
    } else if (!put_filter(r, r->source, &condition, &w) || !put_filter(r, filter, &condition, &w)) {
        leave(r, "for a person: more than a path and texts decides about ", name, filter);
    } else if (kind_of(&w) == NULL) {
        leave(r, "for a person: no MSH-9 says which kind of event this is: ", name, filter);
    } else {
        struct slice rule = draft_new_word(r->d, name);
        if (condition.len > 0 && memmem(condition.ptr, condition.len, " like \"*\"", 9) == NULL &&
            memmem(condition.ptr, condition.len, " like ", 6) != NULL)
            draft_comment(&r->d->rules,
                          "wider than there: ", SLICE("`like` takes small letters for capitals"));
        buf_printf(&r->d->rules, "rule %.*s { title ", SLICE_ARG(rule));
        draft_quoted(&r->d->rules, name);
        buf_printf(&r->d->rules, "\n  mode draft\n  when %s%.*s\n  notify desk %.*s\n}\n\n", kind_of(&w),
                   SLICE_ARG(buf_slice(&condition)), SLICE_ARG(desk));
        r->d->written++;
    }
    buf_free(&condition);
}

bool import_mirth(struct import_draft *d, struct slice xml, struct error *err)
{
    struct reading r = { .d = d, .err = err };

    if (xml.len > IMPORT_BYTES)
        return error_set(err, ERROR_LIMIT, "import-bytes: larger than %d bytes", IMPORT_BYTES);
    xmlDoc *doc = xml_dom_read(xml, err);
    if (doc == NULL)
        return false;
    const xmlNode *root = xmlDocGetRootElement(doc), *list = child(root, "destinationConnectors");
    bool fine = root != NULL && strcmp((const char *)root->name, "channel") == 0 && list != NULL;
    r.source = fine ? child(child(root, "sourceConnector"), "filter") : NULL;
    for (xmlNode *n = next_element(fine ? list->children : NULL); n != NULL; n = next_element(n->next))
        draft_destination(&r, n);
    if (!fine)
        error_set(err, ERROR_MISSING, "this is no exported channel: <channel> with <destinationConnectors>");
    xmlFreeDoc(doc);
    return fine;
}
