/* events/event.h - the canonical event: the one vocabulary that rules see (docs/rules/events.md).
 *
 * An event is plain data made by events/from_hl7 or events/from_fhir from one message. Slices point
 * into the message, into the arena it was read with, or into the site's tables; all three must outlive
 * the event. event_copy makes one that depends on an arena only. An absent text is the empty slice. */
#ifndef NIGHTBELL_EVENTS_EVENT_H
#define NIGHTBELL_EVENTS_EVENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/time.h"

/* Kinds of event, as rules name them. */
#define EVENT_KINDS(X)                                                                                       \
    X(ALARM, "alarm")                                                                                        \
    X(CALL, "call")                                                                                          \
    X(RESULT, "result")                                                                                      \
    X(APPOINTMENT, "appointment")                                                                            \
    X(TRANSPORT, "transport")                                                                                \
    X(TRANSFER, "transfer")                                                                                  \
    X(ORDER, "order")

/* Phases. The first four and attended, ends, withdrawn belong to alarms and calls (IHE PCD TF-2 B.8.5
 * folded as LANGUAGE section 3 says); inbound and arrived to transport; preliminary, final, corrected
 * to results; the rest are SIU S12-S26 by name. A transfer event uses starts and withdrawn, an order updates
 * too. */
#define EVENT_PHASES(X)                                                                                      \
    X(STARTS, "starts")                                                                                      \
    X(UPDATES, "updates")                                                                                    \
    X(WORSENS, "worsens")                                                                                    \
    X(EASES, "eases")                                                                                        \
    X(ATTENDED, "attended")                                                                                  \
    X(ENDS, "ends")                                                                                          \
    X(WITHDRAWN, "withdrawn")                                                                                \
    X(INBOUND, "inbound")                                                                                    \
    X(ARRIVED, "arrived")                                                                                    \
    X(PRELIMINARY, "preliminary")                                                                            \
    X(FINAL, "final")                                                                                        \
    X(CORRECTED, "corrected")                                                                                \
    X(BOOKED, "booked")                         /* S12 */                                                    \
    X(RESCHEDULED, "rescheduled")               /* S13 */                                                    \
    X(CHANGED, "changed")                       /* S14 */                                                    \
    X(CANCELLED, "cancelled")                   /* S15 */                                                    \
    X(DISCONTINUED, "discontinued")             /* S16 */                                                    \
    X(DELETED, "deleted")                       /* S17 */                                                    \
    X(RESOURCE_ADDED, "resource-added")         /* S18 */                                                    \
    X(RESOURCE_CHANGED, "resource-changed")     /* S19 */                                                    \
    X(RESOURCE_CANCELLED, "resource-cancelled") /* S20 */                                                    \
    X(RESOURCE_STOPPED, "resource-stopped")     /* S21 */                                                    \
    X(RESOURCE_DELETED, "resource-deleted")     /* S22 */                                                    \
    X(BLOCKED, "blocked")                       /* S23 */                                                    \
    X(UNBLOCKED, "unblocked")                   /* S24 */                                                    \
    X(NO_SHOW, "no-show")                       /* S26 */

/* Most urgent first. */
#define EVENT_CLASSES(X)                                                                                     \
    X(LETHAL, "lethal")                                                                                      \
    X(HIGH, "high")                                                                                          \
    X(MEDIUM, "medium")                                                                                      \
    X(CALL, "call")                                                                                          \
    X(LOW, "low")                                                                                            \
    X(TECHNICAL, "technical")                                                                                \
    X(INFO, "info")

#define EVENT_PRIORITIES(X)                                                                                  \
    X(NONE, "")                                                                                              \
    X(HIGH, "high")                                                                                          \
    X(MEDIUM, "medium")                                                                                      \
    X(LOW, "low")                                                                                            \
    X(INFO, "info")                                                                                          \
    X(STAT, "stat")                                                                                          \
    X(ROUTINE, "routine")

/* HL7 table 0078 and FHIR ObservationInterpretation, as rules name them. */
#define EVENT_ABNORMALS(X)                                                                                   \
    X(NONE, "none")                                                                                          \
    X(NORMAL, "normal")                                                                                      \
    X(LOW, "low")                                                                                            \
    X(HIGH, "high")                                                                                          \
    X(CRITICAL_LOW, "critical-low")                                                                          \
    X(CRITICAL_HIGH, "critical-high")                                                                        \
    X(ABNORMAL, "abnormal")                                                                                  \
    X(CRITICAL, "critical") /* AA */                                                                         \
    X(OFF_LOW, "off-scale-low")                                                                              \
    X(OFF_HIGH, "off-scale-high")

