/* SIU S12 to S26 and orders (STANDARDS section 3.7; HL7 v2 chapters 10 and 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/hl7_help.h"

#define SIU(trigger) "MSH|^~\\&|SCH|GH|||20261122070000+0000||SIU^" trigger "|1|P|2.5\r"
#define SCH          "SCH|P1|F1|||||OV^Office visit|NORMAL|||^^^20261123090000+0000\r"
#define WITH(status) "SCH|P1|F1|||||OV^Office visit|NORMAL|||^^^20261123090000+0000||||||||||||||" status "\r"
#define PID          "PID|||4711^^^GH^MR||Quill^Marta\r"

static void appointments_go_by_their_trigger(void **state)
{
    static const struct {
        const char *name, *wire;
        size_t events; /* the last one is looked at, those before withdraw */
        enum event_phase phase;
    } table[] = {
        { "S12", SIU("S12") SCH PID, 1, PHASE_BOOKED },
        { "S13", SIU("S13") SCH PID, 1, PHASE_RESCHEDULED },
        { "S14", SIU("S14") SCH PID, 1, PHASE_CHANGED },
        { "S15", SIU("S15") SCH PID, 2, PHASE_CANCELLED },
        { "S16", SIU("S16") SCH PID, 1, PHASE_DISCONTINUED },
        { "S17", SIU("S17") SCH PID, 2, PHASE_DELETED },
        { "S18 without a resource", SIU("S18") SCH PID, 1, PHASE_RESOURCE_ADDED },
        { "S19", SIU("S19") SCH PID "RGS|1\rAIL|1|U|5W\r", 1, PHASE_RESOURCE_CHANGED },
        { "S20: what was told of the room stops first", SIU("S20") SCH PID "RGS|1\rAIL|1|X|5W\r", 2,
          PHASE_RESOURCE_CANCELLED },
        { "S21", SIU("S21") SCH PID "RGS|1\rAIL|1|D|5W\r", 1, PHASE_RESOURCE_STOPPED },
        { "S22", SIU("S22") SCH PID "RGS|1\rAIL|1|D|5W\r", 2, PHASE_RESOURCE_DELETED },
        { "S23, no patient", SIU("S23") SCH, 1, PHASE_BLOCKED },
        { "S24: what said blocked is over", SIU("S24") SCH, 2, PHASE_UNBLOCKED },
        { "S26", SIU("S26") SCH PID, 1, PHASE_NO_SHOW },
        { "S14 Cancelled", SIU("S14") WITH("Cancelled") PID, 2, PHASE_CANCELLED },
        { "S14 Deleted", SIU("S14") WITH("Deleted^^HL70278") PID, 2, PHASE_DELETED },
        { "S14 Noshow", SIU("S14") WITH("Noshow") PID, 1, PHASE_NO_SHOW },
        { "S14 Dc", SIU("S14") WITH("DC") PID, 1, PHASE_DISCONTINUED },
        { "S13 Blocked, by its text", SIU("S13") WITH("B^Blocked") PID, 1, PHASE_BLOCKED },
        { "S12 Booked", SIU("S12") WITH("Booked") PID, 1, PHASE_BOOKED },
        { "S12 Overbook", SIU("S12") WITH("Overbook") PID, 1, PHASE_BOOKED },
        { "S12 Pending", SIU("S12") WITH("Pending") PID, 1, PHASE_BOOKED },
        { "S12 Waitlist", SIU("S12") WITH("Waitlist") PID, 1, PHASE_BOOKED },
        { "S14 Started", SIU("S14") WITH("Started") PID, 1, PHASE_CHANGED },
        { "S14 Complete", SIU("S14") WITH("Complete") PID, 1, PHASE_CHANGED },
        { "S26 keeps its name", SIU("S26") WITH("Cancelled") PID, 1, PHASE_NO_SHOW },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!fixture_read(&f, table[i].wire) || f.r.event_count != table[i].events)
            fail_msg("%s: %zu events, %s", table[i].name, f.r.event_count, f.err.message);
        const struct event *last = &f.r.events[f.r.event_count - 1];
        if (last->phase != table[i].phase)
            fail_msg("%s is %s", table[i].name, event_phase_name(last->phase));
        for (size_t k = 0; k + 1 < f.r.event_count; k++)
            assert_true(f.r.events[k].phase == PHASE_WITHDRAWN &&
                        slice_eq(f.r.events[k].identity, last->identity));
    }
    assert_false(fixture_read(&f, SIU("S25") SCH PID));
    assert_non_null(strstr(f.err.message, "query"));
    assert_string_equal(f.err.where, "MSH-9.2");
    assert_false(fixture_read(&f, SIU("S12") PID));
    assert_string_equal(f.err.where, "SCH");
    fixture_end(&f);
}

