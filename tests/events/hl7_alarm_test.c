/* PCD-04 to the letter, and past it: STANDARDS sections 1.2 (shape), 1.3 (facets), 1.4 (keep-alive), 1.7
 * (faults of the field), a row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/hl7_help.h"

#define MSH40 "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40^ORU_R40|1|P|2.6|||AL|NE\r"
#define PID   "PID|||4711^^^GH^MR||Quill^Marta||19540317\r"
#define PV1   "PV1||I|5W^512^12\r"
#define OBR   "OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||20261122031504+0000\r"
#define TREE                                                                                                 \
    "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||0012211839000001^^"           \
    "0012211839000001^EUI-64\r"
#define HIGH "OBX|2|ST|196652^MDC_EVT_HI_VAL_GT_LIM^MDC|1.1.1.1.1|HR high||||||R|||20261122031500+0000\r"
#define SOURCE                                                                                               \
    "OBX|3|NM|147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.1.1.1.2|162|264864^MDC_DIM_BEAT_PER_MIN^MDC|50-140|||||"   \
    "R\r"
#define PHASE(p) "OBX|4|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|" p "||||||R\r"
#define STATE(s) "OBX|5|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.1.1.4|" s "||||||R\r"
#define INACT(s) "OBX|6|ST|68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.1.1.1.5|" s "||||||R\r"
#define PRIO(p)  "OBX|7|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.1.1.1.6|" p "||||||R\r"
#define TYPE(t)  "OBX|8|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|1.1.1.1.7|" t "||||||R\r"
#define SEVEN    HIGH SOURCE PHASE("start") STATE("active") INACT("enabled") PRIO("PM") TYPE("SP")
#define LEAD(c)  "OBX|2|CWE|196616^MDC_EVT_ALARM^MDC|1.1.1.1.1|" c "||||||R\r"

/* What one message becomes: a part of its event's JSON. Every rule of the section has its row. */
struct rule {
    const char *name, *wire, *holds;
    const char *finding; /* NULL: none may stand */
};

static void check_rules(const struct rule *rules, size_t count)
{
    struct fixture f;
    fixture_begin(&f);
    for (size_t i = 0; i < count; i++) {
        fixture_event(&f, rules[i].name, rules[i].wire);
        if (!fixture_holds(&f, 0, rules[i].holds) ||
            (rules[i].finding == NULL ? f.r.finding_count > 0 : !fixture_found(&f, rules[i].finding)))
            fail_msg("%s: %s", rules[i].name, f.r.finding_count > 0 ? f.r.findings[0].what : "");
    }
    fixture_end(&f);
}

#define CHECK(rules) check_rules(rules, sizeof rules / sizeof rules[0])

static void the_shape_of_a_message(void **state)
{
    static const struct rule rules[] = {
        { "all seven facets", MSH40 PID PV1 OBR TREE SEVEN, "\"code\":\"hr-high\"", NULL },
        { "PID and PV1 are optional", MSH40 OBR TREE SEVEN, "\"code\":\"hr-high\"", NULL },
        { "a nurse call has PV1 alone",
          MSH40 PV1 OBR LEAD("203412^MDC_EVT_ADVIS_NURSE_CALL^MDC") PHASE("start"),
          "{\"kind\":\"call\",\"phase\":\"starts\",\"class\":\"call\"", NULL },
        { "SFT, ORC, NTE and PRT are passed over",
          "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40^ORU_R40|1|P|2.6\rSFT|X|1\r" PID PV1 "ORC|RE\r" OBR
          "PRT|1|AD||AR|77^Roe^Ada||||||||||^PRS^PH^^^^5551234\r" SEVEN "NTE|1||note\r",
          "\"code\":\"hr-high\"", NULL },
        { "MSH-7 of -0000 is known UTC",
          "MSH|^~\\&|MON|GH|||20261122031504-0000||ORU^R40^ORU_R40|1|P|2.6\r" PV1
          "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|x\r" PHASE("start"),
          "\"time\":\"2026-11-22T03:15:04.000Z\"", NULL },
        { "time is OBX-14 of facet 1", MSH40 PV1 OBR SEVEN, "\"time\":\"2026-11-22T03:15:00.000Z\"", NULL },
        { "else OBR-7",
          MSH40 PV1 "OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||20261122031400+0000\r" LEAD(
              "196880^MDC_EVT_LEAD_OFF^MDC") PHASE("start"),
          "\"time\":\"2026-11-22T03:14:00.000Z\"", NULL },
        { "PV1-3 is the place of the alert", MSH40 PID PV1 OBR SEVEN,
          "\"unit\":\"5W\",\"room\":\"512\",\"bed\":\"12\"", NULL },
        { "identity is OBR-3 at the start", MSH40 PV1 OBR SEVEN, "\"identity\":\"MON|GH|A1^MON^\"", NULL },
        { "and OBR-29.2 after it",
          MSH40 PV1 "OBR|1||B2^MON|196616^MDC_EVT_ALARM^MDC|||||||||||||||||||||||||^A1&MON\r" SEVEN,
          "\"identity\":\"MON|GH|A1^MON^\"", NULL },
        { "filled at the start as well (CP-151 unheeded)",
          MSH40 PV1 "OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||||||||||||||||||||||||^A1&MON\r" SEVEN,
          "\"phase\":\"starts\"", NULL },
        { "a bare string in OBR-29.1",
          MSH40 PV1 "OBR|1||B2^MON|196616^MDC_EVT_ALARM^MDC|||||||||||||||||||||||||A1\r" SEVEN,
          "\"identity\":\"MON|GH|A1\"", NULL },
        { "OBR-4 ALARM^ALARM", MSH40 PV1 "OBR|1||A1^MON|ALARM^ALARM\r" SEVEN, "\"code\":\"hr-high\"", NULL },
    };
    (void)state;
    CHECK(rules);
}

