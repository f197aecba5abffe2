/* limit N per D, for each person and rule: the surplus is one summary, and nothing is lost (LANGUAGE 7). */
#include "tests/router/clauses.h"

#define LIMITED(steps)                                                                                       \
    "rule brady { title \"Bradycardia\"\n"                                                                   \
    "  when alarm starts and code is bradycardia\n"                                                          \
    "  limit 2 per 10min\n"                                                                                  \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  " steps " }\n"

#define SLOW LIMITED("after 15min if not accepted notify desk operator using alarm")
#define CLIMB                                                                                                \
    LIMITED("after 60s if not accepted notify charge-nurse using alarm after 15min if not accepted notify "  \
            "desk operator using alarm")

/* Two that ana hears of, accepts, and that end. */
#define TWO                                                                                                  \
    "0s send start bradycardia\n"                                                                            \
    "0s expect ana\n"                                                                                        \
    "1s say ana accept\n"                                                                                    \
    "2s send end bradycardia\n"                                                                              \
    "10s send start bradycardia bed 13\n"                                                                    \
    "10s expect ana\n"                                                                                       \
    "11s say ana accept\n"                                                                                   \
    "12s send end bradycardia bed 13\n"

static const struct clause_case CASES[] = {
    { "the third of ten minutes waits, and comes when the first is ten minutes old", DAY, SLOW,
      TWO "20s send start bradycardia bed 14\n"
          "20s alert 3 notifying\n"
          "10min expect ana text Bradycardia 5W-14 ?\n"
          "605s say ana accept\n"
          "610s send end bradycardia bed 14\n"
          "610s alert 3 resolved\n"
          "1h nothing\n" },
    { "all of the surplus is one message, and one answer is for all", DAY, SLOW,
      TWO "20s send start bradycardia bed 14\n"
          "30s send start bradycardia bed 15\n"
          "40s send start bradycardia bed 16\n"
          "10min expect ana text 3: Bradycardia 5W-14 ?; Bradycardia 5W-15 ?; Bradycardia 5W-16 ?\n"
          "605s say ana accept\n"
          "605s alert 3 accepted\n"
          "605s alert 4 accepted\n"
          "605s alert 5 accepted\n"
          "610s send end bradycardia bed 14\n"
          "611s send end bradycardia bed 15\n"
          "612s send end bradycardia bed 16\n"
          "612s alert 5 resolved\n"
          "1h nothing\n" },
    { "the surplus climbs in time", DAY, CLIMB,
      TWO "20s send start bradycardia bed 14\n"
          "80s expect carla text Bradycardia 5W-14 ?\n"
          "85s say carla accept\n"
          "90s send end bradycardia bed 14\n"
          "90s alert 3 resolved\n"
          "10min expect ana fyi text Bradycardia 5W-14 ? (ended)\n"
          "1h nothing\n" },
    { "what has ended before the summary is in it all the same", DAY, SLOW,
      TWO "20s send start bradycardia bed 14\n"
          "30s send start bradycardia bed 15\n"
          "40s send end bradycardia bed 14\n"
          "10min expect ana text 2: Bradycardia 5W-14 ? (ended); Bradycardia 5W-15 ?\n"
          "605s say ana accept\n"
          "610s send end bradycardia bed 15\n"
          "1h nothing\n" },
    { "the window slides: the summary counts in it as one", DAY, SLOW,
      TWO "20s send start bradycardia bed 14\n"
          "10min expect ana text Bradycardia 5W-14 ?\n"
          "605s say ana accept\n"
          "606s send end bradycardia bed 14\n"
          "609s send start bradycardia bed 15\n"
          "610s expect ana text Bradycardia 5W-15 ?\n"
          "612s say ana accept\n"
          "613s send end bradycardia bed 15\n"
          "620s send start bradycardia bed 16\n"
          "20min expect ana text Bradycardia 5W-16 ?\n"
          "1201s say ana accept\n"
          "1202s send end bradycardia bed 16\n"
          "1h nothing\n" },
    { "it counts for each person: another unit's nurse hears at once", DAY, SLOW,
      TWO "20s send start bradycardia unit 6E\n"
          "20s expect dora\n"
          "21s say dora accept\n"
          "22s send end bradycardia unit 6E\n"
          "1h nothing\n" },
    { "and for each rule", DAY,
      SLOW "rule occluded { title \"Line\"\n"
           "  when alarm starts and code is occlusion\n"
           "  notify primary-nurse using alarm\n"
           "  after 15min if not accepted notify desk operator using alarm }\n",
      TWO "20s send start occlusion\n"
          "20s expect ana rule occluded\n"
          "21s say ana accept\n"
          "22s send end occlusion\n"
          "1h nothing\n" },
    { "ringing again of what she was told of is not limited", DAY,
      LIMITED("after 60s if not accepted notify desk front using alarm repeat all every 60s max 3"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "60s expect front\n"
      "2min expect front\n"
      "2min expect ana\n"
      "3min expect front\n"
      "3min expect ana\n"
      "4min expect front\n"
      "4min expect ana\n"
      "241s say ana accept\n"
      "242s send end bradycardia\n"
      "1h nothing\n" },
    { "the router is down when the summary is due", DAY, SLOW,
      TWO "20s send start bradycardia bed 14\n"
          "590s restart 30s\n"
          "620s expect ana text Bradycardia 5W-14 ?\n"
          "625s say ana accept\n"
          "630s send end bradycardia bed 14\n"
          "1h nothing\n" },
    { "copies are limited as well", DAY,
      "copy tell { title \"The ward hears of it\"\n"
      "  when alarm starts and code is bed-exit\n"
      "  limit 1 per 10min\n"
      "  notify charge-nurse fyi }\n",
      "0s send start bed-exit\n"
      "0s expect noor\n"
      "0s expect carla fyi rule tell\n"
      "1s say noor accept\n"
      "2s send end bed-exit\n"
      "10s send start bed-exit bed 13\n"
      "10s expect noor\n"
      "11s say noor accept\n"
      "12s send end bed-exit bed 13\n"
      "20s send start bed-exit bed 14\n"
      "20s expect noor\n"
      "21s say noor accept\n"
      "22s send end bed-exit bed 14\n"
      "10min expect carla fyi text 2: Bed exit 5W-13 ?; Bed exit 5W-14 ?\n"
      "1h nothing\n" },
    { "an update to a more urgent rule is told at once, and is in no summary", DAY,
      SLOW "rule severe { title \"Bradycardia, fall risk\"\n"
           "  when alarm starts and code is bradycardia and patient.flags has fall-risk if known\n"
           "  notify primary-nurse urgent using alarm\n"
           "  after 60s if not accepted notify desk operator urgent using alarm }\n",
      "0s admit pat 14\n" TWO "20s send start bradycardia bed 14 patient pat\n"
      "25s flag pat\n"
      "30s send continue bradycardia bed 14 patient pat\n"
      "30s expect ana urgent rule severe\n"
      "31s say ana accept\n"
      "32s send end bradycardia bed 14 patient pat\n"
      "1h nothing\n" },
};

CLAUSE_MAIN
