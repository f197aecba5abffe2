/* Admissions, moves, merges: from one change to the whole new row of each patient it concerns. */
#include "router/state.h"

static const struct slice NOTHING = { NULL, 0 };

/* The row as it stands, or an empty one. */
static struct record_patient row_now(const struct core *c, struct slice id)
{
    const struct census_row *row = census_patient(&c->census, id);

    return row != NULL ? row->patient : (struct record_patient){ .id = id, .moved_us = TIME_NONE };
}

static void newer(struct slice *to, struct slice from)
{
    if (from.len > 0)
        *to = from;
}

static void take_details(struct core *c, struct record_patient *row, const struct patient *p)
{
    newer(&row->family, p->family);
    newer(&row->given, p->given);
    newer(&row->birth, p->birth);
    newer(&row->class, p->class);
    newer(&row->service, p->service);
    newer(&row->attending_id, p->attending.id);
    newer(&row->attending_name, p->attending.name);
    if (p->flag_count > 0)
        row->flags = texts_write(c->scratch, p->flags, p->flag_count);
}

static void set_place(struct record_patient *row, struct place place, int64_t occurred_us)
{
    row->prior_unit = row->unit;
    row->prior_room = row->room;
    row->prior_bed = row->bed;
    row->unit = place.unit;
    row->room = place.room;
    row->bed = place.bed;
    row->here = true;
    if (occurred_us != TIME_NONE)
        row->moved_us = occurred_us;
}

static bool has_place(struct place p)
{
    return p.unit.len > 0 || p.bed.len > 0;
}

static struct place place_now(const struct record_patient *row)
{
    return (struct place){ row->unit, row->room, row->bed };
}

static struct place place_before(const struct record_patient *row)
{
    return (struct place){ row->prior_unit, row->prior_room, row->prior_bed };
}

static void update_alert(struct core *c, struct alert *a, const struct event *e)
{
    struct record r = { .type = RECORD_ALERT_UPDATE };
    struct buf b = buf_make(1024 * 1024);

    event_write(&b, e);
    r.as.alert_update.alert = a->id;
    r.as.alert_update.position = c->position;
    r.as.alert_update.active = a->active;
    r.as.alert_update.event = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    core_emit(c, &r);
}

/* Results, orders and appointments follow the patient; alarms and calls stay with bed or device. */
static void alerts_follow(struct core *c, const struct record_patient *row)
{
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open) {
        if (!slice_eq(a->patient, row->id) ||
            (a->kind != EVENT_RESULT && a->kind != EVENT_ORDER && a->kind != EVENT_APPOINTMENT) ||
            (slice_eq(a->unit, row->unit) && slice_eq(a->bed, row->bed)))
            continue;
        struct event moved = *alert_event(c, a);
        moved.place = (struct place){ row->unit, row->room, row->bed };
        update_alert(c, a, &moved);
        if (a->state == ALERT_NOTIFYING)
            decide_handoff(c, a);
    }
}

static void put(struct core *c, struct record_patient *row, bool moved)
{
    struct record r = { .type = RECORD_PATIENT, .as.patient = *row };
    struct slice id = arena_copy(c->scratch, row->id);

    core_emit(c, &r);
    if (moved && row->here)
        alerts_follow(c, &census_patient(&c->census, id)->patient);
}

static bool is_stale(const struct record_patient *row, const struct change *ch)
{
    return row->moved_us != TIME_NONE && ch->occurred_us != TIME_NONE && ch->occurred_us < row->moved_us;
}

/* A08 and the like: never undoes a newer move or discharge, judged by when it happened at the source. */
static void update(struct core *c, const struct change *ch)
{
    struct record_patient row = row_now(c, ch->patient.id);
    bool known = census_patient(&c->census, ch->patient.id) != NULL;
    struct place now = place_now(&row);
    bool moves = has_place(ch->place) && !is_stale(&row, ch) && (row.here || !known) &&
                 !(slice_eq(now.unit, ch->place.unit) && slice_eq(now.bed, ch->place.bed));

    take_details(c, &row, &ch->patient);
    if (moves)
        set_place(&row, ch->place, ch->occurred_us);
    put(c, &row, moves);
}

static void place_patient(struct core *c, const struct change *ch)
{
    struct record_patient row = row_now(c, ch->patient.id);
    bool stale = is_stale(&row, ch);

    take_details(c, &row, &ch->patient);
    if (!stale && (has_place(ch->place) || !row.here))
        set_place(&row, has_place(ch->place) ? ch->place : place_now(&row), ch->occurred_us);
    put(c, &row, !stale);
}

