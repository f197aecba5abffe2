/* rules/site/feeds.c - `rota X from ics "rosters/x.ics"`, `from csv`, `from fhir`: turns from files.
 *
 * The files come with the site, so that a recorded site decides the same again. What is malformed is an
 * error at its line; a name that is nobody's is a warning, and its turns are left out: one new colleague in
 * a calendar must not keep tonight's roster out. */
#include "rules/site/feed.h"

#include "base/limits.h"
#include "events/csv.h"
#include "roster/ics.h"

#include <stdlib.h>

/* --- who -------------------------------------------------------------------------------------------------
 */

const struct person *feed_person(const struct feed *f, struct slice text)
{
    const struct directory *d = &f->b->out->directory;
    const struct person *p = directory_person_by_id(d, text);

    for (size_t i = 0; p == NULL && text.len > 0 && i < d->person_count; i++)
        if (slice_eq_nocase(d->persons[i].title, text))
            p = &d->persons[i];
    return p;
}

void feed_stranger(struct feed *f, struct slice text, uint32_t line)
{
    struct error at = { .line = line };
    struct names persons = names_of_persons(f->b);

    if (names_have(&f->unknown, text))
        return;
    names_add(&f->unknown, f->b->arena, text);
    struct slice near = diagnose_nearest(text, persons.list, persons.count);
    diagnose(f->b->d, SEVERITY_WARNING, SITE_FEED_PERSON, site_file_span(f->b, f->file, &at),
             "\"%.*s\" is no person of this site; their turns on rota \"%.*s\" are left out", SLICE_ARG(text),
             SLICE_ARG(f->rota));
    if (near.len > 0)
        diagnose_hint(f->b->d, "did you mean \"%.*s\"? a person is found by name, title or line",
                      SLICE_ARG(near));
    else
        diagnose_hint(f->b->d, "a person is found by name, title or line, whatever the case of the letters");
}

static void add_turn(struct feed *f, struct rota_interval turn)
{
    if (f->count == f->room) {
        size_t room = f->room > 0 ? 2 * f->room : 64;
        struct feed_turn *more = arena_array(f->b->arena, room, sizeof *more);
        for (size_t i = 0; i < f->count; i++)
            more[i] = f->turns[i];
        f->turns = more;
        f->room = room;
    }
    f->turns[f->count] = (struct feed_turn){ turn, f->count };
    f->count++;
}

bool feed_add(struct feed *f, struct rota_interval turn, struct error *err)
{
    if (f->count == LIMIT_ROSTER_ENTRIES)
        return error_set(err, ERROR_LIMIT, "roster-entries: a rota has at most %d turns",
                         LIMIT_ROSTER_ENTRIES);
    add_turn(f, turn);
    return true;
}

/* --- calendars -------------------------------------------------------------------------------------------
 */

static bool add_known(struct feed *f, const struct ics_entry *e, struct slice text)
{
    const struct person *p = feed_person(f, slice_trim(text));

    if (p != NULL)
        add_turn(f, (struct rota_interval){ .from_us = e->from_us, .to_us = e->to_us, .person = p->name });
    return p != NULL;
}

/* Attendees say who it is; without any that is known the summary does, several split by commas. */
static void add_entry(struct feed *f, const struct ics_entry *e)
{
    struct slice rest = e->summary;
    bool known = false;

    for (size_t i = 0; i < e->attendee_count; i++)
        known = add_known(f, e, e->attendees[i]) || known;
    if (known || add_known(f, e, e->summary))
        return;
    while (slice_find(e->summary, ',') < e->summary.len && rest.len > 0) {
        struct slice one = slice_trim(slice_cut(&rest, ','));
        if (add_known(f, e, one))
            known = true;
        else
            feed_stranger(f, one, e->line);
    }
    if (!known && slice_find(e->summary, ',') == e->summary.len)
        feed_stranger(f, e->attendee_count > 0 ? e->attendees[0] : e->summary, e->line);
}

/* "/freeassociation.sourceforge.net/Europe/Berlin" and the like end in the zone's name. */
static const struct tz *find_zone(void *ctx, struct slice name)
{
    const struct feed *f = ctx;
    const struct tz *zone = build_zone_named(f->b, name);

    while (zone == NULL && slice_find(name, '/') < name.len) {
        slice_cut(&name, '/');
        zone = build_zone_named(f->b, name);
    }
    return zone;
}

static bool read_calendar(struct feed *f, struct slice bytes, struct error *err)
{
    struct ics_zones zones = { find_zone, f, f->zone };
    struct ics_roster roster;

    if (!ics_read(bytes, &zones, f->b->arena, &roster, err))
        return false;
    for (size_t i = 0; i < roster.count; i++)
        add_entry(f, &roster.entries[i]);
    return true;
}

/* --- tables ----------------------------------------------------------------------------------------------
 */

