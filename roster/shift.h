/* roster/shift.h - named wall-clock intervals: `shift night = 19:00-07:00 on mon, tue` (LANGUAGE 7, Numbers,
 * time).
 *
 * Half open, may cross midnight; the days are those of its start; a night is 11 or 13 h when clocks
 * change; a skipped time starts at the next valid one; a repeated hour is inside twice. */
#ifndef NIGHTBELL_ROSTER_SHIFT_H
#define NIGHTBELL_ROSTER_SHIFT_H

#include "base/slice.h"
#include "base/tz.h"

struct shift_range {
    uint16_t from_min, to_min; /* minutes of the day; to <= from crosses midnight; 00:00-00:00 = all day */
};

struct shift {
    struct slice name;
    const struct shift_range *ranges;
    size_t range_count;
    uint8_t days; /* bit 0 = Monday ... bit 6 = Sunday; 0x7f = every day */
};

bool shift_holds(const struct shift *s, const struct tz *zone, int64_t wall_us);
/* The next instant after `wall_us` at which shift_holds changes; TIME_NONE when never. */
int64_t shift_next_change(const struct shift *s, const struct tz *zone, int64_t wall_us);
/* Do the two ever hold at once, judged on the weekly wall clock? */
bool shifts_meet(const struct shift *a, const struct shift *b);

#endif
