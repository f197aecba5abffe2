/* A target is tried alternative by alternative. Presence filters after the lookup, never during it, so
 * the answer also says who would have been told and why they were not. */
#include "roster/resolve.h"

#include "roster/lookup.h"

enum { GROUP_DEPTH = 8 }; /* groups within groups; the site's check refuses deeper ones and circles */

static void find_who(struct found *f, const struct who *w, unsigned depth);

static void find_role(struct found *f, const struct who *w)
{
    if (directory_person(f->now->directory, w->name) != NULL)
        found_add(f, w->name, false, SLICE("named in the rule"));
    else if (w->of.len > 0 && !slice_eq(w->of, f->query->unit))
        lookup_unit(f, w->name, w->of);
    else if (w->of.len > 0 && f->query->bed.len == 0)
        lookup_unit(f, w->name, w->of);
    else
        lookup_alert(f, w->name);
}

static void find_group(struct found *f, struct slice name, unsigned depth)
{
    const struct group *g = directory_group(f->now->directory, name);

    if (g == NULL || depth == 0)
        return;
    for (size_t i = 0; i < g->member_count; i++)
        find_who(f, &g->members[i], depth - 1);
}

static void find_desk(struct found *f, struct slice name, const char *how)
{
    if (directory_desk(f->now->directory, name) != NULL)
        found_add(f, name, true, arena_printf(f->arena, "%s", how));
}

static void find_unit_desk(struct found *f)
{
    const struct unit *u = directory_unit(f->now->directory, f->query->unit);

    if (u != NULL)
        find_desk(f, u->fallback_desk,
                  arena_printf(f->arena, "fallback desk of %.*s", SLICE_ARG(u->name)).ptr);
}

static bool is_actor(const struct found *f, struct slice name)
{
    const struct person *p = directory_person_by_id(f->now->directory, f->query->actor);

    return f->query->actor.len > 0 &&
           (slice_eq(name, f->query->actor) || (p != NULL && slice_eq(p->name, name)));
}

/* NULL when the person can be told; otherwise why not. */
static const char *person_obstacle(const struct found *f, struct slice name)
{
    const struct roster_now *now = f->now;
    const struct person *p = directory_person(now->directory, name);

    if (p == NULL)
        return "not a person of this site";
    if (p->off.len > 0)
        return p->off.ptr;
    if (is_actor(f, name))
        return "the event's own actor";
    if (now->away != NULL && now->away(now->ctx, name))
        return "away";
    if (now->reachable != NULL && !now->reachable(now->ctx, name))
        return "unreachable";
    return NULL;
}

/* Why it comes to the rota in place of the person that the event names. */
static struct slice why_rota(struct found *f, struct slice named, const struct person *p, struct slice cover)
{
    if (named.len == 0)
        return SLICE("the event names nobody");
    if (p == NULL)
        return SLICE("the event names nobody of this site");
    return arena_printf(f->arena, "%.*s is not on duty and %s", SLICE_ARG(p->name),
                        cover.len > 0 ? "the cover cannot be told" : "has no cover");
}

/* That person if on duty, else who covers them, else the rota (LANGUAGE section 7, Lookups). Who cannot be
 * told is passed over here, since all three are one alternative of the target. */
static void find_covering(struct found *f, const struct who *w)
{
    const struct person *p = directory_person_by_id(f->now->directory, w->of);
    struct slice cover = { NULL, 0 }, rota = { NULL, 0 };

    if (p != NULL && person_obstacle(f, p->name) == NULL && lookup_on_duty(f->now, f->arena, p->name)) {
        found_add(f, p->name, false, SLICE("on duty now, named by the event"));
        return;
    }
    if (p != NULL)
        cover = lookup_cover(f->now, f->arena, w->name, p->name, &rota);
    if (cover.len > 0)
        found_add(f, cover, false,
                  arena_printf(f->arena, "covers %.*s in rota %.*s", SLICE_ARG(p->name), SLICE_ARG(rota)));
    if (cover.len > 0 && person_obstacle(f, cover) == NULL)
        return;
    size_t before = f->count;
    lookup_oncall(f, w->name, (struct slice){ NULL, 0 });
    found_via(f, before, why_rota(f, w->of, p, cover));
}

static void find_who(struct found *f, const struct who *w, unsigned depth)
{
    size_t before = f->count;

    switch (w->kind) {
    case WHO_ROLE:
        find_role(f, w);
        break;
    case WHO_ONCALL:
        lookup_oncall(f, w->name, w->of);
        break;
    case WHO_GROUP:
        find_group(f, w->name, depth);
        if (depth == GROUP_DEPTH) /* the outermost alone says it */
            found_via(f, before, arena_printf(f->arena, "group %.*s", SLICE_ARG(w->name)));
        break;
    case WHO_TURN:
    case WHO_LEAST:
        find_group(f, w->name, depth);
        break;
    case WHO_DESK:
        find_desk(f, w->name, "desk");
        break;
    case WHO_UNIT_DESK:
        find_unit_desk(f);
        break;
    case WHO_EVERYONE:
        lookup_everyone(f, w->of.len > 0 ? w->of : f->query->unit);
        found_via(f, before, SLICE("everyone of the unit"));
        break;
    case WHO_COVERING:
        find_covering(f, w);
        break;
    }
}

