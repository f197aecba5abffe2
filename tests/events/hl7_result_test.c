/* ORU^R01 and its like (STANDARDS section 3.7, HL7 v2 chapter 7): status, flags, values, identities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/hl7_help.h"

#define MSH(type) "MSH|^~\\&|LIS|GH|||20261122031504+0000||" type "|1|P|2.5.1\r"
#define ORU       MSH("ORU^R01^ORU_R01")
#define PID       "PID|||4711^^^GH^MR||Quill^Marta\r"
#define PV1       "PV1||I|5W^512^12\r"
#define OBR       "OBR|1|P1|F1|24323-8^CMP^LN||||||||||||d7^Roe^Ada||||||20261122030000+0000|||F\r"
#define K(rest)   "OBX|1|NM|2823-3^K^LN||" rest "\r"

/* One OBX: from OBX-2 to its end; a part of its event's JSON, NULL: no event. */
struct row {
    const char *name, *obx, *holds, *finding;
};

static void check_rows(const struct row *rows, size_t count)
{
    struct fixture f;
    fixture_begin(&f);
    for (size_t i = 0; i < count; i++) {
        char wire[2000];
        snprintf(wire, sizeof wire, ORU PID PV1 OBR "OBX|1|%s\r", rows[i].obx);
        if (rows[i].holds == NULL) {
            if (!fixture_read(&f, wire) || f.r.event_count != 0 || !f.r.context_only)
                fail_msg("%s: %zu events", rows[i].name, f.r.event_count);
            continue;
        }
        fixture_event(&f, rows[i].name, wire);
        if (!fixture_holds(&f, 0, rows[i].holds) ||
            (rows[i].finding == NULL ? f.r.finding_count > 0 : !fixture_found(&f, rows[i].finding)))
            fail_msg("%s: %s", rows[i].name, f.r.finding_count > 0 ? f.r.findings[0].what : "");
    }
    fixture_end(&f);
}

#define CHECK(rows) check_rows(rows, sizeof rows / sizeof rows[0])

static void the_status_of_an_observation(void **state)
{
    static const struct row rows[] = {
        { "F final", "NM|2823-3^K^LN||4|mmol/L|||||F", "\"phase\":\"final\"", NULL },
        { "U final as sent", "NM|2823-3^K^LN||||||||U", "\"phase\":\"final\"", NULL },
        { "V verified", "NM|2823-3^K^LN||4|mmol/L|||||V", "\"phase\":\"final\"", NULL },
        { "C corrected", "NM|2823-3^K^LN||4|mmol/L|||||C", "\"phase\":\"corrected\"", NULL },
        { "A amended", "NM|2823-3^K^LN||4|mmol/L|||||A", "\"phase\":\"corrected\"", NULL },
        { "P preliminary", "NM|2823-3^K^LN||4|mmol/L|||||P", "\"phase\":\"preliminary\"", NULL },
        { "R not verified", "NM|2823-3^K^LN||4|mmol/L|||||R", "\"phase\":\"preliminary\"", NULL },
        { "S partial", "NM|2823-3^K^LN||4|mmol/L|||||S", "\"phase\":\"preliminary\"", NULL },
        { "W wrong patient or post", "NM|2823-3^K^LN||4|mmol/L|||||W", "\"phase\":\"withdrawn\"", NULL },
        { "D deleted", "NM|2823-3^K^LN||4|mmol/L|||||D", "\"phase\":\"withdrawn\"", NULL },
        { "X none can be had", "NM|2823-3^K^LN||||||||X", NULL, NULL },
        { "I in the laboratory", "NM|2823-3^K^LN||||||||I", NULL, NULL },
        { "O ordered only", "NM|2823-3^K^LN||||||||O", NULL, NULL },
        { "N not asked for", "NM|2823-3^K^LN||||||||N", NULL, NULL },
        { "small letter", "NM|2823-3^K^LN||4|mmol/L|||||c", "\"phase\":\"corrected\"", NULL },
        { "empty: OBR-25", "NM|2823-3^K^LN||4|mmol/L", "\"phase\":\"final\"", NULL },
        { "unknown", "NM|2823-3^K^LN||4|mmol/L|||||Z", "\"phase\":\"final\"", "unknown-status" },
        { "a null beside the code is no text", "NM|99^\"\"^L||4|mmol/L|||||F",
          "\"raw-code\":\"99\",\"title\":\"99\"", "unmapped-code" },
        { "a line of a report, without a code", "TX|||see below||||||F", NULL, NULL },
        { "a flag without a code: the order's", "ST|||see below|||AA|||F", "\"raw-code\":\"24323-8\"",
          "unmapped-code" },
        { "a value without a code: the order's", "NM|||4.1|mmol/L|||||F", "\"raw-code\":\"24323-8\"",
          "unmapped-code" },
    };
    (void)state;
    CHECK(rows);
}

