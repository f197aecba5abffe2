/* rules/check/dims.c - the sets of proof.h: names, numbers, minutes of the week, flags. */
#include "events/schema.h"
#include "events/units.h"
#include "rules/check/proof.h"

#include <string.h>

/* --- names: x is within y when it names the same, and y leaves the code open or has the same ---------- */

static bool name_within(const struct name_value *x, const struct name_value *y)
{
    return slice_eq(x->name, y->name) && (y->code.len == 0 || slice_eq_nocase(x->code, y->code));
}

static bool name_apart(const struct name_value *x, const struct name_value *y)
{
    return !slice_eq(x->name, y->name) ||
           (x->code.len > 0 && y->code.len > 0 && !slice_eq_nocase(x->code, y->code));
}

static bool within_any(const struct name_value *x, const struct dim *y)
{
    for (size_t i = 0; i < y->name_count; i++)
        if (name_within(x, &y->names[i]))
            return true;
    return false;
}

static bool apart_from_all(const struct name_value *x, const struct dim *y)
{
    for (size_t i = 0; i < y->name_count; i++)
        if (!name_apart(x, &y->names[i]))
            return false;
    return true;
}

static void both_listed(struct dim *out, struct name_value *list, const struct dim *x, const struct dim *y)
{
    for (size_t i = 0; i < x->name_count; i++)
        for (size_t k = 0; k < y->name_count; k++) {
            if (name_within(&x->names[i], &y->names[k]))
                list[out->name_count++] = x->names[i];
            else if (name_within(&y->names[k], &x->names[i]))
                list[out->name_count++] = y->names[k];
        }
}

static struct dim names_both(struct arena *a, const struct dim *x, const struct dim *y)
{
    struct dim out = *x;
    out.wider = x->wider || y->wider;
    size_t room = x->complement && y->complement ? x->name_count + y->name_count : 0;

    if (!x->complement && !y->complement)
        room = x->name_count * y->name_count;
    else if (!room)
        room = x->complement ? y->name_count : x->name_count;
    struct name_value *list = arena_array(a, room, sizeof *list);
    out.names = list;
    out.name_count = 0;
    out.complement = x->complement && y->complement;
    if (out.complement) {
        for (size_t i = 0; i < x->name_count; i++)
            list[out.name_count++] = x->names[i];
        for (size_t i = 0; i < y->name_count; i++)
            list[out.name_count++] = y->names[i];
    } else if (!x->complement && !y->complement) {
        both_listed(&out, list, x, y);
    } else {
        const struct dim *listed = x->complement ? y : x, *without = x->complement ? x : y;
        for (size_t i = 0; i < listed->name_count; i++) {
            if (within_any(&listed->names[i], without))
                continue;
            out.wider = out.wider || !apart_from_all(&listed->names[i], without);
            list[out.name_count++] = listed->names[i];
        }
    }
    return out;
}

static bool names_within(const struct dim *x, const struct dim *y)
{
    if (x->complement && !y->complement)
        return false;
    if (x->complement) { /* what y leaves out, x must leave out */
        for (size_t i = 0; i < y->name_count; i++)
            if (!within_any(&y->names[i], x))
                return false;
        return true;
    }
    for (size_t i = 0; i < x->name_count; i++)
        if (y->complement ? !apart_from_all(&x->names[i], y) : !within_any(&x->names[i], y))
            return false;
    return true;
}

/* A field with a closed list of values: "all but" becomes the list of the others. */
static void close_list(struct arena *a, struct dim *d)
{
    const struct field_info *f = schema_field(d->field);
    size_t count = 0;

    if (!d->complement || f == NULL || f->values == NULL)
        return;
    while (f->values[count] != NULL)
        count++;
    struct name_value *list = arena_array(a, count, sizeof *list);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct name_value v = { slice_of(f->values[i]), { NULL, 0 } };
        if (!within_any(&v, d))
            list[kept++] = v;
    }
    d->complement = false;
    d->names = list;
    d->name_count = kept;
}

