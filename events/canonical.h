/* events/canonical.h - an event, or a change of the census, as bytes that stand for a message of their own.
 *
 * For what makes events without a sender's message: a site's tests. The core takes the bytes as it takes
 * HL7 v2 and FHIR (FORMAT_EVENT), journals them, and reads them here; they pass the census, the rules and
 * the router as if a listener had sent them. Bytes: u8 version, u8 what, then the event as in
 * events/event.h, or the change in the order of canonical_put_change. */
#ifndef NIGHTBELL_EVENTS_CANONICAL_H
#define NIGHTBELL_EVENTS_CANONICAL_H

#include "events/reading.h"

void canonical_put_event(struct buf *out, const struct event *e);
/* Of a change: kind, patient, place and occurred_us; of the patient id, names, birth, class, service,
 * attending and flags. The rest stays as an empty change has it. */
void canonical_put_change(struct buf *out, const struct change *ch);
/* Total: any other bytes are ERROR_SYNTAX, an event without identity or of a phase that its kind has not
 * ERROR_VALUE. Slices of `out` point into `bytes`; its lists live in the arena. */
bool canonical_read(struct arena *a, struct slice bytes, struct reading *out, struct error *err);

/* For who makes an event by hand: what the catalogue's row (NULL: `code` has none) makes of it, as for a
 * sent one; its class and kind with it. Set priority and abnormal before. */
void canonical_classify(struct event *e, const struct catalogue_row *row, struct slice code);
/* "86", ">10" with its unit as a site writes them, in the row's unit where that is exact; ABSENT when the
 * text is no number. */
struct quantity canonical_quantity(struct slice number, struct slice unit, const struct catalogue_row *row);

#endif
