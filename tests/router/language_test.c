/* The five tests of LANGUAGE section 5, each also with a restart after every line. */
#include "tests/router/fixture.h"

static const struct scenario {
    const char *name, *at_utc, *script;
} SCENARIOS[] = {
    { "V-fib climbs until someone accepts, across a restart", "2026-10-14T07:10:00Z",
      "0s admit pat 12\n"
      "0s send start vfib patient pat\n"
      "0s expect ana urgent rule lethal-arrhythmia\n"
      "0s expect tele-room urgent fyi\n"
      "20s restart\n"
      "30s expect carla urgent\n"
      "90s expect rashid urgent\n"
      "95s say rashid accept\n"
      "3min send end vfib patient pat\n"
      "1h nothing\n" },
    { "SpO2 dip that recovers in 14 s tells nobody", "2026-10-14T19:00:00Z",
      "0s admit pat 12\n"
      "0s send start spo2-low value 86 patient pat\n"
      "0s state held\n"
      "14s send end spo2-low patient pat\n"
      "14s state self-resolved\n"
      "10min nothing\n" },
    { "SpO2 under 80 does not wait", "2026-10-14T19:00:00Z",
      "0s admit pat 12\n"
      "0s away ana\n"
      "0s send start spo2-low value 78 patient pat\n"
      "0s expect ben text 78 %\n"
      "5s say ben accept\n"
      "60s send end spo2-low patient pat\n"
      "1h nothing\n" },
    { "bed exit one minute before the night shift", "2026-10-14T23:59:00Z",
      "0s admit pat 12\n"
      "0s flag pat\n"
      "0s send start bed-exit patient pat\n"
      "0s expect noor rule bed-exit\n"
      "5s say noor accept\n"
      "60s send end bed-exit patient pat\n"
      "1h nothing\n" },
    { "bed exit on the second 01:30 of the clock change", "2026-11-01T07:30:00Z",
      "0s admit pat 12\n"
      "0s flag pat\n"
      "0s send start bed-exit patient pat\n"
      "0s expect ana urgent rule bed-exit-night-fall-risk\n"
      "0s expect noor urgent\n"
      "30s expect ben urgent\n"
      "30s expect carla urgent\n"
      "40s say ben accept\n"
      "60s send end bed-exit patient pat\n"
      "1h nothing\n" },
    { "a hold that is not interrupted begins at its end", "2026-10-14T19:00:00Z",
      "0s send start spo2-low value 86\n"
      "15s expect ana\n"
      "75s expect carla\n"
      "80s say ana accept\n"
      "2min send end spo2-low\n"
      "2min state resolved\n"
      "1h nothing\n" },
    { "an update that moves up rings anew whom the same step has rung before", "2026-10-15T01:00:00Z",
      "0s admit pat 12\n"
      "0s send start bed-exit patient pat\n"
      "0s expect noor rule bed-exit\n"
      "2s flag pat\n"
      "5s send continue bed-exit patient pat\n"
      "5s expect ana urgent rule bed-exit-night-fall-risk\n"
      "5s expect noor urgent\n"
      "8s say noor accept\n"
      "60s send end bed-exit patient pat\n"
      "1h nothing\n" },
    { "an update below 80 ends the hold", "2026-10-14T19:00:00Z",
      "0s send start spo2-low value 86\n"
      "9s send continue spo2-low value 79\n"
      "9s expect ana text 79 %\n"
      "12s say ana accept\n"
      "60s send end spo2-low\n"
      "1h nothing\n" },
};

static void run(int every, bool swap)
{
    for (size_t i = 0; i < sizeof SCENARIOS / sizeof SCENARIOS[0]; i++) {
        struct play p;
        play_begin(&p, SCENARIOS[i].at_utc, swap);
        play_script(&p, SCENARIOS[i].name, SCENARIOS[i].script, every);
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

static void restarted_from_the_journal_after_every_line(void **state)
{
    (void)state;
    run(1, false);
}

static void restarted_from_a_snapshot_after_every_line(void **state)
{
    (void)state;
    run(2, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_written),
        cmocka_unit_test(from_the_snapshot_after_every_input),
        cmocka_unit_test(restarted_from_the_journal_after_every_line),
        cmocka_unit_test(restarted_from_a_snapshot_after_every_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
