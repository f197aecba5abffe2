/* Who is on call: turns on the wall clock, overrides, gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "roster/rota.h"
#include "tests/roster/zones.h"

static const struct slice TWO[] = { SLICE_INIT("rashid"), SLICE_INIT("mei") };
static const struct slice WITH_GAP[] = { SLICE_INIT("rashid"), SLICE_INIT("nobody"), SLICE_INIT("mei") };
static const struct slice ONE[] = { SLICE_INIT("oto") };

/* weekly from 2026-10-26 07:00 rashid, mei: the second turn begins a day after the clock change. */
static const struct rota_turn WEEKLY = { { 2026, 10, 26, 7, 0, 0, 0 }, 7, TWO, 2 };
static const struct rota_turn GAPPED = { { 2026, 10, 26, 7, 0, 0, 0 }, 7, WITH_GAP, 3 };
static const struct rota_turn AT_0130 = { { 2026, 10, 25, 1, 30, 0, 0 }, 7, TWO, 2 };
static const struct rota_turn AT_0230 = { { 2026, 3, 7, 2, 30, 0, 0 }, 1, TWO, 2 };
static const struct rota_turn BESIDE[] = { { { 2026, 10, 26, 7, 0, 0, 0 }, 7, TWO, 2 },
                                           { { 2026, 10, 26, 7, 0, 0, 0 }, 1, ONE, 1 } };

static const struct row {
    const char *name;
    const struct rota_turn *turns;
    size_t turn_count;
    const char *from, *to, *person, *instead_of; /* one override, or NULL */
    const char *at, *expected, *changes;
} ROWS[] = {
    { "before the rota begins", &WEEKLY, 1, NULL, NULL, NULL, NULL, "2026-10-26T11:59:59Z", "",
      "2026-10-26T12:00:00Z" },
    { "the first turn", &WEEKLY, 1, NULL, NULL, NULL, NULL, "2026-10-26T12:00:00Z", "rashid",
      "2026-11-02T13:00:00Z" },
    { "07:00 stays 07:00 after the clock change", &WEEKLY, 1, NULL, NULL, NULL, NULL, "2026-11-02T12:59:59Z",
      "rashid", "2026-11-02T13:00:00Z" },
    { "the second turn", &WEEKLY, 1, NULL, NULL, NULL, NULL, "2026-11-02T13:00:00Z", "mei",
      "2026-11-09T13:00:00Z" },
    { "and round again", &WEEKLY, 1, NULL, NULL, NULL, NULL, "2026-11-09T13:00:00Z", "rashid",
      "2026-11-16T13:00:00Z" },
    { "years later", &WEEKLY, 1, NULL, NULL, NULL, NULL, "2031-10-29T12:00:00Z", "mei",
      "2031-11-03T13:00:00Z" },
    { "nobody is a gap", &GAPPED, 1, NULL, NULL, NULL, NULL, "2026-11-03T12:00:00Z", "",
      "2026-11-09T13:00:00Z" },
    { "a handover in the repeated hour: before", &AT_0130, 1, NULL, NULL, NULL, NULL, "2026-11-01T06:29:00Z",
      "rashid", "2026-11-01T06:30:00Z" },
    { "... at the first 01:30", &AT_0130, 1, NULL, NULL, NULL, NULL, "2026-11-01T06:30:00Z", "mei",
      "2026-11-08T07:30:00Z" },
    { "... and the second 01:10 does not give it back", &AT_0130, 1, NULL, NULL, NULL, NULL,
      "2026-11-01T07:10:00Z", "mei", "2026-11-08T07:30:00Z" },
    { "a skipped handover: before", &AT_0230, 1, NULL, NULL, NULL, NULL, "2026-03-08T07:59:59Z", "rashid",
      "2026-03-08T08:00:00Z" },
    { "... at the first valid instant after it", &AT_0230, 1, NULL, NULL, NULL, NULL, "2026-03-08T08:00:00Z",
      "mei", "2026-03-09T07:30:00Z" },
    { "turns stand beside each other", BESIDE, 2, NULL, NULL, NULL, NULL, "2026-10-27T12:00:00Z",
      "rashid oto", "2026-10-28T12:00:00Z" },
    { "replace while on call", &WEEKLY, 1, "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "ivo", "rashid",
      "2026-10-30T00:00:00Z", "ivo", "2026-10-31T00:00:00Z" },
    { "the end is half open", &WEEKLY, 1, "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "ivo", "rashid",
      "2026-10-31T00:00:00Z", "rashid", "2026-11-02T13:00:00Z" },
    { "replace does nothing when not on call", &WEEKLY, 1, "2026-11-04T00:00:00Z", "2026-11-05T00:00:00Z",
      "ivo", "rashid", "2026-11-04T12:00:00Z", "mei", "2026-11-05T00:00:00Z" },
    { "added without instead of", &WEEKLY, 1, "2026-11-04T00:00:00Z", "2026-11-05T00:00:00Z", "ivo", "",
      "2026-11-04T12:00:00Z", "mei ivo", "2026-11-05T00:00:00Z" },
    { "replaced by one already there", BESIDE, 2, "2026-10-27T00:00:00Z", "2026-10-28T00:00:00Z", "oto",
      "rashid", "2026-10-27T12:00:00Z", "oto", "2026-10-28T00:00:00Z" },
    { "replaced by nobody", &WEEKLY, 1, "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "nobody", "rashid",
      "2026-10-30T12:00:00Z", "", "2026-10-31T00:00:00Z" },
    { "only an interval, no turns", NULL, 0, "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "ivo", "",
      "2026-10-30T12:00:00Z", "ivo", "2026-10-31T00:00:00Z" },
    { "and never again", NULL, 0, "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "ivo", "",
      "2026-10-31T00:00:00Z", "", NULL },
};

static void rota_rows(void **state)
{
    struct tz *zone = zone_load("America/Chicago");

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct row *row = &ROWS[i];
        struct rota_interval o = { 0, 0, slice_of(row->person), slice_of(row->instead_of) };
        struct rota r = { SLICE("x"),
                          SLICE(""),
                          zone,
                          row->turns,
                          row->turn_count,
                          &o,
                          row->from != NULL,
                          .feed = { .count = 0 } };
        struct slice people[8];
        struct buf got = buf_make(256);
        int64_t change, expected = row->changes != NULL ? instant(row->changes) : TIME_NONE;
        size_t count;
        char text[TIME_TEXT];

        if (row->from != NULL) {
            o.from_us = instant(row->from);
            o.to_us = instant(row->to);
        }
        count = rota_at(&r, instant(row->at), people, 8);
        for (size_t k = 0; k < count; k++)
            buf_printf(&got, "%s%.*s", k > 0 ? " " : "", SLICE_ARG(people[k]));
        change = rota_next_change(&r, instant(row->at));
        if (!slice_is(buf_slice(&got), row->expected) || change != expected)
            fail_msg("%s: got \"%.*s\", changes %s", row->name, SLICE_ARG(buf_slice(&got)),
                     change == TIME_NONE ? "never" : time_text(change, text).ptr);
        buf_free(&got);
    }
    tz_free(&zone);
}

static void the_room_is_kept(void **state)
{
    struct tz *zone = zone_load("America/Chicago");
    struct rota r = { SLICE("x"), SLICE(""), zone, BESIDE, 2, NULL, 0, .feed = { .count = 0 } };
    struct slice people[1];

    (void)state;
    assert_int_equal(rota_at(&r, instant("2026-10-27T12:00:00Z"), people, 1), 1);
    tz_free(&zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rota_rows), cmocka_unit_test(the_room_is_kept) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
