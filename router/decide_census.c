/* Admissions, moves, undos: from one change to the whole new row of each patient it concerns. */
#include "router/census_work.h"

/* --- movements --------------------------------------------------------------------------------------- */
static struct slice ids_of(const struct census_work *w)
{
    return w->ch->movement_count > 0 ? texts_write(w->c->scratch, w->ch->movements, w->ch->movement_count)
                                     : (struct slice){ NULL, 0 };
}

static struct movement make(const struct census_work *w, enum movement_kind kind, struct place place)
{
    struct movement m = { .kind = (uint8_t)kind, .at_us = w->ch->occurred_us, .ids = ids_of(w) };

    movement_set_place(&m, place);
    m.temporary_unit = w->ch->temporary.unit;
    m.temporary_room = w->ch->temporary.room;
    m.temporary_bed = w->ch->temporary.bed;
    return m;
}

/* An update of a movement (ZBE-4) that leaves its place out keeps it. */
static void add(struct census_work *w, enum movement_kind kind, struct place place)
{
    struct movement m = make(w, kind, place);
    size_t old = movements_find(&w->moves, MOVEMENT_NONE, m.ids, m.at_us);

    if (old < w->moves.count && w->ch->action == ZBE_UPDATE && !place_named(place))
        movement_set_place(&m, movement_place(&w->moves.list[old]));
    movements_add(&w->moves, &m);
}

/* He came, was moved or went: true when that is how it now stands. */
static bool came(struct census_work *w, enum movement_kind kind)
{
    struct place to = w->ch->place;

    add(w, kind, to);
    struct stay s = work_stay(w);
    if (w->ch->action == ZBE_UPDATE)
        return !place_same(s.place, w->before);
    return s.here && (!place_named(to) || place_same(s.place, to));
}

/* The place of an update: only where it tells of a move within the stay that was on at its time. */
static void place_if_moved(struct census_work *w, bool may_come, enum movement_kind kind)
{
    const struct change *ch = w->ch;
    struct stay then = movements_stay_at(&w->moves, ch->occurred_us);

    if (!place_named(ch->place) || !(then.here || may_come) || (then.here && same_bed(ch->place, then.place)))
        return;
    add(w, then.here ? kind : MOVEMENT_PLACED, ch->place);
}

static void temporary_if_moved(struct census_work *w)
{
    const struct change *ch = w->ch;
    struct stay then = movements_stay_at(&w->moves, ch->occurred_us);
    bool back = (ch->cleared & CLEARED_TEMPORARY) != 0 && place_named(then.temporary);
    struct movement m =
        make(w, back ? MOVEMENT_ARRIVED : MOVEMENT_DEPARTED, (struct place){ .unit = { NULL, 0 } });

    m.ids = (struct slice){ NULL, 0 };
    if (then.here && (back || (place_named(ch->temporary) && !place_same(ch->temporary, then.temporary))))
        movements_add(&w->moves, &m);
}

/* A08 and the like: never undoes a newer move or discharge, judged by when it happened at the source. */
static bool update(struct census_work *w)
{
    const struct change *ch = w->ch;
    size_t known = movements_find(&w->moves, MOVEMENT_NONE, ids_of(w), ch->occurred_us);

    if (known < w->moves.count && place_named(ch->place))
        movement_set_place(&w->moves.list[known], ch->place);
    else if (known == w->moves.count)
        place_if_moved(w, w->moves.count == 0 && !slice_is(ch->patient.class, "preadmit"),
                       MOVEMENT_CORRECTED);
    temporary_if_moved(w);
    return !place_same(work_stay(w).place, w->before);
}

/* --- undo -------------------------------------------------------------------------------------------- */
/* An undo of something that was never seen, about somebody unknown: at least it says where he is. */
static bool first_sight(struct census_work *w)
{
    if (!w->known && place_named(w->ch->place))
        add(w, MOVEMENT_PLACED, w->ch->place);
    return false;
}

