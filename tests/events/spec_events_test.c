/* STANDARDS section 3.7 behind ADT, a row for each sentence: SIU, ORU, staff, the version trail; and of 3.3
 * what a reader of events decides. More of each in hl7_plan_test.c, hl7_result_test.c, staff_test.c; the
 * faults of section 1.7 in hl7_alarm_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/hl7_help.h"
#include "tests/guard.h"

#define PID "PID|||4711^^^GH^MR||Quill^Marta\r"

struct row {
    const char *rule, *wire, *holds;
};

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

#define SIU(e)      "MSH|^~\\&|SCH|GH|||20261122070000+0000||SIU^" e "|1|P|2.5\r"
#define SCH         "SCH|P1|F1||||R^Reason|OV^Visit|NORMAL|30|min|^^30^20261123090000+0000^20261123093000+0000\r"
#define SCH_IS(s)   "SCH|P1|F1||||R|OV^Visit|NORMAL|30|min|^^^20261123090000+0000||||||||||||||" s "\r"
#define PHASE(name) "\"phase\":\"" name "\""

static void appointments(void **state)
{
    static const struct row rows[] = {
        { "S12 new", SIU("S12") SCH PID, PHASE("booked") },
        { "S13 re-time", SIU("S13") SCH PID, PHASE("rescheduled") },
        { "S14 change", SIU("S14") SCH PID, PHASE("changed") },
        { "S15 cancel", SIU("S15") SCH PID, PHASE("cancelled") },
        { "S16 discontinue", SIU("S16") SCH PID, PHASE("discontinued") },
        { "S17 delete", SIU("S17") SCH PID, PHASE("deleted") },
        { "S18 add a resource", SIU("S18") SCH PID "RGS|1\rAIL|1|A|5W^2\r", PHASE("resource-added") },
        { "S19 change a resource", SIU("S19") SCH PID "RGS|1\rAIL|1|U|5W^2\r", PHASE("resource-changed") },
        { "S20 cancel a resource", SIU("S20") SCH PID "RGS|1\rAIL|1|X|5W^2\r", PHASE("resource-cancelled") },
        { "S21 stop a resource", SIU("S21") SCH PID "RGS|1\rAIL|1|D|5W^2\r", PHASE("resource-stopped") },
        { "S22 delete a resource", SIU("S22") SCH PID "RGS|1\rAIL|1|D|5W^2\r", PHASE("resource-deleted") },
        { "S23 block", SIU("S23") SCH, PHASE("blocked") },
        { "S24 unblock", SIU("S24") SCH, PHASE("unblocked") },
        { "S26 no-show", SIU("S26") SCH PID, PHASE("no-show") },
        { "S25 is a query", SIU("S25") SCH PID, "{\"error\":\"unsupported\",\"where\":\"MSH-9.2\"" },
        { "SCH-2 filler id", SIU("S12") SCH PID, "|appointment|F1|" },
        { "SCH-1 placer id where there is no filler's", SIU("S12") "SCH|P1\r" PID, "|appointment|P1|" },
        { "SCH-11 TQ component 4 start", SIU("S12") SCH PID, "\"start\":\"2026-11-23T09:00:00.000Z\"" },
        { "SCH-25 status: Booked", SIU("S12") SCH_IS("Booked") PID, PHASE("booked") },
        { "SCH-25 Blocked", SIU("S14") SCH_IS("Blocked") PID, PHASE("blocked") },
        { "SCH-25 Cancelled", SIU("S14") SCH_IS("Cancelled") PID, PHASE("cancelled") },
        { "SCH-25 Complete", SIU("S14") SCH_IS("Complete") PID, PHASE("changed") },
        { "SCH-25 Dc", SIU("S14") SCH_IS("Dc") PID, PHASE("discontinued") },
        { "SCH-25 Deleted", SIU("S14") SCH_IS("Deleted") PID, PHASE("deleted") },
        { "SCH-25 Noshow", SIU("S14") SCH_IS("Noshow") PID, PHASE("no-show") },
        { "SCH-25 Overbook", SIU("S12") SCH_IS("Overbook") PID, PHASE("booked") },
        { "SCH-25 Pending", SIU("S12") SCH_IS("Pending") PID, PHASE("booked") },
        { "SCH-25 Started", SIU("S14") SCH_IS("Started") PID, PHASE("changed") },
        { "SCH-25 Waitlist", SIU("S12") SCH_IS("Waitlist") PID, PHASE("booked") },
        { "RGS group, AIL-3 place", SIU("S12") SCH PID "RGS|1\rAIL|1|A|5W^2\r", "\"clinic\":\"5W\"" },
        { "AIS service names it", SIU("S12") "SCH||F1\r" PID "RGS|1\rAIS|1|A|CT^CT head\r",
          "\"title\":\"CT head\"" },
        { "AIP-3 person", SIU("S12") SCH PID "RGS|1\rAIP|1|A|d7^Roe^Ada\r", "\"ordering-provider\":\"d7\"" },
        { "AIG general: the pump is the resource", SIU("S18") SCH PID "RGS|1\rAIG|1|A|PUMP\r", "|AIG|PUMP" },
        { "AIx-2 action D: that one goes", SIU("S14") SCH PID "RGS|1\rAIL|1|D|ICU^1\rAIL|2|A|5W^2\r",
          "\"prior-unit\":\"ICU\"" },
        { "start offset of a resource matters", SIU("S18") SCH PID "RGS|1\rAIG|1|A|PUMP||||||-15|min\r",
          "\"start\":\"2026-11-23T08:45:00.000Z\"" },
    };
    (void)state;
    CHECK(rows);
}

#define ORU                                                                                                  \
    "MSH|^~\\&|LIS|GH|||20261122031504+0000||ORU^R01^ORU_R01|1|P|2.5.1\r" PID                                \
    "ORC|RE|P1|F1|||||||||d12^Twelve^Ivo\r"                                                                  \
    "OBR|1|P1|F1|24323-8^CMP^LN|||||||||||d13|d7^Roe^Ada|||||||||F|||c28^Copy^Carl\r"
#define K(f, st) ORU "OBX|1|NM|2823-3^K^LN||6.9|mmol/L||" f "|||" st "|||20261122025500+0000\r"

static void results(void **state)
{
    static const struct row rows[] = {
        { "OBX-8 LL", K("LL", "F"), "\"abnormal\":\"critical-low\"" },
        { "OBX-8 HH", K("HH", "F"), "\"abnormal\":\"critical-high\"" },
        { "OBX-8 AA", K("AA", "F"), "\"abnormal\":\"critical\"" },
        { "OBX-8 < off scale", K("<", "F"), "\"abnormal\":\"off-scale-low\"" },
        { "OBX-8 > off scale", K(">", "F"), "\"abnormal\":\"off-scale-high\"" },
        { "OBX-8 < and > are critical", K(">", "F"), "\"class\":\"high\"" },
        { "OBX-8 repeating", K("H~HH", "F"), "\"abnormal\":\"critical-high\"" },
        { "OBX-8 H not critical", K("H", "F"), "\"class\":\"low\"" },
        { "OBX-8 L not critical", K("L", "F"), "\"class\":\"low\"" },
        { "OBX-8 A not critical", K("A", "F"), "\"class\":\"low\"" },
        { "OBX-8 W S R I MS VS microbiology: S", K("S", "F"), "\"class\":\"low\"" },
        { "OBX-8 R, which needs a look", K("R", "F"), "\"abnormal\":\"abnormal\"" },
        { "OBX-8 VS", K("VS", "F"), "\"class\":\"low\"" },
        { "OBX-11 F final", K("HH", "F"), PHASE("final") },
        { "OBX-11 C corrected", K("HH", "C"), PHASE("corrected") },
        { "OBX-11 P prelim", K("HH", "P"), PHASE("preliminary") },
        { "OBX-11 W wrong patient: recall", K("HH", "W"), PHASE("withdrawn") },
        { "OBX-11 D delete", K("HH", "D"), PHASE("withdrawn") },
        { "OBX-11 X none", K("HH", "X"), "\"context-only\":true" },
        { "OBX-11 R unverified", K("HH", "R"), PHASE("preliminary") },
        { "OBR-16 orderer", K("HH", "F"), "\"ordering-provider\":\"d7\"" },
        { "OBR-25 status where OBX-11 is empty", K("HH", ""), PHASE("final") },
        { "OBX-14 time", K("HH", "F"), "\"time\":\"2026-11-22T02:55:00.000Z\"" },
        { "ORC-12 where there is no OBR-16",
          "MSH|^~\\&|LIS|GH|||20261122||ORU^R01|1|P|2.5\r" PID "ORC|RE|P1|F1|||||||||d12^Twelve^Ivo\r"
          "OBR|1|P1|F1|X\rOBX|1|NM|2823-3^K^LN||6.9|mmol/L||HH|||F\r",
          "\"ordering-provider\":\"d12\"" },
    };
    (void)state;
    CHECK(rows);
}

#define MFN(file) "MSH|^~\\&|HR|GH|||20261122090000+0000||MFN^" file "|1|P|2.5\r"
#define PMU(e)    "MSH|^~\\&|HR|GH|||20261122090000+0000||PMU^" e "|1|P|2.5\rEVN||20261122090000+0000\r"
#define STF       "STF|77|I77^^^GH|Bell^Ida||||A|ICU^Intensive||^WPN^PH^^^^5550100||||78|ida@gh.example|E||Nurse\r"
#define PRA       "PRA|77||RN^Registered nurse||CC\r"

static void staff(void **state)
{
    static const struct row rows[] = {
        { "MFN^M02, MFI-1 STF, MFI-3 UPD, MFE-1 MAD add",
          MFN("M02") "MFI|STF||UPD|||NE\rMFE|MAD|||77\r" STF PRA, "{\"staff\":\"put\",\"key\":\"77\"" },
        { "MFI-1 PRA", MFN("M02") "MFI|PRA||UPD|||NE\rMFE|MAD|||77\r" STF PRA, "{\"staff\":\"put\"" },
        { "MFI-3 REP", MFN("M02") "MFI|STF||REP|||NE\rMFE|MAD|||77\r" STF, "{\"replaces\":true}" },
        { "MUP update", MFN("M02") "MFI|STF||UPD|||NE\rMFE|MUP|||77\r" STF, "{\"staff\":\"put\"" },
        { "MDC deactivate", MFN("M02") "MFI|STF||UPD|||NE\rMFE|MDC|||77\r", "{\"staff\":\"deactivate\"" },
        { "MAC reactivate", MFN("M02") "MFI|STF||UPD|||NE\rMFE|MAC|||77\r", "{\"staff\":\"activate\"" },
        { "MDL delete", MFN("M02") "MFI|STF||UPD|||NE\rMFE|MDL|||77\r", "{\"staff\":\"remove\"" },
        { "STF-1 key", PMU("B01") STF, "\"key\":\"77\"" },
        { "STF-2 ids", PMU("B01") STF, "\"id\":\"I77\"" },
        { "STF-3 name", PMU("B01") STF, "\"family\":\"Bell\",\"given\":\"Ida\"" },
        { "STF-7 A", PMU("B01") STF, "\"active\":true" },
        { "STF-7 I", PMU("B01") "STF|77||Bell||||I\r", "\"active\":false" },
        { "STF-8 dept", PMU("B01") STF, "\"department\":\"Intensive\"" },
        { "STF-10 phones", PMU("B01") STF, "\"phone\":\"5550100\"" },
        { "STF-14 backup person", PMU("B01") STF, "\"backup\":\"78\"" },
        { "STF-15 e-mail", PMU("B01") STF, "\"mail\":\"ida@gh.example\"" },
        { "STF-16 contact method", PMU("B01") STF, "\"contact\":\"E\"" },
        { "STF-18 job title", PMU("B01") STF, "\"title\":\"Nurse\"" },
        { "PRA-3 category", PMU("B01") STF PRA, "\"category\":\"Registered nurse\"" },
        { "PRA-5 specialty", PMU("B01") STF PRA, "\"specialty\":\"CC\"" },
        { "ORG", PMU("B02") "STF|77||Bell\rORG|1|5W^Telemetry\r", "\"department\":\"Telemetry\"" },
        { "MFN^M05 = places (LOC/LDP)",
          MFN("M05") "MFI|LOC||UPD\rMFE|MAD|||5W^^12\rLOC|5W^512^12|Window\rLDP|5W\r",
          "{\"location\":\"5W/512/12\"" },
        { "PMU^B01 add", PMU("B01") STF, "{\"staff\":\"put\"" },
        { "PMU^B02 update", PMU("B02") STF, "{\"staff\":\"put\"" },
        { "PMU^B03 delete", PMU("B03") STF, "{\"staff\":\"remove\"" },
        { "PMU^B04 activate", PMU("B04") STF, "{\"staff\":\"activate\"" },
        { "PMU^B05 deactivate", PMU("B05") STF, "{\"staff\":\"deactivate\"" },
        { "PMU^B06 terminate", PMU("B06") STF, "{\"staff\":\"remove\"" },
    };
    (void)state;
    CHECK(rows);
}

#define A01               "EVN|A01|20261122040000+0000\rPID|||4711^^^GH^MR||Quill^Marta\rPV1||I|5W^512^12\r"
#define OF(type, version) "MSH|^~\\&|HIS|GH|||20261122040000+0000||" type "|1|P|" version "\r"
#define ADMITTED          "{\"change\":\"admit\",\"patient\":\"GH|4711\""

/* "Parse all with one version-blind grammar", and what 3.3 says of the header. */
static void versions_and_header(void **state)
{
    static const struct row rows[] = {
        { "2.1: few components, the event in EVN-1", OF("ADT", "2.1") A01, ADMITTED },
        { "2.2: ADT^A01", OF("ADT^A01", "2.2") A01, ADMITTED },
        { "2.3", OF("ADT^A01", "2.3") A01, ADMITTED },
        { "2.3.1: MSH-9.3", OF("ADT^A01^ADT_A01", "2.3.1") A01, ADMITTED },
        { "2.4", OF("ADT^A01^ADT_A01", "2.4") A01, ADMITTED },
        { "2.5", OF("ADT^A01^ADT_A01", "2.5") A01, ADMITTED },
        { "2.6", OF("ADT^A01^ADT_A01", "2.6") A01, ADMITTED },
        { "2.7: truncation #", "MSH|^~\\&#|HIS|GH|||20261122040000+0000||ADT^A01^ADT_A01|1|P|2.7\r" A01,
          ADMITTED },
        { "2.7: MSH-22..25", OF("ADT^A01^ADT_A01", "2.7|||||||||||a|b|c|d") A01, ADMITTED },
        { "2.8", OF("ADT^A01^ADT_A01", "2.8") A01, ADMITTED },
        { "2.9", OF("ADT^A01^ADT_A01", "2.9") A01, ADMITTED },
        { "MSH-12 may be 2.3.1^US^...", OF("ADT^A01^ADT_A01", "2.3.1^US^1") A01, ADMITTED },
        { "MSH-12 missing", "MSH|^~\\&|HIS|GH|||20261122||ADT^A01\r" A01, ADMITTED },
        { "MSH-9.3 of another event (A01 and A40 share theirs)", OF("ADT^A01^ADT_A39", "2.5") A01, ADMITTED },
        { "MSH-11 T: training is not where patients are",
          "MSH|^~\\&|HIS|GH|||20261122||ADT^A01|1|T|2.5\r" A01, "{\"finding\":\"test-movement\"" },
        { "MSH-11 D: debugging neither", "MSH|^~\\&|HIS|GH|||20261122||ADT^A01|1|D|2.5\r" A01,
          "{\"finding\":\"test-movement\"" },
        { "MSH-11 P^T: current, not training", "MSH|^~\\&|HIS|GH|||20261122||ADT^A01|1|P^T|2.5\r" A01,
          ADMITTED },
        { "MSH-14 continuation: refused", OF("ADT^A01", "2.5||c14") A01,
          "{\"error\":\"unsupported\",\"where\":\"MSH-14\"" },
        { "MSH-14 needs DSC: refused", OF("ADT^A01", "2.5") A01 "DSC|c14|F\r",
          "{\"error\":\"unsupported\",\"where\":\"DSC-1\"" },
        { "an empty DSC goes on nowhere", OF("ADT^A01", "2.5") A01 "DSC|\r", ADMITTED },
        { "MSH-21 does not decide: trigger on MSH-9",
          OF("ADT^A01", "2.5|||||||||IHE_PCD_ACM_001^IHE PCD") A01, ADMITTED },
        { "Z-segments anywhere", OF("ADT^A01", "2.5") "ZAA|1\r" A01 "ZZZ|2\r", ADMITTED },
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appointments),
        cmocka_unit_test(results),
        cmocka_unit_test(staff),
        cmocka_unit_test(versions_and_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
