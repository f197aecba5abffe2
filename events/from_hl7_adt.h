/* events/from_hl7_adt.h - an ADT message being read (private to events/): from_hl7_adt.c chooses by trigger,
 * from_hl7_adt_change.c reads one patient's change, from_hl7_adt_identity.c merges and moves,
 * from_hl7_adt_flags.c the fields that make flags. */
#ifndef NIGHTBELL_EVENTS_FROM_HL7_ADT_H
#define NIGHTBELL_EVENTS_FROM_HL7_ADT_H

#include "events/from_hl7.h"

/* What the segments of one patient say: PID, PV1 (HL7_NONE: absent or not to be read), [from, to) the rest.
 */
struct adt_part {
    size_t pid, pv1, from, to;
};

/* The whole message as one patient's. */
struct adt_part adt_whole(const struct hl7_in *in);
/* Patient, places, visit, flags and times; `kind` as given. */
struct change adt_change(struct hl7_in *in, enum change_kind kind, const struct adt_part *part);
/* ZBE-1 and 4 of [from, to) into the change. */
void adt_movement(struct hl7_in *in, struct change *c, size_t from, size_t to);
/* PV1-15, 16, PV2-22, 36, 41, 45, PD1-12, 15, PID-30, and the OBX and AL1 that the site's map names. */
void adt_flags(struct hl7_in *in, const struct adt_part *part, struct change *c);
/* False with the located error when the change names no patient. */
bool adt_needs_patient(struct hl7_in *in, const struct change *c, size_t pid);

bool adt_read_merges(struct hl7_in *in);      /* A18 A30 A34 A36 A39 A40 A46 A47 */
bool adt_read_moved_stays(struct hl7_in *in); /* A43 A44 A45 */
bool adt_read_renumbered(struct hl7_in *in);  /* A35 A41 A42 A49 A50 */

#endif
