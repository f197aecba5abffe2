/* ADT about who somebody is: merges, moved stays, other numbers (STANDARDS section 3.7, identity). */
#include "events/from_hl7_adt.h"

static bool next_pair(const struct hl7_in *in, struct adt_part *part)
{
    size_t end = hl7_message_segments(in->m);

    part->pid = part->from = hl7_within(in, "PID", part->to, end);
    part->to = part->pid == HL7_NONE ? end : hl7_within(in, "PID", part->pid + 1, end);
    if (part->to == HL7_NONE)
        part->to = end;
    return part->pid != HL7_NONE;
}

static bool same_source(struct hl7_in *in, size_t mrg, uint32_t a, uint32_t b)
{
    return slice_eq(hl7_part_at(in, mrg, 1, a, 4, 1), hl7_part_at(in, mrg, 1, b, 4, 1)) &&
           slice_eq(hl7_part_at(in, mrg, 1, a, 5, 0), hl7_part_at(in, mrg, 1, b, 5, 0));
}

/* Which repetition of MRG-1 is the key that hl7_patient_key chose. */
static uint32_t chosen(struct hl7_in *in, size_t mrg, struct slice key)
{
    uint32_t rep = hl7_repetitions(in->m, mrg, 1);

    for (; rep > 1; rep--)
        if (slice_eq(key, draft_patient_id(&in->draft, hl7_part_at(in, mrg, 1, rep, 4, 1),
                                           hl7_part_at(in, mrg, 1, rep, 1, 0))))
            break;
    return rep;
}

static bool merge_one(struct hl7_in *in, struct change *c, struct slice gone)
{
    c->other.id = gone;
    return slice_eq(c->patient.id, gone) || draft_change(&in->draft, c, in->err);
}

/* MRG-1 is a list of identifiers since v2.3: each of the same authority and type is gone. */
static bool merge_all(struct hl7_in *in, struct change *c, size_t mrg)
{
    struct slice key = c->other.id;
    uint32_t best = chosen(in, mrg, key), count = hl7_repetitions(in->m, mrg, 1);

    if (!merge_one(in, c, key))
        return false;
    for (uint32_t rep = 1; rep <= count; rep++) {
        struct slice id = hl7_part_at(in, mrg, 1, rep, 1, 0);
        if (rep != best && id.len > 0 && best > 0 && same_source(in, mrg, rep, best) &&
            !merge_one(in, c, draft_patient_id(&in->draft, hl7_part_at(in, mrg, 1, rep, 4, 1), id)))
            return false;
    }
    return true;
}

static void read_prior(struct hl7_in *in, struct change *c, const struct adt_part *part, size_t mrg)
{
    c->other.id = hl7_patient_key(in, mrg, 1);
    if (c->other.id.len == 0 && hl7_repetitions(in->m, part->pid, 3) == 0)
        c->other.id = hl7_patient_key(in, mrg, 4); /* the external id, beside PID-2 (A46) */
    c->other_account = hl7_part(in, mrg, 3, 1);
    c->other_visit = hl7_part(in, mrg, 5, 1);
}

static bool needs_prior(struct hl7_in *in, const struct change *c, size_t mrg)
{
    if (c->other.id.len > 0)
        return true;
    return error_at(in->err, ERROR_MISSING, mrg == HL7_NONE ? "MRG" : hl7_where(in, mrg, 1),
                    "a merge names two patient identifiers");
}

/* PID/MRG pairs repeat; the PID survives. */
bool adt_read_merges(struct hl7_in *in)
{
    struct adt_part part = { .to = 0 };

    if (hl7_within(in, "PID", 0, hl7_message_segments(in->m)) == HL7_NONE)
        return error_at(in->err, ERROR_MISSING, "PID", "a merge names two patient identifiers");
    while (next_pair(in, &part)) {
        size_t mrg = hl7_within(in, "MRG", part.from, part.to);
        part.pv1 = HL7_NONE;
        struct change c = adt_change(in, CHANGE_MERGE, &part);
        read_prior(in, &c, &part, mrg);
        if (!adt_needs_patient(in, &c, part.pid) || !needs_prior(in, &c, mrg) || !merge_all(in, &c, mrg))
            return false;
    }
    if (in->draft.out->change_count == 0)
        draft_finding(&in->draft, "merge-of-itself", "MRG-1", (struct slice){ NULL, 0 });
    return true;
}

/* A43 identifiers, A44 an account, A45 visits, each with its own MRG (and PV1): from MRG-1 to PID-3. */
bool adt_read_moved_stays(struct hl7_in *in)
{
    struct adt_part part = { .to = 0 };

    while (next_pair(in, &part)) {
        size_t mrg = hl7_within(in, "MRG", part.from, part.to);
        if (mrg == HL7_NONE)
            return error_at(in->err, ERROR_MISSING, "MRG", "a move says from whom");
        for (size_t next; mrg != HL7_NONE; mrg = next) {
            next = hl7_within(in, "MRG", mrg + 1, part.to);
            part.pv1 = hl7_within(in, "PV1", mrg, next != HL7_NONE ? next : part.to);
            struct change c = adt_change(in, CHANGE_MOVE_STAY, &part);
            read_prior(in, &c, &part, mrg);
            if (!adt_needs_patient(in, &c, part.pid))
                return false;
            if (c.other.id.len > 0 && !slice_eq(c.other.id, c.patient.id) &&
                !draft_change(&in->draft, &c, in->err))
                return false;
        }
    }
    if (in->draft.out->change_count == 0)
        draft_finding(&in->draft, "move-to-itself", "MRG-1", (struct slice){ NULL, 0 });
    return true;
}

/* Accounts and visits change their numbers; the patient stays who he is. */
bool adt_read_renumbered(struct hl7_in *in)
{
    struct adt_part part = { .to = 0 };

    while (next_pair(in, &part)) {
        size_t mrg = hl7_within(in, "MRG", part.from, part.to);
        part.pv1 = hl7_within(in, "PV1", part.from, part.to);
        struct change c = adt_change(in, CHANGE_RENUMBER, &part);
        read_prior(in, &c, &part, mrg);
        c.other.id = (struct slice){ NULL, 0 };
        if (!adt_needs_patient(in, &c, part.pid) || !draft_change(&in->draft, &c, in->err))
            return false;
    }
    return true;
}
