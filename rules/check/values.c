/* rules/check/values.c - what a field is compared with: names of its kind, codes, numbers with units. */
#include "events/units.h"
#include "rules/check/check.h"

/* --- codes ------------------------------------------------------------------------------------------ */

struct found {
    struct name_value *names;
    const struct catalogue_row **rows;
    size_t count, room;
};

static void found_add(struct checker *c, struct found *f, const struct catalogue_row *row, struct slice code)
{
    if (f->count == f->room) {
        size_t room = f->room > 0 ? 2 * f->room : 8;
        struct name_value *names = arena_array(c->arena, room, sizeof *names);
        const struct catalogue_row **rows = arena_array(c->arena, room, sizeof *rows);
        for (size_t i = 0; i < f->count; i++) {
            names[i] = f->names[i];
            rows[i] = f->rows[i];
        }
        f->names = names;
        f->rows = rows;
        f->room = room;
    }
    f->names[f->count] = (struct name_value){ row->name, code };
    f->rows[f->count++] = row;
}

static void unknown_code(struct checker *c, const struct ast_node *v)
{
    size_t count = catalogue_count(c->site->catalogue), sets;
    struct slice *set_names;

    if (!CHECK_ERROR(c, E_CODE, v->at, "unknown code \"%.*s\"", SLICE_ARG(v->text)))
        return;
    sets = table_names(c, TABLE_CODES, &set_names);
    struct slice *known = arena_array(c->arena, count + sets, sizeof *known);
    for (size_t i = 0; i < count + sets; i++)
        known[i] = i < count ? catalogue_row_at(c->site->catalogue, i)->name : set_names[i - count];
    struct slice near = diagnose_nearest(v->text, known, count + sets);
    const struct catalogue_row *row = near.len > 0 ? catalogue_named(c->site->catalogue, near) : NULL;
    if (row != NULL)
        diagnose_hint(c->d, "did you mean \"%.*s\" (%.*s %.*s, %.*s)? To add a code: nightbell catalogue add",
                      SLICE_ARG(near), SLICE_ARG(row->system), SLICE_ARG(row->code), SLICE_ARG(row->title));
    else if (near.len > 0)
        diagnose_hint(c->d, "did you mean the codes \"%.*s\"?", SLICE_ARG(near));
    else
        diagnose_hint(c->d, "to add a code: nightbell catalogue add");
}

static bool add_one(struct checker *c, const struct ast_node *v, struct found *f)
{
    const struct catalogue_row *row;
    struct slice rest = v->text;

    if (v->kind == AST_CODE) {
        struct slice system = slice_cut(&rest, ':');
        row = catalogue_coded(c->site->catalogue, system, rest);
        if (row != NULL)
            found_add(c, f, row, rest);
        return row != NULL;
    }
    row = catalogue_named(c->site->catalogue, v->text);
    if (row != NULL)
        found_add(c, f, row, (struct slice){ NULL, 0 });
    return row != NULL;
}

static void add_set(struct checker *c, const struct ast_node *set, struct found *f)
{
    for (const struct ast_node *v = set->child; v != NULL; v = v->next)
        if (!add_one(c, v, f))
            unknown_code(c, v);
}

size_t code_rows(struct checker *c, const struct ast_node *v, bool set_first, struct name_value **names,
                 const struct catalogue_row ***rows)
{
    struct found f = { .count = 0 };
    const struct ast_node *set = v->kind == AST_CODE ? NULL : table_find(c, TABLE_CODES, v->text);

    if (set != NULL && (set_first || catalogue_named(c->site->catalogue, v->text) == NULL))
        add_set(c, set, &f);
    else if (!add_one(c, v, &f))
        unknown_code(c, v);
    *names = f.names;
    *rows = f.rows;
    return f.count;
}

/* --- names ------------------------------------------------------------------------------------------ */

struct list {
    struct name_value *items;
    size_t count, room;
};

static void list_add(struct checker *c, struct list *l, struct name_value v)
{
    if (l->count == l->room) {
        size_t room = l->room > 0 ? 2 * l->room : 8;
        struct name_value *items = arena_array(c->arena, room, sizeof *items);
        for (size_t i = 0; i < l->count; i++)
            items[i] = l->items[i];
        l->items = items;
        l->room = room;
    }
    l->items[l->count++] = v;
}

