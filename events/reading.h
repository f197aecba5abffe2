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

/* What a staff directory feed says (MFN^M02, PMU^B01 to B06): one row of the directory, whole. */
enum staff_kind {
    STAFF_PUT,        /* MAD MUP, B01 B02: becomes this; active as it says */
    STAFF_ACTIVATE,   /* MAC, B04 */
    STAFF_DEACTIVATE, /* MDC, B05: not rung any more */
    STAFF_REMOVE      /* MDL, B03 B06 */
};

struct staff_change {
    enum staff_kind kind;
    struct slice key;    /* STF-1, MFE-4: "authority|id" or the id alone */
    struct slice ids[8]; /* STF-2 */
    size_t id_count;
    struct slice family, given;
    struct slice department;          /* STF-8 */
    struct slice title;               /* STF-18 */
    struct slice phone, pager, mail;  /* STF-10 by use and equipment, STF-15 */
    struct slice backup;              /* STF-14: key of the person who stands in */
    struct slice category, specialty; /* PRA-3, PRA-5 */
    bool active;                      /* STF-7: A, or empty */
    int64_t occurred_us;
};

/* Who cares for a patient, from ROL (v2.3) and PRT (v2.7), as a journaled assignment. */
struct care_change {
    bool end;                                       /* ROL-2 DE, PRT-2 DE, or its end time has passed */
    struct person_ref person;                       /* ROL-4, PRT-5 */
    struct slice role_code, role_text, role_system; /* ROL-3, PRT-4 */
    struct slice patient;                           /* key of the census; empty: by place */
    struct place place;
    int64_t from_us, until_us; /* ROL-5, 6; TIME_NONE: open */
};

/* A place as a feed describes it: MFN^M05 (LOC, LDP), ADT^A20 (NPU). */
struct location_change {
    struct place place;
    bool remove, active; /* LDP-6 */
    struct slice status; /* table 0116 word: "closed", "housekeeping", "occupied" ...; may be empty */
    struct slice title;
    int64_t occurred_us;
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
    struct slice charset, charset_fallback; /* `charset "8859/1" fallback "8859/2"`; empty: as MSH-18 says */
};

struct reading {
    struct event *events;
    size_t event_count;
    struct change *changes;
    size_t change_count;
    struct finding *findings;
    size_t finding_count;
    struct staff_change *staff;
    size_t staff_count;
    struct care_change *care;
    size_t care_count;
    struct location_change *locations;
    size_t location_count;
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
