#include "rules/check/cover.h"

#include <string.h>

enum { WORK_MAX = 20000 };

struct cover {
    struct arena *a;
    struct taker *takers;
    size_t count;
    unsigned boxes; /* that may still be looked at */
};

static bool within_dim(struct arena *a, const struct conjunct *box, const struct dim *d)
{
    for (size_t i = 0; i < box->dim_count; i++)
        if (dim_related(&box->dims[i], d) && dim_within(a, &box->dims[i], d))
            return true;
    return false;
}

/* The part of the box that also passes d; false when nothing is left. */
static bool narrowed(struct arena *a, const struct conjunct *box, const struct dim *d, struct conjunct *out)
{
    size_t at = 0;

    *out = *box;
    out->dims = arena_array(a, box->dim_count + 1, sizeof *out->dims);
    if (box->dim_count > 0)
        memcpy(out->dims, box->dims, box->dim_count * sizeof *out->dims);
    while (at < box->dim_count && !dim_joins(&box->dims[at], d))
        at++;
    if (at < box->dim_count) {
        out->dims[at] = dim_both(a, &box->dims[at], d);
    } else {
        out->dims[at] = *d;
        out->dim_count++;
    }
    return !dim_empty(&out->dims[at]);
}

/* A part of w that the box does not lie in and that can be split off it; NULL when there is none. */
static const struct dim *splits(struct arena *a, const struct conjunct *box, const struct conjunct *w,
                                struct dim *rest)
{
    for (size_t i = 0; i < w->dim_count; i++)
        if (!within_dim(a, box, &w->dims[i]))
            return dim_not(a, &w->dims[i], rest) ? &w->dims[i] : NULL;
    return NULL;
}

static bool covered(struct cover *v, const struct conjunct *box);

static bool covered_with(struct cover *v, const struct conjunct *box, const struct conjunct *w)
{
    struct conjunct inside, outside;
    struct dim rest;
    const struct dim *d = splits(v->a, box, w, &rest);

    if (d == NULL)
        return false;
    if (narrowed(v->a, box, d, &inside) && !covered(v, &inside))
        return false;
    return !narrowed(v->a, box, &rest, &outside) || covered(v, &outside);
}

static bool covered(struct cover *v, const struct conjunct *box)
{
    if (v->boxes == 0)
        return false;
    v->boxes--;
    for (size_t i = 0; i < v->count; i++)
        for (size_t k = 0; k < v->takers[i].dnf->count; k++) {
            const struct conjunct *w = &v->takers[i].dnf->list[k];
            if (!w->impossible && conjunct_implies(v->a, box, w))
                return v->takers[i].used = true;
        }
    for (size_t i = 0; i < v->count; i++)
        for (size_t k = 0; k < v->takers[i].dnf->count; k++) {
            const struct conjunct *w = &v->takers[i].dnf->list[k];
            if (!w->impossible && conjuncts_meet(v->a, box, w) && covered_with(v, box, w))
                return true;
            if (v->boxes == 0)
                return false;
        }
    return false;
}

bool cover_all(struct arena *a, const struct dnf *x, struct taker *takers, size_t count)
{
    struct cover v = {
        .a = a, .takers = takers, .count = count, .boxes = (unsigned)(WORK_MAX / (count + 1)) + 1
    };
    bool any = false;

    for (size_t i = 0; i < x->count; i++) {
        if (x->list[i].impossible)
            continue;
        any = true;
        if (!covered(&v, &x->list[i]))
            return false;
    }
    return any && !x->too_many;
}
