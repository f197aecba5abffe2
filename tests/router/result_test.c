/* Results, appointments and orders through their lives: corrected, recalled, posted again, re-timed. */
#include "tests/router/fixture.h"

#include "router/state.h"

#define OBX(value, flag, status)                                                                             \
    "OBX|1|NM|2823-3^K^LN||" value "|mmol/L|3.5-5.1|" flag "|||" status "|||20261014185000+0000\r"
#define ORU(id, patient, obx)                                                                                \
    "MSH|^~\\&|LAB|GH|||20261014190000+0000||ORU^R01|" id "|P|2.6\rPID|||" patient                           \
    "^^^GH^MR\rOBR|1||F1|2823-3^K^LN|||20261014185500+0000\r" obx

static void begin(struct play *p)
{
    play_begin(p, "2026-10-14T19:00:00Z", true);
    assert_true(send_adt(p, "A01", "p1", "5W", "12", ""));
    assert_true(send_adt(p, "A01", "p2", "5W", "14", ""));
}

static size_t notices(const struct play *p, const char *word)
{
    size_t n = 0;

    for (size_t i = 0; i < p->lab->heard_count; i++)
        n += slice_is(p->lab->heard[i].notice, word);
    return n;
}

static size_t rings(const struct play *p)
{
    return notices(p, "");
}

/* Each row is what comes after a critical potassium; what those who were told hear of it. */
static void what_follows_a_critical_result(void **state)
{
    static const struct {
        const char *name;
        bool accepted;           /* before the next one comes: the alert is closed by it */
        const char *next, *last; /* messages; last may be NULL */
        size_t rings, withdrawn; /* more than before */
    } table[] = {
        { "the same again under a new control id", false, ORU("2", "p1", OBX("7.0", "HH", "F")), NULL, 0, 0 },
        { "the same again, closed already", true, ORU("2", "p1", OBX("7.0", "HH", "F")), NULL, 0, 0 },
        { "final again with another value, closed", true, ORU("2", "p1", OBX("7.4", "HH", "F")), NULL, 1, 0 },
        { "corrected to normal, closed: its rule tells it", true, ORU("2", "p1", OBX("4.1", "N", "C")), NULL,
          1, 0 },
        { "corrected twice at the specimen's time", true, ORU("2", "p1", OBX("4.1", "N", "C")),
          ORU("3", "p1", OBX("6.8", "HH", "C")), 1, 0 },
        { "recalled", false, ORU("2", "p1", OBX("7.0", "HH", "W")), NULL, 0, 1 },
        { "recalled under the right patient", false, ORU("2", "p2", OBX("7.0", "HH", "W")), NULL, 0, 1 },
        { "deleted", false, ORU("2", "p1", OBX("", "", "D")), NULL, 0, 1 },
        { "recalled, closed already: told once", true, ORU("2", "p1", OBX("7.0", "HH", "W")),
          ORU("3", "p1", OBX("7.0", "HH", "D")), 0, 1 },
        { "recalled, then posted to the right patient", false, ORU("2", "p1", OBX("7.0", "HH", "W")),
          ORU("3", "p2", OBX("7.0", "HH", "F")), 1, 1 },
        { "recalled, then posted again as it was", false, ORU("2", "p1", OBX("7.0", "HH", "W")),
          ORU("3", "p1", OBX("7.0", "HH", "F")), 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct play p;
        begin(&p);
        assert_true(lab_message(p.lab, "telemetry", ORU("1", "p1", OBX("7.0", "HH", "F"))));
        if (table[i].accepted)
            assert_true(lab_answer(p.lab, "ana", ANSWER_ACCEPT, ""));
        size_t rung = rings(&p), withdrawn = notices(&p, "withdrawn");
        assert_int_equal(rung, 1);
        assert_true(lab_message(p.lab, "telemetry", table[i].next));
        if (table[i].last != NULL)
            assert_true(lab_message(p.lab, "telemetry", table[i].last));
        if (rings(&p) - rung != table[i].rings || notices(&p, "withdrawn") - withdrawn != table[i].withdrawn)
            fail_msg("%s: %zu rings, %zu withdrawn", table[i].name, rings(&p) - rung,
                     notices(&p, "withdrawn") - withdrawn);
        play_end(&p);
    }
}

static void a_correction_is_told_at_once(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(lab_message(p.lab, "telemetry", ORU("1", "p1", OBX("7.0", "HH", "F"))));
    assert_true(lab_message(p.lab, "telemetry", ORU("2", "p1", OBX("4.1", "N", "C"))));
    assert_true(lab_message(p.lab, "telemetry", ORU("3", "p1", OBX("4.2", "N", "C"))));
    assert_int_equal(notices(&p, "updated"), 2); /* a monitor's values would wait, a correction does not */
    assert_int_equal(rings(&p), 1);
    play_end(&p);
}

static void final_without_a_value_keeps_the_preliminary_one(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(lab_message(p.lab, "telemetry", ORU("1", "p1", OBX("7.0", "HH", "F"))));
    assert_true(lab_message(p.lab, "telemetry", ORU("2", "p1", OBX("", "", "U"))));
    assert_int_equal(notices(&p, "updated"), 0); /* no text has changed: 7.0 stands */
    assert_int_equal(rings(&p), 1);
    play_end(&p);
}

#define SIU(id, trigger, start)                                                                              \
    "MSH|^~\\&|SCH|GH|||20261014190000+0000||SIU^" trigger "|" id                                            \
    "|P|2.5\rSCH||77|||||OV^Visit||||^^^" start "\rPID|||p1^^^GH^MR\r"

/* `was`: the start that people were told before, whichever message re-times it. */
static void a_re_timed_appointment_says_when_it_was(void **state)
{
    static const struct {
        const char *name, *wire;
        int start_h, was_h; /* hours of the 15th; 0: none */
    } table[] = {
        { "booked", SIU("1", "S12", "20261015090000+0000"), 9, 0 },
        { "changed, not re-timed", SIU("2", "S14", "20261015090000+0000"), 9, 0 },
        { "re-timed", SIU("3", "S13", "20261015110000+0000"), 11, 9 },
        { "the same again", SIU("4", "S13", "20261015110000+0000"), 11, 9 },
        { "a change that names no start", SIU("5", "S14", ""), 11, 9 },
        { "re-timed again", SIU("6", "S13", "20261015140000+0000"), 14, 11 },
    };
    struct play p;

    (void)state;
    begin(&p);
    int64_t day = wall_of("2026-10-15T00:00:00Z");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_true(lab_message(p.lab, "telemetry", table[i].wire));
        const struct alert *a = core_identity(p.lab->core, SLICE("SCH|GH|appointment|77|"));
        assert_non_null(a);
        struct reader in = reader_make(a->event);
        struct event e;
        assert_true(event_read(&in, &e));
        if (e.start_us != day + table[i].start_h * TIME_HOUR ||
            e.was_us != (table[i].was_h > 0 ? day + table[i].was_h * TIME_HOUR : TIME_NONE))
            fail_msg("%s: %lld %lld", table[i].name, (long long)((e.start_us - day) / TIME_HOUR),
                     (long long)e.was_us);
    }
    assert_true(lab_message(p.lab, "telemetry", SIU("7", "S15", "")));
    const struct alert *last = core_identity(p.lab->core, SLICE("SCH|GH|appointment|77|"));
    assert_int_equal(last->open_phase,
                     PHASE_CANCELLED); /* what was told before is withdrawn, and this is news */
    assert_true(notices(&p, "withdrawn") > 0);
    play_end(&p);
}

