/* hl7/charset.h - bytes of a message to UTF-8 (MSH-18, table 0211).
 *
 * What is declared is tried first; where that cannot be, bytes that are valid UTF-8 are that, and all
 * others are read as Windows-1252. An alert is never lost over a character. */
#ifndef NIGHTBELL_HL7_CHARSET_H
#define NIGHTBELL_HL7_CHARSET_H

#include "hl7/message.h"

/* The first repetition of MSH-18; *iconv_name is set for HL7_CHARSET_NAMED, else NULL. */
enum hl7_charset hl7_charset_find(struct slice declared, const char **iconv_name);
/* `bytes` itself when it is already UTF-8, else a copy in `arena`. */
struct slice hl7_charset_text(struct arena *arena, enum hl7_charset charset, const char *iconv_name,
                              struct slice bytes);

#endif
