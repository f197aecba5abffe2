/* Paths: how they are written, what they find, and what is said of wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/names.h"
#include "hl7/path.h"
#include "tests/guard.h"

#define WIRE                                                                                                 \
    "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rPID|1||m1^^^H~m2^^^L&oid||DOE^PAT\r"                       \
    "OBR|1||f1\rOBX|1|NM|2823-3^K^LN||6.2|mmol/L\rOBX|2|NM|2951-2^NA^LN||140\rOBX|3|ST|it's^a^\\T\\||x\r"    \
    "OBX|4|NM|2951-2^NA^LN||141"

static void places_are_found(void **state)
{
    static const struct {
        const char *path;
        size_t base;
        enum hl7_presence presence;
        const char *raw;
        bool many;
    } ROWS[] = {
        { "MSH-9.2", HL7_NONE, HL7_VALUE, "R01", false },
        { "PID-3", HL7_NONE, HL7_VALUE, "m1^^^H", false },
        { "PID-3.1", HL7_NONE, HL7_VALUE, "m1", false },
        { "PID-3[2].4.1", HL7_NONE, HL7_VALUE, "L", false },
        { "PID-3[2].4.2", HL7_NONE, HL7_VALUE, "oid", false },
        { "PID-3[3]", HL7_NONE, HL7_ABSENT, "", false },
        { "PID-2", HL7_NONE, HL7_EMPTY, "", false },
        { "OBX-5", HL7_NONE, HL7_VALUE, "6.2", true },
        { "OBX-5", 4, HL7_VALUE, "140", false },
        { "OBX-5", 1, HL7_VALUE, "6.2", true },
        { "PID-5.1", 4, HL7_VALUE, "DOE", false },
        { "OBX[2]-5", HL7_NONE, HL7_VALUE, "140", false },
        { "OBX[2]-5", 3, HL7_VALUE, "140", false },
        { "OBX[9]-5", HL7_NONE, HL7_ABSENT, "", false },
        { "OBX[@3.1='2823-3']-5", HL7_NONE, HL7_VALUE, "6.2", false },
        { "OBX[@3.1='2823-3']-6", 4, HL7_VALUE, "mmol/L", false },
        { "OBX[@3.1='2951-2']-5", HL7_NONE, HL7_VALUE, "140", true },
        { "OBX[@3='2823-3^K^LN']-5", HL7_NONE, HL7_VALUE, "6.2", false },
        { "OBX[@3.1='it''s']-5", HL7_NONE, HL7_VALUE, "x", false },
        { "OBX[@3.3='&']-5", HL7_NONE, HL7_VALUE, "x", false },
        { "OBX[@3.1='none']-5", HL7_NONE, HL7_ABSENT, "", false },
        { "ZZZ-1", HL7_NONE, HL7_ABSENT, "", false },
    };
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(WIRE), NULL);

    (void)state;
    assert_non_null(m);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct slice raw;
        bool many;
        struct guard g = guard_make(slice_of(ROWS[i].path));
        struct hl7_path *p = hl7_path_compile(arena, g.bytes, NULL);
        guard_free(&g);
        assert_non_null(p);
        enum hl7_presence got = hl7_path_get(p, m, ROWS[i].base, &raw, &many);
        if (got != ROWS[i].presence || !slice_is(raw, ROWS[i].raw) || many != ROWS[i].many)
            fail_msg("%s: %d \"%.*s\" %d", ROWS[i].path, got, SLICE_ARG(raw), many);
    }
    arena_free(&arena);
}

static void wrong_paths_are_told_where(void **state)
{
    static const struct {
        const char *path;
        uint32_t column;
    } ROWS[] = {
        { "", 1 },
        { "PI", 1 },
        { "pid-3", 1 },
        { "3ID-3", 1 },
        { "PID", 4 },
        { "PID3", 4 },
        { "PID-", 5 },
        { "PID-x", 5 },
        { "PID-0", 5 },
        { "PID-3.", 7 },
        { "PID-3.0", 7 },
        { "PID-3.1.", 9 },
        { "PID-3.1.1.1", 10 },
        { "PID-3[", 7 },
        { "PID-3[1", 8 },
        { "PID-3[0]", 7 },
        { "PID[", 5 },
        { "PID[0]-3", 5 },
        { "PID[1-3", 6 },
        { "OBX[@]-5", 6 },
        { "OBX[@3]-5", 7 },
        { "OBX[@3=]-5", 8 },
        { "OBX[@3='x]-5", 13 },
        { "OBX[@3='x'-5", 11 },
        { "PID-3 ", 6 },
        { "PID-99999999999", 5 },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        struct guard g = guard_make(slice_of(ROWS[i].path));
        if (hl7_path_compile(arena, g.bytes, &err) != NULL)
            fail_msg("%s: taken", ROWS[i].path);
        guard_free(&g);
        if (err.code != ERROR_SYNTAX || err.column != ROWS[i].column || err.hint[0] == 0)
            fail_msg("%s: column %u: %s", ROWS[i].path, err.column, err.message);
    }
    arena_free(&arena);
}

static void the_standard_knows_its_fields(void **state)
{
    static const struct {
        const char *path;
        bool known;
    } ROWS[] = { { "OBX-5", true },
                 { "OBX-99", false },
                 { "PID-41", false },
                 { "ZPI-200", true },
                 { "OBX[@99.1='x']-5", false } };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        assert_int_equal(hl7_path_check(hl7_path_compile(arena, slice_of(ROWS[i].path), NULL), &err),
                         ROWS[i].known);
        assert_true(ROWS[i].known || (err.code == ERROR_UNKNOWN && err.hint[0] != 0));
    }
    struct hl7_path *p = hl7_path_compile(arena, SLICE("OBX[2]-5"), NULL);
    assert_true(slice_is(hl7_path_segment(p), "OBX") && hl7_path_field(p) == 5);
    assert_true(hl7_path_is_occurrence(p) && hl7_path_is_selected(p));
    assert_string_equal(hl7_field_name(SLICE("PID"), 3), "patient identifiers");
    assert_string_equal(hl7_field_name(SLICE("MSH"), 1), "field separator");
    assert_null(hl7_field_name(SLICE("MSH"), 29));
    assert_null(hl7_field_name(SLICE("MSH"), 99));
    assert_null(hl7_field_name(SLICE("ZZZ"), 1));
    assert_null(hl7_field_name(SLICE("PID"), 0));
    assert_int_equal(hl7_segment_size(SLICE("PRT")), 24);
    assert_string_equal(hl7_segment_similar(SLICE("OBY")), "OBR");
    assert_null(hl7_segment_similar(SLICE("QQQ")));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(wrong_paths_are_told_where),
        cmocka_unit_test(the_standard_knows_its_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
