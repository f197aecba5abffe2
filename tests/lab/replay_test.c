/* A journal decided again gives the same bytes and the same state (lab/replay.h): over random days with
 * restarts, new sites, answers, reports, duplicates and refused messages; from the beginning, from a snapshot
 * and from the middle; and one changed record is found, with its position. */
#include "lab/replay.h"

#include "tests/router/random_day.h"

static void site_input(struct play *p, const char *old, const char *new)
{
    struct fileset *files = fileset_read(buf_slice(&p->fileset), NULL);
    struct buf rules = buf_make(1 << 20), bytes = buf_make(1 << 24);
    const char *at = strstr(RULES_BELL, old);

    if (at == NULL)
        abort();
    buf_put(&rules, (struct slice){ RULES_BELL, (size_t)(at - RULES_BELL) });
    buf_text(&rules, new);
    buf_text(&rules, at + strlen(old));
    struct fileset *changed = fileset_new();
    for (size_t i = 0; i < fileset_count(files); i++) {
        struct slice name, content;
        fileset_at(files, i, &name, &content);
        fileset_add(changed, name, slice_is(name, "rules.bell") ? buf_slice(&rules) : content, NULL);
    }
    fileset_write(&bytes, changed);
    assert_true(lab_site(p->lab, buf_slice(&bytes)));
    fileset_free(&files);
    fileset_free(&changed);
    buf_free(&rules);
    buf_free(&bytes);
}

static void odd_message(struct play *p, struct prng *r)
{
    static const char twice[] = "MSH|^~\\&|MON|GH|NB|GH|20261014||ADT^A01|SAME|P|2.6\rPID|||p3^^^GH^MR\r"
                                "PV1||I|5W^^02\r";
    struct core_input in = { .kind = INPUT_MESSAGE, .as.message.listener = SLICE("telemetry") };

    in.as.message.bytes = SLICE("MSH|^~\\&|x|broken");
    in.as.message.duplicate_key[0] = (uint8_t)prng_below(r, 256);
    in.as.message.duplicate_key[1] = (uint8_t)prng_below(r, 256);
    in.as.message.control_id = SLICE("C7");
    switch (prng_below(r, 4)) {
    case 0:
        lab_message(p->lab, "telemetry", twice);
        break;
    case 1:
        in.as.message.suspect = true;
        lab_input(p->lab, &in);
        break;
    case 2:
        error_at(&in.as.message.syntax, ERROR_SYNTAX, "MSH-9", "no message type");
        lab_input(p->lab, &in);
        break;
    default:
        lab_message(p->lab, "nak", "MSH|^~\\&|x|y|a|b|20261014||ZZZ^Z99|1|P|2.6\rZZZ|1\r");
    }
}

static void other_input(struct play *p, struct prng *r)
{
    struct core_input in = { .kind = INPUT_SWITCH };

    switch (prng_below(r, 7)) {
    case 0:
        in.as.toggle.name = SLICE("storm");
        in.as.toggle.by = SLICE("carla");
        in.as.toggle.on = true;
        in.as.toggle.until_us = p->lab->options.wall_us + p->lab->now_us + TIME_HOUR;
        break;
    case 1:
        in = (struct core_input){ .kind = INPUT_CLOCK };
        in.as.clock.wall_offset_us = p->lab->options.wall_us + (int64_t)prng_below(r, 90) * TIME_S;
        break;
    case 2:
        in = (struct core_input){ .kind = INPUT_TOKEN };
        in.as.token = (struct token_input){ .listener = SLICE("telemetry"), .name = SLICE("t") };
        break;
    case 3:
        lab_adopt(p->lab);
        return;
    case 4:
        in = (struct core_input){ .kind = INPUT_SITE_FINDING };
        in.as.site_finding.by = SLICE("carla");
        in.as.site_finding.why = SLICE("it does not compile");
        break;
    case 5:
        lab_report_done(p->lab, (enum report_outcome)prng_below(r, 3), "AA");
        return;
    default:
        in = (struct core_input){ .kind = INPUT_DEVICE,
                                  .as.device = { .revoke = true, .device = 1001 + 2 * prng_below(r, 9) } };
    }
    lab_input(p->lab, &in);
}

static void live(struct play *p, uint64_t seed)
{
    struct prng random = prng_make(seed), *r = &random;
    struct day d = { .play = p, .random = r };
    static const char *const HOLDS[] = { "hold 5s", "hold 20s", "hold 30s" };

    for (int i = 0; i < 70 && !p->lab->broken; i++) {
        uint64_t what = prng_below(r, 12);
        if (what == 0)
            odd_message(p, r);
        else if (what == 1)
            other_input(p, r);
        else if (what == 2 && i % 5 == 0)
            site_input(p, "hold 15s", PICK(HOLDS));
        else if (what == 3)
            send_alarm(p, &(struct alarm_words){ .phase = "start",
                                                 .code = PICK(CODES),
                                                 .bed = PICK(BEDS),
                                                 .unit = "5W",
                                                 .listener = "central" });
        else
            one_thing(&d);
        if (prng_below(r, 4) > 0)
            lab_until(p->lab, p->lab->now_us + (int64_t)prng_below(r, 40) * TIME_S + TIME_MS);
        else /* the router wakes late, with a message: what fell due comes first, in the same call */
            p->lab->now_us += (int64_t)prng_below(r, 100) * TIME_S;
    }
    lab_until(p->lab, p->lab->now_us + TIME_HOUR);
    if (p->lab->broken)
        fail_msg("seed %llu: %s", (unsigned long long)seed, p->lab->error.message);
}

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
    uint64_t seeds = asked != NULL ? strtoull(asked, NULL, 10) : 6;

    (void)state;
    for (uint64_t seed = getenv("NIGHTBELL_SEED") != NULL ? strtoull(getenv("NIGHTBELL_SEED"), NULL, 10) : 1;
         seed <= seeds; seed++) {
        struct play p;
        play_begin(&p, "2026-10-14T18:30:00Z", seed % 2 == 0);
        live(&p, seed);
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
    live(&p, 3);
    struct replay *whole = replayed(p.lab, SIZE_MAX), *r = replay_new(&o);
    core_snapshot(replay_core(whole), &snapshot);
    size_t before = p.lab->append_count;
    live(&p, 4);
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
            live(&p, seed);
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
