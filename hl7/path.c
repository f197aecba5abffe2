#include "hl7/path.h"

#include "hl7/names.h"

/* field[repetition].component.sub; 0 where not said. */
struct place {
    uint32_t field, repetition, component, sub;
};

struct hl7_path {
    struct slice segment;
    struct place place;
    size_t occurrence; /* 0: none given */
    bool filtered;     /* OBX[@3.1='...'] */
    struct place filter;
    struct slice filter_text; /* quotes already undoubled */
};

/* --- compiling ------------------------------------------------------------------------------------ */

struct reading {
    struct arena *arena;
    struct slice text;
    size_t at;
    struct error *err;
};

static const char HOW[] = "written PID-3.1, PID-3[2].4.1, OBX[2]-5 or OBX[@3.1='2823-3']-5";

static bool fail(struct reading *r, const char *what)
{
    if (r->err != NULL && r->err->code == ERROR_NONE) {
        error_set(r->err, ERROR_SYNTAX, "%s", what);
        r->err->column = (uint32_t)r->at + 1;
        error_hint(r->err, "%s", HOW);
    }
    return false;
}

static bool take(struct reading *r, char c)
{
    if (r->at >= r->text.len || r->text.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

static bool number_read(struct reading *r, const char *what, uint32_t *out)
{
    size_t digits = 0, from = r->at;

    while (from + digits < r->text.len && r->text.ptr[from + digits] >= '0' &&
           r->text.ptr[from + digits] <= '9')
        digits++;
    if (digits == 0)
        return fail(r, what);
    if (!slice_to_u32(slice_sub(r->text, from, digits), out) || *out == 0 || *out > INT32_MAX)
        return fail(r, "numbers count from 1");
    r->at += digits;
    return true;
}

static bool place_read(struct reading *r, struct place *p)
{
    *p = (struct place){ .repetition = 1 };
    if (!number_read(r, "expected a field number", &p->field))
        return false;
    if (take(r, '[')) {
        if (!number_read(r, "expected a repetition number", &p->repetition))
            return false;
        if (!take(r, ']'))
            return fail(r, "expected \"]\" after the repetition");
    }
    if (take(r, '.') && !number_read(r, "expected a component number", &p->component))
        return false;
    return p->component == 0 || !take(r, '.') || number_read(r, "expected a sub-component number", &p->sub);
}

/* 'text', in which a quote is doubled. */
static bool quoted_read(struct reading *r, struct slice *out)
{
    char *text = arena_alloc(r->arena, r->text.len + 1);
    size_t len = 0;

    if (!take(r, '\''))
        return fail(r, "expected a text in single quotes");
    while (r->at < r->text.len) {
        char c = r->text.ptr[r->at++];
        if (c == '\'' && !take(r, '\'')) {
            *out = (struct slice){ text, len };
            return true;
        }
        text[len++] = c;
    }
    return fail(r, "the quoted text has no end");
}

static bool selector_read(struct reading *r, struct hl7_path *p)
{
    uint32_t n;

    if (take(r, '@')) {
        p->filtered = true;
        if (!place_read(r, &p->filter))
            return false;
        if (!take(r, '='))
            return fail(r, "expected \"=\" in the filter");
        if (!quoted_read(r, &p->filter_text))
            return false;
    } else {
        if (!number_read(r, "expected an occurrence number or a filter", &n))
            return false;
        p->occurrence = n;
    }
    return take(r, ']') || fail(r, "expected \"]\"");
}

static bool segment_read(struct reading *r, struct slice *out)
{
    struct slice name = slice_sub(r->text, 0, 3);
    bool ok = name.len == 3;

    for (size_t i = 0; ok && i < 3; i++)
        ok =
            (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') || (i > 0 && name.ptr[i] >= '0' && name.ptr[i] <= '9');
    if (!ok)
        return fail(r, "expected a segment name of three capitals");
    *out = arena_copy(r->arena, name);
    r->at = 3;
    return true;
}

static bool path_read(struct reading *r, struct hl7_path *p)
{
    if (!segment_read(r, &p->segment) || (take(r, '[') && !selector_read(r, p)))
        return false;
    if (!take(r, '-'))
        return fail(r, "expected \"-\" and a field number");
    if (!place_read(r, &p->place))
        return false;
    return r->at == r->text.len || fail(r, "unexpected text after the path");
}

struct hl7_path *hl7_path_compile(struct arena *arena, struct slice text, struct error *err)
{
    struct hl7_path *p = arena_alloc(arena, sizeof *p);
    struct reading r = { arena, text, 0, err };

    return path_read(&r, p) ? p : NULL;
}

static bool place_check(struct slice segment, uint32_t field, struct error *err)
{
    uint32_t size = hl7_segment_size(segment);

    if (size == 0 || field <= size)
        return true;
    error_set(err, ERROR_UNKNOWN, "%.*s has no field %u", SLICE_ARG(segment), field);
    error_hint(err, "%.*s has fields 1 to %u", SLICE_ARG(segment), size);
    return false;
}

bool hl7_path_check(const struct hl7_path *path, struct error *err)
{
    return place_check(path->segment, path->place.field, err) &&
           (!path->filtered || place_check(path->segment, path->filter.field, err));
}

struct slice hl7_path_segment(const struct hl7_path *path)
{
    return path->segment;
}

uint32_t hl7_path_field(const struct hl7_path *path)
{
    return path->place.field;
}

bool hl7_path_is_selected(const struct hl7_path *path)
{
    return path->occurrence > 0 || path->filtered;
}

bool hl7_path_is_occurrence(const struct hl7_path *path)
{
    return path->occurrence > 0;
}

/* --- looking up ----------------------------------------------------------------------------------- */

static bool filter_holds(const struct hl7_path *p, const struct hl7_message *m, size_t segment)
{
    struct slice raw;

    if (!p->filtered)
        return true;
    if (hl7_get(m, segment, p->filter.field, p->filter.repetition, p->filter.component, p->filter.sub,
                &raw) != HL7_VALUE)
        return false;
    return slice_eq(raw, p->filter_text) || slice_eq(hl7_text(m, hl7_message_arena(m), raw), p->filter_text);
}

/* The first matching segment at or after `from`, or HL7_NONE. */
static size_t match_next(const struct hl7_path *p, const struct hl7_message *m, size_t from)
{
    size_t at = hl7_segment_next(m, p->segment, from);

    while (at != HL7_NONE && !filter_holds(p, m, at))
        at = hl7_segment_next(m, p->segment, at + 1);
    return at;
}

enum hl7_presence hl7_path_get(const struct hl7_path *path, const struct hl7_message *m, size_t base_segment,
                               struct slice *raw, bool *many)
{
    const struct place *at = &path->place;
    bool is_own = !hl7_path_is_selected(path) && base_segment != HL7_NONE &&
                  slice_eq(hl7_segment_name(m, base_segment), path->segment);
    size_t segment = is_own                 ? base_segment
                     : path->occurrence > 0 ? hl7_segment_find(m, path->segment, path->occurrence)
                                            : match_next(path, m, 0);

    if (many != NULL)
        *many = !is_own && path->occurrence == 0 && segment != HL7_NONE &&
                match_next(path, m, segment + 1) != HL7_NONE;
    return hl7_get(m, segment, at->field, at->repetition, at->component, at->sub, raw);
}
