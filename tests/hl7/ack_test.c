/* Acknowledgements: which is due, and what they say, byte for byte, for each version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/ack.h"

#include <stdio.h>
#include <string.h>

enum { WALL_S = 1795352709 }; /* 2026-11-22T13:05:09Z */

static struct slice ack(struct buf *out, const char *wire, const char *code, const struct error *err)
{
    struct hl7_header h;
    bool ok = hl7_header_scan(slice_of(wire), &h);

    buf_reset(out);
    hl7_ack_write(out, ok ? &h : NULL, code, SLICE("N7"), (int64_t)WALL_S * 1000000, err);
    return buf_slice(out);
}

static struct error fault(enum error_code code, const char *where, const char *message)
{
    struct error err = { 0 };

    error_at(&err, code, where, "%s", message);
    return err;
}

#define AT            "20261122130509+0000"
#define FROM(version) "MSH|^~\\&|mon|icu|nb|main|20261122||ORU^R40^ORU_R40|id 1|P|" version

static void acknowledgements_of_each_version(void **state)
{
    struct error missing = fault(ERROR_MISSING, "OBX[3]-5.1", "event phase is missing");
    struct error no_pid = fault(ERROR_MISSING, "PID", "is missing");
    struct error internal = fault(ERROR_INTERNAL, "", "not now");
    struct error none = { 0 };
    const struct {
        const char *name, *wire, *code;
        const struct error *err;
        const char *text;
    } rows[] = {
        { "2.6", FROM("2.6"), "CA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.6\rMSA|CA|id 1\r" },
        { "an empty error is none", FROM("2.6"), "AA", &none,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.6\rMSA|AA|id 1\r" },
        { "2.1", FROM("2.1"), "AA", NULL, "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK|N7|P|2.1\rMSA|AA|id 1\r" },
        { "2.2", FROM("2.2"), "AA", NULL, "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK|N7|P|2.2\rMSA|AA|id 1\r" },
        { "2.3", FROM("2.3"), "AA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40|N7|P|2.3\rMSA|AA|id 1\r" },
        { "2.3.1", FROM("2.3.1"), "AA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.3.1\rMSA|AA|id 1\r" },
        { "2.4 error", FROM("2.4"), "AE", &missing,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.4\r"
          "MSA|AE|id 1|OBX[3]-5.1: event phase is missing\rERR|OBX^3^5^101&Required field "
          "missing&HL70357\r" },
        { "2.5 error", FROM("2.5"), "AE", &missing,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.5\r"
          "MSA|AE|id 1|OBX[3]-5.1: event phase is missing\r"
          "ERR||OBX^3^5^1^1|101^Required field missing^HL70357|E||||event phase is missing\r" },
        { "2.9 error", FROM("2.9^US^x|||||USA"), "CE", &missing,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.9^US^x\r"
          "MSA|CE|id 1\r"
          "ERR||OBX^3^5^1^1|101^Required field missing^HL70357|E||||event phase is missing\r" },
        { "character set", FROM("2.6||||||8859/1"), "AA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.6||||||8859/1\rMSA|AA|id 1\r" },
        { "no event", "MSH|^~\\&|mon||||||ADT|7||2.6", "AA", NULL,
          "MSH|^~\\&|||mon||" AT "||ACK|N7|P|2.6\rMSA|AA|7\r" },
        { "2.4 error, no sub-components, no place", "MSH|^~\\|||||||ADT^A01|7||2.4", "AR", &internal,
          "MSH|^~\\|||||" AT "||ACK^A01^ACK|N7|P|2.4\rMSA|AR|7|not now\rERR|^^^207\r" },
        { "2.3 error of a segment", "MSH|^~\\&|||||||ADT^A01|7||2.3", "AE", &no_pid,
          "MSH|^~\\&|||||" AT "||ACK^A01|N7|P|2.3\r"
          "MSA|AE|7|PID: is missing\rERR|PID^1^^100&Segment sequence error&HL70357\r" },
        { "only MSH-2", "MSH|^~\\&", "AR", NULL, "MSH|^~\\&|||||" AT "||ACK|N7|P|2.5\rMSA|AR|\r" },
        { "other delimiters", "MSH!%*@#!a!b!c!d!!!ADT%A01!x%1!T%I!2.4\rPID", "AE", &missing,
          "MSH!%*@#!c!d!a!b!" AT "!!ACK%A01%ACK!N7!T%I!2.4\r"
          "MSA!AE!x%1!OBX[3]-5.1: event phase is missing\rERR!OBX%3%5%101#Required field missing#HL70357\r" },
        { "what ends a segment or a frame is not echoed",
          "MSH|^~\\&|a\x0b|b\x1c|||||ADT^A01|i\td\x1c"
          "e|P|2.6\n",
          "AA", NULL, "MSH|^~\\&|||a |b |" AT "||ACK^A01^ACK|N7|P|2.6\rMSA|AA|i\td e\r" },
        { "MSA-3 until 2.6", FROM("2.6"), "AE", &missing,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.6\r"
          "MSA|AE|id 1|OBX[3]-5.1: event phase is missing\r"
          "ERR||OBX^3^5^1^1|101^Required field missing^HL70357|E||||event phase is missing\r" },
        { "MSA-3 withdrawn in 2.7", FROM("2.7"), "AE", &missing,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.7\rMSA|AE|id 1\r"
          "ERR||OBX^3^5^1^1|101^Required field missing^HL70357|E||||event phase is missing\r" },
        { "MSH-11 with its mode, MSH-12 and MSH-18 whole",
          "MSH|^~\\&|a|b|c|d|||ADT^A01^ADT_A01|1|T^A|2.5.1^DEU^x||||||8859/1~UNICODE UTF-8", "AA", NULL,
          "MSH|^~\\&|c|d|a|b|" AT "||ACK^A01^ACK|N7|T^A|2.5.1^DEU^x||||||8859/1~UNICODE UTF-8\rMSA|AA|1\r" },
        { "MSA-2 keeps escapes, delimiters and blanks",
          "MSH|^~\\&|||||||ADT^A01| a\\T\\b^c~d&e\\X0D\\ |P|2.5", "AA", NULL,
          "MSH|^~\\&|||||" AT "||ACK^A01^ACK|N7|P|2.5\rMSA|AA| a\\T\\b^c~d&e\\X0D\\ \r" },
        { "MSA-2 keeps bytes over 127", "MSH|^~\\&|||||||ADT^A01|a\xe4\x62|P|2.5", "AA", NULL,
          "MSH|^~\\&|||||" AT "||ACK^A01^ACK|N7|P|2.5\rMSA|AA|a\xe4\x62\r" },
        { "two characters in MSH-2", "MSH|^~|a|b|c|d|||ADT^A01|x\\y&z|P|2.5", "AE", &missing,
          "MSH|^~|c|d|a|b|" AT "||ACK^A01^ACK|N7|P|2.5\rMSA|AE|x\\y&z|OBX[3]-5.1: event phase is missing\r"
          "ERR||OBX^3^5^1^1|101^Required field missing^HL70357|E||||event phase is missing\r" },
        { "one character in MSH-2, 2.4", "MSH|^|a||||||ADT^A01|x|P|2.4", "AE", &missing,
          "MSH|^|||a||" AT "||ACK^A01^ACK|N7|P|2.4\rMSA|AE|x|OBX[3]-5.1: event phase is missing\r"
          "ERR|OBX^3^5^101\r" },
        { "five characters in MSH-2", "MSH|^~\\&#|a||||||ADT^A01|x#|P|2.7", "AA", NULL,
          "MSH|^~\\&#|||a||" AT "||ACK^A01^ACK|N7|P|2.7\rMSA|AA|x#\r" },
        { "BOM", "\xef\xbb\xbfMSH|^~\\&|||||||ADT^A01|7|P|2.5", "AA", NULL,
          "MSH|^~\\&|||||" AT "||ACK^A01^ACK|N7|P|2.5\rMSA|AA|7\r" },
        { "LF in a message of CRs is data", "MSH|^~\\&|a\nb||||||ADT^A01|7|P|2.5\rPID", "AA", NULL,
          "MSH|^~\\&|||a b||" AT "||ACK^A01^ACK|N7|P|2.5\rMSA|AA|7\r" },
        { "a LF in MSH-2 ends it", "MSH|^~\\\n|a||||||ADT^A01|7|P|2.5\rPID", "AA", NULL,
          "MSH|^~\\|||a||" AT "||ACK^A01^ACK|N7|P|2.5\rMSA|AA|7\r" },
        { "sequence number: one after what was taken", FROM("2.5|41"), "AA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.5\rMSA|AA|id 1||42\r" },
        { "sequence number: the same again after a refusal", FROM("2.5|41"), "AR", &internal,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.5\rMSA|AR|id 1|not now|41\r"
          "ERR|||207^Application internal error^HL70357|E||||not now\r" },
        { "sequence number: after a refusal, 2.7", FROM("2.7|41"), "AR", &internal,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.7\rMSA|AR|id 1||41\r"
          "ERR|||207^Application internal error^HL70357|E||||not now\r" },
        { "sequence number: a link that starts", "MSH|^~\\&|a||||||^|7|P|2.5|0", "AA", NULL,
          "MSH|^~\\&|||a||" AT "||ACK|N7|P|2.5\rMSA|AA|7||-1\r" },
        { "sequence number: a link that resynchronises", FROM("2.5|-1"), "CA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.5\rMSA|CA|id 1||-1\r" },
        { "sequence number: not one", FROM("2.5|x1"), "AA", NULL,
          "MSH|^~\\&|nb|main|mon|icu|" AT "||ACK^R40^ACK|N7|P|2.5\rMSA|AA|id 1\r" },
        { "no MSH at all", "hello", "AR", &missing,
          "MSH|^~\\&|||||" AT "||ACK|N7|P|2.5\rMSA|AR||OBX[3]-5.1: event phase is missing\r"
          "ERR||OBX^3^5^1^1|101^Required field missing^HL70357|E||||event phase is missing\r" },
    };
    struct buf out = buf_make(4096);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int again = 0; again < 2; again++)
            if (!slice_is(ack(&out, rows[i].wire, rows[i].code, rows[i].err), rows[i].text))
                fail_msg("%s:\n%.*s", rows[i].name, SLICE_ARG(buf_slice(&out)));
    buf_free(&out);
}

