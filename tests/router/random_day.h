/* A random day on one ward from a seed: alarms, ends, moves, accepts, declines, silence, absence, restarts.
 */
#ifndef NIGHTBELL_TESTS_ROUTER_RANDOM_DAY_H
#define NIGHTBELL_TESTS_ROUTER_RANDOM_DAY_H

#include "tests/router/fixture.h"

#include "base/prng.h"

static const char *const CODES[] = { "vfib",          "vtach",       "spo2-low",    "bed-exit",
                                     "lead-off",      "code-blue",   "occlusion",   "bathroom-cord",
                                     "bradycardia",   "bradycardia", "battery-low", "extreme-bradycardia",
                                     "battery-empty", "pause" };
static const char *const LISTENERS[] = { NULL, NULL, NULL, "oneshot" };
static const char *const PHASES[] = { "start", "start", "start", "update", "continue", "end", "end" };
static const char *const VALUES[] = { "70", "78", "86", "90" };
static const char *const BEDS[] = { "01", "02", "12" };
static const char *const UNITS[] = { "5W", "6E" };
static const char *const PEOPLE[] = { "ana", "ben", "noor", "carla", "dora", "rashid", "operator", "front" };
static const char *const NURSES[] = { "ana", "ben", "noor", "carla", "dora" };
static const char *const PATIENTS[] = { "p1", "p2", "p3" };
static const char *const TRIGGERS[] = { "A01", "A01", "A02", "A02", "A03", "A05", "A06", "A08", "A09",
                                        "A10", "A11", "A12", "A13", "A14", "A15", "A16", "A21", "A22",
                                        "A23", "A25", "A26", "A27", "A29", "A31", "A32", "A33", "A38",
                                        "A40", "A45", "A52", "A53", "A54", "A55" };
static const char *const GONE[] = { "", "MRG|p1^^^GH^MR\r", "MRG|p2^^^GH^MR\r", "MRG|p4^^^GH^MR\r" };

#define PICK(list) (list)[prng_below(r, sizeof(list) / sizeof(list)[0])]

/* What may stand before time 0, or end a plan; a rule takes one of each row. */
static const char *const HELD_FOR[] = { "", "", "hold 15s" };
static const char *const DEDUPES[] = { "", "dedupe 3min by unit, bed, code", "dedupe 2min by patient, code",
                                       "dedupe 5min by unit" };
static const char *const BUNDLES[] = { "", "bundle 30s by unit", "bundle 2min by code" };
static const char *const LIMITED[] = { "", "limit 1 per 5min", "limit 2 per 1h" };
static const char *const SUPPRESSED[] = { "", "suppress while c1 open same unit, bed max 3min",
                                          "suppress while power open same unit max 1min" };
static const char *const DELIVERED[] = { "", "", "deliver during short" };
static const char *const EXPIRED[] = { "", "expire 6min" };

static inline void random_rule(struct prng *r, struct buf *out, const char *name, const char *code,
                               bool waits)
{
    buf_printf(out, "rule %s { title \"%s\" when alarm starts and code is %s %s %s ", name, code, code,
               PICK(HELD_FOR), PICK(DEDUPES));
    buf_printf(out, "%s %s ", PICK(BUNDLES), PICK(LIMITED));
    if (waits)
        buf_text(out, PICK(SUPPRESSED));
    buf_printf(out,
               " %s %s notify primary-nurse using alarm after 60s if not accepted notify charge-nurse using "
               "alarm after 3min if not accepted notify desk front using alarm repeat every 60s max 3 }\n",
               PICK(DELIVERED), PICK(EXPIRED));
}

/* The rules of every test and some more, each with clauses as they come. */
static inline void random_rules(struct prng *r, struct buf *out)
{
    buf_text(out,
             RULES_BELL "shift short = 14:05-14:20, 14:30-23:00\ncodes power = battery-low, battery-empty\n");
    random_rule(r, out, "c1", "occlusion", false);
    random_rule(r, out, "c2", "battery-low", false);
    random_rule(r, out, "c3", "bradycardia", true);
    random_rule(r, out, "c4", "extreme-bradycardia", true);
    buf_printf(out,
               "copy c5 { title \"c\" when alarm starts and code is pause %s %s notify charge-nurse fyi }\n",
               PICK(LIMITED), PICK(DELIVERED));
    buf_u8(out, 0);
}

struct day {
    struct play *play;
    struct prng *random;
    struct alarm_words past[8]; /* the newest alarms, so that ends and updates find theirs */
    size_t count;
};

static inline void one_alarm(struct day *d)
{
    struct prng *r = d->random;
    struct alarm_words w = { .phase = PICK(PHASES),
                             .code = PICK(CODES),
                             .bed = PICK(BEDS),
                             .unit = PICK(UNITS),
                             .listener = PICK(LISTENERS) };

    if (strcmp(w.phase, "start") != 0 && d->count > 0) {
        const char *phase = w.phase;
        w = d->past[prng_below(r, d->count < 8 ? d->count : 8)];
        w.phase = phase;
    } else {
        if (prng_below(r, 4) == 0)
            w.patient = PICK(PATIENTS);
        d->past[d->count++ % 8] = w;
    }
    if (strcmp(w.code, "spo2-low") == 0)
        w.value = PICK(VALUES);
    send_alarm(d->play, &w);
}

static inline void one_answer(struct play *p, struct prng *r)
{
    char who[64];
    static const enum answer_kind KINDS[] = { ANSWER_ACCEPT,        ANSWER_ACCEPT,  ANSWER_DECLINE,
                                              ANSWER_READ,          ANSWER_CONFIRM, ANSWER_DONE,
                                              ANSWER_UNDECRYPTABLE, ANSWER_DISMISS };

    if (p->lab->heard_count == 0)
        return;
    /* One of those who were told last. */
    size_t back = prng_below(r, p->lab->heard_count < 6 ? p->lab->heard_count : 6);
    snprintf(who, sizeof who, "%.*s", SLICE_ARG(p->lab->heard[p->lab->heard_count - 1 - back].holder));
    lab_answer(p->lab, who, PICK(KINDS), "with-patient");
}

static inline void one_thing(struct day *d)
{
    struct play *p = d->play;
    struct prng *r = d->random;

    switch (prng_below(r, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        one_alarm(d);
        break;
    case 5:
    case 6:
    case 7:
    case 8:
        one_answer(p, r);
        break;
    case 9:
        lab_silent(p->lab, PICK(PEOPLE), prng_below(r, 2) == 0);
        break;
    case 10:
        lab_report(p->lab, PICK(PEOPLE), (int)prng_below(r, 3));
        break;
    case 11:
        play_away(p, slice_of(PICK(NURSES)), prng_below(r, 2) == 0);
        break;
    case 12:
        send_adt(p, PICK(TRIGGERS), PICK(PATIENTS), PICK(UNITS), PICK(BEDS), PICK(GONE));
        break;
    case 13:
        play_assign(p, prng_below(r, 2) == 0 ? SLICE("dora primary-nurse 5W") : SLICE("ben primary-nurse 6E"),
                    prng_below(r, 3) == 0);
        break;
    case 14:
        lab_restart(p->lab, (int64_t)prng_below(r, 100) * TIME_S, prng_below(r, 2) == 0);
        break;
    default:
        lab_until(p->lab, p->lab->now_us + (int64_t)prng_below(r, 600) * TIME_S);
    }
}

#endif
