/* hl7/names.h - what the standard calls segments and fields (HL7 v2.8 chapters 2 to 15, own wording).
 *
 * The number of fields is the highest of any version up to 2.9, so that a path beyond it names nothing.
 * Field names are kept for the segments that alert routing reads. */
#ifndef NIGHTBELL_HL7_NAMES_H
#define NIGHTBELL_HL7_NAMES_H

#include "base/slice.h"

/* Number of fields of a segment; 0 when the segment is not known here (Z-segments never are). */
uint32_t hl7_segment_size(struct slice name);
/* "patient identifier list" for PID-3; NULL when no name is kept. */
const char *hl7_field_name(struct slice segment, uint32_t field);
/* The known segment name at most one letter off, for hints; NULL when there is none. */
const char *hl7_segment_similar(struct slice name);

#endif