#define X(id, name) EVENT_##id,
enum event_kind { EVENT_KINDS(X) EVENT_KIND_COUNT };
#undef X
#define X(id, name) PHASE_##id,
enum event_phase { EVENT_PHASES(X) PHASE_COUNT };
#undef X
#define X(id, name) CLASS_##id,
enum event_class { EVENT_CLASSES(X) CLASS_COUNT };
#undef X
#define X(id, name) PRIORITY_##id,
enum event_priority { EVENT_PRIORITIES(X) PRIORITY_COUNT };
#undef X
#define X(id, name) ABNORMAL_##id,
enum event_abnormal { EVENT_ABNORMALS(X) ABNORMAL_COUNT };
#undef X

const char *event_kind_name(enum event_kind k);
const char *event_phase_name(enum event_phase p);
const char *event_class_name(enum event_class c);
const char *event_priority_name(enum event_priority p);
const char *event_abnormal_name(enum event_abnormal a);
bool event_kind_find(struct slice name, enum event_kind *out);
bool event_phase_find(struct slice name, enum event_phase *out);
bool event_class_find(struct slice name, enum event_class *out);
/* Is this one of the phases that kind can have? */
bool event_phase_fits(enum event_kind k, enum event_phase p);
/* starts, updates, worsens, eases, inbound, arrived, preliminary, final, corrected, the SIU names:
 * true when an event of this phase needs an owner. (updates and worsens open only when first seen:
 * the router turns a first-seen one into starts.) */
bool event_phase_opens(enum event_phase p);

/* A measured number with its unit (UCUM). EXACT: low == high. An interval has at least one bound. */
enum quantity_state { QUANTITY_ABSENT, QUANTITY_EXACT, QUANTITY_INTERVAL };
struct quantity {
    enum quantity_state state;
    bool has_low, has_high, low_open, high_open; /* open: the bound itself is outside */
    struct decimal low, high;
    struct slice unit; /* UCUM code as the catalogue spells it, or the sender's text when unmapped */
};

struct place {
    struct slice unit, room, bed; /* the site's names, after places.csv; any may be empty */
};

struct person_ref {
    struct slice id, name;
};

struct patient {
    struct slice id; /* "authority|id": the key of the census; empty = no patient */
    struct slice family, given;
    struct slice birth;   /* as sent, yyyymmdd */
    struct slice class;   /* PV1-2: inpatient, outpatient, emergency, ... */
    struct slice service; /* PV1-10 */
    struct person_ref attending;
    struct slice flags[16]; /* "fall-risk", ...; only flag_count of them */
    size_t flag_count;
};

struct event {
    enum event_kind kind;
    enum event_phase phase;
    enum event_class class;
    enum event_priority priority;
    bool mapped;           /* false: no catalogue row; goes to default, listed as unmatched */
    bool test;             /* MSH-11 or a facet said T, D, TEST or DEMO: never pages unless declared */
    bool signal_lost;      /* an end that came with a technical failure of the same source */
    struct slice listener; /* the listener's name: field `source` */
    struct slice sender;   /* MSH-3 (and 4), or Device/Organization: part of the identity */
    struct slice code;     /* catalogue name, "vfib"; empty when unmapped */
    struct slice system, raw_code, raw_text; /* as sent, for unmatched lists; raw_text is phi */
    struct slice title;    /* what a person reads: the catalogue's title, else the sent text */
    struct slice identity; /* LANGUAGE section 3; equal identity = the same alert */
    struct slice state;    /* alarm state: off inactive active latched */
    int64_t time_us;       /* the source's own instant, UTC; TIME_NONE when it has none */
    struct quantity value, threshold;
    struct place place, prior;
    struct patient patient;
    bool identity_mismatch; /* the PID is not the bed's occupant: set by the router */
    struct slice device_id, device_type, device_state, inactivation;
    enum event_abnormal abnormal;
    struct slice result_status; /* preliminary, final, corrected, ... */
    struct person_ref ordering_provider, actor;
    struct slice category, transport_id; /* transport */
    struct slice clinic;                 /* appointment */
    int64_t start_us, was_us;            /* appointment; TIME_NONE when absent */
    uint32_t part; /* n of the OBX[n] that made it (1-based among the OBX), or of the Bundle entry; 0 = all */
};

/* A marked try of a rule, made by ourselves: no sender's event has our listener and this sender, and this
 * identity: "nightbell|drill|RULE|UNIT|BED|...". */
#define EVENT_OWN_LISTENER "nightbell"
#define EVENT_DRILL        "drill"
bool event_is_drill(const struct event *e);
struct event event_empty(enum event_kind kind, enum event_phase phase);
struct event *event_copy(struct arena *a, const struct event *e); /* deep: depends on `a` alone */
/* Records and snapshots. Version byte inside. event_read: slices point into the reader's bytes. */
void event_write(struct buf *out, const struct event *e);
bool event_read(struct reader *in, struct event *out);
/* One JSON object on one line, for `nightbell event` and explain. Holds patient data. */
void event_json(struct buf *out, const struct event *e);

#endif
