#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "tests/base/zones.h"
#include "tests/guard.h"

/* "2026-10-25 02:30:00" as a wall clock reading. */
static struct civil wall(const char *text)
{
    int64_t us = 0;

    assert_true(time_parse_iso(slice_of(text), 0, &us));
    return time_to_civil(us);
}

/* Rotas meet exactly these readings: the hour that is not there and the hour that is there twice. */
static void wall_clock_to_instant(void **state)
{
    static const struct {
        const char *zone, *wall, *first, *second;
    } rows[] = {
        { "Europe/Berlin", "2026-07-01 12:00", "2026-07-01T10:00:00.000Z", "2026-07-01T10:00:00.000Z" },
        { "Europe/Berlin", "2026-03-29 01:59:59.999", "2026-03-29T00:59:59.999Z",
          "2026-03-29T00:59:59.999Z" },
        { "Europe/Berlin", "2026-03-29 02:00", "2026-03-29T01:00:00.000Z", "2026-03-29T01:00:00.000Z" },
        { "Europe/Berlin", "2026-03-29 02:30:00.5", "2026-03-29T01:00:00.000Z", "2026-03-29T01:00:00.000Z" },
        { "Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00.000Z", "2026-03-29T01:00:00.000Z" },
        { "Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24T23:59:59.000Z", "2026-10-24T23:59:59.000Z" },
        { "Europe/Berlin", "2026-10-25 02:00", "2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z" },
        { "Europe/Berlin", "2026-10-25 02:30:00.25", "2026-10-25T00:30:00.250Z", "2026-10-25T01:30:00.250Z" },
        { "Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00.000Z", "2026-10-25T02:00:00.000Z" },
        { "America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00.000Z", "2026-03-08T07:00:00.000Z" },
        { "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z" },
        /* half an hour of daylight time */
        { "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00.000Z", "2026-10-03T15:30:00.000Z" },
        { "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00.000Z", "2026-04-04T15:15:00.000Z" },
        /* clocks change at midnight, so a day begins at 01:00 */
        { "America/Santiago", "2026-09-06 00:00", "2026-09-06T04:00:00.000Z", "2026-09-06T04:00:00.000Z" },
        /* winter is the exception in this footer, IST-1GMT0 */
        { "Europe/Dublin", "2050-07-01 12:00", "2050-07-01T11:00:00.000Z", "2050-07-01T11:00:00.000Z" },
        { "Europe/Dublin", "2050-01-01 12:00", "2050-01-01T12:00:00.000Z", "2050-01-01T12:00:00.000Z" },
        /* a whole day was skipped */
        { "Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00:00.000Z", "2011-12-30T10:00:00.000Z" },
        /* years past the table, from the footer */
        { "Europe/Berlin", "2090-03-26 02:30", "2090-03-26T01:00:00.000Z", "2090-03-26T01:00:00.000Z" },
        { "America/New_York", "2090-11-05 01:30", "2090-11-05T05:30:00.000Z", "2090-11-05T06:30:00.000Z" },
        { "Asia/Kolkata", "2200-01-01 00:00", "2199-12-31T18:30:00.000Z", "2199-12-31T18:30:00.000Z" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tz *tz = zone_open(rows[i].zone);
        char text[TIME_TEXT];
        assert_non_null(tz);
        assert_string_equal(time_text(tz_from_civil(tz, wall(rows[i].wall), TZ_FIRST), text).ptr,
                            rows[i].first);
        assert_string_equal(time_text(tz_from_civil(tz, wall(rows[i].wall), TZ_SECOND), text).ptr,
                            rows[i].second);
        tz_free(&tz);
    }
}

static void utc_is_utc(void **state)
{
    struct tz *tz = tz_utc();
    struct civil c = wall("2026-10-25 02:30:00.5");
    (void)state;
    assert_int_equal(tz_offset_s(tz, 0), 0);
    assert_true(tz_from_civil(tz, c, TZ_SECOND) == time_from_civil(c));
    assert_int_equal(tz_to_civil(tz, -1).year, 1969);
    tz_free(&tz);
    assert_null(tz);
    tz_free(&tz);
    tz_free(NULL);
}

static void the_ends_of_time_have_an_answer(void **state)
{
    static const char *const zones[] = { "Europe/Berlin", "Asia/Kolkata", "America/New_York" };
    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        struct tz *tz = zone_open(zones[i]);
        assert_true(tz_to_civil(tz, INT64_MAX).year > 290000);
        assert_true(tz_to_civil(tz, INT64_MIN).year < -290000);
        assert_true(tz_from_civil(tz, (struct civil){ .year = 0, .month = 1, .day = 1 }, TZ_FIRST) !=
                    TIME_NONE);
        assert_true(tz_from_civil(tz, wall("9999-12-31 23:59"), TZ_SECOND) != TIME_NONE);
        tz_free(&tz);
    }
}

