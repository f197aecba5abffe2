/* A shift is judged on what the wall clock shows. That alone gives the rules of LANGUAGE section 7: an
 * hour that comes twice is inside twice, a start that the clock jumps over begins with the next valid
 * reading, and shifts that tile the day on paper tile it on every day of the year. */
#include "roster/shift.h"

#include <stddef.h>

enum { DAY_MIN = 24 * 60, WEEK_MIN = 7 * DAY_MIN, LOOK_DAYS = 16 };

static bool day_listed(const struct shift *s, unsigned weekday)
{
    return (s->days >> weekday & 1u) != 0;
}

/* `minute` of the day whose weekday is `today`; a range over midnight belongs to the day before too. */
static bool range_holds(const struct shift *s, const struct shift_range *r, unsigned today, unsigned minute)
{
    unsigned yesterday = (today + 6) % 7;

    if (r->to_min > r->from_min)
        return day_listed(s, today) && minute >= r->from_min && minute < r->to_min;
    return (day_listed(s, today) && minute >= r->from_min) ||
           (day_listed(s, yesterday) && minute < r->to_min);
}

bool shift_holds(const struct shift *s, const struct tz *zone, int64_t wall_us)
{
    struct civil now = tz_to_civil(zone, wall_us);
    unsigned minute = now.hour * 60u + now.minute;
    unsigned today = civil_weekday(now);

    for (size_t i = 0; i < s->range_count; i++)
        if (range_holds(s, &s->ranges[i], today, minute))
            return true;
    return false;
}

/* The instant between lo and hi at which the zone's offset becomes that of hi; they differ. */
static int64_t offset_change(const struct tz *zone, int64_t lo, int64_t hi)
{
    int32_t after = tz_offset_s(zone, hi);

    while (hi - lo > 1) {
        int64_t middle = lo + (hi - lo) / 2;

        if (tz_offset_s(zone, middle) == after)
            hi = middle;
        else
            lo = middle;
    }
    return hi;
}

struct search {
    const struct shift *shift;
    const struct tz *zone;
    int64_t after_us, best_us;
    bool now;
};

static void consider(struct search *s, int64_t at_us)
{
    if (at_us > s->after_us && (s->best_us == TIME_NONE || at_us < s->best_us) &&
        shift_holds(s->shift, s->zone, at_us) != s->now)
        s->best_us = at_us;
}

static void consider_minute(struct search *s, int64_t midnight_us, unsigned minute)
{
    struct civil c = time_to_civil(midnight_us + (int64_t)minute * TIME_MIN);

    consider(s, tz_from_civil(s->zone, c, TZ_FIRST));
    consider(s, tz_from_civil(s->zone, c, TZ_SECOND));
}

/* Every boundary on that wall-clock day, and the instant at which clocks change on it. */
static void consider_day(struct search *s, int64_t midnight_us)
{
    int64_t from = tz_from_civil(s->zone, time_to_civil(midnight_us), TZ_FIRST);
    int64_t to = tz_from_civil(s->zone, time_to_civil(midnight_us + TIME_DAY), TZ_SECOND);

    for (size_t i = 0; i < s->shift->range_count; i++) {
        consider_minute(s, midnight_us, s->shift->ranges[i].from_min);
        consider_minute(s, midnight_us, s->shift->ranges[i].to_min);
    }
    consider_minute(s, midnight_us, 0);
    if (to > from && tz_offset_s(s->zone, from) != tz_offset_s(s->zone, to))
        consider(s, offset_change(s->zone, from, to));
}

int64_t shift_next_change(const struct shift *s, const struct tz *zone, int64_t wall_us)
{
    struct search search = { s, zone, wall_us, TIME_NONE, shift_holds(s, zone, wall_us) };
    struct civil today = tz_to_civil(zone, wall_us);
    int64_t midnight_us;

    today.hour = today.minute = today.second = 0;
    today.us = 0;
    midnight_us = time_from_civil(today);
    /* A week holds every boundary; the second one is for a range that a clock change swallows. A day
     * more after the first hit, because days overlap where clocks are set back over midnight. */
    for (int day = -1, left = LOOK_DAYS; left > 0; day++, left--) {
        consider_day(&search, midnight_us + day * TIME_DAY);
        if (search.best_us != TIME_NONE && left > 2)
            left = 2;
    }
    return search.best_us;
}

struct stretch { /* minutes of the week from Monday 00:00; to may pass the week's end */
    unsigned from, to;
};

static bool stretches_meet(struct stretch a, struct stretch b)
{
    return (a.from < b.to && b.from < a.to) || (a.from + WEEK_MIN < b.to) || (b.from + WEEK_MIN < a.to);
}

static struct stretch stretch_of(const struct shift_range *r, unsigned day)
{
    unsigned to = r->to_min > r->from_min ? r->to_min : r->to_min + (unsigned)DAY_MIN;

    return (struct stretch){ day * DAY_MIN + r->from_min, day * DAY_MIN + to };
}

static bool stretch_meets(struct stretch at, const struct shift *s)
{
    for (unsigned day = 0; day < 7; day++)
        for (size_t i = 0; i < s->range_count; i++)
            if (day_listed(s, day) && stretches_meet(at, stretch_of(&s->ranges[i], day)))
                return true;
    return false;
}

bool shifts_meet(const struct shift *a, const struct shift *b)
{
    for (unsigned day = 0; day < 7; day++)
        for (size_t i = 0; i < a->range_count; i++)
            if (day_listed(a, day) && stretch_meets(stretch_of(&a->ranges[i], day), b))
                return true;
    return false;
}
