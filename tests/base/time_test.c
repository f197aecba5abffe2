#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "tests/guard.h"

#include <time.h>

static void agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t s = INT64_C(-62167219200); s < INT64_C(253402300800); s += 86400 * 13 + 12345) {
        time_t t = (time_t)s;
        struct tm tm;
        struct civil c = time_to_civil(s * TIME_S + 7);
        gmtime_r(&t, &tm);
        assert_int_equal(c.year, tm.tm_year + 1900);
        assert_int_equal(c.month, tm.tm_mon + 1);
        assert_int_equal(c.day, tm.tm_mday);
        assert_int_equal(c.hour * 3600 + c.minute * 60 + c.second,
                         tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
        assert_int_equal(c.us, 7);
        assert_int_equal(civil_weekday(c), (tm.tm_wday + 6) % 7);
        assert_true(civil_valid(c));
        assert_true(time_from_civil(c) == s * TIME_S + 7);
    }
}

static void every_instant_has_a_reading(void **state)
{
    char text[TIME_TEXT];
    (void)state;
    assert_true(time_from_civil(time_to_civil(INT64_MAX)) == INT64_MAX);
    assert_string_equal(time_text(0, text).ptr, "1970-01-01T00:00:00.000Z");
    assert_string_equal(time_text(-1, text).ptr, "1969-12-31T23:59:59.999Z");
    assert_true(time_text(INT64_MIN, text).len < TIME_TEXT);
    assert_true(time_text(INT64_MAX, text).len < TIME_TEXT);
}

static void knows_the_calendar(void **state)
{
    (void)state;
    assert_int_equal(civil_days_in_month(2024, 2), 29);
    assert_int_equal(civil_days_in_month(1900, 2), 28);
    assert_int_equal(civil_days_in_month(2000, 2), 29);
    assert_int_equal(civil_days_in_month(2026, 13), 0);
    assert_int_equal(civil_days_in_month(2026, 0), 0);
    assert_false(civil_valid((struct civil){ .year = 2026, .month = 2, .day = 29 }));
    assert_false(civil_valid((struct civil){ .year = 2026, .month = 2, .day = 1, .hour = 24 }));
    assert_false(civil_valid((struct civil){ .year = 2026, .month = 2, .day = 1, .us = 1000000 }));
    assert_false(civil_valid((struct civil){ .year = 10000, .month = 2, .day = 1 }));
}

static void reads_iso_text(void **state)
{
    static const struct {
        const char *text, *utc; /* utc: NULL = refused */
    } rows[] = {
        { "2026-11-22T13:05:09.123Z", "2026-11-22T13:05:09.123Z" },
        { "2026-11-22T13:05:09Z", "2026-11-22T13:05:09.000Z" },
        { "2026-11-22T13:05:09+01:00", "2026-11-22T12:05:09.000Z" },
        { "2026-11-22T00:05:09.5-05:30", "2026-11-22T05:35:09.500Z" },
        { "2026-11-22T13:05:09.123456789Z", "2026-11-22T13:05:09.123Z" },
        { "2026-11-22T13:05:09", "2026-11-22T11:05:09.000Z" },
        { "2026-11-22 13:05", "2026-11-22T11:05:00.000Z" },
        { "2026-11-22T13:05Z", "2026-11-22T13:05:00.000Z" },
        { "2026-11-22", "2026-11-21T22:00:00.000Z" },
        { "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z" },
        { "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z" },
        { "2023-02-29T00:00:00Z", NULL },
        { "2026-13-01T00:00:00Z", NULL },
        { "2026-11-22T24:00:00Z", NULL },
        { "2026-11-22T23:60:00Z", NULL },
        { "2026-11-22T23:59:61Z", NULL },
        { "2026-11-22T13:05:09.Z", NULL },
        { "2026-11-22T13:05:09.1", "2026-11-22T11:05:09.100Z" },
        { "2026-11-22T13:05:09+15:00", NULL },
        { "2026-11-22T13:05:09+0100", NULL },
        { "2026-11-22T13:05:09Zx", NULL },
        { "2026-11-22T", NULL },
        { "2026-11-2", NULL },
        { "2026-11", NULL },
        { "20261122", NULL },
        { "", NULL },
        { "-026-11-22", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct guard g = guard_make(slice_of(rows[i].text));
        int64_t us = TIME_NONE;
        char text[TIME_TEXT];
        if (time_parse_iso(g.bytes, 120, &us) != (rows[i].utc != NULL))
            fail_msg("\"%s\": accepted or refused wrongly", rows[i].text);
        if (rows[i].utc != NULL)
            assert_string_equal(time_text(us, text).ptr, rows[i].utc);
        guard_free(&g);
    }
}

static void durations_as_people_write_them(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } rows[] = {
        { 0, "0s" },
        { 8 * TIME_S, "8s" },
        { 60 * TIME_S, "1min" },
        { 90 * TIME_S, "90s" },
        { 120 * TIME_S, "2min" },
        { 150 * TIME_S, "2:30" },
        { TIME_HOUR, "1h" },
        { 90 * TIME_MIN, "1h 30min" },
        { TIME_HOUR + 5 * TIME_MIN + 7 * TIME_S, "1:05:07" },
        { 48 * TIME_HOUR, "48h" },
        { 250 * TIME_MS, "250ms" },
        { 7, "7us" },
        { -90 * TIME_S, "-90s" },
    };
    char text[TIME_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice s = duration_text(rows[i].us, text);
        assert_string_equal(s.ptr, rows[i].text);
        assert_int_equal(s.len, strlen(rows[i].text));
    }
    assert_true(duration_text(INT64_MIN, text).len < TIME_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(every_instant_has_a_reading),
        cmocka_unit_test(knows_the_calendar),
        cmocka_unit_test(reads_iso_text),
        cmocka_unit_test(durations_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
