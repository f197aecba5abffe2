/* hl7/batch.h - bytes that hold several messages: [FHS] { [BHS] { MSH... } [BTS] } [FTS], or just MSH after
 * MSH.
 *
 * A message begins at an MSH that stands at the start of a line and ends before the next MSH or batch
 * segment. What stands before the first MSH is passed over (batch headers). */
#ifndef NIGHTBELL_HL7_BATCH_H
#define NIGHTBELL_HL7_BATCH_H

#include "base/slice.h"

/* The next message in *rest, which moves past it; false when there is none left. */
bool hl7_batch_next(struct slice *rest, struct slice *message);

#endif
