/* dedupe D by F: the same again within D is the same alert (LANGUAGE 7). */
#include "tests/router/clauses.h"

#define BRADY(by)                                                                                            \
    "rule brady { title \"Bradycardia\"\n"                                                                   \
    "  when alarm starts and code in bradycardia\n"                                                          \
    "  dedupe 3min by " by "\n"                                                                              \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  after 60s if not accepted notify charge-nurse using alarm\n"                                          \
    "  after 4min if not accepted notify desk operator using alarm }\n"

#define SEVERE                                                                                               \
    "rule severe { title \"Extreme bradycardia\"\n"                                                          \
    "  when alarm starts and code is bradycardia and patient.flags has fall-risk if known\n"                 \
    "  notify primary-nurse, charge-nurse urgent using alarm\n"                                              \
    "  after 60s if not accepted notify desk operator urgent using alarm }\n"

static const struct clause_case CASES[] = {
    { "who accepted the old one is rung again, and it is the old alert", DAY, BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "10s alert 1 resolved\n"
      "60s send start bradycardia\n"
      "60s expect ana\n"
      "60s alert 1 accepted\n"
      "60s alert 2 joined\n"
      "65s say ana accept\n"
      "70s send end bradycardia\n"
      "70s alert 1 resolved\n"
      "70s alert 2 resolved\n"
      "1h nothing\n" },
    { "20 s after she was rung in vain the plan resumes", DAY, BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "60s send start bradycardia\n"
      "60s expect ana\n"
      "80s expect carla\n"
      "80s alert 1 notifying\n"
      "90s say carla accept\n"
      "100s send end bradycardia\n"
      "1h nothing\n" },
    { "the acceptor is away: the plan resumes at once", DAY, BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "20s away ana\n"
      "60s send start bradycardia\n"
      "60s expect carla\n"
      "70s say carla accept\n"
      "100s send end bradycardia\n"
      "1h nothing\n" },
    { "nobody had accepted: its last level rings, and its clock goes on where it stopped", DAY,
      BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "10s send end bradycardia\n"
      "10s alert 1 source-cleared\n"
      "60s send start bradycardia\n"
      "60s expect ana\n"
      "60s alert 1 notifying\n"
      "110s expect carla\n"
      "120s say carla accept\n"
      "130s send end bradycardia\n"
      "130s alert 1 resolved\n"
      "1h nothing\n" },
    { "at the end of D it is another alert", DAY, BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "190s send start bradycardia\n"
      "190s expect ana\n"
      "190s alert 1 resolved\n"
      "190s alert 2 notifying\n"
      "191s say ana accept\n"
      "195s send end bradycardia\n"
      "1h nothing\n" },
    { "another bed is not the same", DAY, BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send start bradycardia bed 13\n"
      "10s expect ana\n"
      "15s say ana accept\n"
      "20s send end bradycardia\n"
      "20s send end bradycardia bed 13\n"
      "1h nothing\n" },
    { "an absent field equals nothing", DAY, BRADY("patient, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "20s send start bradycardia\n"
      "20s expect ana\n"
      "20s alert 2 notifying\n"
      "25s say ana accept\n"
      "30s send end bradycardia\n"
      "1h nothing\n" },
    { "while one is open another joins it, and only the last end is the end", DAY, BRADY("unit, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "10s send start bradycardia bed 13\n"
      "10s notice ana updated\n"
      "10s alert 2 joined\n"
      "20s send end bradycardia\n"
      "20s alert 1 notifying\n"
      "60s expect carla\n"
      "65s say carla accept\n"
      "70s send end bradycardia bed 13\n"
      "70s alert 1 resolved\n"
      "70s alert 2 resolved\n"
      "1h nothing\n" },
    { "the end of the one that joined does not end the other", DAY, BRADY("unit, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "10s send start bradycardia bed 13\n"
      "20s send end bradycardia bed 13\n"
      "20s alert 2 source-cleared\n"
      "20s alert 1 notifying\n"
      "30s say ana accept\n"
      "40s send end bradycardia\n"
      "40s alert 1 resolved\n"
      "1h nothing\n" },
    { "it flaps: one alert, and the lease of the accept begins anew each time", DAY, BRADY("unit, bed, code"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "20s send start bradycardia\n"
      "20s expect ana\n"
      "25s say ana accept\n"
      "30s send end bradycardia\n"
      "40s send start bradycardia\n"
      "40s expect ana\n"
      "45s say ana accept\n"
      "345s expect ana\n"
      "350s say ana accept\n"
      "360s send end bradycardia\n"
      "360s alert 1 resolved\n"
      "360s alert 2 resolved\n"
      "360s alert 3 resolved\n"
      "1h nothing\n" },
    { "an update that moves up takes the whole along", DAY, BRADY("unit, bed, code") SEVERE,
      "0s admit pat 12\n"
      "0s send start bradycardia patient pat\n"
      "0s expect ana rule brady\n"
      "5s say ana accept\n"
      "10s send end bradycardia patient pat\n"
      "60s send start bradycardia patient pat\n"
      "60s expect ana\n"
      "61s flag pat\n"
      "62s send continue bradycardia patient pat\n"
      "62s expect ana urgent rule severe\n"
      "62s expect carla urgent\n"
      "62s alert 1 notifying\n"
      "62s alert 2 joined\n"
      "65s say carla accept\n"
      "70s send end bradycardia patient pat\n"
      "70s alert 1 resolved\n"
      "1h nothing\n" },
    { "a hold comes first: what recovers in it reopens nothing", DAY,
      "rule brady { title \"Bradycardia\"\n"
      "  when alarm starts and code is bradycardia\n"
      "  hold 15s dedupe 3min by unit, bed, code\n"
      "  notify primary-nurse using alarm\n"
      "  after 60s if not accepted notify desk operator using alarm }\n",
      "0s send start bradycardia\n"
      "15s expect ana\n"
      "20s say ana accept\n"
      "30s send end bradycardia\n"
      "40s send start bradycardia\n"
      "50s send end bradycardia\n"
      "50s alert 1 resolved\n"
      "50s alert 2 self-resolved\n"
      "60s send start bradycardia\n"
      "60s alert 3 held\n"
      "75s expect ana\n"
      "75s alert 1 accepted\n"
      "80s say ana accept\n"
      "90s send end bradycardia\n"
      "1h nothing\n" },
    { "V-tach that flaps is one alert, up to 60 s", DAY,
      "rule flapping { title \"V-tach\"\n"
      "  when alarm starts and code is vfib and source is nak\n"
      "  dedupe 60s by unit, bed, code\n"
      "  stop on accepted\n"
      "  notify primary-nurse urgent using alarm\n"
      "  after 30s if not accepted notify charge-nurse urgent using alarm\n"
      "  after 2min if not accepted notify desk front urgent using alarm }\n",
      "0s send start vfib nak nak\n"
      "0s expect ana urgent\n"
      "5s say ana accept\n"
      "8s send end vfib nak nak\n"
      "15s send start vfib nak nak\n"
      "15s expect ana urgent\n"
      "20s say ana accept\n"
      "25s send end vfib nak nak\n"
      "25s alert 1 resolved\n"
      "1h nothing\n" },
};

CLAUSE_MAIN
