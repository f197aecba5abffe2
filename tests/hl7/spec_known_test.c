/* What public issue trackers of HL7 libraries know as input that somebody's parser got wrong, as far as it is
 * not a rule of its own in the other spec tests. In brackets: the library and its issue, where there is one
 * to read. Messages are made up; what is expected follows from the standard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/ack.h"
#include "hl7/dtm.h"
#include "hl7/edit.h"
#include "tests/hl7/spec_help.h"

#define OBX(text) SPEC_MSH "OBX|1|FT|C||" text "|end"

static void escapes(void **state)
{
    static const struct spec_row rows[] = {
        { "the escape of an escape is eaten (python-hl7 84)", OBX("\\E\\R\\"), "OBX-5", HL7_VALUE, "\\R\\" },
        { "decoded twice (HL7-dotnetcore 117)", OBX("\\E\\T\\E\\"), "OBX-5", HL7_VALUE, "\\T\\" },
        { "escaped by two systems, one behind another (HL7-V2 40)", OBX("\\E\\X09\\E\\"), "OBX-5", HL7_VALUE,
          "\\X09\\" },
        { "two escapes back to back lose a character (ruby-hl7 80)", OBX("Test:\\X0D\\\\X0A\\"), "OBX-5",
          HL7_VALUE, "Test:\r\n" },
        { "a lone backslash between digits (HL7-dotnetcore 77)", OBX("BSV 4\\5 re."), "OBX-5", HL7_VALUE,
          "BSV 4\\5 re." },
        { "a name of one backslash (HL7-dotnetcore 62)", SPEC_MSH "PID|||||^\\|||W", "PID-5.2", HL7_VALUE,
          "\\" },
        { "a name of one backslash: what follows", SPEC_MSH "PID|||||^\\|||W", "PID-8", HL7_VALUE, "W" },
        { "an escape at the end of a field (HL7-dotnetcore 113)", SPEC_MSH "PID|||1~2^\\E\\^^A", "PID-3[2].2",
          HL7_VALUE, "\\" },
        { "hex of odd length (HL7-dotnetcore 53)", OBX("a\\X00d\\b"), "OBX-5", HL7_VALUE, "a\\X00d\\b" },
        { "hex of variable length loses its end (deoxxa/hl7 4)", OBX("Foo\\X313233\\"), "OBX-5", HL7_VALUE,
          "Foo123" },
        { "hex of 16 bits is two bytes (HL7-V2 3)", OBX("\\X4100\\"), "OBX-4", HL7_EMPTY, NULL },
        { "all of them in a row (kdar/health 4)", OBX("\\E\\\\F\\\\R\\\\S\\\\T\\\\X484559\\"), "OBX-5",
          HL7_VALUE, "\\|~^&HEY" },
        { "\\.br\\ in a text (hl7apy 85)", OBX("line 1\\.br\\line 2"), "OBX-5", HL7_VALUE, "line 1\nline 2" },
        { "\\.br\\ that was escaped again (nHapi 74)", OBX("line 1\\E\\.br\\E\\line 2"), "OBX-5", HL7_VALUE,
          "line 1\\.br\\line 2" },
        { "\\X0A\\ ends no segment (connect 1353)", OBX("a\\X0A\\PV1"), "OBX-6", HL7_VALUE, "end" },
        { "\\X7C\\ makes no field (connect 1353)", OBX("10 \\X7C\\ 23"), "OBX-5", HL7_VALUE, "10 | 23" },
        { "a Windows path", OBX("C:\\Temp\\F1.pdf"), "OBX-5", HL7_VALUE, "C:\\Temp\\F1.pdf" },
        { "RTF in a text", OBX("{\\rtf1\\ansi x}"), "OBX-5", HL7_VALUE, "{\\rtf1\\ansi x}" },
        { "markup with an unescaped ampersand keeps its raw bytes (nHapi 570)", OBX("a?x=1&y=2"), "OBX-5",
          HL7_VALUE, "a?x=1&y=2" },
        { "and has two sub-components (nHapi 110)", OBX("HC & WELLNESS"), "OBX-5.1.2", HL7_VALUE,
          " WELLNESS" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static void delimiters(void **state)
{
    static const struct spec_row rows[] = {
        { "MSH-1 is the separator, not MSH-2 (hl7parser 9)", SPEC_MSH, "MSH-1", HL7_VALUE, "|" },
        { "MSH-9 is counted from there", SPEC_MSH, "MSH-9.2", HL7_VALUE, "A01" },
        { "a fifth character in MSH-2 (connect 2481, hapi-hl7v2 146)", "MSH|^~\\&#|A|B\rPID|||7", "PID-3",
          HL7_VALUE, "7" },
        { "and MSH-3 behind it", "MSH|^~\\&#|A|B\rPID|||7", "MSH-3", HL7_VALUE, "A" },
        { "a letter as the fifth character (hl7apy 32)", "MSH|^~\\&a|X\rPID|||7a8", "PID-3", HL7_VALUE,
          "7a8" },
        { "two characters in MSH-2 (connect 2289)", "MSH|^~|A\rPID|||1^2~3&4\\T\\", "PID-3[2]", HL7_VALUE,
          "3&4\\T\\" },
        { "three characters, & in the escape's place (connect 1542, HL7-dotnetcore 112)",
          "MSH|^~&|A\rPID|||1^2~3", "PID-3[2]", HL7_VALUE, "3" },
        { "three characters stay three", "MSH|^~&|A\rPID|||1", "MSH-2", HL7_VALUE, "^~&" },
        { "three characters: & escapes then", "MSH|^~&|A\rPID|||1&F&2", "PID-3", HL7_VALUE, "1|2" },
        { "MSH and its characters alone (connect 2405)", "MSH|:~\\&", "MSH-2", HL7_VALUE, ":~\\&" },
        { "MSH without its last separator (hl7apy 109)", "MSH|^~\\&|A|B|C|D|2005||ORU^R01|1|P|2.7\rPID|||7",
          "MSH-12", HL7_VALUE, "2.7" },
        { "a colon as component (connect 2405)", "MSH|:~\\&|A:1\rPID|||7:8^9", "PID-3.2", HL7_VALUE, "8^9" },
        { "delimiters that are special in patterns", "MSH.*+?$.A*1\rPID...7*8+9*0", "PID-3[2].2", HL7_VALUE,
          "0" },
        { "brackets", "MSH[]{}(|[A]1\rPID[[[7]8{9(0", "PID-3[2].1.2", HL7_VALUE, "0" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static void values(void **state)
{
    static const struct spec_row rows[] = {
        { "a leading empty component (HL7 143)", SPEC_MSH "OBX|4|ST|C|1|neg|ng|^CUT-OFF 300", "OBX-7.2",
          HL7_VALUE, "CUT-OFF 300" },
        { "and it is empty", SPEC_MSH "OBX|4|ST|C|1|neg|ng|^CUT-OFF 300", "OBX-7.1", HL7_EMPTY, NULL },
        { "empty components between are dropped (Net_HL7 7)", SPEC_MSH "PV1|1|O|7^^^S^^^^^^^D", "PV1-3.11",
          HL7_VALUE, "D" },
        { "a repetition that is not there gives the first (HL7-dotnetcore 58)", SPEC_MSH "PV1||||||||A^B",
          "PV1-8[2].1", HL7_ABSENT, NULL },
        { "a component where something repeats (simple-hl7 77)", SPEC_MSH "PID|||1^^^TEST^PI~~~", "PID-3.4",
          HL7_VALUE, "TEST" },
        { "an empty repetition", SPEC_MSH "PID|||1^^^TEST^PI~~~", "PID-3[4]", HL7_EMPTY, NULL },
        { "no fifth one", SPEC_MSH "PID|||1^^^TEST^PI~~~", "PID-3[5]", HL7_ABSENT, NULL },
        { "sub-component 1 without a delimiter (simple-hl7 101)", SPEC_MSH "ZME|foo^bar|", "ZME-1.2.1",
          HL7_VALUE, "bar" },
        { "component 1 of a field without one (simple-hl7 25)", SPEC_MSH "PID|||||ESAH", "PID-5.1", HL7_VALUE,
          "ESAH" },
        { "sub-components without a component (connect 1766)", SPEC_MSH "OBX|1|foo&bar|", "OBX-2.1.2",
          HL7_VALUE, "bar" },
        { "sub-components and a trailing component", SPEC_MSH "OBX|1|foo&bar^|", "OBX-2.1.2", HL7_VALUE,
          "bar" },
        { "a segment of one value without a separator behind (connect 523)", SPEC_MSH "ZZZ|1~2", "ZZZ-1[2]",
          HL7_VALUE, "2" },
        { "a segment with no fields", SPEC_MSH "ZZZ\rPID|1", "ZZZ-1", HL7_ABSENT, NULL },
        { "a segment with no fields, last", SPEC_MSH "PID|1\rZZZ", "PID-1", HL7_VALUE, "1" },
        { "a segment of one separator", SPEC_MSH "ZZZ|\rPID|1", "ZZZ-1", HL7_EMPTY, NULL },
        { "trailing delimiters everywhere", SPEC_MSH "PID|||1^2^&&^~^^~||||", "PID-3[1].2", HL7_VALUE, "2" },
        { "fields that repeat against the tables (nHapi 25)", SPEC_MSH "PID|||1|2~3~4~5", "PID-4[4]",
          HL7_VALUE, "5" },
        { "the second segment of a name (simple_hl7 7)", SPEC_MSH "OBR|1|A\rNTE|1\rOBR|2|B", "OBR[2]-2",
          HL7_VALUE, "B" },
        { "a component in OBR-15 (connect 1069)", SPEC_MSH "OBR|||||||||||||||ABC^123&456^X", "OBR-15.2.2",
          HL7_VALUE, "456" },
        { "a component in OBR-21 (hapi-hl7v2 28)", SPEC_MSH "OBR|||||||||||||||||||||CAM^false^^X", "OBR-21",
          HL7_VALUE, "CAM^false^^X" },
        { "\"\" among components", SPEC_MSH "PID|||||A^\"\"^\"\"", "PID-5.3", HL7_NULL, NULL },
        { "a sub-component of \"\"", SPEC_MSH "PID|||||\"\"", "PID-5.1.1", HL7_NULL, NULL },
        { "a second sub-component of \"\"", SPEC_MSH "PID|||||\"\"", "PID-5.1.2", HL7_ABSENT, NULL },
        { "blanks are kept", SPEC_MSH "PID||| 7 |", "PID-3", HL7_VALUE, " 7 " },
        { "OBX without a type (hl7apy 40)", SPEC_MSH "OBX|1||C||THESE ARE", "OBX-5", HL7_VALUE, "THESE ARE" },
        { "a segment nobody knows in the middle", SPEC_MSH "ADD|NON FASTING\rPID|1", "PID-1", HL7_VALUE,
          "1" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static void lines(void **state)
{
    static const struct spec_row rows[] = {
        { "LF alone (hl7parser 13)", "MSH|^~\\&|A\nPID|||7\nPV1|1\n", "PID-3", HL7_VALUE, "7" },
        { "CR LF (simple-hl7 5)", "MSH|^~\\&|A\r\nPID|||7\r\nPV1|1\r\n", "PV1-1", HL7_VALUE, "1" },
        { "CR LF leaves no LF in the name", "MSH|^~\\&|A\r\nPID|||7\r\n", "PID-3", HL7_VALUE, "7" },
        { "a LF in a message of CRs is data (connect 649, hl7v2 27)",
          "MSH|^~\\&|A\rOBX|1|TX|||two\nlines\rPV1|1\r", "OBX-5", HL7_VALUE, "two\nlines" },
        { "two LFs in a message of CRs are data (connect 650)",
          "MSH|^~\\&|A\rOBX|1|TX|||two\n\nparts|x\rPV1|1\r", "OBX-6", HL7_VALUE, "x" },
        { "a LF and a name in a text are data", "MSH|^~\\&|A\rOBX|1|TX|||see\nPID|||9\rPV1|1\r", "PID-3",
          HL7_ABSENT, NULL },
        { "two CRs between segments (txHL7 10)", "MSH|^~\\&|A\r\rPID|||7\r\r\rPV1|1\r\r", "PV1-1", HL7_VALUE,
          "1" },
        { "no end behind the last segment", "MSH|^~\\&|A\rPID|||7", "PID-3", HL7_VALUE, "7" },
        { "a byte order mark (dcm4che 465)", "\xEF\xBB\xBFMSH|^~\\&|A\rPID|||7", "MSH-3", HL7_VALUE, "A" },
        { "blank lines in front", "\r\n\nMSH|^~\\&|A\rPID|||7", "PID-3", HL7_VALUE, "7" },
        { "a text broken over lines of LF", "MSH|^~\\&|A\nOBX|1|TX|||one\nmore|x\nPV1|1\n", "OBX-6",
          HL7_VALUE, "x" },
        { "a character of several bytes (hl7v2 28)", "MSH|^~\\&|A\rPID|||||M\xC3\xBCller^\xE2\x82\xAC",
          "PID-5.2", HL7_VALUE, "\xE2\x82\xAC" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* UTF-16 from a file, saved by an editor; a batch where a message is expected; two messages in one. */
