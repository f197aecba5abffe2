/* hl7/write.h - builds a message, field by field, in ascending order.
 *
 * Text is escaped: a value can never make a field, a component or a segment. Raw values keep their
 * delimiters, but a control character in them is escaped too. Segments end with CR. Mistakes of the
 * caller (fields out of order, no segment begun), a text that the character set or the delimiters cannot
 * hold, and a passed buffer ceiling set `failed`. The truncation character of v2.7 is written in MSH-2, and
 * escaped in text, when the delimiters have it. */
#ifndef NIGHTBELL_HL7_WRITE_H
#define NIGHTBELL_HL7_WRITE_H

#include "base/buf.h"
#include "hl7/message.h"

struct hl7_writer {
    struct buf *out; /* the caller's */
    struct hl7_delimiters delimiters;
    const char *charset; /* of text, as iconv calls it; NULL: the caller's bytes as they are (UTF-8) */
    uint32_t field, repetition, component, sub; /* where the writer stands */
    bool in_segment, failed;
};

/* `d` NULL: the usual delimiters. Nothing is written until the first segment. */
struct hl7_writer hl7_writer_make(struct buf *out, const struct hl7_delimiters *d);
/* Brings text that follows into a set of table 0211 ("8859/1", "GB 18030-2000"): text is UTF-8 then, and one
 * that the set cannot hold sets `failed`. False for a name that is not known. MSH-18 is the caller's. */
bool hl7_writer_charset(struct hl7_writer *w, struct slice declared);
/* Ends the segment before and begins one. For MSH, BHS and FHS fields 1 and 2 are written too. */
void hl7_write_segment(struct hl7_writer *w, const char *name);
/* Text at field[repetition].component.sub, each 1-based; what lies between stays empty. */
void hl7_write_at(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component, uint32_t sub,
                  struct slice text);
void hl7_write_field(struct hl7_writer *w, uint32_t field, struct slice text); /* at field[1].1.1 */
/* The HL7 null, "": delete what you have. */
void hl7_write_null(struct hl7_writer *w, uint32_t field, uint32_t repetition, uint32_t component,
                    uint32_t sub);
/* A field that holds delimiters already, "A^B~C". */
void hl7_write_raw(struct hl7_writer *w, uint32_t field, struct slice raw);
/* Ends the last segment; false when anything failed. */
bool hl7_write_end(struct hl7_writer *w);

#endif
