/* deliver during SHIFT: held until it opens, on the wall clock; expire D: the end of what has no end. */
#include "tests/router/clauses.h"

#define QUIET                                                                                                \
    "shift day = 04:00-17:00, 18:00-20:00\n"                                                                 \
    "rule brady { title \"Bradycardia\"\n"                                                                   \
    "  when alarm starts and code is bradycardia\n"                                                          \
    "  deliver during day\n"                                                                                 \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  after 60s if not accepted notify desk operator using alarm }\n"

#define SEVERE                                                                                               \
    "rule severe { title \"Bradycardia, fall risk\"\n"                                                       \
    "  when alarm starts and code is bradycardia and patient.flags has fall-risk if known\n"                 \
    "  notify primary-nurse urgent using alarm\n"                                                            \
    "  after 60s if not accepted notify desk operator urgent using alarm }\n"

#define EXPIRES                                                                                              \
    "rule brady { title \"Bradycardia\"\n"                                                                   \
    "  when alarm starts and code is bradycardia\n"                                                          \
    "  expire 5min\n"                                                                                        \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  after 2min if not accepted notify desk operator using alarm repeat every 60s max 10 }\n"

static const struct clause_case CASES[] = {
    { "while the shift is open it is sent at once", "2026-10-14T19:00:00Z", QUIET,
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "1h nothing\n" },
    { "before it opens: the opening is time 0", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia\n"
      "0s alert 1 waiting\n"
      "10min expect ana\n"
      "11min expect operator\n"
      "12min say ana accept\n"
      "13min send end bradycardia\n"
      "3h nothing\n" },
    { "the end of the shift is outside, the first moment inside", "2026-10-14T21:59:59Z", QUIET,
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "0s say ana accept\n"
      "1s send start bradycardia bed 13\n"
      "1s alert 2 waiting\n"
      "2s send end bradycardia\n"
      "3601s expect ana\n"
      "3602s say ana accept\n"
      "3603s send end bradycardia bed 13\n"
      "2h nothing\n" },
    { "ended before it opens: nobody is told", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia\n"
      "5min send end bradycardia\n"
      "5min alert 1 self-resolved\n"
      "3h nothing\n" },
    { "the night is an hour longer when the clock goes back", "2026-11-01T06:30:00Z", QUIET,
      "0s send start bradycardia\n"
      "210min expect ana\n"
      "12601s say ana accept\n"
      "12602s send end bradycardia\n"
      "220min nothing\n" },
    { "and an hour shorter when it goes forward", "2026-03-08T07:30:00Z", QUIET,
      "0s send start bradycardia\n"
      "90min expect ana\n"
      "5401s say ana accept\n"
      "5402s send end bradycardia\n"
      "3h nothing\n" },
    { "an opening in the hour that is skipped comes at the next valid time", "2026-03-08T05:00:00Z",
      "shift small = 02:30-05:00\n"
      "rule brady { title \"Bradycardia\"\n"
      "  when alarm starts and code is bradycardia\n"
      "  deliver during small\n"
      "  notify primary-nurse using alarm\n"
      "  after 60s if not accepted notify desk operator using alarm }\n",
      "0s send start bradycardia\n"
      "3h expect ana\n"
      "10801s say ana accept\n"
      "10802s send end bradycardia\n"
      "200min nothing\n" },
    { "the wall clock is set forward: it opens sooner", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia\n"
      "60s clock forward 5min\n"
      "60s alert 1 waiting\n"
      "5min expect ana\n"
      "305s say ana accept\n"
      "310s send end bradycardia\n"
      "3h nothing\n" },
    { "the wall clock is set into the shift: it is sent", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia\n"
      "60s clock forward 15min\n"
      "60s expect ana\n"
      "65s say ana accept\n"
      "70s send end bradycardia\n"
      "3h nothing\n" },
    { "the wall clock is set back: it opens later", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia\n"
      "60s clock back 5min\n"
      "15min expect ana\n"
      "905s say ana accept\n"
      "910s send end bradycardia\n"
      "3h nothing\n" },
    { "the router is down at the opening", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia\n"
      "590s restart 20s\n"
      "610s expect ana\n"
      "660s expect operator\n"
      "665s say ana accept\n"
      "670s send end bradycardia\n"
      "3h nothing\n" },
    { "an update to a more urgent rule does not wait", "2026-10-14T08:00:00Z", QUIET SEVERE,
      "0s admit pat 12\n"
      "0s send start bradycardia patient pat\n"
      "0s alert 1 waiting\n"
      "60s flag pat\n"
      "61s send continue bradycardia patient pat\n"
      "61s expect ana urgent rule severe\n"
      "65s say ana accept\n"
      "70s send end bradycardia patient pat\n"
      "3h nothing\n" },
    { "a source without an end: sent at the opening", "2026-10-14T08:50:00Z", QUIET,
      "0s send start bradycardia oneshot oneshot\n"
      "10min expect ana\n"
      "605s say ana accept\n"
      "605s alert 1 resolved\n"
      "3h nothing\n" },
    { "a copy waits too, and is sent at the opening", "2026-10-14T08:58:00Z",
      "shift day = 04:00-17:00\n"
      "copy tell { title \"The ward hears of it\"\n"
      "  when alarm starts and code is bed-exit\n"
      "  deliver during day\n"
      "  notify charge-nurse fyi }\n",
      "0s send start bed-exit\n"
      "0s expect noor\n"
      "0s alert 2 waiting\n"
      "5s say noor accept\n"
      "2min expect carla fyi rule tell\n"
      "2min alert 2 informed\n"
      "3min send end bed-exit\n"
      "3min notice carla ended fyi\n"
      "3h nothing\n" },
    { "a copy of what the source has ended is not wanted any more", "2026-10-14T08:50:00Z",
      "shift day = 04:00-17:00\n"
      "copy tell { title \"The ward hears of it\"\n"
      "  when alarm starts and code is bed-exit\n"
      "  deliver during day\n"
      "  notify charge-nurse fyi }\n",
      "0s send start bed-exit\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "60s send end bed-exit\n"
      "60s alert 2 resolved\n"
      "3h nothing\n" },
    { "a plan whose source never ends expires, and those told hear it", DAY, EXPIRES,
      "0s send start bradycardia oneshot oneshot\n"
      "0s expect ana\n"
      "2min expect operator\n"
      "3min expect operator\n"
      "4min expect operator\n"
      "5min notice ana expired\n"
      "5min notice operator expired\n"
      "5min alert 1 expired\n"
      "1h nothing\n" },
    { "a source that sends its ends does not expire", DAY, EXPIRES,
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "2min expect operator\n"
      "130s say ana accept\n"
      "6min alert 1 accepted\n"
      "6min send end bradycardia\n"
      "1h nothing\n" },
    { "expire counts from time 0, after the hold", DAY,
      "rule brady { title \"Bradycardia\"\n"
      "  when alarm starts and code is bradycardia\n"
      "  hold 60s expire 5min\n"
      "  notify primary-nurse using alarm\n"
      "  after 2min if not accepted notify desk operator using alarm }\n",
      "0s send start bradycardia oneshot oneshot\n"
      "60s expect ana\n"
      "180s expect operator\n"
      "359s alert 1 notifying\n"
      "360s notice ana expired\n"
      "360s alert 1 expired\n"
      "1h nothing\n" },
};

CLAUSE_MAIN
