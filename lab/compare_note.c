/* What records say: which alerts there are on a side, who is told of them, and when. */
#include "lab/compare_parts.h"

#include "base/limits.h"
#include "base/memory.h"
#include "events/event.h"
#include "router/alert.h"

#include <string.h>

struct slice compare_name(struct compare *c, struct slice text)
{
    const struct slice *kept = map_get(c->names, text);

    if (kept != NULL)
        return *kept;
    struct slice *own = arena_alloc(c->kept, sizeof *own);
    *own = arena_copy(c->kept, text);
    map_put(c->names, text, own);
    return *own;
}

static struct slice id_bytes(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

static struct row *row_of(const struct map *alerts, uint64_t id)
{
    return map_get(alerts, id_bytes(&id));
}

static struct row *new_row(struct compare *c, struct slice key, const struct record *r, const struct event *e)
{
    struct row *row = arena_alloc(c->kept, sizeof *row);

    MEMORY_ROOM(c->rows, c->row_count, c->row_room);
    c->rows[c->row_count++] = row;
    map_put(c->by_key, key, row);
    row->out = (struct compare_row){ .alert = r->as.alert_open.alert,
                                     .position = r->as.alert_open.position,
                                     .copy = r->as.alert_open.copy_of != 0,
                                     .class = e->class,
                                     .code = compare_name(c, e->code.len > 0 ? e->code : e->raw_code),
                                     .unit = compare_name(c, e->place.unit),
                                     .opened_us = r->lane_us,
                                     .opened_wall_us = r->wall_us };
    for (int i = 0; i < SIDE_COUNT; i++)
        row->out.side[i].first_us = TIME_NONE;
    return row;
}

/* The same on every side: message, identity, and the rule of a copy. */
static struct slice key_of(struct compare *c, const struct record_alert_open *o, const struct event *e)
{
    struct slice rule = o->copy_of != 0 ? o->rule : SLICE("");

    return arena_printf(c->scratch, "%llu|%.*s|%.*s", (unsigned long long)o->position, SLICE_ARG(rule),
                        SLICE_ARG(e->identity));
}

static bool opened(struct compare *c, enum compare_side side, struct map *alerts, const struct record *r)
{
    const struct record_alert_open *o = &r->as.alert_open;
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
    struct reader in = reader_make(o->event);

    if (!event_read(&in, &e) || slice_is(e.listener, "nightbell"))
        return true;
    struct slice key = key_of(c, o, &e);
    struct row *row = map_get(c->by_key, key);
    if (row == NULL && c->row_count >= LIMIT_COMPARED_ALERTS)
        return error_set(&c->error, ERROR_LIMIT,
                         "compared-alerts: choose a shorter range with --from and --to");
    if (row == NULL)
        row = new_row(c, key, r, &e);
    if (side == SIDE_RECORD)
        row->out.alert = o->alert;
    row->out.side[side].there = true;
    row->out.side[side].rule = compare_name(c, o->rule);
    map_put(alerts, id_bytes(&o->alert), row);
    return true;
}

static struct compare_told *told_of(struct compare *c, struct row *row, const struct told_item *t)
{
    for (size_t i = 0; i < row->out.told_count; i++)
        if (slice_eq(row->told[i].holder, t->holder))
            return &row->told[i];
    if (row->out.told_count == row->told_room) {
        size_t room = row->told_room > 0 ? row->told_room * 2 : 4;
        struct compare_told *more = arena_array(c->kept, room, sizeof *more);
        if (row->told_room > 0)
            memcpy(more, row->told, row->told_room * sizeof *more);
        row->told = more;
        row->told_room = room;
        row->out.told = more;
    }
    struct compare_told *now = &row->told[row->out.told_count++];
    *now = (struct compare_told){ .holder = compare_name(c, t->holder), .desk = t->desk };
    for (int i = 0; i < SIDE_COUNT; i++)
        now->at_us[i] = TIME_NONE;
    return now;
}

struct hour_key {
    int64_t hour;
    uint64_t holder;
};

static void note_person_hour(struct compare *c, struct slice holder, int64_t wall_us)
{
    struct hour_key k = { wall_us / TIME_HOUR, slice_hash(holder, 5) };

    map_put(c->person_hours, (struct slice){ (const char *)&k, sizeof k }, c);
}

static struct compare_hour *hour_of(struct compare *c, int64_t wall_us)
{
    int64_t hour = wall_us / TIME_HOUR;
    struct slice key = { (const char *)&hour, sizeof hour };
    struct compare_hour *h = map_get(c->sent_hours, key);

    if (h == NULL) {
        h = arena_alloc(c->kept, sizeof *h);
        h->wall_us = hour * TIME_HOUR;
        map_put(c->sent_hours, key, h);
    }
    return h;
}

static void note_told(struct compare *c, enum compare_side side, struct row *row, const struct record *r,
                      struct slice told)
{
    struct compare_side_row *s = &row->out.side[side];
    size_t count;
    const struct told_item *items = items_read(c->scratch, &told_layout, told, &count);
    bool people = false, any = false;

    for (size_t i = 0; i < count; i++) {
        if (!items[i].told)
            continue;
        struct compare_told *t = told_of(c, row, &items[i]);
        t->at_us[side] = t->at_us[side] == TIME_NONE ? r->lane_us : t->at_us[side];
        any = true;
        people = people || !items[i].desk;
        if (!items[i].desk)
            note_person_hour(c, t->holder, r->wall_us);
    }
    if (any && (s->first_us == TIME_NONE || s->first_us == r->lane_us)) {
        s->desk_only = !people && (s->first_us == TIME_NONE || s->desk_only);
        s->first_us = r->lane_us;
    }
}

static void note_sends(struct compare *c, enum compare_side side, struct row *row, const struct record *r,
                       struct slice sends, void (*sent)(void *ctx, struct send *s), void *ctx)
{
    size_t count;
    const struct send_item *items = items_read(c->scratch, &send_layout, sends, &count);

    row->out.side[side].sends += (uint32_t)count;
    hour_of(c, r->wall_us)->sends[side] += count;
    for (size_t i = 0; i < count; i++) {
        struct send *s = arena_alloc(c->kept, sizeof *s);
        *s = (struct send){ .id = items[i].delivery,
                            .row = row,
                            .holder = compare_name(c, items[i].holder),
                            .endpoint = compare_name(c, items[i].endpoint),
                            .device = items[i].device,
                            .at_us = r->lane_us,
                            .fyi = items[i].fyi,
                            .next = row->sends[side] };
        row->sends[side] = s;
        sent(ctx, s);
    }
}

static void closed(const struct map *alerts, enum compare_side side, const struct record_close *d)
{
    struct row *row = row_of(alerts, d->alert);

    if (row != NULL)
        row->out.side[side].held_back = row->out.side[side].first_us == TIME_NONE;
}

/* Held back by a clause: it waits for another, for others, for a shift, or its summary for its time. */
static void waits(const struct map *alerts, enum compare_side side, uint64_t alert)
{
    struct row *row = row_of(alerts, alert);

    if (row != NULL)
        row->out.side[side].waited = true;
}

bool compare_note(struct compare *c, enum compare_side side, struct map *alerts, const struct record *r,
                  uint64_t position, void (*sent)(void *ctx, struct send *s), void *ctx)
{
    struct row *row;

    (void)position;
    switch (r->type) {
    case RECORD_ALERT_OPEN:
        return opened(c, side, alerts, r);
    case RECORD_ALERT_WORSE:
        if ((row = row_of(alerts, r->as.alert_worse.alert)) != NULL)
            row->out.side[side].rule = compare_name(c, r->as.alert_worse.rule);
        return true;
    case RECORD_STEP:
        if ((row = row_of(alerts, r->as.step.alert)) != NULL) {
            note_told(c, side, row, r, r->as.step.told);
            note_sends(c, side, row, r, r->as.step.sends, sent, ctx);
        }
        return true;
    case RECORD_RING:
        if ((row = row_of(alerts, r->as.ring.alert)) != NULL)
            note_sends(c, side, row, r, r->as.ring.sends, sent, ctx);
        return true;
    case RECORD_SUMMARY: /* one send for all that waited; the newest stands for them */
        if ((row = row_of(alerts, r->as.summary.alert)) != NULL)
            note_sends(c, side, row, r, r->as.summary.sends, sent, ctx);
        return true;
    case RECORD_WAIT:
        waits(alerts, side, r->as.wait.alert);
        return true;
    case RECORD_JOINED:
        waits(alerts, side, r->as.joined.alert);
        return true;
    case RECORD_LIMITED:
        waits(alerts, side, r->as.limited.alert);
        return true;
    case RECORD_EXHAUSTED:
        if ((row = row_of(alerts, r->as.exhausted.alert)) != NULL)
            row->out.side[side].exhausted = true;
        return true;
    case RECORD_CLOSE:
        closed(alerts, side, &r->as.close);
        return true;
    default:
        return true;
    }
}
