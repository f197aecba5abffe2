/* Paths: how they are written, what they find, and what is said of wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

/* What public issue trackers tell of readers going wrong. Each row is its own message after MSH. */
static void tricky_values_are_read(void **state)
{
    static const struct {
        const char *what, *segments, *path;
        enum hl7_presence presence;
        const char *raw;
    } ROWS[] = {
        { "repetition that is not there", "PID|||a~b", "PID-3[3]", HL7_ABSENT, "" },
        { "first repetition of one", "PID|||a", "PID-3[1]", HL7_VALUE, "a" },
        { "second repetition of one", "PID|||a", "PID-3[2]", HL7_ABSENT, "" },
        { "empty repetition between", "PID|||a~~b", "PID-3[2]", HL7_EMPTY, "" },
        { "last repetition empty", "PID|||a~", "PID-3[2]", HL7_EMPTY, "" },
        { "component beyond", "PID|||a^b", "PID-3.3", HL7_ABSENT, "" },
        { "component of a plain value", "PID|||a", "PID-3.1", HL7_VALUE, "a" },
        { "second component of a plain value", "PID|||a", "PID-3.2", HL7_ABSENT, "" },
        { "sub-component of a plain value", "PID|||a", "PID-3.1.1", HL7_VALUE, "a" },
        { "second sub-component of a plain value", "PID|||a", "PID-3.1.2", HL7_ABSENT, "" },
        { "leading components empty", "PID|||^^^H", "PID-3.1", HL7_EMPTY, "" },
        { "fourth behind empty ones", "PID|||^^^H", "PID-3.4", HL7_VALUE, "H" },
        { "sub-components", "PID|||a^^^N&1.2&ISO", "PID-3.4.2", HL7_VALUE, "1.2" },
        { "whole component with its sub-components", "PID|||a^^^N&1.2&ISO", "PID-3.4", HL7_VALUE,
          "N&1.2&ISO" },
        { "segment without fields", "PID", "PID-3", HL7_ABSENT, "" },
        { "segment of a separator only", "PID|", "PID-1", HL7_EMPTY, "" },
        { "field past the end", "PID|1", "PID-3", HL7_ABSENT, "" },
        { "last delimiter missing", "PID|1|", "PID-2", HL7_EMPTY, "" },
        { "null field", "PID|||\"\"", "PID-3", HL7_NULL, "\"\"" },
        { "null component", "PID|||a^\"\"", "PID-3.2", HL7_NULL, "\"\"" },
        { "null by its first component", "PID|||\"\"", "PID-3.1", HL7_NULL, "\"\"" },
        { "escaped delimiters stay in the value", "PID|||a\\S\\b^c", "PID-3.1", HL7_VALUE, "a\\S\\b" },
        { "lone backslash", "PID|||a\\^b", "PID-3.2", HL7_VALUE, "b" },
        { "MSH-1 is the separator", "PID|", "MSH-1", HL7_VALUE, "|" },
        { "MSH-2 is not split", "PID|", "MSH-2", HL7_VALUE, "^~\\&" },
        { "MSH-2.1 neither", "PID|", "MSH-2.1", HL7_VALUE, "^~\\&" },
        { "MSH-2[2] is not there", "PID|", "MSH-2[2]", HL7_ABSENT, "" },
        { "MSH-3 is the first after MSH-2", "PID|", "MSH-3", HL7_VALUE, "A" },
        { "MSH-12 counts on from there", "PID|", "MSH-12", HL7_VALUE, "2.5" },
        { "a segment of the name further on", "ZZZ|x\rPID|||a", "PID-3", HL7_VALUE, "a" },
        { "extra fields", "PID|||a||||||||||||||||||||||||||||||||||||||||||z", "PID-45", HL7_VALUE, "z" },
        { "Z-segment", "ZPI|x^y&z", "ZPI-1.2.2", HL7_VALUE, "z" },
        { "digits in the name", "NK1|1|b", "NK1-2", HL7_VALUE, "b" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct buf wire = buf_make(1024);
        struct slice raw;
        buf_printf(&wire, "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\r%s", ROWS[i].segments);
        struct guard g = guard_make(buf_slice(&wire));
        struct hl7_message *m = hl7_message_parse(arena, g.bytes, NULL);
        struct hl7_path *p = hl7_path_compile(arena, slice_of(ROWS[i].path), NULL);
        assert_true(m != NULL && p != NULL);
        enum hl7_presence got = hl7_path_get(p, m, HL7_NONE, &raw, NULL);
        if (got != ROWS[i].presence || !slice_is(raw, ROWS[i].raw))
            fail_msg("%s: %d \"%.*s\"", ROWS[i].what, got, SLICE_ARG(raw));
        guard_free(&g);
        buf_free(&wire);
    }
    arena_free(&arena);
}

/* Column of the fault, and a word that the hint must hold: what the writer meant. */
static void wrong_paths_are_told_where(void **state)
{
    static const struct {
        const char *path;
        uint32_t column;
        const char *hint;
    } ROWS[] = {
        { "", 1, "PID-3.1" },
        { "PI", 1, "PID-3.1" },
        { "pid-3", 1, "capitals: PID" },
        { "Obx[2]-5", 1, "capitals: OBX" },
        { "3ID-3", 1, "PID-3.1" },
        { "PID", 4, "PID-3" },
        { "PID3", 4, "PID-3" },
        { "PID.3", 4, "PID-3" },
        { "PV1.19.1", 4, "PV1-19" },
        { "PID 3", 4, "PID-3" },
        { "PID_3", 4, "PID-3" },
        { "PIDX-3", 4, "PID-3.1" },
        { "PID(0)-3", 4, "--terser" },
        { "PID-3(0)", 6, "--terser" },
        { "PID-3(0).1", 6, "--terser" },
        { "PID-3-1", 6, "--terser" },
        { "/PID-3", 1, "--terser" },
        { ".OBX-3", 1, "--terser" },
        { "PID-", 5, "from 1" },
        { "PID-x", 5, "from 1" },
        { "PID-0", 5, "from 1" },
        { "PID--3", 5, "from 1" },
        { "PID-*", 5, "from 1" },
        { "PID-3.", 7, "from 1" },
        { "PID-3.0", 7, "from 1" },
        { "PID-3.*", 7, "[*] is for" },
        { "PID-3.[*]", 7, "[*] is for" },
        { "PID-3.1.", 9, "from 1" },
        { "PID-3.1.0", 9, "from 1" },
        { "PID-3.1.1.1", 10, "deepest" },
        { "OBX-5.1.2.3", 10, "deepest" },
        { "PID-3[", 7, "from 1" },
        { "PID-3[1", 8, "PID-3[2]" },
        { "PID-3[*", 8, "PID-3[2]" },
        { "PID-3[0]", 7, "from 1" },
        { "PID-3[-1]", 7, "from 1" },
        { "PID-3[1][2]", 9, "PID-3[2]" },
        { "PID-3.1[2]", 8, "components do not" },
        { "PID[", 5, "from 1" },
        { "PID[0]-3", 5, "from 1" },
        { "PID[1-3", 6, "PID-3.1" },
        { "PID[]-3", 5, "from 1" },
        { "OBX[@]-5", 6, "from 1" },
        { "OBX[@3]-5", 7, "@3.1='2823-3'" },
        { "OBX[@3=]-5", 8, "@3.1='2823-3'" },
        { "OBX[@3=\"x\"]-5", 8, "@3.1='2823-3'" },
        { "OBX[@3='x]-5", 13, "doubled" },
        { "OBX[@3='x'-5", 11, "PID-3.1" },
        { "OBX[@3=='x']-5", 8, "@3.1='2823-3'" },
        { "PID-3 ", 6, "PID-3.1" },
        { "PID-3,PID-4", 6, "PID-3.1" },
        { "PID-99999999999", 5, "from 1" },
        { "PID-2147483648", 5, "from 1" },
        { "OBR->", 6, "PID-3.1" },
        { "OBR->obx-5", 6, "capitals: OBX" },
        { "OBR-4->OBX-5", 6, "only the last one" },
        { "OBR>OBX-5", 4, "PID-3.1" },
        { "OBR->OBX", 9, "OBX-3" },
        { "AAA->AAA->AAA->AAA->AAA->AAA->AAA->AAA->AAA-1", 41, "PID-3.1" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        struct guard g = guard_make(slice_of(ROWS[i].path));
        if (hl7_path_compile(arena, g.bytes, &err) != NULL)
            fail_msg("%s: taken", ROWS[i].path);
        assert_null(hl7_path_compile(arena, g.bytes, NULL));
        guard_free(&g);
        if (err.code != ERROR_SYNTAX || err.column != ROWS[i].column ||
            strstr(err.hint, ROWS[i].hint) == NULL)
            fail_msg("%s: column %u: %s: %s", ROWS[i].path, err.column, err.message, err.hint);
        if (strstr(err.hint, "...") != NULL || strlen(err.hint) + 1 >= sizeof err.hint)
            fail_msg("%s: the hint is cut: %s", ROWS[i].path, err.hint);
    }
    struct buf text = buf_make(8192);
    buf_text(&text, "OBX[@3='");
    while (text.len < 5000)
        buf_text(&text, "x");
    buf_text(&text, "']-5");
    assert_null(hl7_path_compile(arena, buf_slice(&text), NULL));
    buf_free(&text);
    arena_free(&arena);
}

static void the_standard_knows_its_parts(void **state)
{
    static const struct {
        const char *path, *type, *hint; /* hint NULL: the standard has it */
    } ROWS[] = {
        { "OBX-5", "", NULL },
        { "OBX-5.7.3", "", NULL },
        { "OBX-99", "", "OBX has fields 1 to 33" },
        { "PID-41", "", "PID has fields 1 to 40" },
        { "PID-3", "CX", NULL },
        { "PID-3.1", "ST", NULL },
        { "PID-3.1.1", "ST", NULL },
        { "PID-3.1.9", "", "PID-3.1 is an ST, which has no parts" },
        { "PID-3.4", "HD", NULL },
        { "PID-3.4.3", "ID", NULL },
        { "PID-3.4.4", "", "PID-3.4 is an HD with sub-components 1 to 3" },
        { "PID-3[2].13", "", "PID-3 is a CX with components 1 to 12" },
        { "PV1-3", "PL", NULL },
        { "PV1-3.1", "HD", NULL },
        { "PV1-3.99", "", "PV1-3 is a PL with components 1 to 11" },
        { "PID-8.1", "ST", NULL },
        { "PID-7.1", "DTM", NULL },
        { "PID-7.2", "", "PID-7 is a DTM, which has no parts" },
        { "EVN-2", "DTM", NULL },
        { "QPD-9", "", NULL },
        { "ZPI-200.7.7", "", NULL },
        { "OBX[@99.1='x']-5", "", "OBX has fields 1 to 33" },
        { "OBX[@3.44='x']-5", "", "OBX-3 is a CWE with components 1 to 22" },
        { "OBR[@60='x']->OBX-5", "", "OBR has fields 1 to 55" },
        { "OBR[2]->OBX-34", "", "OBX has fields 1 to 33" },
        { "ZBE->PV1-3", "PL", NULL },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        struct hl7_path *p = hl7_path_compile(arena, slice_of(ROWS[i].path), NULL);
        assert_non_null(p);
        bool known = hl7_path_check(p, &err);
        if (known != (ROWS[i].hint == NULL) || (!known && err.code != ERROR_UNKNOWN) ||
            (!known && strcmp(err.hint, ROWS[i].hint) != 0) ||
            (known && strcmp(hl7_path_type(p), ROWS[i].type) != 0))
            fail_msg("%s: %s, %s: %s", ROWS[i].path, hl7_path_type(p), err.message, err.hint);
    }
    arena_free(&arena);
}

static void paths_say_what_they_are(void **state)
{
    static const struct {
        const char *path, *segment;
        bool selected, occurrence, many;
    } ROWS[] = {
        { "OBX-5", "OBX", false, false, false },        { "OBX[2]-5", "OBX", true, true, false },
        { "OBX[*]-5", "OBX", true, false, true },       { "OBX-5[*]", "OBX", false, false, true },
        { "OBX[@3='x']-5", "OBX", true, false, false }, { "OBR->OBX-5", "OBX", true, false, false },
        { "OBR[2]->OBX-5", "OBX", true, true, false },  { "OBR[*]->OBX-5", "OBX", true, false, true },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct hl7_path *p = hl7_path_compile(arena, slice_of(ROWS[i].path), NULL);
        assert_non_null(p);
        assert_true(slice_is(hl7_path_segment(p), ROWS[i].segment) && hl7_path_field(p) == 5);
        assert_int_equal(hl7_path_is_selected(p), ROWS[i].selected);
        assert_int_equal(hl7_path_is_occurrence(p), ROWS[i].occurrence);
        assert_int_equal(hl7_path_is_many(p), ROWS[i].many);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_found),           cmocka_unit_test(tricky_values_are_read),
        cmocka_unit_test(wrong_paths_are_told_where), cmocka_unit_test(the_standard_knows_its_parts),
        cmocka_unit_test(paths_say_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
