#include "fhir/elements.h"

static const char *elements_of(struct slice type)
{
    for (const struct fhir_type *t = fhir_types; t->name != NULL; t++)
        if (slice_is(type, t->name))
            return t->elements;
    return NULL;
}

bool fhir_type_known(struct slice type)
{
    return elements_of(type) != NULL;
}

static struct slice word_at(const char *at)
{
    size_t len = 0;

    while (at[len] != '\0' && at[len] != ' ')
        len++;
    return (struct slice){ at, len };
}

bool fhir_element_next(struct slice type, const char **at, struct fhir_element *out)
{
    if (*at == NULL)
        *at = elements_of(type);
    if (*at == NULL || **at == '\0')
        return false;
    struct slice rest = word_at(*at);
    *at += rest.len + (rest.ptr[rest.len] == ' ');
    out->name = slice_cut(&rest, ':');
    out->repeats = slice_ends(rest, SLICE("*"));
    out->type = slice_sub(rest, 0, rest.len - out->repeats);
    return true;
}

bool fhir_is_resource(struct slice name)
{
    const char *at = NULL;
    struct fhir_element e;

    while (fhir_element_next(SLICE("*"), &at, &e))
        if (slice_eq(e.name, name))
            return true;
    return false;
}
