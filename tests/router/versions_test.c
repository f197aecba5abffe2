/* Site versions: what an open alert is asked of while the rules change, what goes over when asked, what is
 * kept. Each script also from the snapshot after every input, and with a restart after every line. */
#include "lab/replay.h"
#include "router/state.h"
#include "tests/router/random_day.h"

#define LEAD(TITLE, FIRST, STEPS)                                                                            \
    "rule lead { title \"" TITLE "\" when alarm starts and code is lead-off stop on accepted\n"              \
    "  notify " FIRST " using alarm\n" STEPS " }\n"
#define LEAD_STEPS                                                                                           \
    "  after 60s if not accepted notify charge-nurse using alarm\n"                                          \
    "  after 2min if not accepted notify desk front using alarm\n"
#define SPO2(HOLD, BAD)                                                                                      \
    "rule spo2-low { title \"Low SpO2\" when alarm starts and code is spo2-low\n"                            \
    "  " HOLD "\n  notify primary-nurse using alarm  after 10min if not accepted notify desk front }\n"      \
    "rule spo2-bad overrides spo2-low { title \"Very low SpO2\"\n"                                           \
    "  when alarm starts and code is spo2-low and value < " BAD " % if known\n"                              \
    "  notify primary-nurse urgent using alarm  after 10min if not accepted notify desk front }\n"

static const struct version {
    const char *name, *rules;
} VERSIONS[] = {
    { "old", "language 1\n" LEAD("Lead off", "nursing-assistant", LEAD_STEPS) SPO2("", "80") },
    { "later",
      "language 1\n" LEAD("Lead off", "nursing-assistant",
                          "  after 90s if not accepted notify charge-nurse using alarm\n"
                          "  after 3min if not accepted notify desk front using alarm\n") SPO2("", "85") },
    { "early",
      "language 1\n" LEAD("Lead off", "nursing-assistant",
                          "  after 20s if not accepted notify buddy-nurse using alarm\n"
                          "  after 30s if not accepted notify primary-nurse using alarm\n"
                          "  after 60s if not accepted notify charge-nurse using alarm\n"
                          "  after 2min if not accepted notify desk front using alarm\n") SPO2("", "80") },
    { "gone", "language 1\n" SPO2("", "80") },
    { "hold-80", "language 1\n" SPO2("hold 60s unless value < 80 % or missing", "60") },
    { "hold-90", "language 1\n" SPO2("hold 60s unless value < 90 % or missing", "60") },
    { "hold-20s", "language 1\n" SPO2("hold 20s", "60") },
    { "ask-two", "language 1\n"
                 "rule lead { title \"Lead off\" when alarm starts and code is lead-off need 2 accepts\n"
                 "  notify nursing-assistant, primary-nurse using alarm\n" LEAD_STEPS " }\n" },
};

static const char *rules_named(struct slice name)
{
    for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++)
        if (slice_is(name, VERSIONS[i].name))
            return VERSIONS[i].rules;
    fail_msg("no version \"%.*s\"", SLICE_ARG(name));
    return NULL;
}

static void load(struct play *p, const char *rules)
{
    struct buf files = buf_make(1 << 24);

    fixture_fileset_of(&files, rules);
    if (!lab_site(p->lab, buf_slice(&files)))
        fail_msg("%s: the site was not taken: %s", p->name, p->lab->error.message);
    buf_free(&files);
}

/* "site NAME", "adopt", "kept N": how many older versions the core still has. */
static bool act(struct play *p, struct slice what, struct slice rest)
{
    uint32_t kept = 0;

    if (slice_is(what, "site"))
        load(p, rules_named(rest));
    else if (slice_is(what, "adopt"))
        assert_true(lab_adopt(p->lab));
    else if (slice_is(what, "kept") && slice_to_u32(rest, &kept))
        assert_int_equal(p->lab->core->versions.kept_count, kept);
    else
        return false;
    return true;
}