/* The same of a desk. */
static const char *desk_obstacle(const struct roster_now *now, struct slice name)
{
    const struct desk *d = directory_desk(now->directory, name);

    if (d == NULL)
        return "unknown desk";
    if (d->staffed != NULL && !shift_holds(d->staffed, now->directory->zone, now->wall_us))
        return "not staffed now";
    if (now->reachable != NULL && !now->reachable(now->ctx, name))
        return "unreachable";
    return NULL;
}

static bool was_told(const struct resolve_query *q, struct slice name)
{
    for (size_t i = 0; i < q->told_count; i++)
        if (slice_eq(q->told[i], name))
            return true;
    return false;
}

/* Two more reasons not to take a group's member when the group gives one person only. */
static const char *pick_obstacle(const struct found *f, const struct who *w, const struct holder *h)
{
    if (w->kind != WHO_TURN && w->kind != WHO_LEAST)
        return NULL;
    if (!h->is_desk && !lookup_on_duty(f->now, f->arena, h->name))
        return "not on duty";
    return w->kind == WHO_TURN && was_told(f->query, h->name) ? "already told" : NULL;
}

static uint32_t load_of(const struct roster_now *now, struct slice name)
{
    return now->open_alerts != NULL ? now->open_alerts(now->ctx, name) : 0;
}

/* `turn`: the first of them; `least`: the one with the fewest open alerts, the earlier one of equals. */
static struct holder pick(const struct found *f, const struct who *w, const struct found *can)
{
    size_t best = 0;
    struct holder h;

    for (size_t i = 1; w->kind == WHO_LEAST && i < can->count; i++)
        if (load_of(f->now, can->items[i].name) < load_of(f->now, can->items[best].name))
            best = i;
    h = can->items[best];
    h.reason =
        w->kind == WHO_LEAST
            ? arena_printf(f->arena, "%.*s; fewest open alerts of group %.*s (%u)", SLICE_ARG(h.reason),
                           SLICE_ARG(w->name), load_of(f->now, h.name))
            : arena_printf(f->arena, "%.*s; turn of group %.*s", SLICE_ARG(h.reason), SLICE_ARG(w->name));
    return h;
}

struct split {
    struct found can, cannot;
};

/* Sorts who was found into those who can be told and those who cannot, with why. */
static void split_add(struct split *s, const struct found *f, const struct who *w, const struct holder *h)
{
    const char *why = h->is_desk ? desk_obstacle(f->now, h->name) : person_obstacle(f, h->name);

    if (why == NULL)
        why = pick_obstacle(f, w, h);
    if (why == NULL) {
        found_add(&s->can, h->name, h->is_desk, h->reason);
        return;
    }
    found_add(&s->cannot, h->name, h->is_desk, arena_printf(f->arena, "%.*s; %s", SLICE_ARG(h->reason), why));
}

/* `otherwise`: which `else` this is, 0 for the first. */
static bool try_who(struct split *s, const struct who *w, size_t otherwise)
{
    struct found f = { s->can.arena, s->can.now, s->can.query, NULL, 0, 0 };

    find_who(&f, w, GROUP_DEPTH);
    if (otherwise > 0)
        found_via(&f, 0, arena_printf(f.arena, "else %zu", otherwise));
    for (size_t i = 0; i < f.count; i++)
        split_add(s, &f, w, &f.items[i]);
    if (s->can.count > 0 && (w->kind == WHO_TURN || w->kind == WHO_LEAST)) {
        s->can.items[0] = pick(&f, w, &s->can);
        s->can.count = 1;
    }
    return s->can.count > 0;
}

static void split_finish(struct split *s, struct resolved *out)
{
    struct found all = s->can;

    out->told = all.count;
    for (size_t i = 0; i < s->cannot.count; i++)
        found_add(&all, s->cannot.items[i].name, s->cannot.items[i].is_desk, s->cannot.items[i].reason);
    for (size_t i = out->told; i < all.count; i++)
        all.items[i].reachable = false;
    out->holders = all.items;
    out->count = all.count;
}

static struct split split_make(struct arena *a, const struct roster_now *now, const struct resolve_query *q)
{
    struct found empty = { a, now, q, NULL, 0, 0 };

    return (struct split){ empty, empty };
}

void roster_resolve(struct arena *a, const struct roster_now *now, const struct resolve_query *q,
                    const struct target *t, struct resolved *out)
{
    struct split s = split_make(a, now, q);

    *out = (struct resolved){ NULL, 0, 0, 0 };
    while (out->alternative < t->count && !try_who(&s, &t->alternatives[out->alternative], out->alternative))
        out->alternative++;
    split_finish(&s, out);
}

void roster_role_holders(struct arena *a, const struct roster_now *now, struct slice role, struct slice unit,
                         struct slice bed, struct resolved *out)
{
    static const struct resolve_query nothing;
    static const struct who as_role = { WHO_ROLE, { NULL, 0 }, { NULL, 0 } };
    struct split s = split_make(a, now, &nothing);
    struct found f = s.can;

    *out = (struct resolved){ NULL, 0, 0, 0 };
    if (bed.len > 0)
        lookup_place(&f, role, unit, bed);
    else
        lookup_all(&f, role, unit);
    for (size_t i = 0; i < f.count; i++)
        split_add(&s, &f, &as_role, &f.items[i]);
    split_finish(&s, out);
}