static void errors_become_table_0357(void **state)
{
    static const struct {
        enum error_code code;
        const char *where;
        uint32_t number;
        const char *err_2;
    } ROWS[] = {
        { ERROR_SYNTAX, "MSH[2]", 100, "MSH^2" },
        { ERROR_SYNTAX, "MSH-2", 102, "MSH^1^2^1" },
        { ERROR_MISSING, "OBR", 100, "OBR^1" },
        { ERROR_MISSING, "MSH-10", 101, "MSH^1^10^1" },
        { ERROR_TYPE, "OBX[12]-5[2].1.4", 102, "OBX^12^5^2^1^4" },
        { ERROR_VALUE, "OBX-11", 103, "OBX^1^11^1" },
        { ERROR_LIMIT, "", 104, "" },
        { ERROR_UNSUPPORTED, "MSH-9", 200, "MSH^1^9^1" },
        { ERROR_UNSUPPORTED, "MSH-9.2", 201, "MSH^1^9^1^2" },
        { ERROR_UNSUPPORTED, "MSH-11", 202, "MSH^1^11^1" },
        { ERROR_UNSUPPORTED, "MSH-12", 203, "MSH^1^12^1" },
        { ERROR_UNKNOWN, "PID-3", 204, "PID^1^3^1" },
        { ERROR_CONFLICT, "MSH-10", 205, "MSH^1^10^1" },
        { ERROR_INTERNAL, "", 207, "" },
        { ERROR_IO, "segment 7", 207, "" },
    };
    struct buf out = buf_make(4096);

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = fault(ROWS[i].code, ROWS[i].where, "a | fault");
        char expected[200];
        snprintf(expected, sizeof expected, "ERR||%s|%u^%s^HL70357|E||||a \\F\\ fault\r", ROWS[i].err_2,
                 ROWS[i].number, hl7_error_text(ROWS[i].number));
        assert_int_equal(hl7_error_code(&err), ROWS[i].number);
        if (!slice_ends(ack(&out, FROM("2.6"), "AE", &err), slice_of(expected)))
            fail_msg("%s: %.*s", ROWS[i].where, SLICE_ARG(buf_slice(&out)));
    }
    buf_free(&out);
}

