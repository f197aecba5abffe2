#include "router/census_work.h"

static const struct slice NOTHING = { NULL, 0 };

bool same_bed(struct place a, struct place b)
{
    return slice_eq(a.unit, b.unit) && (slice_eq(a.bed, b.bed) || a.bed.len == 0);
}

/* Records replace rows: what is read of one must not hang on it. */
static void keep_texts(struct core *c, struct record_patient *row)
{
    const struct layout *l = record_layout(RECORD_PATIENT);

    for (size_t i = 0; i < l->count; i++) {
        struct slice *at = (struct slice *)(void *)((char *)row + l->members[i].offset);
        if (l->members[i].kind == MEMBER_TEXT || l->members[i].kind == MEMBER_BLOB)
            *at = at->len > 0 ? arena_copy(c->scratch, *at) : NOTHING;
    }
}

void work_begin(struct census_work *w, struct core *c, const struct change *ch, struct slice id)
{
    const struct census_row *row = census_patient(&c->census, id);

    *w = (struct census_work){ .c = c, .ch = ch, .known = row != NULL };
    w->row = row != NULL
                 ? row->patient
                 : (struct record_patient){
                       .id = id, .moved_us = TIME_NONE, .details_us = TIME_NONE, .person_us = TIME_NONE
                   };
    keep_texts(c, &w->row);
    w->was_here = w->row.here;
    w->before = (struct place){ w->row.unit, w->row.room, w->row.bed };
    movements_read(&w->moves, c->scratch, &w->row);
}

struct stay work_stay(const struct census_work *w)
{
    return movements_stay(&w->moves);
}

/* --- who he is --------------------------------------------------------------------------------------- */
static void take(struct slice *to, struct slice from, bool stale)
{
    if (from.len > 0 && (!stale || to->len == 0))
        *to = from;
}

static void take_attending(struct record_patient *row, const struct person_ref *who, bool stale)
{
    if (who->id.len == 0 || (stale && row->attending_id.len > 0))
        return;
    if (row->attending_id.len > 0 && !slice_eq(row->attending_id, who->id)) {
        row->prior_attending_id = row->attending_id;
        row->prior_attending_name = row->attending_name;
        row->attending_name = NOTHING;
    }
    row->attending_id = who->id;
    take(&row->attending_name, who->name, false);
}

static void take_cleared(struct record_patient *row, unsigned cleared)
{
    if ((cleared & CLEARED_CLASS) != 0)
        row->class = NOTHING;
    if ((cleared & CLEARED_SERVICE) != 0)
        row->service = NOTHING;
    if ((cleared & CLEARED_ATTENDING) != 0)
        row->attending_id = row->attending_name = NOTHING;
}

static bool holds(const struct slice *list, size_t count, struct slice word)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(list[i], word))
            return true;
    return false;
}

enum { FLAGS_MAX = sizeof((struct patient *)0)->flags / sizeof((struct patient *)0)->flags[0] };

static struct slice flags_change(struct core *c, struct slice flags, const struct slice *off,
                                 size_t off_count, const struct slice *on, size_t on_count)
{
    struct slice kept[FLAGS_MAX];
    size_t count, n = 0;
    const struct slice *list = texts_read(c->scratch, flags, &count);

    for (size_t i = 0; i < count && n < FLAGS_MAX; i++)
        if (!holds(off, off_count, list[i]) && !holds(kept, n, list[i]))
            kept[n++] = list[i];
    for (size_t i = 0; i < on_count && n < FLAGS_MAX; i++)
        if (!holds(kept, n, on[i]))
            kept[n++] = on[i];
    return n > 0 ? texts_write(c->scratch, kept, n) : NOTHING;
}

struct slice flags_join(struct core *c, struct slice flags, struct slice others)
{
    size_t count;
    const struct slice *list = texts_read(c->scratch, others, &count);

    return flags_change(c, flags, NULL, 0, list, count);
}

