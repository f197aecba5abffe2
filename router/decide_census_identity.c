/* Merges, stays filed under a wrong patient, other numbers: who a row, its alerts and its history are about.
 */
#include "router/census_work.h"

static const struct slice NOTHING = { NULL, 0 };

/* Open alerts of a patient, before their patient changes. */
static struct alert **alerts_of(struct core *c, struct slice patient, int64_t since_us, size_t *count)
{
    struct alert **list = arena_array(c->scratch, c->open_count + 1, sizeof(struct alert *));

    *count = 0;
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open)
        if (slice_eq(a->patient, patient) && (since_us == TIME_NONE || a->opened_us >= since_us))
            list[(*count)++] = a;
    return list;
}

static void realign(struct core *c, struct alert **list, size_t count, struct slice patient)
{
    const struct census_row *row = census_patient(&c->census, patient);

    for (size_t i = 0; row != NULL && i < count; i++)
        if (list[i]->state != ALERT_CLOSED)
            alert_realign(c, list[i], &row->patient);
}

/* Both in the house: the newer movement says where he is; else the one who is here. */
static bool other_stay_wins(const struct census_work *into, const struct census_work *from)
{
    if (from->row.here != into->row.here)
        return from->row.here;
    if (into->known != from->known)
        return from->known;
    return from->row.here && from->row.moved_us > into->row.moved_us;
}

static void fill(struct slice *to, struct slice from)
{
    if (to->len == 0)
        *to = from;
}

/* What only the dead record knew. */
static void fill_in(struct census_work *into, const struct census_work *from)
{
    struct record_patient *a = &into->row;
    const struct record_patient *b = &from->row;

    if (!from->known)
        return;
    fill(&a->family, b->family);
    fill(&a->given, b->given);
    fill(&a->birth, b->birth);
    fill(&a->class, b->class);
    fill(&a->service, b->service);
    if (a->attending_id.len == 0) {
        a->attending_id = b->attending_id;
        a->attending_name = b->attending_name;
    }
    a->flags = flags_join(into->c, a->flags, b->flags);
}

static void take_stay(struct census_work *into, const struct census_work *from)
{
    into->moves = from->moves;
    into->row.visit = from->row.visit;
    into->row.account = from->row.account;
}

/* MRG-3, MRG-5: a number that is another one now. */
static void renumber(struct record_patient *row, const struct change *ch)
{
    if (ch->visit.len > 0 && (row->visit.len == 0 || slice_eq(row->visit, ch->other_visit)))
        row->visit = ch->visit;
    if (ch->account.len > 0 && (row->account.len == 0 || slice_eq(row->account, ch->other_account)))
        row->account = ch->account;
}

/* A40: `other` is gone, the patient stays; its bed, open and closed alerts, assignments and flags are his. A
 * survivor that was merged away itself stands for who survived it, unless this takes that merge back. */
bool decide_merge(struct core *c, const struct change *said)
{
    struct change ch = *said;
    struct slice survivor = census_survivor(&c->census, ch.patient.id),
                 other = census_survivor(&c->census, ch.other.id);
    bool reversed = slice_eq(survivor, ch.other.id), gone_before = !slice_eq(other, ch.other.id);
    size_t count;

    if (ch.other.id.len == 0 || slice_eq(ch.patient.id, ch.other.id))
        return false;
    ch.patient.id = arena_copy(c->scratch, reversed ? ch.patient.id : survivor);
    if (gone_before && slice_eq(other, ch.patient.id))
        return false; /* the same merge again */
    struct record gone = { .type = RECORD_PATIENT_MERGED,
                           .as.patient_merged = { ch.other.id, ch.patient.id } };
    struct alert **alerts = alerts_of(c, ch.other.id, TIME_NONE, &count);
    struct census_work into, from;
    work_begin(&into, c, &ch, ch.patient.id);
    work_begin(&from, c, &ch, ch.other.id);
    work_details(&into, true);
    if (other_stay_wins(&into, &from))
        take_stay(&into, &from);
    fill_in(&into, &from);
    renumber(&into.row, &ch);
    core_emit(c, &gone);
    if (into.known || from.known)
        work_end(&into);
    realign(c, alerts, count, ch.patient.id);
    return true;
}

/* When the stay began, as lane time: alerts before it belong to another one. TIME_NONE: not known. */
static int64_t began_us(const struct census_work *w)
{
    for (size_t i = w->moves.count; i > 0; i--)
        if (w->moves.list[i - 1].kind == MOVEMENT_ADMITTED && w->moves.list[i - 1].at_us != TIME_NONE)
            return w->moves.list[i - 1].at_us - w->c->head.wall_offset_us;
    return TIME_NONE;
}

/* Is the visit or account that moves another one than that of the stay? */
static bool another(struct slice mine, struct slice moved)
{
    return mine.len > 0 && moved.len > 0 && !slice_eq(mine, moved);
}

/* A43 A44 A45: the stay filed under `other` is the patient's. Both live on. */
bool decide_move_stay(struct core *c, const struct change *ch)
{
    struct slice visit = ch->other_visit.len > 0 ? ch->other_visit : ch->visit,
                 account = ch->other_account.len > 0 ? ch->other_account : ch->account;
    struct census_work into, from;
    size_t count;

    if (ch->other.id.len == 0 || slice_eq(ch->patient.id, ch->other.id))
        return false;
    work_begin(&into, c, ch, ch->patient.id);
    work_begin(&from, c, ch, ch->other.id);
    if (!from.row.here || another(from.row.visit, visit) || another(from.row.account, account))
        return false;
    struct record moved = { .type = RECORD_STAY_MOVED,
                            .as.stay_moved = { ch->other.id, ch->patient.id, began_us(&from) } };
    struct alert **alerts = alerts_of(c, ch->other.id, moved.as.stay_moved.since_us, &count);
    work_details(&into, true);
    if (!into.row.here || from.row.moved_us > into.row.moved_us) {
        take_stay(&into, &from);
        into.row.class = from.row.class;
        into.row.service = from.row.service;
        into.row.attending_id = from.row.attending_id;
        into.row.attending_name = from.row.attending_name;
    }
    renumber(&into.row, ch);
    struct movement out = { .kind = MOVEMENT_VOIDED, .at_us = from.moves.list[from.moves.count - 1].at_us };
    from.moves.count = 0;
    movements_add(&from.moves, &out);
    from.row.visit = from.row.account = NOTHING;
    core_emit(c, &moved);
    work_end(&from);
    work_end(&into);
    realign(c, alerts, count, ch->patient.id);
    return true;
}

bool decide_renumber(struct core *c, const struct change *ch)
{
    struct census_work w;

    work_begin(&w, c, ch, ch->patient.id);
    if (!w.known)
        return false;
    work_details(&w, true);
    renumber(&w.row, ch);
    work_end(&w);
    return true;
}
