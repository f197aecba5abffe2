#include "rules/print/tell.h"

#include "base/limits.h"

#include <string.h>

const char *tell_joint(size_t i, size_t n, const char *last)
{
    return i == 0 ? "" : i + 1 == n ? last : ", ";
}

static const struct {
    const char *field, *words;
} fields[] = {
    { "code", "it" },
    { "class", "its class" },
    { "priority", "its priority" },
    { "source", "its sender" },
    { "time", "its time" },
    { "category", "the kind of emergency" },
    { "transport.id", "the transport's number" },
    { "value", "the value" },
    { "threshold", "the alarm limit" },
    { "unit", "the unit" },
    { "room", "the room" },
    { "bed", "the bed" },
    { "prior-unit", "the unit before" },
    { "prior-bed", "the bed before" },
    { "patient", "the patient" },
    { "patient.flags", "the patient's flags" },
    { "patient.class", "the kind of stay" },
    { "patient.service", "the patient's service" },
    { "patient.attending", "the attending physician" },
    { "device.id", "the device's number" },
    { "device.type", "the kind of device" },
    { "device.state", "the device's state" },
    { "inactivation", "the silencing at the device" },
    { "abnormal", "the laboratory's flag" },
    { "status", "the result's status" },
    { "ordering-provider", "the ordering provider" },
    { "start", "the appointment's start" },
    { "was", "the appointment's start before" },
    { "place", "the place of the appointment" },
    { "clinic", "the clinic" },
    { "actor", "the person who pressed the button" },
};

void tell_field(struct buf *out, struct slice field)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (slice_is(field, fields[i].field)) {
            buf_text(out, fields[i].words);
            return;
        }
    buf_put(out, field);
}

const struct ast_node *tell_find(const struct ast_node *program, enum ast_kind kind, struct slice name)
{
    for (const struct ast_node *file = program->child; file != NULL; file = file->next)
        for (const struct ast_node *n = ast_child(file, kind); n != NULL; n = ast_next(n, kind))
            if (slice_eq(n->text, name))
                return n;
    return NULL;
}

struct slice tell_code(const struct teller *t, struct slice name)
{
    struct slice code = name, system = slice_cut(&code, ':');
    const struct catalogue_row *row = NULL;

    if (t->site != NULL && code.len > 0)
        row = catalogue_coded(t->site->catalogue, system, code);
    else if (t->site != NULL)
        row = catalogue_named(t->site->catalogue, name);
    return row != NULL && row->title.len > 0 ? row->title : name;
}

/* --- values ------------------------------------------------------------------------------------------------
 */

struct values {
    const char *last; /* before the last one: " or " */
    size_t told, all;
};

/* A code of a system is shown beside its title: laboratories have many of one title. */
static void put_text(const struct teller *t, struct buf *out, const struct ast_node *v, bool code)
{
    struct slice title = code ? tell_code(t, v->text) : v->text;

    buf_put(out, title);
    if (v->kind == AST_CODE && !slice_eq(title, v->text))
        buf_printf(out, " (%.*s)", SLICE_ARG(v->text));
}

static void put_value(const struct teller *t, struct buf *out, const struct ast_node *v, bool code)
{
    if (v->kind == AST_YES || v->kind == AST_NO)
        buf_text(out, v->kind == AST_YES ? "yes" : "no");
    else if (v->kind == AST_STRING)
        buf_printf(out, "\"%.*s\"", SLICE_ARG(v->text));
    else
        put_text(t, out, v, code);
    if (v->kind == AST_QUANTITY && v->child != NULL)
        buf_printf(out, " %.*s", SLICE_ARG(v->child->text));
}

/* The set that a value names, for a field that can be compared with one. */
static const struct ast_node *set_of(const struct teller *t, struct slice field, const struct ast_node *v,
                                     bool in)
{
    bool code = slice_is(field, "code");

    if (v->kind != AST_NAME)
        return NULL;
    if (code && !in && t->site != NULL && catalogue_named(t->site->catalogue, v->text) != NULL)
        return NULL; /* `code is X` takes the code of that name before a set */
    return tell_find(t->program, code ? AST_CODES : AST_PLACES, v->text);
}

static void count_values(const struct teller *t, struct slice field, const struct ast_node *check,
                         struct values *v)
{
    bool in = check->kind == AST_IN || check->kind == AST_NOT_IN;

    for (const struct ast_node *one = check->child; one != NULL; one = one->next) {
        const struct ast_node *set = set_of(t, field, one, in);
        if (set == NULL)
            v->all++;
        for (const struct ast_node *m = set != NULL ? set->child : NULL; m != NULL; m = m->next)
            v->all++;
    }
}

