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
#include "events/roles.h"

struct hl7_message;
struct fhir_tree;

/* What ADT says about where patients are (STANDARDS section 3.7, docs/rules/events.md). */
enum change_kind {
    CHANGE_ADMIT,            /* A01 A04, Encounter in-progress with a bed */
    CHANGE_MOVE,             /* A02 */
    CHANGE_DISCHARGE,        /* A03, Encounter finished */
    CHANGE_UPDATE,           /* A08: demographics, class, service, flags; place only when it has one */
    CHANGE_CANCEL_ADMIT,     /* A11 A23: the stay never was */
    CHANGE_CANCEL_MOVE,      /* A12 (back to `place`) */
    CHANGE_CANCEL_DISCHARGE, /* A13 */
    CHANGE_SWAP,             /* A17: patient and other change places */
    CHANGE_MERGE,            /* A40: other (MRG-1) is gone, patient (PID) stays */
    CHANGE_FLAG,             /* FHIR Flag active: patient.flags[0] */
    CHANGE_UNFLAG,           /* FHIR Flag inactive or entered-in-error */
    CHANGE_PLACE,            /* A06 A07: a change of class that may come with a place */
    CHANGE_DETAILS,          /* A28 A31 A54 A60 A61 A62: who he is and who treats him; never where he is */
    CHANGE_CANCEL_ATTENDING, /* A55: `patient.attending` again, else the one before */
    CHANGE_DEPART,           /* A09: to `temporary`; the bed is kept */
    CHANGE_ARRIVE,           /* A10: at `temporary`, or at `place` when there is none */
    CHANGE_CANCEL_DEPART,    /* A33 */
    CHANGE_CANCEL_ARRIVE,    /* A32 */
    CHANGE_LEAVE,            /* A21: away for a while; the bed is kept */
    CHANGE_RETURN,           /* A22 */
    CHANGE_CANCEL_LEAVE,     /* A52 */
    CHANGE_CANCEL_RETURN,    /* A53 */
    CHANGE_PREADMIT,         /* A05: expected at `place` */
    CHANGE_PENDING_ADMIT,    /* A14 */
    CHANGE_PENDING_MOVE,     /* A15: expected at `pending` */
    CHANGE_PENDING_DISCHARGE,
    CHANGE_CANCEL_PREADMIT,        /* A38 */
    CHANGE_CANCEL_PENDING_ADMIT,   /* A27 */
    CHANGE_CANCEL_PENDING_MOVE,    /* A26 */
    CHANGE_CANCEL_PENDING_LEAVING, /* A25: of a pending discharge */
    CHANGE_DELETE_PERSON,          /* A29: nothing is known of him any more */
    CHANGE_MOVE_STAY, /* A43 A44 A45: the stay filed under other is the patient's; both live on */
    CHANGE_RENUMBER   /* A35 A41 A42 A49 A50: other_account, other_visit are account, visit now */
};

/* What ZBE-4 (IHE PAM) asks for: a movement by its id. */
enum movement_action { ZBE_INSERT, ZBE_UPDATE, ZBE_CANCEL };

/* What `""` took away (STANDARDS section 3.2): bits of change.cleared. */
enum { CLEARED_ATTENDING = 1, CLEARED_SERVICE = 2, CLEARED_CLASS = 4, CLEARED_TEMPORARY = 8 };

struct change {
    enum change_kind kind;
    struct patient patient, other;
    struct place place, other_place, prior;
    struct place temporary, pending; /* PV1-11; PV1-42 */
    struct slice visit, account;     /* PV1-19, PID-18; for people and A42 to A50, no key of anything */
    struct slice other_visit, other_account; /* MRG-5, MRG-3 */
    const struct slice *unflags;             /* words that this message says are no flags of the patient */
    size_t unflag_count;
    unsigned cleared;
    enum movement_action action;
    struct slice movements[4]; /* ZBE-1; only movement_count of them */
    size_t movement_count;
    int64_t occurred_us; /* EVN-6, else EVN-2, else MSH-7; TIME_NONE when none */
    int64_t recorded_us; /* EVN-2, else MSH-7: when an undo was entered; 0 or TIME_NONE when none */
};

/* What a staff directory feed says (MFN^M02, PMU^B01 to B06): one row of the directory. */
enum staff_kind {
    STAFF_PUT,        /* MAD MUP, B01 B02: the row becomes this; active as it says */
    STAFF_ACTIVATE,   /* MAC, B04: only the state changes */
    STAFF_DEACTIVATE, /* MDC, B05: not rung any more */
    STAFF_REMOVE      /* MDL, B03 B06 */
};

struct staff_change {
    enum staff_kind kind;
    struct slice key;    /* MFE-4, else STF-1, else the first of STF-2: the id alone */
    struct slice ids[8]; /* STF-2, and STF-1 where it is not the key; never a social security number */
    size_t id_count;
    struct slice family, given;
    struct slice department;          /* STF-8 */
    struct slice title;               /* STF-18 */
    struct slice phone, pager, mail;  /* STF-10 by use and equipment, STF-15; never a private one */
    struct slice backup;              /* STF-14: key of the person who stands in */
    struct slice contact;             /* STF-16: how they are reached best, table 0185 */
    struct slice category, specialty; /* PRA-3, PRA-5 */
    bool active;                      /* STF-7: A, or empty */
    int64_t effective_us;             /* MFE-3, STF-13: from when; TIME_NONE: now */
    int64_t occurred_us;              /* EVN-6, EVN-2; MFI-4, MSH-7: orders the changes of a row */
    const char *where;                /* "MFE[2]" */
};

/* Who cares for a patient, from ROL (v2.3) and PRT (v2.7), as a journaled assignment. */
struct care_change {
    bool end;                                       /* ROL-2 DE UN, PRT-2 DE UN */
    struct person_ref person;                       /* ROL-4, PRT-5: one change for each repetition */
    struct slice role_code, role_text, role_system; /* ROL-3, PRT-4 */
    struct slice role;                              /* as the site names it; empty: unmapped, a finding */
    struct slice patient;                           /* key of the census; empty: by place */
    struct place place;
    int64_t from_us, until_us; /* ROL-5, 6, PRT-11, 12; TIME_NONE: open */
    int64_t occurred_us;       /* of the message: an older one does not undo a newer one */
    const char *where;         /* "ROL[1]-4" */
};

/* A place as a feed describes it: MFN^M05 (LOC, LDP), ADT^A20 (NPU). Empty texts leave what stands there. */
struct location_change {
    struct place place;
    bool remove;         /* MDL */
    bool says_active;    /* `active` is said; else it stays as it is */
    bool active;         /* LDP-6, MAC, MDC */
    struct slice status; /* table 0116 word: "closed", "housekeeping", "occupied" ...; may be empty */
    struct slice title;  /* LOC-2 */
    int64_t occurred_us;
    const char *where;
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
    const struct role_map *roles;                 /* NULL: codes of roles are not read */
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
    bool master_file;  /* MFN: all of it is applied, or none and the sender hears of it */
    bool replaces;     /* MFI-3 REP: rows of this listener that are not in it are off */
    bool places_file;  /* the file is one of places, not of staff */
    int64_t master_us; /* when the file was made */
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

/* "admit", "move" ... */
const char *change_name(enum change_kind kind);
/* Events, then changes of census, staff, places and assignments, one JSON object a line; findings are left
 * out. */
void reading_json(struct buf *out, const struct reading *r);

#endif
