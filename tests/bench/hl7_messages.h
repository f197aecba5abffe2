/* tests/bench/hl7_messages.h - the messages that the HL7 bench reads: made up, each one different.
 *
 * Names, numbers and lengths vary from message to message, so that the processor cannot learn one message by
 * heart. */
#ifndef NIGHTBELL_TESTS_BENCH_HL7_MESSAGES_H
#define NIGHTBELL_TESTS_BENCH_HL7_MESSAGES_H

#include "base/buf.h"

enum { HL7_PANEL = 2000 /* OBX of the large result */ };

static const char *const FAMILY[] = { "Ashdown",  "Birkelund", "Castellane", "Dunmore",
                                      "Eichholz", "Farrow",    "Grimsby",    "Li" };
static const char *const GIVEN[] = { "Ada",      "Benedict", "Clementine", "Dov",
                                     "Eleonora", "Fitz",     "Gwendolyn",  "Hu" };
static const char *const STREET[] = { "Lantern Row", "Quay", "Old Mill Lane", "Saint Brannoc's Terrace" };

/* A number that looks random but is the same in every run. */
static inline unsigned mixed(unsigned number, unsigned what)
{
    unsigned v = (number * 40503u + what * 9973u + 12345u) * 2654435761u;

    return v >> 7;
}

static inline const char *family_of(unsigned n)
{
    return FAMILY[mixed(n, 1) % 8];
}

static inline const char *given_of(unsigned n)
{
    return GIVEN[mixed(n, 2) % 8];
}

/* About 1 KB, twelve segments. */
static inline void adt_put(struct buf *out, unsigned n)
{
    unsigned id = mixed(n, 3) % 900000 + 7;

    buf_printf(out,
               "MSH|^~\\&|ADTREG|GENERAL|NIGHTBELL|GENERAL|20261122%02u%02u09+0000||ADT^A01^ADT_A01|MSG%u|P|"
               "2.5.1|||AL|NE|"
               "GBR|UNICODE UTF-8\r"
               "EVN|A01|20261122130500+0000||01|%s^%s^%s^^^^^^GENERAL|20261122130400+0000\r",
               n % 24, n % 60, id, "U123", family_of(n + 1), given_of(n + 1));
    buf_printf(out,
               "PID|1||%u^^^GENERAL^MR~%u^^^NATIONAL^NI||%s^%s^%c^^Ms^^L||19%02u%02u%02u|F||2106-3|%u "
               "%s^^Seaford^ES^%05u^GBR^H||"
               "^PRN^PH^^44^1632^960%03u~^NET^X.400^%s@example.org||en|M|CHR|V%u^^^GENERAL^VN|||||||||||N\r",
               id, id * 3 + 11, family_of(n), given_of(n), 'A' + (int)(n % 26), n % 90 + 10, n % 12 + 1,
               n % 28 + 1, n % 300 + 1, STREET[n % 4], n % 90000 + 10000, n % 1000, given_of(n), id + 1);
    buf_printf(out,
               "NK1|1|%s^%s|SPO^Spouse^HL70063|%u %s^^Seaford||^PRN^PH^^44^1632^961%03u\r"
               "PV1|1|I|ICU%u^%u^%02u^GENERAL^^N^WEST^2|E|||%04u^%s^%s^^^Dr^^^GENERAL|%04u^%s^%s|||MED||||A0|"
               "|%04u^%s^%s|IN|V%u|||"
               "||||||||||||||||||||GENERAL|||||20261122130400+0000\r",
               family_of(n + 2), given_of(n + 2), n % 300 + 1, STREET[n % 4], n % 1000, n % 4, n % 40 + 500,
               n % 9 + 1, n % 9000 + 1000, family_of(n + 3), given_of(n + 3), n % 9000 + 1001,
               family_of(n + 4), given_of(n + 4), n % 9000 + 1002, family_of(n + 5), given_of(n + 5), id + 1);
    buf_printf(
        out,
        "PV2||R|R07.4^Chest pain \\T\\ dyspnoea^I10|||||20261122|20261129\r"
        "OBX|1|NM|8302-2^Body height^LN||%u|cm|||||F\rOBX|2|NM|29463-7^Body weight^LN||%u.%u|kg|||||F\r"
        "AL1|1|DA|70618^Penicillin^RxNorm|SV|Rash~Wheeze\r"
        "DG1|1||R07.4^Chest pain, unspecified^I10|||A\rGT1|1||%s^%s|||||||SEL\rIN1|1|SELF^Self pay|0|None\r",
        n % 60 + 140, n % 80 + 40, n % 10, family_of(n), given_of(n));
}