static void cancel_move(struct core *c, const struct change *ch)
{
    struct record_patient row = row_now(c, ch->patient.id);

    take_details(c, &row, &ch->patient);
    set_place(&row, has_place(ch->place) ? ch->place : place_before(&row), ch->occurred_us);
    put(c, &row, true);
}

static void leave(struct core *c, const struct change *ch)
{
    struct record_patient row = row_now(c, ch->patient.id);

    if (ch->kind == CHANGE_DISCHARGE && is_stale(&row, ch) && row.here)
        return;
    take_details(c, &row, &ch->patient);
    if (row.here)
        set_place(&row, (struct place){ NOTHING, NOTHING, NOTHING }, ch->occurred_us);
    row.here = false;
    put(c, &row, false);
}

static void come_back(struct core *c, const struct change *ch)
{
    struct record_patient row = row_now(c, ch->patient.id);

    take_details(c, &row, &ch->patient);
    set_place(&row, has_place(ch->place) ? ch->place : place_before(&row), ch->occurred_us);
    put(c, &row, true);
}

/* A17 names both; a place that one of them lacks is the other's. */
static void swap(struct core *c, const struct change *ch)
{
    struct record_patient one = row_now(c, ch->patient.id), two = row_now(c, ch->other.id);
    struct place a = place_now(&one), b = place_now(&two);

    take_details(c, &one, &ch->patient);
    take_details(c, &two, &ch->other);
    set_place(&one, has_place(ch->place) ? ch->place : b, ch->occurred_us);
    set_place(&two, has_place(ch->other_place) ? ch->other_place : a, ch->occurred_us);
    /* The second row borrows from the first one's texts: keep them past the first record. */
    two.unit = arena_copy(c->scratch, two.unit);
    two.room = arena_copy(c->scratch, two.room);
    two.bed = arena_copy(c->scratch, two.bed);
    put(c, &one, true);
    put(c, &two, true);
}

/* A40: `other` is gone, the patient stays, with the bed of whichever has one; open alerts move over. */
static void merge(struct core *c, const struct change *ch)
{
    struct record_patient into = row_now(c, ch->patient.id), from = row_now(c, ch->other.id);
    struct record gone = { .type = RECORD_PATIENT_MERGED,
                           .as.patient_merged = { ch->other.id, ch->patient.id } };
    bool moves = !into.here && from.here;

    if (moves) {
        set_place(&into, place_now(&from), from.moved_us);
        struct slice *const texts[] = { &into.unit, &into.room, &into.bed };
        for (size_t i = 0; i < 3; i++)
            *texts[i] = arena_copy(c->scratch, *texts[i]);
    }
    take_details(c, &into, &ch->patient);
    core_emit(c, &gone);
    put(c, &into, false);
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open) {
        if (!slice_eq(a->patient, ch->other.id))
            continue;
        struct event e = *alert_event(c, a);
        e.patient = ch->patient;
        update_alert(c, a, &e);
    }
}

static void flag(struct core *c, const struct change *ch, bool set)
{
    struct record_patient row = row_now(c, ch->patient.id);
    struct slice kept[sizeof ch->patient.flags / sizeof ch->patient.flags[0]];
    size_t count, n = 0;
    const struct slice *flags = texts_read(c->scratch, row.flags, &count);

    if (ch->patient.flag_count == 0)
        return;
    for (size_t i = 0; i < count && n + 1 < sizeof kept / sizeof kept[0]; i++)
        if (!slice_eq(flags[i], ch->patient.flags[0]))
            kept[n++] = flags[i];
    if (set)
        kept[n++] = ch->patient.flags[0];
    row.flags = texts_write(c->scratch, kept, n);
    put(c, &row, false);
}

void decide_change(struct core *c, const struct change *ch)
{
    if (ch->patient.id.len == 0)
        return;
    switch (ch->kind) {
    case CHANGE_ADMIT:
    case CHANGE_MOVE:
        place_patient(c, ch);
        break;
    case CHANGE_DISCHARGE:
    case CHANGE_CANCEL_ADMIT:
        leave(c, ch);
        break;
    case CHANGE_UPDATE:
        update(c, ch);
        break;
    case CHANGE_CANCEL_MOVE:
        cancel_move(c, ch);
        break;
    case CHANGE_CANCEL_DISCHARGE:
        come_back(c, ch);
        break;
    case CHANGE_SWAP:
        if (ch->other.id.len > 0)
            swap(c, ch);
        break;
    case CHANGE_MERGE:
        if (ch->other.id.len > 0)
            merge(c, ch);
        break;
    case CHANGE_FLAG:
    case CHANGE_UNFLAG:
        flag(c, ch, ch->kind == CHANGE_FLAG);
        break;
    }
}
