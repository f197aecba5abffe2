/* rules/check/classes.c - a code of the catalogue has one class: "code is spo2-low and class is lethal" holds
 * for no event. The proof knows fields alone; this is what the catalogue adds. */
#include "rules/check/check.h"

/* Alarms and calls take the class of their row; that of a result follows its flags. */
static bool class_is_the_rows(const struct rule *r)
{
    return r->kind == EVENT_ALARM || r->kind == EVENT_CALL;
}

/* Can an event with this code have a class that passes? A code without a row takes it from the priority. */
static bool class_fits(const struct checker *c, struct slice name, const struct dim *class)
{
    const struct catalogue *rows = c->site->catalogue;
    const struct catalogue_row *first = catalogue_named(rows, name);

    if (first == NULL || dim_takes(class, slice_of(event_class_name(first->class))))
        return true;
    for (size_t i = 0; i < catalogue_count(rows); i++) {
        const struct catalogue_row *row = catalogue_row_at(rows, i);
        if (slice_eq(row->name, name) && dim_takes(class, slice_of(event_class_name(row->class))))
            return true;
    }
    return false;
}

static bool any_fits(const struct checker *c, const struct dim *codes, const struct dim *class)
{
    for (size_t i = 0; i < codes->name_count; i++)
        if (class_fits(c, codes->names[i].name, class))
            return true;
    return codes->complement || codes->name_count == 0;
}

/* The first part of the conjunct that asks for the field. */
static const struct atom *part_about(const struct conjunct *j, size_t field)
{
    for (size_t i = 0; i < j->literal_count; i++)
        if (j->literals[i].atom->operand == OPERAND_FIELD && j->literals[i].atom->field == field)
            return j->literals[i].atom;
    return NULL;
}

void check_classes(struct checker *c, const struct rule *r, struct dnf *dnf)
{
    size_t code = 0, class = 0;

    schema_find(SLICE("code"), &code);
    schema_find(SLICE("class"), &class);
    if (!class_is_the_rows(r) || dnf->count == 0)
        return;
    struct conjunct *list = arena_array(c->arena, dnf->count, sizeof *list);
    for (size_t i = 0; i < dnf->count; i++) {
        struct conjunct *j = &list[i];
        *j = dnf->list[i];
        const struct dim *codes = conjunct_dim(j, code), *classes = conjunct_dim(j, class);
        if (j->impossible || codes == NULL || classes == NULL || any_fits(c, codes, classes))
            continue;
        const struct atom *a = part_about(j, code), *b = part_about(j, class);
        bool rising =
            a == NULL || b == NULL || a->line < b->line || (a->line == b->line && a->column < b->column);
        j->impossible = true;
        j->clash[0] = rising ? a : b;
        j->clash[1] = rising ? b : a;
    }
    dnf->list = list;
}
