/* The edges of reading, row by row: lines that are almost segments, sets and switches that are almost right,
 * paths that are almost written, names beside the alphabet. Whatever it is, there is an answer, and it is the
 * same wherever the question is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/ack.h"
#include "hl7/diff.h"
#include "hl7/dtm.h"
#include "tests/hl7/spec_help.h"

#define JIS           "\x1B$B"
#define BACK          "\x1B(B"
#define IN(set, text) "MSH|^~\\&|APP||||||ADT|1|P|2.5||||||" set "\rNTE|1||" text "|end"

/* The bytes just outside of A-Z, a-z and 0-9, in each place of a name: none of them begins a segment. */
static void bytes_beside_the_alphabet_are_in_no_name(void **state)
{
    static const char BESIDE[] = { '@', '[', '`', '{', '/', ':', ' ', '-', '\x7F', '\xC1' };

    (void)state;
    for (size_t i = 0; i < sizeof BESIDE; i++)
        for (size_t place = 0; place < 3; place++) {
            struct arena *arena = arena_new();
            char wire[100], name[4] = "ZZ9";
            name[place] = BESIDE[i];
            snprintf(wire, sizeof wire, "MSH|^~\\&|A\nNTE|1||one\n%s|two\nMSA|AA", name);
            struct hl7_message *m = spec_parse(arena, name, slice_of(wire));
            assert_int_equal(hl7_message_segments(m), 3);
            assert_true(slice_is(hl7_value(m, arena, 1, 4, 0, 0, 0), "two"));
            /* As the first line behind MSH it decides whether LF ends lines at all: the scan of the header
             * and the parser must agree. */
            struct hl7_header read, scanned;
            snprintf(wire, sizeof wire, "MSH|^~\\&|A\n%s|two\rMSA|AA", name);
            m = spec_parse(arena, name, slice_of(wire));
            hl7_header_read(m, &read);
            assert_true(hl7_header_scan(slice_of(wire), &scanned));
            assert_true(spec_same_header(&read, &scanned));
            assert_int_equal(hl7_segment_fields(m, 0), 4); /* the LF is data */
            arena_free(&arena);
        }
}

