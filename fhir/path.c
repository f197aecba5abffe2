#include "fhir/path.h"

#include <string.h>

#include "base/limits.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool wrong(struct error *err, size_t at, const char *what)
{
    error_set(err, ERROR_SYNTAX, "fhir path: %s", what);
    if (err != NULL && err->column == 0)
        err->column = (uint32_t)at + 1;
    return false;
}

/* name: letters and digits, one leading '_' for the sibling of a primitive. */
static size_t name_length(struct slice s, size_t at)
{
    size_t i = at;
    if (i < s.len && s.ptr[i] == '_')
        i++;
    if (i >= s.len || !is_letter(s.ptr[i]))
        return 0;
    while (i < s.len && (is_letter(s.ptr[i]) || is_digit(s.ptr[i])))
        i++;
    return i - at;
}

static bool index_parse(struct slice text, size_t *at, uint32_t *index, struct error *err)
{
    size_t from = *at + 1, to = from;
    while (to < text.len && is_digit(text.ptr[to]))
        to++;
    if (to >= text.len || text.ptr[to] != ']')
        return wrong(err, *at, "'[' wants a number and ']'");
    if (!slice_to_u32(slice_sub(text, from, to - from), index) || *index >= LIMIT_FHIR_NODES)
        return wrong(err, from, "the number in '[ ]' is missing or too large");
    *at = to + 1;
    return true;
}

bool fhir_path_compile(struct slice text, struct fhir_path *out, struct error *err)
{
    struct fhir_path p = { .steps = 0 };
    if (text.len >= FHIR_PATH_TEXT)
        return wrong(err, FHIR_PATH_TEXT, "longer than 199 characters");
    if (text.len == 0 || !(text.ptr[0] >= 'A' && text.ptr[0] <= 'Z'))
        return wrong(err, 0, "begins with a resource type, as in \"Observation.code\"");
    memcpy(p.text, text.ptr, text.len);
    for (size_t at = 0; at < text.len || p.steps == 0;) {
        size_t len = name_length(text, at);
        if (len == 0)
            return wrong(err, at, "an element name is expected here");
        if (p.steps == FHIR_PATH_STEPS)
            return wrong(err, at, "more than 16 steps");
        p.step[p.steps].at = (uint16_t)at;
        p.step[p.steps].len = (uint16_t)len;
        p.step[p.steps].index = FHIR_PATH_EACH;
        at += len;
        if (at < text.len && text.ptr[at] == '[') {
            if (p.steps == 0)
                return wrong(err, at, "the resource type takes no index");
            if (!index_parse(text, &at, &p.step[p.steps].index, err))
                return false;
        }
        p.steps++;
        if (at < text.len && text.ptr[at] != '.')
            return wrong(err, at, "'.' or the end is expected here");
        if (at < text.len && ++at == text.len)
            return wrong(err, at, "ends with '.'");
    }
    if (p.steps < 2)
        return wrong(err, text.len, "names no element of the resource");
    *out = p;
    return true;
}

struct hunt {
    const struct fhir_path *path;
    const struct fhir_tree *tree;
    uint32_t found, count;
};

static void hunt_items(struct hunt *h, uint16_t step, uint32_t value);

/* Recursion is bounded by FHIR_PATH_STEPS; it ends at the second match. */
static void hunt_step(struct hunt *h, uint16_t step, uint32_t node)
{
    if (step == h->path->steps) {
        if (h->count++ == 0)
            h->found = node;
        return;
    }
    struct slice name = { h->path->text + h->path->step[step].at, h->path->step[step].len };
    if (fhir_kind(h->tree, node) != FHIR_OBJECT)
        return;
    for (uint32_t c = fhir_first(h->tree, node); c != FHIR_NONE && h->count < 2; c = fhir_next(h->tree, c))
        if (slice_eq(fhir_name(h->tree, c), name))
            hunt_items(h, step, c);
}

static void hunt_items(struct hunt *h, uint16_t step, uint32_t value)
{
    uint32_t wanted = h->path->step[step].index;
    if (wanted != FHIR_PATH_EACH || fhir_kind(h->tree, value) != FHIR_ARRAY) {
        uint32_t item = fhir_item(h->tree, value, wanted == FHIR_PATH_EACH ? 0 : wanted);
        if (item != FHIR_NONE && fhir_kind(h->tree, item) != FHIR_NULL)
            hunt_step(h, (uint16_t)(step + 1), item);
        return;
    }
    for (uint32_t c = fhir_first(h->tree, value); c != FHIR_NONE && h->count < 2; c = fhir_next(h->tree, c))
        if (fhir_kind(h->tree, c) != FHIR_NULL)
            hunt_step(h, (uint16_t)(step + 1), c);
}

enum fhir_match fhir_path_get(const struct fhir_path *p, const struct fhir_tree *t, uint32_t resource,
                              uint32_t *out)
{
    struct hunt h = { p, t, FHIR_NONE, 0 };
    struct slice type = { p->text + p->step[0].at, p->step[0].len };
    *out = FHIR_NONE;
    if (p->steps < 2 || !slice_eq(fhir_type(t, resource), type))
        return FHIR_MATCH_NONE;
    hunt_step(&h, 1, resource);
    *out = h.found;
    return h.count == 0 ? FHIR_MATCH_NONE : h.count == 1 ? FHIR_MATCH_ONE : FHIR_MATCH_MANY;
}
