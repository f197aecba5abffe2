/* nightbell/cmd_unmatched.c - what no rule wants, most frequent first, each with a rule or a row to begin
 * with. */
#include "base/limits.h"
#include "lab/lab.h"
#include "nightbell/commands.h"
#include "nightbell/control.h"
#include "nightbell/file.h"
#include "nightbell/json_text.h"
#include "nightbell/message_file.h"
#include "nightbell/show.h"
#include "nightbell/site_folder.h"
#include "nightbell/site_load.h"
#include "nightbell/unmatched.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char help[] =
    "usage: nightbell unmatched [--places] [--top N] --data DIR [--json]\n"
    "       nightbell unmatched [--places] [--top N] --site SITE FILE... [--json]\n"
    "\n"
    "What only a default took, the most frequent first (10, or --top N up to 200): how often, kind and "
    "class,\n"
    "code with its system, listener and unit, when it was last seen. Each with a drafted rule, which does "
    "what the\n"
    "default does now and is `mode draft`: it compiles, and changes nothing before somebody edits it. A code "
    "that\n"
    "no catalogue knows comes with the row that names it. --places: spellings of places that no places.csv\n"
    "knows, each with a row to complete. With --data from the running router's lists; with --site from the\n"
    "messages of the files (HL7 v2, FHIR), read as the site's listeners would.\n"
    "Exit codes: 0 listed, also when there is nothing; 1 a file or the site cannot be read.\n";

/* `ctx` counts the lines. */
static void show(void *ctx, json_t *line)
{
    struct slice row = json_member(line, "row"), rule = json_member(line, "rule");

    ++*(size_t *)ctx;
    printf("%s%6lld  %-14s %-36s%s %-24s last %.19s  record %lld\n", show_paint("\033[1m"),
           (long long)json_integer_value(json_object_get(line, "count")),
           json_string_value(json_object_get(line, "what")), json_string_value(json_object_get(line, "key")),
           show_paint("\033[0m"), json_string_value(json_object_get(line, "where")),
           json_string_value(json_object_get(line, "at")),
           (long long)json_integer_value(json_object_get(line, "position")));
    if (row.len > 0)
        printf("        %s%s%s %.*s\n", show_paint("\033[2m"), rule.len > 0 ? "catalogue.csv" : "places.csv",
               show_paint("\033[0m"), SLICE_ARG(row));
    while (rule.len > 0) {
        struct slice one = slice_cut(&rule, '\n');
        printf("        %.*s\n", SLICE_ARG(one));
    }
}

/* On a terminal an empty answer must not look like a lost one. */
static void tell_none(size_t shown, bool places)
{
    if (shown == 0)
        puts(places ? "no place is unknown" : "a rule owned everything");
}

/* --- from files ---------------------------------------------------------------------------------------- */

static struct site *compile(void *ctx, struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct site *site = files != NULL ? site_from_files(files, ctx, err) : NULL;

    fileset_free(&files);
    return site;
}

static bool take_message(void *ctx, const struct message_input *in, size_t number, struct error *err)
{
    struct lab *lab = ctx;
    struct core_input input = { .kind = INPUT_MESSAGE, .as.message = *in };

    (void)number;
    if (!lab_input(lab, &input))
        *err = lab->error;
    return !lab->broken;
}

static void list_lab(struct lab *lab, bool places, size_t top, bool json)
{
    struct arena *arena = arena_new();
    struct listed *rows;
    size_t count, shown = 0;

    core_list(lab->core, places ? SLICE("unmatched-place") : SLICE("unowned"), arena, &rows, &count);
    unmatched_sort(rows, count);
    for (size_t i = 0; i < count && i < top; i++) {
        struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
        bool found = false;
        for (size_t n = 0; n < lab->append_count && !found && !places; n++)
            found = lab->appends[n].first <= rows[i].position &&
                    rows[i].position < lab->appends[n].first + lab->appends[n].count &&
                    core_unowned_event(&rows[i], lab->appends[n].records, arena, &e);
        json_t *line = places ? unmatched_place_json(&rows[i])
                              : unmatched_code_json(core_site(lab->core), &rows[i], found ? &e : NULL, arena);
        (json ? control_print : show)(&shown, line);
        json_decref(line);
    }
    if (!json)
        tell_none(shown, places);
    arena_free(&arena);
}

static bool read_all(struct lab *lab, int count, char **files, struct error *err)
{
    bool fine = true;

    for (int i = 0; i < count && fine; i++) {
        struct buf bytes = buf_make((size_t)1 << 28);
        fine = file_read(files[i], &bytes, err) &&
               message_file_each(buf_slice(&bytes), core_site(lab->core), NULL, take_message, lab, err);
        buf_free(&bytes);
    }
    return fine;
}

static int from_files(const char *folder, int count, char **paths, bool places, size_t top, bool json)
{
    struct error err = { .code = ERROR_NONE };
    struct fileset *files = site_folder_read(folder, &err);
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct timespec now;
    bool fine = files != NULL;

    clock_gettime(CLOCK_REALTIME, &now);
    if (fine)
        fileset_write(&bytes, files);
    fileset_free(&files);
    const struct lab_options options = { .compile_site = compile,
                                         .ctx = (void *)(uintptr_t)folder,
                                         .fileset = buf_slice(&bytes),
                                         .wall_us = (int64_t)now.tv_sec * TIME_S,
                                         .alone = true };
    struct lab *lab = fine ? lab_new(&options) : NULL;
    if (fine && core_site(lab->core) == NULL) {
        struct site *site = compile((void *)(uintptr_t)folder, buf_slice(&bytes), &err); /* why not */
        site_free(&site);
        fine = false;
    }
    fine = fine && read_all(lab, count, paths, &err);
    if (fine)
        list_lab(lab, places, top, json);
    else
        report(&err);
    lab_free(&lab);
    buf_free(&bytes);
    return fine ? COMMAND_DONE : COMMAND_NO;
}

static int run(int argc, char **argv)
{
    const char *data = NULL, *site = NULL, *most = "10";
    bool json = false, places = false;
    const struct option_spec specs[] = {
        { .name = "--data", .value = &data }, { .name = "--site", .value = &site },
        { .name = "--top", .value = &most },  { .name = "--places", .flag = &places },
        { .name = "--json", .flag = &json },  { .name = NULL }
    };
    uint32_t top;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (!slice_to_u32(slice_of(most), &top) || top == 0 || top > 200)
        return usage_error(argv[0], "--top is 1 to 200");
    if ((data == NULL) == (site == NULL) || (data != NULL) != (argc == 1))
        return usage_error(argv[0], "--data DIR, or --site SITE and FILES are needed");
    if (site != NULL)
        return from_files(site, argc - 1, argv + 1, places, top, json);
    size_t shown = 0;
    int code = control_command(
        data, json_pack("{s:s,s:b,s:i}", "do", "unmatched", "places", places ? 1 : 0, "top", (int)top),
        json ? control_print : show, &shown);
    if (code == COMMAND_DONE && !json)
        tell_none(shown, places);
    return code;
}

const struct command command_unmatched = { "unmatched", "what no rule wants, each with a drafted rule", help,
                                           run };
