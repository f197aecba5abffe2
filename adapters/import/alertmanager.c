#include "adapters/import/alertmanager.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* One `LABEL = "value"`; a list of words for =~ "a|b". */
struct matcher {
    struct slice label, value;
    bool negated, regex;
    const struct matcher *above; /* of the routes above this one */
};

/* The tree is walked backwards: what a rule goes before is drafted when its turn comes. */
struct reading {
    struct import_draft *d;
    yaml_document_t doc;
    struct error *err;
    unsigned routes;
    struct slice made[IMPORT_NAMES]; /* names of rules, the last of the tree first */
    size_t made_count;
    struct slice text[2 * IMPORT_NAMES]; /* what is written, in the same order */
    size_t text_count;
};

struct place { /* of a route in the tree */
    const struct matcher *matchers;
    struct slice receiver, repeat_interval;
    unsigned depth;
    size_t later; /* so many of `made` stand behind it and are not under it */
};

/* --- YAML ------------------------------------------------------------------------------------------------
 */

static struct slice scalar(const yaml_node_t *n)
{
    if (n == NULL || n->type != YAML_SCALAR_NODE)
        return (struct slice){ NULL, 0 };
    return (struct slice){ (const char *)n->data.scalar.value, n->data.scalar.length };
}

static yaml_node_t *member(struct reading *r, const yaml_node_t *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        if (slice_is(scalar(yaml_document_get_node(&r->doc, p->key)), key))
            return yaml_document_get_node(&r->doc, p->value);
    return NULL;
}

static size_t item_count(const yaml_node_t *list)
{
    if (list == NULL || list->type != YAML_SEQUENCE_NODE)
        return 0;
    return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

static yaml_node_t *item(struct reading *r, const yaml_node_t *list, size_t i)
{
    return yaml_document_get_node(&r->doc, list->data.sequence.items.start[i]);
}

/* --- matchers --------------------------------------------------------------------------------------------
 */

static struct slice trimmed(struct slice s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

static struct slice unquoted(struct slice s)
{
    s = trimmed(s);
    if (s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0])
        return slice_sub(s, 1, s.len - 2);
    return s;
}

static const struct matcher *keep(struct reading *r, const struct matcher *above, struct matcher m)
{
    struct matcher *kept = arena_alloc(r->d->arena, sizeof *kept);

    *kept = m;
    kept->above = above;
    return kept;
}

/* severity="critical", unit!~"ICU|ED" */
static const struct matcher *read_matcher(struct reading *r, const struct matcher *above, struct slice text)
{
    size_t at = slice_find(text, '='), bang = slice_find(text, '!');
    struct matcher m = { .negated = bang < text.len && (at == text.len || bang < at) };

    size_t sign = m.negated ? bang : at;
    size_t after = sign + 1;
    if (m.negated) /* != or !~ */
        m.regex = after < text.len && text.ptr[after++] == '~';
    else if (after < text.len && text.ptr[after] == '~') {
        m.regex = true;
        after++;
    }
    m.label = trimmed(slice_sub(text, 0, sign));
    m.value = unquoted(slice_sub(text, after, text.len));
    return keep(r, above, m);
}

static const struct matcher *read_pairs(struct reading *r, const struct matcher *above,
                                        const yaml_node_t *map, bool regex)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return above;
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        above = keep(r, above,
                     (struct matcher){ .label = scalar(yaml_document_get_node(&r->doc, p->key)),
                                       .value = scalar(yaml_document_get_node(&r->doc, p->value)),
                                       .regex = regex });
    return above;
}

static const struct matcher *read_matchers(struct reading *r, const struct matcher *above,
                                           const yaml_node_t *route)
{
    const yaml_node_t *list = member(r, route, "matchers");

    above = read_pairs(r, above, member(r, route, "match"), false);
    above = read_pairs(r, above, member(r, route, "match_re"), true);
    if (scalar(list).len > 0)
        return read_matcher(r, above, scalar(list));
    for (size_t i = 0; i < item_count(list); i++)
        above = read_matcher(r, above, scalar(item(r, list, i)));
    return above;
}

