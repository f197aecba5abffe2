/* A journal decided again gives the same bytes and the same state (lab/replay.h): over random days with
 * restarts, new sites, answers, reports, duplicates and refused messages; from the beginning, from a snapshot
 * and from the middle; and one changed record is found, with its position. */
#include "lab/replay.h"

#include "tests/lab/history.h"

static struct replay *replayed(const struct lab *lab, size_t from)
{
    struct replay_options o = { .compile_site = fixture_compile, .lane = 1 };
    struct replay *r = replay_new(&o);
    struct error err = { .code = ERROR_NONE };

    for (size_t i = 0; i < lab->append_count; i++) {
        const struct lab_append *a = &lab->appends[i];
        if (!replay_append(r, a->first, a->count, a->records, i >= from, &err))
            fail_msg("append %zu: %s", i, err.message);
    }
    return r;
}

static void equal(const struct lab *lab, size_t from, uint64_t seed)
{
    struct replay *r = replayed(lab, from);
    struct slice difference = replay_difference(r);

    if (difference.len > 0)
        fail_msg("seed %llu from append %zu: %.*s", (unsigned long long)seed, from, SLICE_ARG(difference));
    assert_int_equal(replay_state_hash(r), core_state_hash(lab->core));
    replay_free(&r);
}

static void random_days_are_the_same_again(void **state)
{
    const char *asked = getenv("NIGHTBELL_SEEDS");
    uint64_t seeds = asked != NULL ? strtoull(asked, NULL, 10) : 3;

    (void)state;
    for (uint64_t seed = getenv("NIGHTBELL_SEED") != NULL ? strtoull(getenv("NIGHTBELL_SEED"), NULL, 10) : 1;
         seed <= seeds; seed++) {
        struct play p;
        play_begin(&p, "2026-10-14T18:30:00Z", seed % 2 == 0);
        live(&p, seed, true);
        equal(p.lab, 0, seed);
        equal(p.lab, p.lab->append_count / 3, seed);
        equal(p.lab, p.lab->append_count - 1, seed);
        play_end(&p);
    }
}

static void a_snapshot_is_as_good_as_all_before_it(void **state)
{
    struct play p;
    struct buf snapshot = buf_make(1 << 26);
    struct replay_options o = { .compile_site = fixture_compile, .lane = 1 };
    struct error err = { .code = ERROR_NONE };

    (void)state;
    play_begin(&p, "2026-10-14T18:30:00Z", false);
    live(&p, 3, true);
    struct replay *whole = replayed(p.lab, SIZE_MAX), *r = replay_new(&o);
    core_snapshot(replay_core(whole), &snapshot);
    size_t before = p.lab->append_count;
    live(&p, 4, true);
    assert_true(replay_restore(r, buf_slice(&snapshot), &err));
    /* Ids of copies that opened before are not in these records: the maker of ids must be given. */
    for (size_t i = before; i < p.lab->append_count; i++)
        assert_true(replay_append(r, p.lab->appends[i].first, p.lab->appends[i].count,
                                  p.lab->appends[i].records, false, &err));
    assert_int_equal(replay_state_hash(r), core_state_hash(p.lab->core));
    assert_int_equal(replay_difference(r).len, 0);
    replay_free(&whole);
    replay_free(&r);
    buf_free(&snapshot);
    play_end(&p);
}

/* Each case changes one record of a history; the difference names it. */
static void a_change_is_found(void **state)
{
    static const struct {
        enum record_type type;
        const char *says;
    } CASES[] = {
        { RECORD_STEP, "the journal has step" },
        { RECORD_FATE, "the journal has fate" },
        { RECORD_ALERT_OPEN, "the journal has alert_open" },
        { RECORD_ACCEPTED, "the journal has accepted" },
        { RECORD_CLOSE, "the journal has close" },
    };

    (void)state;
    for (size_t k = 0; k < sizeof CASES / sizeof CASES[0]; k++) {
        struct play p;
        struct arena *a = arena_new();
        struct error err = { .code = ERROR_NONE };
        bool changed = false;
        play_begin(&p, "2026-10-14T18:30:00Z", false);
        for (uint64_t seed = 5; seed < 9; seed++) /* long enough for one of each */
            live(&p, seed, true);
        for (size_t i = 0; i < p.lab->append_count && !changed; i++) {
            struct lab_append *w = &p.lab->appends[i];
            struct recorded rec;
            assert_true(recorded_read(a, w->first, w->count, w->records, &rec, &err));
            for (size_t n = 0; n < rec.count && !changed; n++)
                if (rec.records[n].type == CASES[k].type) {
                    ((char *)(uintptr_t)rec.raw[n].ptr)[10] ^= 1; /* its lane time */
                    changed = true;
                }
        }
        assert_true(changed);
        struct replay_options o = { .compile_site = fixture_compile, .lane = 1 };
        struct replay *r = replay_new(&o);
        for (size_t i = 0; i < p.lab->append_count; i++)
            if (!replay_append(r, p.lab->appends[i].first, p.lab->appends[i].count, p.lab->appends[i].records,
                               true, &err))
                break; /* it may not even fit the state */
        char *text = arena_text(a, replay_difference(r));
        if (strstr(text, CASES[k].says) == NULL)
            fail_msg("%s: %s", CASES[k].says, text);
        replay_free(&r);
        play_end(&p);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_days_are_the_same_again),
        cmocka_unit_test(a_snapshot_is_as_good_as_all_before_it),
        cmocka_unit_test(a_change_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
