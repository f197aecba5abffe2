/* A site's tests, run: the language's own, every action, and what a failure says. */
#include "tests/lab/site_help.h"

static void expect_all_pass(struct fileset *files, size_t tests)
{
    struct help_run h = help_run(files, NULL, false);

    if (!h.ran)
        fail_msg("%s", h.error.message);
    for (size_t i = 0; i < h.report.count; i++)
        if (!h.report.results[i].passed)
            fail_msg("%.*s", SLICE_ARG(h.report.results[i].failure));
    assert_int_equal(h.report.count, tests);
    assert_int_equal(h.report.passed, tests);
    help_done(&h);
    fileset_free(&files);
}

static void the_tests_of_the_language_pass(void **state)
{
    struct fileset *files = help_language();

    (void)state;
    help_add_file(files, "tests.bell", PROJECT_DIR "/tests/rules/bell/tests.bell");
    expect_all_pass(files, 5);
}

#define RULES                                                                                                \
    "language 1\n"                                                                                           \
    "rule vfib { title \"V-fib\" when alarm starts and code is vfib stop on accepted\n"                      \
    "  notify primary-nurse urgent using plain  notify desk operator urgent fyi using plain\n"               \
    "  after 30s if not accepted notify charge-nurse urgent using plain\n"                                   \
    "  after 90s if not accepted notify oncall doctor urgent using plain\n"                                  \
    "  after 2min if not accepted notify desk front urgent using plain repeat all every 30s max 3 }\n"       \
    "rule exit { title \"Bed exit\" when alarm starts and code is bed-exit and patient.flags has fall-risk " \
    "if known\n"                                                                                             \
    "  notify primary-nurse using plain after 60s if not accepted notify desk front using plain }\n"         \
    "rule night { title \"Lead off at night\" when alarm starts and code is lead-off and during night\n"     \
    "  notify charge-nurse silent using plain after 60s if not accepted notify desk front using plain }\n"   \
    "copy hears { title \"The doctor hears\" when alarm starts and code is vfib notify oncall doctor fyi "   \
    "}\n"                                                                                                    \
    "world w { patient pat unit \"5W\" bed \"12\" name \"Marta Quill\" has fall-risk\n"                      \
    "          patient sam unit \"6E\" bed \"01\" }\n"

