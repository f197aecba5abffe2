/* hl7/scan.h - finds every field separator and line end of a message, 64 bytes at a time.
 *
 * The one pass over all bytes that parsing costs; private to hl7/message.c. */
#ifndef NIGHTBELL_HL7_SCAN_H
#define NIGHTBELL_HL7_SCAN_H

#include "base/slice.h"

enum { HL7_SCAN_SLACK = 8 }; /* offsets that may be written past the last one */

struct hl7_counts {
    size_t fields, ends; /* field separators; CR and LF */
};

struct hl7_counts hl7_scan_count(struct slice s, char field);

/* Called for every CR and LF and for the end of the bytes, with its offset and the number of separators
 * before it. False stops the scan. */
typedef bool hl7_line_end(void *ctx, uint32_t at, uint32_t fields_before);

/* Writes the offset of each separator to out, which has room for hl7_scan_count's number and the slack.
 * False when line_end stopped it. */
bool hl7_scan(struct slice s, char field, uint32_t *out, hl7_line_end *line_end, void *ctx);

#endif
