/* events/flags.h - the flags of patients that HL7 v2 fields give (docs/rules/events.md).
 *
 * A flag is a word that rules ask for: `patient.flags has fall-risk`. A coded field that comes with a value
 * says all flags of its table anew: those it does not name are taken off. */
#ifndef NIGHTBELL_EVENTS_FLAGS_H
#define NIGHTBELL_EVENTS_FLAGS_H

#include "base/slice.h"

struct flag_code {
    const char *code, *flag; /* flag NULL: a code that gives none */
};

extern const struct flag_code FLAGS_AMBULATORY[]; /* table 0009: PV1-15; NULL ends it */
extern const struct flag_code FLAGS_PRECAUTION[]; /* table 0433: PV2-41 */
extern const struct flag_code FLAGS_DIRECTIVE[];  /* table 0435: PD1-15, PV2-45 */

/* Is this one of the words that HL7 fields or a site's `map` may give? */
bool flag_known(struct slice word);
/* The flag of a code in one of the tables, ASCII case ignored; empty when it gives none. */
struct slice flag_of(const struct flag_code *table, struct slice code);

#endif
