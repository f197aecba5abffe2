/* roster/recur.c - one day at a time: slower than leaping, and right by looking at it. */
#include "roster/recur.h"

static const char *const weekdays[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

static bool find_weekday(struct slice text, uint8_t *out)
{
    for (uint8_t i = 0; i < 7; i++)
        if (slice_eq_nocase(text, slice_of(weekdays[i]))) {
            *out = i;
            return true;
        }
    return false;
}

/* A number with an optional sign, from 1 to `most` either way. */
static bool read_number(struct slice text, uint32_t most, bool *negative, uint32_t *out)
{
    *negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        text = slice_sub(text, 1, text.len);
    return slice_to_u32(text, out) && *out >= 1 && *out <= most;
}

static bool read_days(struct slice list, struct recur *r)
{
    while (list.len > 0) {
        struct slice one = slice_cut(&list, ',');
        bool negative = false;
        uint32_t ordinal = 0;
        if (one.len < 2 || r->day_count == RECUR_DAYS ||
            !find_weekday(slice_sub(one, one.len - 2, one.len), &r->days[r->day_count].weekday))
            return false;
        if (one.len > 2 && !read_number(slice_sub(one, 0, one.len - 2), 5, &negative, &ordinal))
            return false;
        r->days[r->day_count++].ordinal = (int8_t)(negative ? -(int)ordinal : (int)ordinal);
    }
    return r->day_count > 0;
}

static bool read_bits(struct slice list, uint32_t most, uint32_t *bits, uint32_t *from_end)
{
    while (list.len > 0) {
        bool negative;
        uint32_t number;
        if (!read_number(slice_cut(&list, ','), most, &negative, &number) || (negative && from_end == NULL))
            return false;
        if (negative)
            *from_end |= UINT32_C(1) << number;
        else
            *bits |= UINT32_C(1) << number;
    }
    return *bits != 0 || (from_end != NULL && *from_end != 0);
}

static bool read_frequency(struct slice value, struct recur *r)
{
    static const char *const names[] = { "", "DAILY", "WEEKLY", "MONTHLY", "YEARLY" };

    for (unsigned i = RECUR_DAILY; i <= RECUR_YEARLY; i++)
        if (slice_eq_nocase(value, slice_of(names[i])))
            r->every = (enum recur_every)i;
    return r->every != RECUR_ONCE;
}

static bool read_part(struct slice key, struct slice value, struct recur *r)
{
    if (slice_eq_nocase(key, SLICE("FREQ")))
        return read_frequency(value, r);
    if (slice_eq_nocase(key, SLICE("INTERVAL")))
        return slice_to_u32(value, &r->interval) && r->interval >= 1 && r->interval <= 10000;
    if (slice_eq_nocase(key, SLICE("COUNT")))
        return slice_to_u32(value, &r->count) && r->count >= 1;
    if (slice_eq_nocase(key, SLICE("UNTIL"))) {
        r->until = value;
        return value.len > 0;
    }
    if (slice_eq_nocase(key, SLICE("BYDAY")))
        return read_days(value, r);
    if (slice_eq_nocase(key, SLICE("BYMONTHDAY")))
        return read_bits(value, 31, &r->month_days, &r->days_from_end);
    if (slice_eq_nocase(key, SLICE("BYMONTH")))
        return read_bits(value, 12, &r->months, NULL);
    return slice_eq_nocase(key, SLICE("WKST")) && find_weekday(value, &r->week_start);
}

bool recur_parse(struct slice text, struct recur *out, struct slice *bad)
{
    *out = (struct recur){ .every = RECUR_ONCE, .interval = 1 };
    while (text.len > 0) {
        struct slice part = slice_cut(&text, ';'), value = part, key = slice_cut(&value, '=');
        if (part.len == 0)
            continue;
        *bad = part;
        if (!read_part(key, value, out))
            return false;
    }
    *bad = SLICE("FREQ");
    for (size_t i = 0; i < out->day_count; i++) /* an ordinal counts in a month */
        if (out->days[i].ordinal != 0 &&
            (out->every < RECUR_MONTHLY || (out->every == RECUR_YEARLY && out->months == 0))) {
            *bad = SLICE("BYDAY");
            return false;
        }
    return out->every != RECUR_ONCE;
}

/* --- does it fall on a day? ------------------------------------------------------------------------------
 */

static struct civil civil_of(int64_t day)
{
    return time_to_civil(day * TIME_DAY);
}

static bool on_month_day(const struct recur *r, struct civil c)
{
    unsigned length = civil_days_in_month(c.year, c.month);

    return r->month_days >> c.day & 1 || r->days_from_end >> (length - c.day + 1) & 1;
}

static bool on_weekday(const struct recur *r, struct civil c)
{
    int from_start = (c.day - 1) / 7 + 1, from_end = (civil_days_in_month(c.year, c.month) - c.day) / 7 + 1;
    uint8_t weekday = civil_weekday(c);

    for (size_t i = 0; i < r->day_count; i++)
        if (r->days[i].weekday == weekday &&
            (r->days[i].ordinal == 0 || r->days[i].ordinal == from_start || r->days[i].ordinal == -from_end))
            return true;
    return false;
}

/* How many days, weeks, months or years of the rule lie between the two. */
static int64_t steps_between(const struct recur *r, int64_t start_day, int64_t day, struct civil s,
                             struct civil c)
{
    switch (r->every) {
    case RECUR_DAILY:
        return day - start_day;
    case RECUR_WEEKLY: /* both moved to the first day of their week */
        start_day -= (civil_weekday(s) + 7 - r->week_start) % 7;
        day -= (civil_weekday(c) + 7 - r->week_start) % 7;
        return (day - start_day) / 7;
    case RECUR_MONTHLY:
        return (int64_t)(c.year - s.year) * 12 + c.month - s.month;
    default:
        return c.year - s.year;
    }
}

bool recur_on(const struct recur *r, int64_t start_day, int64_t day)
{
    struct civil s = civil_of(start_day), c = civil_of(day);
    bool month_days = r->month_days != 0 || r->days_from_end != 0;

    if (day < start_day || steps_between(r, start_day, day, s, c) % r->interval != 0)
        return false;
    if (r->months != 0 ? !(r->months >> c.month & 1)
                       : r->every == RECUR_YEARLY && r->day_count == 0 && c.month != s.month)
        return false;
    if (month_days && !on_month_day(r, c))
        return false;
    if (r->day_count > 0)
        return on_weekday(r, c);
    if (month_days || r->every == RECUR_DAILY)
        return true;
    return r->every == RECUR_WEEKLY ? civil_weekday(c) == civil_weekday(s) : c.day == s.day;
}
