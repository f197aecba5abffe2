/* Dates and times as they are sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "hl7/dtm.h"
#include "tests/guard.h"

static void times_are_read(void **state)
{
    static const struct {
        const char *text;
        int32_t default_min;
        const char *utc; /* NULL: refused */
        enum hl7_precision precision;
        bool has_zone, zone_unknown;
    } ROWS[] = {
        { "2026", 0, "2026-01-01T00:00:00.000Z", HL7_YEAR, false, false },
        { "202611", 0, "2026-11-01T00:00:00.000Z", HL7_MONTH, false, false },
        { "20261122", 0, "2026-11-22T00:00:00.000Z", HL7_DAY, false, false },
        { "2026112213", 0, "2026-11-22T13:00:00.000Z", HL7_HOUR, false, false },
        { "202611221305", 0, "2026-11-22T13:05:00.000Z", HL7_MINUTE, false, false },
        { "20261122130509", 0, "2026-11-22T13:05:09.000Z", HL7_SECOND, false, false },
        { "20261122130509.1", 0, "2026-11-22T13:05:09.100Z", HL7_FRACTION, false, false },
        { "20261122130509.1234", 0, "2026-11-22T13:05:09.123Z", HL7_FRACTION, false, false },
        { "20261122130509.123456789", 0, "2026-11-22T13:05:09.123Z", HL7_FRACTION, false, false },
        { "20261122130509", 60, "2026-11-22T12:05:09.000Z", HL7_SECOND, false, false },
        { "20261122130509+0100", -300, "2026-11-22T12:05:09.000Z", HL7_SECOND, true, false },
        { "20261122130509-0530", 0, "2026-11-22T18:35:09.000Z", HL7_SECOND, true, false },
        { "20261122130509.5-0500", 0, "2026-11-22T18:05:09.500Z", HL7_FRACTION, true, false },
        { "20261122130509-0000", 60, "2026-11-22T13:05:09.000Z", HL7_SECOND, true, true },
        { "20261122130509+0000", 60, "2026-11-22T13:05:09.000Z", HL7_SECOND, true, false },
        { "2026+0100", 0, "2025-12-31T23:00:00.000Z", HL7_YEAR, true, false },
        { "20261122240000", 0, "2026-11-23T00:00:00.000Z", HL7_SECOND, false, false },
        { "2026123124", 0, "2027-01-01T00:00:00.000Z", HL7_HOUR, false, false },
        { "20261231235960", 0, "2027-01-01T00:00:00.000Z", HL7_SECOND, false, false },
        { "20240229", 0, "2024-02-29T00:00:00.000Z", HL7_DAY, false, false },
        { " 20261122 ", 0, "2026-11-22T00:00:00.000Z", HL7_DAY, false, false },
        { "", 0, NULL, 0, false, false },
        { "+0100", 0, NULL, 0, false, false },
        { "26", 0, NULL, 0, false, false },
        { "20261", 0, NULL, 0, false, false },
        { "202611221", 0, NULL, 0, false, false },
        { "2026-11-22", 0, NULL, 0, false, false },
        { "2026112x", 0, NULL, 0, false, false },
        { "20261322", 0, NULL, 0, false, false },
        { "20260229", 0, NULL, 0, false, false },
        { "20260431", 0, NULL, 0, false, false },
        { "00000101", 0, NULL, 0, false, false },
        { "2026112225", 0, NULL, 0, false, false },
        { "20261122240001", 0, NULL, 0, false, false },
        { "20261122130561", 0, NULL, 0, false, false },
        { "20261122130509.", 0, NULL, 0, false, false },
        { "202611221305.5", 0, NULL, 0, false, false },
        { "20261122130509.1x", 0, NULL, 0, false, false },
        { "20261122130509+01", 0, NULL, 0, false, false },
        { "20261122130509+1500", 0, NULL, 0, false, false },
        { "20261122130509+0160", 0, NULL, 0, false, false },
        { "20261122130509+01000", 0, NULL, 0, false, false },
        { "20261122130509Z", 0, NULL, 0, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct guard g = guard_make(slice_of(ROWS[i].text));
        struct hl7_dtm t = { .instant_us = 7 };
        bool ok = hl7_dtm_parse(g.bytes, ROWS[i].default_min, &t);
        char text[TIME_TEXT];
        if (ok != (ROWS[i].utc != NULL))
            fail_msg("%s: %d", ROWS[i].text, ok);
        if (!ok)
            assert_int_equal(t.instant_us, 7);
        else if (!slice_is(time_text(t.instant_us, text), ROWS[i].utc) || t.precision != ROWS[i].precision ||
                 t.has_zone != ROWS[i].has_zone || t.zone_unknown != ROWS[i].zone_unknown)
            fail_msg("%s: %.*s %d %d", ROWS[i].text, SLICE_ARG(time_text(t.instant_us, text)), t.precision,
                     t.has_zone);
        guard_free(&g);
    }
}

static void what_is_written_reads_back(void **state)
{
    static const int64_t TIMES[] = { 0, 1795352709123000, 1795352709000000, 951782400000000 };

    (void)state;
    for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++) {
        struct buf b = buf_make(64);
        struct hl7_dtm t;
        hl7_dtm_put(&b, TIMES[i]);
        assert_true(hl7_dtm_parse(buf_slice(&b), 99, &t));
        assert_int_equal(t.instant_us, TIMES[i]);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(what_is_written_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
