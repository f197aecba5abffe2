/* Applying one record: the only way in which the state changes, live and after a restart. */
#include "router/state.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Who does what, beside the site itself. */
static bool changes_roster(enum record_type t)
{
    return t == RECORD_ASSIGN || t == RECORD_AWAY || t == RECORD_CARE || t == RECORD_STAFF ||
           t == RECORD_MASTER || t == RECORD_TOGGLE;
}

void record_apply(struct core *c, const struct record *r)
{
    static void (*const APPLY[])(struct core *, const struct record *) = {
#define R(id, name) [RECORD_##id] = apply_##name,
        RECORDS(R)
#undef R
    };

    c->head.lane_us = r->lane_us;
    if (changes_roster(r->type))
        c->head.roster = c->position;
    core_forget(c, r->lane_us);
    uint64_t before[COUNTER_COUNT];
    memcpy(before, c->counters, sizeof before);
    APPLY[r->type](c, r);
    if (record_of_drill(c, r)) { /* no figure of care */
        memcpy(c->counters, before, sizeof before);
        c->counters[COUNTER_DRILLS] += r->type == RECORD_ALERT_OPEN;
    }
}

void apply_start(struct core *c, const struct record *r)
{
    c->head.wall_offset_us = r->as.start.wall_offset_us;
    c->head.rate_permille = r->as.start.rate_permille;
    text_set(&c->head.version, r->as.start.version);
    c->head.start_us = r->lane_us;
    /* No phone could give a receipt while there was no router: R counts from now. */
    for (struct alert *a = c->open_first; a != NULL; a = a->next_open) {
        for (size_t i = 0; i < a->step_count; i++)
            if (a->steps[i].receipt_us != TIME_NONE && a->steps[i].receipt_us < r->lane_us + RECEIPT_US)
                a->steps[i].receipt_us = r->lane_us + RECEIPT_US;
        alert_touch(c, a);
    }
}

void apply_clock(struct core *c, const struct record *r)
{
    c->head.wall_offset_us = r->as.clock.wall_offset_us;
}

void apply_message(struct core *c, const struct record *r)
{
    (void)c; /* the message itself changes nothing: its fate and the decisions on it do */
    (void)r;
}

void apply_fate(struct core *c, const struct record *r)
{
    const struct record_fate *f = &r->as.fate;
    struct duplicate d = { .control = f->control,
                           .position = f->position,
                           .lane_us = r->lane_us,
                           .wall_us = r->wall_us,
                           .verdict = f->verdict,
                           .code = f->code,
                           .accepted = f->accepted };

    if (f->fate >= FATE_COUNT) {
        c->damaged = true;
        return;
    }
    c->counters[COUNTER_MESSAGES]++;
    sources_heard(c, f->listener, r->lane_us);
    c->fates[f->fate]++;
    if (f->fate == FATE_DUPLICATE)
        return;
    if (f->control != 0 && duplicates_control(&c->duplicates, f->control))
        c->counters[COUNTER_CONTROL_REUSED]++;
    memcpy(d.key, f->key, sizeof d.key);
    if (f->code != ERROR_NONE)
        d.fault = duplicate_fault_new(f->where, f->reason);
    if (!duplicates_add(&c->duplicates, &d))
        c->counters[COUNTER_WINDOW_SHORT]++;
    if (f->fate == FATE_QUARANTINED)
        lists_add(
            &c->lists, LIST_QUARANTINE,
            &(struct list_row){ SLICE("quarantine"), f->reason, f->listener, 1, f->position, r->wall_us },
            true);
    unowned_of_fate(c, r);
}

void apply_finding(struct core *c, const struct record *r)
{
    const struct record_finding *f = &r->as.finding;
    struct list_row row = { f->what, f->key, f->where, 1, f->position, r->wall_us };
    enum list_id id = LIST_FINDING;

    if (slice_is(f->what, "unmapped-code"))
        id = LIST_UNMATCHED_CODE;
    else if (slice_is(f->what, "unmapped-place"))
        id = LIST_UNMATCHED_PLACE;
    else if (slice_is(f->what, "identity-mismatch"))
        id = LIST_MISMATCH;
    c->counters[id == LIST_MISMATCH ? COUNTER_MISMATCH : COUNTER_FINDINGS]++;
    lists_add(&c->lists, id, &row, false);
}

/* Who has left is nobody's patient any more: what feeds assigned for them ends with it. */
void apply_patient(struct core *c, const struct record *r)
{
    const struct census_row *row = census_patient(&c->census, r->as.patient.id);

    if (row != NULL && row->patient.here && !r->as.patient.here)
        devices_patient_left(&c->devices, r->as.patient.id);
    census_put(&c->census, &r->as.patient, r->lane_us);
}

void apply_patient_merged(struct core *c, const struct record *r)
{
    const struct record_patient_merged *m = &r->as.patient_merged;

    devices_patient_moved(&c->devices, m->from, m->into);
    census_remove(&c->census, m->from);
    census_merge(&c->census, m->from, m->into, r->lane_us);
    alerts_patient_moved(c, m->from, m->into, TIME_NONE);
}

void apply_stay_moved(struct core *c, const struct record *r)
{
    const struct record_stay_moved *m = &r->as.stay_moved;

    devices_patient_moved(&c->devices, m->from, m->into);
    alerts_patient_moved(c, m->from, m->into, m->since_us);
}

void apply_device_place(struct core *c, const struct record *r)
{
    census_device_put(&c->census, &r->as.device_place);
}

void apply_code(struct core *c, const struct record *r)
{
    if (r->as.code.what == CODE_WRONG)
        c->counters[COUNTER_WRONG_CODES]++;
    devices_code_apply(&c->devices, &r->as.code, r->lane_us);
}

void apply_device_add(struct core *c, const struct record *r)
{
    devices_add(&c->devices, &r->as.device_add, r->lane_us);
}

void apply_device_revoke(struct core *c, const struct record *r)
{
    devices_revoke(&c->devices, r->as.device_revoke.device);
}

void apply_token(struct core *c, const struct record *r)
{
    devices_token_apply(&c->devices, &r->as.token);
}

void apply_assign(struct core *c, const struct record *r)
{
    devices_assign_apply(&c->devices, &r->as.assign, r->wall_us);
}

void apply_away(struct core *c, const struct record *r)
{
    devices_away_apply(&c->devices, &r->as.away);
}

void apply_toggle(struct core *c, const struct record *r)
{
    devices_toggle_apply(&c->devices, &r->as.toggle);
}

void apply_staff(struct core *c, const struct record *r)
{
    staff_apply(c->staff, &r->as.staff);
}

void apply_location(struct core *c, const struct record *r)
{
    staff_place_apply(c->staff, &r->as.location);
}

void apply_master(struct core *c, const struct record *r)
{
    staff_master_apply(c->staff, &r->as.master);
}

void apply_care(struct core *c, const struct record *r)
{
    devices_care_apply(&c->devices, &r->as.care, r->wall_us);
}