static void what_is_no_single_message_is_said_to_be_none(void **state)
{
    static const struct spec_refusal rows[] = {
        { "a batch", "BHS|^~\\&|\rMSH|^~\\&|A\r", "", ERROR_UNSUPPORTED },
        { "a file", "FHS|^~\\&|\rMSH|^~\\&|A\r", "", ERROR_UNSUPPORTED },
        { "UTF-16 with a mark", "\xFF\xFEM", "MSH", ERROR_UNSUPPORTED },
        { "two messages", "MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\r", "MSH[2]", ERROR_SYNTAX },
        { "a frame that was not taken off", "\x0BMSH|^~\\&|A\r\x1C\r", "MSH", ERROR_SYNTAX },
        { "blanks in front", " MSH|^~\\&|A", "MSH", ERROR_SYNTAX },
        { "XML", "<?xml version=\"1.0\"?><ADT_A01/>", "MSH", ERROR_SYNTAX },
        { "JSON", "{\"MSH\":1}", "MSH", ERROR_SYNTAX },
    };

    (void)state;
    SPEC_REFUSE(rows);
}

/* Times: a zone behind a fraction (hl7-parser 31), minutes of a negative zone (HL7-dotnetcore 43), a zone
 * that is not the machine's (node-hl7-client 205), a degree of precision (hl7-parser 23), more digits than
 * four. */
