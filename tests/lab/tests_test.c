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
    "          patient sam unit \"6E\" bed \"01\" attending omar }\n"

#define MORE_RULES                                                                                           \
    "rule storm { title \"Storm\" when alarm starts and code is hr-low and during storm\n"                   \
    "  notify charge-nurse using plain after 60s if not accepted notify desk front using plain }\n"          \
    "rule pain { title \"Pain\" when call starts and code is pain-call\n"                                    \
    "  notify covering patient.attending via oncall doctor using plain\n"                                    \
    "  after 60s if not accepted notify unit-desk using plain }\n"                                           \
    "rule lab { title \"Lab\" when result final and code is potassium and value >= 6 mmol/L if known\n"      \
    "  notify primary-nurse using back after 10min if not accepted notify desk front using back }\n"         \
    "message back { lock \"Result\" full \"{code} {value|?}\" reply readback, decline }\n"

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
    { "a switch: off, on, and off again by itself", "2026-10-14 12:00",
      "0s send alarm starts code hr-low patient pat  0s expect ana rule default  1s accept ana\n"
      "2s send alarm ends code hr-low patient pat  60s switch storm on\n"
      "60s send alarm starts code hr-low patient pat  60s expect carla rule storm  61s accept carla\n"
      "62s send alarm ends code hr-low patient pat  4h expect nothing\n"
      "5h send alarm starts code hr-low patient pat  5h expect ana rule default  18001s accept ana" },
    { "the doctor named, who covers, and who is on call", "2026-10-14 12:00",
      "0s send call starts code pain-call patient sam  0s expect omar  1s accept omar\n"
      "2s send call ends code pain-call patient sam  9s covers carla omar\n"
      "10s send call starts code pain-call patient sam  10s expect carla  11s accept carla\n"
      "12s send call ends code pain-call patient sam  19s away carla  19s away omar\n"
      "20s send call starts code pain-call patient sam  20s expect mei  21s accept mei" },
    { "a desk by the unit", "2026-10-14 12:00 away omar oncall doctor ben",
      "0s send call starts code pain-call patient sam  0s expect ben  60s expect desk front  61s callback "
      "ben" },
    { "a value is read back", "2026-10-14 12:00",
      "0s send result final code potassium value 6.1 mmol/L patient pat  0s expect ana text \"6.1\"\n"
      "5s readback ana \"6.1\"  1h expect nothing" },
    { "a corrected value rings again, and so does another specimen", "2026-10-14 12:00",
      "0s send result final code potassium value 6.1 mmol/L patient pat  0s expect ana  1s readback ana\n"
      "60s send result corrected code potassium value 6.3 mmol/L patient pat\n"
      "60s expect ana text \"6.3\"  61s readback ana \"6.3\"\n"
      "90s send result final code potassium value 6.4 mmol/L patient pat  90s expect ana text \"6.4\"\n"
      "91s readback ana \"6.4\"" },
    { "text that people read", "2026-10-14 12:00",
      "0s send alarm starts code hr-high value 160 /min patient pat  0s expect ana text \"5W-12\"  1s "
      "accept ana" },
    { "a result that nobody wants is the default's here", "2026-10-14 12:00",
      "0s send result final code sodium value 170 mmol/L abnormal critical-high patient pat  0s expect ana "
      "rule default\n"
      "1s accept ana" },
    { "an alarm that names a bed only is of who lies there", "2026-10-14 12:00",
      "0s send alarm starts code hr-high unit \"6E\" bed \"01\"  0s expect ben text \"6E-01\"  1s accept "
      "ben" },
};

