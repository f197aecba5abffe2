/* rules/check/raw_types.c - can a raw value be what `as number` or `as date` takes it for? The standard's
 * data types say so (hl7/names.h). Senders stray, so that this warns and only where no sender's value could
 * fit. */
#include "hl7/names.h"
#include "hl7/path.h"
#include "rules/check/check.h"

static bool is_one_of(const char *type, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(slice_of(type), list[i]))
            return true;
    return false;
}

/* A composite value that is sent without its parts is its own first part. */
static const char *first_primitive(const char *type)
{
    for (int depth = 0; depth < 8 && hl7_type_components(slice_of(type)) > 0; depth++)
        type = hl7_component_type(slice_of(type), 1);
    return type;
}

static bool could_be(const char *type, enum raw_type wanted)
{
    static const char *const DATES[] = { "DT", "DTM" }, *const TIMES[] = { "DT", "DTM", "TM" },
                             *const NUMBERS[] = { "NM", "SI" }, *const CODES[] = { "ID", "IS" };
    const char *first = first_primitive(type);
    bool is_composite = hl7_type_components(slice_of(type)) > 0;

    if (type[0] == '\0' || first[0] == '\0' || first[0] == '*')
        return true;
    if (wanted == RAW_NUMBER)
        return !is_one_of(first, TIMES, 3) && (!is_composite || is_one_of(first, NUMBERS, 2));
    return !is_one_of(first, NUMBERS, 2) && !is_one_of(first, CODES, 2) &&
           (!is_composite || is_one_of(first, DATES, 2));
}

void check_raw_type(struct checker *c, const struct ast_node *operand, const struct atom *t)
{
    const char *type = hl7_path_type(t->path), *title = hl7_type_title(slice_of(type));
    uint32_t parts = hl7_type_components(slice_of(type));

    if (t->type == RAW_TEXT || could_be(type, t->type) || !check_error(c, W_RAW_TYPE, operand->at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_RAW_TYPE, operand->at, "\"%.*s\" has the type %s (%s): it is no %s",
             SLICE_ARG(operand->text), type, title != NULL ? title : "",
             t->type == RAW_NUMBER ? "number" : "date");
    if (parts > 0)
        diagnose_hint(c->d, "name one of its components, 1 to %u, or leave \"as %s\" out", parts,
                      t->type == RAW_NUMBER ? "number" : "date");
    else
        diagnose_hint(c->d, "it counts as absent wherever the sender keeps to the standard");
}
