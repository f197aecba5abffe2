/* The same inputs under other rules (lab/compare.h): the rules that were in force change nothing at all, on
 * either side; each kind of change shows as what it is; the record's own state is untouched. */
#include "lab/compare.h"

#include "tests/lab/history.h"

static struct compare *compared(const struct play *p, struct slice candidate, size_t from)
{
    struct compare_options o = { .compile_site = fixture_compile,
                                 .compile_candidate = fixture_compile,
                                 .lane = 1,
                                 .candidate = candidate };
    struct compare *c = compare_new(&o);
    struct error err = { .code = ERROR_NONE };

    for (size_t i = 0; i < p->lab->append_count; i++) {
        const struct lab_append *a = &p->lab->appends[i];
        if (!compare_append(c, a->first, a->count, a->records, i >= from, &err))
            fail_msg("append %zu: %s", i, err.message);
    }
    return c;
}

static void tell_row(const struct compare_row *r)
{
    for (int k = 0; k < SIDE_COUNT; k++)
        fprintf(stderr, "  side %d: there %d rule %.*s first %lld desk %d\n", k, r->side[k].there,
                SLICE_ARG(r->side[k].rule), (long long)r->side[k].first_us, r->side[k].desk_only);
    for (size_t i = 0; i < r->told_count; i++)
        fprintf(stderr, "  %.*s %lld %lld %lld\n", SLICE_ARG(r->told[i].holder),
                (long long)r->told[i].at_us[0], (long long)r->told[i].at_us[1],
                (long long)r->told[i].at_us[2]);
}

static void same_rules_change_nothing(void **state)
{
    const char *asked = getenv("NIGHTBELL_SEEDS");
    uint64_t seeds = asked != NULL ? strtoull(asked, NULL, 10) : 5;

    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct play p;
        play_begin(&p, "2026-10-14T18:30:00Z", false);
        live(&p, seed, false);
        for (size_t from = 0; from < p.lab->append_count; from += p.lab->append_count / 2) {
            struct compare *c = compared(&p, buf_slice(&p.fileset), from);
            size_t count;
            const struct compare_row *const *rows = compare_rows(c, &count);
            assert_true(from > 0 || count > 5);
            for (size_t i = 0; i < count; i++)
                for (int side = SIDE_NOBODY; side < SIDE_COUNT; side++)
                    if (compare_changed(rows[i], (enum compare_side)side)) {
                        tell_row(rows[i]);
                        fail_msg("seed %llu from %zu: alert %016llx differs", (unsigned long long)seed, from,
                                 (unsigned long long)rows[i]->alert);
                    }
            assert_int_equal(compare_record_hash(c), core_state_hash(p.lab->core));
            compare_free(&c);
        }
        play_end(&p);
    }
}

/* Ten dips of SpO2 of so many seconds each, an hour apart, that ana accepts after 9 s when she is told. */
static void dips(struct play *p)
{
    static const int LASTS[] = { 4, 8, 12, 18, 22, 26, 40, 60, 90, 120 };

    for (size_t i = 0; i < sizeof LASTS / sizeof LASTS[0]; i++) {
        int64_t began = p->lab->now_us;
        send_alarm(p, &(struct alarm_words){ "start", "spo2-low", "01", "5W", "86", NULL, NULL, 0 });
        lab_until(p->lab, began + (LASTS[i] < 24 ? LASTS[i] : 24) * TIME_S);
        if (LASTS[i] > 15)
            lab_answer(p->lab, "ana", ANSWER_ACCEPT, "");
        lab_until(p->lab, began + LASTS[i] * TIME_S);
        send_alarm(p, &(struct alarm_words){ "end", "spo2-low", "01", "5W", "90", NULL, NULL, 0 });
        lab_until(p->lab, began + TIME_HOUR);
    }
}

