#include "adapters/net/clock.h"
#include "base/limits.h"
#include "nightbell/commands.h"
#include "nightbell/roster_show.h"
#include "nightbell/show.h"
#include "nightbell/site_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DAYS = 14, DAYS_MAX = 366 };

static const char help[] =
    "usage: nightbell roster [SITE] [UNIT] [--at TIME]\n"
    "       nightbell roster gaps [SITE] [UNIT] [--days N] [--at TIME] [--json]\n"
    "\n"
    "Who holds each role and is on call at a time, by the site's own files; with gaps, the hours in the "
    "days\n"
    "to come in which a rota or a role of a unit has nobody: a strip for each week, three hours a cell, "
    "then\n"
    "each gap in words. A role that has beds has everybody it needs only when every bed has somebody.\n"
    "  SITE       the site's folder (the folder one is in)\n"
    "  --at TIME  2026-11-02 or 2026-11-02T07:00 on the site's wall clock, or with Z or an offset (now)\n"
    "  --days N   how far to look, at most 366 (14)\n"
    "  --json     the gaps for programs\n"
    "Exit codes: 0 printed, and no gap; 1 there are gaps, or the site is wrong; 4 no such folder.\n";

/* Without a zone it is the site's wall clock. */
static bool read_at(const char *text, const struct tz *zone, int64_t *out)
{
    struct slice s = slice_of(text);
    bool offset = slice_ends(s, SLICE("Z")) || (s.len > 16 && slice_find(s, '+') < s.len) ||
                  (s.len > 16 && s.ptr[s.len - 6] == '-');

    if (!time_parse_iso(s, 0, out))
        return false;
    if (!offset)
        *out = tz_from_civil(zone, time_to_civil(*out), TZ_FIRST);
    return true;
}

/* One word alone is a site's folder where there is such a folder, else a unit of the site one is in. */
static void site_and_unit(int count, char **words, const char **site, struct slice *unit)
{
    struct stat st;
    bool folder = count > 0 && (count > 1 || strchr(words[0], '/') != NULL ||
                                (stat(words[0], &st) == 0 && S_ISDIR(st.st_mode)));

    *site = folder ? words[0] : ".";
    *unit = slice_of(count > folder ? words[folder] : NULL);
}

static int show_gaps(const struct directory *d, struct slice unit, int64_t at_us, unsigned days, bool json)
{
    struct arena *a = arena_new();
    struct buf out = buf_make(LIMIT_SITE_BYTES);
    struct roster_track *tracks;
    int64_t to_us = at_us + days * TIME_DAY;
    size_t count = roster_tracks(d, unit, at_us, to_us, a, &tracks), open = 0;

    for (size_t i = 0; i < count; i++)
        open += tracks[i].gaps.count;
    if (json) {
        json_t *all = roster_gaps_json(tracks, count);
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        puts("");
        json_decref(all);
    } else {
        roster_strips(d, tracks, count, at_us, to_us, show_colour_on(STDOUT_FILENO), &out);
        fwrite(out.ptr, 1, out.len, stdout);
    }
    buf_free(&out);
    arena_free(&a);
    return open > 0 ? COMMAND_NO : COMMAND_DONE;
}

static int show_holders(const struct directory *d, struct slice unit, int64_t at_us)
{
    struct arena *a = arena_new();
    struct buf out = buf_make(LIMIT_SITE_BYTES);

    roster_holders(d, unit, at_us, a, &out);
    fwrite(out.ptr, 1, out.len, stdout);
    buf_free(&out);
    arena_free(&a);
    return COMMAND_DONE;
}

static int run(int argc, char **argv)
{
    const char *at = NULL, *days = NULL;
    bool json = false;
    const struct option_spec specs[] = { { .name = "--at", .value = &at },
                                         { .name = "--days", .value = &days },
                                         { .name = "--json", .flag = &json },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };
    uint32_t ahead = DAYS;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    int gaps = argc > 1 && slice_is(slice_of(argv[1]), "gaps");
    if (argc > 3 + gaps)
        return usage_error(argv[0], "a SITE folder and a UNIT are all it takes");
    if (days != NULL && (!slice_to_u32(slice_of(days), &ahead) || ahead == 0 || ahead > DAYS_MAX))
        return usage_error(argv[0], "--days is a number from 1 to %d", DAYS_MAX);
    const char *folder;
    struct slice unit;
    site_and_unit(argc - 1 - gaps, argv + 1 + gaps, &folder, &unit);
    struct site *site = site_load(folder, &err);
    if (site == NULL)
        return report(&err);
    int64_t at_us = clock_wall_us();
    int code = COMMAND_USAGE;
    if (at != NULL && !read_at(at, site->zone, &at_us))
        usage_error(argv[0], "--at is a date or a time, as 2026-11-02 or 2026-11-02T07:00");
    else if (unit.len > 0 && directory_unit(site->directory, unit) == NULL)
        usage_error(argv[0], "the site has no unit \"%.*s\"", SLICE_ARG(unit));
    else
        code = gaps ? show_gaps(site->directory, unit, at_us, ahead, json)
                    : show_holders(site->directory, unit, at_us);
    site_free(&site);
    return code;
}

const struct command command_roster = { "roster", "who holds what when, and the hours that nobody does", help,
                                        run };
