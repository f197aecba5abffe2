/* roster/gaps.h - when nobody is there: hours of a rota or of a role in a unit that the site's own files
 * leave open. Pure; what feeds and people change later in a running program is not seen here. */
#ifndef NIGHTBELL_ROSTER_GAPS_H
#define NIGHTBELL_ROSTER_GAPS_H

#include "base/arena.h"
#include "roster/directory.h"

struct gap { /* half open, UTC microseconds */
    int64_t from_us, to_us;
};

struct gaps {
    const struct gap *list; /* rising, none touches the next */
    size_t count;
};

/* Between the two instants, arena-owned. A person who is no longer active is nobody. */
struct gaps gaps_of_rota(const struct directory *d, const struct rota *r, int64_t from_us, int64_t to_us,
                         struct arena *a);
/* The unit has the role while somebody holds it for the whole unit, or for each of its beds. */
struct gaps gaps_of_role(const struct directory *d, struct slice role, struct slice unit, int64_t from_us,
                         int64_t to_us, struct arena *a);
/* Does any assignment of the site name the role in the unit? */
bool gaps_role_planned(const struct directory *d, struct slice role, struct slice unit);
/* "Sat 2026-11-28 19:00 to Sun 2026-11-29 07:00", on the site's wall clock. */
struct slice gap_text(const struct gap *g, const struct tz *zone, struct arena *a);
/* All gaps between the two instants: "on Sat, Sun 19:00-07:00" where they come back each week (told from two
 * weeks on), "in the next 14 days" where nobody ever is, else the first one and how many more. Empty: none.
 */
struct slice gaps_text(const struct gaps *g, int64_t from_us, int64_t to_us, const struct tz *zone,
                       struct arena *a);

#endif