static void the_facets(void **state)
{
    static const struct rule rules[] = {
        { "1, physiologic: the event in OBX-3", MSH40 PV1 OBR SEVEN, "\"raw-code\":\"196652\"", NULL },
        { "1, technical: the event in OBX-5",
          MSH40 PV1 OBR LEAD("196880^MDC_EVT_LEAD_OFF^MDC") PHASE("start"), "\"code\":\"lead-off\"", NULL },
        { "1, technical: the text in CWE.9",
          MSH40 PV1 OBR LEAD("196880^MDC_EVT_LEAD_OFF^MDC^^^^^^Lead V5") PHASE("start"),
          "\"raw-text\":\"Lead V5\"", NULL },
        { "2, physiologic: value and unit", MSH40 PV1 OBR SEVEN, "\"value\":{\"is\":162,\"unit\":\"/min\"}",
          NULL },
        { "2, physiologic: the limits", MSH40 PV1 OBR SEVEN,
          "\"threshold\":{\"low\":50,\"high\":140,\"unit\":\"/min\"}", NULL },
        { "2, technical: the source's device",
          MSH40 PV1 OBR LEAD(
              "196880^MDC_EVT_LEAD_OFF^MDC") "OBX|3|CWE|68480^MDC_ATTR_ALERT_SOURCE^MDC|1.1.1.1.2|69965^MDC_"
                                             "DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC\r" PHASE("start"),
          "\"device.type\":\"MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS\"", NULL },
        { "4, state", MSH40 PV1 OBR HIGH SOURCE PHASE("update") STATE("latched"), "\"state\":\"latched\"",
          NULL },
        { "5, inactivation repeats: what silences most",
          MSH40 PV1 OBR HIGH SOURCE PHASE("start") INACT("enabled~audio-paused~alarm-paused"),
          "\"inactivation\":\"alarm-paused\"", NULL },
        { "5, any repetition says that somebody was there",
          MSH40 PV1 OBR HIGH SOURCE PHASE("update") INACT("audio-off~alert-acknowledged"),
          "\"phase\":\"attended\"", NULL },
        { "6, PN", MSH40 PV1 OBR HIGH PHASE("start") PRIO("PN"), "\"priority\":\"info\"", "unmapped-code" },
        { "6, PL", MSH40 PV1 OBR HIGH PHASE("start") PRIO("PL"), "\"class\":\"low\"", "unmapped-code" },
        { "6, PM", MSH40 PV1 OBR HIGH PHASE("start") PRIO("PM"), "\"class\":\"medium\"", "unmapped-code" },
        { "6, PH", MSH40 PV1 OBR HIGH PHASE("start") PRIO("PH"), "\"class\":\"high\"", "unmapped-code" },
        { "6, PI (proposed)", MSH40 PV1 OBR HIGH PHASE("start") PRIO("PI"), "\"class\":\"info\"",
          "unmapped-code" },
        { "OBX-8 of facet 1 holds priority and type (deprecated)",
          MSH40 PV1 OBR "OBX|2|ST|0^MDCX_ODD^MDC|1.1.1.1.1|x|||H~PH~SP|||R\r" PHASE("start"),
          "\"priority\":\"high\"", "unmapped-code" },
        { "facets 6 and 7 win over OBX-8",
          MSH40 PV1 OBR "OBX|2|ST|0^MDCX_ODD^MDC|1.1.1.1.1|x|||H~PH~SP|||R\r" PHASE("start") PRIO("PL"),
          "\"priority\":\"low\"", "unmapped-code" },
        { "OBX-11 F as the framework's text says",
          MSH40 PV1 OBR "OBX|2|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|x||||||F\r" PHASE("start"),
          "\"code\":\"vfib\"", NULL },
        { "ALERT_TEXT (68546) is what people read",
          MSH40 PV1 OBR SEVEN "OBX|9|ST|68546^MDC_ATTR_ALERT_TEXT^MDC|1.1.1.1.8|HR 162 > 140||||||R\r",
          "\"raw-text\":\"HR 162 > 140\"", NULL },
        { "other optional facets change nothing",
          MSH40 PV1 OBR SEVEN "OBX|9|NM|67860^MDC_ATTR_CONFIRM_TIMEOUT^MDC|1.1.1.1.9|30||||||R\r"
                              "OBX|10|ST|68492^MDC_ATTR_ALERT_INDICATION^MDC|1.1.1.1.10|x||||||R\r"
                              "OBX|11|ST|68491^MDC_ATTR_ALERT_DISSEM_STATUS_FILTER^MDC|1.1.1.1.11|||||||R\r",
          "\"code\":\"hr-high\"", NULL },
        { "the containment tree names the device", MSH40 PV1 OBR TREE SEVEN,
          "\"device.id\":\"0012211839000001\",\"device.type\":\"MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS\"", NULL },
        { "old facet codes 68164 to 68168 by their facet number",
          MSH40 PV1 OBR LEAD(
              "196880^MDC_EVT_LEAD_OFF^MDC") "OBX|3|CWE|68164^MDC_ATTR_ALERT_SOURCE^MDC|1.1.1.1.2|69965^MDC_"
                                             "DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC\r"
                                             "OBX|4|ST|68165^MDC_ATTR_EVT_PHASE^MDC|1.1.1.1.3|end\r"
                                             "OBX|5|ST|68166^MDC_ATTR_X^MDC|1.1.1.1.4|inactive\rOBX|6|ST|"
                                             "68167^MDC_ATTR_Y^MDC|1.1.1.1.5|enabled\r"
                                             "OBX|7|ST|68168^MDC_ATTR_Z^MDC|1.1.1.1.6|PL\r",
          "\"phase\":\"ends\",\"class\":\"technical\",\"priority\":\"low\"", NULL },
        { "evidence OBRs are not alerts of their own",
          MSH40 PV1 OBR SEVEN "OBR|2||A1w^MON|69121^MDC_OBS_WAVE_CTS^MDC\r"
                              "OBX|1|NA|131330^MDC_ECG_ELEC_POTL_II^MDC|1.1.1.1|1^2^3^4\r",
          "\"code\":\"hr-high\"", NULL },
        { "a call names who pressed it (OBX-16)",
          MSH40 PV1 OBR
          "OBX|2|CWE|196616^MDC_EVT_ALARM^MDC|1.1.1.1.1|203412^MDC_EVT_ADVIS_NURSE_CALL^MDC||||||R|||||"
          "b9^Roe^Ada\r" PHASE("start"),
          "\"actor\":\"b9\"", NULL },
    };
    (void)state;
    CHECK(rules);
}

