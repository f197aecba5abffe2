/* What public issue trackers of HL7 libraries know to go wrong, and the rules of HL7 v2 chapter 2
 * (delimiters, states of a value, escapes, segments) one by one. Every row is read whole, and cut after each
 * of its bytes at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/guard.h"
#include "tests/hl7/walk.h"

#define MSH "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r"

static const struct row {
    const char *name, *wire, *path;
    enum hl7_presence state;
    const char *raw, *text;
} ROWS[] = {
    /* delimiters */
    { "MSH-1 is the fourth byte", "MSH!^~\\&!A\rPID!x", "PID-1", HL7_VALUE, "x", "x" },
    { "MSH-2 of two characters", "MSH|^~|A\rPID|a\\T\\b^c", "PID-1.1", HL7_VALUE, "a\\T\\b", "a\\T\\b" },
    { "MSH-2 of three characters", "MSH|^~\\|A\rPID|a&b\\T\\", "PID-1.1.1", HL7_VALUE, "a&b\\T\\",
      "a&b\\T\\" },
    { "MSH-2 of five characters", "MSH|^~\\&#|A|B\rPID|x", "MSH-4", HL7_VALUE, "B", "B" },
    { "MSH-2 of five characters in 2.6", "MSH|^~\\&#|A||||||ADT^A01|1|P|2.6\rPID|x", "MSH-9.2", HL7_VALUE,
      "A01", "A01" },
    { "truncation character declared", "MSH|^~\\&#|A\rPID|a\\P\\b", "PID-1", HL7_VALUE, "a\\P\\b", "a#b" },
    { "truncation character not declared", MSH "PID|a\\P\\b", "PID-1", HL7_VALUE, "a\\P\\b", "a\\P\\b" },
    { "a value that was cut is data", "MSH|^~\\&#|A\rPID|abc#", "PID-1", HL7_VALUE, "abc#", "abc#" },
    { "# is data elsewhere", MSH "PID|a#b", "PID-1", HL7_VALUE, "a#b", "a#b" },
    { "MSH-2 and nothing behind", "MSH|^~\\&", "MSH-2", HL7_VALUE, "^~\\&", "^~\\&" },
    { "MSH-2 is not unescaped", "MSH|^~\\&|A", "MSH-2.1", HL7_VALUE, "^~\\&", "^~\\&" },
    { "last delimiter missing", MSH "PID|1||3", "PID-3", HL7_VALUE, "3", "3" },
    { "last delimiter there", MSH "PID|1||3|", "PID-4", HL7_EMPTY, "", "" },
    { "separators of their own", "MSH#*~!&#A\rPID#a*b!S!c~d", "PID-1.2", HL7_VALUE, "b!S!c", "b*c" },
    { "letters as encoding characters", "MSH|XYZW|A\rPID|aXbYc", "PID-1[2]", HL7_VALUE, "c", "c" },
    /* states of a value */
    { "absent", MSH "PID|1", "PID-2", HL7_ABSENT, "", "" },
    { "empty", MSH "PID|1||3", "PID-2", HL7_EMPTY, "", "" },
    { "null", MSH "PID|1|\"\"|3", "PID-2", HL7_NULL, "\"\"", "" },
    { "null component", MSH "PID|a^\"\"^c", "PID-1.2", HL7_NULL, "\"\"", "" },
    { "null beside text is text", MSH "PID|a\"\"", "PID-1", HL7_VALUE, "a\"\"", "a\"\"" },
    { "one quote is text", MSH "PID|\"", "PID-1", HL7_VALUE, "\"", "\"" },
    { "blanks are a value", MSH "PID| |2", "PID-1", HL7_VALUE, " ", " " },
    { "empty leading components", MSH "PID|^^c", "PID-1.1", HL7_EMPTY, "", "" },
    { "behind empty leading components", MSH "PID|^^c", "PID-1.3", HL7_VALUE, "c", "c" },
    { "trailing empty components", MSH "PID|a^^", "PID-1.3", HL7_EMPTY, "", "" },
    { "past the trailing components", MSH "PID|a^^", "PID-1.4", HL7_ABSENT, "", "" },
    { "repetition that is not there", MSH "PID|a~b", "PID-1[3]", HL7_ABSENT, "", "" },
    { "empty repetition", MSH "PID|a~~c", "PID-1[2]", HL7_EMPTY, "", "" },
    { "undivided value is its own part", MSH "PID|a", "PID-1.1.1", HL7_VALUE, "a", "a" },
    { "component of an undivided value", MSH "PID|a", "PID-1.2", HL7_ABSENT, "", "" },
    { "sub-component before components", MSH "PID|a&b^c", "PID-1.1.2", HL7_VALUE, "b", "b" },
    /* escapes: once, from left to right */
    { "each delimiter", MSH "PID|\\F\\\\S\\\\T\\\\R\\\\E\\", "PID-1", HL7_VALUE, "\\F\\\\S\\\\T\\\\R\\\\E\\",
      "|^&~\\" },
    { "escape order", MSH "PID|\\E\\S\\E\\", "PID-1", HL7_VALUE, "\\E\\S\\E\\", "\\S\\" },
    { "what is decoded is not decoded again", MSH "PID|\\X5C\\T\\X5C\\", "PID-1", HL7_VALUE,
      "\\X5C\\T\\X5C\\", "\\T\\" },
    { "lone escape character", MSH "PID|C:\\dir", "PID-1", HL7_VALUE, "C:\\dir", "C:\\dir" },
    { "escape character at the end", MSH "PID|a\\|b", "PID-1", HL7_VALUE, "a\\", "a\\" },
    { "unclosed over a component", MSH "PID|a\\T^b\\T\\", "PID-1.2", HL7_VALUE, "b\\T\\", "b&" },
    { "unknown", MSH "PID|\\Q\\", "PID-1", HL7_VALUE, "\\Q\\", "\\Q\\" },
    { "local", MSH "PID|\\Zab1\\", "PID-1", HL7_VALUE, "\\Zab1\\", "\\Zab1\\" },
    { "small letters are not the delimiters", MSH "PID|\\t\\", "PID-1", HL7_VALUE, "\\t\\", "\\t\\" },
    { "a path of two folders", MSH "PID|a\\b c\\d", "PID-1", HL7_VALUE, "a\\b c\\d", "a\\b c\\d" },
    { "hex CR is no segment", MSH "PID|a\\X0D\\OBX", "PID-1", HL7_VALUE, "a\\X0D\\OBX", "a\rOBX" },
    { "hex of several bytes", MSH "PID|\\X0D0A\\", "PID-1", HL7_VALUE, "\\X0D0A\\", "\r\n" },
    { "hex of UTF-8", MSH "PID|\\XC3BC\\", "PID-1", HL7_VALUE, "\\XC3BC\\", "\xC3\xBC" },
    { "highlight", MSH "PID|a\\H\\b\\N\\c", "PID-1", HL7_VALUE, "a\\H\\b\\N\\c", "abc" },
    { "formatting", MSH "NTE|a\\.br\\b\\.sp2\\c\\.in3\\d\\.ti-1\\e\\.fi\\\\.nf\\f\\.sk1\\g\\.ce\\h", "NTE-1",
      HL7_VALUE, "a\\.br\\b\\.sp2\\c\\.in3\\d\\.ti-1\\e\\.fi\\\\.nf\\f\\.sk1\\g\\.ce\\h",
      "a\nb\n\ncdef g\nh" },
    { "character set switch", MSH "PID|\\C2D41\\\xFC\\C2842\\", "PID-1", HL7_VALUE, "\\C2D41\\\xFC\\C2842\\",
      "\xC3\xBC" },
    { "multi-byte switch", MSH "PID|\\M2442\\;3\\C2842\\", "PID-1", HL7_VALUE, "\\M2442\\;3\\C2842\\",
      "\xE5\xB1\xB1" },
    /* segments */
    { "segment with no fields", MSH "EVN\rPID|1", "EVN-1", HL7_ABSENT, "", "" },
    { "segment with one empty field", MSH "EVN|\rPID|1", "EVN-1", HL7_EMPTY, "", "" },
    { "behind a segment with no fields", MSH "EVN\rPID|7", "PID-1", HL7_VALUE, "7", "7" },
    { "Z-segment before PID", MSH "ZAA|1\rPID|2", "PID-1", HL7_VALUE, "2", "2" },
    { "digits in a name", MSH "PV1|a\rZ01|b", "Z01-1", HL7_VALUE, "b", "b" },
    { "unknown segment", MSH "QQQ|a\rPID|b", "QQQ-1", HL7_VALUE, "a", "a" },
    { "extra fields", MSH "EVN|1|2|3|4|5|6|7|8|9|10|11", "EVN-11", HL7_VALUE, "11", "11" },
    { "second occurrence", MSH "OBX|1\rNTE|x\rOBX|2", "OBX[2]-1", HL7_VALUE, "2", "2" },
    { "occurrence that is not there", MSH "OBX|1", "OBX[2]-1", HL7_ABSENT, "", "" },
    { "LF at the ends", "MSH|^~\\&|A\nPID|1\n", "PID-1", HL7_VALUE, "1", "1" },
    { "CRLF at the ends", "MSH|^~\\&|A\r\nPID|1\r\nPV1|2\r\n", "PID-1", HL7_VALUE, "1", "1" },
    { "LF within a message of CR", MSH "NTE|a\nb\rPID|1", "NTE-1", HL7_VALUE, "a\nb", "a\nb" },
    { "LF within MSH alone", "MSH|^~\\&|a\nb\r", "MSH-3", HL7_VALUE, "a\nb", "a\nb" },
    { "byte order mark", "\xEF\xBB\xBF" MSH "PID|1", "PID-1", HL7_VALUE, "1", "1" },
    { "PID glued to a name of four", MSH "PIDX|1\rPID|2", "PID-1", HL7_VALUE, "2", "2" },
    { "no CR at the end", MSH "PID|1", "PID-1", HL7_VALUE, "1", "1" },
    { "many CR at the end", MSH "PID|1\r\r\r", "PID-1", HL7_VALUE, "1", "1" },
};

