/* router/alert.h - one alert: its steps, the people told, and every send; owned by the core's state.
 *
 *   held -> notifying -> accepted (lease) -> closed          (CLINICAL 3.4, LANGUAGE 7)
 *     |      ^  ^___________________|  lease over, given back   |
 *     |      |__ exhausted: still notifying, but nothing more will ring by itself
 *     |      |_______________________ dedupe: opened again _____|
 *     '-> joined -> closed: it is part of another alert (dedupe, bundle), which rings for it too
 *
 * The lines of a plan that fire at one time are one *level*: they fire together, and "a step ends early"
 * is judged for the level. Levels fire in order. Absolute due times: base_us + the level's time. */
#ifndef NIGHTBELL_ROUTER_ALERT_H
#define NIGHTBELL_ROUTER_ALERT_H

#include "router/answer.h"
#include "router/layout.h"
#include "router/sameness.h"
#include "rules/plan.h"

#define ALERT_STATES(X)                                                                                      \
    X(HELD, "held")                                                                                          \
    X(NOTIFYING, "notifying")                                                                                \
    X(ACCEPTED, "accepted")                                                                                  \
    X(CLOSED, "closed")                                                                                      \
    X(JOINED, "joined") /* part of another alert, which rings for both */

/* What an alert in the state "held" waits for, in the order in which they come before time 0. */
#define ALERT_WAITS(X)                                                                                       \
    X(HOLD, "held")             /* `hold` */                                                                 \
    X(SUPPRESSED, "suppressed") /* `suppress while`: the other one is open */                                \
    X(BUNDLE, "bundling")       /* `bundle`: others may still join */                                        \
    X(SHIFT, "waiting")         /* `deliver during`: the shift is closed */

#define CLOSE_REASONS(X)                                                                                     \
    X(RESOLVED, "resolved")             /* accepted, and the source ended it or has no end */                \
    X(SELF_RESOLVED, "self-resolved")   /* ended while held: nobody was told */                              \
    X(SOURCE_CLEARED, "source-cleared") /* ended by the source before anybody accepted */                    \
    X(ATTENDED, "attended")                                                                                  \
    X(WITHDRAWN, "withdrawn")                                                                                \
    X(DONE, "done")                                                                                          \
    X(DISMISSED, "dismissed")                                                                                \
    X(INFORMED, "informed")     /* told, and nothing is awaited: a copy, a plan that only informs */         \
    X(SUPPRESSED, "suppressed") /* ended while another alert held it back: nobody was told */                \
    X(EXPIRED, "expired")       /* `expire`: its source never says that it is over */

/* Why a level fired, a step ended early, an accept lapsed. */
#define STEP_WHYS(X)                                                                                         \
    X(DUE, "its time came")                                                                                  \
    X(NOBODY, "the step before found nobody")                                                                \
    X(DECLINED, "everybody told declined or could not be reached")                                           \
    X(NO_RECEIPT, "no phone gave a receipt in time")                                                         \
    X(CONFIRMED, "a monitor watcher confirmed it")                                                           \
    X(RESUMED, "the accept no longer holds")                                                                 \
    X(REPEAT, "repeated")                                                                                    \
    X(HANDOFF, "the assignment changed")                                                                     \
    X(FALLBACK, "nobody was left: every desk")                                                               \
    X(LEASE, "the lease of the accept is over")                                                              \
    X(RELAY, "a relay desk has it, no clinician yet")                                                        \
    X(GIVEN_BACK, "the acceptor gave it back")                                                               \
    X(AWAY, "the acceptor is away")                                                                          \
    X(REOPENED, "the same again, soon after it was closed")

#define DELIVERY_STATES(X)                                                                                   \
    X(QUEUED, "queued")                                                                                      \
    X(PUSHED, "pushed")                                                                                      \
    X(TIMED_OUT, "timed-out")                                                                                \
    X(FAILED, "failed")                                                                                      \
    X(DEAD, "dead")                                                                                          \
    X(UNDECRYPTABLE, "undecryptable")                                                                        \
    X(RECEIVED, "received")                                                                                  \
    X(DISPLAYED, "displayed")                                                                                \
    X(READ, "read")                                                                                          \
    X(DECLINED, "declined")                                                                                  \
    X(ACCEPTED, "accepted")