#define VFIB "OBX|2|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib||||||R\r"

static void faults_of_the_field(void **state)
{
    static const struct rule rules[] = {
        { "code and text swapped",
          MSH40 PV1 OBR "OBX|2|ST|MDC_EVT_ECG_V_FIB^199806^MDC|1.1.1.1.1|V-Fib\r" PHASE("start"),
          "\"code\":\"vfib\"", "swapped-code" },
        { "code and text of a facet swapped",
          MSH40 PV1 OBR VFIB "OBX|4|ST|MDC_ATTR_EVENT_PHASE^68481^MDC|1.1.1.1.3|end\r", "\"phase\":\"ends\"",
          NULL },
        { "trailing blanks in the coding system",
          MSH40 PV1 OBR "OBX|2|ST|199806^MDC_EVT_ECG_V_FIB^MDC  |1.1.1.1.1|V-Fib\r" PHASE("start"),
          "\"code\":\"vfib\",\"system\":\"MDC\"", NULL },
        { "684800 for 68480",
          MSH40 PV1 OBR LEAD(
              "196880^MDC_EVT_LEAD_OFF^MDC") "OBX|3|CWE|684800^MDC_ATTR_ALERT_SOURCE^MDC|1.1.1.1.2|69965^MDC_"
                                             "DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC\r" PHASE("start"),
          "\"device.type\":\"MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS\"", NULL },
        { "196680 for LEAD_OFF", MSH40 PV1 OBR LEAD("196680^MDC_EVT_LEAD_OFF^MDC") PHASE("start"),
          "\"code\":\"lead-off\"", "code-mismatch" },
        { "priority as 20", MSH40 PV1 OBR VFIB PHASE("start") PRIO("20"), "\"class\":\"lethal\"",
          "unknown-priority" },
        { "profile id in MSH-20",
          "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40^ORU_R40|1|P|2.6|||AL|NE||||"
          "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO\r" PV1 OBR VFIB PHASE("start"),
          "\"code\":\"vfib\"", NULL },
        { "OBR glued to the PV1 line",
          MSH40 "PV1||I|5W^512^12OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||20261122031504+0000\r" VFIB PHASE(
              "start"),
          "\"identity\":\"MON|GH|A1^MON^\",\"unit\":\"5W\",\"room\":\"512\",\"bed\":\"12\"", NULL },
        { "no OBR", MSH40 PID PV1 VFIB PHASE("start"), "\"code\":\"vfib\"", NULL },
        { "no PID", MSH40 PV1 OBR VFIB PHASE("start"), "\"code\":\"vfib\"", NULL },
        { "five characters in MSH-2 of v2.6",
          "MSH|^~\\&#|MON|GH|||20261122031504+0000||ORU^R40|1|P|2.6\r" PV1 OBR VFIB PHASE("start"),
          "\"code\":\"vfib\"", NULL },
        { "byte A0 with MSH-18 empty",
          MSH40 PV1 OBR "OBX|2|ST|199806\xA0^MDC_EVT_ECG_V_FIB\xA0^MDC|1.1.1.1.1|V-Fib\xA0\r" PHASE("start"),
          "\"code\":\"vfib\"", NULL },
        { "F in OBX-10",
          MSH40 PV1 OBR "OBX|2|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib|||||F\r" PHASE("start"),
          "\"phase\":\"starts\"", NULL },
        { "MSH-15 and 16 swapped",
          "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40^ORU_R40|1|P|2.6|||NE|AL\r" PV1 OBR VFIB PHASE(
              "start"),
          "\"code\":\"vfib\"", NULL },
        { "LF line ends",
          "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R40^ORU_R40|1|P|2.6\nPV1||I|5W^512^12\n"
          "OBX|2|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|V-Fib\n"
          "OBX|4|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|escalate\n",
          "\"phase\":\"worsens\"", NULL },
    };
    (void)state;
    CHECK(rules);
}

