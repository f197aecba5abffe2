/* suppress while X open same F max D: held back, never lost (LANGUAGE 7). */
#include "tests/router/clauses.h"

#define CAUSE                                                                                                \
    "rule battery { title \"Battery\"\n"                                                                     \
    "  when alarm starts and code is battery-low\n"                                                          \
    "  notify nursing-assistant using alarm\n"                                                               \
    "  after 20min if not accepted notify desk operator using alarm }\n"

#define HELD_BACK(clauses)                                                                                   \
    "rule brady { title \"Bradycardia\"\n"                                                                   \
    "  when alarm starts and code is bradycardia\n"                                                          \
    "  " clauses "\n"                                                                                        \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  after 60s if not accepted notify desk operator using alarm }\n"

#define WHILE_OPEN HELD_BACK("suppress while battery open same unit, bed max 5min")

#define SEVERE                                                                                               \
    "rule severe { title \"Bradycardia, fall risk\"\n"                                                       \
    "  when alarm starts and code is bradycardia and patient.flags has fall-risk if known\n"                 \
    "  notify primary-nurse urgent using alarm\n"                                                            \
    "  after 60s if not accepted notify desk operator urgent using alarm }\n"

static const struct clause_case CASES[] = {
    { "sent when the other one is closed", DAY, CAUSE WHILE_OPEN,
      "0s send start battery-low\n"
      "0s expect noor\n"
      "10s send start bradycardia\n"
      "10s alert 2 suppressed\n"
      "20s say noor accept\n"
      "60s send end battery-low\n"
      "60s expect ana\n"
      "60s alert 2 notifying\n"
      "65s say ana accept\n"
      "70s send end bradycardia\n"
      "1h nothing\n" },
    { "sent when D has passed, and its plan begins then", DAY, CAUSE WHILE_OPEN,
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "310s expect ana\n"
      "320s send end battery-low\n"
      "370s expect operator\n"
      "371s say ana accept\n"
      "380s send end bradycardia\n"
      "1h nothing\n" },
    { "ended meanwhile: nobody is told, and it is recorded as suppressed", DAY, CAUSE WHILE_OPEN,
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "40s send end bradycardia\n"
      "40s alert 2 suppressed\n"
      "60s send end battery-low\n"
      "60s alert 2 suppressed\n"
      "1h nothing\n" },
    { "the other bed is not the same, and bed 12 of another unit is not bed 12", DAY, CAUSE WHILE_OPEN,
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia bed 13\n"
      "10s expect ana\n"
      "15s say ana accept\n"
      "20s send end bradycardia bed 13\n"
      "30s send end battery-low\n"
      "1h nothing\n" },
    { "a bed counts with its unit", DAY, CAUSE HELD_BACK("suppress while battery open same bed max 5min"),
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia unit 6E\n"
      "10s expect dora\n"
      "15s say dora accept\n"
      "20s send end bradycardia unit 6E\n"
      "30s send end battery-low\n"
      "1h nothing\n" },
    { "an absent field equals nothing", DAY,
      CAUSE HELD_BACK("suppress while battery open same patient max 5min"),
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "10s expect ana\n"
      "15s say ana accept\n"
      "20s send end bradycardia\n"
      "30s send end battery-low\n"
      "1h nothing\n" },
    { "a code and a set of codes hold back as well as a rule", DAY,
      "codes power = battery-low, battery-empty\n" CAUSE HELD_BACK(
          "suppress while power open same unit, bed max 5min"),
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "10s alert 2 suppressed\n"
      "30s send end battery-low\n"
      "30s expect ana\n"
      "35s say ana accept\n"
      "40s send end bradycardia\n"
      "1h nothing\n" },
    { "a second cause follows the first: D counts from the beginning", DAY,
      "rule occluded { title \"Line\"\n"
      "  when alarm starts and code is occlusion\n"
      "  notify nursing-assistant using alarm\n"
      "  after 20min if not accepted notify desk operator using alarm }\n" CAUSE HELD_BACK(
          "suppress while battery, occluded open same unit, bed max 5min"),
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "20s send start occlusion\n"
      "20s expect noor\n"
      "25s say noor accept\n"
      "60s send end battery-low\n"
      "60s alert 2 suppressed\n"
      "310s expect ana\n"
      "315s say ana accept\n"
      "320s send end occlusion\n"
      "321s send end bradycardia\n"
      "1h nothing\n" },
    { "a hold comes first", DAY,
      CAUSE HELD_BACK("hold 15s suppress while battery open same unit, bed max 5min"),
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "10s alert 2 held\n"
      "25s alert 2 suppressed\n"
      "40s send end battery-low\n"
      "40s expect ana\n"
      "45s say ana accept\n"
      "50s send end bradycardia\n"
      "1h nothing\n" },
    { "the cause that came while it was held holds it back too", DAY,
      CAUSE HELD_BACK("hold 15s suppress while battery open same unit, bed max 5min"),
      "0s send start bradycardia\n"
      "10s send start battery-low\n"
      "10s expect noor\n"
      "15s alert 1 suppressed\n"
      "20s say noor accept\n"
      "40s send end battery-low\n"
      "40s expect ana\n"
      "45s say ana accept\n"
      "50s send end bradycardia\n"
      "1h nothing\n" },
    { "what rings goes on when a cause comes later", DAY, CAUSE WHILE_OPEN,
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "10s send start battery-low\n"
      "10s expect noor\n"
      "12s say noor accept\n"
      "60s expect operator\n"
      "61s say ana accept\n"
      "70s send end bradycardia\n"
      "71s send end battery-low\n"
      "1h nothing\n" },
    { "an update to a more urgent rule is not held back", DAY, CAUSE WHILE_OPEN SEVERE,
      "0s admit pat 12\n"
      "0s send start battery-low patient pat\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia patient pat\n"
      "10s alert 2 suppressed\n"
      "15s flag pat\n"
      "20s send continue bradycardia patient pat\n"
      "20s expect ana urgent rule severe\n"
      "25s say ana accept\n"
      "30s send end battery-low patient pat\n"
      "31s send end bradycardia patient pat\n"
      "1h nothing\n" },
    { "an update that is as urgent leaves it suppressed, with the newest value", DAY,
      CAUSE "rule low { title \"SpO2\"\n"
            "  when alarm starts and code is spo2-high\n"
            "  notify primary-nurse using alarm\n"
            "  after 60s if not accepted notify desk operator using alarm }\n" WHILE_OPEN,
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "20s send continue bradycardia\n"
      "20s alert 2 suppressed\n"
      "40s send end battery-low\n"
      "40s expect ana\n"
      "45s say ana accept\n"
      "50s send end bradycardia\n"
      "1h nothing\n" },
    { "the router is down when D passes", DAY, CAUSE WHILE_OPEN,
      "0s send start battery-low\n"
      "0s expect noor\n"
      "5s say noor accept\n"
      "10s send start bradycardia\n"
      "300s restart 20s\n"
      "320s expect ana\n"
      "325s say ana accept\n"
      "330s send end battery-low\n"
      "331s send end bradycardia\n"
      "1h nothing\n" },
    { "dedupe goes before suppress: what is the same again is not held back", DAY,
      CAUSE HELD_BACK("dedupe 3min by unit, bed, code suppress while battery open same unit, bed max 5min"),
      "0s send start bradycardia\n"
      "0s expect ana\n"
      "5s say ana accept\n"
      "10s send end bradycardia\n"
      "20s send start battery-low\n"
      "20s expect noor\n"
      "22s say noor accept\n"
      "30s send start bradycardia\n"
      "30s expect ana\n"
      "30s alert 1 accepted\n"
      "35s say ana accept\n"
      "40s send end bradycardia\n"
      "50s send end battery-low\n"
      "1h nothing\n" },
};

CLAUSE_MAIN