#define X(id, name) ALERT_##id,
enum alert_state { ALERT_STATES(X) ALERT_STATE_COUNT };
#undef X
#define X(id, name) CLOSED_##id,
enum close_reason { CLOSE_REASONS(X) CLOSE_REASON_COUNT };
#undef X
#define X(id, name) WHY_##id,
enum step_why { STEP_WHYS(X) STEP_WHY_COUNT };
#undef X
#define X(id, name) SEND_##id,
enum send_state { DELIVERY_STATES(X) SEND_STATE_COUNT };
#undef X

#define X(id, name) WAIT_##id,
enum alert_wait { ALERT_WAITS(X) ALERT_WAIT_COUNT };
#undef X
enum join_why { JOIN_DEDUPE, JOIN_BUNDLE };
enum own_over { OWN_GOES_ON, OWN_ENDED, OWN_WITHDRAWN };

const char *alert_state_name(enum alert_state s);
const char *alert_wait_name(enum alert_wait w);
const char *close_reason_name(enum close_reason r);
const char *step_why_text(enum step_why w);
const char *send_state_name(enum send_state s);

/* clang-format off */
#define ALERT_MEMBERS_V2(M, S) M(S, U64, id) M(S, U64, number) M(S, U64, first_position) M(S, U64, last_position) \
    M(S, U32, ordinal) M(S, U64, copy_of) M(S, U32, copies) M(S, BLOB, event) M(S, BLOB, plan)               \
    M(S, TEXT, identity) M(S, TEXT, rule) M(S, TEXT, why) M(S, TEXT, unit) M(S, TEXT, bed) M(S, TEXT, patient) \
    M(S, U8, kind) M(S, U8, class) M(S, U8, state) M(S, U8, reason)                                          \
    M(S, I64, opened_us) M(S, I64, updated_us) M(S, I64, hold_until_us) M(S, I64, base_us) M(S, I64, accepted_us)                  \
    M(S, I64, lease_until_us) M(S, U8, lease_stage) M(S, I64, closed_us) M(S, I64, exhaust_us)               \
    M(S, I64, last_fire_us) M(S, I64, repeat_us) M(S, U32, repeats) M(S, U32, round) M(S, U32, seq)          \
    M(S, BOOL, active) M(S, BOOL, source_ends) M(S, BOOL, was_attended) M(S, BOOL, cleared_unseen)           \
    M(S, BOOL, exhausted) M(S, TEXT, taken_by)                                                               \
    M(S, U8, stop) M(S, I64, lease_us) M(S, I64, repeat_every_us) M(S, U32, repeat_max) M(S, BOOL, repeat_all) \
    M(S, U8, open_phase) M(S, TEXT, open_state) M(S, I64, open_time)                                         \
    M(S, U8, last_phase) M(S, TEXT, last_state) M(S, I64, last_time)
/* New members stand at the end; alert_read says what they are in an older snapshot. */
#define ALERT_MEMBERS(M, S) ALERT_MEMBERS_V2(M, S)                                                           \
    /* version 3; `site`: the version that is asked about its rule; `adopted_us`: when it went over to that */ \
    M(S, U8, wait) M(S, HASH32, site) M(S, I64, adopted_us)                                       \
    M(S, TEXT, code) M(S, U64, held_by) M(S, I64, expire_us)                                  \
    M(S, U64, joined_to) M(S, U8, join_why) M(S, U32, joined) M(S, U8, own_over) M(S, BOOL, part_seen)       \
    M(S, U64, dedupe_hash) M(S, U64, bundle_hash)