static const struct {
    const char *name, *first, *script;
} SCRIPTS[] = {
    { "an open alert keeps its plan, the next one has the new one", "old",
      "0s send start lead-off bed 12\n"
      "0s expect noor\n"
      "10s site later\n"
      "10s kept 1\n"
      "10s send start lead-off bed 13\n"
      "10s expect noor\n"
      "60s expect carla\n"
      "100s expect carla\n"
      "2min expect front\n"
      "190s expect front\n" },
    { "an update is asked of the version that the alert opened under: moving up", "old",
      "0s send start spo2-low value 88\n"
      "0s expect ana rule spo2-low\n"
      "5s site later\n"
      "10s send continue spo2-low value 83\n"
      "20s send continue spo2-low value 78\n"
      "20s expect ana urgent rule spo2-bad\n"
      "25s say ana accept\n" },
    { "and a new alert of the newest", "old",
      "0s site later\n"
      "0s send start spo2-low value 88\n"
      "0s expect ana rule spo2-low\n"
      "10s send continue spo2-low value 83\n"
      "10s expect ana urgent rule spo2-bad\n"
      "15s say ana accept\n" },
    { "an update is asked of the version that the alert opened under: hold unless", "hold-80",
      "0s send start spo2-low value 92\n"
      "0s state held\n"
      "5s site hold-90\n"
      "9s send continue spo2-low value 85\n"
      "9s state held\n"
      "12s send continue spo2-low value 79\n"
      "12s expect ana\n"
      "15s say ana accept\n" },
    { "a version goes with its last alert", "old",
      "0s send start lead-off bed 12\n"
      "0s expect noor\n"
      "0s send start lead-off bed 13\n"
      "0s expect noor\n"
      "5s site later\n"
      "5s kept 1\n"
      "10s send end lead-off bed 12\n"
      "10s kept 1\n"
      "20s send end lead-off bed 13\n"
      "20s kept 1\n"
      "21s say noor accept\n"
      "22s kept 1\n"
      "60s expect carla\n"
      "61s say carla accept\n"
      "61s kept 0\n" },
    { "a version that comes back is the newest again", "old",
      "0s send start lead-off bed 12\n"
      "0s expect noor\n"
      "5s site later\n"
      "6s send start lead-off bed 13\n"
      "6s expect noor\n"
      "10s site old\n"
      "10s kept 1\n"
      "60s expect carla\n"
      "96s expect carla\n"
      "2min expect front\n"
      "186s expect front\n" },
    { "adopted: the next steps at their times from time 0", "old",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "10s site later\n"
      "20s adopt\n"
      "20s kept 0\n"
      "90s expect carla\n"
      "3min expect front\n" },
    { "adopted: what has rung does not ring again", "old",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "60s expect carla\n"
      "70s site later\n"
      "75s adopt\n"
      "3min expect front\n" },
    { "adopted: overdue steps fire once each, the first at once, then one per receipt time", "old",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "50s site early\n"
      "50s adopt\n"
      "50s expect ben\n"
      "58s expect ana\n"
      "60s expect carla\n"
      "2min expect front\n" },
    { "adopted, and the router was away", "old",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "50s site early\n"
      "50s adopt\n"
      "50s expect ben\n"
      "51s restart 29s\n"
      "80s expect ana\n"
      "88s expect carla\n"
      "2min expect front\n" },
    { "adopted: the rule is gone, the default owns it", "old",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "5s site gone\n"
      "10s adopt\n"
      "10s expect ana rule default\n"
      "15s say ana accept\n"
      "15s kept 0\n" },
    { "adopted: an accept stands", "old",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s site later\n"
      "20s adopt\n"
      "30s state accepted\n"
      "50s send end lead-off\n"
      "50s state resolved\n"
      "1h nothing\n" },
    { "adopted: a hold ends as the new rule says", "hold-80",
      "0s send start spo2-low value 92\n"
      "5s site hold-20s\n"
      "10s adopt\n"
      "10s state held\n"
      "20s expect ana\n"
      "25s say ana accept\n" },
    { "adopted: a hold that the new rule ends sooner than now ends now", "hold-80",
      "0s send start spo2-low value 92\n"
      "30s site hold-20s\n"
      "40s adopt\n"
      "40s expect ana\n"
      "45s say ana accept\n" },
    { "adopted: one accept is enough now", "ask-two",
      "0s send start lead-off\n"
      "0s expect noor\n"
      "0s expect ana\n"
      "5s say noor accept\n"
      "5s state notifying\n"
      "10s site old\n"
      "20s adopt\n"
      "20s state accepted\n"
      "1h nothing\n" },
};