/* Where PV1-3 of an undo says that he is again, if the rest of the list does not. */
static void back_at(struct census_work *w, const struct movement *undone, struct place to, bool newest)
{
    struct stay s = work_stay(w);
    struct movement m = { .kind = s.here ? MOVEMENT_PLACED : MOVEMENT_ADMITTED, .at_us = undone->at_us };

    movement_set_place(&m, to);
    if (place_named(to) && newest && !(s.here && same_bed(to, s.place)))
        movements_add(&w->moves, &m);
}

/* A12: PV1-3 is where he is again; one that names the undone place says so only together with PV1-6, else it
 * is an undo that was taken before. */
static bool cancel_move(struct census_work *w)
{
    struct place to = w->ch->place;
    size_t i = movements_find(&w->moves, MOVEMENT_TRANSFERRED, ids_of(w), w->ch->occurred_us);

    if (i == w->moves.count)
        return first_sight(w);
    struct movement undone = w->moves.list[i];
    bool newest = work_stay(w).moved_us == undone.at_us && w->was_here;
    struct movements rest = w->moves;
    movements_remove(&rest, i);
    struct stay without = movements_stay(&rest);
    if (place_named(to) && same_bed(to, movement_place(&undone)) && !same_bed(to, without.place)) {
        if (!place_named(w->ch->prior) || same_bed(w->ch->prior, to))
            return false;
        to = w->ch->prior;
    }
    if (!without.here && !place_named(to))
        return false; /* nothing says where he was before */
    w->moves = rest;
    back_at(w, &undone, to, newest);
    return true;
}

static bool cancel_discharge(struct census_work *w)
{
    size_t i = movements_find(&w->moves, MOVEMENT_DISCHARGED, ids_of(w), w->ch->occurred_us);

    if (i == w->moves.count)
        return first_sight(w);
    struct movement undone = w->moves.list[i];
    bool newest = !w->was_here;
    movements_remove(&w->moves, i);
    struct place to = w->ch->place;
    if (!place_named(to) && !work_stay(w).here)
        to = (struct place){ w->row.prior_unit, w->row.prior_room, w->row.prior_bed };
    back_at(w, &undone, to, newest);
    return true;
}

static bool cancel_admit(struct census_work *w)
{
    bool voided = movements_void(&w->moves, ids_of(w), w->ch->occurred_us, w->ch->recorded_us);

    if (!voided && w->moves.count == 0)
        add(w, MOVEMENT_VOIDED, (struct place){ .unit = { NULL, 0 } });
    return voided;
}

static bool cancel(struct census_work *w, enum movement_kind kind)
{
    size_t i = movements_find(&w->moves, kind, ids_of(w), w->ch->occurred_us);

    if (i == w->moves.count)
        return false;
    if (w->moves.list[i].kind == MOVEMENT_ADMITTED)
        return cancel_admit(w);
    movements_remove(&w->moves, i);
    return true;
}

/* --- the rest ---------------------------------------------------------------------------------------- */
/* A55 says who it is again; one that names nobody brings back the one before. */
static void cancel_attending(struct census_work *w)
{
    struct record_patient *row = &w->row;

    if (w->ch->patient.attending.id.len > 0 || row->prior_attending_id.len == 0)
        return;
    row->attending_id = row->prior_attending_id;
    row->attending_name = row->prior_attending_name;
    row->prior_attending_id = row->prior_attending_name = (struct slice){ NULL, 0 };
}

static bool delete_person(struct core *c, const struct change *ch)
{
    struct census_work w;

    work_begin(&w, c, ch, ch->patient.id);
    if (!w.known ||
        (w.row.moved_us != TIME_NONE && ch->occurred_us != TIME_NONE && ch->occurred_us < w.row.moved_us))
        return false;
    w.row = (struct record_patient){ .id = ch->patient.id,
                                     .details_us = ch->occurred_us,
                                     .person_us = ch->occurred_us };
    w.moves.count = 0;
    add(&w, MOVEMENT_VOIDED, (struct place){ .unit = { NULL, 0 } });
    work_end(&w);
    return true;
}

