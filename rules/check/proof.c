/* rules/check/proof.c - conditions as conjuncts, and what two of them have to do with each other. */
#include "rules/check/proof.h"

#include "base/limits.h"

#include <string.h>

struct product {
    const struct literal *literals;
    size_t count;
};

struct sum {
    struct product *list;
    size_t count;
    bool too_many;
};

static struct product product_both(struct arena *a, struct product x, struct product y)
{
    struct literal *list = arena_array(a, x.count + y.count, sizeof *list);

    if (x.count > 0)
        memcpy(list, x.literals, x.count * sizeof *list);
    if (y.count > 0)
        memcpy(list + x.count, y.literals, y.count * sizeof *list);
    return (struct product){ list, x.count + y.count };
}

static struct sum too_many(void)
{
    return (struct sum){ .too_many = true };
}

static struct sum sum_and(struct arena *a, struct sum x, struct sum y)
{
    struct sum out = { .count = 0 };

    if (x.too_many || y.too_many || x.count * y.count > LIMIT_RULE_CONJUNCTS)
        return too_many();
    out.list = arena_array(a, x.count * y.count, sizeof *out.list);
    for (size_t i = 0; i < x.count; i++)
        for (size_t k = 0; k < y.count; k++)
            out.list[out.count++] = product_both(a, x.list[i], y.list[k]);
    return out;
}

static struct sum sum_or(struct arena *a, struct sum x, struct sum y)
{
    struct sum out = { .count = x.count + y.count };

    if (x.too_many || y.too_many || out.count > LIMIT_RULE_CONJUNCTS)
        return too_many();
    out.list = arena_array(a, out.count, sizeof *out.list);
    for (size_t i = 0; i < out.count; i++)
        out.list[i] = i < x.count ? x.list[i] : y.list[i - x.count];
    return out;
}

static struct sum expand(struct arena *a, const struct cond *c, bool yes)
{
    if (c->kind == COND_NOT)
        return expand(a, c->kids, !yes);
    if (c->kind == COND_ATOM) {
        struct literal *l = arena_alloc(a, sizeof *l);
        struct product *p = arena_alloc(a, sizeof *p);
        *l = (struct literal){ c->atom, yes };
        *p = (struct product){ l, 1 };
        return (struct sum){ p, 1, false };
    }
    bool all = (c->kind == COND_AND) == yes;
    struct product *none = arena_alloc(a, sizeof *none);
    struct sum out = all ? (struct sum){ none, 1, false } : (struct sum){ none, 0, false };
    for (size_t i = 0; i < c->count && !out.too_many; i++) {
        struct sum one = expand(a, &c->kids[i], yes);
        out = all ? sum_and(a, out, one) : sum_or(a, out, one);
    }
    return out;
}

static bool excludes(struct arena *a, const struct dim *x, const struct dim *y)
{
    return dim_related(x, y) && !dims_meet(a, x, y);
}

/* Who of the atoms before closed the dimension against this one? */
static const struct atom *clashing(struct arena *a, const struct product *p, size_t index,
                                   const struct dim *d)
{
    for (size_t i = 0; i < index; i++) {
        struct dim other = dim_of(a, &p->literals[i]);
        if (excludes(a, &other, d))
            return p->literals[i].atom;
    }
    return NULL;
}

static bool excluded_by_any(struct arena *a, const struct conjunct *k, size_t at)
{
    for (size_t i = 0; i < k->dim_count; i++)
        if (i != at && excludes(a, &k->dims[i], &k->dims[at]))
            return true;
    return dim_empty(&k->dims[at]);
}

static struct conjunct conjunct_of(struct arena *a, const struct product *p)
{
    struct conjunct k = { .literals = p->literals, .literal_count = p->count };

    k.dims = arena_array(a, p->count, sizeof *k.dims);
    for (size_t i = 0; i < p->count; i++) {
        struct dim d = dim_of(a, &p->literals[i]);
        size_t at = 0;
        while (at < k.dim_count && !dim_joins(&k.dims[at], &d))
            at++;
        bool again = at < k.dim_count;
        k.dims[at] = again ? dim_both(a, &k.dims[at], &d) : d;
        k.dim_count += !again;
        if (!k.impossible && excluded_by_any(a, &k, at)) {
            k.impossible = true;
            k.clash[0] = clashing(a, p, i, &d);
            k.clash[1] = p->literals[i].atom;
        }
    }
    return k;
}

struct dnf proof_expand(struct arena *a, const struct cond *c)
{
    struct sum s = expand(a, c, true);
    struct conjunct *list = arena_array(a, s.count, sizeof *list);

    for (size_t i = 0; i < s.count && !s.too_many; i++)
        list[i] = conjunct_of(a, &s.list[i]);
    return (struct dnf){ list, s.too_many ? 0 : s.count, s.too_many };
}

const struct dim *conjunct_dim(const struct conjunct *k, size_t field)
{
    for (size_t i = 0; i < k->dim_count; i++)
        if (k->dims[i].field == field && k->dims[i].kind != DIM_FLAG && k->dims[i].kind != DIM_CLOCK)
            return &k->dims[i];
    return NULL;
}

static bool implied(struct arena *a, const struct conjunct *x, const struct dim *d)
{
    for (size_t i = 0; i < x->dim_count; i++)
        if (dim_related(&x->dims[i], d) && dim_within(a, &x->dims[i], d))
            return true;
    return false;
}

bool conjunct_implies(struct arena *a, const struct conjunct *x, const struct conjunct *y)
{
    for (size_t i = 0; i < y->dim_count; i++)
        if (!implied(a, x, &y->dims[i]))
            return false;
    return true;
}

bool proof_implies(struct arena *a, const struct dnf *x, const struct dnf *y)
{
    for (size_t i = 0; i < x->count; i++) {
        bool found = x->list[i].impossible;
        for (size_t k = 0; k < y->count && !found; k++)
            found = !y->list[k].impossible && conjunct_implies(a, &x->list[i], &y->list[k]);
        if (!found)
            return false;
    }
    return true;
}

bool conjuncts_meet(struct arena *a, const struct conjunct *x, const struct conjunct *y)
{
    for (size_t i = 0; i < x->dim_count; i++)
        for (size_t k = 0; k < y->dim_count; k++)
            if (excludes(a, &x->dims[i], &y->dims[k]))
                return false;
    return true;
}

bool proof_meet(struct arena *a, const struct dnf *x, const struct dnf *y, const struct conjunct **of_x,
                const struct conjunct **of_y)
{
    for (size_t i = 0; i < x->count; i++)
        for (size_t k = 0; k < y->count; k++) {
            if (x->list[i].impossible || y->list[k].impossible ||
                !conjuncts_meet(a, &x->list[i], &y->list[k]))
                continue;
            *of_x = &x->list[i];
            *of_y = &y->list[k];
            return true;
        }
    return false;
}
