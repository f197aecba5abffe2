/* roster/ics.c - from the events of a calendar to turns: repetitions told one by one, exceptions taken out.
 */
#include "roster/ics.h"

#include "base/limits.h"
#include "base/map.h"
#include "roster/ics_lines.h"

enum { DEPTH_MAX = 8 };

struct event {
    uint32_t line;
    struct slice uid, summary, zone; /* zone: of DTSTART */
    struct slice *attendees;
    size_t attendee_count, attendee_room;
    struct ics_when start, end;
    struct slice end_zone;
    struct ics_duration duration;
    bool has_start, has_end, has_duration, repeats, cancelled, exception;
    struct recur rule;
    struct ics_line recurrence; /* RECURRENCE-ID */
    struct ics_line *dates;     /* RDATE and EXDATE lines */
    size_t date_count, date_room;
};

struct reading {
    struct ics_reader lines;
    const struct ics_zones *zones;
    struct arena *arena;
    struct error *err;
    struct event *events;
    size_t event_count, event_room, repeating;
    struct ics_observance *observances;
    size_t observance_count, observance_room;
    struct ics_entry *entries;
    size_t entry_count, entry_room;
    struct map *taken_out; /* "instant uid" of exceptions and EXDATEs */
    int64_t latest_us;     /* the latest date named; bounds endless repetitions */
    bool endless;
};

/* Arrays that grow in the arena. */
#define ARENA_ROOM(arena, items, count, room)                                                                \
    do {                                                                                                     \
        if ((count) == (room)) {                                                                             \
            size_t wanted_ = (room) > 0 ? 2 * (room) : 8;                                                    \
            void *more_ = arena_array((arena), wanted_, sizeof *(items));                                    \
            for (size_t byte_ = 0; byte_ < (count) * sizeof *(items); byte_++)                               \
                ((char *)more_)[byte_] = ((const char *)(items))[byte_];                                     \
            (items) = more_;                                                                                 \
            (room) = wanted_;                                                                                \
        }                                                                                                    \
    } while (0)

static bool fault(struct reading *r, uint32_t line, const char *what, struct slice text)
{
    error_set(r->err, ERROR_SYNTAX, "%s \"%.*s\"", what, (int)(text.len < 60 ? text.len : 60),
              text.ptr != NULL ? text.ptr : "");
    r->err->line = line;
    return false;
}

static bool past_limit(struct reading *r, uint32_t line, const char *limit, int most)
{
    error_set(r->err, ERROR_LIMIT, "%s: a roster has at most %d", limit, most);
    r->err->line = line;
    return false;
}

/* --- times -----------------------------------------------------------------------------------------------
 */

/* A zone of the system goes before the file's own: it knows the latest changes of law. */
static bool instant_in(struct reading *r, struct slice zone, const struct ics_when *w, int64_t wall_us,
                       int64_t *out)
{
    const struct tz *tz = zone.len > 0 ? r->zones->find(r->zones->ctx, zone) : r->zones->own;

    *out = wall_us;
    if (w->utc)
        return true;
    if (tz == NULL && ics_zone_instant(r->observances, r->observance_count, zone, wall_us, out))
        return true;
    if (tz != NULL)
        *out = tz_from_civil(tz, time_to_civil(wall_us), TZ_FIRST);
    return tz != NULL;
}

static bool read_when(struct reading *r, const struct ics_line *l, struct ics_when *out)
{
    if (!ics_when(l->value, out))
        return fault(r, l->number, "this is no date or time from 1970 to 2200:", l->value);
    if (out->wall_us > r->latest_us)
        r->latest_us = out->wall_us;
    return true;
}

/* --- one component ---------------------------------------------------------------------------------------
 */

static struct slice attendee_name(const struct ics_line *l)
{
    struct slice name = ics_param(l, "CN"), value = l->value;

    if (name.len > 0)
        return name;
    slice_cut(&value, ':');
    return slice_cut(&value, '@');
}

static bool read_rule(struct reading *r, const struct ics_line *l, struct recur *out)
{
    struct slice bad = { NULL, 0 };
    struct ics_when until;

    if (!recur_parse(l->value, out, &bad))
        return fault(r, l->number, "this part of RRULE is not read:", bad);
    if (out->until.len > 0 && !ics_when(out->until, &until))
        return fault(r, l->number, "UNTIL is no date or time:", out->until);
    return true;
}