static bool listed(const char *const *values, struct slice name)
{
    for (size_t i = 0; values[i] != NULL; i++)
        if (slice_is(name, values[i]))
            return true;
    return false;
}

static void known_value(struct checker *c, const struct ast_node *v, const struct field_info *f)
{
    struct slice known[64];
    size_t count = 0;
    struct buf all = buf_make(2048);

    if (f->values == NULL || listed(f->values, v->text))
        return;
    for (; count < 64 && f->values[count] != NULL; count++) {
        known[count] = slice_of(f->values[count]);
        buf_printf(&all, " %s", f->values[count]);
    }
    struct slice near = diagnose_nearest(v->text, known, count);
    if (CHECK_ERROR(c, E_VALUE, v->at, "\"%s\" is never \"%.*s\"", f->name, SLICE_ARG(v->text))) {
        if (near.len > 0)
            diagnose_hint(c->d, "did you mean \"%.*s\"? values of %s:%.*s", SLICE_ARG(near), f->name,
                          SLICE_ARG(buf_slice(&all)));
        else
            diagnose_hint(c->d, "values of %s:%.*s", f->name, SLICE_ARG(buf_slice(&all)));
    }
    buf_free(&all);
}

static void known_unit(struct checker *c, const struct ast_node *v)
{
    const struct directory *d = c->site->directory;

    if (directory_unit(d, v->text) != NULL)
        return;
    struct slice *known = arena_array(c->arena, d->unit_count, sizeof *known);
    for (size_t i = 0; i < d->unit_count; i++)
        known[i] = d->units[i].name;
    check_unknown(c, E_PLACE, v->at, "unit", v->text, known, d->unit_count);
}

static void known_source(struct checker *c, const struct ast_node *v)
{
    if (c->site->sources == NULL)
        return;
    for (size_t i = 0; i < c->site->source_count; i++)
        if (slice_eq(c->site->sources[i], v->text))
            return;
    check_unknown(c, E_NAME, v->at, "listener", v->text, c->site->sources, c->site->source_count);
}

/* A place is a text, or the name of a declared list of places. */
static void add_place(struct checker *c, const struct field_info *f, const struct ast_node *v, struct list *l)
{
    const struct ast_node *set = v->kind == AST_NAME ? table_find(c, TABLE_PLACES, v->text) : NULL;
    bool unit = slice_is(slice_of(f->name), "unit") || slice_is(slice_of(f->name), "prior-unit");

    if (set == NULL && v->kind != AST_STRING) {
        if (CHECK_ERROR(c, E_CHECK, v->at, "a place is written in quotes"))
            diagnose_hint(c->d, "write \"%.*s\" in quotes, or declare: places %.*s = ...", SLICE_ARG(v->text),
                          SLICE_ARG(v->text));
        return;
    }
    for (const struct ast_node *p = set != NULL ? set->child : v; p != NULL;
         p = set != NULL ? p->next : NULL) {
        list_add(c, l, (struct name_value){ p->text, { NULL, 0 } });
        if (unit)
            known_unit(c, p);
    }
}

static void add_code(struct checker *c, const struct ast_node *v, bool set_first, struct list *l)
{
    struct name_value *names;
    const struct catalogue_row **rows;
    size_t count = code_rows(c, v, set_first, &names, &rows);

    for (size_t i = 0; i < count; i++)
        list_add(c, l, names[i]);
}

static void add_name(struct checker *c, const struct atom *t, const struct ast_node *v, bool set_first,
                     struct list *l)
{
    const struct field_info *f = t->operand == OPERAND_FIELD ? schema_field(t->field) : NULL;
    struct slice field = f != NULL ? slice_of(f->name) : SLICE("");

    if (v->kind == AST_CODE && !slice_is(field, "code")) {
        CHECK_ERROR(c, E_CHECK, v->at, "only \"code\" is compared with system:code");
        return;
    }
    if (slice_is(field, "code")) {
        add_code(c, v, set_first, l);
    } else if (f != NULL && f->type == TYPE_PLACE) {
        add_place(c, f, v, l);
    } else {
        if (f != NULL)
            known_value(c, v, f);
        if (slice_is(field, "source"))
            known_source(c, v);
        list_add(c, l, (struct name_value){ v->text, { NULL, 0 } });
    }
}

/* --- numbers ---------------------------------------------------------------------------------------- */