static void what_an_appointment_says(void **state)
{
    static const struct {
        const char *name, *wire, *holds;
    } table[] = {
        { "identity is the filler's number", SIU("S12") SCH PID, "\"identity\":\"SCH|GH|appointment|F1|\"" },
        { "else the placer's", SIU("S12") "SCH|P1\r" PID, "\"identity\":\"SCH|GH|appointment|P1|\"" },
        { "start in SCH-11", SIU("S12") SCH PID, "\"start\":\"2026-11-23T09:00:00.000Z\"" },
        { "start in TQ1-7", SIU("S12") "SCH|P1|F1\rTQ1|1||||||20261123091500+0000\r" PID,
          "\"start\":\"2026-11-23T09:15:00.000Z\"" },
        { "start of the earliest resource",
          SIU("S12") "SCH|P1|F1\r" PID
                     "RGS|1\rAIS|1|A|X|20261123103000+0000\rRGS|2\rAIG|1|A|Y|||||20261123100000+0000\r",
          "\"start\":\"2026-11-23T10:00:00.000Z\"" },
        { "a resource that goes starts nothing",
          SIU("S14") "SCH|P1|F1\r" PID
                     "RGS|1\rAIS|1|D|X|20261123080000+0000\rAIS|2|A|X|20261123103000+0000\r",
          "\"start\":\"2026-11-23T10:30:00.000Z\"" },
        { "place and clinic from AIL-3", SIU("S12") SCH PID "RGS|1\rAIL|1|A|5W^2\r",
          "\"unit\":\"5W\",\"room\":\"2\"" },
        { "the clinic", SIU("S12") SCH PID "RGS|1\rAIL|1|A|5W^2\r", "\"clinic\":\"5W\"" },
        { "the room that stays, not the one that goes",
          SIU("S14") SCH PID "RGS|1\rAIL|1|D|ICU^1\rRGS|2\rAIL|1|A|5W^2\r", "\"clinic\":\"5W\"" },
        { "the one that goes is the prior place",
          SIU("S14") SCH PID "RGS|1\rAIL|1|D|ICU^1\rRGS|2\rAIL|1|A|5W^2\r", "\"prior-unit\":\"ICU\"" },
        { "with whom: AIP-3", SIU("S12") SCH PID "RGS|1\rAIP|1|A|d7^Roe^Ada\r",
          "\"ordering-provider\":\"d7\",\"ordering-provider-name\":\"Ada Roe\"" },
        { "the attending is PV1's", SIU("S12") SCH PID "PV1||O|||||a1^Ash^B\rRGS|1\rAIP|1|A|d7^Roe^Ada\r",
          "\"patient.attending\":\"a1\"" },
        { "named by SCH-7", SIU("S12") SCH PID, "\"title\":\"Office visit\"" },
        { "by SCH-8", SIU("S12") "SCH|P1|F1||||||ECHO^Echo\r" PID, "\"title\":\"Echo\"" },
        { "by the service", SIU("S12") "SCH|P1|F1\r" PID "AIS|1|A|CT^CT head\r", "\"title\":\"CT head\"" },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        fixture_event(&f, table[i].name, table[i].wire);
        if (!fixture_holds(&f, 0, table[i].holds))
            fail_msg("%s", table[i].name);
    }
    fixture_end(&f);
}