/* A version 3 file without changes: everything comes from the footer. */
static struct buf footer_file(const char *footer)
{
    struct buf b = buf_make(4096);

    for (int block = 0; block < 2; block++) {
        buf_text(&b, "TZif3");
        for (int i = 0; i < 15 + 16; i++)
            buf_u8(&b, 0);
        buf_put(&b, SLICE("\0\0\0\1\0\0\0\4")); /* one type, four characters */
        buf_put(&b, SLICE("\0\0\0\0\0\0UTC\0"));
    }
    buf_text(&b, "\n");
    buf_text(&b, footer);
    buf_text(&b, "\n");
    return b;
}

static void footers(void **state)
{
    static const struct {
        const char *footer, *utc;
        int32_t offset_s; /* -1: the footer is refused */
    } rows[] = {
        { "", "2026-07-01", 0 },
        { "UTC0", "2026-07-01", 0 },
        { "IST-5:30", "2026-07-01", 19800 },
        { "<+0545>-5:45", "2026-07-01", 20700 },
        { "LMT+3:15:30", "2026-07-01", -11730 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01", 7200 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-01-01", 3600 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600 },
        { "NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-12-31T23:59:59Z", 46800 },
        { "NZST-12NZDT,M9.5.0,M4.1.0/3", "2027-06-01", 43200 },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01", 3600 },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-01", 0 },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200 },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600 },
        { "EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10800 },
        { "EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7200 },
        { "XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14400 }, /* daylight time all year */
        { "XXX3EDT4,0/0,J365/23", "2026-07-01", -14400 },
        { "XXX3EDT4,0/0,J365/23", "2027-01-01T02:59:59Z", -14400 },
        { "AAA0BBB,J60,J300", "2024-03-01T02:00:00Z", 3600 }, /* J60 is 1 March in every year */
        { "AAA0BBB,J60,J300", "2024-03-01T01:59:59Z", 0 },
        { "AAA0BBB,59,300", "2024-02-29T02:00:00Z", 3600 }, /* 59 counts 29 February */
        { "AA0", "2026-07-01", -1 },
        { "UTC", "2026-07-01", -1 },
        { "UTC25", "2026-07-01", -1 },
        { "CET-1CEST", "2026-07-01", -1 },
        { "CET-1CEST,M3.5.0", "2026-07-01", -1 },
        { "CET-1CEST,M13.5.0,M10.5.0", "2026-07-01", -1 },
        { "CET-1CEST,M3.6.0,M10.5.0", "2026-07-01", -1 },
        { "CET-1CEST,M3.5.7,M10.5.0", "2026-07-01", -1 },
        { "CET-1CEST,J0,J10", "2026-07-01", -1 },
        { "CET-1CEST,366,J10", "2026-07-01", -1 },
        { "CET-1CEST,M3.5.0/168,M10.5.0", "2026-07-01", -1 },
        { "CET-1CEST,M3.5.0,M10.5.0/3x", "2026-07-01", -1 },
        { "<CET-1", "2026-07-01", -1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf file = footer_file(rows[i].footer);
        struct error err = { .code = ERROR_NONE };
        struct tz *tz = tz_parse(buf_slice(&file), &err);
        int64_t us = 0;
        if ((tz != NULL) != (rows[i].offset_s != -1))
            fail_msg("\"%s\": accepted or refused wrongly", rows[i].footer);
        assert_true(time_parse_iso(slice_of(rows[i].utc), 0, &us));
        if (tz != NULL && tz_offset_s(tz, us) != rows[i].offset_s)
            fail_msg("\"%s\" at %s: %d", rows[i].footer, rows[i].utc, (int)tz_offset_s(tz, us));
        if (tz == NULL)
            assert_int_equal(err.code, ERROR_SYNTAX);
        tz_free(&tz);
        buf_free(&file);
    }
}

/* Cut short at every byte, at a guard page: refused (or, where only v1 padding is lost, read) without a
 * look past the end. */
static void files_cut_short_are_refused(void **state)
{
    struct buf whole = zone_bytes("Europe/Berlin");
    (void)state;
    assert_true(whole.len > 100);
    for (size_t len = 0; len < whole.len; len++) {
        struct guard g = guard_make(slice_sub(buf_slice(&whole), 0, len));
        struct error err = { .code = ERROR_NONE };
        assert_null(tz_parse(g.bytes, &err));
        assert_int_equal(err.code, ERROR_SYNTAX);
        guard_free(&g);
    }
    buf_free(&whole);
}

/* Random damage is refused or gives a zone that answers: never a crash, an endless walk or a wild offset. */
static void damaged_files_are_survived(void **state)
{
    static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                         "Africa/Casablanca" };
    struct prng p = prng_make(20261122);
    (void)state;
    for (int round = 0; round < 4000; round++) {
        struct buf b = zone_bytes(zones[round % 4]);
        for (uint64_t hits = 1 + prng_below(&p, 4); hits > 0; hits--)
            b.ptr[prng_below(&p, b.len)] = (char)(unsigned char)prng_next(&p);
        struct guard g = guard_make(buf_slice(&b));
        struct tz *tz = tz_parse(g.bytes, NULL);
        for (int i = 0; tz != NULL && i < 20; i++) {
            int64_t us = (int64_t)prng_below(&p, (uint64_t)(200 * 366 * TIME_DAY)) - 50 * 366 * TIME_DAY;
            int32_t offset = tz_offset_s(tz, us);
            assert_in_range(offset + 26 * 3600, 0, 52 * 3600);
            int64_t back = tz_from_civil(tz, tz_to_civil(tz, us), TZ_FIRST);
            assert_true(back != TIME_NONE && back <= us);
        }
        tz_free(&tz);
        guard_free(&g);
        buf_free(&b);
    }
}

static void what_we_do_not_use_is_said(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct buf b = zone_bytes("right/Europe/Berlin"); /* absent on some systems */
    (void)state;
    if (b.len > 0) {
        assert_null(tz_parse(buf_slice(&b), &err));
        assert_int_equal(err.code, ERROR_UNSUPPORTED);
    }
    buf_free(&b);
    error_clear(&err);
    assert_null(tz_parse(SLICE("TZiX"), &err));
    assert_string_equal(err.message, "time zone file: not a TZif file");
}

static void instants_as_people_type_them(void **state)
{
    static const struct {
        const char *text, *instant; /* NULL: none */
    } rows[] = {
        { "2026-10-14T02:10", "2026-10-14T07:10:00.000Z" },
        { "2026-10-14 02:10:30", "2026-10-14T07:10:30.000Z" },
        { "2026-10-14T02:10:00Z", "2026-10-14T02:10:00.000Z" },
        { "2026-10-14T02:10:00+02:00", "2026-10-14T00:10:00.000Z" },
        { "2026-10-14T02:10:00-05:00", "2026-10-14T07:10:00.000Z" },
        { "2026-11-01T01:30", "2026-11-01T06:30:00.000Z" }, /* twice: the first */
        { "2026-10-14", "2026-10-14T05:00:00.000Z" },
        { "yesterday", NULL },
    };
    struct tz *tz = zone_open("America/Chicago");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[TIME_TEXT];
        int64_t us = 0;
        assert_int_equal(tz_parse_instant(tz, slice_of(rows[i].text), &us), rows[i].instant != NULL);
        if (rows[i].instant != NULL)
            assert_string_equal(time_text(us, out).ptr, rows[i].instant);
    }
    tz_free(&tz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_clock_to_instant),           cmocka_unit_test(utc_is_utc),
        cmocka_unit_test(the_ends_of_time_have_an_answer), cmocka_unit_test(footers),
        cmocka_unit_test(files_cut_short_are_refused),     cmocka_unit_test(damaged_files_are_survived),
        cmocka_unit_test(what_we_do_not_use_is_said),      cmocka_unit_test(instants_as_people_type_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
