/* hl7/delimiters.h - the characters that a message, batch or file header declares for itself.
 *
 * MSH, BHS and FHS begin alike: the name, the field separator, then 1 to 5 encoding characters in the
 * order component, repetition, escape, sub-component, truncation (v2.7). Fewer occur in the field: what
 * is not declared does not exist. U+FFFD among them is one that a wrong conversion lost: absent too. */
#ifndef NIGHTBELL_HL7_DELIMITERS_H
#define NIGHTBELL_HL7_DELIMITERS_H

#include "hl7/message.h"

/* The delimiters almost everybody uses: | ^ ~ \ & */
struct hl7_delimiters hl7_delimiters_usual(void);
/* Reads them from bytes that begin with the three letters of the header. `where` names it in errors. */
bool hl7_delimiters_read(struct slice header, const char *where, struct hl7_delimiters *out,
                         struct error *err);

#endif
