/* MFK for MFN (HL7 v2 section 8.5), batches of acknowledgements (2.10.3), acknowledgements that travel alone,
 * and reading an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/ack.h"
#include "tests/guard.h"

#include <stdio.h>
#include <string.h>

enum { WALL_S = 1795352709 }; /* 2026-11-22T13:05:09Z */
#define AT   "20261122130509+0000"
#define WALL ((int64_t)WALL_S * 1000000)

/* --- MFK --------------------------------------------------------------------------------------------- */

#define MFN(version, level)                                                                                  \
    "MSH|^~\\&|hr|main|nb|main|20261122||MFN^M02^MFN_M02|m1|P|" version "\r"                                 \
    "MFI|STF^Staff^HL70175||UPD|20261101|20261122|" level "\r"                                               \
    "MFE|MAD|c\\T\\1|20261101|P1^^^H|CWE\rSTF|P1^^^H||Doe\rPRA|P1\r"                                         \
    "MFE|MUP|c2||P2\rSTF|P2||Roe\r"                                                                          \
    "MFE|MDC|c3||P3\rSTF|P3||Poe\r"
#define HEAD(version, type) "MSH|^~\\&|nb|main|hr|main|" AT "||" type "|N7|P|" version "\r"
#define MFI(level)          "MFI|STF^Staff^HL70175||UPD|20261101|20261122|" level "\r"
#define ROW_1(end)          "MFA|MAD|c\\T\\1|" AT "|" end "|P1^^^H|CWE\r"
#define ROW_2(end)          "MFA|MUP|c2|" AT "|" end "|P2\r"
#define ROW_3(end)          "MFA|MDC|c3|" AT "|" end "|P3\r"
#define S                   "S^Successful^HL70181"
#define U                   "U^Unsuccessful^HL70181"
#define WHY                 U "^103^Table value not found^HL70357"

static void mfn_is_answered_by_mfk(void **state)
{
    static const struct {
        const char *name, *wire, *code, *where, *text;
    } ROWS[] = {
        { "all taken", MFN("2.5.1", "AL"), "AA", NULL,
          HEAD("2.5.1", "MFK^M02^MFK_M01") "MSA|AA|m1\r" MFI("AL") ROW_1(S) ROW_2(S) ROW_3(S) },
        { "MFI-6 NE: no rows", MFN("2.5.1", "NE"), "AA", NULL,
          HEAD("2.5.1", "MFK^M02^MFK_M01") "MSA|AA|m1\r" MFI("NE") },
        { "MFI-6 ER: only faults, none here", MFN("2.5.1", "ER"), "AA", NULL,
          HEAD("2.5.1", "MFK^M02^MFK_M01") "MSA|AA|m1\r" MFI("ER") },
        { "MFI-6 SU", MFN("2.5.1", "SU"), "AA", NULL,
          HEAD("2.5.1", "MFK^M02^MFK_M01") "MSA|AA|m1\r" MFI("SU") ROW_1(S) ROW_2(S) ROW_3(S) },
        { "MFI-6 empty: all", MFN("2.3", ""), "AA", NULL,
          HEAD("2.3", "MFK^M02") "MSA|AA|m1\r" MFI("") ROW_1(S) ROW_2(S) ROW_3(S) },
        { "2.2 knows MFK^M02", MFN("2.2", "NE"), "AA", NULL, HEAD("2.2", "MFK^M02") "MSA|AA|m1\r" MFI("NE") },
        { "a record at fault says why, all are undone", MFN("2.7", "AL"), "AE", "MFE[2]-1",
          HEAD("2.7", "MFK^M02^MFK_M01") "MSA|AE|m1\rERR||MFE^2^1^1|103^Table value not "
                                         "found^HL70357|E||||not known\r" MFI("AL") ROW_1(U) ROW_2(WHY)
                                             ROW_3(U) },
        { "a segment below a record", MFN("2.7", "ER"), "AE", "STF[3]-2",
          HEAD("2.7", "MFK^M02^MFK_M01") "MSA|AE|m1\rERR||STF^3^2^1|103^Table value not "
                                         "found^HL70357|E||||not known\r" MFI("ER") ROW_1(U) ROW_2(U)
                                             ROW_3(WHY) },
        { "a place in no record", MFN("2.7", "AL"), "AR", "MFI-1",
          HEAD("2.7", "MFK^M02^MFK_M01") "MSA|AR|m1\rERR||MFI^1^1^1|103^Table value not "
                                         "found^HL70357|E||||not known\r" MFI("AL") ROW_1(U) ROW_2(U)
                                             ROW_3(U) },
        { "MFI-6 SU: nothing of a failure", MFN("2.7", "SU"), "AE", "MFE-1",
          HEAD("2.7", "MFK^M02^MFK_M01") "MSA|AE|m1\rERR||MFE^1^1^1|103^Table value not "
                                         "found^HL70357|E||||not known\r" MFI("SU") },
        { "the accept acknowledgement is an ACK", MFN("2.5.1", "AL"), "CA", NULL,
          HEAD("2.5.1", "ACK^M02^ACK") "MSA|CA|m1\r" },
        { "without MFI it is an ACK", "MSH|^~\\&|hr|main|nb|main|20261122||MFN^M02|m1|P|2.5.1\rMFE|MAD|c1\r",
          "AA", NULL, HEAD("2.5.1", "ACK^M02^ACK") "MSA|AA|m1\r" },
    };
    struct buf out = buf_make(8192), kept = buf_make(8192);

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (int whole = 0; whole <= 1; whole++) { /* from what is kept, and from the whole message */
            struct hl7_header h;
            struct error err = { .code = ERROR_NONE };
            if (ROWS[i].where != NULL)
                error_at(&err, ERROR_VALUE, ROWS[i].where, "not known");
            assert_true(hl7_header_scan(slice_of(ROWS[i].wire), &h));
            buf_reset(&out);
            buf_reset(&kept);
            hl7_master_keep(&kept, slice_of(ROWS[i].wire));
            hl7_ack_put(&out, &(struct hl7_ack_request){
                                  .header = &h,
                                  .code = ROWS[i].code,
                                  .control_id = SLICE("N7"),
                                  .wall_us = WALL,
                                  .err = &err,
                                  .kept = whole ? slice_of(ROWS[i].wire) : buf_slice(&kept),
                              });
            if (!slice_is(buf_slice(&out), ROWS[i].text))
                fail_msg("%s:\n%.*s", ROWS[i].name, SLICE_ARG(buf_slice(&out)));
        }
    buf_free(&out);
    buf_free(&kept);
}

