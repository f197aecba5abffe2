#include "hl7/names.h"
#include "hl7/path_parts.h"

#include <stdio.h>

/* --- shared with the Terser's spelling -------------------------------------------------------------- */

bool path_fail(struct path_reading *r, const char *what, const char *hint)
{
    if (r->err != NULL && r->err->code == ERROR_NONE) {
        error_set(r->err, ERROR_SYNTAX, "%s", what);
        r->err->column = (uint32_t)r->at + 1;
        error_hint(r->err, "%s", hint);
    }
    return false;
}

char path_peek(const struct path_reading *r)
{
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

bool path_take(struct path_reading *r, char c)
{
    if (r->at >= r->text.len || r->text.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool path_number(struct path_reading *r, uint32_t least, const char *what, const char *hint, uint32_t *out)
{
    size_t digits = 0, from = r->at;

    while (from + digits < r->text.len && is_digit(r->text.ptr[from + digits]))
        digits++;
    if (digits == 0)
        return path_fail(r, what, hint);
    if (!slice_to_u32(slice_sub(r->text, from, digits), out) || *out >= INT32_MAX)
        return path_fail(r, "no message has so many", hint);
    if (*out < least)
        return path_fail(r, "numbers count from 1", hint);
    r->at += digits;
    return true;
}

bool path_segment(struct path_reading *r, const char *hint, struct slice *out)
{
    struct slice name = slice_sub(r->text, r->at, 3);

    if (!hl7_segment_named(name))
        return path_fail(r, "expected a segment name of three capitals", hint);
    *out = arena_copy(r->arena, name);
    r->at += 3;
    return true;
}

/* --- what people write instead ----------------------------------------------------------------------- */

static const char HOW[] = "written PID-3.1, PID-3[2].4.1, OBX[2]-5, OBX[@3.1='2823-3']-5 or OBR[2]->OBX[1]-5";
static const char FROM_ONE[] = "segments, fields, repetitions and components all count from 1: PID-3[1].1";
static const char QUOTES[] = "a filter is written OBX[@3.1='2823-3']; a quote in the text is doubled";
static const char TERSER[] = "( ) and counting from 0 are Terser's (--terser); here PID-3[1].4 or OBX[2]-5";

/* "pid-3": the same in capitals. */
static bool name_fault(struct path_reading *r)
{
    struct slice name = slice_sub(r->text, r->at, 3);
    char hint[80], upper[3];

    if (path_peek(r) == '/' || path_peek(r) == '.')
        return path_fail(
            r, "expected a segment name of three capitals",
            "a path with \"/\" or \".\" before the segment is Terser's (--terser); here OBX[2]-5");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    if (!hl7_segment_named((struct slice){ upper, name.len }))
        return path_fail(r, "expected a segment name of three capitals", HOW);
    snprintf(hint, sizeof hint, "segment names are written in capitals: %.3s", upper);
    return path_fail(r, "expected a segment name of three capitals", hint);
}

/* What stands where "-" and a field were expected. */
static bool field_fault(struct path_reading *r, struct slice segment)
{
    char hint[100];
    char c = path_peek(r);

    if (c == '(')
        return path_fail(r, "expected \"-\" and a field number", TERSER);
    if (c == '\0' || c == '.' || c == ' ' || c == '_' || c == ':' || is_digit(c)) {
        size_t digits = r->at + !is_digit(c), len = 0;
        while (digits + len < r->text.len && len < 4 && is_digit(r->text.ptr[digits + len]))
            len++;
        snprintf(hint, sizeof hint, "a field follows behind \"-\": %.*s-%.*s", SLICE_ARG(segment),
                 len > 0 ? (int)len : 1, len > 0 ? r->text.ptr + digits : "3");
        return path_fail(r, "expected \"-\" and a field number", hint);
    }
    return path_fail(r, "expected \"-\" and a field number", HOW);
}

/* What stands behind a complete path. */
static bool rest_fault(struct path_reading *r, const struct path_place *p)
{
    switch (path_peek(r)) {
    case '(':
        return path_fail(r, "unexpected text after the path", TERSER);
    case '-':
        if (r->at + 1 < r->text.len && r->text.ptr[r->at + 1] == '>')
            return path_fail(r, "a segment above another is named without a field",
                             "written OBR[2]->OBX[1]-5: only the last one has a field");
        return path_fail(r, "unexpected text after the path",
                         "components are written PID-3.1; PID-3-1 is Terser's (--terser)");
    case '.':
        return path_fail(r, "there is nothing below a sub-component",
                         "the deepest path is FIELD.COMPONENT.SUBCOMPONENT: PID-3.4.1");
    case '[':
        return path_fail(r, "unexpected text after the path",
                         p->component > 0 ? "fields repeat, components do not: PID-3[2].1"
                                          : "one number for the repetition: PID-3[2]");
    default:
        return path_fail(r, "unexpected text after the path", HOW);
    }
}

/* --- the grammar --------------------------------------------------------------------------------------- */

/* A number from 1, or "*". */
static bool which_read(struct path_reading *r, const char *what, uint32_t *out)
{
    if (path_take(r, '*')) {
        *out = PATH_EVERY;
        return true;
    }
    return path_number(r, 1, what, FROM_ONE, out);
}

static bool component_read(struct path_reading *r, const char *what, uint32_t *out)
{
    if (path_peek(r) == '*' || path_peek(r) == '[')
        return path_fail(r, what, "[*] is for segments and repetitions: OBX[*]-5, PID-3[*].1");
    return path_number(r, 1, what, FROM_ONE, out);
}

static bool place_read(struct path_reading *r, struct path_place *p)
{
    *p = (struct path_place){ .repetition = 1 };
    if (!path_number(r, 1, "expected a field number", FROM_ONE, &p->field))
        return false;
    if (path_take(r, '[')) {
        if (!which_read(r, "expected a repetition number or *", &p->repetition))
            return false;
        if (!path_take(r, ']'))
            return path_fail(r, "expected \"]\" after the repetition", "written PID-3[2].1");
    }
    if (path_take(r, '.') && !component_read(r, "expected a component number", &p->component))
        return false;
    return p->component == 0 || !path_take(r, '.') ||
           component_read(r, "expected a sub-component number", &p->sub);
}

/* 'text', in which a quote is doubled. */
static bool quoted_read(struct path_reading *r, struct slice *out)
{
    char *text = arena_alloc(r->arena, r->text.len + 1);
    size_t len = 0;

    if (!path_take(r, '\''))
        return path_fail(r, "expected a text in single quotes", QUOTES);
    while (r->at < r->text.len) {
        char c = r->text.ptr[r->at++];
        if (c == '\'' && !path_take(r, '\'')) {
            *out = (struct slice){ text, len };
            return true;
        }
        text[len++] = c;
    }
    return path_fail(r, "the quoted text has no end", QUOTES);
}

static bool selector_read(struct path_reading *r, struct path_step *s)
{
    if (path_take(r, '@')) {
        s->filtered = true;
        if (!place_read(r, &s->filter))
            return false;
        if (!path_take(r, '='))
            return path_fail(r, "expected \"=\" in the filter", QUOTES);
        if (!quoted_read(r, &s->filter_text))
            return false;
    } else if (!which_read(r, "expected an occurrence number, * or a filter", &s->occurrence)) {
        return false;
    }
    return path_take(r, ']') || path_fail(r, "expected \"]\"", HOW);
}

static bool step_read(struct path_reading *r, struct path_step *s)
{
    size_t from = r->at;
    struct error none = { .code = ERROR_NONE }, *err = r->err;

    r->err = &none;
    bool ok = path_segment(r, HOW, &s->segment);
    r->err = err;
    if (!ok) {
        r->at = from;
        return name_fault(r);
    }
    return !path_take(r, '[') || selector_read(r, s);
}

static bool path_read(struct path_reading *r, struct hl7_path *p)
{
    for (;;) {
        if (p->step_count == PATH_STEPS)
            return path_fail(r, "too many segments above one another", HOW);
        struct path_step *s = &p->steps[p->step_count++];
        if (!step_read(r, s))
            return false;
        if (!path_take(r, '-'))
            return field_fault(r, s->segment);
        if (!path_take(r, '>'))
            break;
    }
    if (!place_read(r, &p->place))
        return false;
    return r->at == r->text.len || rest_fault(r, &p->place);
}

struct hl7_path *path_compile(struct arena *arena, struct slice text, const char *hint,
                              bool (*read)(struct path_reading *r, struct hl7_path *p), struct error *err)
{
    struct path_reading r = { arena, text, 0, err };

    if (text.len > PATH_BYTES) {
        path_fail(&r, "the path is longer than 4096 bytes", hint);
        return NULL;
    }
    struct hl7_path *p = arena_alloc(arena, sizeof *p);
    p->text = arena_copy(arena, text);
    return read(&r, p) ? p : NULL;
}

struct hl7_path *hl7_path_compile(struct arena *arena, struct slice text, struct error *err)
{
    return path_compile(arena, text, HOW, path_read, err);
}
