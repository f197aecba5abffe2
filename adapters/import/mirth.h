/* adapters/import/mirth.h - filters of a Mirth Connect channel as drafts of rules.
 *
 * Reads the XML of an exported channel (3.5 and later: `elements`). The filter of the source and that of each
 * destination are one condition: who passes both is told at a desk named after the destination. Rules of the
 * rule builder whose field is a plain path (msg['PV1']['PV1.3']['PV1.3.1'].toString()) and whose values are
 * texts in quotes are written; JavaScript, iterators and anything else are left to a person, as they are. */
#ifndef NIGHTBELL_ADAPTERS_IMPORT_MIRTH_H
#define NIGHTBELL_ADAPTERS_IMPORT_MIRTH_H

#include "adapters/import/draft.h"

/* False: no XML, or not a channel. Limits: import-bytes. */
bool import_mirth(struct import_draft *d, struct slice xml, struct error *err);

#endif
