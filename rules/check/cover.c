#include "rules/check/cover.h"

#include <string.h>

enum { WORK_MAX = 20000 };

struct cover {
    struct arena *a;
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

/* The cases of takers that can still take a part of a box. */
struct cases {
    struct taking {
        const struct conjunct *w;
        struct taker *by;
    } * list;
    size_t count;
};

static struct cases still_meeting(struct arena *a, const struct cases *from, const struct conjunct *box)
{
    struct cases left = { arena_array(a, from->count, sizeof *left.list), 0 };

    for (size_t i = 0; i < from->count; i++)
        if (conjuncts_meet(a, box, from->list[i].w))
            left.list[left.count++] = from->list[i];
    return left;
}

/* One split is enough: it loses nothing, and what is proved of a box can be proved of each part of it. So
 * when a part fails, no other split of the whole would do, and none is tried. */
static bool covered(struct cover *v, const struct conjunct *box, const struct cases *all)
{
    struct cases left = still_meeting(v->a, all, box);
    struct conjunct inside, outside;
    const struct dim *d = NULL;
    struct dim rest;

    if (v->boxes == 0)
        return false;
    v->boxes--;
    for (size_t i = 0; i < left.count; i++)
        if (conjunct_implies(v->a, box, left.list[i].w))
            return left.list[i].by->used = true;
    for (size_t i = 0; i < left.count && d == NULL; i++)
        d = splits(v->a, box, left.list[i].w, &rest);
    if (d == NULL)
        return false;
    if (narrowed(v->a, box, &rest, &outside) && !covered(v, &outside, &left))
        return false;
    return !narrowed(v->a, box, d, &inside) || covered(v, &inside, &left);
}

/* The possible cases of all takers, one behind the other. */
static struct cases cases_of(struct arena *a, struct taker *takers, size_t count)
{
    struct cases all = { NULL, 0 };
    size_t room = 0;

    for (size_t i = 0; i < count; i++)
        room += takers[i].dnf->count;
    all.list = arena_array(a, room, sizeof *all.list);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < takers[i].dnf->count; k++)
            if (!takers[i].dnf->list[k].impossible)
                all.list[all.count++] = (struct taking){ &takers[i].dnf->list[k], &takers[i] };
    return all;
}

bool cover_all(struct arena *a, const struct dnf *x, struct taker *takers, size_t count)
{
    struct cover v = { .a = a, .boxes = (unsigned)(WORK_MAX / (count + 1)) + 1 };
    struct cases all = cases_of(a, takers, count);
    bool any = false;

    for (size_t i = 0; i < x->count; i++) {
        if (x->list[i].impossible)
            continue;
        any = true;
        if (!covered(&v, &x->list[i], &all))
            return false;
    }
    return any && !x->too_many;
}
