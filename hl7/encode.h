/* hl7/encode.h - UTF-8 text to bytes that may stand in a field: the character set, then escapes.
 *
 * The other direction of hl7_text. What comes out holds no delimiter and no control character, in any set: a
 * character of several bytes of which one could be taken for a delimiter (GB18030, BIG-5, ISO IR87) is
 * written as one \X..\ . */
#ifndef NIGHTBELL_HL7_ENCODE_H
#define NIGHTBELL_HL7_ENCODE_H

#include "base/buf.h"
#include "hl7/message.h"

/* The set that MSH-18 names, as iconv calls it ("UTF-8", "ISO-8859-1", "GB18030"); NULL where it is empty,
 * ASCII or unknown. */
const char *hl7_encoding_name(struct slice declared);
/* Appends `text`. `set` NULL or "UTF-8": the bytes as they are, escaped. False, and nothing appended, when
 * the set cannot hold it, when it is not UTF-8 and a set is given, or when these delimiters cannot be escaped
 * (no escape character, or a delimiter that escapes are made of). Two quotes alone mean "delete", so as text
 * they are escaped. A passed ceiling of `out` is told by out->failed alone. */
bool hl7_encode(struct buf *out, const struct hl7_delimiters *d, const char *set, struct slice text);

/* Is `c` a declared delimiter, the escape and truncation characters among them? */
bool hl7_is_delimiter(const struct hl7_delimiters *d, char c);

#endif