/* --- numbers ---------------------------------------------------------------------------------------- */

static bool comparable(const struct number_value *a, const struct number_value *b)
{
    return slice_eq(a->unit, b->unit) ||
           (a->unit.len > 0 && b->unit.len > 0 && unit_same_dimension(a->unit, b->unit));
}

static int number_order(const struct number_value *a, const struct number_value *b)
{
    int order = 0;

    if (slice_eq(a->unit, b->unit) || !unit_compare(a->number, a->unit, b->number, b->unit, &order))
        order = decimal_compare(a->number, b->number);
    return order;
}

static struct bound higher_low(struct bound a, struct bound b)
{
    if (!a.has || !b.has)
        return a.has ? a : b;
    int order = number_order(&a.at, &b.at);
    return order > 0 || (order == 0 && a.open) ? a : b;
}

static struct bound lower_high(struct bound a, struct bound b)
{
    if (!a.has || !b.has)
        return a.has ? a : b;
    int order = number_order(&a.at, &b.at);
    return order < 0 || (order == 0 && a.open) ? a : b;
}

static bool interval_empty(const struct interval *i)
{
    if (!i->low.has || !i->high.has)
        return false;
    int order = number_order(&i->low.at, &i->high.at);
    return order > 0 || (order == 0 && (i->low.open || i->high.open));
}

static struct dim numbers_both(struct arena *a, const struct dim *x, const struct dim *y)
{
    struct dim out = *x;
    struct interval *list = arena_array(a, x->interval_count * y->interval_count, sizeof *list);

    out.intervals = list;
    out.interval_count = 0;
    for (size_t i = 0; i < x->interval_count; i++)
        for (size_t k = 0; k < y->interval_count; k++) {
            struct interval one = { higher_low(x->intervals[i].low, y->intervals[k].low),
                                    lower_high(x->intervals[i].high, y->intervals[k].high) };
            if (!interval_empty(&one))
                list[out.interval_count++] = one;
        }
    return out;
}

static bool low_reaches(struct bound x, struct bound y) /* does x begin no earlier than y? */
{
    if (!y.has)
        return true;
    if (!x.has)
        return false;
    int order = number_order(&x.at, &y.at);
    return order > 0 || (order == 0 && (x.open || !y.open));
}

static bool high_reaches(struct bound x, struct bound y)
{
    if (!y.has)
        return true;
    if (!x.has)
        return false;
    int order = number_order(&x.at, &y.at);
    return order < 0 || (order == 0 && (x.open || !y.open));
}

static bool numbers_within(const struct dim *x, const struct dim *y)
{
    for (size_t i = 0; i < x->interval_count; i++) {
        bool found = false;
        for (size_t k = 0; k < y->interval_count && !found; k++)
            found = low_reaches(x->intervals[i].low, y->intervals[k].low) &&
                    high_reaches(x->intervals[i].high, y->intervals[k].high);
        if (!found)
            return false;
    }
    return true;
}

static const struct bound ENDLESS = { .has = false };

static struct bound bound_at(const struct number_value *n, bool open)
{
    return (struct bound){ true, open, *n };
}

/* One number's half line or point, or what lies outside of it. */
static size_t intervals_of(enum check_kind check, const struct number_value *n, bool outside,
                           struct interval *out)
{
    switch (check) {
    case CHECK_LESS:
        *out = outside ? (struct interval){ bound_at(n, false), ENDLESS }
                       : (struct interval){ ENDLESS, bound_at(n, true) };
        return 1;
    case CHECK_LESS_EQ:
        *out = outside ? (struct interval){ bound_at(n, true), ENDLESS }
                       : (struct interval){ ENDLESS, bound_at(n, false) };
        return 1;
    case CHECK_MORE:
        return intervals_of(CHECK_LESS_EQ, n, !outside, out);
    case CHECK_MORE_EQ:
        return intervals_of(CHECK_LESS, n, !outside, out);
    default:
        break;
    }
    if (!outside) {
        *out = (struct interval){ bound_at(n, false), bound_at(n, false) };
        return 1;
    }
    out[0] = (struct interval){ ENDLESS, bound_at(n, true) };
    out[1] = (struct interval){ bound_at(n, true), ENDLESS };
    return 2;
}