static void the_flags_of_an_observation(void **state)
{
    static const struct {
        const char *flags, *abnormal;
        enum event_class class;
    } table[] = {
        { "", "none", CLASS_LOW },
        { "N", "normal", CLASS_LOW },
        { "L", "low", CLASS_LOW },
        { "H", "high", CLASS_LOW },
        { "LL", "critical-low", CLASS_HIGH },
        { "HH", "critical-high", CLASS_HIGH },
        { "AA", "critical", CLASS_HIGH },
        { "A", "abnormal", CLASS_LOW },
        { "<", "off-scale-low", CLASS_HIGH },
        { ">", "off-scale-high", CLASS_HIGH },
        { "H~HH", "critical-high", CLASS_HIGH },
        { "HH~H", "critical-high", CLASS_HIGH },
        { "N~AA", "critical", CLASS_HIGH },
        { "hh", "critical-high", CLASS_HIGH },
        { "HH^Critical^HL70078", "critical-high", CLASS_HIGH },
        { "^^^LL^low^L", "critical-low", CLASS_HIGH },
        { "LU", "low", CLASS_LOW },
        { "HU", "high", CLASS_LOW },
        { "S", "none", CLASS_LOW },
        { "I", "none", CLASS_LOW },
        { "MS", "none", CLASS_LOW },
        { "VS", "none", CLASS_LOW },
        { "R", "abnormal", CLASS_LOW },
        { "W", "none", CLASS_LOW },
        { "B", "none", CLASS_LOW },
        { "U", "none", CLASS_LOW },
        { "D", "none", CLASS_LOW },
        { "POS", "abnormal", CLASS_LOW },
        { "NEG", "normal", CLASS_LOW },
        { "RR", "abnormal", CLASS_LOW },
        { "DET", "abnormal", CLASS_LOW },
        { "ND", "normal", CLASS_LOW },
        { "QCF", "none", CLASS_LOW },
        { "NULL", "none", CLASS_LOW },
        { "\"\"", "none", CLASS_LOW },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000];
        snprintf(wire, sizeof wire, ORU PID OBR "OBX|1|NM|2823-3^K^LN||4|mmol/L||%s|||F\r", table[i].flags);
        const struct event *e = fixture_event(&f, table[i].flags, wire);
        if (strcmp(event_abnormal_name(e->abnormal), table[i].abnormal) != 0 || e->class != table[i].class ||
            f.r.finding_count > 0)
            fail_msg("%s is %s, %s", table[i].flags, event_abnormal_name(e->abnormal),
                     event_class_name(e->class));
    }
    /* A word of no table is listed, and counts as abnormal until somebody says what it is. */
    const struct event *e = fixture_event(&f, "PANIC", ORU PID OBR K("9|mmol/L||PANIC|||F"));
    assert_int_equal(e->abnormal, ABNORMAL_ABNORMAL);
    assert_true(fixture_found(&f, "unknown-flag"));
    fixture_end(&f);
}