static void times(void **state)
{
    static const struct {
        const char *text;
        int64_t us; /* from 1970, by hand: days * 86400 ... */
    } rows[] = {
        { "19700102000000.5+0000", 86400500000 },
        { "19700102000000.403+0100", 86400403000 - 3600000000 },
        { "19700102000000-0330", 86400000000 + 12600000000 },
        { "19700102000000+0530", 86400000000 - 19800000000 },
        { "19700102000000.920350", 86400920350 },
        { "19700102000000.1234567", 86400123456 },
        { "1970010200", 86400000000 },
    };
    struct arena *arena = arena_new();
    struct hl7_dtm t;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!hl7_dtm_parse(slice_of(rows[i].text), 0, &t) || t.instant_us != rows[i].us)
            fail_msg("%s", rows[i].text);
    struct hl7_message *m = spec_parse(arena, "TS", SLICE(SPEC_MSH "EVN|A01|20190924143134^YYYYMMDDHHMMSS"));
    assert_true(hl7_dtm_parse(hl7_value(m, arena, 1, 2, 1, 1, 0), 0, &t));
    assert_int_equal(t.precision, HL7_SECOND);
    assert_false(hl7_dtm_parse(SLICE("01/10/1948"), 0, &t));
    assert_false(hl7_dtm_parse(SLICE("1997052711420000"), 0, &t));
    arena_free(&arena);
}

