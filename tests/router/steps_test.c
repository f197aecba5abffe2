/* When steps fire, end early, repeat and resume: LANGUAGE 7, CLINICAL 3.4. Each script also with a router
 * that goes on from its own snapshot after every input, and with a restart after every line. */
#include "tests/router/fixture.h"

static const struct scenario {
    const char *name, *script;
    bool restarts; /* a restart after every line changes nothing (receipt windows count anew after one) */
} SCENARIOS[] = {
    { "the whole plan, nobody answers: repeats of all, then exhausted",
      "0s send start vfib\n"
      "0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "30s expect carla urgent\n"
      "90s expect rashid urgent\n"
      "2min expect operator urgent\n"
      "150s expect ana urgent\n150s expect tele-room urgent fyi\n150s expect carla urgent\n"
      "150s expect rashid urgent\n150s expect operator urgent\n"
      "151s say operator accept\n" /* a relay desk: nothing is settled */
      "151s state notifying\n"
      "180s expect ana urgent\n180s expect tele-room urgent fyi\n180s expect carla urgent\n"
      "180s expect rashid urgent\n180s expect operator urgent\n"
      "181s say rashid accept\n"
      "181s state accepted\n"
      "182s send end vfib\n"
      "182s state resolved\n"
      "1h nothing\n",
      true },
    { "exhausted stays open, and can still be accepted",
      "0s send start spo2-low value 70\n"
      "0s expect ana\n60s expect carla\n4min expect operator\n"
      "5min expect operator\n6min expect operator\n7min expect operator\n"
      "8min notice ana exhausted\n"
      "8min state notifying\n"
      "30min say ana accept\n"
      "30min state accepted\n"
      "30min notice carla taken\n"
      "31min send end spo2-low\n"
      "31min state resolved\n",
      true },
    { "a decline by all fires the next step at once",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "5s say ana decline\n"
      "5s expect carla urgent\n"
      "6s say carla decline\n"
      "6s expect rashid urgent\n"
      "7s say rashid accept\n"
      "7s notice ana taken\n"
      "10s send end vfib\n",
      true },
    { "a decline can be undone while the alert is open",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "5s say ana decline\n"
      "5s expect carla urgent\n"
      "9s say ana accept\n"
      "9s state accepted\n"
      "9s notice carla taken\n"
      "10s send end vfib\n",
      true },
    { "failed delivery to all fires the next step at once; a dead letter is listed",
      "0s silent ana\n"
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "2s dead ana\n"
      "2s expect carla urgent\n"
      "3s say carla accept\n"
      "10s send end vfib\n",
      true },
    { "no receipt within R opens the next step in parallel; the first stays alive",
      "0s silent ana\n"
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "8s expect carla urgent\n"
      "9s say ana accept\n"
      "9s state accepted\n"
      "10s send end vfib\n",
      false },
    { "no receipt from two in turn",
      "0s silent ana\n0s silent carla\n"
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "8s expect carla urgent\n"
      "16s expect rashid urgent\n"
      "20s say rashid accept\n"
      "30s send end vfib\n",
      false },
    { "nobody holds the role and the else is away: the next step now",
      "0s away ana\n0s away ben\n"
      "0s send start vfib\n0s expect tele-room urgent fyi\n"
      "0s expect carla urgent\n"
      "90s expect rashid urgent\n"
      "91s say rashid accept\n"
      "92s send end vfib\n",
      true },
    { "only people already told count as nobody; with somebody new all ring",
      "0s away noor\n"
      "0s send start bathroom-cord\n0s expect ana urgent\n"
      "60s expect ana urgent\n60s expect carla urgent\n"
      "61s say carla accept\n"
      "61s state accepted\n"
      "4min expect carla urgent\n" /* `if open` rings although it is accepted */
      "6min expect operator\n"
      "7min send end bathroom-cord\n"
      "7min state resolved\n",
      true },
    { "stop on ended: the accept does not stop it, the bedside reset does",
      "0s send start bathroom-cord\n0s expect noor urgent\n"
      "10s say noor accept\n"
      "50s send end bathroom-cord\n"
      "50s state resolved\n"
      "1h nothing\n",
      true },
    { "stop on ended, nobody accepted: cleared by the source",
      "0s send start bathroom-cord\n0s expect noor urgent\n"
      "50s send end bathroom-cord\n"
      "50s notice noor ended\n"
      "50s state source-cleared\n"
      "1h nothing\n",
      true },
    { "stop on accepted, ended unaccepted: goes on, cleared, unseen",
      "0s send start lead-off\n0s expect noor\n"
      "20s send end lead-off\n"
      "20s state notifying\n"
      "60s expect ana\n60s expect carla\n"
      "61s say ana accept\n"
      "61s state resolved\n"
      "1h nothing\n",
      true },
    { "the lease: the acceptor rings once more, 20 s later the plan resumes with the next step",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "10s say ana accept\n"
      "130s expect ana urgent\n"
      "150s expect carla urgent\n"
      "210s expect rashid urgent\n" /* its distance of 60 s kept */
      "215s say rashid accept\n"
      "220s send end vfib\n"
      "1h nothing\n",
      true },
    { "the lease: the acceptor says it again",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "10s say ana accept\n"
      "130s expect ana urgent\n"
      "135s say ana accept\n"
      "200s send end vfib\n"
      "200s state resolved\n"
      "1h nothing\n",
      true },
    { "the acceptor gives it back: the plan resumes at once",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "10s say ana accept\n"
      "20s say ana decline\n"
      "20s expect carla urgent\n"
      "21s say carla accept\n"
      "22s send end vfib\n",
      true },
    { "the acceptor goes away: the plan resumes at once, and the buddy hears of it",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "10s say ana accept\n"
      "20s away ana\n"
      "20s expect carla urgent\n20s expect ben urgent\n"
      "21s say ben accept\n"
      "22s send end vfib\n",
      true },
    { "done takes the lease off",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "10s say ana accept\n"
      "20s say ana done\n"
      "20s state accepted\n"
      "30min send end vfib\n"
      "30min state resolved\n",
      true },
    { "confirm fires the next step now, dismiss closes",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "3s say ana confirm\n"
      "3s expect carla urgent\n"
      "5s say carla dismiss\n"
      "5s notice ana ended\n"
      "5s state dismissed\n"
      "1h nothing\n",
      true },
    { "answers that come late are shown as late",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "30s expect carla urgent\n"
      "35s say carla accept\n"
      "40s say ana accept late\n"
      "41s say ana decline late\n"
      "50s send end vfib\n"
      "60s say ana accept late\n",
      true },
    { "need 1 from oncall code-leader, 1 accepts: others ring until it is met",
      "0s send start code-blue\n"
      "0s expect rashid urgent\n0s expect ana urgent\n0s expect carla urgent\n"
      "5s say ana accept\n"
      "5s state notifying\n"
      "6s say carla accept\n"
      "6s state notifying\n" /* two nurses are no code leader */
      "9s say rashid accept\n"
      "9s state accepted\n"
      "60s send end code-blue\n"
      "60s state resolved\n",
      true },
    { "if not delivered: skipped when somebody has it",
      "0s send start code-blue\n"
      "0s expect rashid urgent\n0s expect ana urgent\n0s expect carla urgent\n"
      "90s expect front urgent\n"
      "91s say front accept\n92s say rashid accept\n"
      "2min send end code-blue\n",
      true },
    { "the incoming nurse is told at once and has 30 s",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "20s assign dora primary-nurse 5W\n"
      "20s expect dora urgent\n"
      "50s expect carla urgent\n"
      "51s say dora accept\n"
      "52s send end vfib\n",
      true },
    { "an alert worsens to a more urgent rule, never down",
      "0s send start spo2-low value 70\n0s expect ana\n"
      "5s say ana accept\n"
      "6s send update spo2-low value 65\n"
      "6s state accepted\n"
      "9s send end spo2-low\n"
      "9s state resolved\n",
      true },
    { "a patient's alarm at a bed in another name: routed by bed, and a technical alert besides",
      "0s admit pat 12\n"
      "0s send start vfib patient other\n"
      "0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "0s expect ana rule default text Identity\n"
      "1s say ana accept\n"
      "1s state resolved\n"
      "30s expect carla urgent\n"
      "31s say carla accept\n"
      "32s send update vfib patient other\n" /* once is enough */
      "40s send end vfib patient other\n"
      "1h nothing\n",
      true },
    { "a shift ends while it rings: the incoming nurse hears of it",
      "0s assign ben primary-nurse 5W 60s\n"
      "0s send start vfib\n0s expect ben urgent\n0s expect tele-room urgent fyi\n"
      "30s expect carla urgent\n"
      "60s expect ana urgent\n"
      "90s expect rashid urgent\n"
      "91s say ana accept\n"
      "92s send end vfib\n",
      true },
    { "a source that should be heard and is not is an alert, until it is heard",
      "3h nothing\n"
      "4h expect operator rule default\n" /* no unit, no nurse: the desk at once */
      "241min expect operator\n"
      "242min expect operator\n"
      "242min send start nonsense-code listener watched\n"
      "242min expect ana\n"
      "242min notice operator ended\n"
      "242min say ana accept\n"
      "243min send end nonsense-code listener watched\n"
      "5h nothing\n",
      false },
    { "a copy informs a pager and is over",
      "0s send start vtach\n"
      "0s expect ana urgent\n0s expect tele-room urgent fyi\n0s expect mei fyi rule vtach-to-pager\n"
      "1s say ana accept\n"
      "2s send end vtach\n"
      "1h nothing\n",
      true },
    { "a one-shot sender: the accept ends it",
      "0s send start bed-exit listener oneshot\n0s expect noor\n"
      "1s say noor accept\n"
      "1s state resolved\n"
      "1h nothing\n",
      true },
    { "no owner: the default, and its desk at the end",
      "0s send start nonsense-code\n0s expect ana rule default\n"
      "2min expect carla\n4min expect operator\n"
      "4min say carla accept\n"
      "5min send end nonsense-code\n"
      "1h nothing\n",
      true },
    { "overdue steps after a restart: the first at once, then one per R",
      "0s send start vfib\n0s expect ana urgent\n0s expect tele-room urgent fyi\n"
      "10s restart 100s\n"
      "110s expect carla urgent\n"
      "118s expect rashid urgent\n"
      "2min expect operator urgent\n" /* was due after the restart: on its own time */
      "121s say rashid accept\n"
      "122s send end vfib\n",
      false },
    { "a hold that ended while the router was down counts from its own end",
      "0s send start spo2-low value 86\n"
      "5s snapshot 30s\n"
      "35s expect ana\n"
      "75s expect carla\n"
      "76s say ana accept\n"
      "77s send end spo2-low\n",
      false },
};

static void run(bool swap, int every)
{
    for (size_t i = 0; i < sizeof SCENARIOS / sizeof SCENARIOS[0]; i++) {
        struct play p;
        if (every > 0 && !SCENARIOS[i].restarts)
            continue;
        play_begin(&p, "2026-10-14T19:00:00Z", swap);
        play_script(&p, SCENARIOS[i].name, SCENARIOS[i].script, every);
        play_end(&p);
    }
}

static void as_written(void **state)
{
    (void)state;
    run(false, 0);
}

static void from_the_snapshot_after_every_input(void **state)
{
    (void)state;
    run(true, 0);
}

static void restarted_after_every_line(void **state)
{
    (void)state;
    run(false, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_written),
        cmocka_unit_test(from_the_snapshot_after_every_input),
        cmocka_unit_test(restarted_after_every_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
