/* What the standard knows of a path (hl7/names.h). */
#include "hl7/names.h"
#include "hl7/path_parts.h"

#include <stdio.h>
#include <string.h>

static bool field_known(struct slice segment, uint32_t field, struct error *err)
{
    uint32_t size = hl7_segment_size(segment);

    /* Parameters of a query and columns of a row go on for as long as the query says. */
    bool is_open = slice_is(segment, "QPD") || slice_is(segment, "RDT");

    if (size == 0 || field <= size || is_open)
        return true;
    error_set(err, ERROR_UNKNOWN, "%.*s has no field %u", SLICE_ARG(segment), field);
    error_hint(err, "%.*s has fields 1 to %u", SLICE_ARG(segment), size);
    return false;
}

/* Types are read letter by letter: an EI, a PL. */
static const char *article(const char *type)
{
    return strchr("AEFHILMNORSX", type[0]) != NULL ? "an" : "a";
}

/* Part `n` of a value of `type`, which `where` is (for the error). A value of a primitive type is its own
 * first part; one of an unknown type, or of one that another field decides, may have any. */
static bool part_known(const char *where, const char *type, uint32_t n, const char *what, struct error *err)
{
    uint32_t parts = hl7_type_components(slice_of(type));

    if (n <= 1 || n <= parts || !hl7_type_known(slice_of(type)))
        return true;
    error_set(err, ERROR_UNKNOWN, "%s has no %s %u", where, what, n);
    if (parts == 0)
        error_hint(err, "%s is %s %s, which has no parts", where, article(type), type);
    else
        error_hint(err, "%s is %s %s with %ss 1 to %u", where, article(type), type, what, parts);
    return false;
}

/* The type of component n: a value of a primitive type is its own first component. */
static const char *part_type(const char *type, uint32_t n)
{
    if (n == 0 || (n == 1 && hl7_type_components(slice_of(type)) == 0))
        return type;
    return hl7_component_type(slice_of(type), n);
}

static bool place_known(struct slice segment, const struct path_place *p, struct error *err)
{
    const char *type = hl7_field_type(segment, p->field);
    char place[32];

    if (!field_known(segment, p->field, err))
        return false;
    snprintf(place, sizeof place, "%.*s-%u", SLICE_ARG(segment), p->field);
    if (!part_known(place, type, p->component, "component", err))
        return false;
    snprintf(place, sizeof place, "%.*s-%u.%u", SLICE_ARG(segment), p->field, p->component);
    return part_known(place, part_type(type, p->component), p->sub, "sub-component", err);
}

bool hl7_path_check(const struct hl7_path *path, struct error *err)
{
    for (size_t i = 0; i < path->step_count; i++) {
        const struct path_step *s = &path->steps[i];
        if (s->filtered && !place_known(s->segment, &s->filter, err))
            return false;
    }
    return place_known(path_last(path)->segment, &path->place, err);
}

const char *hl7_path_type(const struct hl7_path *path)
{
    const struct path_place *p = &path->place;
    const char *type = part_type(hl7_field_type(path_last(path)->segment, p->field), p->component);

    if (p->sub > 0)
        type = part_type(type, p->sub);
    return type[0] == '*' ? "" : type;
}
