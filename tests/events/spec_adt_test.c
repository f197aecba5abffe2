/* STANDARDS section 3.7, ADT: a row for each event and field that the section names, in its order. What the
 * census makes of them is in tests/router; more of each trigger in adt_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/hl7_help.h"
#include "tests/guard.h"

#define ADT(e) "MSH|^~\\&|HIS|GH|||20261122040000+0000||ADT^" e "|1|P|2.5\rEVN|" e "|20261122040000+0000\r"
#define PID    "PID|||4711^^^GH^MR||Quill^Marta\r"
#define PV1    "PV1||I|5W^512^12|||ICU^^B1|d7^Roe^Ada\r"
#define MRG    "MRG|9^^^GH^MR\r"
#define AT     "\"place\":\"5W/512/12\""

struct row {
    const char *rule, *wire, *holds;
};

/* Every row at a guard page; cut at every byte it is read or refused, and nothing worse. */
static void check(const struct row *rows, size_t count)
{
    struct help_site site = help_site_make();

    for (size_t i = 0; i < count; i++) {
        struct arena *a = arena_new();
        struct guard g = guard_make(slice_of(rows[i].wire));
        struct buf got = buf_make(1 << 20);
        help_read_hl7(a, &site.source, g.bytes, &got);
        buf_u8(&got, 0);
        if (strstr(got.ptr, rows[i].holds) == NULL)
            fail_msg("%s: %s\nis not in\n%s", rows[i].rule, rows[i].holds, got.ptr);
        guard_free(&g);
        for (size_t len = 0; len < strlen(rows[i].wire); len += 3) {
            g = guard_make(slice_sub(slice_of(rows[i].wire), 0, len));
            buf_reset(&got);
            help_read_hl7(a, &site.source, g.bytes, &got);
            guard_free(&g);
        }
        buf_free(&got);
        arena_free(&a);
    }
    help_site_free(&site);
}
#define CHECK(rows) check(rows, sizeof rows / sizeof *rows)

#define CHANGE(name) "{\"change\":\"" name "\",\"patient\":\"GH|4711\""

static void place_of_patient(void **state)
{
    static const struct row rows[] = {
        { "A01 admit", ADT("A01") PID PV1, CHANGE("admit") },
        { "A01 admit: to PV1-3", ADT("A01") PID PV1, AT },
        { "A02 transfer", ADT("A02") PID PV1, CHANGE("move") },
        { "A02 transfer: PV1-3 new", ADT("A02") PID PV1, AT },
        { "A02 transfer: PV1-6 prior", ADT("A02") PID PV1, "\"prior\":\"ICU//B1\"" },
        { "A03 discharge", ADT("A03") PID PV1, CHANGE("discharge") },
        { "A04 register", ADT("A04") PID PV1, CHANGE("admit") },
        { "A05 pre-admit", ADT("A05") PID PV1, CHANGE("preadmit") },
        { "A06 out to in", ADT("A06") PID PV1, CHANGE("place") },
        { "A07 in to out", ADT("A07") PID "PV1||O\r", CHANGE("place") },
        { "A08 update", ADT("A08") PID PV1, CHANGE("update") },
        { "A09 leaving (tracking)", ADT("A09") PID PV1, CHANGE("depart") },
        { "A10 arriving (tracking)", ADT("A10") PID PV1, CHANGE("arrive") },
        { "A17 swap two patients (2 x PID/PV1)", ADT("A17") PID PV1 "PID|||12^^^GH\rPV1||I|ICU^^B1\r",
          CHANGE("swap") },
        { "A17 swap: with whom", ADT("A17") PID PV1 "PID|||12^^^GH\rPV1||I|ICU^^B1\r",
          "\"other\":\"GH|12\"" },
        { "A17 swap: and where that one is now", ADT("A17") PID PV1 "PID|||12^^^GH\rPV1||I|ICU^^B1\r",
          "\"other-place\":\"ICU//B1\"" },
        { "A20 bed status", ADT("A20") "NPU|5W^512^12|H\r", "{\"location\":\"5W/512/12\"" },
        { "A21 leave", ADT("A21") PID PV1, CHANGE("leave") },
        { "A22 leave ends", ADT("A22") PID PV1, CHANGE("return") },
        { "A14 pending admit", ADT("A14") PID PV1, CHANGE("pending-admit") },
        { "A15 pending transfer", ADT("A15") PID PV1, CHANGE("pending-move") },
        { "A16 pending discharge", ADT("A16") PID PV1, CHANGE("pending-discharge") },
        { "A25 cancels A16", ADT("A25") PID PV1, CHANGE("cancel-pending-discharge") },
        { "A26 cancels A15", ADT("A26") PID PV1, CHANGE("cancel-pending-move") },
        { "A27 cancels A14", ADT("A27") PID PV1, CHANGE("cancel-pending-admit") },
    };
    (void)state;
    CHECK(rows);
}

