/* nightbell/roster_show.h - a site's roster on a terminal: who holds what, and the hours that nobody does. */
#ifndef NIGHTBELL_NIGHTBELL_ROSTER_SHOW_H
#define NIGHTBELL_NIGHTBELL_ROSTER_SHOW_H

#include <jansson.h>

#include "base/buf.h"
#include "roster/gaps.h"

/* A rota, or a role in a unit, and its gaps. */
struct roster_track {
    const struct rota *rota; /* NULL: role and unit */
    struct slice role, unit;
    struct gaps gaps;
};

/* Every rota, and every role that an assignment names in a unit; with a unit only that unit's roles. In the
 * arena, in the order of the site. Gaps are looked for between the two instants. */
size_t roster_tracks(const struct directory *d, struct slice unit, int64_t from_us, int64_t to_us,
                     struct arena *a, struct roster_track **out);
/* A strip a week for each track, three hours a cell, then each gap in words. */
void roster_strips(const struct directory *d, const struct roster_track *tracks, size_t count,
                   int64_t from_us, int64_t to_us, bool colour, struct buf *out);
json_t *roster_gaps_json(const struct roster_track *tracks, size_t count);
/* Who holds each role and is on call at the instant, by the site's files. */
void roster_holders(const struct directory *d, struct slice unit, int64_t at_us, struct arena *a,
                    struct buf *out);

#endif
