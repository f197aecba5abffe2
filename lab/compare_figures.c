/* The comparison in numbers. */
#include "lab/compare_parts.h"

#include "base/memory.h"
#include "lab/median.h"

#include <stdlib.h>
#include <string.h>

const struct compare_row *const *compare_rows(const struct compare *c, size_t *count)
{
    *count = c->row_count;
    return (const struct compare_row *const *)(const void *)c->rows; /* `out` is the first member */
}

static const struct compare_row *row_at(const struct compare *c, size_t i)
{
    return &c->rows[i]->out;
}

static bool told_both(const struct compare_row *r, enum compare_side side)
{
    return r->side[SIDE_RECORD].first_us != TIME_NONE && r->side[side].first_us != TIME_NONE;
}

static int64_t moved_by(const struct compare_row *r, enum compare_side side)
{
    return r->side[side].first_us - r->side[SIDE_RECORD].first_us;
}

static bool moved(const struct compare_row *r, enum compare_side side)
{
    int64_t by = told_both(r, side) ? moved_by(r, side) : 0;

    return by >= COMPARE_SAME_US || by <= -COMPARE_SAME_US;
}

static bool owner_changed(const struct compare_row *r, enum compare_side side)
{
    const struct compare_side_row *a = &r->side[SIDE_RECORD], *b = &r->side[side];

    return a->there != b->there || (a->there && !slice_eq(a->rule, b->rule));
}

bool compare_changed(const struct compare_row *r, enum compare_side side)
{
    if (owner_changed(r, side) || moved(r, side) ||
        (r->side[SIDE_RECORD].first_us == TIME_NONE) != (r->side[side].first_us == TIME_NONE))
        return true;
    for (size_t i = 0; i < r->told_count; i++)
        if ((r->told[i].at_us[SIDE_RECORD] == TIME_NONE) != (r->told[i].at_us[side] == TIME_NONE))
            return true;
    return r->side[SIDE_RECORD].desk_only != r->side[side].desk_only;
}

/* --- counted pairs ---------------------------------------------------------------------------------------
 */

struct pairs {
    struct arena *arena;
    struct map *map;
};

static void pair_add(struct pairs *p, struct slice from, struct slice to, enum compare_side side)
{
    struct slice key = arena_printf(p->arena, "%.*s\n%.*s", SLICE_ARG(from), SLICE_ARG(to));
    struct compare_pair *pair = map_get(p->map, key);

    if (pair == NULL) {
        pair = arena_alloc(p->arena, sizeof *pair);
        pair->from = from;
        pair->to = to;
        map_put(p->map, key, pair);
    }
    pair->count[side]++;
}

static uint64_t weight(const struct compare_pair *p)
{
    return p->count[SIDE_NOBODY] + p->count[SIDE_EVERYBODY];
}

static int by_weight(const void *a, const void *b)
{
    const struct compare_pair *x = a, *y = b;
    int names = slice_cmp(x->from, y->from);

    if (weight(x) != weight(y))
        return weight(x) > weight(y) ? -1 : 1;
    return names != 0 ? names : slice_cmp(x->to, y->to);
}

static struct compare_pair *pairs_end(struct pairs *p, size_t *count)
{
    struct compare_pair *list = arena_array(p->arena, map_count(p->map) + 1, sizeof *list);
    void *pair;

    *count = 0;
    for (size_t at = 0; map_next(p->map, &at, NULL, &pair);)
        list[(*count)++] = *(const struct compare_pair *)pair;
    qsort(list, *count, sizeof *list, by_weight);
    map_free(&p->map, NULL);
    return list;
}

/* --- figures ---------------------------------------------------------------------------------------------
 */

static const struct slice NOT_OPENED = { "(none)", 6 };

static void count_side(const struct compare_row *r, enum compare_side side, struct compare_figures *f)
{
    const struct compare_side_row *s = &r->side[side];

    f->own_opened[side] += s->there && !r->copy;
    f->sends[side] += s->sends;
    f->desk_only[side] += s->desk_only;
    f->held_back[side] += s->held_back;
    f->waited[side] += s->waited;
    f->exhausted[side] += s->exhausted;
    f->no_notice[side] += s->there && s->first_us == TIME_NONE;
}

