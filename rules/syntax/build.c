#include "rules/syntax/build.h"

#include "base/time.h"
#include "base/utf8.h"

#include <string.h>

struct ast_node *bell_node(struct bell_parser *p, enum ast_kind kind, struct span at, struct bell_word word)
{
    struct ast_node *n = arena_alloc(p->arena, sizeof *n);

    *n = (struct ast_node){ .kind = kind, .at = at, .text = word.text, .number = word.number };
    return n;
}

struct ast_node *bell_parent(struct bell_parser *p, enum ast_kind kind, struct span at, struct bell_word word,
                             struct bell_list children)
{
    struct ast_node *n = bell_node(p, kind, at, word);

    n->child = children.first;
    return n;
}

void bell_add(struct ast_node *parent, struct ast_node *child)
{
    struct ast_node **link = &parent->child;

    while (*link != NULL)
        link = &(*link)->next;
    *link = child;
}

struct bell_list bell_append(struct bell_list list, struct ast_node *node)
{
    return bell_join(list, (struct bell_list){ node, node });
}

struct bell_list bell_join(struct bell_list a, struct bell_list b)
{
    if (a.first == NULL || b.first == NULL)
        return a.first == NULL ? b : a;
    a.last->next = b.first;
    return (struct bell_list){ a.first, b.last };
}

/* A span stays on one line: what goes on below is left out. */
struct span bell_span(struct span first, struct span last)
{
    if (first.line == last.line && last.column + last.length > first.column)
        first.length = last.column + last.length - first.column;
    return first;
}

void bell_keep(struct bell_parser *p, enum token_class class, struct slice raw, struct span at)
{
    struct token_list *list = p->tokens;

    if (list == NULL)
        return;
    if (list->count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : 64;
        struct token *more = arena_array(p->arena, room, sizeof *more);
        if (list->count > 0)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
        list->room = room;
    }
    list->items[list->count++] = (struct token){ class, raw, at };
}

struct ast_node *bell_datetime(struct bell_parser *p, struct span at, struct bell_token date,
                               struct bell_token time)
{
    struct ast_node *d = bell_node(p, AST_DATE, date.at, date.word);
    struct ast_node *t = bell_node(p, AST_TIME, time.at, time.word);
    struct ast_node *n = bell_node(p, AST_DATETIME, at, (struct bell_word){ { 0, 0 }, 0 });
    int64_t day = d->number;
    struct civil c = { .year = (int32_t)(day / 10000),
                       .month = (uint8_t)(day / 100 % 100),
                       .day = (uint8_t)(day % 100) };

    n->number = day > 0 ? time_from_civil(c) + t->number * TIME_MIN : 0;
    n->child = d;
    d->next = t;
    return n;
}

struct bell_word bell_dotted(struct bell_parser *p, struct bell_word a, struct bell_word b)
{
    const char *between = a.text.len > 0 ? "." : "-"; /* a.b, or the sign before a number */
    struct slice text = arena_printf(p->arena, "%.*s%s%.*s", SLICE_ARG(a.text), between, SLICE_ARG(b.text));

    return (struct bell_word){ text, 0 };
}

/* UCUM units of letters only (UCUM table 3 and common prefixes); the others show themselves by a sign. */
bool bell_is_unit(struct slice word)
{
    static const char *const units[] = {
        "A",   "Bq",   "Cel", "Eq",   "F",    "Hz",   "IU",   "J",    "K",   "L",  "N",   "Ohm",
        "Pa",  "U",    "V",   "W",    "a",    "bpm",  "brpm", "cL",   "cm",  "d",  "dB",  "dL",
        "deg", "degF", "fL",  "fmol", "g",    "h",    "hPa",  "kBq",  "kHz", "kN", "kPa", "kcal",
        "kg",  "km",   "l",   "lm",   "lx",   "m",    "mA",   "mEq",  "mL",  "mU", "mV",  "mbar",
        "mg",  "min",  "mm",  "mmHg", "mmol", "mo",   "mol",  "mosm", "ms",  "nL", "ng",  "nkat",
        "nm",  "nmol", "osm", "pH",   "pg",   "pmol", "ppm",  "rad",  "rpm", "s",  "uA",  "uL",
        "uU",  "uV",   "ug",  "ukat", "um",   "umol", "us",   "wk",
    };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (slice_is(word, units[i]))
            return true;
    return false;
}

