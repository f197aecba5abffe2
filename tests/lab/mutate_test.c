/* Planted faults: which ones each part of a rule gets, and what becomes of them. */
#include "lab/mutate.h"
#include "tests/lab/site_help.h"

/* What stands in a rule, and the faults that are planted there: "WHAT: LINE AFTER". */
static const struct row {
    const char *name, *bell, *faults;
} ROWS[] = {
    { "targets, elses and level", "chain c {\nnotify a else b, d urgent fyi\n}",
      "step left out: \n"
      "target left out: notify d urgent fyi\n"
      "first choice left out: notify b, d urgent fyi\n"
      "else left out: notify a, d urgent fyi\n"
      "choices swapped: notify b else a, d urgent fyi\n"
      "target left out: notify a else b urgent fyi\n"
      "level left out: notify a else b, d fyi\n"
      "fyi left out: notify a else b, d urgent \n" },
    { "times and states",
      "chain c {\nafter 30s if not accepted notify a\nafter 2min if open notify desk d\n}",
      "step left out: \n"
      "step too late: after 60s if not accepted notify a\n"
      "state changed: after 30s if not delivered notify a\n"
      "level raised: after 30s if not accepted notify a urgent\n"
      "step left out: \n"
      "step too late: after 4min if open notify desk d\n"
      "state changed: after 2min if not accepted notify desk d\n"
      "level raised: after 2min if open notify desk d urgent\n"
      "times swapped: after 2min if not accepted notify a\n"
      "people swapped: after 30s if not accepted notify desk d\n" },
    { "repeat", "chain c {\nrepeat all every 30s max 10\n}",
      "repeat left out: \n"
      "only the last step repeats: repeat every 30s max 10\n"
      "repeats too slowly: repeat all every 60s max 10\n"
      "repeats once: repeat all every 30s max 1\n" },
    { "conditions",
      "default {\nwhen alarm starts and code is x and (value < 80 % or missing or unit in \"a\", \"b\") "
      "unless during n\n}",
      "rule becomes a draft: mode draft when alarm starts and code is x and (value < 80 % or missing or unit "
      "in "
      "\"a\", \"b\") unless during n\n"
      "exception left out: when alarm starts and code is x and (value < 80 % or missing or unit in \"a\", "
      "\"b\") \n"
      "condition negated: when alarm starts and code is x and (value < 80 % or missing or unit in \"a\", "
      "\"b\") "
      "unless not during n\n"
      "condition widened: when alarm starts and (value < 80 % or missing or unit in \"a\", \"b\") unless "
      "during n\n"
      "condition negated: when alarm starts and code is not x and (value < 80 % or missing or unit in \"a\", "
      "\"b\") "
      "unless during n\n"
      "condition widened: when alarm starts and code is x unless during n\n"
      "condition narrowed: when alarm starts and code is x and ( unit in \"a\", \"b\") unless during n\n"
      "condition negated: when alarm starts and code is x and (not value < 80 % or missing or unit in \"a\", "
      "\"b\") "
      "unless during n\n"
      "bound itself changes sides: when alarm starts and code is x and (value <= 80 % or missing or unit in "
      "\"a\", \"b\") unless during n\n"
      "bound moved: when alarm starts and code is x and (value < 81 % or missing or unit in \"a\", \"b\") "
      "unless "
      "during n\n"
      "absent counts as no: when alarm starts and code is x and (value < 80 % if known or unit in \"a\", "
      "\"b\") "
      "unless during n\n"
      "condition narrowed: when alarm starts and code is x and (value < 80 % or missing) unless during n\n"
      "condition negated: when alarm starts and code is x and (value < 80 % or missing or unit not in \"a\", "
      "\"b\") "
      "unless during n\n"
      "value left out: when alarm starts and code is x and (value < 80 % or missing or unit in \"b\") unless "
      "during n\n"
      "value left out: when alarm starts and code is x and (value < 80 % or missing or unit in \"a\") unless "
      "during "
      "n\n" },
    { "clauses", "chain c {\nhold 15s unless value > 9.9 if known\n}",
      "hold left out: \n"
      "hold twice as long: hold 30s unless value > 9.9 if known\n"
      "exception left out: hold 15s \n"
      "condition negated: hold 15s unless not value > 9.9 if known\n"
      "bound itself changes sides: hold 15s unless value >= 9.9 if known\n"
      "bound moved: hold 15s unless value > 9.8 if known\n"
      "absent counts as yes: hold 15s unless value > 9.9 or missing\n" },
    { "who wins", "rule r in unit overrides a, b {\nstop on ended\n}",
      "layer left out: rule r overrides a, b {\n"
      "overrides left out: rule r in unit {\n"
      "stop left out: \n" },
    { "tests, worlds and messages stay",
      "test \"t\" { at 2026-10-14 02:10 0s expect nothing }\n"
      "message m { lock \"{class}\" full \"{code}\" reply accept }",
      "" },
    { "sets of codes", "codes lethal = vfib, mdc:199828, asystole\nshift s = 07:00-19:00",
      "code left out of its set: codes lethal = mdc:199828, asystole\n"
      "code left out of its set: codes lethal = vfib, asystole\n"
      "code left out of its set: codes lethal = vfib, mdc:199828\n" },
    { "a comment is none of it", "chain c { # notify a\n}", "" },
    { "a broken file has those that can be seen", "chain c {\nnotify a\n",
      "step left out: \nlevel raised: notify a urgent\n" },
};

