/* STANDARDS section 3.2, escapes: a row for each of them, what is unknown kept, once and from left to right,
 * and written so that it reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/encode.h"
#include "hl7/escape.h"
#include "hl7/write.h"
#include "tests/hl7/spec_help.h"

#define NTE(text)  SPEC_MSH "NTE|1||" text "|end"
#define NTE5(text) "MSH|^~\\&#|APP||||||ADT|1|P|2.7\rNTE|1||" text "|end"

static void each_escape_becomes_what_it_stands_for(void **state)
{
    static const struct spec_row rows[] = {
        { "\\F\\ field", NTE("a\\F\\b"), "NTE-3", HL7_VALUE, "a|b" },
        { "\\S\\ component", NTE("a\\S\\b"), "NTE-3", HL7_VALUE, "a^b" },
        { "\\S\\ makes no component", NTE("a\\S\\b"), "NTE-3.2", HL7_ABSENT, NULL },
        { "\\T\\ sub-component", NTE("a\\T\\b"), "NTE-3", HL7_VALUE, "a&b" },
        { "\\T\\ makes no sub-component", NTE("a\\T\\b"), "NTE-3.1.2", HL7_ABSENT, NULL },
        { "\\R\\ repetition", NTE("a\\R\\b"), "NTE-3", HL7_VALUE, "a~b" },
        { "\\R\\ makes no repetition", NTE("a\\R\\b"), "NTE-3[2]", HL7_ABSENT, NULL },
        { "\\E\\ escape", NTE("a\\E\\b"), "NTE-3", HL7_VALUE, "a\\b" },
        { "\\P\\ truncation (v2.7)", NTE5("a\\P\\b"), "NTE-3", HL7_VALUE, "a#b" },
        { "\\P\\ where none is declared: kept", NTE("a\\P\\b"), "NTE-3", HL7_VALUE, "a\\P\\b" },
        { "\\Xhh..\\ one byte", NTE("\\X41\\"), "NTE-3", HL7_VALUE, "A" },
        { "\\Xhh..\\ several bytes", NTE("\\X4142433E\\"), "NTE-3", HL7_VALUE, "ABC>" },
        { "\\Xhh..\\ in small letters", NTE("\\X6a6B\\"), "NTE-3", HL7_VALUE, "jk" },
        { "\\Xhh..\\ bytes of the set: UTF-8", NTE("\\XE282AC\\"), "NTE-3", HL7_VALUE, "\xE2\x82\xAC" },
        { "\\X0D\\ is data", NTE("a\\X0D\\PID|9"), "NTE-3", HL7_VALUE, "a\rPID" },
        { "\\X0D\\ never a segment break after unescape", NTE("a\\X0D\\PID|9"), "PID-1", HL7_ABSENT, NULL },
        { "\\X0D0A\\ is data", NTE("a\\X0D0A\\b"), "NTE-3", HL7_VALUE, "a\r\nb" },
        { "\\X0A\\ is data", NTE("a\\X0A\\b"), "NTE-3", HL7_VALUE, "a\nb" },
        { "\\X7C\\ is data, no field", NTE("a\\X7C\\b"), "NTE-3", HL7_VALUE, "a|b" },
        { "\\X1C\\ is data, no end of a frame", NTE("a\\X1C\\b"), "NTE-3", HL7_VALUE,
          "a\x1C"
          "b" },
        { "\\H\\ \\N\\ highlight on and off", NTE("a\\H\\b\\N\\c"), "NTE-3", HL7_VALUE, "abc" },
        { "\\.br\\ a line", NTE("a\\.br\\b"), "NTE-3", HL7_VALUE, "a\nb" },
        { "\\.sp\\ a line", NTE("a\\.sp\\b"), "NTE-3", HL7_VALUE, "a\nb" },
        { "\\.sp<n>\\ n lines", NTE("a\\.sp2\\b"), "NTE-3", HL7_VALUE, "a\n\nb" },
        { "\\.in<n>\\ an indent", NTE("\\.in+4\\a\\.in-4\\b\\.in2\\c"), "NTE-3", HL7_VALUE, "abc" },
        { "\\.ti<n>\\ a temporary indent", NTE("\\.ti+4\\a\\.ti-2\\b"), "NTE-3", HL7_VALUE, "ab" },
        { "\\.fi\\ \\.nf\\ wrapping on and off", NTE("\\.fi\\a\\.nf\\b"), "NTE-3", HL7_VALUE, "ab" },
        { "\\.sk<n>\\ n blanks", NTE("a\\.sk3\\b"), "NTE-3", HL7_VALUE, "a   b" },
        { "\\.ce\\ a line, centred", NTE("a\\.ce\\b"), "NTE-3", HL7_VALUE, "a\nb" },
        { "\\Cxxyy\\ charset switch", NTE("\\C2D46\\\xE1"), "NTE-3", HL7_VALUE, "\xCE\xB1" },
        { "\\Mxxyyzz\\ charset switch of two bytes", NTE("\\M2442\\;3\\C2842\\!"), "NTE-3", HL7_VALUE,
          "\xE5\xB1\xB1!" },
        { "\\Z..\\ local: kept", NTE("\\Zbold\\a\\Z\\"), "NTE-3", HL7_VALUE, "\\Zbold\\a\\Z\\" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* "Unknown or unclosed escape: keep literally." */
