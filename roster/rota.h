/* roster/rota.h - who is on call: weekly turns on the wall clock of a named zone, and overrides.
 *
 *   rota rapid-response { zone "America/Chicago"  weekly from 2026-11-02 07:00 rashid, mei
 *                         override 2026-12-24 19:00 to 2026-12-25 07:00 mei instead of rashid }
 * A turn lasts `every_days` (7 for weekly) of wall clock, so it begins at 07:00 also after a clock
 * change. "Replace" applies only while the replaced person is on call; without `instead of` a person is
 * added. Turns from a file stand beside those written out, before the overrides. */
#ifndef NIGHTBELL_ROSTER_ROTA_H
#define NIGHTBELL_ROSTER_ROTA_H

#include "base/slice.h"
#include "base/tz.h"

struct rota_turn {      /* a rotation */
    struct civil start; /* wall clock in the rota's zone */
    uint16_t every_days;
    const struct slice *people; /* "nobody" is legal and shows as a gap */
    size_t people_count;
};

struct rota_interval { /* wall-clock instants already turned into UTC microseconds, half open */
    int64_t from_us, to_us;
    struct slice person, instead_of; /* instead_of empty: added */
};

/* Turns from a file (ics, csv, fhir), rising by from_us. */
struct rota_feed {
    struct slice file; /* as the site writes it; empty: the rota is written out */
    const struct rota_interval *turns;
    size_t count;
    int64_t longest_us;     /* of one turn: how far back one may begin that still runs */
    int64_t known_until_us; /* the end of the last turn; after it nobody is known, TIME_NONE without any */
};

struct rota {
    struct slice name, title;
    const struct tz *zone;
    const struct rota_turn *turns;
    size_t turn_count;
    const struct rota_interval *overrides;
    size_t override_count;
    struct rota_feed feed;
};

/* People on call at the instant, in order, without repeats; returns the count (at most `room`). */
size_t rota_at(const struct rota *r, int64_t wall_us, struct slice *people, size_t room);
/* No more people than that are on call at the instant: room for rota_at. */
size_t rota_room(const struct rota *r, int64_t wall_us);
/* Has the person a turn of their own then, whatever is written about who stands in? */
bool rota_has_turn(const struct rota *r, int64_t wall_us, struct slice person);
/* Does any turn or override ever name the person? */
bool rota_lists(const struct rota *r, struct slice person);
/* Who of `people` (those on call at the instant) stands in for the person then; empty: nobody does. */
struct slice rota_stand_in(const struct rota *r, int64_t wall_us, struct slice person,
                           const struct slice *people, size_t count);
/* The next instant after `wall_us` at which the answer may change; TIME_NONE when never. */
int64_t rota_next_change(const struct rota *r, int64_t wall_us);

#endif