/* Every input of it decided again gives the same records, byte for byte. */
static void decide_again(const struct lab *lab, const char *name)
{
    struct replay_options o = { .compile_site = fixture_compile, .lane = 1 };
    struct replay *r = replay_new(&o);
    struct error err = { .code = ERROR_NONE };

    for (size_t i = 0; i < lab->append_count; i++) {
        const struct lab_append *a = &lab->appends[i];
        if (!replay_append(r, a->first, a->count, a->records, true, &err))
            fail_msg("%s: append %zu: %s", name, i, err.message);
    }
    struct slice difference = replay_difference(r);
    if (difference.len > 0)
        fail_msg("%s: %.*s", name, SLICE_ARG(difference));
    replay_free(&r);
}

static void run(int every, bool swap)
{
    for (size_t i = 0; i < sizeof SCRIPTS / sizeof SCRIPTS[0]; i++) {
        struct play p;
        play_begin_with(&p, "2026-10-14T19:00:00Z", swap, rules_named(slice_of(SCRIPTS[i].first)));
        p.act = act;
        play_script(&p, SCRIPTS[i].name, SCRIPTS[i].script, every);
        decide_again(p.lab, SCRIPTS[i].name);
        play_end(&p);
    }
}

static void as_written(void **state)
{
    (void)state;
    run(0, false);
}

static void from_the_snapshot_after_every_input(void **state)
{
    (void)state;
    run(0, true);
}

static void restarted_after_every_line(void **state)
{
    (void)state;
    run(1, false);
    run(2, false);
}

/* One alert a version, each version different in a title: past the limit the oldest one's goes over. */
static void no_more_versions_than_the_limit(void **state)
{
    struct play p;
    char rules[512], bed[8];

    (void)state;
    play_begin_with(&p, "2026-10-14T19:00:00Z", true, rules_named(SLICE("old")));
    p.name = "limit";
    for (unsigned i = 0; i < LIMIT_SITE_VERSIONS + 3; i++) {
        snprintf(bed, sizeof bed, "%02u", i + 1);
        assert_true(
            send_alarm(&p, &(struct alarm_words){ .phase = "start", .code = "lead-off", .bed = bed }));
        snprintf(rules, sizeof rules, "language 1\n" LEAD("Lead off %u", "nursing-assistant", LEAD_STEPS), i);
        load(&p, rules);
        size_t most = i + 1 < LIMIT_SITE_VERSIONS ? i + 1 : LIMIT_SITE_VERSIONS;
        assert_int_equal(p.lab->core->versions.kept_count, most);
        assert_int_equal(lab_counter(p.lab, "alerts-adopted"), i + 1 - most);
    }
    assert_false(p.lab->broken);
    play_end(&p);
}

static struct slice refused;

static struct site *compile_but_one(void *ctx, struct slice files, struct error *err)
{
    if (slice_eq(files, refused)) {
        error_set(err, ERROR_VALUE, "not any more");
        return NULL;
    }
    return fixture_compile(ctx, files, err);
}

/* A newer program may refuse what an older one took: those alerts go over, and nobody is forgotten. */
static void a_version_that_is_not_read_any_more(void **state)
{
    struct core_input in = { .kind = INPUT_START };
    struct play p;

    (void)state;
    refused = (struct slice){ NULL, 0 };
    play_begin_with(&p, "2026-10-14T19:00:00Z", false, rules_named(SLICE("old")));
    p.lab->options.compile_site = compile_but_one;
    p.act = act;
    play_script(&p, "before", "0s send start lead-off\n0s expect noor\n5s site later\n5s kept 1\n", 0);
    assert_true(lab_restart(p.lab, 0, true)); /* nothing is compiled yet but the newest */
    refused = buf_slice(&p.fileset);
    in.as.start.wall_offset_us = p.lab->options.wall_us;
    in.as.start.rate_permille = 1000;
    in.as.start.version = SLICE("lab 2");
    assert_true(lab_input(p.lab, &in));
    play_script(&p, "after", "0s kept 0\n85s expect carla\n175s expect front\n", 0);
    assert_int_equal(lab_counter(p.lab, "alerts-adopted"), 1);
    play_end(&p);
}