static void what_is_no_escape_is_kept(void **state)
{
    static const struct spec_row rows[] = {
        { "unknown letter", NTE("a\\Q\\b"), "NTE-3", HL7_VALUE, "a\\Q\\b" },
        { "unknown word", NTE("a\\.xy3\\b"), "NTE-3", HL7_VALUE, "a\\.xy3\\b" },
        { "small letter of a delimiter", NTE("a\\f\\b"), "NTE-3", HL7_VALUE, "a\\f\\b" },
        { "unclosed at the end", NTE("a\\F"), "NTE-3", HL7_VALUE, "a\\F" },
        { "unclosed hex", NTE("a\\X41"), "NTE-3", HL7_VALUE, "a\\X41" },
        { "odd number of hex digits", NTE("a\\X00D\\b"), "NTE-3", HL7_VALUE, "a\\X00D\\b" },
        { "no hex digits", NTE("a\\X4G\\b"), "NTE-3", HL7_VALUE, "a\\X4G\\b" },
        { "no digits at all", NTE("a\\X\\b"), "NTE-3", HL7_VALUE, "a\\X\\b" },
        { "a number that is none", NTE("a\\.sp3x\\b"), "NTE-3", HL7_VALUE, "a\\.sp3x\\b" },
        { "a sign alone", NTE("a\\.in+\\b"), "NTE-3", HL7_VALUE, "a\\.in+\\b" },
        { "a sign where none may stand", NTE("a\\.sp+3\\b"), "NTE-3", HL7_VALUE, "a\\.sp+3\\b" },
        { "a number where none may stand", NTE("a\\.br2\\b"), "NTE-3", HL7_VALUE, "a\\.br2\\b" },
        { "a million lines", NTE("a\\.sp1000000\\b"), "NTE-3", HL7_VALUE, "a\\.sp1000000\\b" },
        { "a point alone", NTE("a\\.\\b"), "NTE-3", HL7_VALUE, "a\\.\\b" },
        { "a switch that is too short", NTE("a\\C28\\b"), "NTE-3", HL7_VALUE, "a\\C28\\b" },
        { "a switch to a set that nobody knows", NTE("a\\C2D7A\\b"), "NTE-3", HL7_VALUE, "a\\C2D7A\\b" },
        { "a lone escape character", NTE("\\"), "NTE-3", HL7_VALUE, "\\" },
        { "a path of a file system", NTE("C:\\tmp\\a b"), "NTE-3", HL7_VALUE, "C:\\tmp\\a b" },
        { "two escape characters", NTE("a\\\\b"), "NTE-3", HL7_VALUE, "a\\\\b" },
        { "the escape character ends its field", NTE("a\\|b"), "NTE-4", HL7_VALUE, "b" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static void escapes_are_decoded_once_from_left_to_right(void **state)
{
    static const struct spec_row rows[] = {
        { "an escaped escape does not open one", NTE("\\E\\F\\E\\"), "NTE-3", HL7_VALUE, "\\F\\" },
        { "nor does it before T", NTE("\\E\\T\\E\\"), "NTE-3", HL7_VALUE, "\\T\\" },
        { "\\E\\ then a letter and one character", NTE("\\E\\R\\"), "NTE-3", HL7_VALUE, "\\R\\" },
        { "hex that spells an escape", NTE("\\X5C\\F\\X5C\\"), "NTE-3", HL7_VALUE, "\\F\\" },
        { "hex that spells hex", NTE("\\X5C5834315C\\"), "NTE-3", HL7_VALUE, "\\X41\\" },
        { "doubly escaped tab", NTE("\\E\\X09\\E\\"), "NTE-3", HL7_VALUE, "\\X09\\" },
        { "escapes one after another", NTE("\\F\\\\S\\\\T\\\\R\\\\E\\"), "NTE-3", HL7_VALUE, "|^&~\\" },
        { "two hex escapes", NTE("\\X0D\\\\X0A\\"), "NTE-3", HL7_VALUE, "\r\n" },
        { "a lone one before an escape", NTE("5\\6 of \\T\\"), "NTE-3", HL7_VALUE, "5\\6 of &" },
        { "an escape before a lone one", NTE("\\T\\\\"), "NTE-3", HL7_VALUE, "&\\" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* Whatever bytes a value has: written, it makes no part of its own, and reads back. */
static void what_is_written_reads_back(void **state)
{
    static const struct hl7_delimiters SETS[] = {
        { '|', '^', '~', '\\', '&', 0 },
        { '|', '^', '~', '\\', '&', '#' },
        { '!', '@', '#', '%', '$', 0 },
        { '|', '^', '~', '\\', 0, 0 },
    };

    (void)state;
    for (size_t set = 0; set < sizeof SETS / sizeof *SETS; set++)
        for (int c = 1; c < 256; c++) {
            struct arena *arena = arena_new();
            struct buf out = buf_make(1 << 16);
            struct hl7_writer w = hl7_writer_make(&out, &SETS[set]);
            char text[8] = { 'a', (char)c, (char)c, 'F', SETS[set].escape, 'b' };
            size_t len = strlen(text);
            /* One byte of Latin-1, as UTF-8 when it is not ASCII. */
            if (c >= 0x80)
                len = (size_t)snprintf(text, sizeof text, "a%c%cb", c < 0xC0 ? 0xC2 : 0xC3,
                                       c < 0xC0 ? c : c - 0x40);
            hl7_write_segment(&w, "MSH");
            hl7_write_field(&w, 9, SLICE("ADT"));
            hl7_write_segment(&w, "NTE");
            hl7_write_at(&w, 3, 1, 1, 1, (struct slice){ text, len });
            hl7_write_field(&w, 4, SLICE("end"));
            assert_true(hl7_write_end(&w));
            struct guard g = guard_make(buf_slice(&out));
            struct hl7_message *m = spec_parse(arena, "written", g.bytes);
            assert_int_equal(hl7_message_segments(m), 2);
            assert_int_equal(hl7_segment_fields(m, 1), 4);
            assert_true(slice_eq(hl7_value(m, arena, 1, 3, 0, 0, 0), (struct slice){ text, len }));
            assert_true(slice_is(hl7_value(m, arena, 1, 4, 1, 1, 1), "end"));
            guard_free(&g);
            buf_free(&out);
            arena_free(&arena);
        }
}

/* The functions by themselves, on bytes of no message. */
static void without_an_escape_character_nothing_is_hidden(void **state)
{
    const struct hl7_delimiters none = { '|', '^', '~', 0, 0, 0 };
    struct arena *arena = arena_new();
    struct buf out = buf_make(64);
    bool switched = true;

    (void)state;
    assert_true(slice_is(hl7_unescape(arena, &none, SLICE("a\\F\\b")), "a\\F\\b"));
    assert_true(slice_is(hl7_unescape_text(arena, &none, SLICE("\\C2842\\"), NULL, &switched), "\\C2842\\"));
    assert_false(switched);
    assert_false(hl7_escape_put(&out, &none, SLICE("a|b\rc")));
    assert_true(slice_is(buf_slice(&out), "a b c"));
    buf_reset(&out);
    assert_true(hl7_escape_put(&out, &none, SLICE("plain")));
    buf_reset(&out);
    assert_false(hl7_encode(&out, &none, NULL, SLICE("a|b")));
    assert_int_equal(out.len, 0);
    buf_free(&out);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_escape_becomes_what_it_stands_for),
        cmocka_unit_test(what_is_no_escape_is_kept),
        cmocka_unit_test(escapes_are_decoded_once_from_left_to_right),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(without_an_escape_character_nothing_is_hidden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