/* A17 names both; a place that one of them lacks is the other's. */
static bool swap(struct core *c, const struct change *ch)
{
    struct census_work one, two;
    struct change other = {
        .kind = ch->kind, .patient = ch->other, .occurred_us = ch->occurred_us, .recorded_us = ch->recorded_us
    };

    work_begin(&one, c, ch, ch->patient.id);
    work_begin(&two, c, &other, ch->other.id);
    struct place a = movements_stay_at(&one.moves, ch->occurred_us).place,
                 b = movements_stay_at(&two.moves, ch->occurred_us).place;
    struct place to_one = place_named(ch->place) ? ch->place : b,
                 to_two = place_named(ch->other_place) ? ch->other_place : a;
    work_details(&one, false);
    work_details(&two, false);
    add(&one, MOVEMENT_PLACED, to_one);
    add(&two, MOVEMENT_PLACED, to_two);
    bool acted = place_same(work_stay(&one).place, to_one) || place_same(work_stay(&two).place, to_two);
    work_end(&one);
    work_end(&two);
    return acted;
}

static bool flag(struct core *c, const struct change *ch)
{
    struct change said = *ch;
    struct census_work w;

    if (ch->patient.flag_count == 0)
        return false;
    if (ch->kind == CHANGE_UNFLAG) {
        said.unflags = ch->patient.flags;
        said.unflag_count = 1;
        said.patient.flag_count = 0;
    }
    said.occurred_us = TIME_NONE; /* a Flag's period says nothing of the patient's other details */
    work_begin(&w, c, &said, said.patient.id);
    work_details(&w, true);
    work_end(&w);
    return true;
}

/* A discharge that is told a second time; one undo takes both back. */
static bool has_left_before(const struct census_work *w)
{
    size_t i = movements_find(&w->moves, MOVEMENT_DISCHARGED, ids_of(w), w->ch->occurred_us);

    return i < w->moves.count && !movements_stay_at(&w->moves, w->ch->occurred_us).here;
}

static bool act(struct census_work *w)
{
    static const struct {
        enum change_kind kind;
        enum movement_kind adds, undoes;
    } table[] = {
        { CHANGE_DISCHARGE, MOVEMENT_DISCHARGED, MOVEMENT_NONE },
        { CHANGE_DEPART, MOVEMENT_DEPARTED, MOVEMENT_NONE },
        { CHANGE_LEAVE, MOVEMENT_ON_LEAVE, MOVEMENT_NONE },
        { CHANGE_RETURN, MOVEMENT_BACK, MOVEMENT_NONE },
        { CHANGE_PREADMIT, MOVEMENT_PREADMITTED, MOVEMENT_NONE },
        { CHANGE_PENDING_ADMIT, MOVEMENT_PENDING_ADMISSION, MOVEMENT_NONE },
        { CHANGE_PENDING_MOVE, MOVEMENT_PENDING_TRANSFER, MOVEMENT_NONE },
        { CHANGE_PENDING_DISCHARGE, MOVEMENT_PENDING_DISCHARGE, MOVEMENT_NONE },
        { CHANGE_CANCEL_DEPART, MOVEMENT_NONE, MOVEMENT_DEPARTED },
        { CHANGE_CANCEL_ARRIVE, MOVEMENT_NONE, MOVEMENT_ARRIVED },
        { CHANGE_CANCEL_LEAVE, MOVEMENT_NONE, MOVEMENT_ON_LEAVE },
        { CHANGE_CANCEL_RETURN, MOVEMENT_NONE, MOVEMENT_BACK },
        { CHANGE_CANCEL_PREADMIT, MOVEMENT_NONE, MOVEMENT_PREADMITTED },
        { CHANGE_CANCEL_PENDING_ADMIT, MOVEMENT_NONE, MOVEMENT_PENDING_ADMISSION },
        { CHANGE_CANCEL_PENDING_MOVE, MOVEMENT_NONE, MOVEMENT_PENDING_TRANSFER },
        { CHANGE_CANCEL_PENDING_LEAVING, MOVEMENT_NONE, MOVEMENT_PENDING_DISCHARGE },
    };
    bool expected = w->ch->kind == CHANGE_PREADMIT || w->ch->kind == CHANGE_PENDING_ADMIT ||
                    w->ch->kind == CHANGE_PENDING_MOVE;
    struct place none = { .unit = { NULL, 0 } };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].kind != w->ch->kind)
            continue;
        if (table[i].undoes != MOVEMENT_NONE)
            return cancel(w, table[i].undoes);
        if (table[i].adds == MOVEMENT_DEPARTED && !place_named(w->ch->temporary))
            return false; /* left for a place that is not said: still the bed's */
        if (table[i].adds == MOVEMENT_DISCHARGED && has_left_before(w))
            return true;
        add(w, table[i].adds, !expected ? none : place_named(w->ch->pending) ? w->ch->pending : w->ch->place);
        return true;
    }
    return false;
}

