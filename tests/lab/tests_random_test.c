/* The runner is total: whatever a site's tests say, as long as it checks, they end, and the core under them
 * keeps its invariants. Bounded random programs from a fixed seed. */
#include "tests/lab/site_help.h"

static uint64_t state_of_dice = 20261122;

static unsigned roll(unsigned sides)
{
    state_of_dice = state_of_dice * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)((state_of_dice >> 33) % sides);
}

static const char *any(const char *const *words, unsigned count)
{
    return words[roll(count)];
}

#define ANY(...)                                                                                             \
    any((const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void put_send(struct buf *out)
{
    if (roll(8) == 0) {
        buf_printf(out, "send file \"messages/%s\"",
                   ANY("vfib.hl7", "vfib-end.hl7", "empty.hl7", "noise.json"));
        return;
    }
    buf_printf(out, "send alarm %s code %s",
               ANY("starts", "starts", "updates", "worsens", "ends", "withdrawn", "attended"),
               ANY("vfib", "vtach", "bed-exit", "lead-off", "hr-high"));
    if (roll(2))
        buf_printf(out, " value %u %%", roll(200));
    if (roll(3))
        buf_printf(out, " patient %s", ANY("pat", "sam"));
    else
        buf_printf(out, " unit \"%s\" bed \"0%u\"", ANY("5W", "6E"), 1 + roll(9));
    if (roll(3) == 0)
        buf_printf(out, " device.id \"d%u\"", roll(3));
    if (roll(5) == 0)
        buf_text(out, " source ehr");
}

static void put_fact(struct buf *out)
{
    static const char *const people[] = { "ana", "ben", "carla", "mei", "omar" };

    switch (roll(7)) {
    case 0:
        buf_printf(out, "move %s to \"%s\" \"0%u\"", ANY("pat", "sam"), ANY("5W", "6E"), 1 + roll(9));
        return;
    case 1:
        buf_printf(out, "assign %s %s of %s", any(people, 5), ANY("primary-nurse", "charge-nurse"),
                   ANY("pat", "sam", "\"5W\"", "\"6E\""));
        return;
    case 2:
        buf_printf(out, "oncall doctor %s", any(people, 5));
        return;
    case 3:
        buf_printf(out, "covers %s %s", any(people, 5), any(people, 5));
        return;
    case 4:
        buf_printf(out, "patient %s unit \"6E\" bed \"02\" name \"%s\" has fall-risk", ANY("pat", "sam"),
                   ANY("A B", "", "X"));
        return;
    case 5:
        buf_printf(out, "switch storm %s", ANY("on", "off"));
        return;
    default:
        buf_printf(out, "%s %s", ANY("away", "back"), any(people, 5));
    }
}

static void put_action(struct buf *out)
{
    switch (roll(7)) {
    case 0:
    case 1:
    case 2:
        put_send(out);
        return;
    case 3:
        put_fact(out);
        return;
    case 4:
        buf_printf(out, "%s %s",
                   ANY("accept", "decline", "done", "confirm", "dismiss", "callback", "undelivered"),
                   ANY("ana", "carla", "desk front", "desk operator", "mei"));
        return;
    case 5:
        buf_printf(out, "%s", ANY("restart", "expect nothing", "load \"next/rules.bell\"", "restart"));
        return;
    default:
        buf_printf(out, "expect %s %s", ANY("ana", "carla", "desk front"),
                   ANY("", "urgent", "fyi", "text \"x\""));
    }
}

static void put_test(struct buf *out, unsigned number)
{
    unsigned at = 0;

    buf_printf(out, "test \"%u\" with w %s{ at 2026-1%u-%02u %02u:%02u %s\n", number,
               roll(4) == 0 ? "all " : "", roll(3), 1 + roll(28), roll(24), roll(60),
               ANY("", "second", "first"));
    for (unsigned i = 0, count = 1 + roll(14); i < count; i++) {
        at += roll(3) == 0 ? roll(4000) : roll(40);
        buf_printf(out, "  %us ", at);
        put_action(out);
        buf_text(out, "\n");
    }
    buf_text(out, "}\n");
}

#define RULES(THEN)                                                                                          \
    "language 1\n"                                                                                           \
    "rule vfib { title \"V\" when alarm starts and code is vfib stop on accepted\n"                          \
    "  dedupe 30s by patient, code notify primary-nurse else charge-nurse urgent using plain\n"              \
    "  after " THEN                                                                                          \
    " if not accepted notify oncall doctor urgent using plain repeat all every 30s max 5 }\n"                \
    "rule exit { title \"E\" when alarm starts and code in bed-exit, lead-off\n"                             \
    "  hold 15s unless value < 80 % or missing  suppress while vfib open same patient max 10min\n"           \
    "  notify primary-nurse using plain after 60s if not delivered notify desk front using plain }\n"

/* The router's own failures stand in a row that begins so; a test that merely fails is as good as one that
 * passes here. */
static void no_router_failed(const struct lab_test_result *r)
{
    for (size_t i = 0; i < r->row_count; i++)
        if (slice_starts(r->rows[i].why, SLICE("the router:")))
            fail_msg("test %.*s: %.*s", SLICE_ARG(r->name), SLICE_ARG(r->rows[i].why));
}

static void any_program_that_checks_runs_to_its_end(void **state)
{
    size_t passed = 0, failed = 0;

    (void)state;
    for (unsigned round = 0; round < 12; round++) {
        struct buf text = buf_make(1 << 20);
        buf_text(&text, "language 1\nworld w { patient pat unit \"5W\" bed \"12\" has fall-risk\n"
                        "  patient sam unit \"6E\" bed \"01\" }\n");
        for (unsigned i = 0; i < 25; i++)
            put_test(&text, i);
        buf_u8(&text, 0);
        struct fileset *files = help_ward(text.ptr);
        help_add_file(files, "messages/vfib.hl7", PROJECT_DIR "/examples/messages/vfib.hl7");
        help_add_file(files, "messages/vfib-end.hl7", PROJECT_DIR "/examples/messages/vfib-end.hl7");
        assert_true(fileset_add(files, SLICE("messages/empty.hl7"), SLICE(""), NULL));
        assert_true(fileset_add(files, SLICE("messages/noise.json"), SLICE("{\"resourceType\":7"), NULL));
        assert_true(fileset_add(files, SLICE("rules.bell"), SLICE(RULES("30s")), NULL));
        assert_true(fileset_add(files, SLICE("next/rules.bell"), SLICE(RULES("90s")), NULL));
        struct help_run h = help_run(files, NULL, true);
        if (!h.ran)
            fail_msg("round %u: %s\n%s", round, h.error.message, text.ptr);
        assert_int_equal(h.report.count, 25);
        for (size_t i = 0; i < h.report.count; i++)
            no_router_failed(&h.report.results[i]);
        passed += h.report.passed;
        failed += h.report.failed;
        help_done(&h);
        fileset_free(&files);
        buf_free(&text);
    }
    assert_int_equal(passed + failed, 300);
    assert_true(failed > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(any_program_that_checks_runs_to_its_end) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
