/* bundle D by F: the first waits, later ones join, one message with a count (LANGUAGE 7). */
#include "tests/router/clauses.h"

#define BUNDLED(clauses)                                                                                     \
    "rule brady { title \"Bradycardia\"\n"                                                                   \
    "  when alarm starts and code is bradycardia\n"                                                          \
    "  " clauses "\n"                                                                                        \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  after 60s if not accepted notify charge-nurse using alarm\n"                                          \
    "  after 4min if not accepted notify desk operator using alarm }\n"

#define BY_UNIT BUNDLED("bundle 2min by unit")

#define SEVERE                                                                                               \
    "rule severe { title \"Bradycardia, fall risk\"\n"                                                       \
    "  when alarm starts and code is bradycardia and patient.flags has fall-risk if known\n"                 \
    "  notify primary-nurse urgent using alarm\n"                                                            \
    "  after 60s if not accepted notify desk operator urgent using alarm }\n"

static const struct clause_case CASES[] = {
    { "one message with a count and the members, two minutes after the first", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "0s alert 1 bundling\n"
      "30s send start bradycardia bed 13\n"
      "30s alert 2 joined\n"
      "60s send start bradycardia bed 14\n"
      "2min expect ana text 3: Bradycardia 5W-12 ?; Bradycardia 5W-13 ?; Bradycardia 5W-14 ?\n"
      "125s say ana accept\n"
      "130s send end bradycardia\n"
      "131s send end bradycardia bed 13\n"
      "131s alert 2 resolved\n"
      "131s alert 1 accepted\n"
      "140s send end bradycardia bed 14\n"
      "140s alert 1 resolved\n"
      "140s alert 3 resolved\n"
      "1h nothing\n" },
    { "alone it waits, and is sent as it is", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "2min expect ana text Bradycardia 5W-12 ?\n"
      "3min expect carla\n"
      "185s say carla accept\n"
      "190s send end bradycardia\n"
      "1h nothing\n" },
    { "another unit is another bundle", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "30s send start bradycardia unit 6E\n"
      "2min expect ana text Bradycardia 5W-12 ?\n"
      "121s say ana accept\n"
      "150s expect dora text Bradycardia 6E-12 ?\n"
      "151s say dora accept\n"
      "160s send end bradycardia\n"
      "161s send end bradycardia unit 6E\n"
      "1h nothing\n" },
    { "who comes after the message was sent begins another bundle", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "2min expect ana\n"
      "121s say ana accept\n"
      "130s send start bradycardia bed 13\n"
      "130s alert 2 bundling\n"
      "250s expect ana text Bradycardia 5W-13 ?\n"
      "251s say ana accept\n"
      "260s send end bradycardia\n"
      "261s send end bradycardia bed 13\n"
      "1h nothing\n" },
    { "the first one ends while it waits: the others are told", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "40s send start bradycardia bed 14\n"
      "60s send end bradycardia\n"
      "60s alert 1 bundling\n"
      "2min expect ana text 2: Bradycardia 5W-13 ?; Bradycardia 5W-14 ?\n"
      "125s say ana accept\n"
      "130s send end bradycardia bed 13\n"
      "130s alert 1 accepted\n"
      "140s send end bradycardia bed 14\n"
      "140s alert 1 resolved\n"
      "1h nothing\n" },
    { "all end while they wait: nobody is told", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "60s send end bradycardia\n"
      "70s send end bradycardia bed 13\n"
      "70s alert 1 self-resolved\n"
      "70s alert 2 self-resolved\n"
      "1h nothing\n" },
    { "the first one begins again while the others wait: it counts again", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "60s send end bradycardia\n"
      "70s send continue bradycardia\n"
      "2min expect ana text 2: Bradycardia 5W-12 ?; Bradycardia 5W-13 ?\n"
      "125s say ana accept\n"
      "130s send end bradycardia\n"
      "131s send end bradycardia bed 13\n"
      "131s alert 1 resolved\n"
      "1h nothing\n" },
    { "nobody accepts: it escalates as one, and ends when the last one has", DAY, BY_UNIT,
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "2min expect ana text 2: \n"
      "3min expect carla text 2: \n"
      "190s send end bradycardia\n"
      "190s notice ana updated\n"
      "190s notice carla updated\n"
      "6min expect operator text Bradycardia 5W-13 ?\n"
      "370s send end bradycardia bed 13\n"
      "370s alert 1 source-cleared\n"
      "370s alert 2 source-cleared\n"
      "1h nothing\n" },
    { "an absent field equals nothing: it goes alone, at once", DAY, BUNDLED("bundle 2min by patient"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "1h nothing\n" },
    { "one that moves up leaves the bundle", DAY, BY_UNIT SEVERE,
      "0s admit pat 13\n"
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13 patient pat\n"
      "40s flag pat\n"
      "50s send continue bradycardia bed 13 patient pat\n"
      "50s expect ana urgent rule severe\n"
      "50s alert 2 notifying\n"
      "55s say ana accept\n"
      "2min expect ana text Bradycardia 5W-12 ?\n"
      "125s say ana accept\n"
      "130s send end bradycardia\n"
      "131s send end bradycardia bed 13 patient pat\n"
      "1h nothing\n" },
    { "the first one moves up while it waits: the others wait on without it", DAY, BY_UNIT SEVERE,
      "0s admit pat 12\n"
      "0s send start bradycardia patient pat\n"
      "30s send start bradycardia bed 13\n"
      "35s send start bradycardia bed 14\n"
      "40s flag pat\n"
      "50s send continue bradycardia patient pat\n"
      "50s expect ana urgent rule severe\n"
      "55s say ana accept\n"
      "60s send end bradycardia patient pat\n"
      "60s alert 1 resolved\n"
      "2min expect ana text 2: Bradycardia 5W-13 ?; Bradycardia 5W-14 ?\n"
      "125s say ana accept\n"
      "130s send end bradycardia bed 13\n"
      "131s send end bradycardia bed 14\n"
      "131s alert 2 resolved\n"
      "131s alert 3 resolved\n"
      "1h nothing\n" },
    { "what gathers while the shift is closed is one message when it opens", "2026-10-14T08:50:00Z",
      "shift day = 04:00-17:00\n" BUNDLED("bundle 2min by unit deliver during day"),
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "2min alert 1 waiting\n"
      "5min send start bradycardia bed 14\n"
      "5min alert 3 joined\n"
      "6min send end bradycardia bed 13\n"
      "10min expect ana text 2: Bradycardia 5W-12 ?; Bradycardia 5W-14 ?\n"
      "605s say ana accept\n"
      "610s send end bradycardia\n"
      "611s send end bradycardia bed 14\n"
      "611s alert 1 resolved\n"
      "1h nothing\n" },
    { "the same again joins the bundle that it is in", DAY,
      BUNDLED("dedupe 5min by unit, bed, code bundle 2min by unit"),
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "2min expect ana text 2: \n"
      "125s say ana accept\n"
      "130s send end bradycardia\n"
      "131s send end bradycardia bed 13\n"
      "131s alert 1 resolved\n"
      "140s send start bradycardia\n"
      "140s expect ana text Bradycardia 5W-12 ?\n"
      "140s alert 1 accepted\n"
      "140s alert 3 joined\n"
      "145s say ana accept\n"
      "150s send end bradycardia\n"
      "150s alert 1 resolved\n"
      "1h nothing\n" },
    { "suppressed ones come into the bundle when they are released", DAY,
      "rule battery { title \"Battery\"\n"
      "  when alarm starts and code is battery-low\n"
      "  notify nursing-assistant using alarm\n"
      "  after 20min if not accepted notify desk operator using alarm }\n" BUNDLED(
          "bundle 2min by unit suppress while battery open same unit, bed max 5min"),
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "10s alert 2 suppressed\n"
      "20s send start bradycardia bed 13\n"
      "20s alert 3 bundling\n"
      "30s send end battery-low\n"
      "30s alert 2 joined\n"
      "140s expect ana text 2: Bradycardia 5W-13 ?; Bradycardia 5W-12 ?\n"
      "145s say ana accept\n"
      "150s send end bradycardia\n"
      "151s send end bradycardia bed 13\n"
      "151s alert 3 resolved\n"
      "1h nothing\n" },
    { "a plan that only informs is over when its last step was told", DAY,
      "rule brady { title \"Bradycardia\"\n"
      "  when alarm starts and code is bradycardia\n"
      "  bundle 2min by unit\n"
      "  notify charge-nurse, desk front silent fyi using alarm }\n",
      "0s send start bradycardia\n"
      "30s send start bradycardia bed 13\n"
      "2min expect carla fyi text 2: \n"
      "2min expect front fyi text 2: \n"
      "3min alert 1 informed\n"
      "3min alert 2 informed\n"
      "1h nothing\n" },
};

CLAUSE_MAIN