static bool move(struct census_work *w)
{
    const struct change *ch = w->ch;

    switch (ch->kind) {
    case CHANGE_ADMIT:
        return came(w, MOVEMENT_ADMITTED);
    case CHANGE_MOVE:
        return came(w, MOVEMENT_TRANSFERRED);
    case CHANGE_PLACE:
        place_if_moved(w, true, MOVEMENT_PLACED);
        return true;
    case CHANGE_ARRIVE:
        add(w, MOVEMENT_ARRIVED,
            place_named(ch->temporary) ? (struct place){ .unit = { NULL, 0 } } : ch->place);
        return true;
    case CHANGE_UPDATE:
        return ch->action == ZBE_CANCEL ? cancel(w, MOVEMENT_NONE) : update(w);
    case CHANGE_CANCEL_ADMIT:
        return cancel_admit(w);
    case CHANGE_CANCEL_MOVE:
        return cancel_move(w);
    case CHANGE_CANCEL_DISCHARGE:
        return cancel_discharge(w);
    case CHANGE_CANCEL_ATTENDING:
        cancel_attending(w);
        return false;
    default:
        return act(w);
    }
}

static bool one_patient(struct core *c, const struct change *ch)
{
    struct census_work w;

    work_begin(&w, c, ch, ch->patient.id);
    bool other_visit =
        w.row.here && (ch->kind == CHANGE_PREADMIT || ch->kind == CHANGE_PENDING_ADMIT ||
                       ch->kind == CHANGE_CANCEL_PREADMIT || ch->kind == CHANGE_CANCEL_PENDING_ADMIT);
    work_details(&w, other_visit);
    bool acted = move(&w);
    work_end(&w);
    return acted;
}

/* A clock that is a day ahead or more would keep out everything that comes after. */
static int64_t not_ahead(const struct core *c, int64_t at_us)
{
    int64_t now = core_wall(c, c->now_us);

    return at_us != TIME_NONE && at_us > now + TIME_DAY ? now : at_us;
}

bool decide_change(struct core *c, const struct change *said)
{
    struct change ch = *said;

    ch.occurred_us = not_ahead(c, ch.occurred_us);
    ch.recorded_us = not_ahead(c, ch.recorded_us);
    if (ch.patient.id.len == 0)
        return false;
    if (ch.kind == CHANGE_MERGE)
        return decide_merge(c, &ch);
    ch.patient.id = arena_copy(c->scratch, census_survivor(&c->census, ch.patient.id));
    ch.other.id = arena_copy(c->scratch, census_survivor(&c->census, ch.other.id));
    switch (ch.kind) {
    case CHANGE_SWAP:
        return ch.other.id.len > 0 && !slice_eq(ch.patient.id, ch.other.id) && swap(c, &ch);
    case CHANGE_MOVE_STAY:
        return decide_move_stay(c, &ch);
    case CHANGE_RENUMBER:
        return decide_renumber(c, &ch);
    case CHANGE_FLAG:
    case CHANGE_UNFLAG:
        return flag(c, &ch);
    case CHANGE_DELETE_PERSON:
        return delete_person(c, &ch);
    default:
        return one_patient(c, &ch);
    }
}