/* CP-157: identical but for MSH-7 and MSH-10. What tells alerts apart stays the same. */
static void a_retransmission_is_the_same_event(void **state)
{
    struct fixture f;
    char first[3000];
    (void)state;
    fixture_begin(&f);
    fixture_event(&f, "first", MSH40 PID PV1 OBR TREE SEVEN);
    struct buf one = buf_make(3000), two = buf_make(3000);
    event_json(&one, &f.r.events[0]);
    snprintf(first, sizeof first, "%.*s", SLICE_ARG(buf_slice(&one)));
    fixture_event(
        &f, "again",
        "MSH|^~\\&|MON|GH|||20261122031700+0000||ORU^R40^ORU_R40|2|P|2.6|||AL|NE\r" PID PV1 OBR TREE SEVEN);
    event_json(&two, &f.r.events[0]);
    assert_true(slice_is(buf_slice(&two), first));
    buf_free(&one);
    buf_free(&two);
    fixture_end(&f);
}

/* STANDARDS 1.4, PCD-05 and PCD-10: understood, and nobody rings. */
static void what_rings_nobody(void **state)
{
    static const struct {
        const char *name, *wire;
        bool heartbeat, planned_stop;
        const char *finding;
    } table[] = {
        { "196614", MSH40 OBR "OBX|1|ST|196614^MDC_EVT_ACTIVE^MDC|1.0.0.0.1|\r" PHASE("tpoint"), true, false,
          NULL },
        { "198200 as a technical event",
          MSH40 OBR LEAD("198200^MDC_EVT_WATCHDOG^MDC") PHASE("tpoint") STATE("active"), true, false, NULL },
        { "the last one, state inactive",
          MSH40 OBR LEAD("198200^MDC_EVT_WATCHDOG^MDC") PHASE("end") STATE("inactive") PRIO("PN") TYPE("SA"),
          true, true, NULL },
        { "of type SP", MSH40 OBR LEAD("198200^MDC_EVT_WATCHDOG^MDC") PHASE("tpoint") TYPE("SP"), true, false,
          NULL },
        { "by its name alone", MSH40 OBR LEAD("^MDC_EVT_WATCHDOG^MDC") PHASE("tpoint"), true, false, NULL },
        { "ORA^R41, PCD-05",
          "MSH|^~\\&|MON|GH|||20261122031504+0000||ORA^R41^ORA_R41|1|P|2.6\rMSA|AA|7\rOBR|1||A1\r", false,
          false, NULL },
        { "ORU^R41", "MSH|^~\\&|MON|GH|||20261122031504+0000||ORU^R41|1|P|2.6\rMSA|AA|7\rOBR|1||A1\r", false,
          false, NULL },
        { "ORF^R04, results that were asked for",
          "MSH|^~\\&|LIS|GH|||20261122031504+0000||ORF^R04|1|P|2.4\rMSA|AA|7\rOBX|1|NM|2823-3^K^LN||9|||HH|||"
          "F\r",
          false, false, NULL },
        { "ORR^O02, an order's answer",
          "MSH|^~\\&|LIS|GH|||20261122031504+0000||ORR^O02|1|P|2.4\rMSA|AA|7\rORC|OK|1\r", false, false,
          NULL },
        { "ORU^R42, a pump that starts (PCD-10)",
          "MSH|^~\\&|PUMP|GH|||20261122031504+0000||ORU^R42^ORU_R01|1|P|2.6\r" PV1
          "OBR|1||E7|69986^MDC_DEV_PUMP_INFUS_VMD^MDC\r"
          "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||P7\r"
          "OBX|2|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.1.0.1|197288^MDC_EVT_PUMP_DELIV_START^MDC||||||R\r",
          false, false, "unmapped-code" },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!fixture_read(&f, table[i].wire) || f.r.event_count > 0 || !f.r.context_only ||
            f.r.heartbeat != table[i].heartbeat || f.r.planned_stop != table[i].planned_stop ||
            (table[i].finding != NULL && !fixture_found(&f, table[i].finding)))
            fail_msg("%s: %s", table[i].name, f.err.message);
    }
    /* An acknowledgement holds nothing at all; AA in place of CA is an acknowledgement as well. */
    assert_false(fixture_read(&f, "MSH|^~\\&|MON|GH|||20261122||ACK^R40^ACK|1|P|2.6\rMSA|AA|7\r"));
    assert_string_equal(f.err.where, "MSA");
    fixture_end(&f);
}

