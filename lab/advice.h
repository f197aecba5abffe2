/* lab/advice.h - what a hold would have saved, and what it would have delayed, by the record alone.
 *
 * For each code: the alerts that the source ended by itself before anybody accepted, by how long they lasted,
 * and those that somebody accepted. A hold of so many seconds would have told nobody of the former when they
 * ended within it, and would have delayed the latter. No model of people is in it. Lethal-class codes are
 * listed and never advised (CLINICAL: red alarms are never held). Pure. */
#ifndef NIGHTBELL_LAB_ADVICE_H
#define NIGHTBELL_LAB_ADVICE_H

#include "base/time.h"
#include "events/event.h"
#include "lab/recorded.h"

#define ADVICE_HOLDS(X) X(5) X(10) X(15) X(20)
enum { ADVICE_HOLD_COUNT = 4 };
extern const int64_t advice_holds_us[ADVICE_HOLD_COUNT];

struct advice_row {
    struct slice code;
    enum event_class class;
    uint64_t alerts;                         /* opened, copies left out */
    uint64_t ended;                          /* by the source, nobody had accepted: the noise */
    uint64_t accepted;                       /* by anybody, once at least */
    uint64_t sends;                          /* to the ended ones */
    int64_t median_us;                       /* how long the ended ones lasted; TIME_NONE: there are none */
    uint64_t saved[ADVICE_HOLD_COUNT];       /* ended ones that lasted no longer than the hold */
    uint64_t saved_sends[ADVICE_HOLD_COUNT]; /* what they sent */
    uint64_t delayed[ADVICE_HOLD_COUNT];     /* accepted ones that would have begun later */
    int64_t held_us;                         /* longest hold that they had already, 0: none */
    bool never;                              /* lethal class: no hold */
};

struct advice;

struct advice *advice_new(void);
void advice_free(struct advice **a);
/* One append, in order. False: unreadable. */
bool advice_append(struct advice *a, uint64_t first, uint32_t count, struct slice records, struct error *err);
/* By sends to ended ones, most first; alerts that are still open are left out. Lists are of `arena`. */
struct advice_row *advice_rows(const struct advice *a, struct arena *arena, size_t *count);

#endif