/* Written again: trailing empty fields (HL7-dotnetcore 3), empty components (Net_HL7 7), MSH-2 of three
 * characters (connect 1542), repetition characters (connect 1601) and blank lines stay as they were. */
static void what_is_not_touched_is_written_as_it_was(void **state)
{
    static const char *const ROWS[] = {
        "MSH|^~\\&|A|\rORC|RO|1^CS|||A|F|^^^2017^^R|||E||\r",
        "MSH|^~\\&|A\rPV1|1|P|7^^^S^^^^^^^D|3|||1^L^F^^^^^^E^^^^P\r",
        "MSH|^~&|A\rPID|||1~2~~\r",
        "MSH|^~|A\rPID|||1~2\\T\\&x\r",
        "MSH|:~\\&|A:B\r\rPID|||:::\r\n",
        "\xEF\xBB\xBF\r\nMSH|^~\\&#|A\r\nZZZ\r\nPID|||\\E\\.br\\E\\~\"\"^\"\"|\"\"\r\n\r\n",
        "MSH|^~\\&|A\nOBX|1|TX|||one\ntwo|\n",
        "MSH|^~\\&|A\rOBX|1|TX|||one\ntwo\\.br\\|",
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        struct buf out = buf_make(4096);
        struct guard g = guard_make(slice_of(ROWS[i]));
        struct hl7_message *m = spec_parse(arena, ROWS[i], g.bytes);
        hl7_edit_write(hl7_edit_begin(arena, m, g.bytes), &out);
        if (!slice_is(buf_slice(&out), ROWS[i]))
            fail_msg("%s becomes %.*s", ROWS[i], SLICE_ARG(buf_slice(&out)));
        guard_free(&g);
        buf_free(&out);
        arena_free(&arena);
    }
}

