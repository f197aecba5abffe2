/* Results, appointments and orders through their lives: corrected, recalled, posted again, re-timed. */
#include "tests/router/fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_a_critical_result),
        cmocka_unit_test(a_correction_is_told_at_once),
        cmocka_unit_test(final_without_a_value_keeps_the_preliminary_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
