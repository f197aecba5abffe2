/* hl7/redact.h - a message that can be shown to a colleague: synthetic names, identifiers, addresses, phones,
 * free text and dates, the same for the same input within one redaction, so that messages of a file still
 * belong together.
 *
 * What is redacted is decided by data type (hl7/names.h) and by place:
 *   names (XPN XCN PPN CNN FN), addresses (XAD SAD AD), organizations (XON)   invented words, digits
 * scrambled identifiers (CX EI XCN-1 ..., ST without a rule, control ids)             letters stay letters,
 * digits digits phones and e-mail (XTN)                                                   555-01xx,
 * someone@example.org DT DTM TS, wherever they stand                                            moved back,
 * all by as many weeks TX FT, OBX-5 of ST TX FT, texts of CWE without a code                     "text", of
 * the same length data of ED                                                                a short base64
 * text Z-segments, unknown segments, fields beyond the standard                  as what they look like Codes
 * with their names, units, numbers, alarm attributes of 11073, times without a date, kinds of messages,
 * places (PL) and the names of applications, facilities and authorities (HD) stay: they route the message.
 * Who sent it can be seen from the result, of whom it speaks cannot. So do lengths of lists, delimiters, line
 * ends, character set, empty values and nulls; MSH-10 and MSA-2 are identifiers, so acknowledgements match.
 *
 * Synthetic values come from SipHash-2-4 of the value under the key. That is a keyed pseudorandom function,
 * not encryption: whoever does not know the key cannot try names or numbers against the result (as they could
 * against a plain hash), and whoever knows it can. Use a random key, and throw it away when no further
 * file is to fit. What stays (a rare diagnosis, a place and an hour) may still tell a person apart: look at a
 * redacted message before you send it away. */
#ifndef NIGHTBELL_HL7_REDACT_H
#define NIGHTBELL_HL7_REDACT_H

#include "base/buf.h"
#include "hl7/message.h"

struct hl7_redaction;

/* `key`: what synthetic values are made from. Two identifiers never become one within a redaction, unless
 * they are too short for that (1 or 2 characters); so it keeps those that it has seen until it is freed. */
struct hl7_redaction *hl7_redaction_new(const uint8_t key[32]);
void hl7_redaction_free(struct hl7_redaction **r);
/* Appends the redacted message; `whole` as for hl7_edit_begin. False with `err` when the buffer is full; it
 * then holds a part. */
bool hl7_redact(struct hl7_redaction *r, const struct hl7_message *m, struct slice whole, struct buf *out,
                struct error *err);

#endif
