/* events/units.h - the units that alarms and laboratories use, as UCUM codes (ucum.org).
 *
 * A small closed table. Senders spell units in many ways ("mmHg", "mm Hg", "bpm", an IEEE 11073 code);
 * all become one UCUM code. Conversion happens inside one dimension only: mg/dL never becomes mmol/L,
 * that would need a molar mass. mEq/L is joined with mmol/L, as laboratories use them for the
 * electrolytes of the catalogue. Arithmetic is exact: no rounding, no binary floating point. */
#ifndef NIGHTBELL_EVENTS_UNITS_H
#define NIGHTBELL_EVENTS_UNITS_H

#include "base/decimal.h"
#include "base/slice.h"

/* The UCUM code for a unit as sent: a UCUM code, a usual spelling, an IEEE 11073 code ("266016") or
 * ref-id ("MDC_DIM_MMHG"). The empty slice when it is none of these. Static memory. */
struct slice unit_ucum(struct slice sent);
/* Both of one dimension, so that comparing them has a meaning. Takes UCUM codes. */
bool unit_same_dimension(struct slice a, struct slice b);
/* a (in unit_a) against b (in unit_b): *out is -1, 0 or 1. False when the dimensions differ, a unit is
 * unknown (equal texts compare as they are), or the numbers pass 38 digits. Always exact. */
bool unit_compare(struct decimal a, struct slice unit_a, struct decimal b, struct slice unit_b, int *out);
/* False as above, and when the result has no exact decimal of 18 digits (100 [degF] in Cel). */
bool unit_convert(struct decimal v, struct slice from, struct slice to, struct decimal *out);

#endif