static void the_value_of_an_observation(void **state)
{
    static const struct row rows[] = {
        { "NM", "NM|2823-3^K^LN||4.10|mmol/L|||||F", "\"value\":{\"is\":4.10,\"unit\":\"mmol/L\"}", NULL },
        { "a text that is a number", "ST|2823-3^K^LN||4.1|mmol/L|||||F", "\"value\":{\"is\":4.1,", NULL },
        { "a text with a bound", "ST|2823-3^K^LN||>10|mmol/L|||||F", "\"value\":{\"open-low\":10,", NULL },
        { "at least", "ST|2823-3^K^LN||>= 10|mmol/L|||||F", "\"value\":{\"low\":10,", NULL },
        { "a range", "ST|2823-3^K^LN||10-20|mmol/L|||||F", "\"value\":{\"low\":10,\"high\":20,", NULL },
        { "SN above", "SN|2823-3^K^LN||>^10.0|mmol/L|||||F", "\"value\":{\"open-low\":10.0,", NULL },
        { "SN equal", "SN|2823-3^K^LN||=^4|mmol/L|||||F", "\"value\":{\"is\":4,", NULL },
        { "SN range", "SN|2823-3^K^LN||^1^-^5|mmol/L|||||F", "\"value\":{\"low\":1,\"high\":5,", NULL },
        { "NR", "NR|2823-3^K^LN||1^5|mmol/L|||||F", "\"value\":{\"low\":1,\"high\":5,", NULL },
        { "CQ", "CQ|2823-3^K^LN||4^mmol/L||||||F", "\"value\":{\"is\":4,\"unit\":\"mmol/L\"}", NULL },
        { "the unit behind the number", "ST|2823-3^K^LN||4.1 mmol/L||||||F",
          "\"value\":{\"is\":4.1,\"unit\":\"mmol/L\"}", NULL },
        { "a decimal comma", "ST|2823-3^K^LN||4,1|mmol/L|||||F", "\"value\":{\"is\":4.1,", NULL },
        { "OBX-2 empty", "|2823-3^K^LN||4.1|mmol/L|||||F", "\"value\":{\"is\":4.1,", NULL },
        { "mEq/L is mmol/L", "NM|2823-3^K^LN||4.1|mEq/L|||||F", "\"unit\":\"mmol/L\"", NULL },
        { "to the unit of the row", "NM|718-7^Hb^LN||85|g/L|||||F",
          "\"value\":{\"is\":8.5,\"unit\":\"g/dL\"}", NULL },
        { "no unit: the row's", "NM|2823-3^K^LN||4.1||||||F", "\"unit\":\"mmol/L\"", "assumed-unit" },
        { "a range of reference", "NM|2823-3^K^LN||4|mmol/L|3.5-5.1||||F",
          "\"threshold\":{\"low\":3.5,\"high\":5.1,\"unit\":\"mmol/L\"}", NULL },
        { "in words", "NM|2823-3^K^LN||4|mmol/L|3.5 to 5.1||||F", "\"threshold\":{\"low\":3.5,\"high\":5.1,",
          NULL },
        { "in brackets", "NM|2823-3^K^LN||4|mmol/L|[3.5 - 5.1]||||F",
          "\"threshold\":{\"low\":3.5,\"high\":5.1,", NULL },
        { "one bound with its unit", "NM|10368-9^Lead^LN||50|ug/dL|<10 ug/dl||||F",
          "\"threshold\":{\"open-high\":10,\"unit\":\"ug/dL\"}", NULL },
        { "the alternate code", "NM|K^K^99L^2823-3^Potassium^LN||4|mmol/L|||||F", "\"code\":\"potassium\"",
          NULL },
        { "OBX-14 is the time", "NM|2823-3^K^LN||4|mmol/L|||||F|||20261122025500+0000",
          "\"time\":\"2026-11-22T02:55:00.000Z\"", NULL },
        { "OBX-16 is the observer", "NM|2823-3^K^LN||4|mmol/L|||||F|||||t9^Fenn^Ivo",
          "\"actor\":\"t9\",\"actor-name\":\"Ivo Fenn\"", NULL },
        { "OBR-16 is the orderer", "NM|2823-3^K^LN||4|mmol/L|||||F",
          "\"ordering-provider\":\"d7\",\"ordering-provider-name\":\"Ada Roe\"", NULL },
    };
    /* Digits that are no quantity. */
    static const char *const none[] = {
        "CE|600-7^Culture^LN||10828004^Positive^SCT||||||F",
        "CWE|600-7^Culture^LN||10828004^Positive^SCT||||||F",
        "DT|600-7^Culture^LN||20261122||||||F",
        "TM|600-7^Culture^LN||0312||||||F",
        "ED|600-7^Culture^LN||^IM^PDF^Base64^MTIz||||||F",
        "TX|600-7^Culture^LN||gram positive||||||F",
        "NM|600-7^Culture^LN||1~2||||||F",
        "SN|600-7^Titre^LN||^1^:^128||||||F",
        "SN|600-7^Titre^LN||^1^+||||||F",
        "NM|600-7^Culture^LN||\"\"||||||F",
        "ST|600-7^Culture^LN||1,234||||||F",
    };
    struct fixture f;
    (void)state;
    CHECK(rows);
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char wire[1000];
        snprintf(wire, sizeof wire, ORU PID OBR "OBX|1|%s\r", none[i]);
        if (fixture_event(&f, none[i], wire)->value.state != QUANTITY_ABSENT)
            fail_msg("%s is a number", none[i]);
    }
    fixture_end(&f);
}