/* --- conditions ------------------------------------------------------------------------------------------
 */

/* Words and bars alone: "ICU|ED" is a list, everything else an expression. */
static bool is_list(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (strchr("\\^$.*+?()[]{}", value.ptr[i]) != NULL)
            return false;
    return value.len > 0;
}

struct field_of { /* a label, and the field that it is here */
    const char *label, *field;
    enum { AS_CODE, AS_PRIORITY, AS_PLACE } as;
};

static const struct field_of *field_of(struct slice label)
{
    static const struct field_of known[] = {
        { "alertname", "code", AS_CODE }, { "severity", "priority", AS_PRIORITY },
        { "unit", "unit", AS_PLACE },     { "ward", "unit", AS_PLACE },
        { "location", "unit", AS_PLACE }, { "bed", "bed", AS_PLACE },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_is(label, known[i].label))
            return &known[i];
    return NULL;
}

static const char *priority_of(struct slice severity)
{
    static const char *const words[][2] = { { "critical", "high" }, { "page", "high" },
                                            { "high", "high" },     { "warning", "medium" },
                                            { "medium", "medium" }, { "low", "low" },
                                            { "info", "info" } };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_is(severity, words[i][0]))
            return words[i][1];
    return NULL;
}

/* A code that rules can name needs a row in the catalogue: the sender's text is the alert's name. */
static struct slice code_of(struct import_draft *d, struct slice alertname)
{
    struct slice name = draft_word(d, alertname);
    struct slice row = arena_printf(d->arena, "%.*s,alarm,medium,,,,\"%.*s\",,\"%.*s\",no\n", SLICE_ARG(name),
                                    SLICE_ARG(alertname), SLICE_ARG(alertname));

    if (d->catalogue.len == 0 || memmem(d->catalogue.ptr, d->catalogue.len, row.ptr, row.len) == NULL)
        buf_put(&d->catalogue, row);
    return name;
}

static bool put_value(struct reading *r, struct buf *out, const struct field_of *f, struct slice value)
{
    const char *word = f->as == AS_PRIORITY ? priority_of(value) : NULL;

    if (f->as == AS_PLACE)
        draft_quoted(out, value);
    else if (f->as == AS_CODE && memchr(value.ptr, '"', value.len) == NULL)
        buf_put(out, code_of(r->d, value));
    else if (word != NULL)
        buf_text(out, word);
    else
        return false;
    return true;
}

/* " and unit in "ICU", "ED" if known"; false when it cannot be said. An absent label is the empty text there:
 * it fits no value, and every negation. */
static bool put_condition(struct reading *r, struct buf *out, const struct matcher *m)
{
    const struct field_of *f = field_of(m->label);
    bool many = m->regex && slice_find(m->value, '|') < m->value.len;

    if (f == NULL || m->value.len == 0 || (m->regex && !is_list(m->value)))
        return false;
    buf_printf(out, " and %s ", f->field);
    buf_text(out, many ? (m->negated ? "not in " : "in ") : m->negated ? "is not " : "is ");
    struct slice rest = m->value;
    for (bool first = true; first || rest.len > 0; first = false) {
        struct slice one = many ? slice_cut(&rest, '|') : rest;
        rest = many ? rest : (struct slice){ NULL, 0 };
        buf_text(out, first ? "" : ", ");
        if (one.len == 0 || !put_value(r, out, f, one))
            return false;
    }
    if (f->as == AS_PLACE)
        buf_text(out, m->negated ? " or missing" : " if known");
    return true;
}