static void list(const struct mutant *m, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%.*s: %.*s\n", SLICE_ARG(m[i].what), SLICE_ARG(m[i].is));
    buf_u8(out, 0);
}

static void each_part_gets_its_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct arena *a = arena_new();
        struct fileset *f = fileset_new();
        struct buf got = buf_make(1 << 20), wanted = buf_make(1 << 20);
        struct mutant *m;
        struct slice rest = slice_of(ROWS[i].faults);
        assert_true(fileset_add(f, SLICE("x.bell"), slice_of(ROWS[i].bell), NULL));
        size_t count = mutants_make(f, 0, 1, a, &m);
        list(m, count, &got);
        while (rest.len > 0) { /* lines are compared without blanks at their ends */
            struct slice line = slice_cut(&rest, '\n');
            bool empty = slice_ends(line, SLICE(": "));
            buf_printf(&wanted, "%.*s%s\n", SLICE_ARG(slice_trim(line)), empty ? " " : "");
        }
        buf_u8(&wanted, 0);
        assert_string_equal(got.ptr, wanted.ptr);
        buf_free(&got);
        buf_free(&wanted);
        fileset_free(&f);
        arena_free(&a);
    }
}

#define RULES                                                                                                \
    "language 1\n"                                                                                           \
    "rule exit { title \"Bed exit\" when alarm starts and code is bed-exit\n"                                \
    "  notify primary-nurse using plain\n"                                                                   \
    "  after 60s if not accepted notify desk front using plain\n"                                            \
    "  repeat every 30s max 3 }\n"                                                                           \
    "world w { patient pat unit \"5W\" bed \"12\" }\n"                                                       \
    "test \"one\" with w { at 2026-10-14 12:00 0s send alarm starts code bed-exit patient pat\n"             \
    "  0s expect ana 60s expect desk front 90s expect desk front 91s accept desk front }\n"                  \
    "test \"other\" with w { at 2026-10-14 12:00 0s send call starts code nurse-call patient pat\n"          \
    "  0s expect ana 1s accept ana }\n"

static const struct fate_row {
    const char *what, *is;
    enum mutant_fate fate;
    const char *killer;
} FATES[] = {
    { "step left out", "", MUTANT_REFUSED, "" },
    { "step too late", "after 120s if not accepted notify desk front using plain", MUTANT_KILLED, "one" },
    { "repeats once", "repeat every 30s max 1 }", MUTANT_SURVIVED, "" },
    { "condition negated", "rule exit { title \"Bed exit\" when alarm starts and code is not bed-exit",
      MUTANT_KILLED, "one" },
    { "people swapped", "notify desk front using plain", MUTANT_REFUSED, "" },
};

static const struct mutant *mutant_like(const struct mutant *m, size_t count, const struct fate_row *row)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(m[i].what, row->what) && slice_is(m[i].rule, "exit") && slice_is(m[i].is, row->is))
            return &m[i];
    fail_msg("no fault \"%s: %s\"", row->what, row->is);
    return NULL;
}

static void tests_kill_what_they_see(void **state)
{
    struct fileset *files = help_ward(RULES);
    struct help_run h = help_run(files, NULL, true);
    struct lab_tests_options o = { .compile_site = help_compile, .files = files };
    struct buf bytes = buf_make(1 << 24);
    struct mutant *m;
    size_t count = mutants_make(files, 0, 1, h.arena, &m);

    (void)state;
    assert_true(h.ran);
    assert_int_equal(h.report.failed, 0);
    fileset_write(&bytes, files);
    struct site *base = help_compile(NULL, buf_slice(&bytes), &h.error);
    for (size_t i = 0; i < sizeof FATES / sizeof FATES[0]; i++) {
        struct slice killer;
        const struct mutant *one = mutant_like(m, count, &FATES[i]);
        enum mutant_fate fate = mutant_try(&o, base, &h.report, one, h.arena, &killer);
        if (FATES[i].fate == MUTANT_REFUSED && fate == MUTANT_KILLED)
            continue; /* whoever finds it first */
        assert_int_equal(fate, FATES[i].fate);
        assert_true(slice_is(killer, FATES[i].killer));
    }
    struct mutant same = m[0]; /* a fault that is none: blanks */
    same.bytes = arena_printf(h.arena, "%s\n\n", RULES);
    same.file = SLICE("more.bell");
    struct slice killer;
    assert_int_equal(mutant_try(&o, base, &h.report, &same, h.arena, &killer), MUTANT_EQUAL);
    site_free(&base);
    buf_free(&bytes);
    help_done(&h);
    fileset_free(&files);
}

static void a_seed_draws_the_same_ones(void **state)
{
    struct fileset *files = help_language();
    struct arena *a = arena_new();
    struct mutant *all, *one, *again, *other;
    size_t count = mutants_make(files, 0, 1, a, &all), differ = 0;

    (void)state;
    assert_true(count > 150);
    assert_int_equal(mutants_make(files, 40, 7, a, &one), 40);
    assert_int_equal(mutants_make(files, 40, 7, a, &again), 40);
    assert_int_equal(mutants_make(files, 40, 8, a, &other), 40);
    for (size_t i = 0; i < 40; i++) {
        assert_true(slice_eq(one[i].bytes, again[i].bytes));
        differ += !slice_eq(one[i].bytes, other[i].bytes);
    }
    assert_true(differ > 10);
    arena_free(&a);
    fileset_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_gets_its_faults),
        cmocka_unit_test(tests_kill_what_they_see),
        cmocka_unit_test(a_seed_draws_the_same_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
