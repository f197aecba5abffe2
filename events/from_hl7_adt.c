/* ADT: where patients are and who they are (HL7 v2 chapter 3, IHE PAM; STANDARDS section 3.7). */
#include "events/from_hl7_adt.h"

enum how {
    READ_NOTHING, /* understood; says nothing that routing needs */
    READ_ONE,     /* one patient, one change */
    READ_PERSON,  /* the same without a visit: PV1 is not looked at */
    READ_SWAP,
    READ_MERGES,
    READ_MOVED_STAYS,
    READ_RENUMBERED,
    READ_BED
};

/* `undo`: the trigger that takes this one back, for a ZBE-4 CANCEL of it. */
static const struct trigger {
    const char *name;
    enum how reader;
    enum change_kind kind;
    const char *undo;
} triggers[] = {
    { "A01", READ_ONE, CHANGE_ADMIT, "A11" },
    { "A02", READ_ONE, CHANGE_MOVE, "A12" },
    { "A03", READ_ONE, CHANGE_DISCHARGE, "A13" },
    { "A04", READ_ONE, CHANGE_ADMIT, "A11" },
    { "A05", READ_ONE, CHANGE_PREADMIT, "A38" },
    { "A06", READ_ONE, CHANGE_PLACE, NULL },
    { "A07", READ_ONE, CHANGE_PLACE, NULL },
    { "A08", READ_ONE, CHANGE_UPDATE, NULL },
    { "A09", READ_ONE, CHANGE_DEPART, "A33" },
    { "A10", READ_ONE, CHANGE_ARRIVE, "A32" },
    { "A11", READ_ONE, CHANGE_CANCEL_ADMIT, NULL },
    { "A12", READ_ONE, CHANGE_CANCEL_MOVE, NULL },
    { "A13", READ_ONE, CHANGE_CANCEL_DISCHARGE, NULL },
    { "A14", READ_ONE, CHANGE_PENDING_ADMIT, "A27" },
    { "A15", READ_ONE, CHANGE_PENDING_MOVE, "A26" },
    { "A16", READ_ONE, CHANGE_PENDING_DISCHARGE, "A25" },
    { "A17", READ_SWAP, CHANGE_SWAP, NULL },
    { "A18", READ_MERGES, CHANGE_MERGE, NULL },
    { "A20", READ_BED, CHANGE_UPDATE, NULL },
    { "A21", READ_ONE, CHANGE_LEAVE, "A52" },
    { "A22", READ_ONE, CHANGE_RETURN, "A53" },
    { "A23", READ_ONE, CHANGE_CANCEL_ADMIT, NULL },
    { "A24", READ_NOTHING, CHANGE_UPDATE, NULL }, /* two records of one person: each keeps its own stay */
    { "A25", READ_ONE, CHANGE_CANCEL_PENDING_LEAVING, NULL },
    { "A26", READ_ONE, CHANGE_CANCEL_PENDING_MOVE, NULL },
    { "A27", READ_ONE, CHANGE_CANCEL_PENDING_ADMIT, NULL },
    { "A28", READ_PERSON, CHANGE_DETAILS, NULL },
    { "A29", READ_PERSON, CHANGE_DELETE_PERSON, NULL },
    { "A30", READ_MERGES, CHANGE_MERGE, NULL },
    { "A31", READ_PERSON, CHANGE_DETAILS, NULL },
    { "A32", READ_ONE, CHANGE_CANCEL_ARRIVE, NULL },
    { "A33", READ_ONE, CHANGE_CANCEL_DEPART, NULL },
    { "A34", READ_MERGES, CHANGE_MERGE, NULL },
    { "A35", READ_RENUMBERED, CHANGE_RENUMBER, NULL },
    { "A36", READ_MERGES, CHANGE_MERGE, NULL },
    { "A37", READ_NOTHING, CHANGE_UPDATE, NULL },
    { "A38", READ_ONE, CHANGE_CANCEL_PREADMIT, NULL },
    { "A39", READ_MERGES, CHANGE_MERGE, NULL },
    { "A40", READ_MERGES, CHANGE_MERGE, NULL },
    { "A41", READ_RENUMBERED, CHANGE_RENUMBER, NULL },
    { "A42", READ_RENUMBERED, CHANGE_RENUMBER, NULL },
    { "A43", READ_MOVED_STAYS, CHANGE_MOVE_STAY, NULL },
    { "A44", READ_MOVED_STAYS, CHANGE_MOVE_STAY, NULL },
    { "A45", READ_MOVED_STAYS, CHANGE_MOVE_STAY, NULL },
    { "A46", READ_MERGES, CHANGE_MERGE, NULL },
    { "A47", READ_MERGES, CHANGE_MERGE, NULL },
    { "A48", READ_NOTHING, CHANGE_UPDATE, NULL }, /* an alternate patient id: no key of anything here */
    { "A49", READ_RENUMBERED, CHANGE_RENUMBER, NULL },
    { "A50", READ_RENUMBERED, CHANGE_RENUMBER, NULL },
    { "A51", READ_NOTHING, CHANGE_UPDATE, NULL },
    { "A52", READ_ONE, CHANGE_CANCEL_LEAVE, NULL },
    { "A53", READ_ONE, CHANGE_CANCEL_RETURN, NULL },
    { "A54", READ_ONE, CHANGE_DETAILS, "A55" },
    { "A55", READ_ONE, CHANGE_CANCEL_ATTENDING, NULL },
    { "A60", READ_PERSON, CHANGE_DETAILS, NULL },
    { "A61", READ_ONE, CHANGE_DETAILS, "A62" },
    { "A62", READ_ONE, CHANGE_DETAILS, NULL },
    { "Z99", READ_ONE, CHANGE_UPDATE, NULL }, /* IHE PAM: what ZBE-6 says, or an update */
};