/* One metric of an alert: the place in the containment tree, the number, the unit. */
static inline void facet_put(struct buf *out, unsigned n, unsigned at, const char *code, const char *value)
{
    buf_printf(out,
               "OBX|%u|ST|%s^MDC|1.1.2.%u.%u|%s||||||F|||20261122130%u%02u.%03u+0000||||M%u^^00091EFFFE80%"
               "04X^EUI-64\r",
               at, code, n % 4 + 1, at, value, n % 10, n % 60, n % 1000, n % 500, n % 65536);
}

/* About 2.5 KB: an alert of a patient monitor (IHE PCD-04). */
static inline void alert_put(struct buf *out, unsigned n)
{
    static const struct {
        const char *code, *value;
    } FACETS[] = { { "196616^MDC_EVT_ALARM", "199728^MDC_EVT_ECG_TACHY^MDC" },
                   { "68480^MDC_ATTR_ALERT_SOURCE", "147842^MDC_ECG_CARD_BEAT_RATE^MDC" },
                   { "68481^MDC_ATTR_EVENT_PHASE", "start" },
                   { "68482^MDC_ATTR_ALARM_STATE", "active" },
                   { "68483^MDC_ATTR_ALARM_INACTIVATION_STATE", "audio-paused~alarm-paused" },
                   { "68484^MDC_ATTR_ALARM_PRIORITY", "PH" },
                   { "68485^MDC_ATTR_ALERT_TYPE", "SP" },
                   { "67880^MDC_ATTR_LIMIT_ALARM", "60^140" },
                   { "147842^MDC_ECG_CARD_BEAT_RATE", "152" },
                   { "150456^MDC_PULS_OXIM_SAT_O2", "93" },
                   { "151562^MDC_RESP_RATE", "22" },
                   { "150037^MDC_PRESS_BLD_ART_ABP_SYS", "131" },
                   { "150038^MDC_PRESS_BLD_ART_ABP_DIA", "82" },
                   { "149530^MDC_PULS_OXIM_PULS_RATE", "151" },
                   { "150364^MDC_TEMP_BODY", "37.9" } };
    unsigned id = mixed(n, 4) % 900000 + 7;

    buf_printf(out,
               "MSH|^~\\&|MONITORS^00091EFFFE8012AB^EUI-64|GENERAL|NIGHTBELL^00091EFFFE80FFFF^EUI-64|GENERAL|"
               "20261122130509+0000||"
               "ORU^R40^ORU_R40|ALERT%u|P|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_ACM_001^IHE "
               "PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO\r"
               "PID|||%u^^^GENERAL^PI||%s^%s^^^^^L||1953%02u%02u|M\r"
               "PV1||I|ICU^%u^%02u^GENERAL\r"
               "OBR|1|%u^MONITORS^00091EFFFE8012AB^EUI-64|%u^MONITORS^00091EFFFE8012AB^EUI-64|196616^MDC_EVT_"
               "ALARM^MDC|||"
               "20261122130509+0000||||||||||||||||||||||%u&MONITORS&00091EFFFE8012AB&EUI-64\r",
               id, id, family_of(n), given_of(n), n % 12 + 1, n % 28 + 1, n % 40 + 500, n % 9 + 1, id, id + 1,
               id - 1);
    for (unsigned i = 0; i < sizeof FACETS / sizeof *FACETS; i++)
        facet_put(out, n, i + 1, FACETS[i].code, FACETS[i].value);
}

/* About 230 KB: a result with 2,000 OBX. */
static inline void result_put(struct buf *out, unsigned n)
{
    buf_printf(out,
               "MSH|^~\\&|LAB|GENERAL|NIGHTBELL|GENERAL|20261122130509+0000||ORU^R01^ORU_R01|RES%u|P|2.5.1|||"
               "AL|NE||UNICODE UTF-8\r"
               "PID|1||%u^^^GENERAL^MR||%s^%s^^^^^L||19530412|M\rPV1|1|I|ICU^501^01^GENERAL\r"
               "OBR|1|P%u|F%u|24323-8^Comprehensive metabolic panel^LN|||20261122120000+0000\r",
               n, n + 100, family_of(n), given_of(n), n, n);
    for (unsigned i = 1; i <= HL7_PANEL; i++)
        buf_printf(out,
                   "OBX|%u|NM|%u-%u^%s in Serum or "
                   "Plasma^LN||%u.%u|mmol/L|135-145|%s|||F|||20261122%02u%02u00+0000||"
                   "%04u^%s\r",
                   i, mixed(i, 5) % 99999, i % 10,
                   i % 3 == 0   ? "Sodium"
                   : i % 3 == 1 ? "Potassium"
                                : "Magnesium",
                   mixed(i, 6) % 200, i % 10, i % 7 == 0 ? "HH" : "N", i % 24, i % 60, i % 9000 + 1000,
                   family_of(i));
}

#endif