/* What links P, F, C and W of one result, and keeps two results apart. */
static void the_identity_of_a_result(void **state)
{
    static const struct {
        const char *name, *first, *second;
        bool same;
    } table[] = {
        { "P and F", OBR K("4|mmol/L|||||P"), OBR K("5|mmol/L||HH|||F"), true },
        { "F and W", OBR K("4|mmol/L|||||F"), OBR K("|||||||W"), true },
        { "a recall that names the right patient", OBR K("4|mmol/L|||||F"),
          "PID|||9^^^GH^MR||Other^One\r" OBR K("4|mmol/L|||||W"), true },
        { "another sub-id", OBR "OBX|1|NM|2823-3^K^LN|1|4\r", OBR "OBX|1|NM|2823-3^K^LN|2|4\r", false },
        { "another code", OBR K("4"), OBR "OBX|1|NM|2951-2^Na^LN||140\r", false },
        { "another order", OBR K("4"), "OBR|1|P2|F2|24323-8^CMP^LN\r" K("4"), false },
        { "the filler's number in the ORC", "ORC|RE|P1|F1\rOBR|1|||24323-8^CMP^LN\r" K("4"), OBR K("4"),
          true },
        { "the placer's where there is no other", "OBR|1|P1||X\r" K("4"), "ORC|RE|P1\rOBR|1|||X\r" K("4"),
          true },
        { "no number: the patient's", "OBR|1|||X\r" K("4"), "PID|||9^^^GH^MR\rOBR|1|||X\r" K("4"), false },
        { "a name in place of a code", OBR "OBX|1|NM|^Potassium||4\r", OBR "OBX|1|NM|^Sodium||4\r", false },
        { "a child order of another result of its parent",
          "OBR|1|P1|F1|X||||||||||||||||||||||600-7&1^1\r" K("4"),
          "OBR|1|P1|F1|X||||||||||||||||||||||600-7&1^2\r" K("4"), false },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[2000], kept[500];
        snprintf(wire, sizeof wire, ORU PID "%s", table[i].first);
        snprintf(kept, sizeof kept, "%.*s", SLICE_ARG(fixture_event(&f, table[i].name, wire)->identity));
        snprintf(wire, sizeof wire, ORU "%s%s", strncmp(table[i].second, "PID", 3) == 0 ? "" : PID,
                 table[i].second);
        const struct event *e = fixture_event(&f, table[i].name, wire);
        if (slice_is(e->identity, kept) != table[i].same)
            fail_msg("%s: %s and %.*s", table[i].name, kept, SLICE_ARG(e->identity));
    }
    /* One code twice without a sub-id: two results, in the same order every time. */
    assert_true(fixture_read(&f, ORU PID OBR K("4") K("9|mmol/L||HH") K("5")));
    assert_int_equal(f.r.event_count, 3);
    assert_true(slice_ends(f.r.events[1].identity, SLICE("|2823-3|#2")));
    assert_true(slice_ends(f.r.events[2].identity, SLICE("|2823-3|#3")));
    fixture_end(&f);
}

