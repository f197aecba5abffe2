/* ADT: where patients are and who they are (HL7 v2 chapter 3; STANDARDS section 3.7). */
#include "events/from_hl7.h"

enum action {
    DO_NOTHING, /* understood; says nothing that routing needs */
    DO_ADMIT,
    DO_MOVE,
    DO_MOVE_IF_PLACED, /* a change of class that may come with a bed */
    DO_DISCHARGE,
    DO_UPDATE,
    DO_CANCEL_ADMIT,
    DO_CANCEL_MOVE,
    DO_CANCEL_DISCHARGE,
    DO_SWAP,
    DO_MERGE
};

static const struct {
    const char *trigger;
    enum action action;
} triggers[] = {
    { "A01", DO_ADMIT },
    { "A02", DO_MOVE },
    { "A03", DO_DISCHARGE },
    { "A04", DO_ADMIT },
    { "A05", DO_NOTHING },
    { "A06", DO_MOVE_IF_PLACED },
    { "A07", DO_MOVE_IF_PLACED },
    { "A08", DO_UPDATE },
    { "A09", DO_NOTHING },
    { "A10", DO_MOVE_IF_PLACED },
    { "A11", DO_CANCEL_ADMIT },
    { "A12", DO_CANCEL_MOVE },
    { "A13", DO_CANCEL_DISCHARGE },
    { "A14", DO_NOTHING },
    { "A15", DO_NOTHING },
    { "A16", DO_NOTHING },
    { "A17", DO_SWAP },
    { "A18", DO_MERGE },
    { "A20", DO_NOTHING },
    { "A21", DO_NOTHING },
    { "A22", DO_NOTHING },
    { "A23", DO_CANCEL_ADMIT },
    { "A24", DO_NOTHING },
    { "A25", DO_NOTHING },
    { "A26", DO_NOTHING },
    { "A27", DO_NOTHING },
    { "A28", DO_UPDATE },
    { "A29", DO_NOTHING },
    { "A30", DO_MERGE },
    { "A31", DO_UPDATE },
    { "A32", DO_NOTHING },
    { "A33", DO_NOTHING },
    { "A34", DO_MERGE },
    { "A35", DO_NOTHING },
    { "A36", DO_MERGE },
    { "A37", DO_NOTHING },
    { "A38", DO_NOTHING },
    { "A39", DO_MERGE },
    { "A40", DO_MERGE },
    { "A41", DO_NOTHING },
    { "A42", DO_NOTHING },
    { "A43", DO_NOTHING },
    { "A44", DO_NOTHING },
    { "A45", DO_NOTHING },
    { "A46", DO_MERGE },
    { "A47", DO_MERGE },
    { "A48", DO_NOTHING },
    { "A49", DO_NOTHING },
    { "A50", DO_NOTHING },
    { "A51", DO_NOTHING },
    { "A52", DO_NOTHING },
    { "A53", DO_NOTHING },
    { "A54", DO_UPDATE },
    { "A55", DO_UPDATE },
    { "A60", DO_UPDATE },
    { "A61", DO_UPDATE },
    { "A62", DO_UPDATE },
};

/* EVN-6 (occurred), else EVN-2 (recorded), else MSH-7: the order in which changes are applied. */
static int64_t occurred(struct hl7_in *in)
{
    size_t evn = hl7_segment_find(in->m, SLICE("EVN"), 1);
    int64_t t = hl7_instant(in, evn, 6, 1);
    if (t == TIME_NONE)
        t = hl7_instant(in, evn, 2, 1);
    return t == TIME_NONE ? in->message_us : t;
}

/* ZBE (IHE PAM): a movement that is only history, or that is being taken back by its own id. */
static bool is_history(struct hl7_in *in)
{
    size_t zbe = hl7_segment_find(in->m, SLICE("ZBE"), 1);
    if (!slice_eq_nocase(hl7_part(in, zbe, 5, 1), SLICE("Y")))
        return false;
    draft_finding(&in->draft, "historic-movement", hl7_where(in, zbe, 5), (struct slice){ NULL, 0 });
    return true;
}

static struct change one_change(struct hl7_in *in, enum change_kind kind, size_t pid, size_t pv1)
{
    struct change c = { .kind = kind, .occurred_us = occurred(in) };
    c.patient = hl7_patient(in, pid, pv1);
    c.place = hl7_location(in, pv1, 3);
    if (kind == CHANGE_MOVE || kind == CHANGE_CANCEL_MOVE)
        c.prior = hl7_location(in, pv1, 6);
    return c;
}

/* A transfer event: starts for A02; withdrawn where the movement or the whole stay is undone. */
static bool transfer_event(struct hl7_in *in, enum event_phase phase, const struct change *c)
{
    struct event e = event_empty(EVENT_TRANSFER, phase);
    const struct slice parts[] = { SLICE("transfer"), c->patient.id };
    e.listener = in->draft.src->listener;
    e.sender = in->sender;
    e.test = in->test;
    e.mapped = true;
    e.title = SLICE("Transfer");
    e.time_us = c->occurred_us;
    e.patient = c->patient;
    e.place = c->place;
    e.prior = c->prior;
    e.identity = draft_identity(&in->draft, in->sender, parts, 2);
    return draft_event(&in->draft, &e, in->err);
}