static void a_pump_event_rings_where_the_site_names_it(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    codemap_add(f.site.map, SLICE("197288"), SLICE(""), SLICE("pump-callback"));
    fixture_event(
        &f, "pump",
        "MSH|^~\\&|PUMP|GH|||20261122031504+0000||ORU^R42^ORU_R01|1|P|2.6\r" PV1
        "OBR|1||E7|69986^MDC_DEV_PUMP_INFUS_VMD^MDC\r"
        "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||P7\r"
        "OBX|2|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.1.0.1|197288^MDC_EVT_PUMP_DELIV_START^MDC||||||R|||"
        "20261122031455+0000\r");
    assert_true(fixture_holds(&f, 0, "\"code\":\"pump-callback\""));
    assert_true(fixture_holds(&f, 0, "\"device.id\":\"P7\",\"device.type\":\"MDC_DEV_PUMP_INFUS_MDS\""));
    assert_true(fixture_holds(&f, 0, "\"time\":\"2026-11-22T03:14:55.000Z\""));
    assert_int_equal(f.r.events[0].part, 2);
    fixture_end(&f);
}

/* The requested recipients of a PCD-04 are not used for routing (rules say who hears), but stay in reach. */
static void recipients_and_callback_stay_readable(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    fixture_event(&f, "recipients",
                  MSH40 PV1 "OBR|1||A1^MON|196616^MDC_EVT_ALARM^MDC|||||||||||||^PRN^PH^^^^^^^^^5551234\r"
                            "PRT|1|AD||AR|77^Roe^Ada\r" SEVEN);
    size_t prt = hl7_segment_find(f.m, SLICE("PRT"), 1), obr = hl7_segment_find(f.m, SLICE("OBR"), 1);
    assert_true(slice_is(hl7_value(f.m, f.arena, prt, 5, 1, 2, 0), "Roe"));
    assert_true(slice_is(hl7_value(f.m, f.arena, obr, 17, 1, 12, 0), "5551234"));
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shape_of_a_message),
        cmocka_unit_test(the_facets),
        cmocka_unit_test(faults_of_the_field),
        cmocka_unit_test(a_retransmission_is_the_same_event),
        cmocka_unit_test(what_rings_nobody),
        cmocka_unit_test(a_pump_event_rings_where_the_site_names_it),
        cmocka_unit_test(recipients_and_callback_stay_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
