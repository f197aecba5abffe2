/* hl7/dtm.h - dates and times: YYYY[MM[DD[HH[MM[SS[.S..]]]]]][+/-ZZZZ] (HL7 v2 data types DTM, TS, DT).
 *
 * 24:00 is the next day's midnight and second 60 the next minute's start: both occur. More than four
 * fraction digits occur as well and are read to the microsecond. "-0000" (IHE) means UTC, local offset
 * not known. Blanks around it are passed over. */
#ifndef NIGHTBELL_HL7_DTM_H
#define NIGHTBELL_HL7_DTM_H

#include "base/buf.h"
#include "base/slice.h"

enum hl7_precision { HL7_YEAR, HL7_MONTH, HL7_DAY, HL7_HOUR, HL7_MINUTE, HL7_SECOND, HL7_FRACTION };

struct hl7_dtm {
    int64_t instant_us; /* UTC microseconds (base/time.h); the earliest instant meant */
    enum hl7_precision precision;
    bool has_zone;      /* a zone was sent; else the default was used */
    bool zone_unknown;  /* it was -0000 */
    int32_t offset_min; /* minutes east of UTC that were used */
};

/* False when it is not such a time; *out is then untouched. */
bool hl7_dtm_parse(struct slice text, int32_t default_offset_min, struct hl7_dtm *out);
/* Appends "20261122130509.123+0000": UTC, to the millisecond, or to the second when it is whole. */
void hl7_dtm_put(struct buf *out, int64_t instant_us);

#endif