static void what_is_due_follows_the_header(void **state)
{
    static const struct {
        const char *name, *type, *accept, *application, *rest;
        const char *due[3]; /* accept and application acknowledgement, when stored, wrong, refused */
    } ROWS[] = {
        { "original mode", "ADT^A01", "", "", "", { "-AA", "-AE", "-AR" } },
        { "both always", "ORU^R40", "AL", "AL", "", { "CAAA", "CEAE", "CRAR" } },
        { "accept only", "ORU^R40", "AL", "NE", "", { "CA-", "CE-", "CR-" } },
        { "swapped, as published", "ORU^R01", "NE", "AL", "", { "-AA", "-AE", "-AR" } },
        { "never", "ORU^R40", "NE", "NE", "", { "--", "--", "--" } },
        { "on error", "ORU^R40", "ER", "ER", "", { "--", "CEAE", "CRAR" } },
        { "on success", "ORU^R40", "SU", "SU", "", { "CAAA", "--", "--" } },
        { "only 15", "ORU^R40", "AL", "", "", { "CA-", "CE-", "CR-" } },
        { "only 16", "ORU^R40", "", "AL", "", { "-AA", "-AE", "-AR" } },
        { "an unknown word is always", "ORU^R40", "YES", "NE", "", { "CA-", "CE-", "CR-" } },
        { "quotes are empty", "ORU^R40", "\"\"", "\"\"", "", { "-AA", "-AE", "-AR" } },
        { "MCF", "MCF^A01", "", "", "", { "--", "--", "--" } },
        { "MCF that asks", "MCF", "AL", "AL", "\rMSA|AA|1", { "--", "--", "--" } },
        { "an MFK", "MFK^M02", "", "", "\rMSA|AA|1", { "--", "--", "--" } },
        { "an MSA without fields", "ORA^R41", "", "", "\rMSA\rOBR|1", { "--", "--", "--" } },
        { "an MSA after LF is data", "ADT^A01", "", "", "\rNTE|1||x\nMSA|AA|1", { "-AA", "-AE", "-AR" } },
        { "an ACK", "ACK", "", "", "", { "--", "--", "--" } },
        { "an ACK that asks", "ACK^A01", "AL", "AL", "\rMSA|CA|1", { "--", "--", "--" } },
        { "an answer", "ORA^R41", "", "", "\rMSA|AA|1", { "--", "--", "--" } },
        { "an answer whose MSA has a line feed", "ORA^R41", "", "", "\rMSA\nAA|1\r", { "--", "--", "--" } },
        { "an answer that asks", "ORA^R41", "AL", "NE", "\rMSA|AA|1", { "CA-", "CE-", "CR-" } },
    };

    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (int outcome = 0; outcome < 3; outcome++) {
            char wire[200], due[8];
            struct hl7_header h, scanned;
            snprintf(wire, sizeof wire, "MSH|^~\\&|||||||%s|1|P|2.6|||%s|%s%s", ROWS[i].type, ROWS[i].accept,
                     ROWS[i].application, ROWS[i].rest);
            hl7_header_read(hl7_message_parse(arena, slice_of(wire), NULL), &h);
            assert_true(hl7_header_scan(slice_of(wire), &scanned));
            size_t parts = offsetof(struct hl7_header, is_answer) - offsetof(struct hl7_header, encoding);
            assert_memory_equal(&h.encoding, &scanned.encoding, parts); /* all slices, without padding */
            assert_true(h.is_answer == scanned.is_answer);
            struct hl7_ack_due got = hl7_ack_due(&h, (enum hl7_outcome)outcome);
            snprintf(due, sizeof due, "%s%s", got.accept[0] ? got.accept : "-",
                     got.application[0] ? got.application : "-");
            if (strcmp(due, ROWS[i].due[outcome]) != 0)
                fail_msg("%s, outcome %d: %s", ROWS[i].name, outcome, due);
        }
    assert_string_equal(hl7_ack_due(NULL, HL7_OUTCOME_REJECT).application, "AR");
    assert_string_equal(hl7_ack_due(NULL, HL7_OUTCOME_OK).application, "");
    arena_free(&arena);
}