/* Acknowledged: three characters in MSH-2 (HL7-dotnetcore 112), blank lines (txHL7 10), no trigger, no
 * MSH-10. */
static void odd_headers_are_acknowledged(void **state)
{
    static const struct {
        const char *wire, *ack;
    } rows[] = {
        { "MSH|^~&|EPIC||||2019||ORM^O01|23|T|2.3||\nPID|1\n",
          "MSH|^~&|||EPIC||19700101000000+0000||ACK^O01|N|T|2.3\rMSA|AA|23\r" },
        { "MSH|^~\\&|A\r\rPID|1\r\r", "MSH|^~\\&|||A||19700101000000+0000||ACK|N|P|2.5\rMSA|AA|\r" },
        { "MSH|^~\\&#|A||||||ADT^A01^ADT_A01|7#8|P|2.7",
          "MSH|^~\\&#|||A||19700101000000+0000||ACK^A01^ACK|N|P|2.7\rMSA|AA|7#8\r" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = buf_make(4096);
        struct hl7_header h;
        assert_true(hl7_header_scan(slice_of(rows[i].wire), &h));
        hl7_ack_write(&out, &h, "AA", SLICE("N"), 0, NULL);
        if (!slice_is(buf_slice(&out), rows[i].ack))
            fail_msg("%.*s", SLICE_ARG(buf_slice(&out)));
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(delimiters),
        cmocka_unit_test(values),
        cmocka_unit_test(lines),
        cmocka_unit_test(what_is_no_single_message_is_said_to_be_none),
        cmocka_unit_test(times),
        cmocka_unit_test(what_is_not_touched_is_written_as_it_was),
        cmocka_unit_test(odd_headers_are_acknowledged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
