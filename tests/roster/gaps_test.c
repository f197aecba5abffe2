/* Hours with nobody: rotas and roles, over both clock changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "roster/gaps.h"

#define S(text)      SLICE_INIT(text)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct person PERSONS[] = {
    { .name = S("ana") }, { .name = S("ben") }, { .name = S("mei") }, { .name = S("old"), .off = S("left") }
};
static const struct slice BEDS[] = { S("01"), S("02"), S("03") };
static const struct unit UNITS[] = { { .name = S("5W"), .beds = BEDS, .bed_count = 3 }, { .name = S("OR") } };

static const struct shift_range DAY = { 7 * 60, 19 * 60 }, NIGHT = { 19 * 60, 7 * 60 };
static const struct shift day = { S("day"), &DAY, 1, 0x7f }, night = { S("night"), &NIGHT, 1, 0x7f },
                          week_night = { S("week-night"), &NIGHT, 1, 0x1f };

static struct tz *zone;
static struct arena *arena;

static int64_t at(int year, unsigned month, unsigned day_of, unsigned hour)
{
    struct civil c = { .year = year, .month = (uint8_t)month, .day = (uint8_t)day_of, .hour = (uint8_t)hour };

    return tz_from_civil(zone, c, TZ_FIRST);
}

static struct slice text_of(struct gaps gaps, struct buf *out)
{
    out->len = 0;
    for (size_t i = 0; i < gaps.count; i++)
        buf_printf(out, "%s%.*s", i > 0 ? "; " : "", SLICE_ARG(gap_text(&gaps.list[i], zone, arena)));
    return buf_slice(out);
}

#define NEVER .from_us = TIME_NONE, .until_us = TIME_NONE
#define WHOLE(who, what, hours)                                                                              \
    {                                                                                                        \
        .person = S(who), .role = S(what), .unit = S("5W"), .during = hours, NEVER                           \
    }
#define BED(who, what, hours, first, n)                                                                      \
    {                                                                                                        \
        .person = S(who), .role = S(what), .unit = S("5W"), .during = hours, .beds = &BEDS[first],           \
        .bed_count = n, NEVER                                                                                \
    }

/* clang-format off */
static const struct {
    const char *name;
    struct assignment list[4];
    size_t count;
    const char *gaps; /* from Friday 2026-10-30 12:00 to Monday 2026-11-02 12:00: summer time ends on Sunday */
} roles[] = {
    { "always held", { WHOLE("ana", "charge", NULL) }, 1, "" },
    { "two halves of a day", { WHOLE("ana", "charge", &day), WHOLE("ben", "charge", &night) }, 2, "" },
    { "no nights", { WHOLE("ana", "charge", &day) }, 1,
      "Fri 2026-10-30 19:00 to Sat 2026-10-31 07:00; Sat 2026-10-31 19:00 to Sun 2026-11-01 07:00; Sun 2026-11-01 19:00 to Mon 2026-11-02 07:00" },
    { "no nights at the week's end", { WHOLE("ana", "charge", &day), WHOLE("ben", "charge", &week_night) }, 2,
      "Sat 2026-10-31 19:00 to Sun 2026-11-01 07:00; Sun 2026-11-01 19:00 to Mon 2026-11-02 07:00" },
    { "nobody at all", { WHOLE("ana", "other", NULL) }, 1, "Fri 2026-10-30 12:00 to Mon 2026-11-02 12:00" },
    { "one who has left", { WHOLE("old", "charge", NULL) }, 1, "Fri 2026-10-30 12:00 to Mon 2026-11-02 12:00" },
    { "one bed less than the unit has", { BED("ana", "charge", NULL, 0, 2) }, 1, "Fri 2026-10-30 12:00 to Mon 2026-11-02 12:00" },
    { "all beds between two people", { BED("ana", "charge", NULL, 0, 2), BED("ben", "charge", NULL, 2, 1) }, 2, "" },
    { "a bed that only the day has", { BED("ana", "charge", NULL, 0, 2), BED("ben", "charge", &day, 2, 1), WHOLE("mei", "charge", &week_night) }, 3,
      "Sat 2026-10-31 19:00 to Sun 2026-11-01 07:00; Sun 2026-11-01 19:00 to Mon 2026-11-02 07:00" },
};
/* clang-format on */

