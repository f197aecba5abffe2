/* rules/evaluate_condition.c - the truth of a condition: two-valued, with an answer for what is absent.
 *
 * What cannot be decided counts as absent: an interval (">10") on both sides of a bound, a unit of
 * another dimension, a raw path that two values match. The rule's own word (`or missing`, `if known`)
 * then decides. */
#include "events/units.h"
#include "hl7/dtm.h"
#include "rules/compiled.h"

enum truth { NO, YES, UNDECIDED };

static enum truth truth_of(bool yes)
{
    return yes ? YES : NO;
}

/* --- operands ------------------------------------------------------------------------------------- */

/* An HL7 time without a zone is wall clock of the site. */
static bool dtm_instant(struct slice text, const struct tz *zone, int64_t *out)
{
    struct hl7_dtm t;

    if (!hl7_dtm_parse(text, 0, &t))
        return false;
    *out = t.has_zone || zone == NULL ? t.instant_us
                                      : tz_from_civil(zone, time_to_civil(t.instant_us), TZ_FIRST);
    return true;
}

/* A raw text becomes the value that the rule asks for: as it is, a number, an instant. */
static struct field_value raw_value(const struct atom *t, const struct eval_now *now, struct arena *a)
{
    const struct raw_reader *r = &now->raw;
    struct field_value v = { .present = false };
    struct decimal number;

    if (t->operand == OPERAND_RAW)
        v.present = r->raw != NULL && r->raw(r->ctx, t->path, a, &v.text);
    else
        v.present = r->fhir != NULL && r->fhir(r->ctx, t->path, a, &v.text);
    if (!v.present || t->type == RAW_TEXT)
        return v;
    if (t->type == RAW_NUMBER) {
        v.present = decimal_parse(slice_trim(v.text), &number);
        v.number = (struct quantity){
            .state = QUANTITY_EXACT, .has_low = true, .has_high = true, .low = number, .high = number
        };
        return v;
    }
    v.present = t->operand == OPERAND_RAW ? dtm_instant(v.text, now->zone, &v.instant_us)
                                          : time_parse_iso(v.text, 0, &v.instant_us);
    return v;
}

static struct field_value operand_value(const struct atom *t, const struct event *e,
                                        const struct eval_now *now, struct arena *a)
{
    return t->operand == OPERAND_FIELD ? event_field(e, t->field) : raw_value(t, now, a);
}

/* --- checks --------------------------------------------------------------------------------------- */

static bool name_matches(const struct atom *t, const struct event *e, struct slice text)
{
    for (size_t i = 0; i < t->name_count; i++)
        if (slice_eq(text, t->names[i].name) &&
            (t->names[i].code.len == 0 || slice_eq_nocase(t->names[i].code, e->raw_code)))
            return true;
    return false;
}

static bool compare(struct decimal a, struct slice unit, const struct number_value *n, int *out)
{
    if (n->unit.len == 0 || slice_eq(unit, n->unit) || unit.len == 0) {
        *out = decimal_compare(a, n->number);
        return true;
    }
    return unit_compare(a, unit, n->number, n->unit, out);
}

/* Is the whole of q below (or at) the bound, or the whole of it above? Otherwise undecided. */
static enum truth below(const struct quantity *q, const struct number_value *n, bool or_equal)
{
    int low = 0, high = 0;

    if ((q->has_low && !compare(q->low, q->unit, n, &low)) ||
        (q->has_high && !compare(q->high, q->unit, n, &high)))
        return UNDECIDED;
    if (q->has_high && (high < 0 || (high == 0 && (or_equal || q->high_open))))
        return YES;
    if (q->has_low && (low > 0 || (low == 0 && (!or_equal || q->low_open))))
        return NO;
    return UNDECIDED;
}

static enum truth equal(const struct quantity *q, const struct number_value *n)
{
    int order;

