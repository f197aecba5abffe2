/* roster/target.h - who a step is for, as data: kept in a plan, resolved when the step fires. */
#ifndef NIGHTBELL_ROSTER_TARGET_H
#define NIGHTBELL_ROSTER_TARGET_H

#include "base/arena.h"
#include "base/buf.h"

enum who_kind {
    WHO_ROLE,      /* name = role ("primary-nurse") or a person's own name; of = unit text or empty */
    WHO_ONCALL,    /* name = rota; of = the value of a field, "rota-value" picks the rota NAME.VALUE */
    WHO_GROUP,     /* name = group: everyone of it */
    WHO_DESK,      /* name = desk */
    WHO_UNIT_DESK, /* the fallback desk of the alert's unit */
    WHO_EVERYONE,  /* of = unit: everybody assigned there now */
    WHO_TURN,      /* name = group: the next on-duty person not yet told */
    WHO_LEAST,     /* name = group: the one with the fewest open alerts */
    WHO_COVERING /* of = person id from the event; name = rota: that person if on duty, else who covers, else
                    rota */
};

struct who {
    enum who_kind kind;
    struct slice name, of;
};

/* A target is a list of alternatives: `A else B else C`; the first with somebody reachable counts. */
struct target {
    const struct who *alternatives;
    size_t count;
};

void target_write(struct buf *out, const struct target *t);
bool target_read(struct reader *in, struct arena *a, struct target *out);
/* "primary-nurse else charge-nurse", "oncall rapid-response": for explain and check. */
void target_text(struct buf *out, const struct target *t);

#endif
