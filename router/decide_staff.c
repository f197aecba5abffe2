/* Master files: each row of a staff directory or list of places as it now is (STANDARDS section 3.7). */
#include "router/state.h"

#include "base/limits.h"
#include "events/reading.h"

void decide_finding(struct core *c, const struct message_context *m, const char *what, const char *where,
                    struct slice key)
{
    struct record r = { .type = RECORD_FINDING };
    struct slice at = arena_printf(c->scratch, "%.*s %s", SLICE_ARG(m->source->listener), where);

    r.as.finding = (struct record_finding){ slice_of(what), key, at, m->position };
    core_emit(c, &r);
}

static bool is_older(int64_t row_us, int64_t change_us)
{
    return row_us != TIME_NONE && change_us != TIME_NONE && change_us < row_us;
}

/* --- staff ------------------------------------------------------------------------------------------- */

static struct record_staff described(struct core *c, struct slice listener, const struct staff_change *ch)
{
    return (struct record_staff){ .listener = listener,
                                  .key = ch->key,
                                  .ids = texts_write(c->scratch, ch->ids, ch->id_count),
                                  .family = ch->family,
                                  .given = ch->given,
                                  .department = ch->department,
                                  .title = ch->title,
                                  .phone = ch->phone,
                                  .pager = ch->pager,
                                  .mail = ch->mail,
                                  .backup = ch->backup,
                                  .contact = ch->contact,
                                  .category = ch->category,
                                  .specialty = ch->specialty,
                                  .active = ch->active,
                                  .off_us = TIME_NONE,
                                  .occurred_us = ch->occurred_us };
}

/* Leaving may be announced: until its day comes the person is rung. */
static void take_out(struct core *c, struct record_staff *row, const struct staff_change *ch)
{
    bool ahead = ch->effective_us != TIME_NONE && ch->effective_us > core_wall(c, c->now_us);

    row->active = false;
    row->off_us = ahead ? ch->effective_us : TIME_NONE;
}

/* A whole row takes the place of what stood there; a change of state keeps the rest of it. */
static void decide_staff(struct core *c, const struct message_context *m, const struct staff_change *ch)
{
    const struct record_staff *there = staff_row(c->staff, m->source->listener, ch->key);
    struct record r = { .type = RECORD_STAFF };

    if (there != NULL && is_older(there->occurred_us, ch->occurred_us)) {
        decide_finding(c, m, "stale-row", ch->where, ch->key);
        return;
    }
    if (there == NULL && map_count(c->staff->rows) >= LIMIT_STAFF_ROWS) {
        decide_finding(c, m, "staff-rows", ch->where, ch->key);
        return;
    }
    r.as.staff = there != NULL && ch->kind != STAFF_PUT ? *there : described(c, m->source->listener, ch);
    r.as.staff.occurred_us = ch->occurred_us;
    r.as.staff.gone = ch->kind == STAFF_REMOVE;
    if (ch->kind == STAFF_DEACTIVATE || ch->kind == STAFF_REMOVE || (ch->kind == STAFF_PUT && !ch->active))
        take_out(c, &r.as.staff, ch);
    else if (ch->kind == STAFF_ACTIVATE) {
        r.as.staff.active = true;
        r.as.staff.off_us = TIME_NONE;
    }
    core_emit(c, &r);
}

/* Who is out of service gives back what they have accepted. */
void decide_give_back(struct core *c)
{
    if (c->site == NULL || map_count(c->staff->rows) == 0)
        return;
    const struct directory *d = core_directory(c);

    for (struct alert *a = c->open_first; a != NULL; a = a->next_open) {
        bool off = false;
        for (size_t i = 0; i < a->recipient_count && !off; i++) {
            const struct person *p =
                a->recipients[i].accepted ? directory_person(d, a->recipients[i].holder) : NULL;
            off = p != NULL && p->off.len > 0;
        }
        if (off && a->state == ALERT_ACCEPTED && a->active)
            decide_resume(c, a, WHY_AWAY);
    }
}

/* --- places ------------------------------------------------------------------------------------------ */

static void decide_location(struct core *c, const struct message_context *m, const struct location_change *ch)
{
    struct record r = { .type = RECORD_LOCATION };
    struct record_location *row = &r.as.location;

    *row = (struct record_location){ .listener = m->source->listener,
                                     .unit = ch->place.unit,
                                     .room = ch->place.room,
                                     .bed = ch->place.bed,
                                     .active = true };
    const struct record_location *there = staff_place(c->staff, row);
    if (there != NULL && is_older(there->occurred_us, ch->occurred_us)) {
        decide_finding(c, m, "stale-row", ch->where, (struct slice){ NULL, 0 });
        return;
    }
    if (there == NULL && map_count(c->staff->places) >= LIMIT_PLACE_ROWS) {
        decide_finding(c, m, "place-rows", ch->where, (struct slice){ NULL, 0 });
        return;
    }
    if (there != NULL)
        *row = *there;
    if (ch->status.len > 0)
        row->status = ch->status;
    if (ch->title.len > 0)
        row->title = ch->title;
    if (ch->says_active)
        row->active = ch->active;
    row->gone = ch->remove;
    row->occurred_us = ch->occurred_us;
    core_emit(c, &r);
}

/* --- one message --------------------------------------------------------------------------------------- */

void decide_master(struct core *c, const struct message_context *m, const struct reading *read)
{
    if (read->replaces) {
        struct record r = { .type = RECORD_MASTER };
        r.as.master =
            (struct record_master){ m->source->listener, read->places_file ? SLICE("places") : SLICE("staff"),
                                    read->master_us };
        core_emit(c, &r);
    }
    for (size_t i = 0; i < read->location_count; i++)
        decide_location(c, m, &read->locations[i]);
    for (size_t i = 0; i < read->staff_count; i++)
        decide_staff(c, m, &read->staff[i]);
    if (read->staff_count == 0 && !read->replaces)
        return;
    decide_give_back(c);
    decide_handoff_all(c);
}
