/* nightbell/site_gaps.c - who is lost by a change of data: an export that ends on Sunday is no error, but a
 * person must hear of it before Sunday. */
#include "nightbell/site_trial.h"

#include "roster/gaps.h"

enum { LOOK_DAYS = 14 };

struct looking {
    const struct directory *before, *after; /* before: NULL at the first site */
    int64_t from_us, to_us;
    struct arena *arena;
    struct buf *text;
    size_t found;
};

/* New is a gap where there was none at all before: what a person knows already is not told again. */
static void tell(struct looking *l, const char *what, struct slice name, struct slice role,
                 const struct gaps *was, const struct gaps *is)
{
    if (is->count == 0 || was->count > 0)
        return;
    struct slice when = gaps_text(is, l->from_us, l->to_us, l->after->zone, l->arena);
    buf_printf(l->text, "warning: %s \"%.*s\" has %s%.*s %.*s\n", what, SLICE_ARG(name),
               role.len > 0 ? "no " : "nobody", SLICE_ARG(role), SLICE_ARG(when));
    l->found++;
}

static void look_at_rotas(struct looking *l)
{
    for (size_t i = 0; i < l->after->rota_count; i++) {
        const struct rota *r = &l->after->rotas[i];
        const struct rota *old = l->before != NULL ? directory_rota(l->before, r->name) : NULL;
        struct gaps was = { NULL, 0 }, is = gaps_of_rota(l->after, r, l->from_us, l->to_us, l->arena);
        if (old != NULL)
            was = gaps_of_rota(l->before, old, l->from_us, l->to_us, l->arena);
        tell(l, "rota", r->name, (struct slice){ NULL, 0 }, &was, &is);
    }
}

/* Roles that the site itself gave out in the unit before; others are a feed's or given by hand. */
static void look_at_roles(struct looking *l)
{
    const struct directory *d = l->before;

    for (size_t i = 0; d != NULL && i < d->assignment_count; i++) {
        const struct assignment *a = &d->assignments[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = slice_eq(d->assignments[k].role, a->role) && slice_eq(d->assignments[k].unit, a->unit);
        if (again)
            continue;
        struct gaps was = gaps_of_role(d, a->role, a->unit, l->from_us, l->to_us, l->arena),
                    is = gaps_of_role(l->after, a->role, a->unit, l->from_us, l->to_us, l->arena);
        tell(l, "unit", a->unit, a->role, &was, &is);
    }
}

size_t site_new_gaps(const struct site *before, const struct site *after, int64_t now_us, struct buf *text)
{
    struct looking l = { .before = before != NULL ? before->directory : NULL,
                         .after = after->directory,
                         .from_us = now_us,
                         .to_us = now_us + LOOK_DAYS * TIME_DAY,
                         .arena = arena_new(),
                         .text = text };

    look_at_rotas(&l);
    look_at_roles(&l);
    arena_free(&l.arena);
    return l.found;
}
