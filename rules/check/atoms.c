/* rules/check/atoms.c - one atom of a condition: its field, its check, and what absence means. */
#include "fhir/path.h"
#include "hl7/path.h"
#include "rules/check/check.h"
#include "rules/check/fhir_paths.h"

const struct shift *find_shift(const struct checker *c, struct slice name)
{
    for (size_t i = 0; i < c->site->shift_count; i++)
        if (slice_eq(c->site->shifts[i].name, name))
            return &c->site->shifts[i];
    return NULL;
}

/* --- fields ----------------------------------------------------------------------------------------- */

static bool of_scope(const struct scope *s, const struct field_info *f)
{
    return s->any_kind || (f->kinds & KIND_BIT(s->kind)) != 0;
}

/* "code class priority source value ...": the part before the dot, once. */
static struct slice fields_of(struct checker *c, const struct scope *s, struct slice *names, size_t *count)
{
    struct buf text = buf_make(2048);
    struct slice last = { NULL, 0 };

    *count = 0;
    for (size_t i = 0; i < schema_count(); i++) {
        const struct field_info *f = schema_field(i);
        struct slice whole = slice_of(f->name), rest = whole;
        if (!of_scope(s, f))
            continue;
        names[(*count)++] = whole;
        struct slice head = slice_cut(&rest, '.');
        if (slice_eq(head, last))
            continue;
        last = head;
        buf_printf(&text, "%s%.*s", text.len > 0 ? " " : "", SLICE_ARG(head));
    }
    struct slice kept = arena_copy(c->arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

bool scope_field(struct checker *c, const struct scope *s, struct slice name, struct span at, size_t *id)
{
    struct slice *names = arena_array(c->arena, schema_count(), sizeof *names);
    size_t count;

    if (schema_find(name, id) && of_scope(s, schema_field(*id)))
        return true;
    struct slice all = fields_of(c, s, names, &count);
    struct slice near = diagnose_nearest(name, names, count);
    const char *kind = s->any_kind ? "these" : event_kind_name(s->kind);
    if (!CHECK_ERROR(c, E_FIELD, at, "%s events have no field \"%.*s\"", kind, SLICE_ARG(name)))
        return false;
    if (near.len > 0)
        diagnose_hint(c->d, "did you mean \"%.*s\"? fields of %s: %.*s", SLICE_ARG(near), kind,
                      SLICE_ARG(all));
    else
        diagnose_hint(c->d, "fields of %s: %.*s", kind, SLICE_ARG(all));
    return false;
}

/* --- raw and fhir paths ------------------------------------------------------------------------------- */

static struct span inside(const struct ast_node *text, uint32_t column)
{
    struct span at = text->at;

    if (column > 0 && column < at.length) { /* after the opening quote */
        at.column += column;
        at.length = 1;
    }
    return at;
}

static bool path_fault(struct checker *c, const struct ast_node *n, const struct error *err)
{
    if (CHECK_ERROR(c, E_PATH, inside(n, err->column), "%s", err->message) && err->hint[0] != '\0')
        diagnose_hint(c->d, "%s", err->hint);
    return false;
}

/* OBX[2]-5, also behind "->": where in the path a segment is picked by its number; 0: nowhere. */
static size_t picked_by_number(struct slice path)
{
    for (size_t i = 3; i + 1 < path.len; i++) {
        bool begins = i == 3 || (i > 3 && path.ptr[i - 4] == '>');
        if (begins && path.ptr[i] == '[' && path.ptr[i + 1] >= '0' && path.ptr[i + 1] <= '9')
            return i;
    }
    return 0;
}

static void check_selector(struct checker *c, const struct ast_node *n)
{
    size_t at = picked_by_number(n->text);

    if (at == 0 || !check_error(c, W_BY_NUMBER, n->at))
        return;
    diagnose(c->d, SEVERITY_WARNING, W_BY_NUMBER, inside(n, (uint32_t)at + 1),
             "this picks a segment by its number: when the sender adds one, it reads another");
    diagnose_hint(c->d, "pick it by what stands in it: %.*s[@3.1='CODE']...",
                  SLICE_ARG(slice_sub(n->text, at - 3, 3)));
}

static bool raw_path(struct checker *c, const struct ast_node *n, struct atom *t)
{
    struct error err = { .code = ERROR_NONE };
    struct hl7_path *path = hl7_path_compile(c->arena, n->text, &err);

    t->operand = OPERAND_RAW;
    if (path == NULL || !hl7_path_check(path, &err))
        return path_fault(c, n, &err);
    t->path = path;
    if (hl7_path_is_many(path)) {
        if (CHECK_ERROR(c, E_PATH, n->at, "a rule compares one value, [*] names several"))
            diagnose_hint(c->d, "name one: OBX[2]-5, PID-3[1].1, or a filter, OBX[@3.1='2823-3']-5");
        return false;
    }
    check_raw_type(c, n, t);
    check_selector(c, n);
    return true;
}

static bool fhir_path(struct checker *c, const struct ast_node *n, struct atom *t)
{
    struct error err = { .code = ERROR_NONE };
    struct fhir_path *path = arena_alloc(c->arena, sizeof *path);

    t->operand = OPERAND_FHIR;
    if (!fhir_path_compile(n->text, path, &err))
        return path_fault(c, n, &err);
    t->path = path;
    return check_fhir_path(c, n, path);
}

static bool compile_operand(struct checker *c, const struct scope *s, const struct ast_node *n,
                            struct atom *t)
{
    const struct ast_node *as = ast_child(n, AST_AS);

    if (as != NULL)
        t->type = slice_is(as->text, "number") ? RAW_NUMBER : RAW_DATE;
    switch ((int)n->kind) {
    case AST_FIELD:
        t->operand = OPERAND_FIELD;
        return scope_field(c, s, n->text, n->at, &t->field);
    case AST_RAW:
        return raw_path(c, n, t);
    default:
        return fhir_path(c, n, t);
    }
}

/* --- checks --------------------------------------------------------------------------------------------- */

static void set_check(struct atom *t, const struct ast_node *check)
{
    static const struct {
        enum ast_kind kind;
        enum check_kind check;
        bool negated;
    } rows[] = {
        { AST_IS, CHECK_NAMES, false },      { AST_IS_NOT, CHECK_NAMES, true },
        { AST_IN, CHECK_NAMES, false },      { AST_NOT_IN, CHECK_NAMES, true },
        { AST_LESS, CHECK_LESS, false },     { AST_LESS_EQ, CHECK_LESS_EQ, false },
        { AST_MORE, CHECK_MORE, false },     { AST_MORE_EQ, CHECK_MORE_EQ, false },
        { AST_HAS, CHECK_HAS, false },       { AST_LIKE, CHECK_LIKE, false },
        { AST_WITHIN, CHECK_WITHIN, false }, { AST_NOT_WITHIN, CHECK_WITHIN, true },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == check->kind) {
            t->check = rows[i].check;
            t->negated = rows[i].negated;
        }
}

enum fits { FITS_NAMES = 1, FITS_NUMBER = 2, FITS_HAS = 4, FITS_LIKE = 8, FITS_WITHIN = 16 };

static unsigned operand_fits(const struct atom *t)
{
    if (t->operand != OPERAND_FIELD)
        return t->type == RAW_NUMBER ? FITS_NUMBER
               : t->type == RAW_DATE ? FITS_WITHIN
                                     : FITS_NAMES | FITS_LIKE;
    switch (schema_field(t->field)->type) {
    case TYPE_NUMBER:
        return FITS_NUMBER;
    case TYPE_INSTANT:
        return FITS_WITHIN;
    case TYPE_LIST:
        return FITS_HAS;
    default:
        return FITS_NAMES | FITS_LIKE;
    }
}

static unsigned check_needs(const struct atom *t)
{
    switch (t->check) {
    case CHECK_NAMES:
        return FITS_NAMES | FITS_NUMBER; /* values.c tells names from numbers */
    case CHECK_HAS:
        return FITS_HAS;
    case CHECK_LIKE:
        return FITS_LIKE;
    case CHECK_WITHIN:
        return FITS_WITHIN;
    default:
        return FITS_NUMBER;
    }
}

static bool check_fits(struct checker *c, const struct ast_node *n, const struct ast_node *check,
                       const struct atom *t)
{
    unsigned fits = operand_fits(t);

    if (fits & check_needs(t))
        return true;
    const char *how = fits & FITS_NUMBER   ? "a number: compare it with <, <=, >, >= or is"
                      : fits & FITS_WITHIN ? "an instant: write \"within 30min\" (of the event's time)"
                      : fits & FITS_HAS    ? "a list: write \"has NAME\""
                      : t->operand != OPERAND_FIELD
                          ? "a text: write \"as number\" or \"as date\" after the path"
                          : "a name: write \"is\" or \"in\"";
    if (CHECK_ERROR(c, E_CHECK, check->at, "this check does not fit \"%.*s\"", SLICE_ARG(n->text)))
        diagnose_hint(c->d, "it is %s", how);
    return false;
}

/* --- absence ----------------------------------------------------------------------------------------------
 */

static void absence_unsaid(struct checker *c, const struct ast_node *operand)
{
    if (CHECK_ERROR(c, E_ABSENT, operand->at, "\"%.*s\" can be absent and the rule does not say what then",
                    SLICE_ARG(operand->text)))
        diagnose_hint(c->d,
                      "add \"or missing\" (absent counts as yes) or \"if known\" (absent counts as no)");
}

/* In `when` the rule says it. In `unless` absent means no and in `hold ... unless` yes, so that absence
 * always delivers, also below a `not`; the word that would silence is an error. */
static void compile_absence(struct checker *c, const struct ast_node *n, struct atom *t,
                            enum cond_place where, bool inverted)
{
    const struct ast_node *missing = ast_child(n, AST_OR_MISSING), *known = ast_child(n, AST_IF_KNOWN);
    bool always = t->operand == OPERAND_FIELD && schema_field(t->field)->always;

    if (where == IN_WHEN) {
        if (!always && missing == NULL && known == NULL)
            absence_unsaid(c, n->child);
        t->absent = missing != NULL;
        return;
    }
    t->absent = (where == IN_HOLD) != inverted;
    const struct ast_node *wrong = t->absent ? known : missing;
    if (wrong != NULL && CHECK_ERROR(c, E_SILENCES, wrong->at,
                                     "\"%s\" would hold back an alert because something is not known",
                                     t->absent ? "if known" : "or missing"))
        diagnose_hint(c->d, "leave it out: here an absent field counts as \"%s\", so that the alert goes out",
                      t->absent ? "yes" : "no");
}

/* --- how an atom reads ------------------------------------------------------------------------------------
 */

static void put_value(struct buf *out, const struct ast_node *v)
{
    const struct ast_node *unit = v->kind == AST_QUANTITY ? v->child : NULL;

    buf_printf(out, v->kind == AST_STRING ? "\"%.*s\"" : "%.*s", SLICE_ARG(v->text));
    if (unit != NULL)
        buf_printf(out, " %.*s", SLICE_ARG(unit->text));
}

static void put_check(struct buf *out, const struct ast_node *check, bool flip)
{
    static const struct {
        enum ast_kind kind;
        const char *yes, *no;
    } words[] = {
        { AST_IS, "is", "is not" },
        { AST_IS_NOT, "is not", "is" },
        { AST_IN, "is in", "is not in" },
        { AST_NOT_IN, "is not in", "is in" },
        { AST_LESS, "<", "is not <" },
        { AST_LESS_EQ, "<=", "is not <=" },
        { AST_MORE, ">", "is not >" },
        { AST_MORE_EQ, ">=", "is not >=" },
        { AST_HAS, "has", "has not" },
        { AST_LIKE, "is like", "is not like" },
        { AST_WITHIN, "is within", "is not within" },
        { AST_NOT_WITHIN, "is not within", "is within" },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].kind == check->kind)
            buf_printf(out, " %s ", flip ? words[i].no : words[i].yes);
    if (check->kind == AST_HAS || check->kind == AST_WITHIN || check->kind == AST_NOT_WITHIN)
        buf_put(out, check->text);
    if (check->kind == AST_LIKE)
        buf_printf(out, "\"%.*s\"", SLICE_ARG(check->text));
    for (const struct ast_node *v = check->child; v != NULL; v = v->next) {
        put_value(out, v);
        buf_text(out, v->next != NULL ? ", " : "");
    }
}

/* What the check asks for, without its verb: "vfib", "one of vfib, vtach", "80 %". */
static struct slice wanted(struct checker *c, const struct ast_node *check)
{
    struct buf out = buf_make(65536);

