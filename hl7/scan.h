/* hl7/scan.h - finds every field separator and line end of a message, 64 bytes at a time.
 *
 * The one pass over all bytes that parsing costs, behind one that counts when they are many; private to
 * hl7/message.c. Four ways give the same: AVX-512 or AVX2 where the processor has it, SSE2 on every other
 * x86-64, plain C elsewhere. Bytes past the slice are never read. */
#ifndef NIGHTBELL_HL7_SCAN_H
#define NIGHTBELL_HL7_SCAN_H

#include "base/slice.h"

struct hl7_counts {
    size_t fields, ends; /* field separators; CR and LF */
};

/* A CR or LF, or the end of the bytes. */
struct hl7_line_end {
    uint32_t at;     /* its offset */
    uint32_t fields; /* separators before it */
};

/* Entries that may be written past the last one of either array. */
enum { HL7_SCAN_SLACK = 16 };

struct hl7_counts hl7_scan_count(struct slice s, char field);
/* Writes the offset of each separator, and each line end, the end of the bytes being the last. There is room
 * for hl7_scan_count's numbers, which it gives too (one more line end), and the slack; or for as many as
 * there are bytes, when nobody counted. The bytes are fewer than 4 GB. */
struct hl7_counts hl7_scan(struct slice s, char field, uint32_t *fields, struct hl7_line_end *ends);

/* For tests: the same by one of the ways, which must be there. */
enum hl7_scan_way { HL7_SCAN_PLAIN, HL7_SCAN_SSE2, HL7_SCAN_AVX2, HL7_SCAN_AVX512, HL7_SCAN_WAYS };
bool hl7_scan_has(enum hl7_scan_way way);
struct hl7_counts hl7_scan_count_by(enum hl7_scan_way way, struct slice s, char field);
struct hl7_counts hl7_scan_by(enum hl7_scan_way way, struct slice s, char field, uint32_t *fields,
                              struct hl7_line_end *ends);

#endif