/* A message that comes late under a new control id moves nobody back. */
static void an_old_booking_again_changes_nothing(void **state)
{
    static const char *const wires[] = {
        "MSH|^~\\&|SCH|GH|||20261014190000+0000||SIU^S12|1|P|2.5\rSCH||77|||||OV||||^^^20261015090000+"
        "0000\r",
        "MSH|^~\\&|SCH|GH|||20261014190500+0000||SIU^S13|2|P|2.5\rSCH||77|||||OV||||^^^20261015110000+"
        "0000\r",
        "MSH|^~\\&|SCH|GH|||20261014190000+0000||SIU^S12|3|P|2.5\rSCH||77|||||OV||||^^^20261015090000+"
        "0000\r",
    };
    struct play p;

    (void)state;
    begin(&p);
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++)
        assert_true(lab_message(p.lab, "telemetry", wires[i]));
    const struct alert *a = core_identity(p.lab->core, SLICE("SCH|GH|appointment|77|"));
    assert_int_equal(a->last_phase, PHASE_RESCHEDULED);
    play_end(&p);
}

#define ORM(id, code)                                                                                        \
    "MSH|^~\\&|CPOE|GH|||20261014190000+0000||ORM^O01|" id "|P|2.5\rPID|||p1^^^GH^MR\rORC|" code "|P9\r"

static void an_order_is_taken_back_by_its_number(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(lab_message(p.lab, "telemetry", ORM("1", "NW") "OBR|1|P9||CT^CT head|S\r"));
    const struct slice identity = SLICE("CPOE|GH|order|P9");
    assert_true(core_identity(p.lab->core, identity)->state != ALERT_CLOSED);
    assert_true(lab_message(p.lab, "telemetry", ORM("2", "UC")));
    assert_true(core_identity(p.lab->core, identity)->state != ALERT_CLOSED);
    assert_true(lab_message(p.lab, "telemetry", ORM("3", "CA"))); /* without an OBR */
    assert_int_equal(core_identity(p.lab->core, identity)->reason, CLOSED_WITHDRAWN);
    play_end(&p);
}

/* What counts as absent for rules although something was sent is a finding, once. */
static void what_rules_cannot_compare_is_counted(void **state)
{
    static const struct {
        const char *name, *obx;
        uint64_t findings;
    } table[] = {
        { "in the unit of the catalogue", OBX("4.4", "N", "F"), 0 },
        { "in one of the same dimension", "OBX|1|NM|2823-3^K^LN||4.4|mEq/L|||||F\r", 0 },
        { "in one that does not convert", "OBX|1|NM|2823-3^K^LN||25|mg/dL|||||F\r", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct play p;
        char wire[1024];
        begin(&p);
        uint64_t before = lab_counter(p.lab, "findings");
        snprintf(wire, sizeof wire, ORU("1", "p1", "%s"), table[i].obx);
        assert_true(lab_message(p.lab, "telemetry", wire));
        if (lab_counter(p.lab, "findings") - before != table[i].findings)
            fail_msg("%s: %llu", table[i].name,
                     (unsigned long long)(lab_counter(p.lab, "findings") - before));
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_a_critical_result),
        cmocka_unit_test(what_rules_cannot_compare_is_counted),
        cmocka_unit_test(a_correction_is_told_at_once),
        cmocka_unit_test(final_without_a_value_keeps_the_preliminary_one),
        cmocka_unit_test(a_re_timed_appointment_says_when_it_was),
        cmocka_unit_test(an_old_booking_again_changes_nothing),
        cmocka_unit_test(an_order_is_taken_back_by_its_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
