/* router/counters_list.h - what the core counts, in the order in which it is shown. Never reset. */
#ifndef NIGHTBELL_ROUTER_COUNTERS_LIST_H
#define NIGHTBELL_ROUTER_COUNTERS_LIST_H

/* Fates: exactly one for each message, the weightiest of its events (RELIABILITY L1). Heaviest first. */
#define FATES(X)                                                                                             \
    X(QUARANTINED, "quarantined")                                                                            \
    X(OWNED, "owned")                                                                                        \
    X(DEFAULT, "default")                                                                                    \
    X(UPDATE, "update")                                                                                      \
    X(IGNORED, "ignored")                                                                                    \
    X(CONTEXT, "context")                                                                                    \
    X(DUPLICATE, "duplicate")

#define COUNTERS(X)                                                                                          \
    X(MESSAGES, "messages") /* = the sum of the fates */                                                     \
    X(OPENED, "alerts-opened")                                                                               \
    X(CLOSED, "alerts-closed")                                                                               \
    X(COPIES, "copies")                                                                                      \
    X(EXHAUSTED, "alerts-exhausted")                                                                         \
    X(STEPS, "steps-fired")                                                                                  \
    X(NOBODY, "steps-nobody")                                                                                \
    X(ADVANCED, "steps-early")                                                                               \
    X(SENDS, "sends")                                                                                        \
    X(NOTICES, "notices")                                                                                    \
    X(RECEIPTS, "receipts")                                                                                  \
    X(ACCEPTS, "accepts")                                                                                    \
    X(DECLINES, "declines")                                                                                  \
    X(LATE, "answers-late")                                                                                  \
    X(UNDECRYPTABLE, "undecryptable")                                                                        \
    X(FAILED, "deliveries-failed")                                                                           \
    X(DEAD, "dead-letters")                                                                                  \
    X(FINDINGS, "findings")                                                                                  \
    X(MISMATCH, "identity-mismatches")                                                                       \
    X(CONTROL_REUSED, "control-id-reused")                                                                   \
    X(WINDOW_SHORT, "duplicate-window-shortened")                                                            \
    X(WRONG_CODES, "enrolment-codes-wrong")                                                                  \
    X(REPORTS, "reports")                                                                                    \
    X(REPORTS_TAKEN, "reports-taken")                                                                        \
    X(REPORTS_REFUSED, "reports-refused")                                                                    \
    X(REPORTS_DROPPED, "reports-dropped")                                                                    \
    X(ADOPTED, "alerts-adopted")                                                                             \
    X(REOPENED, "alerts-reopened")                                                                           \
    X(JOINED, "alerts-joined")                                                                               \
    X(SUPPRESSED, "alerts-suppressed")                                                                       \
    X(LIMITED, "tellings-limited")                                                                           \
    X(DRILLS, "drills") /* opened; nothing else of a drill is counted */

#define X(id, name) FATE_##id,
enum fate { FATES(X) FATE_COUNT };
#undef X
#define X(id, name) COUNTER_##id,
enum counter_id { COUNTERS(X) COUNTER_COUNT };
#undef X

const char *fate_name(enum fate f);

#endif
