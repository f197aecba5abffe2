/* hl7/redact.h - a message that can be shown to a colleague: synthetic names, identifiers, addresses, phones,
 * free text and dates, the same for the same input within one redaction, so that messages of a file still
 * belong together.
 *
 * What is redacted is decided by data type (hl7/names.h: XPN XCN PPN CX XAD XTN DT DTM TS FT TX ST of known
 * places, ...) and by place; codes, units, structure, lengths of lists and delimiters stay. Dates keep their
 * distances: all move by the same number of days. Unknown and Z-segments lose their text values. Letters stay
 * letters and digits digits. */
#ifndef NIGHTBELL_HL7_REDACT_H
#define NIGHTBELL_HL7_REDACT_H

#include "base/buf.h"
#include "hl7/message.h"

struct hl7_redaction;

/* `key`: what synthetic values are made from; an unknown one cannot be guessed back from the result. */
struct hl7_redaction *hl7_redaction_new(const uint8_t key[32]);
void hl7_redaction_free(struct hl7_redaction **r);
/* Appends the redacted message; `whole` as for hl7_edit_begin. False with `err` when the buffer is full. */
bool hl7_redact(struct hl7_redaction *r, const struct hl7_message *m, struct slice whole, struct buf *out,
                struct error *err);

#endif
