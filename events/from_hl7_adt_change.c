/* One patient's part of an ADT message: who, where, since when, by which movement. */
#include "events/from_hl7_adt.h"

struct adt_part adt_whole(const struct hl7_in *in)
{
    return (struct adt_part){ hl7_segment_find(in->m, SLICE("PID"), 1),
                              hl7_segment_find(in->m, SLICE("PV1"), 1), 0, hl7_message_segments(in->m) };
}

/* EVN-6 (occurred), else EVN-2 (recorded), else MSH-7: the order in which changes are applied. */
static void read_times(struct hl7_in *in, struct change *c)
{
    size_t evn = hl7_segment_find(in->m, SLICE("EVN"), 1);

    c->recorded_us = hl7_instant(in, evn, 2, 1);
    if (c->recorded_us == TIME_NONE)
        c->recorded_us = in->message_us;
    c->occurred_us = hl7_instant(in, evn, 6, 1);
    struct slice day = hl7_part(in, evn, 6, 1);
    bool only_day = day.len == 8 && slice_starts(hl7_part(in, evn, 2, 1), day);
    if (c->occurred_us == TIME_NONE || only_day) /* the day alone says less than EVN-2 of that day */
        c->occurred_us = c->recorded_us;
}

static bool is_null(const struct hl7_in *in, size_t segment, uint32_t field)
{
    return hl7_get(in->m, segment, field, 1, 0, 0, NULL) == HL7_NULL;
}

static void read_cleared(const struct hl7_in *in, size_t pv1, struct change *c)
{
    static const struct {
        uint32_t field;
        unsigned bit;
    } table[] = {
        { 7, CLEARED_ATTENDING }, { 10, CLEARED_SERVICE }, { 2, CLEARED_CLASS }, { 11, CLEARED_TEMPORARY }
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (is_null(in, pv1, table[i].field))
            c->cleared |= table[i].bit;
}

void adt_movement(struct hl7_in *in, struct change *c, size_t from, size_t to)
{
    size_t zbe = hl7_within(in, "ZBE", from, to), room = sizeof c->movements / sizeof c->movements[0];
    struct slice action = hl7_part(in, zbe, 4, 1);

    for (uint32_t rep = 1; rep <= hl7_repetitions(in->m, zbe, 1) && c->movement_count < room; rep++) {
        const struct slice parts[] = { hl7_part_at(in, zbe, 1, rep, 1, 0),
                                       hl7_part_at(in, zbe, 1, rep, 2, 0) };
        if (parts[0].len > 0)
            c->movements[c->movement_count++] = draft_patient_id(&in->draft, parts[1], parts[0]);
    }
    if (slice_eq_nocase(action, SLICE("UPDATE")))
        c->action = ZBE_UPDATE;
    else if (slice_eq_nocase(action, SLICE("CANCEL")))
        c->action = ZBE_CANCEL;
}

struct change adt_change(struct hl7_in *in, enum change_kind kind, const struct adt_part *part)
{
    struct change c = { .kind = kind };

    read_times(in, &c);
    c.patient = hl7_patient(in, part->pid, part->pv1);
    c.visit = hl7_part(in, part->pv1, 19, 1);
    c.account = hl7_part(in, part->pid, 18, 1);
    c.place = hl7_location(in, part->pv1, 3);
    if (kind == CHANGE_MOVE || kind == CHANGE_CANCEL_MOVE)
        c.prior = hl7_location(in, part->pv1, 6);
    c.temporary = hl7_location(in, part->pv1, 11);
    if (kind == CHANGE_PENDING_ADMIT || kind == CHANGE_PENDING_MOVE)
        c.pending = hl7_location(in, part->pv1, 42);
    read_cleared(in, part->pv1, &c);
    adt_flags(in, part, &c);
    adt_movement(in, &c, part->from, part->to);
    return c;
}

bool adt_needs_patient(struct hl7_in *in, const struct change *c, size_t pid)
{
    if (c->patient.id.len > 0)
        return true;
    return error_at(in->err, ERROR_MISSING, pid == HL7_NONE ? "PID-3" : hl7_where(in, pid, 3),
                    "the patient has no identifier");
}