/* One row is one test: what it does after its `at`. */
static const struct row {
    const char *name, *at, *script;
} ROWS[] = {
    { "a gateway gives its receipt as a phone does", "2026-10-14 12:00",
      "0s send alarm starts code vfib patient pat  0s expect ana urgent  0s expect desk operator urgent fyi\n"
      "30s expect carla urgent  90s expect mei urgent  91s accept mei  3min expect nothing" },
    { "a copy may be expected", "2026-10-14 12:00",
      "0s send alarm starts code vfib patient pat  0s expect ana urgent  0s expect desk operator urgent fyi\n"
      "0s expect mei fyi rule hears  5s accept ana  10s send alarm ends code vfib patient pat" },
    { "on call for the test, and from then on somebody else", "2026-10-14 12:00 oncall doctor omar",
      "0s send alarm starts code vfib patient pat  0s expect ana urgent  0s expect desk operator urgent fyi\n"
      "30s expect carla urgent  60s oncall doctor ben  90s expect ben urgent  91s accept ben" },
    { "away goes on to the else, back comes again", "2026-10-14 12:00 away ana",
      "0s send alarm starts code hr-high patient pat  0s expect carla  1s accept carla\n"
      "10s send alarm ends code hr-high patient pat\n"
      "60s back ana  60s send alarm starts code hr-high patient pat  60s expect ana  61s accept ana" },
    { "an assignment of one patient, and a move to another ward",
      "2026-10-14 12:00 assign ben primary-nurse of pat",
      "0s send alarm starts code hr-high patient pat  0s expect ben  1s accept ben\n"
      "2s send alarm ends code hr-high patient pat  3s move sam to \"5W\" \"13\"\n"
      "60s send alarm starts code hr-high patient sam  60s expect ana text \"5W-13\"  61s accept ana" },
    { "a decline opens the next step", "2026-10-14 12:00",
      "0s send alarm starts code bed-exit patient pat  0s expect ana  5s decline ana \"with-patient\"\n"
      "5s expect desk front  6s accept desk front  7s send alarm ends code bed-exit patient pat\n"
      "1h expect nothing" },
    { "a phone that gives no receipt opens the next step", "2026-10-14 12:00",
      "0s undelivered ana  0s send alarm starts code bed-exit patient pat  0s expect ana\n"
      "8s expect desk front  9s accept desk front" },
    { "the doubtful hour, first", "2026-11-01 01:30 first",
      "0s send alarm starts code lead-off patient pat  0s expect carla silent  1s accept carla" },
    { "a time that the clock skips is the first after it", "2026-03-08 02:30",
      "0s send alarm starts code lead-off patient pat  0s expect carla silent  1s accept carla" },
    { "a shift ends: the same alarm by day is the default's", "2026-10-14 06:59",
      "0s send alarm starts code lead-off patient pat  0s expect carla silent rule night  1s accept carla\n"
      "2s send alarm ends code lead-off patient pat\n"
      "60s send alarm starts code lead-off patient pat  60s expect ana rule default  61s accept ana" },
    { "two deaths of the router, by journal and by snapshot", "2026-10-14 12:00",
      "0s send alarm starts code vfib patient pat  0s expect ana urgent  0s expect desk operator urgent fyi\n"
      "10s restart  30s expect carla urgent  40s restart  50s accept carla  2min expect nothing" },
    { "text that people read", "2026-10-14 12:00",
      "0s send alarm starts code hr-high value 160 /min patient pat  0s expect ana text \"5W-12\"  1s "
      "accept ana" },
    { "a result that nobody wants is the default's here", "2026-10-14 12:00",
      "0s send result final code potassium value 7 mmol/L abnormal critical-high patient pat  0s expect ana\n"
      "1s accept ana" },
    { "an alarm that names a bed only is of who lies there", "2026-10-14 12:00",
      "0s send alarm starts code hr-high unit \"6E\" bed \"01\"  0s expect ben text \"6E-01\"  1s accept "
      "ben" },
};

static void every_action_does_what_it_says(void **state)
{
    struct buf text = buf_make(1 << 20);

    (void)state;
    buf_text(&text, RULES);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        buf_printf(&text, "test \"%s\" with w { at %s\n%s }\n", ROWS[i].name, ROWS[i].at, ROWS[i].script);
    buf_u8(&text, 0);
    expect_all_pass(help_ward(text.ptr), sizeof ROWS / sizeof ROWS[0]);
    buf_free(&text);
}