static bool read_swap(struct hl7_in *in)
{
    size_t end = hl7_message_segments(in->m);
    size_t pid1 = hl7_within(in, "PID", 0, end), pid2 = hl7_within(in, "PID", pid1 + 1, end);
    if (pid1 == HL7_NONE || pid2 == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "PID", "a swap names two patients");
    size_t pv1 = hl7_within(in, "PV1", pid1, pid2), pv2 = hl7_within(in, "PV1", pid2, end);
    struct change c = one_change(in, CHANGE_SWAP, pid1, pv1);
    c.other = hl7_patient(in, pid2, pv2);
    c.other_place = hl7_location(in, pv2, 3);
    if (c.patient.id.len == 0 || c.other.id.len == 0)
        return error_at(in->err, ERROR_MISSING, c.patient.id.len == 0 ? "PID[1]-3" : "PID[2]-3",
                        "the patient has no identifier");
    if (slice_eq(c.patient.id, c.other.id))
        draft_finding(&in->draft, "swap-with-itself", "PID[2]-3", (struct slice){ NULL, 0 });
    else
        draft_change(&in->draft, &c);
    return true;
}

/* PID/MRG pairs repeat; the PID survives. */
static bool read_merges(struct hl7_in *in)
{
    size_t end = hl7_message_segments(in->m);
    for (size_t pid = hl7_within(in, "PID", 0, end); pid != HL7_NONE;) {
        size_t next = hl7_within(in, "PID", pid + 1, end), to = next != HL7_NONE ? next : end;
        size_t mrg = hl7_within(in, "MRG", pid, to);
        struct change c = { .kind = CHANGE_MERGE, .occurred_us = occurred(in) };
        c.patient = hl7_patient(in, pid, HL7_NONE);
        c.other.id = hl7_patient_key(in, mrg, 1);
        if (c.patient.id.len == 0 || c.other.id.len == 0)
            return error_at(in->err, ERROR_MISSING,
                            hl7_where(in, c.patient.id.len == 0 ? pid : mrg, c.patient.id.len == 0 ? 3 : 1),
                            "a merge names two patient identifiers");
        if (!slice_eq(c.patient.id, c.other.id))
            draft_change(&in->draft, &c);
        pid = next;
    }
    if (in->draft.out->change_count == 0)
        draft_finding(&in->draft, "merge-of-itself", "MRG-1", (struct slice){ NULL, 0 });
    return true;
}

static bool read_one(struct hl7_in *in, enum change_kind kind)
{
    size_t pid = hl7_segment_find(in->m, SLICE("PID"), 1), pv1 = hl7_segment_find(in->m, SLICE("PV1"), 1);
    struct change c = one_change(in, kind, pid, pv1);
    if (c.patient.id.len == 0)
        return error_at(in->err, ERROR_MISSING, "PID-3", "the patient has no identifier");
    draft_change(&in->draft, &c);
    if (kind == CHANGE_MOVE)
        return transfer_event(in, PHASE_STARTS, &c);
    if (kind == CHANGE_CANCEL_ADMIT || kind == CHANGE_CANCEL_MOVE || kind == CHANGE_CANCEL_DISCHARGE)
        return transfer_event(in, PHASE_WITHDRAWN, &c);
    return true;
}

static bool read_if_placed(struct hl7_in *in)
{
    size_t pv1 = hl7_segment_find(in->m, SLICE("PV1"), 1);
    bool placed = hl7_part(in, pv1, 3, 1).len + hl7_part(in, pv1, 3, 3).len > 0;
    size_t before = in->draft.out->event_count;
    bool ok = read_one(in, placed ? CHANGE_MOVE : CHANGE_UPDATE);
    in->draft.out->event_count =
        ok ? before : in->draft.out->event_count; /* no transfer: the class changed */
    return ok;
}

static bool act(struct hl7_in *in, enum action action)
{
    switch (action) {
    case DO_ADMIT:
        return read_one(in, CHANGE_ADMIT);
    case DO_MOVE:
        return read_one(in, CHANGE_MOVE);
    case DO_MOVE_IF_PLACED:
        return read_if_placed(in);
    case DO_DISCHARGE:
        return read_one(in, CHANGE_DISCHARGE);
    case DO_UPDATE:
        return read_one(in, CHANGE_UPDATE);
    case DO_CANCEL_ADMIT:
        return read_one(in, CHANGE_CANCEL_ADMIT);
    case DO_CANCEL_MOVE:
        return read_one(in, CHANGE_CANCEL_MOVE);
    case DO_CANCEL_DISCHARGE:
        return read_one(in, CHANGE_CANCEL_DISCHARGE);
    case DO_SWAP:
        return read_swap(in);
    case DO_MERGE:
        return read_merges(in);
    default:
        return true;
    }
}

bool hl7_read_adt(struct hl7_in *in, struct slice trigger)
{
    enum action action = DO_NOTHING;
    size_t i = 0, count = sizeof triggers / sizeof triggers[0];
    while (i < count && !slice_eq_nocase(trigger, slice_of(triggers[i].trigger)))
        i++;
    if (i < count)
        action = triggers[i].action;
    else
        draft_finding(&in->draft, "adt-event", "MSH-9.2", (struct slice){ NULL, 0 });
    bool ok = is_history(in) || act(in, action);
    in->draft.out->context_only = in->draft.out->event_count == 0;
    return ok;
}