static void a_role_is_held_for_every_bed(void **state)
{
    struct buf out = buf_make(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(roles); i++) {
        struct directory d = { .zone = zone,
                               .units = UNITS,
                               .unit_count = COUNT(UNITS),
                               .persons = PERSONS,
                               .person_count = COUNT(PERSONS),
                               .assignments = roles[i].list,
                               .assignment_count = roles[i].count };
        struct gaps gaps =
            gaps_of_role(&d, SLICE("charge"), SLICE("5W"), at(2026, 10, 30, 12), at(2026, 11, 2, 12), arena);
        if (!slice_is(text_of(gaps, &out), roles[i].gaps))
            print_error("%s: %.*s\n", roles[i].name, SLICE_ARG(buf_slice(&out)));
        assert_true(slice_is(buf_slice(&out), roles[i].gaps));
        assert_int_equal(gaps_role_planned(&d, SLICE("charge"), SLICE("5W")), i != 4);
    }
    buf_free(&out);
}

/* The night is 13 hours when summer time ends and 11 when it begins; between two shifts no minute is lost. */
static void clock_changes_leave_no_hole(void **state)
{
    static const struct assignment list[] = { WHOLE("ana", "charge", &day), WHOLE("ben", "charge", &night) };
    static const struct assignment days[] = { WHOLE("ana", "charge", &day) };
    struct directory d = { .zone = zone,
                           .units = UNITS,
                           .unit_count = COUNT(UNITS),
                           .persons = PERSONS,
                           .person_count = COUNT(PERSONS),
                           .assignments = list,
                           .assignment_count = 2 };

    (void)state;
    assert_int_equal(
        gaps_of_role(&d, SLICE("charge"), SLICE("5W"), at(2026, 3, 1, 0), at(2026, 11, 8, 0), arena).count,
        0);
    d.assignments = days;
    d.assignment_count = 1;
    struct gaps autumn =
        gaps_of_role(&d, SLICE("charge"), SLICE("5W"), at(2026, 10, 31, 12), at(2026, 11, 1, 12), arena);
    struct gaps spring =
        gaps_of_role(&d, SLICE("charge"), SLICE("5W"), at(2026, 3, 7, 12), at(2026, 3, 8, 12), arena);
    assert_int_equal(autumn.count, 1);
    assert_int_equal(autumn.list[0].to_us - autumn.list[0].from_us, 13 * TIME_HOUR);
    assert_int_equal(spring.count, 1);
    assert_int_equal(spring.list[0].to_us - spring.list[0].from_us, 11 * TIME_HOUR);
}

static void a_rota_has_nobody_where_it_says_so(void **state)
{
    static const struct slice turns[] = { S("ana"), S("nobody"), S("mei") }, gone[] = { S("old") };
    static const struct rota_turn weekly = { { 2026, 10, 19, 7, 0, 0, 0 }, 7, turns, 3 },
                                  left = { { 2026, 10, 19, 7, 0, 0, 0 }, 7, gone, 1 };
    struct directory d = { .zone = zone, .persons = PERSONS, .person_count = COUNT(PERSONS) };
    struct rota_interval fed[] = { { at(2026, 10, 26, 7), at(2026, 10, 28, 7), S("ben"), S("") },
                                   { at(2026, 10, 28, 9), at(2026, 10, 30, 7), S("mei"), S("") } };
    struct rota r = { .zone = zone, .turns = &weekly, .turn_count = 1 };
    struct buf out = buf_make(4096);
    int64_t from = at(2026, 10, 19, 7), to = at(2026, 11, 9, 7);

    (void)state;
    assert_true(slice_is(text_of(gaps_of_rota(&d, &r, from, to, arena), &out),
                         "Mon 2026-10-26 07:00 to Mon 2026-11-02 07:00"));
    r.feed = (struct rota_feed){
        .turns = fed, .count = 2, .longest_us = 2 * TIME_DAY, .known_until_us = fed[1].to_us
    };
    assert_true(slice_is(text_of(gaps_of_rota(&d, &r, from, to, arena), &out),
                         "Wed 2026-10-28 07:00 to Wed 2026-10-28 09:00; Fri 2026-10-30 07:00 to Mon "
                         "2026-11-02 07:00"));
    r = (struct rota){ .zone = zone, .turns = &left, .turn_count = 1 };
    assert_int_equal(gaps_of_rota(&d, &r, from, to, arena).count, 1);
    buf_free(&out);
}

static int setup(void **state)
{
    static char bytes[65536];
    FILE *f = fopen("/usr/share/zoneinfo/America/Chicago", "rb");
    size_t len = f != NULL ? fread(bytes, 1, sizeof bytes, f) : 0;
    struct error err = { .code = ERROR_NONE };

    (void)state;
    if (f != NULL)
        fclose(f);
    zone = tz_parse((struct slice){ bytes, len }, &err);
    arena = arena_new();
    return zone != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tz_free(&zone);
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_is_held_for_every_bed),
        cmocka_unit_test(clock_changes_leave_no_hole),
        cmocka_unit_test(a_rota_has_nobody_where_it_says_so),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