static const struct rule_change {
    const char *name, *old, *new;
    uint64_t owner, gained, lost, held[2] /* recorded, candidate */;
    int64_t median_s, worst_s;
} CHANGES[] = {
    { "nothing", "hold 15s", "hold 15s", 0, 0, 0, { 3, 3 }, 0, 0 },
    { "a longer hold keeps two more back", "hold 15s", "hold 25s", 0, 0, 2, { 3, 5 }, 10, 10 },
    { "a shorter hold tells of two more", "hold 15s", "hold 5s", 0, 2, 0, { 3, 1 }, -10, -10 },
    { "another rule owns them", "rule spo2-low {", "rule spo2-dip {", 10, 0, 0, { 3, 3 }, 0, 0 },
    { "the buddy hears of each",
      "hold 15s unless value < 80 % or missing\n  notify primary-nurse else",
      "hold 15s unless value < 80 % or missing\n  notify primary-nurse,",
      0,
      7,
      0,
      { 3, 3 },
      0,
      0 },
};

static void each_change_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        const struct rule_change *w = &CHANGES[i];
        struct play p;
        struct buf site = buf_make(1 << 24);
        struct arena *a = arena_new();
        struct compare_figures f;
        play_begin(&p, "2026-10-14T18:30:00Z", false);
        dips(&p);
        changed_site(&p, w->old, w->new, &site);
        struct compare *c = compared(&p, buf_slice(&site), 20);
        compare_figures(c, a, &f);
        if (f.owner_changed[SIDE_NOBODY] != w->owner || f.gained_alerts[SIDE_NOBODY] != w->gained ||
            f.lost_alerts[SIDE_NOBODY] != w->lost || f.held_back[SIDE_RECORD] != w->held[0] ||
            f.held_back[SIDE_NOBODY] != w->held[1] || f.median_us[SIDE_NOBODY] != w->median_s * TIME_S ||
            f.worst_us[SIDE_NOBODY] != w->worst_s * TIME_S)
            fail_msg("%s: owner %llu gained %llu lost %llu held %llu -> %llu median %lld worst %lld", w->name,
                     (unsigned long long)f.owner_changed[1], (unsigned long long)f.gained_alerts[1],
                     (unsigned long long)f.lost_alerts[1], (unsigned long long)f.held_back[0],
                     (unsigned long long)f.held_back[1], (long long)f.median_us[1], (long long)f.worst_us[1]);
        assert_int_equal(f.messages, 20);
        assert_int_equal(f.full_context, 20);
        compare_free(&c);
        arena_free(&a);
        buf_free(&site);
        play_end(&p);
    }
}

/* Whom the record never rang answers on one side only; whom it rang answers as she did, on both. */
static void people_are_bounded(void **state)
{
    struct play p;
    struct buf site = buf_make(1 << 24);
    struct arena *a = arena_new();
    struct compare_figures f;

    (void)state;
    play_begin(&p, "2026-10-14T18:30:00Z", false);
    dips(&p);
    /* Now the charge nurse is told first, whom nobody rang; after her the primary nurse. */
    changed_site(&p,
                 "notify primary-nurse else buddy-nurse using alarm\n"
                 "  after 60s if not accepted notify charge-nurse using alarm\n",
                 "notify charge-nurse using alarm\n"
                 "  after 30s if not accepted notify primary-nurse using alarm\n",
                 &site);
    struct compare *c = compared(&p, buf_slice(&site), 20);
    compare_figures(c, a, &f);
    assert_true(f.answers_invented > 0);
    assert_true(f.sends_uncovered > 0);
    assert_int_equal(f.accept_median_us, 9 * TIME_S);
    /* carla accepts within 9 s: nobody else is told. She does not: ana is. */
    assert_true(f.sends[SIDE_NOBODY] > f.sends[SIDE_EVERYBODY]);
    assert_int_equal(f.gained_count, 1);
    assert_true(slice_is(f.gained[0].to, "carla"));
    assert_true(f.lost_alerts[SIDE_EVERYBODY] > f.lost_alerts[SIDE_NOBODY]);
    compare_free(&c);
    arena_free(&a);
    buf_free(&site);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_rules_change_nothing),
        cmocka_unit_test(each_change_shows),
        cmocka_unit_test(people_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
