/* roster/gaps_text.c - gaps as people say them: by the week where they come back each week. */
#include "base/buf.h"
#include "roster/gaps.h"

enum { WEEK_DAYS = 7, PATTERNS_MAX = 4, TEXT_MAX = 1024 };

static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

struct slice gap_text(const struct gap *g, const struct tz *zone, struct arena *a)
{
    struct civil f = tz_to_civil(zone, g->from_us), t = tz_to_civil(zone, g->to_us);

    return arena_printf(a, "%s %04d-%02u-%02u %02u:%02u to %s %04d-%02u-%02u %02u:%02u",
                        days[civil_weekday(f)], f.year, f.month, f.day, f.hour, f.minute,
                        days[civil_weekday(t)], t.year, t.month, t.day, t.hour, t.minute);
}

/* --- what comes back each week ---------------------------------------------------------------------------
 */

/* Wall clocks read as if they were UTC: 07:00 is 07:00 on both sides of a clock change. */
struct wall {
    int64_t from_us, to_us;
};

static int64_t wall_us(const struct tz *zone, int64_t us)
{
    return time_from_civil(tz_to_civil(zone, us));
}

struct week {
    struct wall list[PATTERNS_MAX * WEEK_DAYS]; /* the gaps that begin in the first whole week */
    size_t count;
};

/* Is there a gap at these hours, as far as the window shows them? */
static bool has_gap(const struct gaps *g, const struct tz *zone, struct wall want, struct wall window)
{
    for (size_t i = 0; i < g->count; i++) {
        int64_t from = wall_us(zone, g->list[i].from_us), to = wall_us(zone, g->list[i].to_us);
        bool begins = from == want.from_us || (from == window.from_us && want.from_us < from),
             ends = to == want.to_us || (to == window.to_us && want.to_us > to);
        if (begins && ends)
            return true;
    }
    return false;
}

/* Every gap is one of the week's, and each of those is there in all weeks that the window shows. */
static bool comes_back(const struct gaps *g, const struct tz *zone, const struct week *w, struct wall window)
{
    size_t seen = 0;

    for (size_t i = 0; i < w->count; i++)
        for (int64_t k = -1; k * WEEK_DAYS * TIME_DAY + w->list[i].from_us < window.to_us; k++) {
            struct wall want = { w->list[i].from_us + k * WEEK_DAYS * TIME_DAY,
                                 w->list[i].to_us + k * WEEK_DAYS * TIME_DAY };
            if (want.to_us <= window.from_us)
                continue;
            if (!has_gap(g, zone, want, window))
                return false;
            seen++;
        }
    return seen == g->count;
}

static bool first_week(const struct gaps *g, const struct tz *zone, struct wall window, struct week *w)
{
    *w = (struct week){ .count = 0 };
    for (size_t i = 0; i < g->count; i++) {
        struct wall gap = { wall_us(zone, g->list[i].from_us), wall_us(zone, g->list[i].to_us) };
        if (gap.from_us == window.from_us || gap.from_us > window.from_us + WEEK_DAYS * TIME_DAY)
            continue; /* the first may have begun before; it comes again in a week */
        if (w->count == sizeof w->list / sizeof *w->list)
            return false;
        w->list[w->count++] = gap;
    }
    return w->count > 0 && window.to_us - window.from_us >= 2 * WEEK_DAYS * TIME_DAY - TIME_HOUR;
}

/* --- the week in words -----------------------------------------------------------------------------------
 */

static bool same_hours(struct wall a, struct wall b)
{
    return (a.from_us - b.from_us) % TIME_DAY == 0 && a.to_us - a.from_us == b.to_us - b.from_us;
}

static void put_hours(struct buf *out, struct wall w)
{
    struct civil f = time_to_civil(w.from_us), t = time_to_civil(w.to_us);

    if (w.to_us - w.from_us <= TIME_DAY)
        buf_printf(out, " %02u:%02u-%02u:%02u", f.hour, f.minute, t.hour, t.minute);
    else
        buf_printf(out, " %02u:%02u to %s %02u:%02u", f.hour, f.minute, days[civil_weekday(t)], t.hour,
                   t.minute);
}

/* "Sat, Sun 19:00-07:00" for all of the week that have the hours of the one at `first`. */
static void put_pattern(struct buf *out, const struct week *w, size_t first)
{
    unsigned on = 0;

    for (size_t i = 0; i < w->count; i++)
        if (same_hours(w->list[i], w->list[first]))
            on |= 1u << civil_weekday(time_to_civil(w->list[i].from_us));
    buf_printf(out, "%s%s", out->len > 0 ? "; " : "", on == 0x7f ? "every day" : "on ");
    for (unsigned d = 0, put = 0; on != 0x7f && d < WEEK_DAYS; d++)
        if (on >> d & 1)
            buf_printf(out, "%s%s", put++ > 0 ? ", " : "", days[d]);
    put_hours(out, w->list[first]);
}

static bool put_week(struct buf *out, const struct week *w)
{
    size_t patterns = 0;

    for (size_t i = 0; i < w->count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again = again || same_hours(w->list[k], w->list[i]);
        if (again)
            continue;
        put_pattern(out, w, i);
        patterns++;
    }
    return patterns <= PATTERNS_MAX;
}

struct slice gaps_text(const struct gaps *g, int64_t from_us, int64_t to_us, const struct tz *zone,
                       struct arena *a)
{
    struct wall window = { wall_us(zone, from_us), wall_us(zone, to_us) };
    struct buf out = buf_make(TEXT_MAX);
    struct week w;
    struct slice text = { NULL, 0 };
    long number = (long)((to_us - from_us) / TIME_DAY);

    if (g->count == 1 && g->list[0].from_us <= from_us && g->list[0].to_us >= to_us)
        text = arena_printf(a, "in the next %ld days", number);
    else if (first_week(g, zone, window, &w) && comes_back(g, zone, &w, window) && put_week(&out, &w))
        text = arena_copy(a, buf_slice(&out));
    else if (g->count > 1)
        text = arena_printf(a, "%.*s and %zu more times in %ld days",
                            SLICE_ARG(gap_text(&g->list[0], zone, a)), g->count - 1, number);
    else if (g->count == 1)
        text = gap_text(&g->list[0], zone, a);
    buf_free(&out);
    return text;
}
