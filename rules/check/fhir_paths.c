#include "rules/check/fhir_paths.h"

#include "fhir/elements.h"

enum { NAMES_MAX = 160 };

static struct slice step_name(const struct fhir_path *p, unsigned step)
{
    return (struct slice){ p->text + p->step[step].at, p->step[step].len };
}

static struct span step_span(const struct ast_node *n, const struct fhir_path *p, unsigned step)
{
    struct span at = n->at;

    at.column += 1 + (uint32_t)p->step[step].at;
    at.length = p->step[step].len;
    return at;
}

static size_t names_of(struct slice type, struct slice *out)
{
    const char *at = NULL;
    struct fhir_element e;
    size_t count = 0;

    while (count < NAMES_MAX && fhir_element_next(type, &at, &e))
        out[count++] = e.name;
    return count;
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* "value" where R4 has value[x]: valueQuantity, valueString ... */
static bool is_choice(const struct slice *names, size_t count, struct slice stem, struct buf *out)
{
    for (size_t i = 0; i < count && out->len < 200; i++)
        if (slice_starts(names[i], stem) && names[i].len > stem.len && is_capital(names[i].ptr[stem.len]))
            buf_printf(out, "%s%.*s", out->len > 0 ? ", " : "", SLICE_ARG(names[i]));
    return out->len > 0;
}

static bool no_such(struct checker *c, struct span at, struct slice type, struct slice name)
{
    struct slice names[NAMES_MAX];
    size_t count = names_of(type, names);
    struct buf choice = buf_make(1024);
    bool resources = slice_is(type, "*"), one_of = !resources && is_choice(names, count, name, &choice);
    struct slice near = diagnose_nearest(name, names, count);

    if (resources ? CHECK_ERROR(c, E_PATH, at, "FHIR R4 has no resource \"%.*s\"", SLICE_ARG(name))
                  : CHECK_ERROR(c, E_PATH, at, "%.*s has no element \"%.*s\" in FHIR R4", SLICE_ARG(type),
                                SLICE_ARG(name))) {
        if (one_of)
            diagnose_hint(c->d, "a choice is written with its type: %.*s", SLICE_ARG(buf_slice(&choice)));
        else if (near.len > 0)
            diagnose_hint(c->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    }
    buf_free(&choice);
    return false;
}

static bool element_named(struct slice type, struct slice name, struct fhir_element *out)
{
    const char *at = NULL;

    while (fhir_element_next(type, &at, out))
        if (slice_eq(out->name, name))
            return true;
    return false;
}

static bool holds_no_value(struct checker *c, struct span at, struct slice name, struct slice type)
{
    struct slice names[NAMES_MAX];
    size_t count = names_of(type, names);
    struct buf all = buf_make(1024);

    for (size_t i = 0; i < count; i++)
        if (!slice_is(names[i], "id") && !slice_is(names[i], "extension") && all.len < 200)
            buf_printf(&all, " %.*s", SLICE_ARG(names[i]));
    if (CHECK_ERROR(c, E_PATH, at, "\"%.*s\" holds no value itself: it is a %.*s", SLICE_ARG(name),
                    SLICE_ARG(type)))
        diagnose_hint(c->d, "go on to one of:%.*s", SLICE_ARG(buf_slice(&all)));
    buf_free(&all);
    return false;
}

static bool below_value(struct checker *c, struct span at, struct slice name)
{
    if (CHECK_ERROR(c, E_PATH, at, "nothing stands below \"%.*s\": it is a value itself", SLICE_ARG(name)))
        diagnose_hint(c->d, "end the path there");
    return false;
}

bool check_fhir_path(struct checker *c, const struct ast_node *n, const struct fhir_path *p)
{
    struct slice type = step_name(p, 0);
    struct fhir_element e = { .repeats = false };

    if (!fhir_is_resource(type))
        return no_such(c, step_span(n, p, 0), SLICE("*"), type);
    for (unsigned i = 1; i < p->steps; i++) {
        struct slice name = step_name(p, i);
        if (name.ptr[0] == '_' || !fhir_type_known(type) || slice_is(name, "extension"))
            return true; /* not judged */
        if (slice_is(name, "resourceType") && i == 1)
            return i + 1 == p->steps;
        if (!element_named(type, name, &e))
            return no_such(c, step_span(n, p, i), type, name);
        if (slice_is(e.type, ".") && i + 1 < p->steps)
            return below_value(c, step_span(n, p, i + 1), name);
        type = e.type;
    }
    if (p->steps > 1 && !slice_is(type, ".") && fhir_type_known(type))
        return holds_no_value(c, step_span(n, p, p->steps - 1), step_name(p, p->steps - 1), type);
    return true;
}
