/* Who a step is for, and what holds an answer: the words of LANGUAGE 7 that name people. */
#include "tests/router/clauses.h"

#define PLACES                                                                                               \
    "group nurses = ana, ben, dora\n"                                                                        \
    "rota consult.cardiology { zone \"America/Chicago\" weekly from 2026-01-05 07:00 rashid }\n"

#define RULE(name, code, clauses)                                                                            \
    "rule " name " { title \"" name "\"\n"                                                                   \
    "  when alarm starts and code is " code "\n  " clauses " }\n"

static const struct clause_case CASES[] = {
    { "need 2 from a group: others do not count, and it rings on until both have it", DAY,
      PLACES RULE("brady", "bradycardia",
                  "need 2 from group nurses\n"
                  "notify group nurses, charge-nurse using alarm\n"
                  "after 60s if not accepted notify desk front using alarm\n"
                  "repeat all every 60s max 2"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "0s expect ben\n"
      "0s expect dora\n"
      "0s expect carla\n"
      "5s say carla accept\n"
      "5s alert 1 notifying\n"
      "10s say ana accept\n"
      "10s alert 1 notifying\n"
      "20s say dora accept\n"
      "20s alert 1 accepted\n"
      "30s send end bradycardia\n"
      "30s alert 1 resolved\n"
      "1h nothing\n" },
    { "turn of group: the next one not yet told", DAY,
      PLACES RULE("brady", "bradycardia",
                  "notify turn of group nurses using alarm\n"
                  "after 60s if not accepted notify turn of group nurses using alarm\n"
                  "after 2min if not accepted notify turn of group nurses using alarm\n"
                  "after 3min if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "60s expect ben\n"
      "2min expect dora\n"
      "121s say dora accept\n"
      "125s send end bradycardia\n"
      "1h nothing\n" },
    { "least of group: the one with the fewest open alerts", DAY,
      PLACES RULE("brady", "bradycardia",
                  "notify least of group nurses using alarm\n"
                  "after 10min if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "1s send start bradycardia bed 13\n"
      "1s expect ben\n"
      "2s send start bradycardia bed 14\n"
      "2s expect dora\n"
      "3s say ben accept\n"
      "4s send end bradycardia bed 13\n"
      "5s send start bradycardia bed 15\n"
      "5s expect ben\n"
      "6s say ana accept\n"
      "7s say ben accept\n"
      "8s say dora accept\n"
      "10s send end bradycardia\n"
      "10s send end bradycardia bed 14\n"
      "10s send end bradycardia bed 15\n"
      "1h nothing\n" },
    { "everyone of a unit", DAY,
      RULE("brady", "bradycardia",
           "notify everyone of \"6E\" using alarm\n"
           "after 60s if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect dora\n"
      "0s expect carla\n"
      "5s say dora accept\n"
      "10s send end bradycardia\n"
      "1h nothing\n" },
    { "oncall X of FIELD: no rota for the value, and the else answers", DAY,
      PLACES RULE("brady", "bradycardia",
                  "notify oncall consult of patient.service else charge-nurse using alarm\n"
                  "after 60s if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect carla\n"
      "5s say carla accept\n"
      "10s send end bradycardia\n"
      "1h nothing\n" },
    { "lease D: what the rule writes goes before the class's own", DAY,
      RULE("brady", "bradycardia",
           "lease 30s\n"
           "notify primary-nurse using alarm\n"
           "after 60s if not accepted notify charge-nurse using alarm\n"
           "after 10min if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "35s expect ana\n"
      "55s expect carla\n"
      "60s say carla accept\n"
      "70s send end bradycardia\n"
      "1h nothing\n" },
    { "a resumed plan: later steps keep their distances", DAY,
      RULE("brady", "bradycardia",
           "lease 30s\n"
           "notify primary-nurse using alarm\n"
           "after 60s if not accepted notify charge-nurse using alarm\n"
           "after 2min if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "35s expect ana\n"
      "55s expect carla\n"
      "115s expect front\n"
      "116s say front accept\n"
      "120s send end bradycardia\n"
      "1h nothing\n" },
    { "a relay desk's accept quiets that desk; it rings again every 2 min until a clinician accepts", DAY,
      RULE("brady", "bradycardia",
           "notify desk tele-room using alarm\n"
           "after 10min if not accepted notify charge-nurse using alarm\n"
           "after 11min if not accepted notify desk operator using alarm"),
      "0s send start bradycardia\n"
      "0s expect tele-room\n"
      "10s say tele-room accept\n"
      "10s alert 1 notifying\n"
      "130s expect tele-room\n"
      "250s expect tele-room\n"
      "370s expect tele-room\n"
      "490s expect tele-room\n"
      "10min expect carla\n"
      "601s say carla accept\n"
      "605s send end bradycardia\n"
      "1h nothing\n" },
    { "a decline by all of a step, one line of two", DAY,
      RULE("brady", "bradycardia",
           "notify primary-nurse using alarm\n"
           "notify nursing-assistant using alarm\n"
           "after 60s if not accepted notify charge-nurse using alarm\n"
           "after 10min if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "0s expect noor\n"
      "5s say ana decline\n"
      "10s say noor decline\n"
      "10s expect carla\n"
      "12s say carla accept\n"
      "15s send end bradycardia\n"
      "1h nothing\n" },
    { "done ends a plan that says so", DAY,
      RULE("brady", "bradycardia",
           "stop on done\n"
           "notify primary-nurse using alarm\n"
           "after 60s if not accepted notify desk front using alarm"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "20s say ana done\n"
      "20s alert 1 done\n"
      "1h nothing\n" },
};

CLAUSE_MAIN
