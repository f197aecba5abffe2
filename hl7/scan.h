/* hl7/scan.h - finds every field separator and line end of a message, 16 bytes at a time.
 *
 * The one pass over all bytes that parsing costs; private to hl7/message.c. */
#ifndef NIGHTBELL_HL7_SCAN_H
#define NIGHTBELL_HL7_SCAN_H

#include "base/slice.h"

struct hl7_counts {
    size_t marks, ends; /* separators and line ends together; CR and LF alone */
};

struct hl7_counts hl7_scan_count(struct slice s, char field);
/* Writes the offset of each mark to out, which has room for hl7_scan_count's number. */
void hl7_scan_marks(struct slice s, char field, uint32_t *out);

#endif
