/* roster/ics.h - rosters as calendars: RFC 5545, as far as rosters use it.
 *
 * Read: VEVENT with DTSTART, DTEND or DURATION, RRULE (roster/recur.h), RDATE, EXDATE, RECURRENCE-ID, STATUS,
 * SUMMARY, ATTENDEE; VTIMEZONE where the system has no zone of that name; folded lines, quoted parameters.
 * Pure and bounded: bytes in, intervals in the arena out. A repeated turn begins and ends where the wall
 * clock says, also over a clock change, unless it is given as DURATION in hours, which is elapsed time. */
#ifndef NIGHTBELL_ROSTER_ICS_H
#define NIGHTBELL_ROSTER_ICS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/tz.h"

struct ics_entry { /* one turn of somebody, half open, UTC microseconds */
    int64_t from_us, to_us;
    uint32_t line;                 /* of its BEGIN:VEVENT */
    struct slice summary;          /* unescaped */
    const struct slice *attendees; /* CN, else the part of mailto: before the @ */
    size_t attendee_count;
};

struct ics_roster {
    const struct ics_entry *entries;
    size_t count;
    bool endless; /* a repetition was cut at the horizon */
};

/* Zones by name; NULL where there is none. */
struct ics_zones {
    const struct tz *(*find)(void *ctx, struct slice name);
    void *ctx;
    const struct tz *own; /* of times without a zone */
};

/* Endless repetitions end two years after the latest date that the file names. */
#define ICS_HORIZON_US (731 * TIME_DAY)

/* False with a located error. */
bool ics_read(struct slice bytes, const struct ics_zones *zones, struct arena *a, struct ics_roster *out,
              struct error *err);
/* Names of zones that a calendar asks for, before any is loaded; arena-owned. Never fails: what is no
 * calendar names none. */
size_t ics_zone_names(struct slice bytes, struct arena *a, const struct slice **names);

#endif
