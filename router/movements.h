/* router/movements.h - what is known of a patient's movements, by time, and where they put the patient.
 *
 * A movement is kept with the instant at which it happened at the source (EVN-6), so that a late message
 * takes its place among the others and never undoes a newer one; equal instants keep the order of arrival.
 * An undo (A11, A12, A13 ... or a ZBE CANCEL) takes its movement out of the list, and the patient is where
 * the rest of the list says. The newest MOVEMENTS_MAX are kept; older ones are folded into the first.
 *
 * Pure and without memory of its own: lists live in an arena, texts where they came from. */
#ifndef NIGHTBELL_ROUTER_MOVEMENTS_H
#define NIGHTBELL_ROUTER_MOVEMENTS_H

#include "base/arena.h"
#include "events/event.h"
#include "router/record.h"

/* In the journal by number: new kinds go to the end. */
#define MOVEMENT_KINDS(X)                                                                                    \
    X(NONE)                                                                                                  \
    X(ADMITTED)          /* A01 A04 */                                                                       \
    X(TRANSFERRED)       /* A02 */                                                                           \
    X(PLACED)            /* A06 A07 A17, or the place of one whose coming was not seen */                    \
    X(DISCHARGED)        /* A03 */                                                                           \
    X(VOIDED)            /* the stay never was: A11 A23 A29 */                                               \
    X(DEPARTED)          /* A09: gone to a temporary place, the bed is kept */                               \
    X(ARRIVED)           /* A10: at a temporary place, or back at the bed */                                 \
    X(ON_LEAVE)          /* A21 */                                                                           \
    X(BACK)              /* A22 */                                                                           \
    X(PREADMITTED)       /* A05 */                                                                           \
    X(PENDING_ADMISSION) /* A14 */                                                                           \
    X(PENDING_TRANSFER)  /* A15 */                                                                           \
    X(PENDING_DISCHARGE) /* A16 */                                                                           \
    X(CORRECTED)         /* A08: another place, as long as the stay is on; brings nobody back */

#define X(id) MOVEMENT_##id,
enum movement_kind { MOVEMENT_KINDS(X) MOVEMENT_KIND_COUNT };
#undef X

enum { MOVEMENTS_MAX = 16 };

struct movement {
    MOVEMENT_MEMBERS(MEMBER_DECLARE, _)
};

struct movements {
    struct arena *arena;
    struct movement list[MOVEMENTS_MAX + 2];
    size_t count;
};

/* Where the list says that the patient is. */
struct stay {
    bool here, away;
    struct place place, prior, temporary; /* temporary: found there too, the bed is kept */
    struct slice pending;                 /* "admission", "transfer", "discharge" or empty */
    struct place pending_place;
    int64_t moved_us; /* of the newest movement that decided `here` or `place`; TIME_NONE: none */
};

/* Reads the list of a row; one of version 1 has none: its place and prior place make one. */
void movements_read(struct movements *m, struct arena *a, const struct record_patient *row);
struct slice movements_write(const struct movements *m);
struct stay movements_stay(const struct movements *m);
/* The stay as it was at that instant; TIME_NONE: now. */
struct stay movements_stay_at(const struct movements *m, int64_t at_us);
/* Places into the row. */
void stay_to_row(const struct stay *s, struct record_patient *row);

/* By its time. A movement with one of these ids is replaced; the same one again changes nothing. */
void movements_add(struct movements *m, const struct movement *one);
/* The index of the movement that an undo of `kind` is about: by id, by exact time, else the newest not after
 * it; movements with other ids are never meant. `count` when there is none. kind NONE: by id alone. */
size_t movements_find(const struct movements *m, enum movement_kind kind, struct slice ids, int64_t at_us);
void movements_remove(struct movements *m, size_t index);
/* The whole stay around the newest admission not after at_us goes: what happened in it until until_us. Who
 * was here before it, in another bed (an emergency registration), is there again. False when the patient was
 * not here. */
bool movements_void(struct movements *m, struct slice ids, int64_t at_us, int64_t until_us);

struct place movement_place(const struct movement *one);
void movement_set_place(struct movement *one, struct place p);
bool place_named(struct place p);
bool place_same(struct place a, struct place b);

#endif
