#include "router/movements.h"

#include <string.h>

LAYOUT_DEFINE(static, movement_layout, "movement", struct movement, MOVEMENT_MEMBERS)

bool place_named(struct place p)
{
    return p.unit.len > 0 || p.bed.len > 0;
}

bool place_same(struct place a, struct place b)
{
    return slice_eq(a.unit, b.unit) && slice_eq(a.room, b.room) && slice_eq(a.bed, b.bed);
}

struct place movement_place(const struct movement *one)
{
    return (struct place){ one->unit, one->room, one->bed };
}

void movement_set_place(struct movement *one, struct place p)
{
    one->unit = p.unit;
    one->room = p.room;
    one->bed = p.bed;
}

static struct place temporary_place(const struct movement *one)
{
    return (struct place){ one->temporary_unit, one->temporary_room, one->temporary_bed };
}

/* --- the stay ---------------------------------------------------------------------------------------- */
static void relocate(struct stay *s, const struct movement *m)
{
    struct place to = movement_place(m);

    if (place_named(to) && !place_same(to, s->place)) {
        if (place_named(s->place))
            s->prior = s->place;
        s->place = to;
    }
    s->here = true;
    s->temporary = temporary_place(m);
    s->moved_us = m->at_us;
}

static void expect(struct stay *s, const char *what, const struct movement *m)
{
    s->pending = slice_of(what);
    s->pending_place = movement_place(m);
}

static void leave(struct stay *s, const struct movement *m)
{
    struct place prior = place_named(s->place) ? s->place : s->prior;

    *s = (struct stay){ .prior = prior, .moved_us = m->at_us };
}

static void settled(struct stay *s)
{
    s->pending = (struct slice){ NULL, 0 };
    s->pending_place = (struct place){ .unit = { NULL, 0 } };
}

static void step(struct stay *s, const struct movement *m)
{
    switch ((enum movement_kind)m->kind) {
    case MOVEMENT_ADMITTED:
    case MOVEMENT_TRANSFERRED:
        s->away = false;
        settled(s);
        relocate(s, m);
        break;
    case MOVEMENT_PLACED:
        relocate(s, m);
        break;
    case MOVEMENT_CORRECTED:
        if (s->here)
            relocate(s, m);
        break;
    case MOVEMENT_DISCHARGED:
    case MOVEMENT_VOIDED:
        leave(s, m);
        break;
    case MOVEMENT_DEPARTED:
        s->temporary = temporary_place(m);
        break;
    case MOVEMENT_ARRIVED:
        if (place_named(movement_place(m)))
            relocate(s, m);
        s->temporary = temporary_place(m);
        break;
    case MOVEMENT_ON_LEAVE:
    case MOVEMENT_BACK:
        s->away = s->here && m->kind == MOVEMENT_ON_LEAVE;
        break;
    case MOVEMENT_PREADMITTED:
    case MOVEMENT_PENDING_ADMISSION:
        if (!s->here)
            expect(s, "admission", m);
        break;
    case MOVEMENT_PENDING_TRANSFER:
    case MOVEMENT_PENDING_DISCHARGE:
        if (s->here)
            expect(s, m->kind == MOVEMENT_PENDING_TRANSFER ? "transfer" : "discharge", m);
        break;
    default:
        break;
    }
}

struct stay movements_stay_at(const struct movements *m, int64_t at_us)
{
    struct stay s = { .moved_us = TIME_NONE };

    for (size_t i = 0; i < m->count && (at_us == TIME_NONE || m->list[i].at_us <= at_us); i++)
        step(&s, &m->list[i]);
    return s;
}

struct stay movements_stay(const struct movements *m)
{
    return movements_stay_at(m, TIME_NONE);
}

void stay_to_row(const struct stay *s, struct record_patient *row)
{
    row->here = s->here;
    row->away = s->away;
    row->moved_us = s->moved_us;
    row->unit = s->place.unit;
    row->room = s->place.room;
    row->bed = s->place.bed;
    row->prior_unit = s->prior.unit;
    row->prior_room = s->prior.room;
    row->prior_bed = s->prior.bed;
    row->temporary_unit = s->temporary.unit;
    row->temporary_room = s->temporary.room;
    row->temporary_bed = s->temporary.bed;
    row->pending = s->pending;
    row->pending_unit = s->pending_place.unit;
    row->pending_room = s->pending_place.room;
    row->pending_bed = s->pending_place.bed;
}

/* --- the list ---------------------------------------------------------------------------------------- */
static void push(struct movements *m, enum movement_kind kind, int64_t at_us, struct place p)
{
    struct movement one = { .kind = (uint8_t)kind, .at_us = at_us };

    movement_set_place(&one, p);
    m->list[m->count++] = one;
}

/* A row of version 1 knows its place and the one before it. */
static void from_places(struct movements *m, const struct record_patient *row)
{
    struct place prior = { row->prior_unit, row->prior_room, row->prior_bed },
                 now = { row->unit, row->room, row->bed };

    if (place_named(prior))
        push(m, MOVEMENT_ADMITTED, INT64_MIN, prior);
    if (row->here)
        push(m, place_named(prior) ? MOVEMENT_TRANSFERRED : MOVEMENT_ADMITTED, row->moved_us, now);
    else if (row->moved_us != TIME_NONE)
        push(m, MOVEMENT_DISCHARGED, row->moved_us, (struct place){ .unit = { NULL, 0 } });
}

void movements_read(struct movements *m, struct arena *a, const struct record_patient *row)
{
    size_t count = 0;

    m->arena = a;
    m->count = 0;
    if (row->movements.len == 0) {
        from_places(m, row);
        return;
    }
    const struct movement *list = items_read(a, &movement_layout, row->movements, &count);
    for (size_t i = 0; i < count && m->count < MOVEMENTS_MAX; i++)
        m->list[m->count++] = list[i];
}