    if (q->state == QUANTITY_EXACT)
        return compare(q->low, q->unit, n, &order) ? truth_of(order == 0) : UNDECIDED;
    /* An interval never is one number; it excludes it when all of it lies beside. */
    enum truth under = below(q, n, false), at_most = below(q, n, true);
    return under == YES || at_most == NO ? NO : UNDECIDED;
}

static enum truth opposite(enum truth t)
{
    return t == UNDECIDED ? UNDECIDED : t == YES ? NO : YES;
}

static enum truth check_number(const struct atom *t, const struct quantity *q)
{
    enum truth any = NO;

    switch (t->check) {
    case CHECK_LESS:
        return below(q, t->numbers, false);
    case CHECK_LESS_EQ:
        return below(q, t->numbers, true);
    case CHECK_MORE:
        return opposite(below(q, t->numbers, true));
    case CHECK_MORE_EQ:
        return opposite(below(q, t->numbers, false));
    default:
        break;
    }
    for (size_t i = 0; i < t->number_count && any != YES; i++) {
        enum truth one = equal(q, &t->numbers[i]);
        any = one == NO ? any : one;
    }
    return any;
}

static char low_letter(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* `*` is any run of bytes. Backtracks to the last star only, so it is linear times the pattern's parts. */
static bool like(struct slice text, struct slice pattern)
{
    size_t t = 0, p = 0, star = SIZE_MAX, mark = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && low_letter(pattern.ptr[p]) == low_letter(text.ptr[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

static bool list_has(const struct field_value *v, struct slice name)
{
    for (size_t i = 0; i < v->list_count; i++)
        if (slice_eq(v->list[i], name))
            return true;
    return false;
}

static enum truth check_within(const struct atom *t, const struct event *e, const struct eval_now *now,
                               int64_t at)
{
    int64_t base = e->time_us != TIME_NONE ? e->time_us : now->wall_us;

    return truth_of(at >= base ? at - base <= t->within_us : base - at <= t->within_us);
}

static enum truth check_value(const struct atom *t, const struct event *e, const struct eval_now *now,
                              const struct field_value *v)
{
    switch (t->check) {
    case CHECK_NAMES:
        return truth_of(name_matches(t, e, v->text));
    case CHECK_HAS:
        return truth_of(list_has(v, t->names[0].name));
    case CHECK_LIKE:
        return truth_of(like(v->text, t->text));
    case CHECK_WITHIN:
        return check_within(t, e, now, v->instant_us);
    default:
        return check_number(t, &v->number);
    }
}

struct atom_look atom_look(const struct atom *t, const struct event *e, const struct eval_now *now,
                           struct arena *a)
{
    struct atom_look look = { .decided = true };

    if (t->check == CHECK_SHIFT || t->check == CHECK_SWITCH) {
        look.holds = t->check == CHECK_SHIFT ? shift_holds(t->shift, now->zone, now->wall_us)
                                             : now->switch_on != NULL && now->switch_on(now->ctx, t->text);
        return look;
    }
    look.value = operand_value(t, e, now, a);
    enum truth answer = look.value.present ? check_value(t, e, now, &look.value) : UNDECIDED;
    look.decided = answer != UNDECIDED;
    look.holds = look.decided ? (answer == YES) != t->negated : t->absent;
    return look;
}

bool literal_holds(const struct literal *l, const struct event *e, const struct eval_now *now,
                   struct arena *a)
{
    return atom_look(l->atom, e, now, a).holds == l->yes;
}

/* --- the tree: as deep as parentheses may nest ------------------------------------------------------ */

bool cond_holds(const struct cond *c, const struct event *e, const struct eval_now *now, struct arena *a)
{
    if (c->kind == COND_ATOM)
        return atom_look(c->atom, e, now, a).holds;
    if (c->kind == COND_NOT)
        return !cond_holds(c->kids, e, now, a);
    for (size_t i = 0; i < c->count; i++)
        if (cond_holds(&c->kids[i], e, now, a) == (c->kind == COND_OR)) /* decides the whole */
            return c->kind == COND_OR;
    return c->kind == COND_AND;
}
