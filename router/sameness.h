/* router/sameness.h - alerts by what is looked for when another comes: what dedupe and bundle compare, whose
 * and where they are, whom they wait for, what they are part of.
 *
 * Derived from the alerts, in no snapshot. A chain holds what has equal keys or keys that collide, in no
 * order that may matter: who looks compares the values themselves, and takes the first by `placed`. */
#ifndef NIGHTBELL_ROUTER_SAMENESS_H
#define NIGHTBELL_ROUTER_SAMENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alert;

enum same_kind {
    SAME_DEDUPE,  /* dedupe_hash; closed ones too */
    SAME_BUNDLE,  /* bundle_hash, and the ones below: of open ones */
    SAME_PATIENT, /* whose it is */
    SAME_BED,     /* the bed, of whatever unit */
    SAME_UNIT,
    SAME_HELD_BY, /* id of the alert on whose account it is suppressed */
    SAME_WHOLE,   /* id of the alert that it is part of */
    SAME_KINDS
};

struct same_link {
    uint64_t key; /* 0: it is in no chain of the kind */
    struct alert *next, *prev;
};

struct sameness {
    struct {
        struct alert **heads;
        size_t room, count; /* room: 0 or a power of two */
    } of[SAME_KINDS];
};

/* Its keys as they are now; a copy has none. */
void sameness_put(struct sameness *s, struct alert *a);
void sameness_drop(struct sameness *s, struct alert *a);
/* Do its links hold what its members say? */
bool sameness_fits(const struct alert *a);
/* for (x = sameness_first(s, kind, key); x != NULL; x = sameness_next(x, kind)) ...; none for key 0. */
struct alert *sameness_first(const struct sameness *s, enum same_kind kind, uint64_t key);
struct alert *sameness_next(const struct alert *a, enum same_kind kind);
void sameness_free(struct sameness *s);

#endif
