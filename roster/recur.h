/* roster/recur.h - rules of repetition, RFC 5545 section 3.3.10, as far as rosters use them.
 *
 * Read: FREQ DAILY, WEEKLY, MONTHLY, YEARLY; INTERVAL, COUNT, UNTIL, BYDAY (with its ordinals in a month),
 * BYMONTHDAY, BYMONTH, WKST. Everything else is refused by name, never passed over. All times are readings of
 * a wall clock, in microseconds as if they were UTC; who asks knows the zone. */
#ifndef NIGHTBELL_ROSTER_RECUR_H
#define NIGHTBELL_ROSTER_RECUR_H

#include "base/slice.h"
#include "base/time.h"

enum recur_every { RECUR_ONCE, RECUR_DAILY, RECUR_WEEKLY, RECUR_MONTHLY, RECUR_YEARLY };
enum { RECUR_DAYS = 16 };

struct recur {
    enum recur_every every;
    uint32_t interval, count; /* count 0: no end by count */
    struct slice until;       /* as written, empty: none; a date, or a time with or without Z */
    uint32_t months;          /* bit by month 1-12; 0: any */
    uint32_t month_days;      /* bit by day 1-31; 0: any */
    uint32_t days_from_end;   /* bit by 1-31: -1 is the last day of the month */
    struct {
        int8_t ordinal; /* 0: every one; 2: the second of the month; -1: the last */
        uint8_t weekday;
    } days[RECUR_DAYS];
    size_t day_count;
    uint8_t week_start;
};

/* "FREQ=WEEKLY;BYDAY=MO,WE" ; on false `*bad` is the part that is not read. */
bool recur_parse(struct slice text, struct recur *out, struct slice *bad);
/* Does the rule, begun on `start`, fall on this day? COUNT and UNTIL aside. Days are numbers since 1970. */
bool recur_on(const struct recur *r, int64_t start_day, int64_t day);

#endif