static const struct trigger *trigger_find(struct slice name)
{
    for (size_t i = 0; i < sizeof triggers / sizeof triggers[0]; i++)
        if (slice_eq_nocase(name, slice_of(triggers[i].name)))
            return &triggers[i];
    return NULL;
}

/* ZBE-5: a movement that is only history. */
static bool is_history(struct hl7_in *in)
{
    size_t zbe = hl7_segment_find(in->m, SLICE("ZBE"), 1);

    if (!slice_eq_nocase(hl7_part(in, zbe, 5, 1), SLICE("Y")))
        return false;
    draft_finding(&in->draft, "historic-movement", hl7_where(in, zbe, 5), (struct slice){ NULL, 0 });
    return true;
}

/* A transfer event: starts for A02 and A17; withdrawn where the movement or the whole stay is undone. */
static bool transfer_event(struct hl7_in *in, enum event_phase phase, const struct change *c,
                           const struct patient *who, struct place to, struct place from)
{
    struct event e = event_empty(EVENT_TRANSFER, phase);
    const struct slice parts[] = { SLICE("transfer"), who->id };

    e.listener = in->draft.src->listener;
    e.sender = in->sender;
    e.test = in->test;
    e.mapped = true;
    e.title = SLICE("Transfer");
    e.time_us = c->occurred_us;
    e.patient = *who;
    e.place = to;
    e.prior = from;
    e.identity = draft_identity(&in->draft, in->sender, parts, 2);
    return draft_event(&in->draft, &e, in->err);
}

static bool told_of(struct hl7_in *in, const struct change *c)
{
    switch (c->kind) {
    case CHANGE_MOVE:
        return transfer_event(in, PHASE_STARTS, c, &c->patient, c->place, c->prior);
    case CHANGE_CANCEL_ADMIT:
    case CHANGE_CANCEL_MOVE:
    case CHANGE_CANCEL_DISCHARGE:
    case CHANGE_DELETE_PERSON:
        return transfer_event(in, PHASE_WITHDRAWN, c, &c->patient, c->place, c->prior);
    default:
        return true;
    }
}

/* PV1-45 of an update: he had left by then, and PV1-3 is where he was. */
static bool has_left(struct hl7_in *in, const struct adt_part *part, const struct change *c)
{
    int64_t left_us = hl7_instant(in, part->pv1, 45, 1);

    return left_us != TIME_NONE && c->recorded_us != TIME_NONE && left_us <= c->recorded_us;
}

static bool read_one(struct hl7_in *in, const struct trigger *t)
{
    struct adt_part part = adt_whole(in);

    if (t->reader == READ_PERSON)
        part.pv1 = HL7_NONE;
    struct change c = adt_change(in, t->kind, &part);
    if (!adt_needs_patient(in, &c, part.pid))
        return false;
    if (t->kind == CHANGE_UPDATE && has_left(in, &part, &c))
        c.kind = CHANGE_DETAILS;
    return draft_change(&in->draft, &c, in->err) && told_of(in, &c);
}