/* Each of these fails, and says this. */
static const struct wrong {
    const char *head, *script, *says;
} WRONG[] = {
    { "\"late\" with w",
      "0s send alarm starts code vfib patient pat\n0s expect ana urgent\n"
      "0s expect desk operator urgent fyi\n40s expect carla urgent\n50s accept carla",
      "late  more.bell:14\n"
      "        0s  ana urgent, desk operator urgent fyi\n"
      "!      30s  expected nothing      | got carla urgent (rule vfib, step 3)  more.bell:17\n"
      "!      40s  expected carla urgent | got nothing  more.bell:18\n"
      "            owned by vfib (matched; nothing narrower)\n" },
    { "\"skipped\" with w",
      "0s away ana\n0s send alarm starts code bed-exit patient pat\n0s expect ana\n"
      "0s expect desk front\n1s accept desk front",
      "skipped  more.bell:14\n"
      "        0s  desk front\n"
      "!       0s  expected ana | got nothing  more.bell:17\n"
      "            ana: assigned primary-nurse of 5W; away\n" },
    { "\"level and fyi count\" with w",
      "0s send alarm starts code vfib patient pat\n0s expect ana\n0s expect desk operator urgent",
      "level and fyi count  more.bell:14\n"
      "!       0s  expected ana, desk operator urgent | got ana urgent (rule vfib, step 1), desk operator "
      "urgent fyi "
      "(rule vfib, step 2)  more.bell:16\n"
      "            owned by vfib (matched; nothing narrower)\n" },
    { "\"copies count in all\" with w all",
      "0s send alarm starts code vfib patient pat\n0s expect ana urgent\n0s expect desk operator urgent fyi\n"
      "1s accept ana",
      "copies count in all  more.bell:14\n"
      "        0s  ana urgent, desk operator urgent fyi\n"
      "!       0s  expected nothing | got mei fyi (rule hears, step 1)  more.bell:17\n" },
    { "\"nobody\" with w", "0s expect ana\n1s accept ana",
      "nobody  more.bell:14\n"
      "!       0s  expected ana | got nothing  more.bell:15\n"
      "            no alert had opened\n"
      "!       1s  ana has nothing to answer  more.bell:16\n" },
    { "\"a reply that is not offered\" with w",
      "0s send alarm starts code bed-exit patient pat\n0s expect ana\n1s confirm ana\n2s accept ana\n"
      "3s send alarm ends code bed-exit patient pat",
      "a reply that is not offered  more.bell:14\n"
      "        0s  ana\n"
      "!       1s  the message offers no \"confirm\"  more.bell:17\n" },
};

static void a_failure_is_one_timeline(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        struct buf text = buf_make(1 << 16);
        buf_printf(&text, RULES "test %s { at 2026-10-14 12:00\n%s }\n", WRONG[i].head, WRONG[i].script);
        buf_u8(&text, 0);
        struct fileset *files = help_ward(text.ptr);
        struct help_run h = help_run(files, NULL, false);
        if (!h.ran)
            fail_msg("%s", h.error.message);
        assert_int_equal(h.report.failed, 1);
        char *said = arena_text(h.arena, h.report.results[0].failure);
        assert_string_equal(said, WRONG[i].says);
        help_done(&h);
        fileset_free(&files);
        buf_free(&text);
    }
}

static void a_site_is_compiled_once_for_all_its_tests(void **state)
{
    struct buf text = buf_make(1 << 20);

    (void)state;
    buf_text(&text, RULES);
    for (int i = 0; i < 50; i++)
        buf_printf(&text,
                   "test \"%d\" with w { at 2026-10-14 12:00\n0s send alarm starts code hr-high patient pat\n"
                   "0s expect ana\n1s accept ana }\n",
                   i);
    buf_u8(&text, 0);
    struct fileset *files = help_ward(text.ptr);
    struct help_run h = help_run(files, "1", false);
    assert_true(h.ran);
    assert_int_equal(h.report.count, 14); /* 1, 10 to 19, 21, 31, 41 */
    assert_int_equal(h.report.passed, 14);
    assert_int_equal(h.compiled, 1);
    assert_int_equal(lab_tests_count(files), 50);
    help_done(&h);
    fileset_free(&files);
    buf_free(&text);
}

static void a_site_that_does_not_compile_runs_nothing(void **state)
{
    struct fileset *files = help_ward("language 1 rule x { }");
    struct help_run h = help_run(files, NULL, false);

    (void)state;
    assert_false(h.ran);
    assert_int_equal(h.error.code, ERROR_VALUE);
    assert_int_equal(h.report.count, 0);
    help_done(&h);
    fileset_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tests_of_the_language_pass),
        cmocka_unit_test(every_action_does_what_it_says),
        cmocka_unit_test(a_failure_is_one_timeline),
        cmocka_unit_test(a_site_is_compiled_once_for_all_its_tests),
        cmocka_unit_test(a_site_that_does_not_compile_runs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
