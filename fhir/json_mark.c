#include "fhir/json_mark.h"

#include <string.h>

#include "base/limits.h"
#include "fhir/tree_layout.h"

/* Walks the original; tells how much each piece grows. One piece: a string's opening quote, a number, a
 * bracket, or any other byte. The inside of a string is passed over by itself. */
struct scan {
    struct slice text;
    size_t at;
    bool in_string;
};

struct piece {
    size_t from, len;
    bool number, opening; /* a well-formed number; the quote that opens a string */
};

static size_t number_run(struct slice s, size_t at)
{
    size_t i = at;
    while (i < s.len && s.ptr[i] != '\0' && strchr("0123456789+-.eE", s.ptr[i]) != NULL)
        i++;
    return i - at;
}

static size_t string_run(struct slice s, size_t at)
{
    size_t i = at;
    while (i < s.len && s.ptr[i] != '"')
        i += s.ptr[i] == '\\' && i + 1 < s.len ? 2 : 1;
    return i < s.len ? i + 1 - at : s.len - at;
}

static bool piece_next(struct scan *sc, struct piece *p)
{
    if (sc->at >= sc->text.len)
        return false;
    char c = sc->text.ptr[sc->at];
    *p = (struct piece){ .from = sc->at, .len = 1 };
    if (sc->in_string) {
        p->len = string_run(sc->text, sc->at);
        sc->in_string = false;
    } else if (c == '"') {
        p->opening = sc->in_string = true;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        p->len = number_run(sc->text, sc->at);
        p->number = tree_is_number(slice_sub(sc->text, p->from, p->len));
    }
    sc->at += p->len;
    return true;
}

static void place_of(struct slice text, size_t at, uint32_t *line, uint32_t *column)
{
    *line = 1;
    size_t start = 0;
    for (size_t i = 0; i < at && i < text.len; i++)
        if (text.ptr[i] == '\n') {
            (*line)++;
            start = i + 1;
        }
    *column = (uint32_t)((at < text.len ? at : text.len) - start) + 1;
}

static bool too_much(struct error *err, struct slice text, size_t at, const char *name, int limit)
{
    error_set(err, ERROR_LIMIT, "%s: more than %d", name, limit);
    if (err != NULL)
        place_of(text, at, &err->line, &err->column);
    return false;
}

bool json_mark(struct slice text, struct buf *out, struct error *err)
{
    struct scan sc = { text, 0, false };
    struct piece p;
    int depth = 0, values = 1; /* each container that is not empty has a value more than commas */
    while (piece_next(&sc, &p)) {
        char c = p.number || p.len != 1 ? '\0' : text.ptr[p.from];
        if (p.number)
            buf_text(out, "\"n");
        buf_put(out, slice_sub(text, p.from, p.len));
        if (p.number)
            buf_u8(out, '"');
        if (p.opening)
            buf_u8(out, 's');
        if (c == '[' || c == '{')
            depth++;
        if ((c == ']' || c == '}') && depth > 0)
            depth--;
        if (c == '[' || c == '{' || c == ',')
            values++;
        if (depth > LIMIT_FHIR_DEPTH)
            return too_much(err, text, p.from, "fhir-depth", LIMIT_FHIR_DEPTH);
        if (values > LIMIT_FHIR_NODES + 1)
            return too_much(err, text, p.from, "fhir-nodes", LIMIT_FHIR_NODES);
    }
    return !out->failed || error_set(err, ERROR_LIMIT, "message-bytes: the body is too large");
}

void json_mark_place(struct slice original, size_t at, uint32_t *line, uint32_t *column)
{
    struct scan sc = { original, 0, false };
    struct piece p;
    size_t marked = 0;
    while (piece_next(&sc, &p)) {
        size_t len = p.len + (p.number ? 3 : 0) + (p.opening ? 1 : 0);
        if (at < marked + len) {
            size_t into = at - marked;
            place_of(original, p.from + (p.number || into >= p.len ? 0 : into), line, column);
            return;
        }
        marked += len;
    }
    place_of(original, original.len, line, column);
}