/* Does the change come before what was taken until then? Else it is the newest. */
static bool is_stale(const struct change *ch, int64_t *taken_us)
{
    if (ch->occurred_us == TIME_NONE)
        return false;
    if (*taken_us != TIME_NONE && ch->occurred_us < *taken_us)
        return true;
    *taken_us = ch->occurred_us;
    return false;
}

static void take_visit(struct record_patient *row, const struct change *ch)
{
    bool stale = is_stale(ch, &row->details_us);

    if (!stale)
        take_cleared(row, ch->cleared);
    take(&row->class, ch->patient.class, stale);
    take(&row->service, ch->patient.service, stale);
    take_attending(row, &ch->patient.attending, stale);
    take(&row->visit, ch->visit, stale);
    take(&row->account, ch->account, stale);
}

void work_details(struct census_work *w, bool person)
{
    struct record_patient *row = &w->row;
    const struct change *ch = w->ch;
    const struct patient *p = &ch->patient;
    bool stale = is_stale(ch, &row->person_us);

    take(&row->family, p->family, stale);
    take(&row->given, p->given, stale);
    take(&row->birth, p->birth, stale);
    if (!stale && (p->flag_count > 0 || ch->unflag_count > 0))
        row->flags = flags_change(w->c, row->flags, ch->unflags, ch->unflag_count, p->flags, p->flag_count);
    if (!person)
        take_visit(row, ch);
}

/* --- writing ----------------------------------------------------------------------------------------- */
/* What the census knows; the rest as the message said it. */
static void patient_of_row(struct core *c, struct patient *p, const struct record_patient *row)
{
    size_t count;
    const struct slice *flags = texts_read(c->scratch, row->flags, &count);

    p->id = row->id;
    take(&p->family, row->family, false);
    take(&p->given, row->given, false);
    take(&p->birth, row->birth, false);
    take(&p->class, row->class, false);
    take(&p->service, row->service, false);
    if (row->attending_id.len > 0)
        p->attending = (struct person_ref){ row->attending_id, row->attending_name };
    p->flag_count = 0;
    for (size_t i = 0; i < count && i < FLAGS_MAX; i++)
        p->flags[p->flag_count++] = flags[i];
}

void alert_realign(struct core *c, struct alert *a, const struct record_patient *row)
{
    struct record r = { .type = RECORD_ALERT_UPDATE };
    struct event e = *alert_event(c, a);
    struct place to = { row->unit, row->room, row->bed };
    bool moves = event_follows_patient(e.kind) && row->here && place_named(to) && !place_same(to, e.place);

    patient_of_row(c, &e.patient, row);
    if (moves)
        e.place = to;
    r.as.alert_update.alert = a->id;
    r.as.alert_update.position = c->position;
    r.as.alert_update.active = a->active;
    r.as.alert_update.event = event_bytes(c, &e);
    r.as.alert_update.plan = decide_texts(c, a, &e);
    core_emit(c, &r);
    if (moves && a->state == ALERT_NOTIFYING)
        decide_handoff(c, a);
}

static void alerts_follow(struct core *c, const struct record_patient *row)
{
    for (struct alert *a = c->open_first, *next; a != NULL; a = next) {
        next = a->next_open;
        if (slice_eq(a->patient, row->id) && event_follows_patient(a->kind) &&
            !(slice_eq(a->unit, row->unit) && slice_eq(a->bed, row->bed)))
            alert_realign(c, a, row);
    }
}

void work_end(struct census_work *w)
{
    struct stay s = work_stay(w);
    struct record r = { .type = RECORD_PATIENT };

    stay_to_row(&s, &w->row);
    w->row.movements = w->moves.count > 0 ? movements_write(&w->moves) : NOTHING;
    r.as.patient = w->row;
    core_emit(w->c, &r);
    if (s.here && place_named(s.place) && (!w->was_here || !place_same(s.place, w->before)))
        alerts_follow(w->c, &w->row);
}