static void undo(void **state)
{
    static const struct row rows[] = {
        { "A11 cancel admit", ADT("A11") PID PV1, CHANGE("cancel-admit") },
        { "A12 cancel transfer", ADT("A12") PID PV1, CHANGE("cancel-move") },
        { "A13 cancel discharge", ADT("A13") PID PV1, CHANGE("cancel-discharge") },
        { "A32 cancel tracking: arriving", ADT("A32") PID PV1, CHANGE("cancel-arrive") },
        { "A33 cancel tracking: leaving", ADT("A33") PID PV1, CHANGE("cancel-depart") },
        { "A38 cancel pre-admit", ADT("A38") PID PV1, CHANGE("cancel-preadmit") },
        { "A52 cancel leave", ADT("A52") PID PV1, CHANGE("cancel-leave") },
        { "A53 cancel leave's end", ADT("A53") PID PV1, CHANGE("cancel-return") },
        { "A23 delete visit", ADT("A23") PID PV1, CHANGE("cancel-admit") },
        { "A29 delete person", ADT("A29") PID PV1, CHANGE("delete-person") },
    };
    (void)state;
    CHECK(rows);
}

static void identity(void **state)
{
    static const struct row rows[] = {
        { "A18 old merge", ADT("A18") PID MRG, CHANGE("merge") },
        { "A34 old merge", ADT("A34") PID MRG, CHANGE("merge") },
        { "A35 old merge: of the account alone", ADT("A35") PID "MRG|4711^^^GH||A1\r", CHANGE("renumber") },
        { "A36 old merge", ADT("A36") PID MRG, CHANGE("merge") },
        { "A40 merge patient ids: PID = survivor", ADT("A40") PID MRG, CHANGE("merge") },
        { "A40: MRG-1 = gone", ADT("A40") PID MRG, "\"other\":\"GH|9\"" },
        { "A40: PID/MRG pairs repeat", ADT("A40") PID MRG "PID|||5^^^GH\rMRG|6^^^GH\r",
          "{\"change\":\"merge\",\"patient\":\"GH|5\",\"other\":\"GH|6\"" },
        { "A39 merge person", ADT("A39") PID MRG, CHANGE("merge") },
        { "A41 account", ADT("A41") PID "MRG|4711^^^GH||A1\r", CHANGE("renumber") },
        { "A42 visit", ADT("A42") PID "MRG|4711^^^GH||||V1\rPV1||I|5W^^12\r", CHANGE("renumber") },
        { "A43 move patient", ADT("A43") PID MRG, CHANGE("move-stay") },
        { "A44 move account", ADT("A44") PID "MRG|9^^^GH||A1\r", CHANGE("move-stay") },
        { "A45 move visit", ADT("A45") PID "MRG|9^^^GH||||V1\r" PV1, CHANGE("move-stay") },
        { "A46 change id", ADT("A46") PID MRG, CHANGE("merge") },
        { "A47 change id", ADT("A47") PID MRG, CHANGE("merge") },
        { "A48 change alternate id: no key here", ADT("A48") PID MRG, "\"context-only\":true" },
        { "A49 change account", ADT("A49") PID "MRG|4711^^^GH||A1\r", CHANGE("renumber") },
        { "A50 change visit", ADT("A50") PID "MRG|4711^^^GH||||V1\r" PV1, CHANGE("renumber") },
        { "A51 change alternate visit: no key here", ADT("A51") PID MRG, "\"context-only\":true" },
        { "A24 link: each keeps its own stay", ADT("A24") PID "PID|||12^^^GH\r", "\"context-only\":true" },
        { "A37 unlink", ADT("A37") PID "PID|||12^^^GH\r", "\"context-only\":true" },
        { "A28 person added", ADT("A28") PID, CHANGE("details") },
        { "A31 person updated", ADT("A31") PID, CHANGE("details") },
        { "A30 merge person", ADT("A30") PID MRG, CHANGE("merge") },
        { "A60 allergy", ADT("A60") PID "IAM|1||^PENICILLIN|SV\r", CHANGE("details") },
    };
    (void)state;
    CHECK(rows);
}

static void responsible_doctor(void **state)
{
    static const struct row rows[] = {
        { "A54 change attending", ADT("A54") PID PV1, CHANGE("details") },
        { "A54: PV1-7", ADT("A54") PID PV1, "\"attending\":\"d7\"" },
        { "A55 cancel change of attending", ADT("A55") PID PV1, CHANGE("cancel-attending") },
        { "A61 change consulting", ADT("A61") PID PV1, CHANGE("details") },
        { "A62 cancel change of consulting", ADT("A62") PID PV1, CHANGE("details") },
        { "ROL (v2.3+)", ADT("A01") PID PV1 "ROL|1|AD|PN^^L|77^Bell^Ida\r",
          "{\"care\":\"begin\",\"person\":\"77\",\"code\":\"PN\"" },
        { "ROL: deleted", ADT("A08") PID PV1 "ROL|1|DE|PN^^L|77^Bell^Ida\r", "{\"care\":\"end\"" },
        { "PRT (v2.7+)", ADT("A01") PID PV1 "PRT|1|AD||PN^^L|77^Bell^Ida\r",
          "{\"care\":\"begin\",\"person\":\"77\",\"code\":\"PN\"" },
    };
    (void)state;
    CHECK(rows);
}

