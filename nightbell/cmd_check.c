#include "base/limits.h"
#include "nightbell/block_schemas.h"
#include "nightbell/block_tls.h"
#include "nightbell/commands.h"
#include "nightbell/sarif.h"
#include "nightbell/show.h"
#include "nightbell/site_folder.h"
#include "nightbell/site_load.h"
#include "nightbell/test_report.h"
#include "rules/check/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell check SITE [--format text|json|sarif] [--strict] [--at DATE]\n"
    "                        [--days N]\n"
    "\n"
    "Reads every *.bell file of the site and what they name, and says what is wrong: number, place, caret "
    "and "
    "the\n"
    "fix. When nothing is wrong it prints what each rule can send at most. `nightbell why E401` tells more "
    "of a "
    "number.\n"
    "  --format F  text for people; json: a finding a line; sarif: SARIF 2.1.0, for code hosts and editors\n"
    "  --json      the same as --format json\n"
    "  --strict    warnings count as errors, the site's tests must pass, and rules for lethal codes must be "
    "tested whole\n"
    "  --at DATE   judge by this day (2026-11-03) and not by today: which reviews are overdue\n"
    "  --days N    how many days from then on the roster must have somebody for each step, at most 366 (14)\n"
    "Exit codes: 0 the site can run, 1 it cannot.\n";

enum { DAYS_MAX = 366 };
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF };

struct wishes {
    enum format format;
    bool strict;
    int64_t now_us;
    uint32_t days; /* 0: as many as are usual */
};

static void print(const struct buf *text, FILE *to)
{
    if (text->len > 0)
        fwrite(text->ptr, 1, text->len, to);
}

static bool read_format(const char *word, bool json, enum format *out)
{
    static const char *const words[] = { "text", "json", "sarif" };

    *out = json ? FORMAT_JSON : FORMAT_TEXT;
    for (int i = 0; word != NULL && i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (enum format)i;
            return true;
        }
    return word == NULL;
}

/* Noon, so that the day is the same one in almost every zone. */
static bool read_day(const char *word, int64_t *us)
{
    char text[32];
    struct timespec t;

    if (word == NULL) {
        clock_gettime(CLOCK_REALTIME, &t);
        *us = (int64_t)t.tv_sec * TIME_S;
        return true;
    }
    int len = snprintf(text, sizeof text, "%sT12:00:00Z", word);
    return len == 20 && time_parse_iso(slice_of(text), 0, us);
}

static void print_findings(const struct diagnostics *d, const struct wishes *w, const char *folder)
{
    struct buf text = buf_make(8 * (size_t)LIMIT_SITE_BYTES);

    if (w->format == FORMAT_JSON)
        diagnostics_json(d, &text);
    else if (w->format == FORMAT_SARIF)
        sarif_write(d, folder, &text);
    else
        diagnostics_text(d, show_colour_on(STDERR_FILENO), &text);
    print(&text, w->format == FORMAT_TEXT ? stderr : stdout);
    buf_free(&text);
}

static void print_bounds(const struct site *site, const struct fileset *files, const char *name,
                         size_t warnings)
{
    struct buf text = buf_make(LIMIT_SITE_BYTES);
    char ruleset[RULESET_DIGITS + 1];

    ruleset_bounds(site->rules, &text);
    print(&text, stdout);
    ruleset_named(files, ruleset);
    printf("%s: the site can run (%zu warning%s), ruleset %s\n", name, warnings, warnings == 1 ? "" : "s",
           ruleset);
    buf_free(&text);
}

/* The tests of the site, and what they have seen of its lethal rules. */
static bool is_tested(const struct fileset *files, const char *folder)
{
    struct buf text = buf_make(LIMIT_SITE_BYTES);
    bool fine = tests_strict(files, folder, &text);

    if (!fine)
        print(&text, stderr);
    buf_free(&text);
    return fine;
}

static bool check(const struct fileset *files, const char *folder, const struct wishes *w)
{
    struct error err = { .code = ERROR_NONE };
    struct arena *arena = arena_new();
    struct diagnostics d;
    size_t schemas;
    char *whole = realpath(folder, NULL);

    diagnostics_init(&d, arena, NULL, 0);
    const struct block_schema *known = block_schemas(&schemas);
    struct site *site = site_check_days(files, known, schemas, w->now_us, w->days, &d);
    print_findings(&d, w, whole != NULL ? whole : folder);
    bool fine = site != NULL && !(w->strict && d.warnings > 0);
    if (fine && !block_tls_check_all(site, folder, &err)) { /* serve would refuse it */
        report(&err);
        fine = false;
    }
    fine = fine && (!w->strict || is_tested(files, folder));
    if (fine && w->format == FORMAT_TEXT)
        print_bounds(site, files, folder, d.warnings);
    site_free(&site);
    diagnostics_free(&d);
    arena_free(&arena);
    free(whole);
    return fine;
}

static int run(int argc, char **argv)
{
    const char *format = NULL, *day = NULL, *days = NULL;
    bool json = false;
    struct wishes w = { .strict = false };
    const struct option_spec specs[] = {
        { .name = "--json", .flag = &json },      { .name = "--strict", .flag = &w.strict },
        { .name = "--format", .value = &format }, { .name = "--at", .value = &day },
        { .name = "--days", .value = &days },     { .name = NULL }
    };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error(argv[0], "one SITE folder is needed");
    if (!read_format(format, json, &w.format))
        return usage_error(argv[0], "--format is text, json or sarif");
    if (!read_day(day, &w.now_us))
        return usage_error(argv[0], "--at is a day, as 2026-11-03");
    if (days != NULL && (!slice_to_u32(slice_of(days), &w.days) || w.days == 0 || w.days > DAYS_MAX))
        return usage_error(argv[0], "--days is a number from 1 to %d", DAYS_MAX);
    struct fileset *files = site_folder_read(argv[1], &err);
    if (files == NULL) {
        report(&err);
        return COMMAND_NO;
    }
    bool fine = check(files, argv[1], &w);
    fileset_free(&files);
    return fine ? COMMAND_DONE : COMMAND_NO;
}

const struct command command_check = { "check", "is this site right? places, carets, fixes", help, run };
