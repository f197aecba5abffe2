/* HL7 v2 into events: the faults of the field, phases, identities, results, census changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/events/hl7_help.h"

#define MSH40    "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40^ORU_R40|1|P|2.6\r"
#define PID      "PID|||4711^^^GH^MR||Quill^Marta||19540317\r"
#define PV1      "PV1||I|5W^512^12\r"
#define OBR      "OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||20261122031504+0000\r"
#define VFIB     "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib||||||R\r"
#define PHASE(p) "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|" p "||||||R\r"
#define STATE(s) "OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.1.1.4|" s "||||||R\r"
#define INACT(s) "OBX|5|ST|68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.1.1.1.5|" s "||||||R\r"
#define PRIO(p)  "OBX|6|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.1.1.1.6|" p "||||||R\r"

/* The faults of STANDARDS 1.7: each message still gives its one alarm. */
static void faults_are_tolerated(void **state)
{
    static const struct {
        const char *name, *wire, *code;
        enum event_class class;
        enum event_phase phase;
        const char *finding; /* NULL: none is asked for */
    } table[] = {
        { "sound", MSH40 PID PV1 OBR VFIB PHASE("start") PRIO("PH"), "vfib", CLASS_LETHAL, PHASE_STARTS,
          NULL },
        { "code and text swapped",
          MSH40 PID PV1 OBR "OBX|1|ST|MDC_EVT_ECG_V_FIB^199806^MDC|1.1.1.1.1|V-Fib\r" PHASE("start"), "vfib",
          CLASS_LETHAL, PHASE_STARTS, "swapped-code" },
        { "phase swapped", MSH40 PID PV1 OBR VFIB "OBX|3|ST|MDC_ATTR_EVT_PHASE^68481^MDC|1.1.1.1.3|end\r",
          "vfib", CLASS_LETHAL, PHASE_ENDS, NULL },
        { "trailing blanks",
          MSH40 PID PV1 OBR "OBX|1|ST|199806 ^MDC_EVT_ECG_V_FIB ^MDC  |1.1.1.1.1|V-Fib\r" PHASE("start "),
          "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
        { "wrong number",
          MSH40 PID PV1 OBR "OBX|1|ST|196680^MDC_EVT_LEAD_OFF^MDC|1.1.1.1.1|Lead off\r" PHASE("start"),
          "lead-off", CLASS_TECHNICAL, PHASE_STARTS, "code-mismatch" },
        { "number against name: the worse one",
          MSH40 PID PV1 OBR "OBX|1|ST|199806^MDC_EVT_LEAD_OFF^MDC|1.1.1.1.1|?\r" PHASE("start"), "vfib",
          CLASS_LETHAL, PHASE_STARTS, "code-mismatch" },
        { "wrong facet number", MSH40 PID PV1 OBR VFIB "OBX|3|ST|684810^MDC_ATTR_X^MDC|1.1.1.1.3|end\r",
          "vfib", CLASS_LETHAL, PHASE_ENDS, NULL },
        { "old facet code", MSH40 PID PV1 OBR VFIB "OBX|3|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|end\r",
          "vfib", CLASS_LETHAL, PHASE_ENDS, NULL },
        { "priority as 20", MSH40 PID PV1 OBR VFIB PHASE("start") PRIO("20"), "vfib", CLASS_LETHAL,
          PHASE_STARTS, "unknown-priority" },
        { "OBR glued to PV1",
          MSH40 PID
          "PV1||I|5W^512^12OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||20261122031504+0000\r" VFIB PHASE(
              "start"),
          "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
        { "no OBR", MSH40 PID PV1 VFIB PHASE("start"), "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
        { "no PID", MSH40 PV1 OBR VFIB PHASE("start"), "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
        { "five encoding characters",
          "MSH|^~\\&#|MON|GH|||20261122031504+0000||ORU^R40|1|P|2.6\r" PID PV1 OBR VFIB PHASE("start"),
          "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
        { "byte A0",
          MSH40 PID PV1 OBR "OBX|1|ST|199806\xA0^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib\xA0\r" PHASE("start"),
          "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
        { "F in OBX-10, LF ends",
          "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40|1|P|2.6\nPV1||I|5W^512^12\n"
          "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib|||||F\n",
          "vfib", CLASS_LETHAL, PHASE_STARTS, "no-phase" },
        { "generic event, name only",
          MSH40 PV1 OBR
          "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.0.0.0.1|^MDC_EVT_FLUID_LINE_OCCL^MDC\r" PHASE("start"),
          "occlusion", CLASS_MEDIUM, PHASE_STARTS, NULL },
        { "ALARM^ALARM",
          MSH40 PV1 OBR
          "OBX|1|CWE|ALARM^ALARM|1.0.0.0.1|196940^MDC_EVT_FLUID_LINE_OCCL^MDC^^^^^^Occlusion\r" PHASE(
              "start"),
          "occlusion", CLASS_MEDIUM, PHASE_STARTS, NULL },
        { "alternate code",
          MSH40 PV1 OBR "OBX|1|ST|199807^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib\r" PHASE("start"), "vfib",
          CLASS_LETHAL, PHASE_STARTS, NULL },
        { "code 0 with the vendor's name",
          MSH40 PV1 OBR "OBX|1|ST|0^MDCX_BATH_CORD^MDC|1.1.1.1.1|Bath\r" PHASE("start"), "bathroom-cord",
          CLASS_CALL, PHASE_STARTS, NULL },
        { "nurse call, PV1 only",
          MSH40 PV1 OBR "OBX|1|ST|203412^MDC_EVT_ADVIS_NURSE_CALL^MDC|1.1.1.1.1|Call\r" PHASE("start"),
          "nurse-call", CLASS_CALL, PHASE_STARTS, NULL },
        { "unmapped keeps its class",
          MSH40 PV1 OBR "OBX|1|ST|0^MDCX_NEW^MDC|1.1.1.1.1|Odd\r" PHASE("start") PRIO("PH"), "", CLASS_HIGH,
          PHASE_STARTS, "unmapped-code" },
        { "no event facet", MSH40 PV1 OBR PHASE("start") STATE("active") PRIO("PH"), "", CLASS_HIGH,
          PHASE_STARTS, "no-facet" },
        { "alarm sent as R01", "MSH|^~\\&|MON||||20261122||ORU^R01|1|P|2.5\r" PV1 OBR VFIB PHASE("start"),
          "vfib", CLASS_LETHAL, PHASE_STARTS, NULL },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool ok = fixture_read(&f, table[i].wire);
        const struct event *e = ok && f.r.event_count == 1 ? &f.r.events[0] : NULL;
        if (e == NULL || !slice_is(e->code, table[i].code) || e->class != table[i].class ||
            e->phase != table[i].phase || !slice_is(e->place.bed, "12") ||
            (table[i].finding != NULL && !fixture_found(&f, table[i].finding)) ||
            (table[i].finding == NULL && f.r.finding_count > 0))
            fail_msg("%s: %s %s", table[i].name, f.err.message,
                     e != NULL ? event_class_name(e->class) : "no event");
    }
    fixture_end(&f);
}

static void phases_are_folded(void **state)
{
    static const struct {
        const char *facets;
        enum event_phase phase;
    } table[] = {
        { PHASE("start"), PHASE_STARTS },
        { PHASE("start_only"), PHASE_STARTS },
        { PHASE("tpoint"), PHASE_STARTS },
        { PHASE("present"), PHASE_STARTS },
        { PHASE("continue"), PHASE_UPDATES },
        { PHASE("update"), PHASE_UPDATES },
        { PHASE("escalate"), PHASE_WORSENS },
        { PHASE("deescalate"), PHASE_EASES },
        { PHASE("inactivate"), PHASE_ATTENDED },
        { PHASE("acknowledged"), PHASE_ATTENDED },
        { PHASE("end"), PHASE_ENDS },
        { PHASE("reset"), PHASE_ENDS },
        { PHASE("stop"), PHASE_ENDS },
        { PHASE("END"), PHASE_ENDS },
        { PHASE("wobble"), PHASE_UPDATES },
        { PHASE("wobble") STATE("inactive"), PHASE_ENDS },
        { STATE("inactive"), PHASE_ENDS },
        { STATE("active"), PHASE_STARTS },
        { PHASE("update") INACT("audio-paused"), PHASE_ATTENDED },
        { PHASE("update") INACT("enabled~alert-acknowledged"), PHASE_ATTENDED },
        { PHASE("update") INACT("audio-off"), PHASE_UPDATES },
        { PHASE("start") INACT("audio-paused"), PHASE_STARTS },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[2000];
        snprintf(wire, sizeof wire, "%s%s", MSH40 PV1 OBR VFIB, table[i].facets);
        assert_true(fixture_read(&f, wire));
        assert_int_equal(f.r.event_count, 1);
        if (f.r.events[0].phase != table[i].phase)
            fail_msg("%s is %s", table[i].facets, event_phase_name(f.r.events[0].phase));
    }
    assert_true(fixture_read(
        &f, MSH40 PV1 OBR "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib||||||W\r" PHASE("start")));
    assert_int_equal(f.r.events[0].phase, PHASE_WITHDRAWN);
    assert_true(fixture_read(
        &f, MSH40 PV1 OBR "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib|||INV|||R\r" PHASE("end")));
    assert_true(f.r.events[0].signal_lost);
    fixture_end(&f);
}

static void identities_link_the_messages_of_one_alert(void **state)
{
    static const struct {
        const char *first, *second;
        bool same;
    } table[] = {
        { "OBR|1||A1^MON^00AA^EUI-64\r",
          "OBR|1||B7^MON^00AA^EUI-64"
          "||||||||||||||||||||||||||^A1&MON&00AA&EUI64\r",
          true },
        { "OBR|1||A1^MON^00AA^EUI-64\r", "OBR|1||A1^MON^00AA\r", true },
        { "OBR|1||A1\r", "OBR|1||B7||||||||||||||||||||||||||A1\r", true },
        { "OBR|1||75063efd-903a-4033-a70c-6c6488e93859^GE^X\r",
          "OBR|1||9||||||||||||||||||||||||||75063efd-903a-4033-a70c-6c6488e93859^75063efd-903a-4033-a70c-"
          "6c6488e93859\r",
          true },
        { "OBR|1||A1\r", "OBR|1||A2\r", false },
        { "", "", true }, /* sender, device, containment, code and bed */
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[2000], kept[500];
        snprintf(wire, sizeof wire, "%s%s%s", MSH40 PV1, table[i].first, VFIB PHASE("start"));
        assert_true(fixture_read(&f, wire));
        snprintf(kept, sizeof kept, "%.*s", SLICE_ARG(f.r.events[0].identity));
        snprintf(wire, sizeof wire, "%s%s%s", MSH40 PV1, table[i].second, VFIB PHASE("end"));
        assert_true(fixture_read(&f, wire));
        if (slice_is(f.r.events[0].identity, kept) != table[i].same)
            fail_msg("row %zu: %s and %.*s", i, kept, SLICE_ARG(f.r.events[0].identity));
    }
    /* Two pumps at one bed are two alerts. */
    const char *pumps =
        MSH40 PV1 "OBX|1|ST|196940^MDC_EVT_FLUID_LINE_OCCL^MDC|1.1.1.1.1|||||||R|||||||P%d\r" PHASE("start");
    char one[200], wire[2000];
    snprintf(wire, sizeof wire, pumps, 1);
    assert_true(fixture_read(&f, wire));
    snprintf(one, sizeof one, "%.*s", SLICE_ARG(f.r.events[0].identity));
    snprintf(wire, sizeof wire, pumps, 2);
    assert_true(fixture_read(&f, wire));
    assert_false(slice_is(f.r.events[0].identity, one));
    fixture_end(&f);
}

static void a_second_alert_is_delivered_too(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(
        &f, MSH40 PV1 OBR VFIB PHASE(
                "start") "OBX|9|ST|199684^MDC_EVT_ECG_ASYSTOLE^MDC|1.1.1.1.1|Asystole\r" PHASE("start")));
    assert_int_equal(f.r.event_count, 2);
    assert_true(fixture_found(&f, "two-alerts"));
    assert_false(slice_eq(f.r.events[0].identity, f.r.events[1].identity));
    assert_int_equal(f.r.events[1].part, 3);
    fixture_end(&f);
}

static void test_traffic_is_marked(void **state)
{
    static const struct {
        const char *processing, *flag;
        bool allow_test, allow_debug, test;
    } table[] = {
        { "P", "", false, false, false },    { "T", "", false, false, true },
        { "D", "", false, false, true },     { "T", "", true, false, false },
        { "D", "", true, false, true },      { "D", "", false, true, false },
        { "P", "TEST", false, false, true }, { "P", "PH~DEMO", false, false, true },
        { "P", "CAL", true, true, true },    { "P", "TEST", true, false, false },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[2000];
        f.site.source.allow_test = table[i].allow_test;
        f.site.source.allow_debug = table[i].allow_debug;
        snprintf(wire, sizeof wire,
                 "MSH|^~\\&|MON|GH|||20261122||ORU^R40|1|%s|2.6\r%sOBX|1|ST|199806^^MDC|1.1.1.1.1|V|||%s\r",
                 table[i].processing, PV1 OBR, table[i].flag);
        assert_true(fixture_read(&f, wire));
        assert_int_equal(f.r.events[0].test, table[i].test);
    }
    fixture_end(&f);
}

static void heartbeats_only_show_life(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(
        &f, MSH40 OBR "OBX|1|ST|198200^MDC_EVT_WATCHDOG^MDC|1.0.0.0.1|\r" PHASE("continue") STATE("active")));
    assert_true(f.r.heartbeat && f.r.context_only && !f.r.planned_stop && f.r.event_count == 0);
    assert_true(
        fixture_read(&f, MSH40 OBR "OBX|1|ST|198200^MDC_EVT_WATCHDOG^MDC|1.0.0.0.1|\r" STATE("inactive")));
    assert_true(f.r.heartbeat && f.r.planned_stop);
    fixture_end(&f);
}

#define MSH01 "MSH|^~\\&|LIS|GH|||20261122031504+0000||ORU^R01|1|P|2.5.1\r"
#define ORDER "OBR|1|P1|F1|24323-8^CMP^LN||||||||||||d7^Roe^Ada||||||||||F\r"

static void results_are_one_event_an_obx(void **state)
{
    static const struct {
        const char *obx; /* from OBX-2 on */
        const char *code, *value;
        enum event_phase phase;
        enum event_abnormal abnormal;
        enum event_class class;
    } table[] = {
        { "NM|2823-3^Potassium^LN||6.9|mmol/L|3.5-5.1|HH|||F", "potassium", "6.9 mmol/L", PHASE_FINAL,
          ABNORMAL_CRITICAL_HIGH, CLASS_HIGH },
        { "NM|2823-3^Potassium^LN||6.9|mEq/L|3.5-5.1|H~HH|||F", "potassium", "6.9 mmol/L", PHASE_FINAL,
          ABNORMAL_CRITICAL_HIGH, CLASS_HIGH },
        { "NM|2823-3^Potassium^LN||4.1||3.5-5.1||||F", "potassium", "4.1 mmol/L", PHASE_FINAL, ABNORMAL_NONE,
          CLASS_LOW },
        { "NM|X^K^99L^2823-3^Potassium^LN||2.4|mmol/L||LL|||C", "potassium", "2.4 mmol/L", PHASE_CORRECTED,
          ABNORMAL_CRITICAL_LOW, CLASS_HIGH },
        { "SN|2823-3^K^LN||>^10.0|mmol/L||>|||P", "potassium", "> 10.0 mmol/L", PHASE_PRELIMINARY,
          ABNORMAL_OFF_HIGH, CLASS_HIGH },
        { "SN|2823-3^K^LN||^1^-^5|mmol/L||N|||F", "potassium", "1-5 mmol/L", PHASE_FINAL, ABNORMAL_NORMAL,
          CLASS_LOW },
        { "SN|600-7^Titer^LN||^1^:^128|||A|||F", "blood-culture", NULL, PHASE_FINAL, ABNORMAL_ABNORMAL,
          CLASS_LOW },
        { "ST|2823-3^K^LN||<=0.5|mmol/L||<|||F", "potassium", "<= 0.5 mmol/L", PHASE_FINAL, ABNORMAL_OFF_LOW,
          CLASS_HIGH },
        { "TX|600-7^Blood culture^LN||gram positive cocci|||AA|||F", "blood-culture", NULL, PHASE_FINAL,
          ABNORMAL_CRITICAL, CLASS_HIGH },
        { "NM|718-7^Hb^LN||85|g/L||L|||F", "hemoglobin", "8.5 g/dL", PHASE_FINAL, ABNORMAL_LOW, CLASS_LOW },
        { "NM|2823-3^K^LN||6.9|mmol/L||HH|||W", "potassium", "6.9 mmol/L", PHASE_WITHDRAWN,
          ABNORMAL_CRITICAL_HIGH, CLASS_HIGH },
        { "NM|2823-3^K^LN||6.9|mmol/L||HH|||D", "potassium", "6.9 mmol/L", PHASE_WITHDRAWN,
          ABNORMAL_CRITICAL_HIGH, CLASS_HIGH },
        { "NM|2823-3^K^LN||6.9~7.0|mmol/L||HH", "potassium", NULL, PHASE_FINAL, ABNORMAL_CRITICAL_HIGH,
          CLASS_HIGH },
        { "NM|9999-9^Odd^LN||1|||||||F", "", "1", PHASE_FINAL, ABNORMAL_NONE, CLASS_LOW },
    };
    struct fixture f;
    size_t value;
    (void)state;
    fixture_begin(&f);
    assert_true(schema_find(SLICE("value"), &value));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[2000];
        struct buf text = buf_make(200);
        snprintf(wire, sizeof wire, "%sOBX|1|%s\r", MSH01 PID PV1 ORDER, table[i].obx);
        assert_true(fixture_read(&f, wire));
        assert_int_equal(f.r.event_count, 1);
        const struct event *e = &f.r.events[0];
        bool shown = event_field_text(e, value, &text);
        if (!slice_is(e->code, table[i].code) || e->phase != table[i].phase ||
            e->abnormal != table[i].abnormal || e->class != table[i].class ||
            shown != (table[i].value != NULL) || (shown && !slice_is(buf_slice(&text), table[i].value)))
            fail_msg("%s: %.*s %s %s %.*s", table[i].obx, SLICE_ARG(e->code), event_phase_name(e->phase),
                     event_class_name(e->class), SLICE_ARG(buf_slice(&text)));
        assert_true(slice_is(e->ordering_provider.id, "d7"));
        assert_true(slice_is(e->identity, i == 3 ? "LIS|GH|result|F1||2823-3|" : "LIS|GH|result|F1||") ||
                    slice_starts(e->identity, SLICE("LIS|GH|result|F1||")));
        buf_free(&text);
    }
    assert_true(fixture_read(&f, MSH01 PID ORDER
                             "OBX|1|NM|2823-3^K^LN||4||||||X\rOBX|2|NM|2951-2^Na^LN||140|mmol/L|||||F\r"
                             "OBR|2|P2|F2\rTQ1|1||||||||S\rOBX|1|NM|2823-3^K^LN||5|mmol/L|||||F\r"));
    assert_int_equal(f.r.event_count, 2);
    assert_int_equal(f.r.events[0].part, 2);
    assert_int_equal(f.r.events[1].part, 3);
    assert_int_equal(f.r.events[0].priority, PRIORITY_NONE);
    assert_int_equal(f.r.events[1].priority, PRIORITY_STAT);
    fixture_end(&f);
}

static void too_many_results_name_the_limit(void **state)
{
    struct fixture f;
    struct buf wire = buf_make(1 << 20);
    (void)state;
    fixture_begin(&f);
    buf_text(&wire, MSH01 PID ORDER);
    for (int i = 0; i <= LIMIT_EVENTS_PER_MESSAGE; i++)
        buf_printf(&wire, "OBX|%d|NM|2823-3^K^LN|%d|4|mmol/L|||||F\r", i + 1, i);
    buf_u8(&wire, 0);
    assert_false(fixture_read(&f, wire.ptr));
    assert_int_equal(f.err.code, ERROR_LIMIT);
    assert_non_null(strstr(f.err.message, "events-per-message"));
    buf_free(&wire);
    fixture_end(&f);
}

#define ADT(e)                                                                                               \
    "MSH|^~\\&|HIS|GH|||20261122031504+0000||ADT^" e "|1|P|2.5\rEVN||20261122040000|||d1|20261122033000\r"

static void patients_are_chosen_by_authority(void **state)
{
    static const struct {
        const char *pid3, *authority, *type, *id;
        bool finding;
    } table[] = {
        { "1^^^A^PI~2^^^B^MR", "", "", "B|2", false },
        { "1^^^A^PI~2^^^B^MR", "A", "", "A|1", false },
        { "1^^^A^PI~3^^^A^AN~2^^^B^MR", "A", "AN", "A|3", false },
        { "1^^^A^PI", "GH", "", "A|1", true },
        { "1", "", "", "|1", false },
        { "^^^A", "", "", "", false },
        { "7^^^GH&1.2.3&ISO", "GH", "", "GH|7", false },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[500];
        f.site.source.patient_authority = slice_of(table[i].authority);
        f.site.source.patient_type = slice_of(table[i].type);
        snprintf(wire, sizeof wire, "%sPID|||%s\r%s", MSH40, table[i].pid3, PV1 OBR VFIB PHASE("start"));
        assert_true(fixture_read(&f, wire));
        assert_true(slice_is(f.r.events[0].patient.id, table[i].id));
        assert_int_equal(fixture_found(&f, "patient-authority"), table[i].finding);
    }
    fixture_end(&f);
}

static void appointments_go_by_their_trigger(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(&f, "MSH|^~\\&|SCH|GH|||20261122+0000||SIU^S26|1|P|2.5\rSCH|1|77|||||OV^Visit|"
                                 "GROUP|||^^^20261123090000\r" PID "AIL|1||5W\r"));
    assert_int_equal(f.r.event_count, 1);
    assert_int_equal(f.r.events[0].phase, PHASE_NO_SHOW);
    assert_true(slice_is(f.r.events[0].clinic, "5W"));
    assert_true(slice_is(f.r.events[0].title, "Visit"));
    assert_int_equal(f.r.events[0].start_us % TIME_DAY, 9 * TIME_HOUR);
    assert_true(fixture_read(&f, "MSH|^~\\&|SCH|GH|||20261122||SIU^S15|1|P|2.5\rSCH|1|77\r"));
    assert_int_equal(f.r.event_count, 2);
    assert_int_equal(f.r.events[0].phase, PHASE_WITHDRAWN);
    assert_int_equal(f.r.events[1].phase, PHASE_CANCELLED);
    assert_true(slice_eq(f.r.events[0].identity, f.r.events[1].identity));
    assert_true(
        fixture_read(&f, "MSH|^~\\&|CPOE|GH|||20261122||ORM^O01|1|P|2.5\r" PID "ORC|CA|P1\rOBR|1|P1||CT^CT "
                         "head^L\rORC|NW|P2\rOBR|2|P2||XR^X-ray^L||||||||||||||||||||||||||||^^^^^S\r"));
    assert_int_equal(f.r.event_count, 2);
    assert_int_equal(f.r.events[0].phase, PHASE_WITHDRAWN);
    assert_int_equal(f.r.events[1].phase, PHASE_STARTS);
    fixture_end(&f);
}

static void what_is_not_read_is_located(void **state)
{
    static const struct {
        const char *wire, *where;
        enum error_code code;
    } table[] = {
        { "MSH|^~\\&|A|B|||20261122||MDM^T02|1|P|2.5\r", "MSH-9", ERROR_UNSUPPORTED },
        { "MSH|^~\\&|A|B|||20261122||ACK|1|P|2.5\rMSA|AA|1\r", "MSA", ERROR_UNSUPPORTED },
        { "MSH|^~\\&|A|B|||20261122||ORU^W01|1|P|2.5\r", "MSH-9.2", ERROR_UNSUPPORTED },
        { "MSH|^~\\&|A|B|||20261122||SIU^S25|1|P|2.5\r", "MSH-9.2", ERROR_UNSUPPORTED },
        { MSH40 PID PV1 OBR, "OBX", ERROR_MISSING },
        { MSH40 "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1.2|88\r", "OBX", ERROR_MISSING },
        { MSH01 PID, "OBX", ERROR_MISSING },
        { ADT("A01") PV1, "PID-3", ERROR_MISSING },
        { ADT("A17") PID PV1, "PID", ERROR_MISSING },
        { ADT("A40") PID, "MRG", ERROR_MISSING },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_false(fixture_read(&f, table[i].wire));
        assert_int_equal(f.err.code, table[i].code);
        assert_string_equal(f.err.where, table[i].where);
        assert_null(strstr(f.err.message, "4711"));
    }
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_tolerated),
        cmocka_unit_test(phases_are_folded),
        cmocka_unit_test(identities_link_the_messages_of_one_alert),
        cmocka_unit_test(a_second_alert_is_delivered_too),
        cmocka_unit_test(test_traffic_is_marked),
        cmocka_unit_test(heartbeats_only_show_life),
        cmocka_unit_test(results_are_one_event_an_obx),
        cmocka_unit_test(too_many_results_name_the_limit),
        cmocka_unit_test(patients_are_chosen_by_authority),
        cmocka_unit_test(appointments_go_by_their_trigger),
        cmocka_unit_test(what_is_not_read_is_located),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
