/* base/time.h - instants, dates and durations without a clock.
 *
 * An instant is int64 microseconds since 1970-01-01T00:00Z (proleptic Gregorian, no leap seconds).
 * Lane time (docs/ids.md) uses the same unit on its own origin. Nothing here asks what time it is. */
#ifndef NIGHTBELL_BASE_TIME_H
#define NIGHTBELL_BASE_TIME_H

#include "base/slice.h"

#define TIME_MS   INT64_C(1000)
#define TIME_S    INT64_C(1000000)
#define TIME_MIN  (60 * TIME_S)
#define TIME_HOUR (60 * TIME_MIN)
#define TIME_DAY  (24 * TIME_HOUR)
#define TIME_NONE INT64_MIN /* "no instant" */

struct civil { /* a wall clock reading, no zone */
    int32_t year;
    uint8_t month, day;           /* 1-12, 1-31 */
    uint8_t hour, minute, second; /* 0-23, 0-59, 0-59 */
    int32_t us;                   /* 0-999999 */
};

enum { TIME_TEXT = 40 };

int64_t time_from_civil(struct civil c); /* as if UTC; fields must be valid (civil_valid) */
struct civil time_to_civil(int64_t us);  /* in UTC */
bool civil_valid(struct civil c);
uint8_t civil_weekday(struct civil c); /* 0 Monday ... 6 Sunday */
uint8_t civil_days_in_month(int32_t year, uint8_t month);

/* "2026-11-22T13:05:09.123Z" (UTC, milliseconds): logs, JSON, FHIR. */
struct slice time_text(int64_t us, char out[TIME_TEXT]);
/* ISO 8601 / FHIR instant or dateTime with zone: "2026-11-22T13:05:09[.frac](Z|+hh:mm)"; also a date
 * alone or without a zone, which is then read at `default_offset_min` minutes east of UTC. */
bool time_parse_iso(struct slice s, int32_t default_offset_min, int64_t *out);
/* "90s", "2min", "1h 30min" as people write it: the largest whole unit, else "m:ss". */
struct slice duration_text(int64_t us, char out[TIME_TEXT]);

#endif
