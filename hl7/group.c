/* Which segments belong to which: the nesting that the message structures of HL7 v2 (ORU, OML, ORM, OUL, RDE,
 * DFT, SIU, MFN, ADT) have in common, told from the names alone. A rank says how far out a segment's group
 * stands; a group ends at the next segment of its own name or of a rank that is not deeper. */
#include "hl7/path_parts.h"

enum rank {
    RANK_MESSAGE,   /* the whole message, or a batch around it */
    RANK_SUBJECT,   /* a schedule, a master file */
    RANK_PATIENT,   /* a patient, an entry of a master file, a group of resources */
    RANK_VISIT,     /* and what stands in an entry */
    RANK_ACCOUNT,   /* a charge; orders may follow it */
    RANK_SPECIMEN,  /* SPM where specimens stand above orders */
    RANK_CONTAINER, /* SAC, the same */
    RANK_ORDER,     /* ORC */
    RANK_SERVICE,   /* OBR and the other things that are ordered */
    RANK_UNKNOWN,   /* what a segment that is not named here may have around it */
    RANK_SAMPLE,    /* SAC below its specimen */
    RANK_OBSERVATION,
    RANK_NONE /* begins no group */
};

#define NAME(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

static uint32_t name_of(struct slice s)
{
    if (s.len != 3)
        return 0;
    return NAME((unsigned char)s.ptr[0], (unsigned char)s.ptr[1], (unsigned char)s.ptr[2]);
}

static enum rank rank_by_name(uint32_t name)
{
    switch (name) {
    case NAME('M', 'S', 'H'):
    case NAME('E', 'V', 'N'):
    case NAME('F', 'H', 'S'):
    case NAME('B', 'H', 'S'):
    case NAME('B', 'T', 'S'):
    case NAME('F', 'T', 'S'):
        return RANK_MESSAGE;
    case NAME('S', 'C', 'H'):
    case NAME('M', 'F', 'I'):
        return RANK_SUBJECT;
    case NAME('P', 'I', 'D'):
    case NAME('R', 'G', 'S'):
    case NAME('M', 'F', 'E'):
        return RANK_PATIENT;
    case NAME('P', 'V', '1'):
    case NAME('A', 'I', 'S'):
    case NAME('A', 'I', 'G'):
    case NAME('A', 'I', 'L'):
    case NAME('A', 'I', 'P'):
    case NAME('S', 'T', 'F'):
    case NAME('L', 'O', 'C'):
        return RANK_VISIT;
    case NAME('F', 'T', '1'):
        return RANK_ACCOUNT;
    case NAME('O', 'R', 'C'):
        return RANK_ORDER;
    case NAME('O', 'B', 'R'):
    case NAME('R', 'X', 'O'):
    case NAME('R', 'X', 'E'):
    case NAME('R', 'X', 'D'):
    case NAME('R', 'X', 'G'):
    case NAME('R', 'X', 'A'):
    case NAME('R', 'Q', 'D'):
    case NAME('O', 'D', 'S'):
    case NAME('O', 'D', 'T'):
    case NAME('B', 'P', 'O'):
    case NAME('T', 'X', 'A'):
        return RANK_SERVICE;
    case NAME('S', 'P', 'M'):
    case NAME('I', 'N', '1'):
    case NAME('P', 'R', '1'):
    case NAME('L', 'D', 'P'):
        return RANK_UNKNOWN;
    case NAME('S', 'A', 'C'):
        return RANK_SAMPLE;
    case NAME('O', 'B', 'X'):
        return RANK_OBSERVATION;
    default:
        return RANK_NONE;
    }
}

/* Specimens stand above orders where they come first (OML^O33, O35, OUL^R22), below them in ORU and OML^O21.
 * ORC opens an order; in OUL it follows the OBR that it is about. */
struct path_nesting path_nesting_of(const struct hl7_message *m)
{
    size_t specimen = hl7_segment_find(m, SLICE("SPM"), 1), order = hl7_segment_find(m, SLICE("ORC"), 1),
           service = hl7_segment_find(m, SLICE("OBR"), 1);

    return (struct path_nesting){
        .has_specimens_first = specimen < order && specimen < service, /* HL7_NONE is the largest */
        .has_services_first = service != HL7_NONE && order == service + 1,
    };
}

static enum rank rank_of(const struct hl7_message *m, struct path_nesting n, size_t index)
{
    enum rank rank = rank_by_name(name_of(hl7_segment_name(m, index)));

    if (rank == RANK_ORDER && n.has_services_first)
        return RANK_UNKNOWN;
    if (n.has_specimens_first && slice_is(hl7_segment_name(m, index), "SPM"))
        return RANK_SPECIMEN;
    return n.has_specimens_first && rank == RANK_SAMPLE ? RANK_CONTAINER : rank;
}

/* Where `parent`'s group ends; is_flat: or the first group inside it begins. */
static size_t scope_end(const struct hl7_message *m, struct path_nesting n, size_t parent, bool is_flat)
{
    size_t count = hl7_message_segments(m), i = parent + 1;
    struct slice name = hl7_segment_name(m, parent);

    if (parent >= count)
        return count;
    enum rank own = rank_of(m, n, parent);
    if (own == RANK_NONE)
        own = RANK_UNKNOWN;
    for (; i < count; i++) {
        enum rank rank = rank_of(m, n, i);
        if (rank <= own || (is_flat && rank != RANK_NONE) || slice_eq(hl7_segment_name(m, i), name))
            break;
    }
    return i;
}

size_t hl7_group_end(const struct hl7_message *m, size_t parent)
{
    return scope_end(m, path_nesting_of(m), parent, false);
}

size_t path_scope_end(const struct hl7_message *m, struct path_nesting n, size_t parent, struct slice child)
{
    switch (name_of(child)) {
    case NAME('N', 'T', 'E'): /* notes */
    case NAME('P', 'R', 'T'): /* participations */
    case NAME('R', 'O', 'L'):
    case NAME('L', 'C', 'H'): /* characteristics of a place or of its department */
        return scope_end(m, n, parent, true);
    default:
        return scope_end(m, n, parent, false);
    }
}