static void a_header_gives_its_parts(void **state)
{
    struct hl7_header h;

    (void)state;
    assert_true(hl7_header_scan(
        SLICE("\r\nMSH|^~\\&#|mon^x|icu|nb|main|20261122^S||ORU^R40^ORU_R40|7|P^T|2.6^US|5|6|AL|NE|US|8859/1~"
              "UTF-8|en||a~b\rPID|1\rMSA|AA\r"),
        &h));
    assert_true(slice_is(h.encoding, "^~\\&#") && h.delimiters.truncation == '#');
    assert_true(slice_is(h.sending_application, "mon^x") && slice_is(h.sending_facility, "icu"));
    assert_true(slice_is(h.receiving_application, "nb") && slice_is(h.receiving_facility, "main"));
    assert_true(slice_is(h.time, "20261122") && slice_is(h.type, "ORU") && slice_is(h.event, "R40"));
    assert_true(slice_is(h.structure, "ORU_R40") && slice_is(h.control_id, "7"));
    assert_true(slice_is(h.processing_id, "P") && slice_is(h.version, "2.6"));
    assert_true(slice_is(h.version_field, "2.6^US") && slice_is(h.sequence, "5"));
    assert_true(slice_is(h.continuation, "6") && slice_is(h.accept_ack, "AL"));
    assert_true(slice_is(h.application_ack, "NE") && slice_is(h.charset, "8859/1~UTF-8"));
    assert_true(slice_is(h.profile, "a~b") && h.is_answer);
    assert_true(hl7_header_scan(SLICE("MSH|^"), &h));
    assert_true(h.type.len == 0 && h.control_id.len == 0 && !h.is_answer);
    assert_false(hl7_header_scan(SLICE("PID|1"), &h));
    assert_false(hl7_header_scan(SLICE("MSH||"), &h));
    assert_false(hl7_header_scan(SLICE(""), &h));
}

