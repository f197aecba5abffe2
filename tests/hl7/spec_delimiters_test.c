/* STANDARDS section 3.2, a row for each sentence: delimiters, the three states of a value, segments, times.
 * Escapes have a test of their own (spec_escape_test.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/time.h"
#include "hl7/batch.h"
#include "hl7/diff.h"
#include "hl7/dtm.h"
#include "tests/hl7/spec_help.h"

static void delimiters_are_what_msh_says(void **state)
{
    static const struct spec_row rows[] = {
        { "MSH-1 = byte 4", SPEC_MSH, "MSH-1", HL7_VALUE, "|" },
        { "MSH-1 = byte 4, whatever it is", "MSH$^~\\&$A$B", "MSH-1", HL7_VALUE, "$" },
        { "and MSH-3 is the first field behind MSH-2", "MSH$^~\\&$A$B", "MSH-3", HL7_VALUE, "A" },
        { "MSH-2 = 4 characters", SPEC_MSH, "MSH-2", HL7_VALUE, "^~\\&" },
        { "MSH-2: it is not split by itself", SPEC_MSH, "MSH-2.1", HL7_VALUE, "^~\\&" },
        { "the first is the component", SPEC_MSH "ZZZ|a^b~c&d", "ZZZ-1.2", HL7_VALUE, "b" },
        { "the second is the repetition", SPEC_MSH "ZZZ|a^b~c&d", "ZZZ-1[2]", HL7_VALUE, "c&d" },
        { "the third is the escape", SPEC_MSH "ZZZ|a\\T\\b", "ZZZ-1", HL7_VALUE, "a&b" },
        { "the fourth is the sub-component", SPEC_MSH "ZZZ|a^b~c&d", "ZZZ-1[2].1.2", HL7_VALUE, "d" },
        { "5 from v2.7 (truncation #)", "MSH|^~\\&#||||||||||2.7\rZZZ|a\\P\\", "ZZZ-1", HL7_VALUE, "a#" },
        { "the truncation character splits nothing", "MSH|^~\\&#||||||||||2.7\rZZZ|a#^b", "ZZZ-1.1",
          HL7_VALUE, "a#" },
        { "5 characters in a v2.6 message (a fault of 1.7)", "MSH|^~\\&#||||||||||2.6\rZZZ|a^b", "ZZZ-1.2",
          HL7_VALUE, "b" },
        { "the fifth may be another one", "MSH|^~\\&%\rZZZ|\\P\\#", "ZZZ-1", HL7_VALUE, "%#" },
        { "shorter: ^~\\ has no sub-component", "MSH|^~\\|\rZZZ|a&b^c", "ZZZ-1.1.1", HL7_VALUE, "a&b" },
        { "shorter: there is no second one", "MSH|^~\\|\rZZZ|a&b^c", "ZZZ-1.1.2", HL7_ABSENT, NULL },
        { "shorter: \\T\\ stands for nothing", "MSH|^~\\|\rZZZ|\\T\\", "ZZZ-1", HL7_VALUE, "\\T\\" },
        { "shorter: ^~ has no escape", "MSH|^~|\rZZZ|a\\F\\b", "ZZZ-1", HL7_VALUE, "a\\F\\b" },
        { "shorter: ^ has no repetition", "MSH|^|\rZZZ|a~b^c", "ZZZ-1.1", HL7_VALUE, "a~b" },
        { "shorter: there is no second repetition", "MSH|^|\rZZZ|a~b^c", "ZZZ-1[2]", HL7_ABSENT, NULL },
        { "shorter: MSH-2 ends the message", "MSH|^~\\&", "MSH-2", HL7_VALUE, "^~\\&" },
        { "any printable: figures of an old system", "MSH$%~\\&$A%B$C", "MSH-3.2", HL7_VALUE, "B" },
        { "any printable: the usual ones are data then", "MSH!@#%$!A\rZZZ!a|b^c~d&e\\F\\", "ZZZ-1", HL7_VALUE,
          "a|b^c~d&e\\F\\" },
        { "any printable: escapes are of this message", "MSH!@#%$!A\rZZZ!%F%%S%%R%%T%%E%", "ZZZ-1", HL7_VALUE,
          "!@#$%" },
        { "any printable: digits", "MSH12345|\rZZ01a2b", "ZZ0-1.2", HL7_VALUE, "b" },
    };
    static const struct spec_refusal refused[] = {
        { "duplicates: component is the field's", "MSH|||~\\&|", "MSH-2", ERROR_SYNTAX },
        { "duplicates: repetition", "MSH|^^\\&|", "MSH-2", ERROR_SYNTAX },
        { "duplicates: escape", "MSH|^~^&|", "MSH-2", ERROR_SYNTAX },
        { "duplicates: sub-component", "MSH|^~\\~|", "MSH-2", ERROR_SYNTAX },
        { "duplicates: sub-component is the escape", "MSH|^~\\\\|", "MSH-2", ERROR_SYNTAX },
        { "duplicates: truncation", "MSH|^~\\&&|", "MSH-2", ERROR_SYNTAX },
        { "missing: nothing behind MSH", "MSH", "MSH-2", ERROR_SYNTAX },
        { "missing: nothing behind the separator", "MSH|", "MSH-2", ERROR_SYNTAX },
        { "missing: the line ends", "MSH|\rPID|1", "MSH-2", ERROR_SYNTAX },
        { "missing: no separator before the line's end", "MSH\rPID|1", "MSH-2", ERROR_SYNTAX },
        { "missing: MSH-2 is empty", "MSH||A", "MSH-2", ERROR_SYNTAX },
        { "not printable: a blank as separator", "MSH ^~\\& A", "MSH-2", ERROR_SYNTAX },
        { "not printable: a control character", "MSH|^~\x01&|A", "MSH-2", ERROR_SYNTAX },
        { "not printable: a byte of 8 bits", "MSH|^~\xA7&|A", "MSH-2", ERROR_SYNTAX },
        { "not printable: 127", "MSH|^~\x7F&|A", "MSH-2", ERROR_SYNTAX },
        { "six are too many", "MSH|^~\\&#$|A", "MSH-2", ERROR_SYNTAX },
        { "a lost component separator", "MSH|\xEF\xBF\xBD~\\&|A", "MSH-2", ERROR_SYNTAX },
        { "no MSH at all", "PID|1", "MSH", ERROR_SYNTAX },
        { "no MSH: small letters", "msh|^~\\&|", "MSH", ERROR_SYNTAX },
        { "nothing", "", "MSH", ERROR_SYNTAX },
        { "only line ends", "\r\n\r", "MSH", ERROR_SYNTAX },
    };

    (void)state;
    SPEC_CHECK(rows);
    SPEC_REFUSE(refused);
}

/* "BHS/FHS carry their own delimiters; each MSH redefines for its message." */
static void each_header_has_its_own_delimiters(void **state)
{
    static const char WIRE[] = "FHS!@*%$!!!!!!!!!f1\rBHS#$~\\&#########b1\rMSH|^~\\&|A^1\rZZZ|a^b@c$d\r"
                               "MSH*@~\\&*B@2\rZZZ*a@b^c\rBTS#2\rFTS!1\r";
    static const char *const SECOND[] = { "b@c$d", "b^c" };
    struct guard g = guard_make(slice_of(WIRE));
    struct hl7_stream s = hl7_stream_make(g.bytes);
    struct arena *arena = arena_new();
    struct hl7_item item;
    size_t messages = 0;

    (void)state;
    while (hl7_stream_next(&s, &item)) {
        if (item.kind == HL7_ITEM_FILE_HEADER)
            assert_true(slice_is(item.control_id, "f1") && s.delimiters.component == '@');
        if (item.kind == HL7_ITEM_BATCH_HEADER)
            assert_true(slice_is(item.control_id, "b1") && s.delimiters.component == '$');
        if (item.kind == HL7_ITEM_BATCH_TRAILER)
            assert_true(item.has_declared && item.declared == 2 && item.counted == 2);
        if (item.kind == HL7_ITEM_FILE_TRAILER)
            assert_true(item.has_declared && item.declared == 1 && item.counted == 1);
        if (item.kind != HL7_ITEM_MESSAGE)
            continue;
        struct hl7_message *m = spec_parse(arena, "a message of the batch", item.bytes);
        assert_true(slice_is(hl7_value(m, arena, 1, 1, 1, 2, 0), SECOND[messages++]));
    }
    assert_int_equal(messages, 2);
    guard_free(&g);
    arena_free(&arena);
}