static void every_action_does_what_it_says(void **state)
{
    struct buf text = buf_make(1 << 20);

    (void)state;
    buf_text(&text, RULES MORE_RULES);
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

/* Whole messages and a candidate set of rules, as files beside the site. */
#define FILE_RULES(THEN)                                                                                     \
    "language 1\n"                                                                                           \
    "rule vfib { title \"V-fib\" when alarm starts and code is vfib stop on accepted\n"                      \
    "  notify primary-nurse else charge-nurse urgent using plain\n"                                          \
    "  after " THEN " if not accepted notify charge-nurse urgent using plain\n"                              \
    "  after 2min if not accepted notify desk front urgent using plain repeat all every 30s max 3 }\n"

static const struct file_row {
    const char *name, *script;
} FILES[] = {
    { "HL7 v2 by the first MLLP listener, and its end",
      "0s send file \"messages/vfib.hl7\"  0s expect ana urgent  10s accept ana\n"
      "20s send file \"messages/vfib-end.hl7\"  10min expect nothing" },
    { "the same message twice is one", "0s send file \"messages/vfib.hl7\"  0s expect ana urgent\n"
                                       "5s send file \"messages/vfib.hl7\" source monitors  10s accept ana" },
    { "FHIR as JSON", "0s send file \"messages/vfib-bundle.json\"  0s expect ana urgent  1s accept ana" },
    { "FHIR as XML",
      "0s send file \"messages/vfib-bundle.xml\" source ehr  0s expect ana urgent  1s accept ana" },
    { "a reload: open alerts keep their version, new ones do not",
      "0s send alarm starts code vfib patient pat  0s expect ana urgent\n"
      "10s load \"next/rules.bell\"\n"
      "30s expect carla urgent  31s accept carla  40s send alarm ends code vfib patient pat\n"
      "100s send alarm starts code vfib patient sam  100s expect ben urgent\n"
      "130s expect nothing  160s expect ana urgent  161s accept ana" },
};

static void files_are_sent_and_loaded(void **state)
{
    static const char *const messages[] = { "vfib.hl7", "vfib-end.hl7", "vfib-bundle.json",
                                            "vfib-bundle.xml" };
    struct buf text = buf_make(1 << 16);

    (void)state;
    buf_text(&text,
             "language 1\nworld w { patient pat unit \"5W\" bed \"13\"  patient sam unit \"6E\" bed \"01\"\n"
             "  assign ana charge-nurse of \"6E\" }\n");
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        buf_printf(&text, "test \"%s\" with w { at 2026-11-21 21:00\n%s }\n", FILES[i].name, FILES[i].script);
    buf_u8(&text, 0);
    struct fileset *files = help_ward(text.ptr);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        char name[64], path[512];
        snprintf(name, sizeof name, "messages/%s", messages[i]);
        snprintf(path, sizeof path, PROJECT_DIR "/examples/messages/%s", messages[i]);
        help_add_file(files, name, path);
    }
    assert_true(fileset_add(files, SLICE("rules.bell"), slice_of(FILE_RULES("30s")), NULL));
    assert_true(fileset_add(files, SLICE("next/rules.bell"), slice_of(FILE_RULES("60s")), NULL));
    expect_all_pass(files, sizeof FILES / sizeof FILES[0]);
    buf_free(&text);
}

static void a_long_failure_is_cut_and_says_so(void **state)
{
    struct fileset *files =
        help_ward(RULES "test \"t\" with w { at 2026-10-14 12:00 0s send alarm starts code vfib "
                        "patient pat 10min send alarm starts code vfib patient sam 1h expect nothing }");
    struct help_run h = help_run(files, NULL, false);

    (void)state;
    assert_int_equal(h.report.failed, 1);
    const struct lab_test_result *r = &h.report.results[0];
    size_t lines = 0, wrong = 0;
    for (size_t i = 0; i < r->failure.len; i++)
        lines += r->failure.ptr[i] == '\n';
    for (size_t i = 0; i < r->row_count; i++)
        wrong += r->rows[i].wrong;
    assert_true(wrong > 8);
    assert_int_equal(lines, 1 + 8 + 1);
    char end[80];
    snprintf(end, sizeof end, "... and %zu more moments that were not as expected\n", wrong - 8);
    assert_true(slice_ends(r->failure, slice_of(end)));
    help_done(&h);
    fileset_free(&files);
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
        cmocka_unit_test(files_are_sent_and_loaded),
        cmocka_unit_test(a_long_failure_is_cut_and_says_so),
        cmocka_unit_test(a_site_is_compiled_once_for_all_its_tests),
        cmocka_unit_test(a_site_that_does_not_compile_runs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
