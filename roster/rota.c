/* A turn is handed over at one instant: the first time the wall clock shows the hour, or the first
 * valid instant after a gap. So a repeated hour never gives the pager back. */
#include "roster/rota.h"

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

static int64_t turn_start(const struct rota *r, const struct rota_turn *t, int64_t k)
{
    int64_t wall = time_from_civil(t->start) + k * t->every_days * TIME_DAY;

    return tz_from_civil(r->zone, time_to_civil(wall), TZ_FIRST);
}

/* The number of the turn that runs at the instant; below 0 before the rota begins. */
static int64_t turn_number(const struct rota *r, const struct rota_turn *t, int64_t wall_us)
{
    int64_t shown = time_from_civil(tz_to_civil(r->zone, wall_us));
    int64_t k = floor_div(shown - time_from_civil(t->start), t->every_days * TIME_DAY);

    /* Within the hours of a clock change the reading alone can be one turn off. */
    if (turn_start(r, t, k) > wall_us)
        return k - 1;
    return turn_start(r, t, k + 1) <= wall_us ? k + 1 : k;
}

static struct slice turn_person(const struct rota *r, const struct rota_turn *t, int64_t wall_us)
{
    int64_t k;

    if (t->people_count == 0 || t->every_days == 0)
        return (struct slice){ NULL, 0 };
    k = turn_number(r, t, wall_us);
    if (k < 0)
        return (struct slice){ NULL, 0 };
    return t->people[(uint64_t)k % t->people_count];
}

static bool is_person(struct slice name)
{
    return name.len > 0 && !slice_is(name, "nobody");
}

static size_t list_find(const struct slice *people, size_t count, struct slice name)
{
    size_t i = 0;

    while (i < count && !slice_eq(people[i], name))
        i++;
    return i;
}

static void list_add(struct slice *people, size_t *count, size_t room, struct slice name)
{
    if (is_person(name) && *count < room && list_find(people, *count, name) == *count)
        people[(*count)++] = name;
}

static void list_remove(struct slice *people, size_t *count, size_t at)
{
    for (size_t i = at + 1; i < *count; i++)
        people[i - 1] = people[i];
    (*count)--;
}

/* "Replace" takes the place in the order; it does nothing while the replaced person is not on call. */
static void override_apply(const struct rota_interval *o, struct slice *people, size_t *count, size_t room)
{
    size_t at;

    if (o->instead_of.len == 0) {
        list_add(people, count, room, o->person);
        return;
    }
    at = list_find(people, *count, o->instead_of);
    if (at == *count)
        return;
    if (!is_person(o->person) || list_find(people, *count, o->person) < *count)
        list_remove(people, count, at);
    else
        people[at] = o->person;
}

/* The first turn of the feed that begins after the instant. */
static size_t feed_after(const struct rota_feed *f, int64_t wall_us)
{
    size_t low = 0, high = f->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->turns[middle].from_us <= wall_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first one that may still run then. */
static size_t feed_running(const struct rota_feed *f, int64_t wall_us)
{
    return feed_after(f, wall_us - f->longest_us);
}

static bool runs_at(const struct rota_interval *i, int64_t wall_us)
{
    return i->from_us <= wall_us && wall_us < i->to_us;
}

/* Own turns first: who stands in may begin before the turn that is taken over. */
static void feed_at(const struct rota_feed *f, int64_t wall_us, struct slice *people, size_t *count,
                    size_t room)
{
    for (int instead = 0; instead < 2; instead++)
        for (size_t i = feed_running(f, wall_us); i < f->count && f->turns[i].from_us <= wall_us; i++)
            if (runs_at(&f->turns[i], wall_us) && (f->turns[i].instead_of.len > 0) == (instead == 1))
                override_apply(&f->turns[i], people, count, room);
}

size_t rota_room(const struct rota *r, int64_t wall_us)
{
    size_t room = r->turn_count + r->override_count;

    for (size_t i = feed_running(&r->feed, wall_us); i < r->feed.count && r->feed.turns[i].from_us <= wall_us;
         i++)
        room += runs_at(&r->feed.turns[i], wall_us);
    return room;
}

size_t rota_at(const struct rota *r, int64_t wall_us, struct slice *people, size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < r->turn_count; i++)
        list_add(people, &count, room, turn_person(r, &r->turns[i], wall_us));
    feed_at(&r->feed, wall_us, people, &count, room);
    for (size_t i = 0; i < r->override_count; i++)
        if (runs_at(&r->overrides[i], wall_us))
            override_apply(&r->overrides[i], people, &count, room);
    return count;
}

bool rota_has_turn(const struct rota *r, int64_t wall_us, struct slice person)
{
    for (size_t i = 0; i < r->turn_count; i++)
        if (slice_eq(turn_person(r, &r->turns[i], wall_us), person))
            return true;
    for (size_t i = feed_running(&r->feed, wall_us); i < r->feed.count && r->feed.turns[i].from_us <= wall_us;
         i++) {
        const struct rota_interval *t = &r->feed.turns[i];
        if (runs_at(t, wall_us) && t->instead_of.len == 0 && slice_eq(t->person, person))
            return true;
    }
    return false;
}

static bool names_person(const struct rota_interval *list, size_t count, struct slice person)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i].person, person))
            return true;
    return false;
}

bool rota_lists(const struct rota *r, struct slice person)
{
    for (size_t i = 0; i < r->turn_count; i++)
        if (list_find(r->turns[i].people, r->turns[i].people_count, person) < r->turns[i].people_count)
            return true;
    return names_person(r->overrides, r->override_count, person) ||
           names_person(r->feed.turns, r->feed.count, person);
}

struct slice rota_stand_in(const struct rota *r, int64_t wall_us, struct slice person,
                           const struct slice *people, size_t count)
{
    const struct { /* what is written in the site counts before what its file says */
        const struct rota_interval *list;
        size_t count;
    } all[] = { { r->overrides, r->override_count }, { r->feed.turns, r->feed.count } };

    for (size_t k = 0; k < 2; k++)
        for (size_t i = k == 0 ? 0 : feed_running(&r->feed, wall_us); i < all[k].count; i++) {
            const struct rota_interval *o = &all[k].list[i];
            if (k == 1 && o->from_us > wall_us)
                break;
            if (runs_at(o, wall_us) && slice_eq(o->instead_of, person) &&
                list_find(people, count, o->person) < count)
                return o->person;
        }
    return (struct slice){ NULL, 0 };
}

static void sooner(int64_t *best, int64_t wall_us, int64_t at_us)
{
    if (at_us > wall_us && (*best == TIME_NONE || at_us < *best))
        *best = at_us;
}

int64_t rota_next_change(const struct rota *r, int64_t wall_us)
{
    int64_t best = TIME_NONE;

    for (size_t i = 0; i < r->turn_count; i++) {
        const struct rota_turn *t = &r->turns[i];
        int64_t k = t->every_days > 0 && t->people_count > 0 ? turn_number(r, t, wall_us) : 0;

        if (t->every_days > 0 && t->people_count > 0)
            sooner(&best, wall_us, turn_start(r, t, k < 0 ? 0 : k + 1));
    }
    for (size_t i = feed_running(&r->feed, wall_us); i < r->feed.count; i++) {
        sooner(&best, wall_us, r->feed.turns[i].from_us);
        sooner(&best, wall_us, r->feed.turns[i].to_us);
        if (r->feed.turns[i].from_us > wall_us)
            break;
    }
    for (size_t i = 0; i < r->override_count; i++) {
        sooner(&best, wall_us, r->overrides[i].from_us);
        sooner(&best, wall_us, r->overrides[i].to_us);
    }
    return best;
}