/* Several patients in one message: each OBX belongs to its own PID, PV1 and OBR. */
static void each_patient_has_its_own_results(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(
        &f, ORU
        "PID|||1^^^GH^MR||Alder^A\rPV1||I|5W^^12\rORC|RE||F1|||||||||d1^One^D\rOBR|1||F1|X\rTQ1|||||||||S\r"
        "OBX|1|NM|2823-3^K^LN||4\rNTE|1||critical HH\rOBR|2||F2|X\rOBX|1|NM|2951-2^Na^LN||140\r"
        "PID|||2^^^GH^MR||Birch^B\rPV1||I|ICU^^B1\rOBR|1||F3|X||||||||||||d3^Three^D\rOBX|1|NM|2823-3^K^LN||"
        "5\r"
        "PID|||3^^^GH^MR||Cedar^C\rOBX|1|NM|2823-3^K^LN||6\r"));
    assert_int_equal(f.r.event_count, 4);
    static const struct {
        const char *patient, *unit, *provider;
        enum event_priority priority;
    } want[] = { { "GH|1", "5W", "d1", PRIORITY_STAT },
                 { "GH|1", "5W", "", PRIORITY_NONE },
                 { "GH|2", "ICU", "d3", PRIORITY_NONE },
                 { "GH|3", "", "", PRIORITY_NONE } };
    for (size_t i = 0; i < 4; i++) {
        const struct event *e = &f.r.events[i];
        if (!slice_is(e->patient.id, want[i].patient) || !slice_is(e->place.unit, want[i].unit) ||
            !slice_is(e->ordering_provider.id, want[i].provider) || e->priority != want[i].priority ||
            e->part != i + 1 || e->abnormal != ABNORMAL_NONE)
            fail_msg("event %zu", i);
    }
    fixture_end(&f);
}

static void the_messages_that_hold_results(void **state)
{
    static const struct {
        const char *name, *wire;
        const char *code, *filler; /* a part of the identity */
    } table[] = {
        { "R30", MSH("ORU^R30^ORU_R30") PID OBR K("4"), "potassium", "|F1|" },
        { "R31", MSH("ORU^R31^ORU_R30") PID OBR K("4"), "potassium", "|F1|" },
        { "R32", MSH("ORU^R32^ORU_R30") PID OBR K("4"), "potassium", "|F1|" },
        { "v2.1: no trigger", MSH("ORU") PID OBR K("4"), "potassium", "|F1|" },
        { "OUL^R21", MSH("OUL^R21") PID "ORC|RE|P9|F9\r" OBR K("4"), "potassium", "|F1|" },
        { "OUL^R22: the ORC behind its OBR",
          MSH("OUL^R22^OUL_R22") PID "SPM|1\rOBR|1|||X\rORC|RE|P9|F9\r" K("4"), "potassium", "|F9|" },
        { "OUL^R22: the specimen's own OBX", MSH("OUL^R22^OUL_R22") PID "SPM|1\rOBR|1||F1|X\rSPM|2\r" K("4"),
          "potassium", "|result||GH|4711|" },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct event *e = fixture_event(&f, table[i].name, table[i].wire);
        char identity[300];
        snprintf(identity, sizeof identity, "%.*s", SLICE_ARG(e->identity));
        if (!slice_is(e->code, table[i].code) || strstr(identity, table[i].filler) == NULL)
            fail_msg("%s: %s", table[i].name, identity);
    }
    static const char *const refused[] = { MSH("ORU^W01") PID OBR K("4"), MSH("OUL^R99") PID OBR K("4") };
    for (size_t i = 0; i < 2; i++) {
        assert_false(fixture_read(&f, refused[i]));
        assert_string_equal(f.err.where, "MSH-9.2");
    }
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_status_of_an_observation),     cmocka_unit_test(the_flags_of_an_observation),
        cmocka_unit_test(the_value_of_an_observation),      cmocka_unit_test(the_identity_of_a_result),
        cmocka_unit_test(each_patient_has_its_own_results), cmocka_unit_test(the_messages_that_hold_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
