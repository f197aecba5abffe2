/* roster/ics_lines.h - inside of roster/ics: content lines and their values, and the zones of a file. */
#ifndef NIGHTBELL_ROSTER_ICS_LINES_H
#define NIGHTBELL_ROSTER_ICS_LINES_H

#include "roster/ics.h"
#include "roster/recur.h"

/* One unfolded line: NAME;PARAMS:VALUE. */
struct ics_line {
    struct slice name, params, value;
    uint32_t number; /* of its first physical line */
};

struct ics_reader {
    struct slice rest;
    struct arena *arena; /* folded lines are joined here */
    uint32_t next_line;
};

/* False at the end; lines without a colon are passed over. */
bool ics_line(struct ics_reader *r, struct ics_line *out);
bool ics_name_is(const struct ics_line *l, const char *name);
/* The value of a parameter, its quotes gone; empty when there is none. */
struct slice ics_param(const struct ics_line *l, const char *name);
/* \n \, \; \\ as what they stand for. */
struct slice ics_text(struct arena *a, struct slice value);

/* A date or time as written. */
struct ics_when {
    int64_t wall_us; /* reading of the clock */
    bool date, utc;
};
bool ics_when(struct slice text, struct ics_when *out);
/* "P1D", "PT12H30M", "P2W": days and weeks by the wall clock, the rest elapsed; no sign. */
struct ics_duration {
    int64_t days_us, exact_us;
};
bool ics_duration(struct slice text, struct ics_duration *out);

/* One STANDARD or DAYLIGHT of a VTIMEZONE. */
struct ics_observance {
    struct slice zone; /* TZID */
    int64_t start_us;  /* wall clock before the change */
    int32_t from_s, to_s;
    bool repeats;
    struct recur rule;
};
bool ics_offset(struct slice text, int32_t *seconds); /* "-0500", "+053000" */
/* The instant at which a wall clock of these observances shows the time: the first, or after a gap. */
bool ics_zone_instant(const struct ics_observance *list, size_t count, struct slice zone, int64_t wall_us,
                      int64_t *out);

#endif