static bool read_property(struct reading *r, struct event *e, const struct ics_line *l)
{
    if (ics_name_is(l, "UID"))
        e->uid = l->value;
    else if (ics_name_is(l, "SUMMARY"))
        e->summary = slice_trim(ics_text(r->arena, l->value));
    else if (ics_name_is(l, "STATUS"))
        e->cancelled = slice_eq_nocase(slice_trim(l->value), SLICE("CANCELLED"));
    else if (ics_name_is(l, "ATTENDEE")) {
        ARENA_ROOM(r->arena, e->attendees, e->attendee_count, e->attendee_room);
        e->attendees[e->attendee_count++] = attendee_name(l);
    } else if (ics_name_is(l, "DTSTART")) {
        e->has_start = true;
        e->zone = ics_param(l, "TZID");
        return read_when(r, l, &e->start);
    } else if (ics_name_is(l, "DTEND")) {
        e->has_end = true;
        e->end_zone = ics_param(l, "TZID");
        return read_when(r, l, &e->end);
    } else if (ics_name_is(l, "DURATION")) {
        e->has_duration = true;
        return ics_duration(l->value, &e->duration) || fault(r, l->number, "this is no duration:", l->value);
    } else if (ics_name_is(l, "RRULE")) {
        e->repeats = true;
        return ++r->repeating <= LIMIT_ROSTER_REPEATS
                   ? read_rule(r, l, &e->rule)
                   : past_limit(r, l->number, "roster-repeats", LIMIT_ROSTER_REPEATS);
    } else if (ics_name_is(l, "RECURRENCE-ID")) {
        e->exception = true;
        e->recurrence = *l;
    } else if (ics_name_is(l, "RDATE") || ics_name_is(l, "EXDATE")) {
        ARENA_ROOM(r->arena, e->dates, e->date_count, e->date_room);
        e->dates[e->date_count++] = *l;
    }
    return true;
}

static bool begins(const struct ics_line *l)
{
    return ics_name_is(l, "BEGIN");
}

static bool ends(const struct ics_line *l)
{
    return ics_name_is(l, "END");
}

/* Passes over everything up to the END of what was just begun: alarms, to-dos, free and busy. */
static bool skip(struct reading *r, uint32_t line)
{
    struct ics_line l;
    int depth = 1;

    while (depth > 0 && ics_line(&r->lines, &l)) {
        depth += begins(&l) - ends(&l);
        if (depth > DEPTH_MAX)
            return fault(r, l.number, "components lie too deep in each other:", l.value);
    }
    return depth == 0 || fault(r, line, "a component never ends:", (struct slice){ NULL, 0 });
}

static bool read_event(struct reading *r, uint32_t line)
{
    struct event e = { .line = line };
    struct ics_line l;

    while (ics_line(&r->lines, &l)) {
        if (begins(&l)) {
            if (!skip(r, l.number))
                return false;
            continue;
        }
        if (ends(&l)) {
            if (e.uid.len == 0) /* it stands for itself */
                e.uid = arena_printf(r->arena, "line %u", line);
            if (!e.has_start)
                return fault(r, line, "an event without DTSTART:", e.summary);
            if (r->event_count == LIMIT_ROSTER_ENTRIES)
                return past_limit(r, line, "roster-entries", LIMIT_ROSTER_ENTRIES);
            ARENA_ROOM(r->arena, r->events, r->event_count, r->event_room);
            r->events[r->event_count++] = e;
            return true;
        }
        if (!read_property(r, &e, &l))
            return false;
    }
    return fault(r, line, "an event never ends:", e.summary);
}

static bool read_observance(struct reading *r, struct slice zone, uint32_t line)
{
    struct ics_observance o = { .zone = zone };
    struct ics_when start;
    struct ics_line l;

    while (ics_line(&r->lines, &l) && !ends(&l)) {
        if (ics_name_is(&l, "DTSTART")) {
            /* Zones begin in 1601 with some senders: what counts is the time of day. */
            struct slice shown = l.value;
            if (shown.len >= 15 && slice_cmp(shown, SLICE("1970")) < 0)
                shown = arena_printf(r->arena, "1970%.*s", SLICE_ARG(slice_sub(shown, 4, 11)));
            if (!ics_when(shown, &start))
                return fault(r, l.number, "this is no time:", l.value);
            o.start_us = start.wall_us;
        } else if ((ics_name_is(&l, "TZOFFSETFROM") && !ics_offset(l.value, &o.from_s)) ||
                   (ics_name_is(&l, "TZOFFSETTO") && !ics_offset(l.value, &o.to_s))) {
            return fault(r, l.number, "this is no offset:", l.value);
        } else if (ics_name_is(&l, "RRULE")) {
            o.repeats = true;
            if (!read_rule(r, &l, &o.rule))
                return false;
        }
    }
    if (r->observance_count == LIMIT_ROSTER_ZONES)
        return past_limit(r, line, "roster-zones", LIMIT_ROSTER_ZONES);
    ARENA_ROOM(r->arena, r->observances, r->observance_count, r->observance_room);
    r->observances[r->observance_count++] = o;
    return true;
}