/* The second byte of a character in MSH-3 is the field separator's. */
static void characters_of_the_header_hide_no_field(void **state)
{
    static const char *const WIRES[] = {
        "MSH|^~\\&|a\x81|b|fac|||2026||ADT^A01|C7|P|2.5||||||GB 18030-2000\rEVN|A01\r",
        "MSH|^~\\&|a\xA4|b|fac|||2026||ADT^A01|C7|P|2.5||||||BIG-5\rEVN|A01\r",
        "MSH|^~\\&|a\x1B$B;|\x1B(Bb|fac|||2026||ADT^A01|C7|P|2.5||||||~ISO IR87\rEVN|A01\r",
        "MSH|^~\\&|M\xFC|fac|||2026||ADT^A01|C7|P|2.5||||||8859/1\rEVN|A01\r",
    };

    (void)state;
    for (size_t i = 0; i < sizeof WIRES / sizeof *WIRES; i++) {
        struct arena *arena = arena_new();
        struct hl7_message *m = hl7_message_parse(arena, slice_of(WIRES[i]), NULL);
        struct hl7_header scanned, read;
        assert_non_null(m);
        hl7_header_read(m, &read);
        assert_true(hl7_header_scan(slice_of(WIRES[i]), &scanned));
        for (int n = 0; n < 2; n++) {
            const struct hl7_header *h = n == 0 ? &scanned : &read;
            if (!slice_is(h->control_id, "C7") || !slice_is(h->sending_facility, "fac") ||
                !slice_is(h->type, "ADT"))
                fail_msg("%zu, %d: %.*s", i, n, SLICE_ARG(h->control_id));
        }
        arena_free(&arena);
    }
}

/* Encoding characters that cannot be: the message is refused, and its sender told which one. */
static void what_cannot_be_read_is_refused_by_its_control_id(void **state)
{
    static const char *const ENCODINGS[] = { "^^\\&", "^~\\&#@", "^~\\\x01", "|" };

    (void)state;
    for (size_t i = 0; i < sizeof ENCODINGS / sizeof *ENCODINGS; i++) {
        struct arena *arena = arena_new();
        struct slice wire = arena_printf(arena, "MSH|%s|a|b|c|d|2026||ADT^A01|C7|P|2.4\r", ENCODINGS[i]);
        struct buf out = buf_make(4096);
        struct error err = { .code = ERROR_NONE };
        struct hl7_header h;
        bool known = hl7_header_scan(wire, &h);
        assert_null(hl7_message_parse(arena, wire, &err));
        assert_true(known == (i < 3));
        hl7_ack_write(&out, known ? &h : NULL, "AR", SLICE("N1"), 0, &err);
        buf_u8(&out, 0);
        if (known &&
            (strncmp(out.ptr, "MSH|^~\\&|c|d|a|b|", 17) != 0 || strstr(out.ptr, "\rMSA|AR|C7|") == NULL))
            fail_msg("%s", out.ptr);
        buf_free(&out);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_the_header_hide_no_field),
        cmocka_unit_test(what_cannot_be_read_is_refused_by_its_control_id),
        cmocka_unit_test(acknowledgements_of_each_version),
        cmocka_unit_test(errors_become_table_0357),
        cmocka_unit_test(what_is_due_follows_the_header),
        cmocka_unit_test(a_header_gives_its_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