static void fields_of_a_stay(void **state)
{
    static const struct row rows[] = {
        { "PID-3 ids (CX id^check^scheme^authority^type)", ADT("A01") "PID|||4711^5^M11^GH&1.2&ISO^MR\r" PV1,
          CHANGE("admit") },
        { "v2.1-2.2: PID-2", "MSH|^~\\&|HIS|GH|||20261122||ADT|1|P|2.1\rEVN|A01|20261122\rPID||4711\r" PV1,
          "\"patient\":\"|4711\"" },
        { "v2.1-2.2: PID-4", "MSH|^~\\&|HIS|GH|||20261122||ADT|1|P|2.2\rEVN|A01|20261122\rPID||||4711\r" PV1,
          "\"patient\":\"|4711\"" },
        { "PV1-2 class", ADT("A01") PID "PV1||E|5W^^12\r", "\"class\":\"emergency\"" },
        { "PV1-3: 1 point of care ^2 room ^3 bed", ADT("A01") PID PV1, AT },
        { "PV1-11 temporary", ADT("A10") PID "PV1||I|5W^512^12||||||||ICU^^B1\r",
          "\"temporary\":\"ICU//B1\"" },
        { "PV1-42 pending", ADT("A15") PID "PV1||I|5W^512^12|||||||||||||||||||||||||||||||||||||||ICU^^B1\r",
          "\"pending\":\"ICU//B1\"" },
        { "PV1-45 out time: an update after it is no place",
          ADT("A08") PID "PV1||I|5W^512^12||||||||||||||||||||||||||||||||||||||||||20261120\r",
          CHANGE("details") },
        { "ZBE-1 movement id, ZBE-4 INSERT", ADT("A02") PID PV1 "ZBE|77^HIS|20261122||INSERT|N||5W\r",
          "\"movement\":\"HIS|77 insert\"" },
        { "ZBE-4 UPDATE", ADT("Z99") PID PV1 "ZBE|77^HIS|20261122||UPDATE|N|A02|5W\r",
          "\"movement\":\"HIS|77 update\"" },
        { "ZBE-4 CANCEL", ADT("A12") PID PV1 "ZBE|77^HIS|20261122||CANCEL|N|A02|5W\r",
          "\"movement\":\"HIS|77 cancel\"" },
        { "ZBE-5 historic Y: not where he is", ADT("A02") PID PV1 "ZBE|77^HIS|20261122||INSERT|Y\r",
          "{\"finding\":\"historic-movement\",\"where\":\"ZBE-5\"" },
        { "ZBE-6 original event", ADT("Z99") PID PV1 "ZBE|77^HIS|20261122||UPDATE|N|A01\r", CHANGE("admit") },
        { "EVN-2 recorded", ADT("A02") PID PV1, "\"occurred\":\"2026-11-22T04:00:00.000Z\"" },
        { "EVN-6 occurred: apply by it",
          "MSH|^~\\&|HIS|GH|||20261122||ADT^A02|1|P|2.5\rEVN||20261122040000+0000||||20261122033000+"
          "0000\r" PID PV1,
          "\"occurred\":\"2026-11-22T03:30:00.000Z\"" },
        { "TS: absent zone = MSH-7's zone",
          "MSH|^~\\&|HIS|GH|||20261122050000+0100||ADT^A02|1|P|2.5\rEVN||20261122040000\r" PID PV1,
          "\"occurred\":\"2026-11-22T03:00:00.000Z\"" },
        { "TS: its own zone before that",
          "MSH|^~\\&|HIS|GH|||20261122050000+0100||ADT^A02|1|P|2.5\rEVN||20261122040000-0500\r" PID PV1,
          "\"occurred\":\"2026-11-22T09:00:00.000Z\"" },
    };
    (void)state;
    CHECK(rows);
}

/* Those that no line of JSON shows. */
static void keys_of_a_stay(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(&f, ADT("A01") "PID|||4711^^^GH^MR||Quill^Marta|||||||||||||ACC1^^^GH\r"
                                            "PV1||I|5W^512^12^GH^^^B7^3||||d7|d8|d9||||||||d17||V19^^^GH\r"));
    const struct change *c = &f.r.changes[0];
    assert_true(slice_is(c->account, "ACC1")); /* PID-18 account */
    assert_true(slice_is(c->visit, "V19"));    /* PV1-19 visit no. */
    assert_true(slice_is(c->patient.attending.id, "d7"));
    assert_true(slice_is(c->patient.attending.id, "d7"));
    assert_true(fixture_read(&f, ADT("A01") PID "PV1||I|5W^512^12||||\"\"\r"));
    assert_true((f.r.changes[0].cleared & CLEARED_ATTENDING) != 0); /* "" = delete */
    assert_true(fixture_read(&f, ADT("A01") PID "PV1||I|5W^512^12||||\r"));
    assert_int_equal(f.r.changes[0].cleared, 0); /* || = no change */
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place_of_patient), cmocka_unit_test(undo),
        cmocka_unit_test(identity),         cmocka_unit_test(responsible_doctor),
        cmocka_unit_test(fields_of_a_stay), cmocka_unit_test(keys_of_a_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
