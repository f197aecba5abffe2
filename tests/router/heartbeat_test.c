/* Keep-alive of a source (STANDARDS section 1.4): a missing one is an alert, a planned stop is none. */
#include "tests/router/fixture.h"

#define BEAT(id, state)                                                                                      \
    "MSH|^~\\&|MON|GH|||20261014190000+0000||ORU^R40^ORU_R40|" id "|P|2.6\r"                                 \
    "OBR|1||H" id "^MON|196616^MDC_EVT_ALARM^MDC|||20261014190000+0000\r"                                    \
    "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.0.0.0.1|198200^MDC_EVT_WATCHDOG^MDC||||||R\r"                      \
    "OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|tpoint||||||R\r"                                      \
    "OBX|3|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.0.0.0.4|" state "||||||R\r"

static uint64_t opened(const struct play *p)
{
    return lab_counter(p->lab, "alerts-opened");
}

static void a_missing_heartbeat_is_an_alert(void **state)
{
    static const struct {
        const char *name, *state;
        bool alert; /* after five hours without another */
    } table[] = { { "active: the next one is awaited", "active", true },
                  { "inactive: a planned stop", "inactive", false } };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct play p;
        char wire[1000];

        play_begin(&p, "2026-10-14T19:00:00Z", true);
        snprintf(wire, sizeof wire, BEAT("1", "%s"), table[i].state);
        assert_true(lab_message(p.lab, "watched", wire));
        assert_int_equal(opened(&p), 0);
        lab_until(p.lab, p.lab->now_us + 5 * TIME_HOUR);
        if ((opened(&p) > 0) != table[i].alert)
            fail_msg("%s: %d alerts", table[i].name, (int)opened(&p));
        /* Heard again, it is awaited again; the alert about its silence is over. */
        uint64_t before = opened(&p);
        assert_true(lab_message(p.lab, "watched", BEAT("2", "active")));
        if (table[i].alert)
            assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "source-cleared"));
        lab_until(p.lab, p.lab->now_us + 5 * TIME_HOUR);
        assert_int_equal(opened(&p), before + 1);
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_missing_heartbeat_is_an_alert) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