/* Outermost first, as a person reads the tree. */
static size_t in_order(const struct matcher *m, const struct matcher **out, size_t room)
{
    size_t count = 0;

    for (const struct matcher *k = m; k != NULL && count < room; k = k->above)
        out[count++] = k;
    for (size_t i = 0; i < count / 2; i++) {
        const struct matcher *kept = out[i];
        out[i] = out[count - 1 - i];
        out[count - 1 - i] = kept;
    }
    return count;
}

/* --- rules -----------------------------------------------------------------------------------------------
 */

static struct slice label_text(struct import_draft *d, const struct matcher *const *list, size_t count)
{
    struct slice text = { NULL, 0 };

    for (size_t i = 0; i < count; i++)
        text = arena_printf(d->arena, "%.*s%s%.*s%s\"%.*s\"", SLICE_ARG(text), i > 0 ? ", " : "",
                            SLICE_ARG(list[i]->label),
                            list[i]->negated ? (list[i]->regex ? "!~" : "!=")
                            : list[i]->regex ? "=~"
                                             : "=",
                            SLICE_ARG(list[i]->value));
    return text;
}

/* "4h" and "30m" of Go; only what is one number and one unit. */
static bool put_duration(struct buf *out, struct slice go)
{
    char unit = go.len > 1 ? go.ptr[go.len - 1] : 0;
    uint32_t n;

    if (!slice_to_u32(slice_sub(go, 0, go.len > 0 ? go.len - 1 : 0), &n) || n == 0 ||
        strchr("smhd", unit) == NULL)
        return false;
    buf_printf(out, "%u%s", n, unit == 's' ? "s" : unit == 'm' ? "min" : unit == 'h' ? "h" : "d");
    return true;
}

static void put_rule(struct reading *r, struct buf *out, const struct place *p, struct slice name, bool copy,
                     struct slice condition, struct slice desk)
{
    struct buf every = buf_make(64);

    buf_printf(out, "%s %.*s", copy ? "copy" : "rule", SLICE_ARG(name));
    for (size_t i = 0; !copy && i < p->later; i++)
        buf_printf(out, "%s%.*s", i > 0 ? ", " : " overrides ", SLICE_ARG(r->made[p->later - 1 - i]));
    buf_text(out, " { title ");
    draft_quoted(out, name);
    buf_printf(out, "\n  mode draft\n  when alarm starts%.*s\n  notify desk %.*s\n", SLICE_ARG(condition),
               SLICE_ARG(desk));
    if (!copy && put_duration(&every, p->repeat_interval))
        buf_printf(out, "  repeat every %.*s max 10\n", SLICE_ARG(buf_slice(&every)));
    buf_text(out, "}\n\n");
    buf_free(&every);
}

static void put_text(struct reading *r, struct buf *text)
{
    if (r->text_count < sizeof r->text / sizeof *r->text)
        r->text[r->text_count++] = arena_copy(r->d->arena, buf_slice(text));
    buf_free(text);
}

static void leave(struct reading *r, const char *why, struct slice what)
{
    struct buf text = buf_make(IMPORT_BYTES);

    draft_comment(&text, why, what);
    buf_text(&text, "\n");
    put_text(r, &text);
    r->d->left++;
}

static bool conditions(struct reading *r, struct buf *out, const struct matcher *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!put_condition(r, out, list[i]))
            return false;
    return true;
}

static void draft_route(struct reading *r, const struct place *p, bool copy)
{
    const struct matcher *list[IMPORT_DEPTH * 4];
    size_t room = sizeof list / sizeof *list, count = in_order(p->matchers, list, room);
    struct buf condition = buf_make(65536), text = buf_make(IMPORT_BYTES);
    struct slice all = label_text(r->d, list, count), desk = draft_desk(r->d, p->receiver);

    if (count == 0) {
        leave(r,
              "for a person: the top of the tree is what takes everything; here: default { notify desk ... } "
              "with ",
              desk);
    } else if (count == room || !conditions(r, &condition, list, count)) {
        leave(r, "for a person: no field says this: ",
              arena_printf(r->d->arena, "%.*s -> desk %.*s", SLICE_ARG(all), SLICE_ARG(desk)));
    } else {
        struct slice name = draft_new_word(r->d, list[count - 1]->value);
        draft_comment(&text, "", all);
        put_rule(r, &text, p, name, copy, buf_slice(&condition), desk);
        put_text(r, &text);
        r->d->written++;
        if (!copy && r->made_count < IMPORT_NAMES)
            r->made[r->made_count++] = name;
    }
    buf_free(&condition);
    buf_free(&text);
}

