/* base/tz.h - one time zone, read from TZif bytes (RFC 8536, versions 1-4 with the POSIX footer).
 *
 * Our own reader: roster time is what Nightbell exists for, and it must be right at both clock
 * changes (proved against zdump over every zone in tests/base). Immutable after tz_parse, so it may
 * be shared between threads. Reading the file is somebody else's work: bytes come in. */
#ifndef NIGHTBELL_BASE_TZ_H
#define NIGHTBELL_BASE_TZ_H

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"

struct tz;

struct tz *tz_parse(struct slice tzif, struct error *err); /* copies what it needs; NULL on bad bytes */
struct tz *tz_utc(void);
void tz_free(struct tz **tz);

int32_t tz_offset_s(const struct tz *tz, int64_t utc_us);      /* seconds east of UTC at that instant */
struct civil tz_to_civil(const struct tz *tz, int64_t utc_us); /* the wall clock at that instant */

enum tz_pick { TZ_FIRST, TZ_SECOND };
/* The instant at which the wall clock shows `c`. A repeated hour gives the first or second as asked;
 * a skipped time gives the first valid instant after the gap. */
int64_t tz_from_civil(const struct tz *tz, struct civil c, enum tz_pick pick);

/* ISO 8601 as people type it: with a zone as time_parse_iso, without one the wall clock of `tz` (the first of
 * a repeated hour); seconds may be left out. */
bool tz_parse_instant(const struct tz *tz, struct slice text, int64_t *out);

#endif
