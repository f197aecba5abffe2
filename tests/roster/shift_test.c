/* Shifts on the wall clock, above all on the two days a year when the clock is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "roster/shift.h"
#include "tests/roster/zones.h"

enum { MON = 1, TUE = 2, WED = 4, THU = 8, FRI = 16, SAT = 32, SUN = 64, ALL = 127 };

#define HM(h, m) ((h)*60 + (m))

static const struct row {
    const char *name, *zone;
    uint16_t from, to;
    uint8_t days;
    const char *at;
    bool holds;
    const char *changes; /* NULL: never */
} ROWS[] = {
    { "the first minute is inside", "America/Chicago", HM(7, 0), HM(19, 0), ALL, "2026-07-01T12:00:00Z", true,
      "2026-07-02T00:00:00Z" },
    { "the last instant is outside", "America/Chicago", HM(7, 0), HM(19, 0), ALL, "2026-07-02T00:00:00Z",
      false, "2026-07-02T12:00:00Z" },
    { "just before the end", "America/Chicago", HM(7, 0), HM(19, 0), ALL, "2026-07-01T23:59:59.999Z", true,
      "2026-07-02T00:00:00Z" },
    { "a night in winter time", "America/Chicago", HM(19, 0), HM(7, 0), ALL, "2026-01-10T06:00:00Z", true,
      "2026-01-10T13:00:00Z" },
    { "the short night, 11 h", "America/Chicago", HM(19, 0), HM(7, 0), ALL, "2026-03-08T01:00:00Z", true,
      "2026-03-08T12:00:00Z" },
    { "the long night, 13 h", "America/Chicago", HM(19, 0), HM(7, 0), ALL, "2026-11-01T00:00:00Z", true,
      "2026-11-01T13:00:00Z" },
    { "the short night in Berlin", "Europe/Berlin", HM(19, 0), HM(7, 0), ALL, "2026-03-28T18:00:00Z", true,
      "2026-03-29T05:00:00Z" },
    { "the long night in Berlin", "Europe/Berlin", HM(19, 0), HM(7, 0), ALL, "2026-10-24T17:00:00Z", true,
      "2026-10-25T06:00:00Z" },
    { "a skipped start begins at the next valid time", "America/Chicago", HM(2, 30), HM(7, 0), ALL,
      "2026-03-08T07:59:59Z", false, "2026-03-08T08:00:00Z" },
    { "a skipped end ends at the next valid time", "Europe/Berlin", HM(22, 0), HM(2, 30), ALL,
      "2026-03-29T00:30:00Z", true, "2026-03-29T01:00:00Z" },
    { "a shift wholly inside the gap waits a day", "America/Chicago", HM(2, 10), HM(2, 50), ALL,
      "2026-03-08T07:00:00Z", false, "2026-03-09T07:10:00Z" },
    { "a repeated hour is inside the first time", "America/Chicago", HM(1, 0), HM(1, 30), ALL,
      "2026-11-01T06:15:00Z", true, "2026-11-01T06:30:00Z" },
    { "... outside between", "America/Chicago", HM(1, 0), HM(1, 30), ALL, "2026-11-01T06:45:00Z", false,
      "2026-11-01T07:00:00Z" },
    { "... and inside the second time", "America/Chicago", HM(1, 0), HM(1, 30), ALL, "2026-11-01T07:15:00Z",
      true, "2026-11-01T07:30:00Z" },
    { "an end inside the repeated hour comes twice", "America/Chicago", HM(19, 0), HM(1, 30), ALL,
      "2026-11-01T06:40:00Z", false, "2026-11-01T07:00:00Z" },
    { "Friday night still holds on Saturday morning", "Europe/Berlin", HM(19, 0), HM(7, 0), FRI,
      "2026-11-28T05:59:00Z", true, "2026-11-28T06:00:00Z" },
    { "and starts again six days later", "Europe/Berlin", HM(19, 0), HM(7, 0), FRI, "2026-11-28T06:00:00Z",
      false, "2026-12-04T18:00:00Z" },
    { "clinic on weekdays, seen on Sunday", "America/Chicago", HM(8, 0), HM(17, 0),
      MON | TUE | WED | THU | FRI, "2026-11-22T18:00:00Z", false, "2026-11-23T14:00:00Z" },
    { "all day, every day, never changes", "Europe/Berlin", 0, 0, ALL, "2026-03-29T01:00:00Z", true, NULL },
    { "all of Saturday ends at Sunday's midnight", "Europe/Berlin", 0, 0, SAT, "2026-11-28T12:00:00Z", true,
      "2026-11-28T23:00:00Z" },
    { "a whole day from 07:00", "America/Chicago", HM(7, 0), HM(7, 0), MON, "2026-11-24T12:59:00Z", true,
      "2026-11-24T13:00:00Z" },
    { "no day listed never holds", "America/Chicago", HM(7, 0), HM(19, 0), 0, "2026-11-24T15:00:00Z", false,
      NULL },
    { "a skipped weekly shift is found a week later", "America/Chicago", HM(2, 10), HM(2, 50), SUN,
      "2026-03-08T07:00:00Z", false, "2026-03-15T07:10:00Z" },
};