static void numbers_of(struct arena *a, struct dim *d, const struct atom *t, bool outside)
{
    struct interval *list = arena_array(a, 2 * t->number_count + 1, sizeof *list);

    d->intervals = list;
    if (!outside) { /* any of them */
        for (size_t i = 0; i < t->number_count; i++)
            d->interval_count += intervals_of(t->check, &t->numbers[i], false, list + d->interval_count);
        return;
    }
    list[d->interval_count++] = (struct interval){ ENDLESS, ENDLESS };
    for (size_t i = 0; i < t->number_count; i++) { /* none of them */
        struct interval two[2];
        struct dim one = { .kind = DIM_NUMBER, .intervals = two };
        one.interval_count = intervals_of(t->check, &t->numbers[i], true, two);
        *d = numbers_both(a, d, &one);
    }
}

/* --- minutes of the week ---------------------------------------------------------------------------- */

static void set_minutes(uint64_t *bits, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        bits[i % WEEK_MINUTES / 64] |= UINT64_C(1) << (i % WEEK_MINUTES % 64);
}

static const uint64_t *minutes_of(struct arena *a, const struct shift *s, bool outside)
{
    uint64_t *bits = arena_array(a, WEEK_WORDS, sizeof *bits);

    for (unsigned day = 0; day < 7; day++)
        for (size_t i = 0; s->days >> day & 1 && i < s->range_count; i++) {
            unsigned from = s->ranges[i].from_min, to = s->ranges[i].to_min;
            set_minutes(bits, day * 1440 + from, day * 1440 + (to > from ? to : to + 1440));
        }
    for (size_t i = 0; outside && i < WEEK_WORDS; i++)
        bits[i] = ~bits[i];
    if (outside)
        bits[WEEK_WORDS - 1] &= (UINT64_C(1) << (WEEK_MINUTES % 64)) - 1;
    return bits;
}

/* --- any dimension ---------------------------------------------------------------------------------- */

struct dim dim_of(struct arena *a, const struct literal *l)
{
    const struct atom *t = l->atom;
    bool outside = t->negated == l->yes;
    struct dim d = {
        .kind = DIM_FLAG, .field = SIZE_MAX, .key = t->key, .absent = l->yes ? t->absent : !t->absent
    };

    if (t->check == CHECK_SHIFT || t->check == CHECK_SWITCH) {
        d.absent = false;
        d.always = true;
    }
    if (t->check == CHECK_SHIFT) {
        d.kind = DIM_CLOCK;
        d.minutes = minutes_of(a, t->shift, outside);
    } else if (t->operand == OPERAND_FIELD && t->check == CHECK_NAMES) {
        d.kind = DIM_NAMES;
        d.field = t->field;
        d.complement = outside;
        d.names = t->names;
        d.name_count = t->name_count;
        close_list(a, &d);
    } else if (t->operand == OPERAND_FIELD && t->number_count > 0) {
        d.kind = DIM_NUMBER;
        d.field = t->field;
        numbers_of(a, &d, t, outside);
    } else {
        d.yes = !outside;
        d.no = outside;
    }
    if (t->operand == OPERAND_FIELD && d.field != SIZE_MAX && schema_field(t->field)->always) {
        d.absent = false;
        d.always = true;
    }
    return d;
}