static void a_value_has_three_states(void **state)
{
    static const struct spec_row rows[] = {
        { "absent: behind the last field", SPEC_MSH "PID|1||x", "PID-4", HL7_ABSENT, NULL },
        { "absent: no such segment", SPEC_MSH "PID|1", "OBX-1", HL7_ABSENT, NULL },
        { "absent: no such repetition", SPEC_MSH "PID|1||x", "PID-3[2]", HL7_ABSENT, NULL },
        { "absent: no such component", SPEC_MSH "PID|1||x", "PID-3.2", HL7_ABSENT, NULL },
        { "absent: no such sub-component", SPEC_MSH "PID|1||x", "PID-3.1.2", HL7_ABSENT, NULL },
        { "empty || = no change", SPEC_MSH "PID|1||x", "PID-2", HL7_EMPTY, NULL },
        { "empty: the last field", SPEC_MSH "PID|1|", "PID-2", HL7_EMPTY, NULL },
        { "empty: a component", SPEC_MSH "PID|||a^^c", "PID-3.2", HL7_EMPTY, NULL },
        { "empty: a sub-component", SPEC_MSH "PID|||a&&c", "PID-3.1.2", HL7_EMPTY, NULL },
        { "empty: a repetition", SPEC_MSH "PID|||a~~c", "PID-3[2]", HL7_EMPTY, NULL },
        { "\"\" = delete", SPEC_MSH "PID|1||\"\"|x", "PID-3", HL7_NULL, NULL },
        { "\"\": a component", SPEC_MSH "PID|||a^\"\"^c", "PID-3.2", HL7_NULL, NULL },
        { "\"\": a sub-component", SPEC_MSH "PID|||a&\"\"", "PID-3.1.2", HL7_NULL, NULL },
        { "\"\": a repetition", SPEC_MSH "PID|||a~\"\"", "PID-3[2]", HL7_NULL, NULL },
        { "\"\": the first component of the field that is \"\"", SPEC_MSH "PID|||\"\"", "PID-3.1", HL7_NULL,
          NULL },
        { "\"\": and its first sub-component", SPEC_MSH "PID|||\"\"", "PID-3.1.1", HL7_NULL, NULL },
        { "\"\": it has no second", SPEC_MSH "PID|||\"\"", "PID-3.2", HL7_ABSENT, NULL },
        { "a value", SPEC_MSH "PID|||a", "PID-3", HL7_VALUE, "a" },
        { "a value: one quote", SPEC_MSH "PID|||\"", "PID-3", HL7_VALUE, "\"" },
        { "a value: three quotes", SPEC_MSH "PID|||\"\"\"", "PID-3", HL7_VALUE, "\"\"\"" },
        { "a value: quotes round something", SPEC_MSH "PID|||\"a\"", "PID-3", HL7_VALUE, "\"a\"" },
        { "a value: quotes with a blank", SPEC_MSH "PID|||\" \"", "PID-3", HL7_VALUE, "\" \"" },
        { "a value: blanks alone", SPEC_MSH "PID|||  ", "PID-3", HL7_VALUE, "  " },
        { "a value: quotes that were escaped", SPEC_MSH "PID|||\\X2222\\", "PID-3", HL7_VALUE, "\"\"" },
        { "a value: a field of a \"\" and more", SPEC_MSH "PID|||\"\"^b", "PID-3", HL7_VALUE, "\"\"^b" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static bool count_only(void *ctx, const struct hl7_difference *d)
{
    (void)ctx;
    (void)d;
    return true;
}

/* "Trailing empty fields/comps equal absent", and nothing else does. */
static void trailing_empty_parts_equal_absent(void **state)
{
    static const struct {
        const char *rule, *left, *right;
        size_t differences;
    } rows[] = {
        { "a field", "PID|1|x", "PID|1|x|", 0 },
        { "fields", "PID|1|x", "PID|1|x||||", 0 },
        { "a component", "PID|1|x^y", "PID|1|x^y^", 0 },
        { "components", "PID|1|x", "PID|1|x^^^", 0 },
        { "sub-components", "PID|1|x", "PID|1|x&&", 0 },
        { "a segment of empty fields", "PID", "PID|||", 0 },
        { "repetitions", "PID|1|x", "PID|1|x~", 0 },
        { "not a \"\"", "PID|1|x", "PID|1|x|\"\"", 1 },
        { "not a \"\" as component", "PID|1|x", "PID|1|x^\"\"", 1 },
        { "not a blank", "PID|1|x", "PID|1|x| ", 1 },
        { "not in front", "PID|1|x", "PID|1|^x", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        char wire[2][200];
        snprintf(wire[0], sizeof wire[0], SPEC_MSH "%s\r", rows[i].left);
        snprintf(wire[1], sizeof wire[1], SPEC_MSH "%s\r", rows[i].right);
        struct hl7_message *left = spec_parse(arena, rows[i].rule, slice_of(wire[0])),
                           *right = spec_parse(arena, rows[i].rule, slice_of(wire[1]));
        size_t n = hl7_diff(arena, left, right, count_only, NULL);
        if (n != rows[i].differences || n != hl7_diff(arena, right, left, count_only, NULL))
            fail_msg("%s: %zu differences", rows[i].rule, n);
        arena_free(&arena);
    }
}

static void segments_are_known_by_their_names(void **state)
{
    static const struct spec_row rows[] = {
        { "Z-segments legal anywhere: first", SPEC_MSH "ZAA|1\rPID|1", "ZAA-1", HL7_VALUE, "1" },
        { "Z-segments: and what follows stays in its place", SPEC_MSH "ZAA|1\rPID|2", "PID-1", HL7_VALUE,
          "2" },
        { "Z-segments: between", SPEC_MSH "PID|1\rZ01|7\rPV1|1", "Z01-1", HL7_VALUE, "7" },
        { "Z-segments: last", SPEC_MSH "PID|1\rZZZ|8", "ZZZ-1", HL7_VALUE, "8" },
        { "[A-Z][A-Z0-9]{2}: digits", SPEC_MSH "Z9X|8", "Z9X-1", HL7_VALUE, "8" },
        { "unknown segments are ignored: kept", SPEC_MSH "QQQ|8\rPID|1", "QQQ-1", HL7_VALUE, "8" },
        { "extra fields are ignored: kept", SPEC_MSH "EVN|1|2|3|4|5|6|7|8|9|10|11|12", "EVN-12", HL7_VALUE,
          "12" },
        { "extra components are ignored: kept", SPEC_MSH "PV1||I|a^b^c^d^e^f^g^h^i^j^k^l^m^n", "PV1-3.14",
          HL7_VALUE, "n" },
        { "a name alone is a segment", SPEC_MSH "PID\rPV1|1", "PV1-1", HL7_VALUE, "1" },
        { "what is no name belongs to the segment before", SPEC_MSH "NTE|1||one\r2 two", "NTE-3", HL7_VALUE,
          "one\r2 two" },
        { "a digit begins no name", SPEC_MSH "NTE|1||one\r1AB|two", "NTE-3", HL7_VALUE, "one\r1AB" },
        { "four letters are no name", SPEC_MSH "NTE|1||one\rPIDX|two", "NTE-3", HL7_VALUE, "one\rPIDX" },
        { "forward compatible: a version nobody knows",
          "MSH|^~\\&|||||||ADT^A01|1|P|3.7|||||||||||||||||||x\rPID|1", "PID-1", HL7_VALUE, "1" },
        { "forward compatible: MSH-31", "MSH|^~\\&|||||||ADT^A01|1|P|3.7|||||||||||||||||||x\rPID|1",
          "MSH-31", HL7_VALUE, "x" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* TS: YYYY[MM[DD[HH[MM[SS[.S{1,4}]]]]]][+/-ZZZZ] */
static void times_are_read_to_their_precision(void **state)
{
    static const struct {
        const char *rule, *text, *utc; /* NULL: refused */
        enum hl7_precision precision;
    } rows[] = {
        { "YYYY", "2026", "2026-01-01T00:00:00.000Z", HL7_YEAR },
        { "YYYYMM", "202602", "2026-02-01T00:00:00.000Z", HL7_MONTH },
        { "YYYYMMDD", "20260228", "2026-02-28T00:00:00.000Z", HL7_DAY },
        { "YYYYMMDDHH", "2026022817", "2026-02-28T17:00:00.000Z", HL7_HOUR },
        { "YYYYMMDDHHMM", "202602281705", "2026-02-28T17:05:00.000Z", HL7_MINUTE },
        { "YYYYMMDDHHMMSS", "20260228170559", "2026-02-28T17:05:59.000Z", HL7_SECOND },
        { ".S", "20260228170559.5", "2026-02-28T17:05:59.500Z", HL7_FRACTION },
        { ".SS", "20260228170559.05", "2026-02-28T17:05:59.050Z", HL7_FRACTION },
        { ".SSS", "20260228170559.005", "2026-02-28T17:05:59.005Z", HL7_FRACTION },
        { ".SSSS", "20260228170559.0019", "2026-02-28T17:05:59.001Z", HL7_FRACTION },
        { "+ZZZZ", "20260228170559+0130", "2026-02-28T15:35:59.000Z", HL7_SECOND },
        { "-ZZZZ", "20260228170559-0330", "2026-02-28T20:35:59.000Z", HL7_SECOND },
        { "a fraction and a zone", "20250204141403.403+0100", "2025-02-04T13:14:03.403Z", HL7_FRACTION },
        { "a zone behind a day", "20260301+0100", "2026-02-28T23:00:00.000Z", HL7_DAY },
        { "absent zone = the one that is given", "19981004010159", "1998-10-04T00:01:59.000Z", HL7_SECOND },
        { "24:00 occurs", "202602282400+0000", "2026-03-01T00:00:00.000Z", HL7_MINUTE },
        { "24:00 at the end of a leap February", "2028022924+0000", "2028-03-01T00:00:00.000Z", HL7_HOUR },
        { "second 60 occurs", "20261231235960+0000", "2027-01-01T00:00:00.000Z", HL7_SECOND },
        { "24:01 does not", "202602282401", NULL, HL7_MINUTE },
        { "second 61 does not", "20260228170561", NULL, HL7_SECOND },
        { "minute 60 does not", "202602281760", NULL, HL7_MINUTE },
        { "29 February of another year", "20260229", NULL, HL7_DAY },
        { "half a month", "20260", NULL, HL7_YEAR },
        { "a fraction of nothing", "202602281705.5", NULL, HL7_MINUTE },
        { "a zone of three digits", "20260228+100", NULL, HL7_DAY },
        { "letters", "2026022A", NULL, HL7_DAY },
        { "a fraction of letters", "20260228170559.a", NULL, HL7_SECOND },
        { "a fraction without a point", "20260228170559x5", NULL, HL7_SECOND },
        { "two zones", "20260228+0100-0100", NULL, HL7_DAY },
        { "a zone of letters", "20260228+01AB", NULL, HL7_DAY },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct guard g = guard_make(slice_of(rows[i].text));
        struct hl7_dtm t;
        char at[TIME_TEXT];
        /* The zone that is given: an hour east of UTC, for the row that needs it. */
        bool zoneless = slice_is(slice_of(rows[i].rule), "absent zone = the one that is given");
        bool ok = hl7_dtm_parse(g.bytes, zoneless ? 60 : 0, &t);
        if (ok != (rows[i].utc != NULL))
            fail_msg("%s: %d", rows[i].rule, ok);
        if (ok && (!slice_is(time_text(t.instant_us, at), rows[i].utc) || t.precision != rows[i].precision))
            fail_msg("%s: %s", rows[i].rule, at);
        guard_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delimiters_are_what_msh_says),
        cmocka_unit_test(each_header_has_its_own_delimiters),
        cmocka_unit_test(a_value_has_three_states),
        cmocka_unit_test(trailing_empty_parts_equal_absent),
        cmocka_unit_test(segments_are_known_by_their_names),
        cmocka_unit_test(times_are_read_to_their_precision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