static bool read_zone(struct reading *r, uint32_t line)
{
    struct slice zone = { NULL, 0 };
    struct ics_line l;

    while (ics_line(&r->lines, &l)) {
        if (ends(&l))
            return true;
        if (ics_name_is(&l, "TZID"))
            zone = l.value;
        else if (begins(&l) &&
                 !(slice_eq_nocase(l.value, SLICE("STANDARD")) || slice_eq_nocase(l.value, SLICE("DAYLIGHT"))
                       ? read_observance(r, zone, l.number)
                       : skip(r, l.number)))
            return false;
    }
    return fault(r, line, "a zone never ends:", zone);
}

static bool read_components(struct reading *r)
{
    struct ics_line l;
    bool calendar = false;

    while (ics_line(&r->lines, &l)) {
        if (!begins(&l))
            continue;
        bool fine = true;
        if (slice_eq_nocase(l.value, SLICE("VCALENDAR")))
            calendar = true;
        else if (slice_eq_nocase(l.value, SLICE("VEVENT")))
            fine = read_event(r, l.number);
        else if (slice_eq_nocase(l.value, SLICE("VTIMEZONE")))
            fine = read_zone(r, l.number);
        else
            fine = skip(r, l.number);
        if (!fine)
            return false;
    }
    return calendar || fault(r, 1, "no calendar begins here:", SLICE("BEGIN:VCALENDAR"));
}

/* --- turns -----------------------------------------------------------------------------------------------
 */

static struct slice key_of(struct reading *r, const struct event *e, int64_t instant)
{
    return arena_printf(r->arena, "%lld %.*s", (long long)instant, SLICE_ARG(e->uid));
}

/* Every instant of a list "20261101T070000,20261108T070000"; dates stand for the time of DTSTART. */
static bool each_date(struct reading *r, const struct event *e, const struct ics_line *l,
                      bool (*take)(struct reading *, const struct event *, int64_t wall, int64_t instant))
{
    struct slice rest = l->value;

    while (rest.len > 0) {
        struct ics_line one = *l;
        struct ics_when w;
        int64_t instant;
        one.value = slice_cut(&rest, ',');
        one.value = slice_cut(&one.value, '/'); /* of a period its beginning */
        if (!read_when(r, &one, &w))
            return false;
        if (w.date)
            w.wall_us += e->start.wall_us % TIME_DAY;
        w.utc = w.utc || (w.date && e->start.utc);
        struct slice zone = ics_param(l, "TZID");
        if (!instant_in(r, zone.len > 0 ? zone : e->zone, &w, w.wall_us, &instant))
            return fault(r, l->number, "unknown time zone", zone);
        bool same_clock = w.utc == e->start.utc && (zone.len == 0 || slice_eq(zone, e->zone));
        if (!take(r, e, same_clock ? w.wall_us : TIME_NONE, instant))
            return false;
    }
    return true;
}

static bool take_out(struct reading *r, const struct event *e, int64_t wall, int64_t instant)
{
    (void)wall;
    map_put(r->taken_out, key_of(r, e, instant), r);
    return true;
}

/* The end of a turn that begins at this reading of the event's clock; TIME_NONE: told by another clock, so
 * that it is as long as the event itself. */
static bool end_of(struct reading *r, const struct event *e, int64_t wall, int64_t from, int64_t *to)
{
    if (wall == TIME_NONE) {
        int64_t first;
        if (!instant_in(r, e->zone, &e->start, e->start.wall_us, &first) ||
            !end_of(r, e, e->start.wall_us, first, to))
            return false;
        *to += from - first;
        return true;
    }
    if (e->has_end) {
        struct ics_when w = e->end;
        struct slice zone = e->end_zone.len > 0 ? e->end_zone : e->zone;
        if (e->end.utc != e->start.utc) { /* told in two clocks: what passes between is all that is known */
            int64_t a, b;
            if (!instant_in(r, e->zone, &e->start, e->start.wall_us, &a) ||
                !instant_in(r, zone, &w, w.wall_us, &b))
                return false;
            *to = from + b - a;
            return true;
        }
        return instant_in(r, zone, &w, wall + (e->end.wall_us - e->start.wall_us), to);
    }
    int64_t days = e->has_duration ? e->duration.days_us : e->start.date ? TIME_DAY : 0;
    if (!instant_in(r, e->zone, &e->start, wall + days, to))
        return false;
    *to += e->has_duration ? e->duration.exact_us : 0;
    return true;
}

