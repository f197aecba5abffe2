#include "lab/advice.h"

#include "base/map.h"
#include "base/memory.h"
#include "lab/median.h"
#include "router/alert.h"

#include <stdlib.h>

#define SECONDS(n) (n) * TIME_S,
const int64_t advice_holds_us[ADVICE_HOLD_COUNT] = { ADVICE_HOLDS(SECONDS) };
#undef SECONDS

struct seen { /* one alert */
    struct slice code;
    enum event_class class;
    int64_t opened_us, lasted_us, held_us;
    uint64_t sends;
    bool accepted, closed, ended;
};

struct advice {
    struct arena *kept, *scratch;
    struct map *open; /* id -> struct seen, until it closes */
    struct seen **all;
    size_t count, room;
};

struct advice *advice_new(void)
{
    struct advice *a = memory_new(sizeof *a);

    a->kept = arena_new();
    a->scratch = arena_new();
    a->open = map_new();
    return a;
}

void advice_free(struct advice **a)
{
    if (a == NULL || *a == NULL)
        return;
    arena_free(&(*a)->kept);
    arena_free(&(*a)->scratch);
    map_free(&(*a)->open, NULL);
    free((*a)->all);
    free(*a);
    *a = NULL;
}

static struct seen *seen(const struct advice *a, uint64_t id)
{
    return map_get(a->open, (struct slice){ (const char *)&id, sizeof id });
}

static void opened(struct advice *a, const struct record *r)
{
    const struct record_alert_open *o = &r->as.alert_open;
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
    struct reader in = reader_make(o->event);

    if (o->copy_of != 0 || !event_read(&in, &e) || slice_is(e.listener, "nightbell") ||
        (e.kind != EVENT_ALARM && e.kind != EVENT_CALL))
        return;
    struct seen *s = arena_alloc(a->kept, sizeof *s);
    *s = (struct seen){ .code = arena_copy(a->kept, e.code.len > 0 ? e.code : e.raw_code),
                        .class = e.class,
                        .opened_us = r->lane_us };
    s->held_us = o->hold_until_us != TIME_NONE ? o->hold_until_us - r->lane_us : 0;
    MEMORY_ROOM(a->all, a->count, a->room);
    a->all[a->count++] = s;
    map_put(a->open, (struct slice){ (const char *)&o->alert, sizeof o->alert }, s);
}

static void sent(struct advice *a, uint64_t alert, struct slice sends)
{
    struct seen *s = seen(a, alert);
    size_t count;

    items_read(a->scratch, &send_layout, sends, &count);
    if (s != NULL)
        s->sends += count;
}

/* The source's own end: cleared unseen, or closed because of it. */
static void ended(struct advice *a, uint64_t alert, int64_t lane_us)
{
    struct seen *s = seen(a, alert);

    if (s == NULL || s->ended)
        return;
    s->ended = true;
    s->lasted_us = lane_us - s->opened_us;
}

static void closed(struct advice *a, const struct record *r)
{
    const struct record_close *d = &r->as.close;
    struct seen *s = seen(a, d->alert);

    if (d->reason == CLOSED_SELF_RESOLVED || d->reason == CLOSED_SOURCE_CLEARED)
        ended(a, d->alert, r->lane_us);
    if (s != NULL)
        s->closed = true;
    map_remove(a->open, (struct slice){ (const char *)&d->alert, sizeof d->alert });
}

bool advice_append(struct advice *a, uint64_t first, uint32_t count, struct slice records, struct error *err)
{
    struct recorded rec;

    arena_reset(a->scratch);
    if (!recorded_read(a->scratch, first, count, records, &rec, err))
        return false;
    for (size_t i = 0; i < rec.count; i++) {
        const struct record *r = &rec.records[i];
        struct seen *s = r->type == RECORD_ACCEPTED ? seen(a, r->as.accepted.alert) : NULL;
        if (s != NULL)
            s->accepted = true;
        else if (r->type == RECORD_ALERT_OPEN)
            opened(a, r);
        else if (r->type == RECORD_STEP)
            sent(a, r->as.step.alert, r->as.step.sends);
        else if (r->type == RECORD_RING)
            sent(a, r->as.ring.alert, r->as.ring.sends);
        else if (r->type == RECORD_CLEARED)
            ended(a, r->as.cleared.alert, r->lane_us);
        else if (r->type == RECORD_CLOSE)
            closed(a, r);
    }
    return true;
}

static void count_one(struct advice_row *row, const struct seen *s)
{
    bool noise = s->ended && !s->accepted;

    row->alerts++;
    row->accepted += s->accepted;
    row->ended += noise;
    row->sends += noise ? s->sends : 0;
    row->held_us = s->held_us > row->held_us ? s->held_us : row->held_us;
    for (size_t i = 0; i < ADVICE_HOLD_COUNT; i++) {
        bool saves = noise && s->lasted_us <= advice_holds_us[i];
        row->saved[i] += saves;
        row->saved_sends[i] += saves ? s->sends : 0;
        row->delayed[i] += s->accepted && s->held_us < advice_holds_us[i];
    }
}

static int64_t median_lasted(const struct advice *a, const struct advice_row *row)
{
    int64_t *all = memory_array(a->count + 1, sizeof *all), median;
    size_t n = 0;

    for (size_t i = 0; i < a->count; i++)
        if (slice_eq(a->all[i]->code, row->code) && a->all[i]->class == row->class && a->all[i]->ended &&
            !a->all[i]->accepted)
            all[n++] = a->all[i]->lasted_us;
    median = median_of(all, n, TIME_NONE);
    free(all);
    return median;
}

static int by_sends(const void *a, const void *b)
{
    const struct advice_row *x = a, *y = b;

    if (x->sends != y->sends)
        return x->sends > y->sends ? -1 : 1;
    return slice_cmp(x->code, y->code);
}

struct advice_row *advice_rows(const struct advice *a, struct arena *arena, size_t *count)
{
    struct map *rows = map_new();
    struct advice_row *list;
    void *row;

    for (size_t i = 0; i < a->count; i++) {
        const struct seen *s = a->all[i];
        struct slice key = arena_printf(arena, "%d %.*s", (int)s->class, SLICE_ARG(s->code));
        struct advice_row *r = map_get(rows, key);
        if (!s->closed && !s->ended)
            continue;
        if (r == NULL) {
            r = arena_alloc(arena, sizeof *r);
            *r = (struct advice_row){ .code = s->code, .class = s->class, .never = s->class == CLASS_LETHAL };
            map_put(rows, key, r);
        }
        count_one(r, s);
    }
    list = arena_array(arena, map_count(rows) + 1, sizeof *list);
    *count = 0;
    for (size_t at = 0; map_next(rows, &at, NULL, &row);) {
        list[*count] = *(const struct advice_row *)row;
        list[*count].median_us = median_lasted(a, &list[*count]);
        (*count)++;
    }
    map_free(&rows, NULL);
    qsort(list, *count, sizeof *list, by_sends);
    return list;
}