/* S18 to S22: an event a resource, with its own start. */
static void each_resource_has_its_own_event(void **state)
{
    static const struct {
        const char *what, *start;
    } want[] = {
        { "AIS|MR", "09:00" },
        { "AIG|PUMP", "08:45" },
        { "AIL|5W|2|", "10:00" },
        { "AIP|d7", "09:00" },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(
        fixture_read(&f, SIU("S18") SCH PID
                     "RGS|1\rAIS|1|A|MR^MRI|||||\rAIG|1|A|PUMP||||||-15|min^minutes\r"
                     "RGS|2\rAIL|1|A|5W^2|||20261123100000+0000\rAIP|1|A|d7^Roe^Ada||||0\rAIL|2|U|ICU\r"));
    assert_int_equal(f.r.event_count, 4); /* the changed room is none of those added */
    for (size_t i = 0; i < 4; i++) {
        char at[TIME_TEXT];
        struct slice text = time_text(f.r.events[i].start_us, at);
        char start[64];
        snprintf(start, sizeof start, "%.*s", SLICE_ARG(text));
        if (!slice_ends(f.r.events[i].identity, slice_of(want[i].what)) ||
            strstr(start, want[i].start) == NULL)
            fail_msg("%s: %.*s at %s", want[i].what, SLICE_ARG(f.r.events[i].identity), start);
    }
    /* A cancelled appointment takes back what was told of each of its resources. */
    char room[300];
    snprintf(room, sizeof room, "%.*s", SLICE_ARG(f.r.events[2].identity));
    assert_true(fixture_read(&f, SIU("S15") SCH PID "RGS|1\rAIL|1||5W^2\r"));
    assert_int_equal(f.r.event_count, 3);
    assert_true(f.r.events[1].phase == PHASE_WITHDRAWN && slice_is(f.r.events[1].identity, room));
    fixture_end(&f);
}

#define ORM(type) "MSH|^~\\&|CPOE|GH|||20261122070000+0000||" type "|1|P|2.5.1\r" PID
#define ORC(code) "ORC|" code "|P1|F1\rOBR|1|P1|F1|CT^CT head^L\r"

static void orders_go_by_their_control_code(void **state)
{
    static const struct {
        const char *name, *wire;
        int phase; /* -1: no event */
    } table[] = {
        { "NW new", ORM("ORM^O01") ORC("NW"), PHASE_STARTS },
        { "SN the filler's own", ORM("ORM^O01") ORC("SN"), PHASE_STARTS },
        { "XO changed", ORM("ORM^O01") ORC("XO"), PHASE_STARTS },
        { "RO in place of another", ORM("ORM^O01") ORC("RO"), PHASE_STARTS },
        { "CH a child", ORM("ORM^O01") ORC("CH"), PHASE_STARTS },
        { "PA its parent", ORM("ORM^O01") ORC("PA"), PHASE_UPDATES },
        { "CA cancelled", ORM("ORM^O01") ORC("CA"), PHASE_WITHDRAWN },
        { "OC by the filler", ORM("ORM^O01") ORC("OC"), PHASE_WITHDRAWN },
        { "DC discontinued", ORM("ORM^O01") ORC("DC"), PHASE_WITHDRAWN },
        { "RP replaced", ORM("ORM^O01") ORC("RP"), PHASE_WITHDRAWN },
        { "SC in process", ORM("ORM^O01") "ORC|SC|P1|F1||IP\rOBR|1|P1|F1|CT\r", PHASE_UPDATES },
        { "SC completed", ORM("ORM^O01") "ORC|SC|P1|F1||CM\rOBR|1|P1|F1|CT\r", PHASE_WITHDRAWN },
        { "SC cancelled", ORM("ORM^O01") "ORC|SC|P1|F1||CA\rOBR|1|P1|F1|CT\r", PHASE_WITHDRAWN },
        { "UC cannot be cancelled: it stands", ORM("ORM^O01") ORC("UC"), -1 },
        { "SS asks", ORM("ORM^O01") ORC("SS"), -1 },
        { "an unknown code is no reason to lose it", ORM("ORM^O01") ORC("ZZ"), PHASE_STARTS },
        { "OMG^O19", ORM("OMG^O19^OMG_O19") ORC("NW"), PHASE_STARTS },
        { "OML^O21", ORM("OML^O21^OML_O21") ORC("NW"), PHASE_STARTS },
        { "OML^O33", ORM("OML^O33^OML_O33") "SPM|1\r" ORC("NW"), PHASE_STARTS },
        { "OML^O35", ORM("OML^O35^OML_O35") "SPM|1\rSAC|||7\r" ORC("CA"), PHASE_WITHDRAWN },
        { "OMP^O09, a drug", ORM("OMP^O09^OMP_O09") "ORC|NW|P1\rRXO|AMIO^Amiodarone\r", PHASE_STARTS },
        { "RDE^O11", ORM("RDE^O11^RDE_O11") "ORC|DC|P1\rRXE||AMIO^Amiodarone\r", PHASE_WITHDRAWN },
        { "no ORC", ORM("ORM^O01") "OBR|1|P1|F1|CT\r", PHASE_STARTS },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!fixture_read(&f, table[i].wire) || f.r.event_count != (table[i].phase >= 0))
            fail_msg("%s: %zu events, %s", table[i].name, f.r.event_count, f.err.message);
        if (table[i].phase >= 0 && (int)f.r.events[0].phase != table[i].phase)
            fail_msg("%s is %s", table[i].name, event_phase_name(f.r.events[0].phase));
    }
    assert_false(fixture_read(&f, ORM("ORM^O01")));
    assert_string_equal(f.err.where, "ORC");
    fixture_end(&f);
}