struct slice movements_write(const struct movements *m)
{
    return items_write(m->arena, &movement_layout, m->list, m->count);
}

static bool has_id(const struct movements *m, struct slice ids, struct slice wanted)
{
    size_t count, wanted_count;
    const struct slice *list = texts_read(m->arena, ids, &count),
                       *others = texts_read(m->arena, wanted, &wanted_count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < wanted_count; k++)
            if (slice_eq(list[i], others[k]))
                return true;
    return false;
}

static size_t with_id(const struct movements *m, struct slice ids)
{
    size_t i = m->count;

    while (ids.len > 0 && i > 0)
        if (has_id(m, m->list[--i].ids, ids))
            return i;
    return m->count;
}

void movements_remove(struct movements *m, size_t index)
{
    memmove(&m->list[index], &m->list[index + 1], (m->count - index - 1) * sizeof m->list[0]);
    m->count--;
}

/* The oldest two become one that leaves the patient where both did. */
static void fold_oldest(struct movements *m)
{
    struct movements two = { .arena = m->arena, .list = { m->list[0], m->list[1] }, .count = 2 };
    struct stay s = movements_stay(&two);
    struct movement *base = &m->list[1];

    base->kind = s.here ? MOVEMENT_ADMITTED : MOVEMENT_DISCHARGED;
    movement_set_place(base, s.place);
    base->temporary_unit = s.temporary.unit;
    base->temporary_room = s.temporary.room;
    base->temporary_bed = s.temporary.bed;
    movements_remove(m, 0);
}

static bool same_movement(const struct movement *a, const struct movement *b)
{
    return a->kind == b->kind && a->at_us == b->at_us && place_same(movement_place(a), movement_place(b)) &&
           place_same(temporary_place(a), temporary_place(b));
}

void movements_add(struct movements *m, const struct movement *one)
{
    struct movement copy = *one;
    size_t same = with_id(m, one->ids), at;

    if (same < m->count)
        movements_remove(m, same);
    if (copy.at_us == TIME_NONE) /* no time at all: it has just happened */
        copy.at_us = m->count > 0 ? m->list[m->count - 1].at_us : TIME_NONE;
    for (at = m->count; at > 0 && m->list[at - 1].at_us > copy.at_us; at--)
        continue;
    if (at > 0 && same_movement(&m->list[at - 1], &copy))
        return;
    memmove(&m->list[at + 1], &m->list[at], (m->count - at) * sizeof m->list[0]);
    m->list[at] = copy;
    m->count++;
    if (m->count > MOVEMENTS_MAX)
        fold_oldest(m);
}

/* A time that was sent to the minute stands for all of that minute. */
static int64_t end_of(int64_t at_us)
{
    if (at_us == TIME_NONE)
        return INT64_MAX;
    return at_us % TIME_MIN == 0 && at_us < INT64_MAX - TIME_MIN ? at_us + TIME_MIN - 1 : at_us;
}

static bool may_be(const struct movement *one, enum movement_kind kind, struct slice ids)
{
    return one->kind == (uint8_t)kind && (ids.len == 0 || one->ids.len == 0);
}

size_t movements_find(const struct movements *m, enum movement_kind kind, struct slice ids, int64_t at_us)
{
    size_t found = with_id(m, ids);

    if (found < m->count || kind == MOVEMENT_NONE)
        return found;
    for (size_t i = m->count; i > 0; i--)
        if (may_be(&m->list[i - 1], kind, ids) && at_us != TIME_NONE && m->list[i - 1].at_us == at_us)
            return i - 1;
    for (size_t i = m->count; i > 0; i--)
        if (may_be(&m->list[i - 1], kind, ids) && m->list[i - 1].at_us <= end_of(at_us))
            return i - 1;
    return m->count;
}

static bool ends_stay(const struct movement *one)
{
    return one->kind == MOVEMENT_DISCHARGED || one->kind == MOVEMENT_VOIDED;
}

/* The first movement of the stay that was on at that instant; count when there was none. */
static size_t stay_begin(const struct movements *m, struct slice ids, int64_t at_us)
{
    size_t admitted = movements_find(m, MOVEMENT_ADMITTED, ids, at_us), first = m->count;

    if (admitted < m->count)
        return admitted;
    for (size_t i = 0; i < m->count && m->list[i].at_us <= end_of(at_us); i++) {
        if (ends_stay(&m->list[i]))
            first = m->count;
        else if (first == m->count)
            first = i;
    }
    return first < m->count && movements_stay_at(m, end_of(at_us)).here ? first : m->count;
}

bool movements_void(struct movements *m, struct slice ids, int64_t at_us, int64_t until_us)
{
    size_t first = stay_begin(m, ids, at_us);
    int64_t end = end_of(until_us > at_us ? until_us : at_us);

    if (first == m->count)
        return false;
    struct movement gone = { .kind = MOVEMENT_VOIDED };
    struct place admitted = movement_place(&m->list[first]);
    bool over = false;
    do {
        over = ends_stay(&m->list[first]);
        gone.at_us = m->list[first].at_us;
        movements_remove(m, first);
    } while (!over && first < m->count && m->list[first].at_us <= end &&
             m->list[first].kind != MOVEMENT_ADMITTED);
    struct stay rest = movements_stay_at(m, gone.at_us);
    if (rest.here && place_named(rest.place) && place_named(admitted) && !place_same(rest.place, admitted))
        return true;
    /* A late message about the time before the undo brings nobody back, unless there is another stay. */
    if (first == m->count && at_us > gone.at_us)
        gone.at_us = at_us;
    if (first == m->count && until_us > gone.at_us)
        gone.at_us = until_us;
    movements_add(m, &gone);
    return true;
}
