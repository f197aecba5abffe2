#include "nightbell/roster_show.h"

enum { CELLS = 8, CELL_HOURS = 24 / CELLS, NAME_WIDTH = 28, PEOPLE_MAX = 32 };

/* --- tracks ----------------------------------------------------------------------------------------------
 */

static bool listed(const struct roster_track *list, size_t count, const struct assignment *a)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].rota == NULL && slice_eq(list[i].role, a->role) && slice_eq(list[i].unit, a->unit))
            return true;
    return false;
}

size_t roster_tracks(const struct directory *d, struct slice unit, int64_t from_us, int64_t to_us,
                     struct arena *a, struct roster_track **out)
{
    struct roster_track *list = arena_array(a, d->rota_count + d->assignment_count, sizeof *list);
    size_t count = 0;

    for (size_t i = 0; unit.len == 0 && i < d->rota_count; i++)
        list[count++] = (struct roster_track){ .rota = &d->rotas[i],
                                               .gaps = gaps_of_rota(d, &d->rotas[i], from_us, to_us, a) };
    for (size_t i = 0; i < d->assignment_count; i++) {
        const struct assignment *one = &d->assignments[i];
        if ((unit.len > 0 && !slice_eq(unit, one->unit)) || listed(list, count, one))
            continue;
        list[count++] =
            (struct roster_track){ .role = one->role,
                                   .unit = one->unit,
                                   .gaps = gaps_of_role(d, one->role, one->unit, from_us, to_us, a) };
    }
    *out = list;
    return count;
}

static void put_name(struct buf *out, const struct roster_track *t)
{
    if (t->rota != NULL)
        buf_printf(out, "rota %.*s", SLICE_ARG(t->rota->name));
    else
        buf_printf(out, "%.*s %.*s", SLICE_ARG(t->unit), SLICE_ARG(t->role));
}

/* --- strips ----------------------------------------------------------------------------------------------
 */

static int64_t wall_hour(const struct tz *zone, int64_t midnight_wall, int hours)
{
    return tz_from_civil(zone, time_to_civil(midnight_wall + hours * TIME_HOUR), TZ_FIRST);
}

static int64_t open_within(const struct gaps *g, int64_t from_us, int64_t to_us)
{
    int64_t open = 0;

    for (size_t i = 0; i < g->count; i++) {
        int64_t a = g->list[i].from_us > from_us ? g->list[i].from_us : from_us;
        int64_t b = g->list[i].to_us < to_us ? g->list[i].to_us : to_us;
        open += b > a ? b - a : 0;
    }
    return open;
}

/* Held, partly, nobody; a blank before the first instant and after the last one. */
static void put_cell(struct buf *out, const struct gaps *g, int64_t from_us, int64_t to_us, bool within,
                     bool colour)
{
    int64_t open = within ? open_within(g, from_us, to_us) : 0;
    const char *mark = open == 0 ? "\u2588" : open < to_us - from_us ? "\u2592" : "\u00b7";

    if (!within)
        buf_text(out, " ");
    else if (colour)
        buf_printf(out, "%s%s\033[0m", open > 0 ? "\033[1;31m" : "\033[32m", mark);
    else
        buf_text(out, mark);
}

static void put_header(struct buf *out, int64_t week_wall)
{
    static const char *const days[] = { "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su" };

    buf_printf(out, "%-*s", NAME_WIDTH, "");
    for (int day = 0; day < 7; day++) {
        struct civil c = time_to_civil(week_wall + day * TIME_DAY);
        buf_printf(out, "%s %02u-%02u%s", days[civil_weekday(c)], c.month, c.day, day < 6 ? " " : "");
    }
    buf_text(out, "\n");
}

static void put_week(struct buf *out, const struct roster_track *t, const struct tz *zone, int64_t week_wall,
                     int64_t from_us, int64_t to_us, bool colour)
{
    size_t start = out->len;

    put_name(out, t);
    while (out->len - start < NAME_WIDTH - 1)
        buf_text(out, " ");
    out->len = start + NAME_WIDTH - 1;
    buf_text(out, " ");
    for (int cell = 0; cell < 7 * CELLS; cell++) {
        int64_t a = wall_hour(zone, week_wall, cell * CELL_HOURS);
        int64_t b = wall_hour(zone, week_wall, (cell + 1) * CELL_HOURS);
        if (cell > 0 && cell % CELLS == 0)
            buf_text(out, " ");
        put_cell(out, &t->gaps, a > from_us ? a : from_us, b < to_us ? b : to_us, b > from_us && a < to_us,
                 colour);
    }
    buf_text(out, "\n");
}