static void put_values(const struct teller *t, struct buf *out, struct slice field,
                       const struct ast_node *check)
{
    bool in = check->kind == AST_IN || check->kind == AST_NOT_IN, code = slice_is(field, "code");
    struct values v = { " or ", 0, 0 };

    count_values(t, field, check, &v);
    for (const struct ast_node *one = check->child; one != NULL; one = one->next) {
        const struct ast_node *set = set_of(t, field, one, in);
        if (set == NULL) {
            buf_text(out, tell_joint(v.told++, v.all, v.last));
            put_value(t, out, one, code);
        }
        for (const struct ast_node *m = set != NULL ? set->child : NULL; m != NULL; m = m->next) {
            buf_text(out, tell_joint(v.told++, v.all, v.last));
            put_value(t, out, m, code);
        }
    }
}

/* --- checks ------------------------------------------------------------------------------------------------
 */

void tell_shift(const struct teller *t, struct buf *out, struct slice name)
{
    const struct ast_node *shift = tell_find(t->program, AST_SHIFT, name);
    const struct ast_node *sw = tell_find(t->program, AST_SWITCH, name);
    size_t i = 0;

    if (shift == NULL) {
        const struct ast_node *title = ast_child(sw, AST_STRING);
        buf_printf(out, "the switch \"%.*s\" is on", SLICE_ARG(title != NULL ? title->text : name));
        return;
    }
    buf_printf(out, "it is %.*s (", SLICE_ARG(name));
    for (const struct ast_node *r = ast_child(shift, AST_RANGE); r != NULL; r = ast_next(r, AST_RANGE))
        buf_printf(out, "%s%.*s to %.*s", i++ > 0 ? ", " : "", SLICE_ARG(r->child->text),
                   SLICE_ARG(r->child->next->text));
    for (const struct ast_node *d = ast_child(shift, AST_DAY); d != NULL; d = ast_next(d, AST_DAY))
        buf_printf(out, ", %.*s", SLICE_ARG(d->text));
    buf_text(out, ")");
}

static void put_operand(struct buf *out, const struct ast_node *operand)
{
    if (operand->kind == AST_RAW)
        buf_printf(out, "%.*s of the message", SLICE_ARG(operand->text));
    else if (operand->kind == AST_FHIR)
        buf_printf(out, "%.*s of the resource", SLICE_ARG(operand->text));
    else
        tell_field(out, operand->text);
}

static const char *relation(enum ast_kind k, bool one)
{
    switch (k) {
    case AST_IS:
    case AST_IN:
        return " is ";
    case AST_IS_NOT:
        return " is not ";
    case AST_NOT_IN:
        return one ? " is not " : " is none of ";
    case AST_LESS:
        return " is below ";
    case AST_LESS_EQ:
        return " is at most ";
    case AST_MORE:
        return " is above ";
    case AST_MORE_EQ:
        return " is at least ";
    case AST_HAS:
        return " include ";
    case AST_LIKE:
        return " reads like ";
    case AST_WITHIN:
        return " is within ";
    default:
        return " is not within ";
    }
}

static void put_check(const struct teller *t, struct buf *out, const struct ast_node *operand,
                      const struct ast_node *check)
{
    struct slice field = operand->kind == AST_FIELD ? operand->text : SLICE("");
    bool one = check->child != NULL && check->child->next == NULL;

    put_operand(out, operand);
    buf_text(out, relation(check->kind, one));
    switch (check->kind) {
    case AST_HAS:
        buf_put(out, check->text);
        break;
    case AST_LIKE:
        buf_printf(out, "\"%.*s\"", SLICE_ARG(check->text));
        break;
    case AST_WITHIN:
    case AST_NOT_WITHIN:
        tell_duration(out, check->number);
        buf_text(out, " of the event");
        break;
    default:
        put_values(t, out, field, check);
    }
}

static void put_atom(const struct teller *t, struct buf *out, const struct ast_node *atom)
{
    const struct ast_node *operand = atom->child;

    if (operand->kind == AST_DURING) {
        tell_shift(t, out, operand->text);
        return;
    }
    put_check(t, out, operand, operand->next);
    if (ast_child(atom, AST_OR_MISSING) != NULL)
        buf_text(out, " (or not known)");
    if (ast_child(atom, AST_IF_KNOWN) != NULL)
        buf_text(out, " (when known)");
}

/* The depth is bounded by the parser (limit "nesting"). */
void tell_condition(const struct teller *t, struct buf *out, const struct ast_node *c)
{
    size_t i = 0, count = 0;

    if (c->kind == AST_ATOM) {
        put_atom(t, out, c);
        return;
    }
    for (const struct ast_node *kid = c->child; kid != NULL; kid = kid->next)
        count++;
    buf_text(out, c->kind == AST_OR ? "either " : c->kind == AST_NOT ? "it is not so that " : "");
    for (const struct ast_node *kid = c->child; kid != NULL; kid = kid->next, i++) {
        bool group = kid->kind == AST_AND || kid->kind == AST_OR;
        buf_text(out, c->kind == AST_OR ? tell_joint(i, count, " or ") : tell_joint(i, count, " and "));
        buf_text(out, group && c->kind != AST_NOT ? "(" : "");
        tell_condition(t, out, kid);
        buf_text(out, group && c->kind != AST_NOT ? ")" : "");
    }
}
