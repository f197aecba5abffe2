#include "base/time.h"

#include <stdio.h>

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01. Years begin in March, so that the leap day comes last; 400 years of the
 * Gregorian calendar are 146,097 days. */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t y = year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, struct civil *c)
{
    int64_t z = days + 719468, era = floor_div(z, 146097), day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;

    c->day = (uint8_t)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    c->month = (uint8_t)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    c->year = (int32_t)(year_of_era + era * 400 + (c->month <= 2));
}

int64_t time_from_civil(struct civil c)
{
    int64_t days = days_from_civil(c.year, c.month, c.day);

    return days * TIME_DAY + c.hour * TIME_HOUR + c.minute * TIME_MIN + c.second * TIME_S + c.us;
}

struct civil time_to_civil(int64_t us)
{
    int64_t days = floor_div(us, TIME_DAY), rest = us % TIME_DAY + (us % TIME_DAY < 0 ? TIME_DAY : 0);
    struct civil c = {
        .hour = (uint8_t)(rest / TIME_HOUR),
        .minute = (uint8_t)(rest / TIME_MIN % 60),
        .second = (uint8_t)(rest / TIME_S % 60),
        .us = (int32_t)(rest % TIME_S),
    };

    civil_from_days(days, &c);
    return c;
}

bool civil_valid(struct civil c)
{
    return c.year >= 0 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= civil_days_in_month(c.year, c.month) && c.hour <= 23 && c.minute <= 59 &&
           c.second <= 59 && c.us >= 0 && c.us <= 999999;
}

uint8_t civil_weekday(struct civil c)
{
    int64_t days = days_from_civil(c.year, c.month, c.day) + 3; /* 1970-01-01 was a Thursday */

    return (uint8_t)(days - floor_div(days, 7) * 7);
}

uint8_t civil_days_in_month(int32_t year, uint8_t month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month < 1 || month > 12)
        return 0;
    return (uint8_t)(days[month - 1] + (month == 2 && leap));
}

struct slice time_text(int64_t us, char out[TIME_TEXT])
{
    struct civil c = time_to_civil(us);
    int len = snprintf(out, TIME_TEXT, "%04d-%02u-%02uT%02u:%02u:%02u.%03dZ", (int)c.year, c.month, c.day,
                       c.hour, c.minute, c.second, (int)(c.us / 1000));

    return (struct slice){ out, (size_t)len };
}

/* Exactly `digits` decimal digits from the front of *s. */
static bool take_number(struct slice *s, size_t digits, uint32_t *out)
{
    if (s->len < digits || !slice_to_u32(slice_sub(*s, 0, digits), out))
        return false;
    *s = slice_sub(*s, digits, s->len);
    return true;
}

static bool take_char(struct slice *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = slice_sub(*s, 1, s->len);
    return true;
}

static bool take_date(struct slice *s, struct civil *c)
{
    uint32_t year, month, day;

    if (!take_number(s, 4, &year) || !take_char(s, '-') || !take_number(s, 2, &month) || !take_char(s, '-') ||
        !take_number(s, 2, &day))
        return false;
    c->year = (int32_t)year;
    c->month = (uint8_t)month;
    c->day = (uint8_t)day;
    return true;
}

/* ".123456789": digits past the microsecond are dropped. */
static bool take_fraction(struct slice *s, struct civil *c)
{
    int32_t unit = 100000;

    if (!take_char(s, '.'))
        return true;
    if (s->len == 0 || s->ptr[0] < '0' || s->ptr[0] > '9')
        return false;
    for (; s->len > 0 && s->ptr[0] >= '0' && s->ptr[0] <= '9'; unit /= 10) {
        c->us += (s->ptr[0] - '0') * unit;
        *s = slice_sub(*s, 1, s->len);
    }
    return true;
}

static bool take_clock(struct slice *s, struct civil *c, bool *leap)
{
    uint32_t hour, minute, second = 0;

    if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute))
        return false;
    if (take_char(s, ':') && (!take_number(s, 2, &second) || !take_fraction(s, c)))
        return false;
    *leap = second == 60;
    c->hour = (uint8_t)hour;
    c->minute = (uint8_t)minute;
    c->second = (uint8_t)(*leap ? 59 : second);
    return true;
}

/* "Z", "+hh:mm", "-hh:mm" or nothing; XML Schema and FHIR allow up to 14 hours. */
static bool take_zone(struct slice *s, int32_t *offset_min)
{
    bool west = s->len > 0 && s->ptr[0] == '-';
    uint32_t hours, minutes;

    if (s->len == 0)
        return true;
    if (take_char(s, 'Z')) {
        *offset_min = 0;
        return true;
    }
    if ((!take_char(s, '+') && !take_char(s, '-')) || !take_number(s, 2, &hours) || !take_char(s, ':') ||
        !take_number(s, 2, &minutes) || hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
        return false;
    *offset_min = (int32_t)(hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

bool time_parse_iso(struct slice s, int32_t default_offset_min, int64_t *out)
{
    struct civil c = { .year = 0 };
    int32_t offset_min = default_offset_min;
    bool leap = false;

    if (!take_date(&s, &c))
        return false;
    if (s.len > 0 && ((!take_char(&s, 'T') && !take_char(&s, ' ')) || !take_clock(&s, &c, &leap) ||
                      !take_zone(&s, &offset_min)))
        return false;
    if (s.len > 0 || !civil_valid(c))
        return false;
    *out = time_from_civil(c) - offset_min * TIME_MIN + (leap ? TIME_S : 0);
    return true;
}

/* Durations of whole seconds. */
static int seconds_text(int64_t s, char *out, size_t room)
{
    long long hours = s / 3600, minutes = s / 60 % 60, seconds = s % 60;

    if (seconds == 0 && minutes == 0 && hours > 0)
        return snprintf(out, room, "%lldh", hours);
    if (seconds == 0 && hours > 0)
        return snprintf(out, room, "%lldh %lldmin", hours, minutes);
    if (seconds == 0 && minutes > 0)
        return snprintf(out, room, "%lldmin", minutes);
    if (s < 120)
        return snprintf(out, room, "%llds", (long long)s);
    if (hours > 0)
        return snprintf(out, room, "%lld:%02lld:%02lld", hours, minutes, seconds);
    return snprintf(out, room, "%lld:%02lld", minutes, seconds);
}

struct slice duration_text(int64_t us, char out[TIME_TEXT])
{
    size_t sign = us < 0 ? 1 : 0;
    int64_t size = us == INT64_MIN ? INT64_MAX : us < 0 ? -us : us;
    int len;

    out[0] = '-';
    if (size > 0 && size < TIME_MS)
        len = snprintf(out + sign, TIME_TEXT - sign, "%lldus", (long long)size);
    else if (size > 0 && size < TIME_S)
        len = snprintf(out + sign, TIME_TEXT - sign, "%lldms", (long long)(size / TIME_MS));
    else
        len = seconds_text(size / TIME_S, out + sign, TIME_TEXT - sign);
    return (struct slice){ out, sign + (size_t)len };
}
