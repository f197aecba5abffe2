/* roster/resolve.h - from a target to people and desks, with the reason for each (CLINICAL 3.4).
 *
 * Pure; asked when a step fires, and again when assignments change. Layers, highest first: a person's
 * own live override (assign), the site's assignment during its shift, the unit's role, an else. */
#ifndef NIGHTBELL_ROSTER_RESOLVE_H
#define NIGHTBELL_ROSTER_RESOLVE_H

#include "roster/directory.h"

/* What the router knows beside the site's files; owned by the router, valid during the call. */
struct roster_now {
    const struct directory *directory;
    const struct assignment *overrides; /* journaled, in the order they were made: later wins */
    size_t override_count;
    int64_t wall_us;
    /* Is there a way to reach this holder now (an enrolled device, a gateway address), and is the
     * person not away? Asked for persons and desks. */
    bool (*reachable)(const void *ctx, struct slice holder);
    bool (*away)(const void *ctx, struct slice person);
    uint32_t (*open_alerts)(const void *ctx, struct slice person); /* for `least of` */
    const void *ctx;
};

struct resolve_query {
    struct slice unit, bed; /* the alert's place */
    struct slice patient;   /* census key; may be empty */
    const struct place_ref {
        struct slice unit, bed;
    } * occupants_places; /* more beds to try, e.g. by patient */
    size_t occupants_place_count;
    const struct slice *told; /* people told so far: `turn of` skips them */
    size_t told_count;
    struct slice actor; /* never its own target; may be empty */
};

struct holder {
    struct slice name; /* person or desk */
    bool is_desk;
    bool reachable; /* an unreachable one is still listed, so that explain shows who was skipped */
    /* Which layer answered: "assigned primary-nurse of 5W bed 12 (day)", "override by control until 19:00,
     * primary-nurse of 5W", "else 1: oncall rapid-response, weekly turn", "group code-team: desk"; for who is
     * skipped also why: "...; away". */
    struct slice reason;
};

struct resolved {
    struct holder *holders; /* arena; people who should be told (reachable), then those skipped */
    size_t count, told;     /* told: the first `told` of them are to be told */
    size_t alternative;     /* which alternative of the target answered; count when none */
};

void roster_resolve(struct arena *a, const struct roster_now *now, const struct resolve_query *q,
                    const struct target *t, struct resolved *out);
/* Who holds this role now, for status pages and check: all persons with any assignment of it. */
void roster_role_holders(struct arena *a, const struct roster_now *now, struct slice role, struct slice unit,
                         struct slice bed, struct resolved *out);

#endif