static bool measured(const struct field_info *f)
{
    return slice_is(slice_of(f->name), "value") || slice_is(slice_of(f->name), "threshold");
}

static void wrong_unit(struct checker *c, const struct ast_node *unit, const struct catalogue_row *row,
                       struct slice number)
{
    if (CHECK_ERROR(c, E_UNIT, unit->at, "%.*s is measured in %.*s, not %.*s", SLICE_ARG(row->name),
                    SLICE_ARG(row->unit), SLICE_ARG(unit->text)))
        diagnose_hint(c->d,
                      "%.*s cannot become %.*s without a molar mass or the like; the catalogue gives none. "
                      "Did you mean %.*s %.*s?",
                      SLICE_ARG(unit->text), SLICE_ARG(row->unit), SLICE_ARG(number), SLICE_ARG(row->unit));
}

/* The unit of a bound: as written, or that of the rule's codes when they all have one. */
static struct slice bound_unit(struct checker *c, const struct scope *s, const struct ast_node *q, bool field)
{
    const struct ast_node *unit = q->child;
    struct slice ucum = unit != NULL ? unit_ucum(unit->text) : (struct slice){ NULL, 0 };

    if (unit != NULL && ucum.len == 0) {
        if (CHECK_ERROR(c, E_UNIT, unit->at, "unknown unit \"%.*s\"", SLICE_ARG(unit->text)))
            diagnose_hint(c->d, "units are UCUM codes, as %%, mmol/L, mm[Hg], /min");
        return ucum;
    }
    for (size_t i = 0; field && i < s->row_count; i++) {
        struct slice row = s->rows[i]->unit;
        if (row.len == 0)
            continue;
        if (unit == NULL && ucum.len == 0)
            ucum = row;
        if (!slice_eq(ucum, row) && !unit_same_dimension(ucum, row)) {
            wrong_unit(c, unit != NULL ? unit : q, s->rows[i], q->text);
            break;
        }
    }
    if (field && unit == NULL && ucum.len > 0 && check_error(c, W_UNITLESS, q->at)) {
        diagnose(c->d, SEVERITY_WARNING, W_UNITLESS, q->at, "a number without its unit is read as %.*s",
                 SLICE_ARG(ucum));
        diagnose_hint(c->d, "write %.*s %.*s", SLICE_ARG(q->text), SLICE_ARG(ucum));
    }
    return ucum;
}

static void add_numbers(struct checker *c, const struct scope *s, struct atom *t,
                        const struct ast_node *check)
{
    struct number_value *list = arena_array(c->arena, ast_count(check, AST_QUANTITY), sizeof *list);
    bool field = t->operand == OPERAND_FIELD && measured(schema_field(t->field));

    if (t->check == CHECK_NAMES)
        t->check = CHECK_EQUAL;
    t->numbers = list;
    for (const struct ast_node *v = check->child; v != NULL; v = v->next) {
        if (v->kind != AST_QUANTITY) {
            CHECK_ERROR(c, E_CHECK, v->at, "this is compared with a number");
            return;
        }
        if (!decimal_parse(v->text, &list[t->number_count].number))
            CHECK_ERROR(c, E_CHECK, v->at, "this number has more than 18 digits");
        list[t->number_count++].unit = bound_unit(c, s, v, field);
    }
}

void compile_values(struct checker *c, const struct scope *s, struct atom *t, const struct ast_node *check)
{
    struct list l = { .count = 0 };
    bool number =
        t->operand == OPERAND_FIELD ? schema_field(t->field)->type == TYPE_NUMBER : t->type == RAW_NUMBER;

    if (number) {
        add_numbers(c, s, t, check);
        return;
    }
    if (t->check == CHECK_HAS)
        list_add(c, &l, (struct name_value){ check->text, { NULL, 0 } });
    for (const struct ast_node *v = check->child; v != NULL; v = v->next) {
        if (v->kind == AST_QUANTITY || v->kind == AST_YES || v->kind == AST_NO) {
            if (CHECK_ERROR(c, E_CHECK, v->at, "this is compared with a name or a text"))
                diagnose_hint(c->d, "a raw value becomes a number by \"as number\" after its path");
            continue;
        }
        add_name(c, t, v, check->kind == AST_IN || check->kind == AST_NOT_IN, &l);
    }
    t->names = l.items;
    t->name_count = l.count;
}
