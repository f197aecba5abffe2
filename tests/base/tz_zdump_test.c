/* Every zone of the system against `zdump -v`, 2020 to 2060: the table and, past it, the footer. At each
 * change the offset on both sides must agree, and wall clock readings around it must come back as the
 * repeated hour's first and second instant, or as the first instant after the gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/base/zones.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define YEARS "2020,2060"

enum { ZONES_MAX = 1000, NAME_MAX_BYTES = 64 };

static char names[ZONES_MAX][NAME_MAX_BYTES];
static size_t name_count;

/* Zones and links of tzdata.zi: "Z Name ..." and "L Target Name". */
static int read_names(void **state)
{
    FILE *f = fopen(ZONE_FOLDER "tzdata.zi", "r");
    char line[256], first[NAME_MAX_BYTES], second[NAME_MAX_BYTES];
    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL && name_count < ZONES_MAX) {
        bool zone = sscanf(line, "Z %63s", first) == 1;
        bool link = !zone && sscanf(line, "L %63s %63s", second, first) == 2;
        if (zone || link)
            strcpy(names[name_count++], first);
    }
    fclose(f);
    return name_count > 400 ? 0 : -1;
}

struct moment { /* one line of zdump */
    int64_t utc_s;
    int32_t offset_s;
};

static uint8_t month_number(const char *name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *hit = strstr(months, name);

    return (uint8_t)(hit != NULL ? (hit - months) / 3 + 1 : 0);
}

/* "Europe/Berlin  Sun Mar 29 00:59:59 2020 UT = ... isdst=0 gmtoff=3600" */
static bool read_line(const char *line, char zone[NAME_MAX_BYTES], struct moment *m)
{
    char month[4];
    int day, hour, minute, second, year;
    const char *offset = strstr(line, "gmtoff=");

    if (offset == NULL || sscanf(line, "%63s %*3s %3s %d %d:%d:%d %d UT", zone, month, &day, &hour, &minute,
                                 &second, &year) != 7)
        return false;
    struct civil c = { .year = year,
                       .month = month_number(month),
                       .day = (uint8_t)day,
                       .hour = (uint8_t)hour,
                       .minute = (uint8_t)minute,
                       .second = (uint8_t)second };
    m->utc_s = time_from_civil(c) / TIME_S;
    m->offset_s = (int32_t)strtol(offset + 7, NULL, 10);
    return true;
}

static int64_t pick(const struct tz *tz, int64_t wall_s, enum tz_pick which)
{
    int64_t us = tz_from_civil(tz, time_to_civil(wall_s * TIME_S), which);

    assert_int_equal(us % TIME_S, 0);
    return us / TIME_S;
}

/* `at` is the first second of the new offset. */
static void check_change(const struct tz *tz, int64_t at, int64_t before, int64_t after)
{
    int64_t from = at + (before < after ? before : after), to = at + (before < after ? after : before);

    for (int64_t wall = from; wall < to; wall += 599) {
        assert_true(pick(tz, wall, TZ_FIRST) == (before < after ? at : wall - before));
        assert_true(pick(tz, wall, TZ_SECOND) == (before < after ? at : wall - after));
    }
    assert_true(pick(tz, from - 1, TZ_FIRST) == from - 1 - before);
    assert_true(pick(tz, from - 1, TZ_SECOND) == from - 1 - before);
    assert_true(pick(tz, to, TZ_FIRST) == to - after);
    assert_true(pick(tz, to, TZ_SECOND) == to - after);
}

static size_t check_zone(const struct tz *tz, const struct moment *all, size_t count)
{
    size_t changes = 0;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(tz_offset_s(tz, all[i].utc_s * TIME_S), all[i].offset_s);
        assert_int_equal(tz_offset_s(tz, all[i].utc_s * TIME_S + 999999), all[i].offset_s);
        if (i > 0 && all[i].utc_s == all[i - 1].utc_s + 1) {
            check_change(tz, all[i].utc_s, all[i - 1].offset_s, all[i].offset_s);
            changes++;
        } else if (i > 0) { /* nothing changes in between */
            int64_t step = (all[i].utc_s - all[i - 1].utc_s) / 7 + 1;
            for (int64_t t = all[i - 1].utc_s; t < all[i].utc_s; t += step)
                assert_int_equal(tz_offset_s(tz, t * TIME_S), all[i].offset_s);
        }
    }
    return changes;
}

static void every_zone_agrees_with_zdump(void **state)
{
    static struct moment moments[4000];
    size_t changes = 0, zones = 0;
    (void)state;
    for (size_t i = 0; i < name_count; i++) {
        char command[200], line[512], zone[NAME_MAX_BYTES];
        size_t count = 0;
        struct tz *tz = zone_open(names[i]);
        if (tz == NULL)
            fail_msg("%s: cannot be read", names[i]);
        snprintf(command, sizeof command, "zdump -v -c " YEARS " '" ZONE_FOLDER "%s'", names[i]);
        FILE *f = popen(command, "r"); /* NOLINT: a fixed program and the system's own zone names */
        assert_non_null(f);
        /* The first and last two lines are the ends of time_t, outside the years asked for. */
        while (fgets(line, sizeof line, f) != NULL && count < 4000)
            if (read_line(line, zone, &moments[count]) && moments[count].utc_s > INT64_C(1577000000) &&
                moments[count].utc_s < INT64_C(2900000000))
                count++;
        assert_int_equal(pclose(f), 0);
        changes += check_zone(tz, moments, count);
        zones++;
        tz_free(&tz);
    }
    print_message("%zu zones, %zu changes\n", zones, changes);
    assert_true(zones > 400 && changes > 8000);
}

/* Between the changes, and for the wall clock: some zones with odd rules against the C library, to 2099. */
static void swept_zones_agree_with_the_c_library(void **state)
{
    static const char *const swept[] = { "Europe/Berlin",       "America/New_York",  "Asia/Tehran",
                                         "Africa/Cairo",        "America/Santiago",  "Asia/Gaza",
                                         "Europe/Dublin",       "Africa/Casablanca", "Asia/Kathmandu",
                                         "Australia/Lord_Howe", "Pacific/Chatham",   "America/Nuuk" };
    (void)state;
    for (size_t i = 0; i < sizeof swept / sizeof swept[0]; i++) {
        struct tz *tz = zone_open(swept[i]);
        assert_non_null(tz);
        setenv("TZ", swept[i], 1);
        tzset();
        for (int64_t s = INT64_C(1577836800); s < INT64_C(4102444800); s += 7 * 3600 + 1801) {
            time_t t = (time_t)s;
            struct tm tm;
            localtime_r(&t, &tm);
            if (tz_offset_s(tz, s * TIME_S) != tm.tm_gmtoff)
                fail_msg("%s at %lld: %d, not %ld", swept[i], (long long)s, (int)tz_offset_s(tz, s * TIME_S),
                         tm.tm_gmtoff);
            struct civil c = tz_to_civil(tz, s * TIME_S);
            assert_true(c.day == tm.tm_mday && c.hour == tm.tm_hour && c.minute == tm.tm_min);
            int64_t first = tz_from_civil(tz, c, TZ_FIRST), second = tz_from_civil(tz, c, TZ_SECOND);
            assert_true(first == s * TIME_S || second == s * TIME_S);
        }
        tz_free(&tz);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_zone_agrees_with_zdump),
        cmocka_unit_test(swept_zones_agree_with_the_c_library),
    };
    return cmocka_run_group_tests(tests, read_names, NULL);
}