static void count_change(const struct compare_row *r, enum compare_side side, struct compare_figures *f)
{
    f->newly_desk_only[side] += r->side[side].desk_only && !r->side[SIDE_RECORD].desk_only;
    f->moved[side] += moved(r, side);
    f->owner_changed[side] += !r->copy && owner_changed(r, side);
    if (told_both(r, side) && (f->worst_alert[side] == 0 || moved_by(r, side) > f->worst_us[side])) {
        f->worst_us[side] = moved_by(r, side);
        f->worst_alert[side] = r->alert;
    }
}

static void count_people(const struct compare_row *r, enum compare_side side, struct compare_figures *f,
                         struct pairs *gained, struct pairs *lost)
{
    struct slice none = { NULL, 0 };

    for (size_t i = 0; i < r->told_count; i++) {
        bool before = r->told[i].at_us[SIDE_RECORD] != TIME_NONE, now = r->told[i].at_us[side] != TIME_NONE;
        f->gained_alerts[side] += now && !before;
        f->lost_alerts[side] += before && !now;
        if (now && !before)
            pair_add(gained, none, r->told[i].holder, side);
        if (before && !now)
            pair_add(lost, none, r->told[i].holder, side);
    }
}

static int64_t median_moved(const struct compare *c, enum compare_side side)
{
    int64_t *all = memory_array(c->row_count + 1, sizeof *all);
    size_t n = 0;

    for (size_t i = 0; i < c->row_count; i++)
        if (told_both(row_at(c, i), side))
            all[n++] = moved_by(row_at(c, i), side);
    int64_t median = median_of(all, n, 0);
    free(all);
    return median;
}

static int by_hour(const void *a, const void *b)
{
    int64_t x = ((const struct compare_hour *)a)->wall_us, y = ((const struct compare_hour *)b)->wall_us;

    return x < y ? -1 : x > y;
}

static void list_hours(const struct compare *c, struct arena *a, struct compare_figures *f)
{
    void *hour;

    f->hours = arena_array(a, map_count(c->sent_hours) + 1, sizeof *f->hours);
    for (size_t at = 0; map_next(c->sent_hours, &at, NULL, &hour);)
        f->hours[f->hour_count++] = *(const struct compare_hour *)hour;
    qsort(f->hours, f->hour_count, sizeof *f->hours, by_hour);
}

static bool is_desk(const struct row *row, const struct send *s)
{
    for (size_t i = 0; i < row->out.told_count; i++)
        if (slice_eq(row->told[i].holder, s->holder))
            return row->told[i].desk;
    return false;
}

static void count_people_sends(const struct compare *c, struct compare_figures *f)
{
    for (size_t i = 0; i < c->row_count; i++)
        for (int side = 0; side < SIDE_COUNT; side++)
            for (const struct send *s = c->rows[i]->sends[side]; s != NULL; s = s->next)
                f->people_sends[side] += !is_desk(c->rows[i], s);
}

void compare_figures(const struct compare *c, struct arena *a, struct compare_figures *f)
{
    struct pairs owners = { a, map_new() }, gained = { a, map_new() }, lost = { a, map_new() };

    *f = (struct compare_figures){ .messages = c->messages,
                                   .full_context = c->full_context,
                                   .events = c->row_count,
                                   .person_hours = map_count(c->person_hours),
                                   .answers_recorded = c->answered,
                                   .answers_invented = c->invented,
                                   .sends_uncovered = c->uncovered,
                                   .refused = c->refused,
                                   .accept_median_us = medians_get(&c->accepts),
                                   .receipt_median_us = medians_get(&c->receipts) };
    for (size_t i = 0; i < c->row_count; i++) {
        const struct compare_row *r = row_at(c, i);
        count_side(r, SIDE_RECORD, f);
        for (unsigned side = SIDE_NOBODY; side < SIDE_COUNT; side++) {
            count_side(r, side, f);
            count_change(r, side, f);
            count_people(r, side, f, &gained, &lost);
            if (!r->copy && owner_changed(r, side))
                pair_add(&owners, r->side[SIDE_RECORD].there ? r->side[SIDE_RECORD].rule : NOT_OPENED,
                         r->side[side].there ? r->side[side].rule : NOT_OPENED, side);
        }
    }
    for (unsigned side = SIDE_NOBODY; side < SIDE_COUNT; side++)
        f->median_us[side] = median_moved(c, side);
    f->owners = pairs_end(&owners, &f->owner_count);
    f->gained = pairs_end(&gained, &f->gained_count);
    f->lost = pairs_end(&lost, &f->lost_count);
    count_people_sends(c, f);
    list_hours(c, a, f);
}