static void each_row_says_what_it_means(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        struct slice raw;
        struct guard g = guard_make(slice_of(ROWS[i].wire));
        struct hl7_message *m = hl7_message_parse(arena, g.bytes, &err);
        struct hl7_path *path = hl7_path_compile(arena, slice_of(ROWS[i].path), &err);
        if (m == NULL || path == NULL)
            fail_msg("%s: %s %s", ROWS[i].name, err.where, err.message);
        enum hl7_presence got = hl7_path_get(path, m, HL7_NONE, &raw, NULL);
        if (got != ROWS[i].state || !slice_is(raw, ROWS[i].raw))
            fail_msg("%s: %d \"%.*s\"", ROWS[i].name, got, SLICE_ARG(raw));
        bool is_msh_2 = hl7_path_field(path) == 2 && slice_is(hl7_path_segment(path), "MSH");
        struct slice text = is_msh_2 ? hl7_value(m, arena, 0, 2, 1, 0, 0) : hl7_text(m, arena, raw);
        if (!slice_is(text, ROWS[i].text))
            fail_msg("%s: text \"%.*s\"", ROWS[i].name, SLICE_ARG(text));
        guard_free(&g);
        arena_reset(arena);
    }
    arena_free(&arena);
}

static void each_row_may_be_cut_anywhere(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct slice whole = slice_of(ROWS[i].wire);
        for (size_t len = 0; len <= whole.len; len++) {
            struct guard g = guard_make(slice_sub(whole, 0, len));
            walk_message(arena, g.bytes);
            guard_free(&g);
            arena_reset(arena);
        }
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_it_means),
        cmocka_unit_test(each_row_may_be_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
