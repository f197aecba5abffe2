/* hl7/write.h - builds a message, field by field, in ascending order.
 *
 * Text is escaped: a value can never make a field, a component or a segment. Raw values keep their
 * delimiters, but a control character in them is escaped too. Segments end with CR. Mistakes of the
 * caller (fields out of order, no segment begun) and a passed buffer ceiling set `failed`. */
#ifndef NIGHTBELL_HL7_WRITE_H
#define NIGHTBELL_HL7_WRITE_H

#include "base/buf.h"
#include "hl7/message.h"

struct hl7_writer {
    struct buf *out; /* the caller's */
    struct hl7_delimiters delimiters;
    uint32_t field, repetition, component, sub; /* where the writer stands */
    bool in_segment, failed;
};

/* `d` NULL: the usual delimiters. Nothing is written until the first segment. */
struct hl7_writer hl7_writer_make(struct buf *out, const struct hl7_delimiters *d);
/* Ends the segment before and begins one. For MSH, BHS and FHS fields 1 and 2 are written too. */
void hl7_write_segment(struct hl7_writer *w, const char *name);
/* Text at field[repetition].component.sub, each 1-based; what lies between stays empty. */
void hl7_write_at(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component, uint32_t sub,
                  struct slice text);
void hl7_write_field(struct hl7_writer *w, uint32_t field, struct slice text); /* at field[1].1.1 */
/* A field that holds delimiters already, "A^B~C". */
void hl7_write_raw(struct hl7_writer *w, uint32_t field, struct slice raw);
/* Ends the last segment; false when anything failed. */
bool hl7_write_end(struct hl7_writer *w);

#endif