/* "2026-11-02 07:00" on the rota's wall clock, or an ISO 8601 instant with its offset. */
static bool read_time(const struct feed *f, struct slice cell, int64_t *out)
{
    char text[20];
    int64_t wall;

    if (cell.len > 19 || slice_ends(cell, SLICE("Z")))
        return time_parse_iso(cell, 0, out);
    for (size_t i = 0; i < cell.len; i++)
        text[i] = (char)(i == 10 && cell.ptr[i] == ' ' ? 'T' : cell.ptr[i]);
    if (!time_parse_iso((struct slice){ text, cell.len }, 0, &wall))
        return false;
    *out = tz_from_civil(f->zone, time_to_civil(wall), TZ_FIRST);
    return true;
}

static bool read_name(struct feed *f, const struct csv *c, struct slice cell, struct slice *out)
{
    const struct person *p = feed_person(f, cell);

    *out = p != NULL ? p->name : cell;
    if (p != NULL || slice_is(cell, "nobody"))
        return true;
    feed_stranger(f, cell, c->line);
    return false;
}

static bool read_row(void *ctx, const struct csv *c, const struct slice *cells, struct error *err)
{
    struct feed *f = ctx;
    struct rota_interval turn = { .from_us = 0 };

    if (!read_time(f, cells[0], &turn.from_us) || !read_time(f, cells[1], &turn.to_us))
        return csv_error(c, ERROR_SYNTAX, err, "times are written 2026-11-02 07:00, or with an offset");
    if (turn.from_us >= turn.to_us)
        return csv_error(c, ERROR_VALUE, err, "this turn ends before it begins");
    if (!read_name(f, c, cells[2], &turn.person) ||
        (cells[3].len > 0 && !read_name(f, c, cells[3], &turn.instead_of)))
        return true;
    if (!feed_add(f, turn, NULL))
        return csv_error(c, ERROR_LIMIT, err, "roster-entries: a rota has no more turns than that");
    return true;
}

static bool read_table(struct feed *f, struct slice bytes, struct error *err)
{
    static const char *const names[] = { "from", "to", "person", "instead-of" };
    const struct csv_table table = { names, 4, 3, "a roster has the columns from, to, person", read_row };

    return csv_read(bytes, f->b->arena, &table, f, err);
}

/* --- FHIR: read where the folder was (site_fhir_files) ----------------------------------------------------
 */

/* "error LINE COLUMN MESSAGE" stands where the file could not be read. */
static bool tree_fault(struct slice text, struct error *err)
{
    struct slice word = slice_cut(&text, ' '), line = slice_cut(&text, ' '), column = slice_cut(&text, ' ');
    uint32_t number;

    if (!slice_is(word, "error"))
        return false;
    error_set(err, ERROR_SYNTAX, "%.*s", SLICE_ARG(text));
    err->line = slice_to_u32(line, &number) ? number : 0;
    err->column = slice_to_u32(column, &number) ? number : 0;
    return true;
}

static bool read_bundle(struct feed *f, struct error *err)
{
    struct slice name, tree;

    if (!site_file_name(f->b->arena, f->file, &name) ||
        !fileset_find(f->b->files, site_fhir_name(f->b->arena, name), &tree))
        return error_set(err, ERROR_MISSING, "this file came with the site, but not its tree");
    return !tree_fault(tree, err) && feed_read_fhir(f, tree, err);
}

/* --- the rota --------------------------------------------------------------------------------------------
 */

static int by_begin(const void *x, const void *y)
{
    const struct feed_turn *a = x, *b = y;

    if (a->interval.from_us != b->interval.from_us)
        return a->interval.from_us < b->interval.from_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static struct rota_feed finished(struct feed *f)
{
    struct rota_interval *list = arena_array(f->b->arena, f->count, sizeof *list);
    struct rota_feed out = { .file = f->file, .turns = list, .count = f->count, .known_until_us = TIME_NONE };

    if (f->count > 1)
        qsort(f->turns, f->count, sizeof *f->turns, by_begin);
    for (size_t i = 0; i < f->count; i++) {
        list[i] = f->turns[i].interval;
        int64_t long_us = list[i].to_us - list[i].from_us;
        out.longest_us = long_us > out.longest_us ? long_us : out.longest_us;
        out.known_until_us = list[i].to_us > out.known_until_us ? list[i].to_us : out.known_until_us;
    }
    return out;
}

void build_feed(struct builder *b, const struct ast_node *from, struct rota *out)
{
    const struct ast_node *path = ast_child(from, AST_STRING);
    struct feed f = { .b = b, .at = from, .rota = out->name, .zone = out->zone };
    struct error err = { .code = ERROR_NONE };
    struct slice bytes;

    if (path == NULL || out->zone == NULL || !site_find_file(b, path->text, path->at, &bytes))
        return;
    f.file = path->text;
    bool fine = slice_is(from->text, "ics")    ? read_calendar(&f, bytes, &err)
                : slice_is(from->text, "fhir") ? read_bundle(&f, &err)
                                               : read_table(&f, bytes, &err);
    if (!fine) {
        site_report_file(b, path->text, &err);
        return;
    }
    out->feed = finished(&f);
    if (f.count == 0) {
        diagnose(b->d, SEVERITY_WARNING, SITE_FEED_EMPTY, path->at,
                 "rota \"%.*s\" has nobody: \"%.*s\" holds no turn of anybody here", SLICE_ARG(out->name),
                 SLICE_ARG(path->text));
        diagnose_hint(b->d, "a person is found by name, title or line");
    }
}