static void little_is_kept_of_a_master_file(void **state)
{
    struct buf kept = buf_make(4096);

    (void)state;
    hl7_master_keep(&kept, SLICE("MSH!^~\\&!a\nMFI!x!y\nMFE!MAD!1\nSTF!secret!secret\nand more\nZZ\nPRA!1"));
    assert_true(slice_is(buf_slice(&kept), "MSH!^~\\&!a\rMFI!x!y\rMFE!MAD!1\rSTF\rPRA\r"));
    assert_true(hl7_master_holds(buf_slice(&kept)));
    assert_false(hl7_master_holds(SLICE("MSH|^~\\&|\rMFE|1\r")));
    assert_false(hl7_master_holds(SLICE("")));
    buf_free(&kept);
}

/* --- an acknowledgement on a connection of its own ------------------------------------------------------ */

static void a_delayed_acknowledgement_may_ask_for_one_itself(void **state)
{
    struct buf out = buf_make(4096);
    struct hl7_header h;

    (void)state;
    for (int charset = 0; charset <= 1; charset++) {
        char wire[128];
        snprintf(wire, sizeof wire, "MSH|^~\\&|a||b||||ORU^R01|7|P|2.6|||AL|AL%s", charset ? "||8859/1" : "");
        assert_true(hl7_header_scan(slice_of(wire), &h));
        buf_reset(&out);
        hl7_ack_put(
            &out,
            &(struct hl7_ack_request){
                .header = &h, .code = "AA", .control_id = SLICE("N7"), .wall_us = WALL, .accept_ack = "AL" });
        const char *expected = charset ? "MSH|^~\\&|b||a||" AT
                                         "||ACK^R01^ACK|N7|P|2.6|||AL|NE||8859/1\rMSA|AA|7\r"
                                       : "MSH|^~\\&|b||a||" AT "||ACK^R01^ACK|N7|P|2.6|||AL|NE\rMSA|AA|7\r";
        if (!slice_is(buf_slice(&out), expected))
            fail_msg("%.*s", SLICE_ARG(buf_slice(&out)));
    }
    buf_free(&out);
}

/* --- batches ----------------------------------------------------------------------------------------- */

static void a_batch_of_answers_refers_to_the_batch(void **state)
{
    static const struct {
        const char *name, *header, *text;
    } ROWS[] = {
        { "usual", "BHS|^~\\&|mon|icu|nb|main|20261122||nightly||B1|B0",
          "BHS|^~\\&|nb|main|mon|icu|" AT "||||N7|B1\rBTS|3\r" },
        { "with its line end", "BHS|^~\\&|mon|icu|nb|main|20261122||||B1\r\nMSH|x",
          "BHS|^~\\&|nb|main|mon|icu|" AT "||||N7|B1\rBTS|3\r" },
        { "other delimiters", "BHS!%*@#!mon!icu!nb!main!!!!!B%1@",
          "BHS!%*@#!nb!main!mon!icu!" AT "!!!!N7!B%1@\rBTS!3\r" },
        { "no control id", "BHS|^~\\&|mon", "BHS|^~\\&|||mon||" AT "||||N7|\rBTS|3\r" },
        { "only the name", "BHS", "BHS|^~\\&|||||" AT "||||N7|\rBTS|3\r" },
    };
    struct buf out = buf_make(4096);

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct guard g = guard_make(slice_of(ROWS[i].header));
        buf_reset(&out);
        hl7_ack_batch_begin(&out, "BHS", g.bytes, SLICE("N7"), WALL);
        hl7_ack_batch_end(&out, "BTS", g.bytes, 3);
        guard_free(&g);
        if (!slice_is(buf_slice(&out), ROWS[i].text))
            fail_msg("%s:\n%.*s", ROWS[i].name, SLICE_ARG(buf_slice(&out)));
    }
    buf_free(&out);
}