/* The same question at every length: where the first LF stands before every CR, what follows it decides. */
static void header_and_parser_agree_on_line_ends(void **state)
{
    static const char *const ROWS[] = {
        "MSH|^~\\&|A\nPID|1\rPV1", "MSH|^~\\&|A\nPID\rPV1",       "MSH|^~\\&|A\nPID\nPV1\r",
        "MSH|^~\\&|A\npid\rPV1",   "MSH|^~\\&|A\n\r\nPID|\r",     "MSH|^~\\&|A\n\n\nP\rPV1",
        "MSH|^~\\&|A\nP1\rPV1",    "MSH|^~\\&|A\nPI_\rPV1",       "MSH|^~\\&|A\nP_D|\rPV1",
        "MSH|^~\\&|A\n_ID|\rPV1",  "MSH|^~\\&|A\nPID^\rPV1",      "MSH|^~\\&|A\n9ID|\rPV1",
        "MSH|^~\\&|A\rB\nPID|1\n", "MSH|^~\\&|A\r\nPID|1\r\n",    "MSH|^~\\&|A\n\r",
        "MSH|^~\\&|A\r\n",         "MSH|^~\\&|A\nPIDX\rPV1|1",    "MSH|^~\\&|A\nPI\nD|\rPV1",
        "\nMSH|^~\\&|A\nP\rPV1",   "MSH|^~\\&|A\r\n\nMSA|AA\n\r", "MSH|^~\\&|A\npid\n\r",
        "MSH|^~\\&|A\n\r\n\n",     "MSH|^~\\&|A\rB\r\n\n\nMSA",
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (size_t len = 11; len <= strlen(ROWS[i]); len++) {
            struct arena *arena = arena_new();
            struct guard g = guard_make(slice_sub(slice_of(ROWS[i]), 0, len));
            struct hl7_header read, scanned;
            hl7_header_read(spec_parse(arena, ROWS[i], g.bytes), &read);
            if (!hl7_header_scan(g.bytes, &scanned) || !spec_same_header(&read, &scanned))
                fail_msg("row %zu cut at %zu", i, len);
            guard_free(&g);
            arena_free(&arena);
        }
}

static void switches_that_are_almost_right(void **state)
{
    static const struct spec_row rows[] = {
        { "a DEL among pairs is no pair", IN("ISO IR87", JIS ";3\x7F" BACK "!"), "NTE-3", HL7_VALUE,
          "\xE5\xB1\xB1\x7F!" },
        { "back to ASCII while the upper half is another set", IN("~KS X 1001", "\x1B$)C" BACK "ab\xB0\xA1"),
          "NTE-3", HL7_VALUE, "ab\xEA\xB0\x80" },
        { "\\M2442\\ without a way back, pairs that are |", IN("~ISO IR87", "\\M2442\\;3"), "NTE-4",
          HL7_VALUE, "end" },
        { "\\M2442\\ with an odd number of bytes before the way back",
          IN("~ISO IR87", "\\M2442\\;3K\\C2842\\"), "NTE-4", HL7_VALUE, "end" },
        { "\\M2442\\ whose way back is on the next line",
          IN("~ISO IR87", "\\M2442\\;3") "\rNTE|2||\\C2842\\x|y", "NTE[2]-4", HL7_VALUE, "y" },
        { "\\M2442\\ and LF as line end",
          "MSH|^~\\&|||||||ADT|1|P|2.5||||||~ISO IR87\nNTE|1||\\M2442\\;3\nNTE|2||\\C2842\\x|y", "NTE[2]-4",
          HL7_VALUE, "y" },
        { "\\M24 that is closed too late", IN("~ISO IR87", "\\M2442424242\\x"), "NTE-4", HL7_VALUE, "end" },
        { "\\M24 that is never closed", IN("~ISO IR87", "\\M2442"), "NTE-4", HL7_VALUE, "end" },
        { "\\M2442\\ twice before one way back", IN("~ISO IR87", "\\M2442\\;3\\M2442\\;3\\C2842\\"), "NTE-4",
          HL7_VALUE, "end" },
        { "no escape character, so none is spelled",
          "MSH|^~|||||||ADT|1|P|2.5||||||~ISO IR87\rNTE|1||\\M2442\\;3|end", "NTE-4", HL7_VALUE, "end" },
        { "a row that JIS does not have ends the pairs", IN("ISO IR87", JIS ";3\x7D!"), "NTE-4", HL7_VALUE,
          "end" },
        { "katakana behind the last one", IN("~ISO IR13", "\x1B(IT\x7D" BACK), "NTE-4", HL7_VALUE, "end" },
        { "katakana, then a blank and bytes of the upper half", IN("~ISO IR13", "\x1B(IT \xFCT" BACK),
          "NTE-4", HL7_VALUE, "end" },
        { "a pair whose second byte is a control", IN("ISO IR87", JIS ";\x01"), "NTE-4", HL7_VALUE, "end" },
        { "three sets, of which the second is empty", IN("8859/1~~8859/7", "\x1B-F\xE1"), "NTE-3", HL7_VALUE,
          "\xCE\xB1" },
        { "four sets", IN("8859/1~8859/2~8859/7~ISO IR87", JIS ";3" BACK), "NTE-3", HL7_VALUE,
          "\xE5\xB1\xB1" },
        { "a list that begins with a set that hides", IN("BIG-5~8859/7", "\xCA\x7C"), "NTE-3", HL7_VALUE,
          "\xE5\x90\x9C" },
        { "a list of nothing", IN("8859/7~~", "\xE1"), "NTE-3", HL7_VALUE, "\xCE\xB1" },
        { "a name beside the alphabet", IN("{8859/1}", "\xFC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "GB 18030: four bytes that are none", IN("GB 18030-2000", "\x81\x30\x81\x7C"), "NTE-3", HL7_VALUE,
          "\xC2\x81"
          "0\xC2\x81|" },
        { "GB 18030: digits behind two of the lead", IN("GB 18030-2000", "\x81\x30\x20\x30"), "NTE-4",
          HL7_VALUE, "end" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* Parsing into an error that is filled already: the first one stays, and the answer is the same. */
static void the_first_error_stays(void **state)
{
    struct arena *arena = arena_new();
    struct error err = { 0 };

    (void)state;
    error_set(&err, ERROR_IO, "an earlier fault");
    assert_null(hl7_message_parse(arena, SLICE("MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B"), &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_null(hl7_message_parse(arena, SLICE("MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B"), NULL));
    assert_null(hl7_path_compile(arena, SLICE("PID"), &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_null(hl7_path_compile(arena, SLICE("PID"), NULL));
    arena_free(&arena);
}

/* Long values are read with a cursor: in any order, of any field, the parts are the same. */
static void parts_of_long_values_in_any_order(void **state)
{
    struct arena *arena = arena_new();
    struct buf wire = buf_make(1 << 16);
    struct slice raw;

    (void)state;
    buf_text(&wire, "MSH|^~\\&|A\rZZZ");
    for (int field = 0; field < 2; field++) {
        buf_text(&wire, "|");
        for (int i = 0; i < 300; i++)
            buf_printf(&wire, "%s%c%d", i > 0 ? "~" : "", 'a' + field, i);
    }
    struct guard g = guard_make(buf_slice(&wire));
    struct hl7_message *m = spec_parse(arena, "long", g.bytes);
    for (uint32_t turn = 0; turn < 2000; turn++) {
        char expected[20];
        uint32_t field = 1 + turn * 7 % 3 % 2, n = turn * 7919 % 300;
        snprintf(expected, sizeof expected, "%c%u", 'a' + (int)field - 1, n);
        assert_int_equal(hl7_get(m, 1, field, n + 1, 1, 1, &raw), HL7_VALUE);
        assert_true(slice_is(raw, expected));
        assert_int_equal(hl7_repetitions(m, 1, field), 300);
    }
    assert_int_equal(hl7_get(m, 1, 1, 301, 1, 1, &raw), HL7_ABSENT);
    guard_free(&g);
    buf_free(&wire);
    arena_free(&arena);
}

static void paths_that_are_almost_written(void **state)
{
    static const struct {
        const char *path;
        bool terser;
        uint32_t column;
    } rows[] = {
        { "P-D-1", false, 1 },         { "@ID-1", false, 1 },       { "P[D-1", false, 1 },
        { "PID:3", false, 4 },         { "PID_3", false, 4 },       { "PID 3", false, 4 },
        { "PID12345", false, 4 },      { "PID.", false, 4 },        { "PID", false, 4 },
        { "OBR-4-", false, 6 },        { "OBR-4-x", false, 6 },     { "OBX[2-5", false, 6 },
        { "OBX[@3='a'-5", false, 11 }, { "OBX[*x]-5", false, 6 },   { "OBX[2", false, 6 },
        { "PID-3 ", false, 6 },        { "PID-3x", false, 6 },      { "PID-3(0", true, 8 },
        { "PID-3(0x)", true, 8 },      { "*ID-3", true, 1 },        { "?-3", true, 1 },
        { ".*-3", true, 2 },           { "PID-3-1-1-1", true, 10 }, { "PID-3.1", true, 6 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct guard g = guard_make(slice_of(rows[i].path));
        struct error err = { 0 };
        struct hl7_path *p = rows[i].terser ? hl7_terser_compile(arena, g.bytes, &err)
                                            : hl7_path_compile(arena, g.bytes, &err);
        if (p != NULL || err.column != rows[i].column || err.hint[0] == 0)
            fail_msg("%s: column %u, %s", rows[i].path, err.column, err.message);
        guard_free(&g);
        arena_free(&arena);
    }
}

static void what_the_tables_know_of_a_path(void **state)
{
    static const struct {
        const char *path;
        bool known;
    } rows[] = {
        { "QPD-99", true },
        { "RDT-50", true },
        { "OBX-99", false },
        { "OBX[@99='x']-5", false },
        { "OBX[@3.99='x']-5", false },
        { "OBX[@3.1='x']-5", true },
        { "OBR[@99='x']->OBX-5", false },
        { "PV1-3.4.4", false },
        { "ZZZ-400.9.9", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct hl7_path *p = hl7_path_compile(arena, slice_of(rows[i].path), NULL);
        struct error err = { 0 };
        assert_non_null(p);
        if (hl7_path_check(p, &err) != rows[i].known || (err.code == ERROR_NONE) != rows[i].known ||
            hl7_path_check(p, NULL) != rows[i].known)
            fail_msg("%s: %s", rows[i].path, err.message);
        arena_free(&arena);
    }
}

/* A group's index twice, in both of two groups that one segment stands for. */
static void groups_of_one_segment(void **state)
{
    static const char WIRE[] = SPEC_MSH "PID|1||A\rOBR|1\rOBX|1\rPID|2||B\rOBR|2\rOBX|2\r";
    static const struct {
        const char *path, *text;
    } rows[] = {
        { "/PATIENT_RESULT(1)/PATIENT/PID-3", "B" },
        { "/PATIENT_RESULT(0)/PATIENT(1)/PID-3", "B" },
        { "/PATIENT_RESULT/PATIENT/PID-3", "A" },
    };
    struct arena *arena = arena_new();
    struct hl7_message *m = spec_parse(arena, "groups", slice_of(WIRE));
    struct slice raw;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hl7_path *p = hl7_terser_compile(arena, slice_of(rows[i].path), NULL);
        assert_non_null(p);
        if (hl7_path_get(p, m, HL7_NONE, &raw, NULL) != HL7_VALUE || !slice_is(raw, rows[i].text))
            fail_msg("%s: %.*s", rows[i].path, SLICE_ARG(raw));
    }
    arena_free(&arena);
}

/* Specimens before orders, orders before specimens, and names of two bytes that begin no group. */
static void groups_of_specimens_and_strays(void **state)
{
    static const struct spec_row rows[] = {
        { "a specimen above its order", SPEC_MSH "SPM|1\rORC|1\rOBR|1|a\rSPM|2\rORC|2\rOBR|2|b",
          "SPM[2]->OBR-2", HL7_VALUE, "b" },
        { "a specimen below its order", SPEC_MSH "ORC|1\rOBR|1|a\rSPM|1\rORC|2\rOBR|2|b\rSPM|2",
          "OBR[2]->SPM-1", HL7_VALUE, "2" },
        { "a specimen between OBR and its ORC", SPEC_MSH "OBR|1|a\rSPM|1\rORC|1", "OBR->SPM-1", HL7_VALUE,
          "1" },
        { "a stray line behind MSH begins no group", "MSH|^~\\&|A\r??\rOBR|1|a\rOBX|7", "OBR->OBX-1",
          HL7_VALUE, "7" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static bool stop_at_once(void *ctx, const struct hl7_difference *d)
{
    (void)d;
    ++*(int *)ctx;
    return false;
}

/* Who has seen enough is not asked again, wherever the differences are. */
static void a_comparison_can_be_stopped_anywhere(void **state)
{
    static const char *const ROWS[][2] = {
        { "PID|||a&b^c~d", "PID|||x&y^z~w" }, { "PID|||a&b", "PID|||x&y" }, { "PID|||a~b", "PID|||x~y" },
        { "PID|||a^b", "PID|||x^y" },         { "PID|1|2", "PID|3|4" },     { "PID|1\rPV1|1", "ZZZ|1" },
        { "PID|||a", "PID|||a^b~c" },         { "PID|||a~b", "PID|||c" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        char wire[2][200];
        int calls = 0;
        for (int k = 0; k < 2; k++)
            snprintf(wire[k], sizeof wire[k], SPEC_MSH "%s", ROWS[i][k]);
        hl7_diff(arena, spec_parse(arena, "left", slice_of(wire[0])),
                 spec_parse(arena, "right", slice_of(wire[1])), stop_at_once, &calls);
        assert_int_equal(calls, 1);
        arena_free(&arena);
    }
}

static void times_that_are_almost_right(void **state)
{
    static const char *const ROWS[] = {
        "20260228240000.5",    "20260228170559.12x", "202602281705591", "20260228+", "20260228+0",
        "20260228+010",        "2026022817055",      "2026 0228",       "+",         "-0000",
        "20260228170559.+0100"
    };
    struct hl7_dtm t;

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct guard g = guard_make(slice_of(ROWS[i]));
        if (hl7_dtm_parse(g.bytes, 0, &t))
            fail_msg("%s is a time", ROWS[i]);
        guard_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_beside_the_alphabet_are_in_no_name),
        cmocka_unit_test(header_and_parser_agree_on_line_ends),
        cmocka_unit_test(switches_that_are_almost_right),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(parts_of_long_values_in_any_order),
        cmocka_unit_test(paths_that_are_almost_written),
        cmocka_unit_test(what_the_tables_know_of_a_path),
        cmocka_unit_test(groups_of_one_segment),
        cmocka_unit_test(groups_of_specimens_and_strays),
        cmocka_unit_test(a_comparison_can_be_stopped_anywhere),
        cmocka_unit_test(times_that_are_almost_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