static void put_words(struct buf *out, const struct roster_track *tracks, size_t count, const struct tz *zone)
{
    struct arena *a = arena_new();
    bool any = false;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < tracks[i].gaps.count; k++) {
            struct slice text = gap_text(&tracks[i].gaps.list[k], zone, a);
            put_name(out, &tracks[i]);
            buf_printf(out, ": nobody %.*s\n", SLICE_ARG(text));
            any = true;
        }
    if (!any)
        buf_text(out, "no gap\n");
    arena_free(&a);
}

void roster_strips(const struct directory *d, const struct roster_track *tracks, size_t count,
                   int64_t from_us, int64_t to_us, bool colour, struct buf *out)
{
    struct civil first = tz_to_civil(d->zone, from_us);
    first.hour = first.minute = first.second = 0;
    first.us = 0;

    for (int64_t week = time_from_civil(first); wall_hour(d->zone, week, 0) < to_us; week += 7 * TIME_DAY) {
        put_header(out, week);
        for (size_t i = 0; i < count; i++)
            put_week(out, &tracks[i], d->zone, week, from_us, to_us, colour);
        buf_text(out, "\n");
    }
    put_words(out, tracks, count, d->zone);
}

/* --- for programs ----------------------------------------------------------------------------------------
 */

static json_t *text_json(struct slice s)
{
    return json_stringn(s.ptr != NULL ? s.ptr : "", s.len);
}

json_t *roster_gaps_json(const struct roster_track *tracks, size_t count)
{
    json_t *all = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *one = json_object(), *list = json_array();
        if (tracks[i].rota != NULL)
            json_object_set_new(one, "rota", text_json(tracks[i].rota->name));
        else {
            json_object_set_new(one, "unit", text_json(tracks[i].unit));
            json_object_set_new(one, "role", text_json(tracks[i].role));
        }
        for (size_t k = 0; k < tracks[i].gaps.count; k++) {
            char from[TIME_TEXT], to[TIME_TEXT];
            json_array_append_new(list,
                                  json_pack("{s:o,s:o}", "from",
                                            text_json(time_text(tracks[i].gaps.list[k].from_us, from)), "to",
                                            text_json(time_text(tracks[i].gaps.list[k].to_us, to))));
        }
        json_object_set_new(one, "gaps", list);
        json_array_append_new(all, one);
    }
    return all;
}

/* --- who holds what ----------------------------------------------------------------------------------------
 */

static bool holds(const struct directory *d, const struct assignment *a, int64_t at_us)
{
    return (a->from_us == TIME_NONE || a->from_us <= at_us) &&
           (a->until_us == TIME_NONE || at_us < a->until_us) &&
           (a->during == NULL || shift_holds(a->during, d->zone, at_us));
}

static void put_assigned(const struct directory *d, const struct roster_track *t, int64_t at_us,
                         struct buf *out)
{
    bool any = false;

    for (size_t i = 0; i < d->assignment_count; i++) {
        const struct assignment *a = &d->assignments[i];
        if (!slice_eq(a->role, t->role) || !slice_eq(a->unit, t->unit) || !holds(d, a, at_us))
            continue;
        buf_printf(out, "%s%.*s", any ? ", " : "", SLICE_ARG(a->person));
        if (a->bed_count > 0)
            buf_printf(out, " (%.*s-%.*s)", SLICE_ARG(a->beds[0]), SLICE_ARG(a->beds[a->bed_count - 1]));
        any = true;
    }
    buf_text(out, any ? "\n" : "nobody\n");
}

void roster_holders(const struct directory *d, struct slice unit, int64_t at_us, struct arena *a,
                    struct buf *out)
{
    struct roster_track *tracks;
    size_t count = roster_tracks(d, unit, at_us, at_us, a, &tracks);

    for (size_t i = 0; i < count; i++) {
        size_t start = out->len;
        put_name(out, &tracks[i]);
        do
            buf_text(out, " ");
        while (out->len - start < NAME_WIDTH);
        if (tracks[i].rota == NULL) {
            put_assigned(d, &tracks[i], at_us, out);
            continue;
        }
        struct slice people[PEOPLE_MAX];
        size_t found = rota_at(tracks[i].rota, at_us, people, PEOPLE_MAX);
        for (size_t k = 0; k < found; k++)
            buf_printf(out, "%s%.*s", k > 0 ? ", " : "", SLICE_ARG(people[k]));
        buf_text(out, found > 0 ? "\n" : "nobody\n");
    }
}