static void load_random(struct play *p, struct prng *random)
{
    struct buf rules = buf_make(1 << 16);

    random_rules(random, &rules);
    load(p, rules.ptr);
    buf_free(&rules);
}

/* Random days on which the rules change every few minutes, and now and then open alerts go over: the lab
 * holds invariants, replayed and restored states; deciding it all again gives the same bytes. */
static void random_days(void **state)
{
    const char *asked = getenv("NIGHTBELL_SEEDS");
    uint64_t seeds = asked != NULL ? strtoull(asked, NULL, 10) : 6, adopted = 0;
    size_t most = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct prng random = prng_make(seed * 7919), *r = &random;
        struct play p;
        play_begin_with(&p, "2026-10-14T19:00:00Z", seed % 3 == 0, RULES_BELL);
        struct day d = { .play = &p, .random = r };
        for (unsigned step = 0; step < 250 && !p.lab->broken; step++) {
            if (prng_below(r, 12) == 0)
                load_random(&p, r);
            if (prng_below(r, 25) == 0)
                lab_adopt(p.lab);
            one_thing(&d);
            lab_until(p.lab, p.lab->now_us + (int64_t)prng_below(r, 20) * TIME_S + TIME_MS);
            size_t kept = p.lab->core->versions.kept_count;
            most = kept > most ? kept : most;
        }
        lab_until(p.lab, p.lab->now_us + 3 * TIME_HOUR);
        if (p.lab->broken)
            fail_msg("seed %llu: %s", (unsigned long long)seed, p.lab->error.message);
        adopted += lab_counter(p.lab, "alerts-adopted");
        decide_again(p.lab, "random");
        play_end(&p);
    }
    assert_true(adopted > 0 && most > 2);
}

static void the_list_of_versions(void **state)
{
    static const char *const LOADED[] = { "old", "later", "gone", "old" };
    struct version_row *rows;
    struct arena *a = arena_new();
    struct play p;
    size_t count;

    (void)state;
    play_begin_with(&p, "2026-10-14T19:00:00Z", false, rules_named(SLICE("old")));
    for (size_t i = 1; i < sizeof LOADED / sizeof LOADED[0]; i++)
        load(&p, rules_named(slice_of(LOADED[i])));
    core_versions(p.lab->core, a, &rows, &count);
    assert_int_equal(count, 4);
    assert_memory_equal(rows[0].hash, rows[3].hash, 32);
    assert_true(slice_is(rows[0].how, "apply") && slice_is(rows[0].by, "lab"));
    assert_int_equal(rows[3].added_count + rows[3].changed_count + rows[3].removed_count, 0);
    assert_int_equal(rows[2].changed_count, 2); /* lead, spo2-bad */
    assert_true(slice_is(rows[2].changed[0], "lead") && slice_is(rows[2].changed[1], "spo2-bad"));
    assert_int_equal(rows[1].removed_count, 1);
    assert_true(slice_is(rows[1].removed[0], "lead") && slice_is(rows[1].changed[0], "spo2-bad"));
    assert_int_equal(rows[0].added_count, 1);
    struct slice files;
    const struct lab_append *last = &p.lab->appends[p.lab->append_count - 1];
    assert_true(core_site_record(last->first, last->records, rows[0].position, &files));
    assert_true(slice_eq(files, buf_slice(&p.fileset)));
    arena_free(&a);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_written),
        cmocka_unit_test(from_the_snapshot_after_every_input),
        cmocka_unit_test(restarted_after_every_line),
        cmocka_unit_test(no_more_versions_than_the_limit),
        cmocka_unit_test(a_version_that_is_not_read_any_more),
        cmocka_unit_test(the_list_of_versions),
        cmocka_unit_test(random_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
