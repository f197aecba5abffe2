/* rules/plan.h - what an owner rule makes of an event: steps on one clock, frozen when the alert opens.
 *
 * A plan is self-contained data: it is written into the journal with the alert, and an open alert
 * keeps it when the site changes. Only people are looked up later, when a step fires (roster/resolve).
 * All durations are microseconds of lane time from time 0 (the end of `hold`). */
#ifndef NIGHTBELL_RULES_PLAN_H
#define NIGHTBELL_RULES_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "events/event.h"
#include "roster/shift.h"
#include "roster/target.h"

enum notify_level { LEVEL_NORMAL, LEVEL_URGENT, LEVEL_SILENT };
enum step_state { STEP_ALWAYS /* a notify at time 0 */, STEP_NOT_ACCEPTED, STEP_NOT_DELIVERED, STEP_OPEN };
enum reply_bit {
    REPLY_ACCEPT = 1,
    REPLY_DECLINE = 2,
    REPLY_READBACK = 4,
    REPLY_CALLBACK = 8,
    REPLY_CONFIRM = 16,
    REPLY_DISMISS = 32,
    REPLY_DONE = 64
};
enum stop_bit { STOP_ACCEPTED = 1, STOP_ENDED = 2, STOP_ATTENDED = 4, STOP_DONE = 8 };

struct plan_message {
    struct slice lock, full; /* rendered for this event: lock has no phi and at most 40 characters */
    unsigned replies;        /* enum reply_bit */
    struct slice lock_template, full_template; /* to render again when an update changes the values */
};

struct plan_step {
    int64_t at_us; /* from time 0 */
    enum step_state state;
    const struct target *targets;
    size_t target_count;
    enum notify_level level;
    bool fyi;         /* asks no answer */
    uint16_t message; /* index into plan.messages */
    uint16_t line;    /* source line of the step, for explain */
    bool appended;    /* the unit's fallback desk, added by the compiler */
};

struct plan_need { /* `need 3 accepts`, `need 1 from oncall x` */
    uint32_t count;
    bool any; /* accepts by anybody */
    struct who from;
};

/* `by patient, code`, `same patient`: names of fields, so that a plan outlives its program. */
struct plan_same {
    const struct slice *fields;
    size_t count;
};

/* The clauses that hold back, join or end an alert (LANGUAGE 7). A time of 0: the rule has no such clause. */
struct plan_clauses {
    int64_t dedupe_us, bundle_us, limit_us, suppress_us, expire_us;
    struct plan_same dedupe, bundle, suppress;
    uint32_t limit;                  /* so many to one person in limit_us */
    const struct slice *while_rules; /* suppressed while an alert of one of these rules is open, */
    size_t while_rule_count;         /* */
    const struct slice *while_codes; /* or of one of these codes */
    size_t while_code_count;
    bool delivers;
    struct shift deliver; /* `deliver during`: the shift as it was declared */
};

struct plan {
    struct slice rule, title, file; /* rule name ("default" for defaults) */
    uint32_t line;
    int64_t hold_us;               /* 0 = none */
    const struct plan_step *steps; /* rising times; the ones at 0 first */
    size_t step_count;
    const struct plan_message *messages;
    size_t message_count;
    int64_t repeat_every_us; /* 0 = no repeat */
    uint32_t repeat_max;
    bool repeat_all;
    const struct plan_need *needs; /* none = one accept by anybody */
    size_t need_count;
    unsigned stop;    /* enum stop_bit; withdrawn always ends */
    int64_t lease_us; /* 0 = none */
    struct plan_clauses clauses;
};

void plan_write(struct buf *out, const struct plan *p); /* version byte inside */
/* Slices borrow the reader's bytes. A plan of version 1 has no clauses. False: damaged, or a newer version.
 */
/* The same plan in one piece of the arena: of ten thousand rules an event touches one, and each page of
 * memory that its parts are strewn over costs as much as finding it. */
const struct plan *plan_packed(const struct plan *p, struct arena *a);
bool plan_read(struct reader *in, struct arena *a, struct plan *out);

/* Appends what the event has in these fields, so that equal bytes are equal values; a bed and a room count
 * with their unit. False when a field is absent (an absent field equals nothing), or there are no fields. */
bool plan_same_key(const struct plan_same *s, const struct event *e, struct buf *out);

/* plan_clauses.c, for plan_record.c */
void plan_clauses_write(struct buf *out, const struct plan_clauses *c);
bool plan_clauses_read(struct reader *in, struct arena *a, struct plan_clauses *out);

#endif
