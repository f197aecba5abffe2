/* events/reading.h - one message read into canonical events and census changes.
 *
 * Pure: the same message and source give the same reading. Everything lives in the arena, the
 * message and the source's tables. */
#ifndef NIGHTBELL_EVENTS_READING_H
#define NIGHTBELL_EVENTS_READING_H

#include "base/arena.h"
#include "base/error.h"
#include "base/tz.h"
#include "events/catalogue.h"
#include "events/codemap.h"
#include "events/event.h"
#include "events/places.h"

struct hl7_message;
struct fhir_tree;

/* What ADT says about where patients are (STANDARDS section 3.7). */
enum change_kind {
    CHANGE_ADMIT,            /* A01 A04, Encounter in-progress with a bed */
    CHANGE_MOVE,             /* A02, A12 (back to `place`) */
    CHANGE_DISCHARGE,        /* A03, Encounter finished */
    CHANGE_UPDATE,           /* A08: demographics, class, service, flags; place only when it has one */
    CHANGE_CANCEL_ADMIT,     /* A11 */
    CHANGE_CANCEL_MOVE,      /* A12 */
    CHANGE_CANCEL_DISCHARGE, /* A13 */
    CHANGE_SWAP,             /* A17: patient and other change places */
    CHANGE_MERGE,            /* A40: other (MRG-1) is gone, patient (PID) stays */
    CHANGE_FLAG,             /* FHIR Flag active: patient.flags[0] */
    CHANGE_UNFLAG            /* FHIR Flag inactive or entered-in-error */
};

struct change {
    enum change_kind kind;
    struct patient patient, other;
    struct place place, other_place, prior;
    int64_t occurred_us; /* EVN-6, else EVN-2, else MSH-7; TIME_NONE when none */
};

/* Something a person should see in a list: counted, never a reason to lose the message. `what` is a
 * stable word: "unmapped-code", "unmapped-place", "code-mismatch", "two-alerts", "no-facet", ... */
struct finding {
    const char *what;
    char where[48];   /* "OBX[1]-3" */
    struct slice key; /* the code or place spelling (never a patient's data) */
};

/* How to read one listener's messages; filled by rules/site, owned by the site. */
struct event_source {
    struct slice listener; /* its name */
    const struct catalogue *catalogue;
    const struct codemap *map; /* NULL: the built-in pcd04 reading alone */
    const struct place_map *places;
    struct slice patient_authority, patient_type; /* which PID-3 repetition: CX.4.1, CX.5; may be empty */
    const struct tz *zone;                        /* for times without one */
    bool sends_starts_only;                       /* `sends starts`: no end will come */
    bool allow_test, allow_debug;                 /* `processing P, T, D` */
};

struct reading {
    struct event *events;
    size_t event_count;
    struct change *changes;
    size_t change_count;
    struct finding *findings;
    size_t finding_count;
    bool context_only; /* understood, changes context or nothing, holds no event (ADT, heartbeat) */
    bool heartbeat;    /* IHE keep-alive (watchdog): only shows that the source lives */
    bool planned_stop; /* a heartbeat whose state is inactive: a planned shutdown */
};

/* Readable but not mappable (an unsupported message type, a PCD-04 without an event facet ...): false
 * with a located error; the listener's on-bad then decides. What can be read is read. */
bool reading_from_hl7(struct arena *a, const struct hl7_message *m, const struct event_source *src,
                      struct reading *out, struct error *err);
bool reading_from_fhir(struct arena *a, const struct fhir_tree *t, const struct event_source *src,
                       struct reading *out, struct error *err);

#endif