static char unescaped(char c)
{
    return c == 'n' ? '\n' : c;
}

struct slice bell_string(struct bell_parser *p, struct slice raw, struct span at)
{
    struct slice inside = slice_sub(raw, 1, raw.len - 2);
    size_t len = 0;

    if (!utf8_valid(inside) || slice_find(inside, '\0') < inside.len) {
        bell_foreign_text(p->d, at, inside);
        return slice_sub(inside, 0, 0);
    }
    if (slice_find(inside, '\\') == inside.len)
        return inside;
    char *text = arena_text(p->arena, inside);
    for (size_t i = 0; i < inside.len; i++) {
        if (inside.ptr[i] != '\\') {
            text[len++] = inside.ptr[i];
            continue;
        }
        char c = inside.ptr[++i]; /* the lexer never ends a text after a backslash */
        if (c != 'n' && c != '"' && c != '\\')
            diagnose(p->d, SEVERITY_ERROR, 104,
                     (struct span){ at.file, at.line, at.column + 1 + (uint32_t)i - 1, 2 },
                     "a backslash may stand before \", \\ and n only");
        text[len++] = unescaped(c);
    }
    text[len] = '\0';
    return (struct slice){ text, len };
}

static int64_t out_of_range(struct bell_parser *p, struct span at, const char *what)
{
    diagnose(p->d, SEVERITY_ERROR, 106, at, "%s", what);
    return 0;
}

int64_t bell_whole(struct bell_parser *p, struct slice raw, struct span at)
{
    int64_t n;

    if (!slice_to_i64(raw, &n))
        return out_of_range(p, at, "this number is too large");
    return n;
}

int64_t bell_duration(struct bell_parser *p, struct slice raw, struct span at)
{
    size_t digits = 0;
    int64_t n, unit;

    while (raw.ptr[digits] >= '0' && raw.ptr[digits] <= '9')
        digits++;
    switch (raw.ptr[digits]) {
    case 's':
        unit = TIME_S;
        break;
    case 'm':
        unit = TIME_MIN;
        break;
    case 'h':
        unit = TIME_HOUR;
        break;
    default:
        unit = TIME_DAY;
        break;
    }
    if (!slice_to_i64(slice_sub(raw, 0, digits), &n) || n > 3660 * TIME_DAY / unit)
        return out_of_range(p, at, "a duration is at most ten years");
    return n * unit;
}

int64_t bell_time(struct bell_parser *p, struct slice raw, struct span at)
{
    struct slice rest = raw, hours = slice_cut(&rest, ':');
    int64_t h, m;

    if (!slice_to_i64(hours, &h) || !slice_to_i64(rest, &m) || h > 24 || m > 59 || (h == 24 && m > 0))
        return out_of_range(p, at, "a time is 00:00 to 24:00");
    return h * 60 + m;
}

int64_t bell_date(struct bell_parser *p, struct slice raw, struct span at)
{
    int64_t y, m, d;
    struct civil c;

    if (!slice_to_i64(slice_sub(raw, 0, 4), &y) || !slice_to_i64(slice_sub(raw, 5, 2), &m) ||
        !slice_to_i64(slice_sub(raw, 8, 2), &d))
        return out_of_range(p, at, "this date does not exist");
    c = (struct civil){ .year = (int32_t)y, .month = (uint8_t)m, .day = (uint8_t)d };
    if (y < 1900 || !civil_valid(c))
        return out_of_range(p, at, "this date does not exist");
    return y * 10000 + m * 100 + d;
}
