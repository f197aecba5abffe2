/* hl7/names.h - what the standard calls segments, fields, data types and their components (HL7 v2 chapters
 * 2 to 17, own wording; versions 2.1 to 2.9 in one table).
 *
 * Made at build time from hl7/definitions.tsv. The number of fields is the highest of any version, so that
 * a path beyond it names nothing; a field's type is that of the newest version that has it (TS is DTM, CE is
 * CWE). Unknown names give 0, NULL or "". */
#ifndef NIGHTBELL_HL7_NAMES_H
#define NIGHTBELL_HL7_NAMES_H

#include "base/slice.h"

/* Is it of the form of a segment's name (HL7 v2 section 2.5.2): a capital, then two capitals or digits? */
static inline bool hl7_segment_named(struct slice s)
{
    for (size_t i = 0; i < s.len && i < 3; i++)
        if (!(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') && !(i > 0 && s.ptr[i] >= '0' && s.ptr[i] <= '9'))
            return false;
    return s.len == 3;
}
/* Number of fields of a segment; 0 when the segment is not known here (Z-segments never are). */
uint32_t hl7_segment_size(struct slice name);
/* "patient visit" for PV1; NULL when not known. */
const char *hl7_segment_title(struct slice name);
/* "patient identifiers" for PID-3; NULL when there is none. */
const char *hl7_field_name(struct slice segment, uint32_t field);
/* "PL" for PV1-3; "" when not known; "*" where another field decides (OBX-5). */
const char *hl7_field_type(struct slice segment, uint32_t field);
/* May the field repeat in any version? */
bool hl7_field_repeats(struct slice segment, uint32_t field);
/* Number of components of a data type: 0 for a primitive one and for an unknown one. */
uint32_t hl7_type_components(struct slice type);
bool hl7_type_known(struct slice type);
const char *hl7_type_title(struct slice type); /* "place of a person" for PL; NULL when not known */
/* "HD" and "point of care" for PL.1; "" and NULL when not known. */
const char *hl7_component_type(struct slice type, uint32_t component);
const char *hl7_component_name(struct slice type, uint32_t component);
/* The known segment name at most one letter off, for hints; NULL when there is none. */
const char *hl7_segment_similar(struct slice name);

#endif