static bool walk(struct reading *r, const yaml_node_t *route, const struct place *above)
{
    struct place p = *above;
    const yaml_node_t *routes = member(r, route, "routes");
    struct slice receiver = scalar(member(r, route, "receiver"));
    struct slice interval = scalar(member(r, route, "repeat_interval"));
    bool copy = slice_is(scalar(member(r, route, "continue")), "true");

    if (++p.depth > IMPORT_DEPTH || ++r->routes > IMPORT_NAMES)
        return error_set(r->err, ERROR_LIMIT, "import-depth: routes are nested too deep, or too many");
    p.matchers = read_matchers(r, above->matchers, route);
    p.receiver = receiver.len > 0 ? receiver : above->receiver;
    p.repeat_interval = interval.len > 0 ? interval : above->repeat_interval;
    p.later = r->made_count;
    if (copy && item_count(routes) > 0) {
        leave(r, "for a person: a route that continues, with routes under it: ", p.receiver);
        return true;
    }
    for (size_t i = item_count(routes); i-- > 0;)
        if (!walk(r, item(r, routes, i), &p))
            return false;
    draft_route(r, &p, copy);
    if (item_count(member(r, route, "mute_time_intervals")) > 0)
        leave(r, "for a person: this route is muted at times (a shift and `during` say when): ", p.receiver);
    return true;
}

static void leave_inhibitions(struct reading *r, const yaml_node_t *root)
{
    char text[64];
    size_t count = item_count(member(r, root, "inhibit_rules"));

    if (count == 0)
        return;
    snprintf(text, sizeof text, "%zu of inhibit_rules", count);
    leave(r, "for a person: `suppress while RULE open same FIELDS max DURATION` says when; ", slice_of(text));
}

static bool load(struct reading *r, struct slice yaml)
{
    yaml_parser_t parser;

    if (!yaml_parser_initialize(&parser))
        return error_set(r->err, ERROR_INTERNAL, "no memory");
    yaml_parser_set_input_string(&parser, (const unsigned char *)yaml.ptr, yaml.len);
    bool fine = yaml_parser_load(&parser, &r->doc);
    if (!fine) {
        r->err->line = (uint32_t)parser.problem_mark.line + 1;
        error_set(r->err, ERROR_SYNTAX, "line %u is no YAML", r->err->line);
    }
    yaml_parser_delete(&parser);
    return fine;
}

bool import_alertmanager(struct import_draft *d, struct slice yaml, struct error *err)
{
    if (yaml.len > IMPORT_BYTES)
        return error_set(err, ERROR_LIMIT, "import-bytes: larger than %d bytes", IMPORT_BYTES);
    struct reading *r = memory_new(sizeof *r);
    r->d = d;
    r->err = err;
    bool fine = load(r, yaml);
    if (fine) {
        const yaml_node_t *root = yaml_document_get_root_node(&r->doc), *route = member(r, root, "route");
        leave_inhibitions(r, root);
        fine = route != NULL || error_set(err, ERROR_MISSING, "there is no `route` in it");
        fine = fine && walk(r, route, &(struct place){ .receiver = SLICE("receiver") });
        buf_text(&d->rules, "\n");
        while (r->text_count > 0)
            buf_put(&d->rules, r->text[--r->text_count]);
        yaml_document_delete(&r->doc);
    }
    free(r);
    return fine;
}