static bool add_turn(struct reading *r, const struct event *e, int64_t wall, int64_t from)
{
    int64_t to;

    if (e->cancelled || (!e->exception && map_get(r->taken_out, key_of(r, e, from)) != NULL))
        return true;
    if (!end_of(r, e, wall, from, &to))
        return fault(r, e->line, "unknown time zone", e->end_zone.len > 0 ? e->end_zone : e->zone);
    if (to <= from)
        return true;
    if (r->entry_count == LIMIT_ROSTER_ENTRIES)
        return past_limit(r, e->line, "roster-entries", LIMIT_ROSTER_ENTRIES);
    ARENA_ROOM(r->arena, r->entries, r->entry_count, r->entry_room);
    r->entries[r->entry_count++] = (struct ics_entry){ .from_us = from,
                                                       .to_us = to,
                                                       .line = e->line,
                                                       .summary = e->summary,
                                                       .attendees = e->attendees,
                                                       .attendee_count = e->attendee_count };
    return true;
}

static bool add_at(struct reading *r, const struct event *e, int64_t wall)
{
    int64_t from;

    if (!instant_in(r, e->zone, &e->start, wall, &from))
        return fault(r, e->line, "unknown time zone", e->zone);
    return add_turn(r, e, wall, from);
}

/* UNTIL counts with its day when it is a date, and on the clock of the event when it has a Z. */
static bool past_until(struct reading *r, const struct event *e, int64_t wall)
{
    struct ics_when until;
    int64_t from = wall;

    if (e->rule.until.len == 0 || !ics_when(e->rule.until, &until))
        return false;
    if (until.utc && !instant_in(r, e->zone, &e->start, wall, &from))
        return false;
    return (until.utc ? from : wall) > until.wall_us + (until.date ? TIME_DAY - 1 : 0);
}

static bool add_repeats(struct reading *r, const struct event *e)
{
    int64_t start_day = e->start.wall_us / TIME_DAY, of_day = e->start.wall_us % TIME_DAY;
    int64_t last_day = (r->latest_us + ICS_HORIZON_US) / TIME_DAY;
    uint32_t count = 1; /* DTSTART is the first, whatever the rule says */

    if (!add_at(r, e, e->start.wall_us))
        return false;
    for (int64_t day = start_day + 1; day <= last_day; day++) {
        if (e->rule.count > 0 && count >= e->rule.count)
            return true;
        if (!recur_on(&e->rule, start_day, day))
            continue;
        if (past_until(r, e, day * TIME_DAY + of_day))
            return true;
        if (!add_at(r, e, day * TIME_DAY + of_day))
            return false;
        count++;
    }
    r->endless = true;
    return true;
}

/* First what is taken out: an exception stands for the turn that it names, EXDATE for nothing. */
static bool take_all_out(struct reading *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        const struct event *e = &r->events[i];
        if (e->exception && !each_date(r, e, &e->recurrence, take_out))
            return false;
        for (size_t k = 0; k < e->date_count; k++)
            if (ics_name_is(&e->dates[k], "EXDATE") && !each_date(r, e, &e->dates[k], take_out))
                return false;
    }
    return true;
}

static bool add_all(struct reading *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        const struct event *e = &r->events[i];
        bool repeats = e->repeats && !e->exception;
        if (!(repeats ? add_repeats(r, e) : add_at(r, e, e->start.wall_us)))
            return false;
        for (size_t k = 0; k < e->date_count; k++)
            if (ics_name_is(&e->dates[k], "RDATE") && !each_date(r, e, &e->dates[k], add_turn))
                return false;
    }
    return true;
}

bool ics_read(struct slice bytes, const struct ics_zones *zones, struct arena *a, struct ics_roster *out,
              struct error *err)
{
    struct reading r = {
        .lines = { .rest = bytes, .arena = a, .next_line = 1 }, .zones = zones, .arena = a, .err = err
    };

    r.taken_out = map_new();
    bool fine = read_components(&r) && take_all_out(&r) && add_all(&r);
    map_free(&r.taken_out, NULL);
    if (!fine)
        return false;
    *out = (struct ics_roster){ .entries = r.entries, .count = r.entry_count, .endless = r.endless };
    return true;
}

size_t ics_zone_names(struct slice bytes, struct arena *a, const struct slice **names)
{
    struct ics_reader lines = { .rest = bytes, .arena = a, .next_line = 1 };
    struct slice *list = arena_array(a, LIMIT_ROSTER_ZONES, sizeof *list);
    struct ics_line l;
    size_t count = 0;

    while (count < LIMIT_ROSTER_ZONES && ics_line(&lines, &l)) {
        struct slice name = ics_name_is(&l, "TZID") ? l.value : ics_param(&l, "TZID");
        size_t at = 0;
        while (at < count && !slice_eq(list[at], name))
            at++;
        if (name.len > 0 && at == count)
            list[count++] = name;
    }
    *names = list;
    return count;
}