/* --- reading an answer --------------------------------------------------------------------------------- */

#define ANSWER "MSH|^~\\&|x|y|nb|main|20261122||ACK^R40^ACK|9|P|2.6\r"

static void an_answer_gives_code_id_and_place(void **state)
{
    static const struct {
        const char *name, *wire;
        bool is;
        const char *code, *id, *where;
        uint32_t number;
    } ROWS[] = {
        { "taken", ANSWER "MSA|AA|NB 7\r", true, "AA", "NB 7", "", 0 },
        { "2.6 error", ANSWER "MSA|AE|7|CANARY\rERR||OBX^3^5^1^2|101^Required^HL70357|E||||CANARY\r", true,
          "AE", "7", "OBX[3]-5.2", 101 },
        { "second repetition", ANSWER "MSA|AE|7\rERR||PID^1^3^2|204|E\r", true, "AE", "7", "PID-3[2]", 204 },
        { "only the first ERR", ANSWER "MSA|CE|7\rERR||PID^1|100\rERR||OBX^2|101\r", true, "CE", "7", "PID",
          100 },
        { "2.4 error", "MSH|^~\\&|||||||ACK|9|P|2.4\rMSA|AR|7\rERR|PID^1^5^101&Required&HL70357~OBX^1\r",
          true, "AR", "7", "PID-5", 101 },
        { "a place that is none", ANSWER "MSA|AE|7\rERR||PATIENT NAME DOE^1^5|102\r", true, "AE", "7", "",
          102 },
        { "other delimiters", "MSH!%*@#!!!!!!!ACK!9!P!2.4\rMSA!AA!x%1\r", true, "AA", "x%1", "", 0 },
        { "LF ends", "MSH|^~\\&|||||||ACK|9|P|2.4\nMSA|AA|7\n", true, "AA", "7", "", 0 },
        { "no MSA-2", ANSWER "MSA|AA\r", true, "AA", "", "", 0 },
        { "blanks round the code", ANSWER "MSA| AA |7", true, "AA", "7", "", 0 },
        { "no MSA", ANSWER "PID|1\r", false, "", "", "", 0 },
        { "MSA is data after LF", ANSWER "NTE|1||x\nMSA|AA|7\r", false, "", "", "", 0 },
        { "not HL7", "hello", false, "", "", "", 0 },
        { "nothing", "", false, "", "", "", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct guard g = guard_make(slice_of(ROWS[i].wire));
        struct hl7_answer a;
        bool is = hl7_answer_read(g.bytes, &a);
        if (is != ROWS[i].is || !slice_is(a.code, ROWS[i].code) || !slice_is(a.control_id, ROWS[i].id) ||
            strcmp(a.where, ROWS[i].where) != 0 || a.err_0357 != ROWS[i].number)
            fail_msg("%s: %d %.*s %.*s %s %u", ROWS[i].name, is, SLICE_ARG(a.code), SLICE_ARG(a.control_id),
                     a.where, a.err_0357);
        guard_free(&g);
    }
}

static void what_we_write_we_read(void **state)
{
    static const char *const versions[] = { "2.1", "2.3", "2.4", "2.5", "2.6", "2.7", "2.9" };
    struct buf out = buf_make(4096);

    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct hl7_header h;
        struct hl7_answer a;
        struct error err = { .code = ERROR_NONE };
        char wire[128];
        snprintf(wire, sizeof wire, "MSH|^~\\&|a||b||||ORU^R01|i~d\\E\\|P|%s|5", versions[i]);
        error_at(&err, ERROR_MISSING, "OBX[12]-3", "is missing");
        assert_true(hl7_header_scan(slice_of(wire), &h));
        buf_reset(&out);
        hl7_ack_write(&out, &h, "AE", SLICE("N7"), WALL, &err);
        assert_true(hl7_answer_read(buf_slice(&out), &a));
        assert_true(slice_is(a.code, "AE") && slice_eq(a.control_id, h.control_id));
        assert_string_equal(a.where, "OBX[12]-3");
        assert_int_equal(a.err_0357, 101);
    }
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mfn_is_answered_by_mfk),
        cmocka_unit_test(little_is_kept_of_a_master_file),
        cmocka_unit_test(a_delayed_acknowledgement_may_ask_for_one_itself),
        cmocka_unit_test(a_batch_of_answers_refers_to_the_batch),
        cmocka_unit_test(an_answer_gives_code_id_and_place),
        cmocka_unit_test(what_we_write_we_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