static bool read_swap(struct hl7_in *in, const struct trigger *t)
{
    size_t end = hl7_message_segments(in->m);
    size_t first = hl7_within(in, "PID", 0, end), second = hl7_within(in, "PID", first + 1, end);

    if (first == HL7_NONE || second == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "PID", "a swap names two patients");
    struct adt_part one = { first, hl7_within(in, "PV1", first, second), first, second },
                    two = { second, hl7_within(in, "PV1", second, end), second, end };
    struct change c = adt_change(in, t->kind, &one), other = adt_change(in, t->kind, &two);
    if (!adt_needs_patient(in, &c, first) || !adt_needs_patient(in, &other, second))
        return false;
    if (slice_eq(c.patient.id, other.patient.id)) {
        draft_finding(&in->draft, "swap-with-itself", "PID[2]-3", (struct slice){ NULL, 0 });
        return true;
    }
    c.other = other.patient;
    c.other_place = other.place;
    return draft_change(&in->draft, &c, in->err) &&
           transfer_event(in, PHASE_STARTS, &c, &c.patient, c.place, c.other_place) &&
           transfer_event(in, PHASE_STARTS, &c, &c.other, c.other_place, c.place);
}

/* NPU: bed and its status (table 0116). */
static bool read_bed(struct hl7_in *in)
{
    size_t npu = hl7_segment_find(in->m, SLICE("NPU"), 1);
    struct location_change l = { .place = hl7_location(in, npu, 1),
                                 .status = hl7_bed_status(hl7_part(in, npu, 2, 1)),
                                 .where = hl7_where(in, npu, 1) };

    if (l.place.unit.len + l.place.bed.len == 0)
        return error_at(in->err, ERROR_MISSING, npu == HL7_NONE ? "NPU" : l.where,
                        "a bed status names a bed");
    struct adt_part none = { HL7_NONE, HL7_NONE, 0, 0 };
    l.occurred_us = adt_change(in, CHANGE_UPDATE, &none).occurred_us;
    struct location_change *kept = arena_alloc(in->draft.arena, sizeof *kept);
    *kept = l;
    in->draft.out->locations = kept;
    in->draft.out->location_count = 1;
    return true;
}

static bool act(struct hl7_in *in, const struct trigger *t)
{
    switch (t->reader) {
    case READ_ONE:
    case READ_PERSON:
        return read_one(in, t);
    case READ_SWAP:
        return read_swap(in, t);
    case READ_MERGES:
        return adt_read_merges(in);
    case READ_MOVED_STAYS:
        return adt_read_moved_stays(in);
    case READ_RENUMBERED:
        return adt_read_renumbered(in);
    case READ_BED:
        return read_bed(in);
    default:
        return true;
    }
}

/* ZBE-6 names what a Z99 is about; ZBE-4 CANCEL turns a trigger into the one that undoes it. */
static const struct trigger *meant(struct hl7_in *in, const struct trigger *t)
{
    size_t zbe = hl7_segment_find(in->m, SLICE("ZBE"), 1);
    const struct trigger *original = trigger_find(hl7_part(in, zbe, 6, 1));

    if (slice_is(slice_of(t->name), "Z99") && original != NULL)
        t = original;
    if (slice_eq_nocase(hl7_part(in, zbe, 4, 1), SLICE("CANCEL")) && t->undo != NULL)
        t = trigger_find(slice_of(t->undo));
    return t;
}

/* What a training or debugging system says about patients is not where they are. */
static bool is_practice(struct hl7_in *in)
{
    if (in->test)
        draft_finding(&in->draft, "test-movement", "MSH-11", (struct slice){ NULL, 0 });
    return in->test;
}

bool hl7_read_adt(struct hl7_in *in, struct slice name)
{
    const struct trigger *t = trigger_find(name);
    bool ok = true;

    if (t == NULL)
        draft_finding(&in->draft, "adt-event", "MSH-9.2", (struct slice){ NULL, 0 });
    else if (!is_practice(in) && !is_history(in))
        ok = act(in, meant(in, t));
    in->draft.out->context_only = in->draft.out->event_count == 0;
    return ok;
}
