/* STANDARDS section 3.3: every field of MSH, in every spelling that the section names, read from a parsed
 * message and from bytes that need not parse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hl7/spec_help.h"

#include <stddef.h>

#define FULL                                                                                                 \
    "MSH|^~\\&|MON^1.2.3^ISO|ICU^4.5^ISO|NB^n|MAIN^m|20261122130509.123+0100^S|secret|"                      \
    "ORU^R40^ORU_R40|0123456789ABCDEFGHIJ|P^T|2.6^DEU^1.0|41|c14|AL|NE|DEU|"                                 \
    "UNICODE UTF-8~8859/1|de^German|ISO 2022-1994|IHE_PCD_ACM_001^IHE PCD^1.3.6^ISO~second"
#define OF_TYPE(t)    "MSH|^~\\&|||||||" t "|1|P|2.5"
#define OF_ID(id)     "MSH|^~\\&|||||||ADT^A01|" id "|P|2.5"
#define OF_MODE(mode) "MSH|^~\\&|||||||ADT^A01|1|" mode "|2.5"
#define OF_VERSION(v) "MSH|^~\\&|||||||ADT^A01|1|P|" v

/* The part of struct hl7_header that a rule speaks of. */
#define PART(name) offsetof(struct hl7_header, name)

static void each_field_of_the_header(void **state)
{
    static const struct {
        const char *rule, *wire;
        size_t part;
        const char *expected;
    } rows[] = {
        { "2 encoding characters", FULL, PART(encoding), "^~\\&" },
        { "3 sender's application", FULL, PART(sending_application), "MON^1.2.3^ISO" },
        { "4 sender's facility", FULL, PART(sending_facility), "ICU^4.5^ISO" },
        { "5 receiver's application", FULL, PART(receiving_application), "NB^n" },
        { "6 receiver's facility", FULL, PART(receiving_facility), "MAIN^m" },
        { "7 time (TS: the degree of precision is left out)", FULL, PART(time), "20261122130509.123+0100" },
        { "9 type", FULL, PART(type), "ORU" },
        { "9 event", FULL, PART(event), "R40" },
        { "9 structure", FULL, PART(structure), "ORU_R40" },
        { "9 in v2.1: ADT alone", OF_TYPE("ADT"), PART(type), "ADT" },
        { "9 in v2.1: no event", OF_TYPE("ADT"), PART(event), "" },
        { "9 in v2.2: ADT^A01", OF_TYPE("ADT^A01"), PART(event), "A01" },
        { "9 before 2.3.1: no structure", OF_TYPE("ADT^A01"), PART(structure), "" },
        { "9 repeats by mistake: the first", OF_TYPE("ADT^A01~ORU^R01"), PART(event), "A01" },
        { "10 control id: 20 characters", FULL, PART(control_id), "0123456789ABCDEFGHIJ" },
        { "10 control id: longer, in any version",
          OF_ID(
              "f81d4fae-7dec-11d0-a765-00a0c91e6bf6-f81d4fae-7dec-11d0-a765-00a0c91e6bf6-f81d4fae-7dec-11d0-"
              "a765-00a0c91e6bf6-f81d4fae-7dec-11d0-a765-00a0c91e6bf6-f81d4fae-7dec-11d0-a765-00a0c91e6b-"
              "199"),
          PART(control_id),
          "f81d4fae-7dec-11d0-a765-00a0c91e6bf6-f81d4fae-7dec-11d0-a765-00a0c91e6bf6-f81d4fae-7dec-11d0-"
          "a765-00a0c91e6bf6-f81d4fae-7dec-11d0-a765-00a0c91e6bf6-f81d4fae-7dec-11d0-a765-00a0c91e6b-199" },
        { "10 control id: its bytes, escapes untouched", OF_ID("a\\T\\b^c~d"), PART(control_id),
          "a\\T\\b^c~d" },
        { "10 control id: empty", OF_ID(""), PART(control_id), "" },
        { "10 control id: \"\" is none", OF_ID("\"\""), PART(control_id), "" },
        { "11 P", OF_MODE("P"), PART(processing_id), "P" },
        { "11 T", OF_MODE("T"), PART(processing_id), "T" },
        { "11 D", OF_MODE("D"), PART(processing_id), "D" },
        { "11 ^ mode A archive", OF_MODE("P^A"), PART(processing_id), "P" },
        { "11 ^ mode R restore: the whole field is kept", OF_MODE("P^R"), PART(processing_field), "P^R" },
        { "11 ^ mode I initial", OF_MODE("P^I"), PART(processing_id), "P" },
        { "11 ^ mode T current: is not T training", OF_MODE("P^T"), PART(processing_id), "P" },
        { "12 version", OF_VERSION("2.6"), PART(version), "2.6" },
        { "12 version may be 2.3.1^US^...", OF_VERSION("2.3.1^US^1"), PART(version), "2.3.1" },
        { "12 version: the whole field is kept", OF_VERSION("2.3.1^US^1"), PART(version_field),
          "2.3.1^US^1" },
        { "12 version: missing", "MSH|^~\\&|||||||ADT", PART(version), "" },
        { "13 sequence", FULL, PART(sequence), "41" },
        { "14 continuation", FULL, PART(continuation), "c14" },
        { "15 accept ack", FULL, PART(accept_ack), "AL" },
        { "16 application ack", FULL, PART(application_ack), "NE" },
        { "15 and 16 with blanks", OF_VERSION("2.6|||AL |NE  "), PART(accept_ack), "AL" },
        { "18 charset~...", FULL, PART(charset), "UNICODE UTF-8~8859/1" },
        { "21 profile ids ~ repeating", FULL, PART(profile), "IHE_PCD_ACM_001^IHE PCD^1.3.6^ISO~second" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct guard g = guard_make(slice_of(rows[i].wire));
        struct hl7_header read, scanned;
        struct slice value;
        hl7_header_read(spec_parse(arena, rows[i].rule, g.bytes), &read);
        assert_true(hl7_header_scan(g.bytes, &scanned));
        assert_true(spec_same_header(&read, &scanned));
        memcpy(&value, (const char *)&read + rows[i].part, sizeof value);
        if (!slice_is(value, rows[i].expected))
            fail_msg("%s: \"%.*s\"", rows[i].rule, SLICE_ARG(value));
        guard_free(&g);
        arena_free(&arena);
    }
}

/* Those that the header does not hold are found by their path. */
static void the_other_fields_are_found_by_their_paths(void **state)
{
    static const struct spec_row rows[] = {
        { "8 security", FULL, "MSH-8", HL7_VALUE, "secret" },
        { "17 country", FULL, "MSH-17", HL7_VALUE, "DEU" },
        { "18 charset, the second", FULL, "MSH-18[2]", HL7_VALUE, "8859/1" },
        { "19 language", FULL, "MSH-19.1", HL7_VALUE, "de" },
        { "20 charset scheme", FULL, "MSH-20", HL7_VALUE, "ISO 2022-1994" },
        { "21 profile ids, the second", FULL, "MSH-21[2]", HL7_VALUE, "second" },
        { "21 profile ids, its parts", FULL, "MSH-21.3", HL7_VALUE, "1.3.6" },
        { "MSH-3 in its parts", FULL, "MSH-3.2", HL7_VALUE, "1.2.3" },
        { "MSH-22, which is not sent", FULL, "MSH-22", HL7_ABSENT, NULL },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* The header is cut at every byte: what is there is read, and nothing behind it. */
static void a_cut_header_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof FULL; len++) {
        struct guard g = guard_make(slice_sub(slice_of(FULL), 0, len));
        struct hl7_header h;
        bool ok = hl7_header_scan(g.bytes, &h);
        assert_true(ok == (len > 4));
        if (ok && len > 60)
            assert_true(slice_is(h.sending_application, "MON^1.2.3^ISO"));
        guard_free(&g);
    }
}

/* Where the header ends, in every kind of line. */
static void the_header_ends_with_its_line(void **state)
{
    static const struct {
        const char *rule, *wire, *line, *application;
        bool is_answer;
    } rows[] = {
        { "CR", "MSH|^~\\&|A\rMSA|AA", "MSH|^~\\&|A", "A", true },
        { "LF", "MSH|^~\\&|A\nMSA|AA", "MSH|^~\\&|A", "A", true },
        { "CR LF", "MSH|^~\\&|A\r\nMSA|AA", "MSH|^~\\&|A", "A", true },
        { "LF, and CR later", "MSH|^~\\&|A\nMSA|AA\rPID", "MSH|^~\\&|A", "A", true },
        { "LF that is data", "MSH|^~\\&|A\nB\rMSA|AA", "MSH|^~\\&|A\nB", "A\nB", true },
        { "LF that is data, then a small word", "MSH|^~\\&|A\nmsa\rMSA|AA", "MSH|^~\\&|A\nmsa", "A\nmsa",
          true },
        { "nothing behind it", "MSH|^~\\&|A", "MSH|^~\\&|A", "A", false },
        { "line ends in front", "\n\r\nMSH|^~\\&|A\r", "MSH|^~\\&|A", "A", false },
        { "a mark in front", "\xEF\xBB\xBFMSH|^~\\&|A\r", "MSH|^~\\&|A", "A", false },
        { "an MSA without fields", "MSH|^~\\&|A\rMSA", "MSH|^~\\&|A", "A", true },
        { "a longer word than MSA", "MSH|^~\\&|A\rMSAX|1", "MSH|^~\\&|A", "A", false },
        { "an MSA inside a text", "MSH|^~\\&|A\rNTE|1||x\nMSA|AA\r", "MSH|^~\\&|A", "A", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct guard g = guard_make(slice_of(rows[i].wire));
        struct hl7_header h;
        if (!hl7_header_scan(g.bytes, &h) || !slice_is(hl7_header_line(g.bytes), rows[i].line) ||
            !slice_is(h.sending_application, rows[i].application) || h.is_answer != rows[i].is_answer)
            fail_msg("%s: %.*s", rows[i].rule, SLICE_ARG(hl7_header_line(g.bytes)));
        guard_free(&g);
    }
    struct hl7_header h;
    assert_false(hl7_header_scan(SLICE("\r\n"), &h));
    assert_false(hl7_header_scan(SLICE("MSH"), &h));
    assert_false(hl7_header_scan(SLICE("MS"), &h));
    assert_false(hl7_header_scan((struct slice){ NULL, 0 }, &h));
    assert_int_equal(hl7_header_line(SLICE("\n\n")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_of_the_header),
        cmocka_unit_test(the_other_fields_are_found_by_their_paths),
        cmocka_unit_test(a_cut_header_is_read_as_far_as_it_goes),
        cmocka_unit_test(the_header_ends_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