    if (check->kind == AST_IN || check->kind == AST_NOT_IN)
        buf_text(&out, "one of ");
    if (check->kind == AST_HAS || check->kind == AST_WITHIN || check->kind == AST_NOT_WITHIN)
        buf_put(&out, check->text);
    if (check->kind == AST_LIKE)
        buf_printf(&out, "\"%.*s\"", SLICE_ARG(check->text));
    for (const struct ast_node *v = check->child; v != NULL; v = v->next) {
        put_value(&out, v);
        buf_text(&out, v->next != NULL ? ", " : "");
    }
    struct slice kept = arena_copy(c->arena, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static struct slice phrase(struct checker *c, const struct ast_node *operand, const struct ast_node *check,
                           bool flip)
{
    struct buf out = buf_make(65536);

    if (operand->kind == AST_DURING)
        buf_printf(&out, "%s %.*s", flip ? "not during" : "during", SLICE_ARG(operand->text));
    else if (operand->kind == AST_FIELD)
        buf_put(&out, operand->text);
    else
        buf_printf(&out, "%s \"%.*s\"", operand->kind == AST_RAW ? "raw" : "fhir", SLICE_ARG(operand->text));
    if (check != NULL)
        put_check(&out, check, flip);
    struct slice kept = arena_copy(c->arena, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static const struct atom *during(struct checker *c, const struct ast_node *n, struct atom *t)
{
    struct slice *switches;
    size_t count;

    t->says_yes = t->key = phrase(c, n, NULL, false);
    t->subject = t->says_yes;
    t->wants = n->text;
    t->says_no = phrase(c, n, NULL, true);
    t->text = n->text;
    t->shift = find_shift(c, n->text);
    t->check = t->shift != NULL ? CHECK_SHIFT : CHECK_SWITCH;
    if (t->shift != NULL || table_find(c, TABLE_SWITCH, n->text) != NULL)
        return t;
    count = table_names(c, TABLE_SWITCH, &switches);
    struct slice *known = arena_array(c->arena, count + c->site->shift_count, sizeof *known);
    for (size_t i = 0; i < count + c->site->shift_count; i++)
        known[i] = i < count ? switches[i] : c->site->shifts[i - count].name;
    check_unknown(c, E_NAME, n->at, "shift or switch", n->text, known, count + c->site->shift_count);
    return NULL;
}

const struct atom *compile_atom(struct checker *c, const struct scope *s, const struct ast_node *n,
                                enum cond_place where, bool inverted)
{
    struct atom *t = arena_alloc(c->arena, sizeof *t);
    const struct ast_node *operand = n->child, *check = operand->next;
    size_t errors = c->d->errors;

    t->line = n->at.line;
    t->column = n->at.column;
    t->length = n->at.length;
    if (operand->kind == AST_DURING)
        return during(c, operand, t);
    if (!compile_operand(c, s, operand, t))
        return NULL;
    set_check(t, check);
    compile_absence(c, n, t, where, inverted);
    if (!check_fits(c, operand, check, t))
        return NULL;
    t->says_yes = phrase(c, operand, check, false);
    t->says_no = phrase(c, operand, check, true);
    t->subject = phrase(c, operand, NULL, false);
    t->wants = wanted(c, check);
    t->key = t->negated ? t->says_no : t->says_yes;
    if (t->check == CHECK_LIKE)
        t->text = check->text;
    else if (t->check == CHECK_WITHIN)
        t->within_us = check->number;
    else
        compile_values(c, s, t, check);
    return c->d->errors == errors ? t : NULL;
}