/* wait, held_by: in the state "held", what for and on account of which alert. joined_to, join_why: in the state
 * "joined". joined: so many others are part of this one now; own_over: its own source has ended it, the others go
 * on; part_seen: a part was ended, not withdrawn. The hashes are of what dedupe and bundle compare, 0: nothing. */
/* The first three come from the plan, so that timers need not unpack it. */
#define FIRED_STEP_MEMBERS(M, S) M(S, I64, at_us) M(S, U8, condition) M(S, BOOL, fyi) M(S, BOOL, fired) M(S, BOOL, skipped) M(S, BOOL, advanced)                  \
    M(S, I64, fired_us) M(S, I64, receipt_us)
#define RECIPIENT_MEMBERS(M, S) M(S, TEXT, holder) M(S, BOOL, desk) M(S, BOOL, fyi) M(S, BOOL, past)         \
    M(S, U32, step) M(S, BOOL, declined) M(S, BOOL, accepted) M(S, U32, credits) M(S, I64, relay_us)
#define DELIVERY_MEMBERS_V2(M, S) M(S, U64, id) M(S, U64, device) M(S, TEXT, holder) M(S, TEXT, endpoint) \
    M(S, TEXT, address) M(S, U32, step) M(S, U32, round) M(S, U32, seq) M(S, BOOL, fyi) M(S, BOOL, past)     \
    M(S, TEXT, notice) M(S, TEXT, notice_by) M(S, U8, state) M(S, I64, sent_us) M(S, TEXT, detail)
/* version 3, of a summary: its own texts, and the alerts that it speaks of (as in the record SUMMARY) */
#define DELIVERY_STATE_MEMBERS(M, S) DELIVERY_MEMBERS_V2(M, S) M(S, TEXT, lock) M(S, TEXT, full) M(S, BLOB, also)
#define REPLY_MEMBERS(M, S) M(S, KEY16, nonce) M(S, U8, kind) M(S, U8, result)
/* clang-format on */

struct fired_step {
    FIRED_STEP_MEMBERS(MEMBER_DECLARE, _)
};
struct recipient {
    RECIPIENT_MEMBERS(MEMBER_DECLARE, _)
};
struct reply {
    REPLY_MEMBERS(MEMBER_DECLARE, _)
};

struct delivery {
    DELIVERY_STATE_MEMBERS(MEMBER_DECLARE, _)
    struct reply *replies; /* answers counted so far, so that a repeated one is answered as before */
    size_t reply_count, reply_room;
    struct alert *alert;
};

struct alert {
    ALERT_MEMBERS(MEMBER_DECLARE, _)
    struct fired_step *steps; /* one for each step of the plan */
    size_t step_count;
    struct recipient *recipients; /* in the order in which they were told */
    size_t recipient_count, recipient_room;
    struct delivery **deliveries; /* in the order in which they left */
    size_t delivery_count, delivery_room;
    /* derived, in no snapshot: */
    const struct plan *plan_view;
    const struct event *event_view;
    uint64_t view_of; /* which scratch arena the views live in */
    struct alert *next_open, *prev_open;
    uint64_t placed; /* grows along the list of open and that of closed ones */
    struct same_link same[SAME_KINDS];
    int64_t due_us;
    size_t heap_at; /* 1-based; 0 = not in the heap */
};

extern const struct layout alert_layout, fired_step_layout, recipient_layout, delivery_layout, reply_layout;

struct alert *alert_new(void);
void alert_free(struct alert *a);
void alert_write(const struct alert *a, struct buf *out);
/* Into an empty alert; false when damaged. Texts are owned. `version`: of the snapshot. */
bool alert_read(struct alert *a, struct reader *in, uint8_t version);

struct recipient *alert_recipient(const struct alert *a, struct slice holder); /* NULL when not told */
bool delivery_heard(const struct delivery *d); /* received, or anything later */
/* Takes ownership of nothing: copies the texts. */
struct delivery *alert_delivery_add(struct alert *a, const struct delivery *d);
struct recipient *alert_recipient_add(struct alert *a, const struct recipient *r);

#endif
