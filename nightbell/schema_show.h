/* nightbell/schema_show.h - what a rule can see, for people and programs (events/schema.h). */
#ifndef NIGHTBELL_NIGHTBELL_SCHEMA_SHOW_H
#define NIGHTBELL_NIGHTBELL_SCHEMA_SHOW_H

#include "events/schema.h"
#include "rules/site/site.h"

#include <jansson.h>

const char *schema_type_name(enum field_type t);       /* "number", "place" ... */
const char *schema_privacy_name(enum field_privacy p); /* "none", "lock", "phi" */
/* "alarm, call", or "all kinds". */
void schema_kinds_text(const struct field_info *f, struct buf *out);
/* What the field is compared with: "lethal, high, ...", "a catalogue name ..."; one line. */
void schema_values_text(const struct field_info *f, struct buf *out);

/* The whole table, of the kinds in the mask; with the codes and listeners of `site` when not NULL. */
void schema_text(unsigned kinds, const struct site *site, struct buf *out);
json_t *schema_json(unsigned kinds, const struct site *site); /* a new reference */

#endif
