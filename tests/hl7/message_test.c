/* The grammar of messages: delimiters, line ends, values, escapes, character sets, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "hl7/message.h"
#include "tests/guard.h"

#include <stdio.h>

#define MSH "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5"

static struct hl7_message *parse(struct arena *arena, struct slice wire)
{
    struct error err = { 0 };
    struct hl7_message *m = hl7_message_parse(arena, wire, &err);

    if (m == NULL)
        fail_msg("refused: %s %s", err.where, err.message);
    return m;
}

static void values_are_found(void **state)
{
    static const struct {
        const char *name, *wire, *segment;
        uint32_t place[4];
        enum hl7_presence presence;
        const char *raw;
    } ROWS[] = {
        { "MSH-1 is the separator", MSH, "MSH", { 1, 1, 0, 0 }, HL7_VALUE, "|" },
        { "MSH-2 is not split", MSH, "MSH", { 2, 1, 1, 1 }, HL7_VALUE, "^~\\&" },
        { "MSH-2 has no second part", MSH, "MSH", { 2, 1, 2, 0 }, HL7_ABSENT, "" },
        { "MSH-3", MSH, "MSH", { 3, 1, 0, 0 }, HL7_VALUE, "A" },
        { "MSH-9.2", MSH, "MSH", { 9, 1, 2, 0 }, HL7_VALUE, "A01" },
        { "the last field", MSH, "MSH", { 12, 1, 0, 0 }, HL7_VALUE, "2.5" },
        { "past the last field", MSH, "MSH", { 13, 1, 0, 0 }, HL7_ABSENT, "" },
        { "bare minimum", "MSH|^~\\&", "MSH", { 2, 1, 0, 0 }, HL7_VALUE, "^~\\&" },
        { "bare minimum has no MSH-3", "MSH|^~\\&", "MSH", { 3, 1, 0, 0 }, HL7_ABSENT, "" },
        { "empty", MSH "\rPID|1||3", "PID", { 2, 1, 0, 0 }, HL7_EMPTY, "" },
        { "null", MSH "\rPID|1|\"\"|3", "PID", { 2, 1, 0, 0 }, HL7_NULL, "\"\"" },
        { "null component", MSH "\rPID|1|a^\"\"", "PID", { 2, 1, 2, 0 }, HL7_NULL, "\"\"" },
        { "quotes around nothing else", MSH "\rPID|1|\"\"\"", "PID", { 2, 1, 0, 0 }, HL7_VALUE, "\"\"\"" },
        { "field 0 is none", MSH "\rPID|1", "PID", { 0, 1, 0, 0 }, HL7_ABSENT, "" },
        { "second repetition", MSH "\rPID|||a^b~c^d", "PID", { 3, 2, 1, 0 }, HL7_VALUE, "c" },
        { "repetition that is not there", MSH "\rPID|||a~b", "PID", { 3, 3, 0, 0 }, HL7_ABSENT, "" },
        { "all repetitions", MSH "\rPID|||a~b", "PID", { 3, 0, 0, 0 }, HL7_VALUE, "a~b" },
        { "whole repetition", MSH "\rPID|||a^b~c^d", "PID", { 3, 2, 0, 0 }, HL7_VALUE, "c^d" },
        { "whole component", MSH "\rPID|||a^b&c", "PID", { 3, 1, 2, 0 }, HL7_VALUE, "b&c" },
        { "sub-component", MSH "\rPID|||a^b&c", "PID", { 3, 1, 2, 2 }, HL7_VALUE, "c" },
        { "undivided value is its own part", MSH "\rPID|||a", "PID", { 3, 1, 1, 1 }, HL7_VALUE, "a" },
        { "undivided value has no second part", MSH "\rPID|||a", "PID", { 3, 1, 1, 2 }, HL7_ABSENT, "" },
        { "empty leading components", MSH "\rPID|||^^c", "PID", { 3, 1, 3, 0 }, HL7_VALUE, "c" },
        { "empty leading component", MSH "\rPID|||^^c", "PID", { 3, 1, 1, 0 }, HL7_EMPTY, "" },
        { "segment without fields", MSH "\rEVN\rPID|7", "EVN", { 1, 1, 0, 0 }, HL7_ABSENT, "" },
        { "after a segment without fields", MSH "\rEVN\rPID|7", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "7" },
        { "Z-segment", MSH "\rZ9A|x|y", "Z9A", { 2, 1, 0, 0 }, HL7_VALUE, "y" },
        { "extra fields", MSH "\rEVN|1|2|3|4|5|6|7|8|9", "EVN", { 9, 1, 0, 0 }, HL7_VALUE, "9" },
        { "five encoding characters", "MSH|^~\\&#|A\rPID|a#", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "a#" },
        { "no sub-component declared", "MSH|^~\\|A\rPID|a&b", "PID", { 1, 1, 1, 1 }, HL7_VALUE, "a&b" },
        { "two encoding characters", "MSH|^~|A\rPID|a\\T\\b~c", "PID", { 1, 2, 1, 1 }, HL7_VALUE, "c" },
        { "one encoding character", "MSH|^|A\rPID|a~b^c", "PID", { 1, 1, 1, 0 }, HL7_VALUE, "a~b" },
        { "lost repetition character",
          "MSH|^\xEF\xBF\xBD\\&|A\rPID|a~b",
          "PID",
          { 1, 1, 0, 0 },
          HL7_VALUE,
          "a~b" },
        { "other order", "MSH|^&~\\|A\rPID|a&b", "PID", { 1, 2, 0, 0 }, HL7_VALUE, "b" },
        { "separators of their own", "MSH$%*!@$A\rPID$$x%y", "PID", { 2, 1, 2, 0 }, HL7_VALUE, "y" },
        { "CR", MSH "\rPID|1\rPV1|2\r", "PV1", { 1, 1, 0, 0 }, HL7_VALUE, "2" },
        { "LF", MSH "\nPID|1\nPV1|2\n", "PV1", { 1, 1, 0, 0 }, HL7_VALUE, "2" },
        { "CRLF", MSH "\r\nPID|1\r\nPV1|2\r\n", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "1" },
        { "LF then CR, mixed", MSH "\nPID|1\rPV1|2\n", "PV1", { 1, 1, 0, 0 }, HL7_VALUE, "2" },
        { "blank lines", MSH "\r\r\n\n\rPID|1\r\r", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "1" },
        { "LF is data beside CR", MSH "\rNTE|a\nPID|b\rPV1|2", "NTE", { 1, 1, 0, 0 }, HL7_VALUE, "a\nPID" },
        { "LF is data in MSH", "MSH|^~\\&|A\nB|C\rPID|1", "MSH", { 3, 1, 0, 0 }, HL7_VALUE, "A\nB" },
        { "a broken line stays in its field",
          MSH "\nOBX|a\n\nb c|F\nNTE|1",
          "OBX",
          { 1, 1, 0, 0 },
          HL7_VALUE,
          "a\n\nb c" },
        { "and what follows it is right",
          MSH "\nOBX|a\n\nb c|F\nNTE|1",
          "OBX",
          { 2, 1, 0, 0 },
          HL7_VALUE,
          "F" },
        { "a stray line is not part of MSH",
          MSH "\n b c|F\nPID|1",
          "MSH",
          { 12, 1, 0, 0 },
          HL7_VALUE,
          "2.5" },
        { "byte order mark", "\xEF\xBB\xBF" MSH "\rPID|1", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "1" },
        { "blank lines before", "\r\n" MSH "\rPID|1", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "1" },
        { "a segment name in small letters", MSH "\rNTE|a\rzab|7", "zab", { 1, 1, 0, 0 }, HL7_VALUE, "7" },
        { "a known segment in small letters", MSH "\rNTE|a\robx|7", "obx", { 1, 1, 0, 0 }, HL7_VALUE, "7" },
        { "a text's last line is no segment",
          MSH "\rOBX|1|TX|||so\rend|||F",
          "OBX",
          { 8, 1, 0, 0 },
          HL7_VALUE,
          "F" },
        { "Ctrl-Z behind the last line", MSH "\rNTE|a\r\x1A", "NTE", { 1, 1, 0, 0 }, HL7_VALUE, "a" },
        { "NUL and blanks behind it", MSH "\rNTE|a\r\n \t\x1C\r", "NTE", { 1, 1, 0, 0 }, HL7_VALUE, "a" },
        { "Ctrl-Z in a line", MSH "\rNTE|a\x1A", "NTE", { 1, 1, 0, 0 }, HL7_VALUE, "a\x1A" },
        { "a word alone is text", MSH "\nNTE|a\nyes\nPID|1", "NTE", { 1, 1, 0, 0 }, HL7_VALUE, "a\nyes" },
        { "LF in MSH, short text", "MSH|^~\\&|A\n\r\nB", "MSH", { 3, 1, 0, 0 }, HL7_VALUE, "A\n" },
        { "LF in MSH before a name alone", "MSH|^~\\&|A\nEVN\rPID|1", "PID", { 1, 1, 0, 0 }, HL7_VALUE, "1" },
        { "sub-component of a whole field", MSH "\rPID|||a&b", "PID", { 3, 1, 0, 2 }, HL7_ABSENT, "" },
        { "no such segment", MSH, "PID", { 1, 1, 0, 0 }, HL7_ABSENT, "" },
    };

    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct slice raw;
        const uint32_t *p = ROWS[i].place;
        struct guard guard = guard_make(slice_of(ROWS[i].wire));
        struct hl7_message *m = parse(arena, guard.bytes);
        size_t segment = hl7_segment_find(m, slice_of(ROWS[i].segment), 1);
        enum hl7_presence got = hl7_get(m, segment, p[0], p[1], p[2], p[3], &raw);
        if (got != ROWS[i].presence || !slice_is(raw, ROWS[i].raw))
            fail_msg("%s: %d \"%.*s\"", ROWS[i].name, got, SLICE_ARG(raw));
        guard_free(&guard);
    }
    arena_free(&arena);
}

static void headers_without_meaning_are_refused(void **state)
{
    static const struct {
        const char *name, *wire, *where;
        enum error_code code;
    } ROWS[] = {
        { "nothing", "", "MSH", ERROR_SYNTAX },
        { "not HL7", "hello", "MSH", ERROR_SYNTAX },
        { "starts with PID", "PID|1\r" MSH, "MSH", ERROR_SYNTAX },
        { "MSH alone", "MSH", "MSH-2", ERROR_SYNTAX },
        { "no encoding characters", "MSH|", "MSH-2", ERROR_SYNTAX },
        { "empty encoding characters", "MSH||A", "MSH-2", ERROR_SYNTAX },
        { "one stands twice", "MSH|^~^&|A", "MSH-2", ERROR_SYNTAX },
        { "only a lost one", "MSH|\xEF\xBF\xBD|A", "MSH-2", ERROR_SYNTAX },
        { "six", "MSH|^~\\&#!|A", "MSH-2", ERROR_SYNTAX },
        { "blank as separator", "MSH ^~\\& A", "MSH-2", ERROR_SYNTAX },
        { "blank among them", "MSH|^ \\&|A", "MSH-2", ERROR_SYNTAX },
        { "a word", "MSHello world", "MSH-2", ERROR_SYNTAX },
        { "two messages", MSH "\r" MSH "\r", "MSH[2]", ERROR_SYNTAX },
        { "a batch", "BHS|^~\\&\r" MSH "\r", "", ERROR_UNSUPPORTED },
    };

    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        if (hl7_message_parse(arena, slice_of(ROWS[i].wire), &err) != NULL)
            fail_msg("%s: read", ROWS[i].name);
        assert_int_equal(err.code, ROWS[i].code);
        assert_string_equal(err.where, ROWS[i].where);
    }
    arena_free(&arena);
}

/* Every printable character in every role, the others staying clear of it. */
static void any_delimiter_will_do(void **state)
{
    static const char OTHERS[] = "|^~\\&#!$";
    struct arena *arena = arena_new();

    (void)state;
    for (int c = '!'; c <= '~'; c++)
        for (int role = 0; role < 5; role++) {
            char d[5], wire[64];
            for (int i = 0, from = 0; i < 5; i++, from++) {
                from += OTHERS[from] == c;
                d[i] = i == role ? (char)c : OTHERS[from];
            }
            snprintf(wire, sizeof wire, "MSH%c%c%c%c%c%c\rOBX%c_%c_%c_%c_%c.", d[0], d[1], d[2], d[3], d[4],
                     d[0], d[0], d[0], d[2], d[1], d[4]);
            if (strchr("OBXMSH_.", c) != NULL)
                continue;
            struct slice raw;
            struct hl7_message *m = parse(arena, slice_of(wire));
            assert_int_equal(hl7_get(m, 1, 2, 2, 2, 2, &raw), HL7_VALUE);
            assert_true(slice_is(raw, "."));
            arena_reset(arena);
        }
    arena_free(&arena);
}