static void shifts_follow_the_wall_clock(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct row *row = &ROWS[i];
        struct shift_range range = { row->from, row->to };
        struct shift s = { SLICE("x"), &range, 1, row->days };
        struct tz *zone = zone_load(row->zone);
        int64_t change = shift_next_change(&s, zone, instant(row->at));
        int64_t expected = row->changes != NULL ? instant(row->changes) : TIME_NONE;
        char text[TIME_TEXT];

        if (shift_holds(&s, zone, instant(row->at)) != row->holds || change != expected)
            fail_msg("%s: holds %d, changes %s", row->name, shift_holds(&s, zone, instant(row->at)),
                     change == TIME_NONE ? "never" : time_text(change, text).ptr);
        tz_free(&zone);
    }
}

/* Day and night tile every minute of a year: never both, never neither. */
static void two_shifts_leave_no_hole(void **state)
{
    struct shift_range day = { HM(7, 0), HM(19, 0) }, night = { HM(19, 0), HM(7, 0) };
    struct shift a = { SLICE("day"), &day, 1, ALL }, b = { SLICE("night"), &night, 1, ALL };
    static const char *const zones[] = { "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe" };

    (void)state;
    for (size_t z = 0; z < 3; z++) {
        struct tz *zone = zone_load(zones[z]);

        for (int64_t t = instant("2026-01-01T00:00:00Z"); t < instant("2027-01-01T00:00:00Z");
             t += 7 * TIME_MIN)
            assert_true(shift_holds(&a, zone, t) != shift_holds(&b, zone, t));
        tz_free(&zone);
    }
}

/* Going from change to change visits every flip that a minute-wise walk sees. */
static void changes_are_complete(void **state)
{
    struct shift_range ranges[] = { { HM(1, 15), HM(1, 45) }, { HM(23, 30), HM(0, 30) } };
    struct shift s = { SLICE("odd"), ranges, 2, ALL };
    struct tz *zone = zone_load("America/Chicago");
    int64_t end = instant("2026-11-03T00:00:00Z");
    size_t walked = 0, jumped = 0;

    (void)state;
    for (int64_t t = instant("2026-10-30T00:00:00Z"); t < end; t += TIME_MIN)
        walked += shift_holds(&s, zone, t) != shift_holds(&s, zone, t - TIME_MIN);
    for (int64_t t = shift_next_change(&s, zone, instant("2026-10-30T00:00:00Z") - 1); t < end;
         t = shift_next_change(&s, zone, t))
        jumped++;
    assert_int_equal(walked, jumped);
    tz_free(&zone);
}

static const struct meet_row {
    const char *name;
    uint16_t from_a, to_a;
    uint8_t days_a;
    uint16_t from_b, to_b;
    uint8_t days_b;
    bool meet;
} MEETS[] = {
    { "day and night never meet", HM(7, 0), HM(19, 0), ALL, HM(19, 0), HM(7, 0), ALL, false },
    { "a late shift meets the night", HM(15, 0), HM(23, 0), ALL, HM(19, 0), HM(7, 0), ALL, true },
    { "Sunday night meets Monday morning", HM(19, 0), HM(7, 0), SUN, HM(6, 0), HM(8, 0), MON, true },
    { "... the other way round", HM(6, 0), HM(8, 0), MON, HM(19, 0), HM(7, 0), SUN, true },
    { "but not Monday after seven", HM(19, 0), HM(7, 0), SUN, HM(7, 0), HM(8, 0), MON, false },
    { "same hours on other days", HM(8, 0), HM(17, 0), MON, HM(8, 0), HM(17, 0), TUE, false },
    { "all day meets everything", 0, 0, ALL, HM(3, 0), HM(3, 1), WED, true },
};

static void meeting_is_judged_over_the_week(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MEETS / sizeof *MEETS; i++) {
        const struct meet_row *row = &MEETS[i];
        struct shift_range ra = { row->from_a, row->to_a }, rb = { row->from_b, row->to_b };
        struct shift a = { SLICE("a"), &ra, 1, row->days_a }, b = { SLICE("b"), &rb, 1, row->days_b };

        if (shifts_meet(&a, &b) != row->meet || shifts_meet(&b, &a) != row->meet)
            fail_msg("%s", row->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifts_follow_the_wall_clock),
        cmocka_unit_test(two_shifts_leave_no_hole),
        cmocka_unit_test(changes_are_complete),
        cmocka_unit_test(meeting_is_judged_over_the_week),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
