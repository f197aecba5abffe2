/* What a site's tests have seen of its rules: each point both ways, and nothing that was not there. */
#include "tests/lab/site_help.h"

#define RULES                                                                                                \
    "language 1\n"                                                                                           \
    "rule vfib { title \"V-fib\" when alarm starts and code is vfib and source is monitors stop on "         \
    "accepted\n"                                                                                             \
    "  notify primary-nurse else charge-nurse urgent using plain\n"                                          \
    "  after 30s if not accepted notify desk front urgent using plain repeat all every 30s max 3 }\n"        \
    "rule held { title \"Held\" when alarm starts and (code is lead-off or code is bed-exit)\n"              \
    "  hold 15s unless value < 80 % or missing  dedupe 3min by patient, code\n"                              \
    "  notify primary-nurse using plain  after 60s if not accepted notify desk front using plain }\n"        \
    "copy hears { title \"Hears\" when alarm starts and code is vtach notify oncall doctor fyi }\n"          \
    "default for order { ignore because \"nobody asked\" }\n"                                                \
    "world w { patient pat unit \"5W\" bed \"12\" }\n"

/* `seen` lists "RULE: WHAT WAY", a line each, of all that one test has reached. */
static const struct row {
    const char *name, *script, *seen;
} ROWS[] = {
    { "an alarm of no rule decides the codes as no",
      "0s send alarm starts code hr-high patient pat  0s expect ana  1s accept ana",
      "hears: code is vtach no\n"
      "held: code is lead-off no\n"
      "held: code is bed-exit no\n"
      "vfib: code is vfib no\n"
      "default: the default owned\n"
      "default: step 1 fired\n" },
    { "only what decides counts: another source is the reason, the code is not",
      "0s send alarm starts code vfib source ehr patient pat  0s expect ana  1s accept ana",
      "hears: code is vtach no\n"
      "held: code is lead-off no\n"
      "held: code is bed-exit no\n"
      "vfib: source is monitors no\n"
      "default: the default owned\n"
      "default: step 1 fired\n" },
    { "the whole of a rule",
      "0s away ana  0s send alarm starts code vfib patient pat  0s expect carla urgent\n"
      "30s expect desk front urgent  60s expect carla urgent  60s expect desk front urgent  61s accept carla",
      "hears: code is vtach no\n"
      "held: code is lead-off no\n"
      "held: code is bed-exit no\n"
      "vfib: code is vfib yes\n"
      "vfib: source is monitors yes\n"
      "vfib: the rule owned\n"
      "vfib: step 1 fired\n"
      "vfib: step 2 fired\n"
      "vfib: else 1 of step 1 used\n"
      "vfib: repeat rang again\n" },
    { "a hold that is left, and one that is not; and the same again",
      "0s send alarm starts code lead-off value 90 % patient pat\n"
      "15s expect ana  20s accept ana  30s send alarm ends code lead-off patient pat\n"
      "60s send alarm starts code lead-off value 70 % patient pat  60s expect ana  61s accept ana",
      "hears: code is vtach no\n"
      "held: code is lead-off yes\n"
      "held: hold unless value < 80 % yes\n"
      "held: hold unless value < 80 % no\n"
      "held: the rule owned\n"
      "held: step 1 fired\n"
      "held: hold held to its end\n"
      "held: dedupe the same again\n"
      "vfib: code is vfib no\n" },
    { "an ignored order, and a copy",
      "0s send order starts patient pat\n"
      "1s send alarm starts code vtach patient pat  1s expect ana  1s expect mei fyi rule hears  2s accept "
      "ana",
      "hears: code is vtach yes\n"
      "hears: the rule informed\n"
      "hears: step 1 fired\n"
      "held: code is lead-off no\n"
      "held: code is bed-exit no\n"
      "vfib: code is vfib no\n"
      "default for order: the default ignored\n"
      "default: the default owned\n"
      "default: step 1 fired\n" },
};

static void list_seen(const struct lab_coverage *c, struct buf *out)
{
    for (size_t i = 0; i < c->rule_count; i++)
        for (size_t k = 0; k < c->rules[i].point_count; k++)
            for (int way = 0; way < 2; way++) {
                const struct cover_point *p = &c->rules[i].points[k];
                if (p->way[way] != NULL && p->seen[way] > 0)
                    buf_printf(out, "%.*s: %.*s %s\n", SLICE_ARG(c->rules[i].name), SLICE_ARG(p->what),
                               p->way[way]);
            }
    buf_u8(out, 0);
}

static void each_test_sees_what_it_reaches(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct buf text = buf_make(1 << 16), seen = buf_make(1 << 16);
        buf_text(&text, RULES);
        buf_printf(&text, "test \"%s\" with w { at 2026-10-14 12:00\n%s }\n", ROWS[i].name, ROWS[i].script);
        buf_u8(&text, 0);
        struct fileset *files = help_ward(text.ptr);
        struct help_run h = help_run(files, NULL, true);
        if (!h.ran || h.report.failed > 0)
            fail_msg("%s: %s %.*s", ROWS[i].name, h.error.message,
                     h.report.count > 0 ? (int)h.report.results[0].failure.len : 0,
                     h.report.count > 0 ? h.report.results[0].failure.ptr : "");
        list_seen(h.report.coverage, &seen);
        assert_string_equal(seen.ptr, ROWS[i].seen);
        help_done(&h);
        fileset_free(&files);
        buf_free(&text);
        buf_free(&seen);
    }
}

static void a_lethal_rule_must_be_whole(void **state)
{
    struct fileset *files =
        help_ward(RULES "test \"t\" with w { at 2026-10-14 12:00 0s send alarm starts code vfib "
                        "patient pat 0s expect ana urgent 1s accept ana }");
    struct help_run h = help_run(files, NULL, true);
    const struct cover_rule *gap = lab_coverage_lethal_gap(h.report.coverage);
    struct buf text = buf_make(1 << 16);

    (void)state;
    assert_non_null(gap);
    assert_true(slice_is(gap->name, "vfib"));
    assert_false(cover_full(gap));
    assert_int_equal(gap->ways, 9);
    assert_int_equal(gap->seen, 4); /* both atoms as yes, owned, the first step */
    assert_int_equal(h.report.results[0].touched[gap - h.report.coverage->rules], 3);
    lab_coverage_text(h.report.coverage, false, &text);
    buf_u8(&text, 0);
    assert_non_null(strstr(text.ptr, "      never no: code is vfib  more.bell:2:"));
    assert_non_null(strstr(text.ptr, "      never used: else 1 of step 1  more.bell:3\n"));
    buf_free(&text);
    help_done(&h);
    fileset_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_test_sees_what_it_reaches),
        cmocka_unit_test(a_lethal_rule_must_be_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