bool dim_not(struct arena *a, const struct dim *d, struct dim *out)
{
    *out = *d;
    out->absent = !d->absent && !d->always;
    if (d->kind == DIM_NUMBER || d->wider)
        return false;
    for (size_t i = 0; i < d->name_count; i++)
        if (d->names[i].code.len > 0)
            return false;
    out->complement = d->kind == DIM_NAMES && !d->complement;
    if (d->kind == DIM_NAMES)
        close_list(a, out);
    out->yes = !d->yes;
    out->no = !d->no;
    if (d->kind == DIM_CLOCK) {
        uint64_t *bits = arena_array(a, WEEK_WORDS, sizeof *bits);
        for (size_t i = 0; i < WEEK_WORDS; i++)
            bits[i] = ~d->minutes[i];
        bits[WEEK_WORDS - 1] &= (UINT64_C(1) << (WEEK_MINUTES % 64)) - 1;
        out->minutes = bits;
    }
    return true;
}

bool dim_related(const struct dim *a, const struct dim *b)
{
    if (a->kind != b->kind || a->field != b->field)
        return false;
    if (a->kind == DIM_FLAG)
        return slice_eq(a->key, b->key);
    if (a->kind != DIM_NUMBER || a->interval_count == 0 || b->interval_count == 0)
        return true;
    const struct interval *x = a->intervals, *y = b->intervals;
    return comparable(x->low.has ? &x->low.at : &x->high.at, y->low.has ? &y->low.at : &y->high.at);
}

/* A number that is an interval may be undecided for one check and decided for another. So a check that
 * lets absence pass (it asks that some of the interval fits) is never joined with another one; those that
 * do not (all of the interval must fit) are. */
bool dim_joins(const struct dim *a, const struct dim *b)
{
    return dim_related(a, b) && (a->kind != DIM_NUMBER || (!a->absent && !b->absent));
}

struct dim dim_both(struct arena *a, const struct dim *x, const struct dim *y)
{
    struct dim out = *x;

    if (x->kind == DIM_NAMES)
        out = names_both(a, x, y);
    else if (x->kind == DIM_NUMBER)
        out = numbers_both(a, x, y);
    out.absent = x->absent && y->absent;
    out.yes = x->yes && y->yes;
    out.no = x->no && y->no;
    if (x->kind == DIM_CLOCK) {
        uint64_t *bits = arena_array(a, WEEK_WORDS, sizeof *bits);
        for (size_t i = 0; i < WEEK_WORDS; i++)
            bits[i] = x->minutes[i] & y->minutes[i];
        out.minutes = bits;
    }
    return out;
}

/* The same question as whether dim_both is empty, without building it: most pairs differ in one name. */
bool dims_meet(struct arena *a, const struct dim *x, const struct dim *y)
{
    if (x->absent && y->absent)
        return true;
    if (x->kind != DIM_NAMES || x->complement || y->complement) {
        struct dim both = dim_both(a, x, y);
        return !dim_empty(&both);
    }
    for (size_t i = 0; i < x->name_count; i++)
        if (!apart_from_all(&x->names[i], y))
            return true;
    return false;
}

bool dim_empty(const struct dim *d)
{
    uint64_t any = 0;

    if (d->absent)
        return false;
    switch (d->kind) {
    case DIM_NAMES:
        return !d->complement && d->name_count == 0;
    case DIM_NUMBER:
        return d->interval_count == 0;
    case DIM_FLAG:
        return !d->yes && !d->no;
    default:
        break;
    }
    for (size_t i = 0; i < WEEK_WORDS; i++)
        any |= d->minutes[i];
    return any == 0;
}

bool dim_within(struct arena *a, const struct dim *x, const struct dim *y)
{
    (void)a;
    if (y->wider || (x->absent && !y->absent))
        return false;
    if (x->kind == DIM_NAMES)
        return names_within(x, y);
    if (x->kind == DIM_NUMBER)
        return numbers_within(x, y);
    if (x->kind == DIM_FLAG)
        return (!x->yes || y->yes) && (!x->no || y->no);
    for (size_t i = 0; i < WEEK_WORDS; i++)
        if (x->minutes[i] & ~y->minutes[i])
            return false;
    return true;
}