static void texts_are_decoded(void **state)
{
    static const struct {
        const char *name, *charset, *raw, *text;
    } ROWS[] = {
        { "plain", "", "abc", "abc" },
        { "null is no text", "", "\"\"", "" },
        { "delimiters", "", "\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\" },
        { "once, left to right", "", "\\E\\F\\E\\", "\\F\\" },
        { "escaped escape before a letter", "", "\\E\\T\\E\\", "\\T\\" },
        { "lone backslash", "", "a\\b", "a\\b" },
        { "lone backslash at the end", "", "a\\", "a\\" },
        { "two backslashes", "", "a\\\\b", "a\\\\b" },
        { "lone backslash before an escape", "", "5\\6 of \\T\\", "5\\6 of &" },
        { "unknown", "", "\\Q12\\x", "\\Q12\\x" },
        { "unknown keeps its end", "", "\\Q\\F\\", "\\Q\\F\\" },
        { "unclosed", "", "\\F and \\.br", "\\F and \\.br" },
        { "hex", "", "\\X41\\\\X426364\\", "ABcd" },
        { "hex in small letters", "", "\\X6a6b\\", "jk" },
        { "CR is data", "", "a\\X0D\\b", "a\rb" },
        { "odd hex", "", "\\X414\\", "\\X414\\" },
        { "no hex", "", "\\XG1\\", "\\XG1\\" },
        { "empty hex", "", "\\X\\", "\\X\\" },
        { "line break", "", "a\\.br\\b\\.BR\\c", "a\nb\nc" },
        { "lines", "", "a\\.sp3\\b\\.sp\\c", "a\n\n\nb\nc" },
        { "blanks", "", "a\\.sk2\\b", "a  b" },
        { "too many lines", "", "\\.sp100\\", "\\.sp100\\" },
        { "centre", "", "a\\.ce\\b", "a\nb" },
        { "layout", "", "\\.in+4\\\\.ti-2\\\\.fi\\\\.nf\\a\\H\\b\\N\\", "ab" },
        { "break takes no number", "", "\\.br2\\", "\\.br2\\" },
        { "local ones stay", "", "\\Zab\\\\Z\\", "\\Zab\\\\Z\\" },
        { "truncation not declared", "", "\\P\\", "\\P\\" },
        { "UTF-8 without a word", "", "M\xC3\xBCller", "M\xC3\xBCller" },
        { "Windows-1252 without a word", "",
          "D\xF6"
          "E \x80",
          "D\xC3\xB6"
          "E \xE2\x82\xAC" },
        { "declared UTF-8, is not", "UNICODE UTF-8",
          "D\xF6"
          "E",
          "D\xC3\xB6"
          "E" },
        { "declared 8859/1", "8859/1", "\xC3\xBC", "\xC3\x83\xC2\xBC" },
        { "declared 8859/15", "8859/15", "\xA4", "\xE2\x82\xAC" },
        { "declared 8859/7", "8859/7", "\xE1", "\xCE\xB1" },
        { "declared GB 18030, is not", "GB 18030-2000", "a\xFF", "a\xC3\xBF" },
        { "declared KS X 1001", "KS X 1001", "\xB0\xA1", "\xEA\xB0\x80" },
        { "unknown set", "KLINGON", "\xE1", "\xC3\xA1" },
        { "hex in the set of the message", "8859/1", "\\XF6\\", "\xC3\xB6" },
        { "hex in UTF-8", "UNICODE UTF-8", "\\XC3B6\\", "\xC3\xB6" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char wire[512];
        snprintf(wire, sizeof wire, "MSH|^~\\&||||||||||||||||%s\rNTE|%s", ROWS[i].charset, ROWS[i].raw);
        struct guard guard = guard_make(slice_of(wire));
        struct hl7_message *m = parse(arena, guard.bytes);
        struct slice text = hl7_value(m, arena, 1, 1, 1, 0, 0);
        if (!slice_is(text, ROWS[i].text))
            fail_msg("%s: \"%.*s\"", ROWS[i].name, SLICE_ARG(text));
        arena_reset(arena);
        guard_free(&guard);
    }
    arena_free(&arena);
}

static void repetitions_and_places_are_counted(void **state)
{
    struct arena *arena = arena_new();
    struct hl7_message *m = parse(arena, SLICE(MSH "\rPID|||a~b~|\"\"\rOBX|1\rOBX|2\rzzz secret|1\rNTE|1"));
    char place[HL7_PLACE];

    (void)state;
    assert_int_equal(hl7_repetitions(m, 1, 3), 3);
    assert_int_equal(hl7_repetitions(m, 1, 4), 1);
    assert_int_equal(hl7_repetitions(m, 1, 2), 0);
    assert_int_equal(hl7_repetitions(m, 1, 9), 0);
    assert_int_equal(hl7_repetitions(m, 0, 2), 1);
    assert_int_equal(hl7_segment_find(m, SLICE("OBX"), 2), 3);
    assert_true(hl7_segment_find(m, SLICE("OBX"), 3) == HL7_NONE);
    assert_true(hl7_segment_find(m, SLICE("OBX"), 0) == HL7_NONE);
    assert_true(hl7_segment_next(m, SLICE("OB"), 0) == HL7_NONE);
    assert_int_equal(hl7_segment_occurrence(m, 3), 2);
    assert_string_equal(hl7_place(m, 3, 5, 1, place), "OBX[2]-5.1");
    assert_string_equal(hl7_place(m, 1, 3, 0, place), "PID-3");
    assert_string_equal(hl7_place(m, 99, 3, 0, place), "");
    assert_string_equal(hl7_place(m, 0, 9, 2, place), "MSH-9.2");
    assert_true(hl7_message_arena(m) == arena);
    assert_int_equal(hl7_message_charset(m), HL7_CHARSET_GUESS);
    assert_int_equal(hl7_message_delimiters(m)->component, '^');
    assert_int_equal(hl7_message_wire(m).ptr[0], 'M');
    assert_int_equal(hl7_segment_fields(m, 0), 12);
    assert_int_equal(hl7_segment_fields(m, 1), 4);
    assert_int_equal(hl7_segment_fields(m, HL7_NONE), 0);
    assert_int_equal(hl7_segment_raw(m, HL7_NONE).len, 0);
    m = parse(arena, SLICE(MSH "\r?? secret|1\rPID|1"));
    assert_string_equal(hl7_place(m, 1, 1, 0, place), "segment 2-1");
    assert_true(slice_is(hl7_segment_name(m, 1), "?? secret"));
    assert_int_equal(hl7_get(m, HL7_NONE, 1, 1, 1, 1, NULL), HL7_ABSENT);
    arena_free(&arena);
}

static void limits_are_named(void **state)
{
    struct arena *arena = arena_new();
    struct buf wire = buf_make(8 << 20);
    struct error err = { 0 };

    (void)state;
    buf_text(&wire, MSH "\rOBX");
    for (int i = 0; i <= LIMIT_FIELDS; i++)
        buf_text(&wire, "|");
    assert_null(hl7_message_parse(arena, buf_slice(&wire), &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_string_equal(err.where, "OBX");
    assert_non_null(strstr(err.message, "fields"));
    buf_reset(&wire);
    error_clear(&err);
    buf_text(&wire, MSH "\r");
    for (int i = 0; i < LIMIT_MESSAGE_SEGMENTS; i++)
        buf_text(&wire, "NTE|1\r");
    assert_null(hl7_message_parse(arena, buf_slice(&wire), &err));
    assert_non_null(strstr(err.message, "message-segments"));
    wire.len -= 6;
    assert_int_equal(hl7_message_segments(parse(arena, buf_slice(&wire))), LIMIT_MESSAGE_SEGMENTS);
    buf_free(&wire);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found),
        cmocka_unit_test(headers_without_meaning_are_refused),
        cmocka_unit_test(any_delimiter_will_do),
        cmocka_unit_test(texts_are_decoded),
        cmocka_unit_test(repetitions_and_places_are_counted),
        cmocka_unit_test(limits_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