static void the_priority_of_an_order(void **state)
{
    static const struct {
        const char *name, *wire;
        enum event_priority priority;
        enum event_class class;
    } table[] = {
        { "OBR-27.6", "ORC|NW|P1\rOBR|1|P1||CT|||||||||||||||||||||||^^^^^S\r", PRIORITY_STAT, CLASS_HIGH },
        { "OBR-5", "ORC|NW|P1\rOBR|1|P1||CT|S\r", PRIORITY_STAT, CLASS_HIGH },
        { "TQ1-9 between ORC and OBR", "ORC|NW|P1\rTQ1|||||||||S\rOBR|1|P1||CT\r", PRIORITY_STAT,
          CLASS_HIGH },
        { "TQ1-9 behind the OBR", "ORC|NW|P1\rOBR|1|P1||CT\rTQ1|||||||||S\r", PRIORITY_STAT, CLASS_HIGH },
        { "ORC-7.6", "ORC|NW|P1|||||^^^^^S\rOBR|1|P1||CT\r", PRIORITY_STAT, CLASS_HIGH },
        { "asap", "ORC|NW|P1\rOBR|1|P1||CT|A\r", PRIORITY_HIGH, CLASS_HIGH },
        { "timing critical", "ORC|NW|P1\rOBR|1|P1||CT|T\r", PRIORITY_HIGH, CLASS_HIGH },
        { "routine", "ORC|NW|P1\rOBR|1|P1||CT|R\r", PRIORITY_ROUTINE, CLASS_LOW },
        { "none", "ORC|NW|P1\rOBR|1|P1||CT\r", PRIORITY_NONE, CLASS_INFO },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000];
        snprintf(wire, sizeof wire, ORM("ORM^O01") "%s", table[i].wire);
        const struct event *e = fixture_event(&f, table[i].name, wire);
        if (e->priority != table[i].priority || e->class != table[i].class)
            fail_msg("%s: %s", table[i].name, event_priority_name(e->priority));
    }
    fixture_end(&f);
}

static void several_orders_of_one_message(void **state)
{
    static const struct {
        const char *name, *wire, *ids[3]; /* how the identities end */
    } table[] = {
        { "each ORC its own", "ORC|NW|P1\rOBR|1|P1||A\rORC|CA|P2\rOBR|2|P2||B\r", { "|P1", "|P2", NULL } },
        { "two tests under one ORC", "ORC|NW|P1\rOBR|1|||A\rOBR|2|||B\r", { "|P1", "|P1|B", NULL } },
        { "an ORC alone cancels by its number", "ORC|CA|P1\r", { "|P1", NULL, NULL } },
        { "the filler's number where there is no other", "ORC|SC||F1\rOBR|1||F1|A\r", { "|F1", NULL, NULL } },
        { "parent and children", "ORC|PA|P1\rORC|CH|P2||||||P1\rOBR|1|P2||A\r", { "|P1", "|P2", NULL } },
        { "earlier results of an OML^O21 order nothing",
          "ORC|NW|P1\rOBR|1|P1||A\rPID|||4711^^^GH\rOBR|1|P0||B\rOBX|1|NM|K||4\rORC|PR|P9\rOBR|2|P9||C\r",
          { "|P1", NULL, NULL } },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000];
        size_t count = 0;
        snprintf(wire, sizeof wire, ORM("OML^O21^OML_O21") "%s", table[i].wire);
        assert_true(fixture_read(&f, wire));
        while (count < 3 && table[i].ids[count] != NULL)
            count++;
        if (f.r.event_count != count)
            fail_msg("%s: %zu events", table[i].name, f.r.event_count);
        for (size_t k = 0; k < count; k++)
            if (!slice_ends(f.r.events[k].identity, slice_of(table[i].ids[k])))
                fail_msg("%s: %.*s", table[i].name, SLICE_ARG(f.r.events[k].identity));
    }
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appointments_go_by_their_trigger), cmocka_unit_test(what_an_appointment_says),
        cmocka_unit_test(each_resource_has_its_own_event),  cmocka_unit_test(orders_go_by_their_control_code),
        cmocka_unit_test(the_priority_of_an_order),         cmocka_unit_test(several_orders_of_one_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
