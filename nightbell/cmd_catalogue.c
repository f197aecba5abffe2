/* nightbell/cmd_catalogue.c - the names of codes: which there are, and one more. */
#include "base/limits.h"
#include "events/catalogue.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "nightbell/json_text.h"
#include "nightbell/site_folder.h"
#include "rules/site/site.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell catalogue [TEXT] [--site SITE] [--json]\n"
    "       nightbell catalogue add NAME --site SITE --kind KIND --class CLASS [--system S --code C]\n"
    "                 [--source METRIC] [--text TEXT] [--unit UNIT] [--title TITLE] [--attended-ends]\n"
    "                 [--file catalogue.csv]\n"
    "\n"
    "Lists the codes that rules can name: the built-in ones, and with --site those of its catalogue files; "
    "with "
    "TEXT\n"
    "only rows in which it stands. `add` writes a row into the site's file: an event with this system and "
    "code, "
    "or this\n"
    "text, is NAME from then on. The rest of the file stays as it is.\n"
    "Exit codes: 0 done, 1 nothing was found or written, 2 wrong usage.\n";

enum { CELL_TEXT = 256 };

static const char header[] = "name,kind,class,system,code,source,text,unit,title,attended-ends\n";

/* --- looking ----------------------------------------------------------------------------------------- */

/* The files that the site's `catalogue` declarations name. A site that has errors still has these. */
static bool add_site(struct catalogue *c, const char *folder, struct error *err)
{
    struct fileset *files = site_folder_read(folder, err);
    struct arena *arena = arena_new();
    const struct slice *names;
    size_t count = files != NULL ? site_catalogues(files, arena, &names) : 0;
    bool fine = files != NULL;

    for (size_t i = 0; fine && i < count; i++) {
        struct slice bytes;
        fine = !fileset_find(files, names[i], &bytes) || catalogue_add_csv(c, bytes, err);
    }
    arena_free(&arena);
    fileset_free(&files);
    return fine;
}

static bool has_text(const struct catalogue_row *r, const char *text)
{
    const struct slice cells[] = { r->name, r->system, r->code, r->source, r->text, r->title };
    char cell[CELL_TEXT];

    for (size_t i = 0; text != NULL && i < sizeof cells / sizeof *cells; i++) {
        snprintf(cell, sizeof cell, "%.*s", SLICE_ARG(cells[i]));
        if (strcasestr(cell, text) != NULL)
            return true;
    }
    return text == NULL;
}

static void print_json(const struct catalogue_row *r)
{
    json_t *o = json_object();

    json_object_set_new(o, "name", json_of_slice(r->name));
    json_object_set_new(o, "kind", json_string(event_kind_name(r->kind)));
    json_object_set_new(o, "class", json_string(event_class_name(r->class)));
    json_object_set_new(o, "system", json_of_slice(r->system));
    json_object_set_new(o, "code", json_of_slice(r->code));
    json_object_set_new(o, "source", json_of_slice(r->source));
    json_object_set_new(o, "text", json_of_slice(r->text));
    json_object_set_new(o, "unit", json_of_slice(r->unit));
    json_object_set_new(o, "title", json_of_slice(r->title));
    json_object_set_new(o, "attended-ends", json_boolean(r->attended_ends));
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

static void print_row(const struct catalogue_row *r)
{
    char sent[CELL_TEXT];

    snprintf(sent, sizeof sent, "%.*s%s%.*s%s%.*s%s%.*s", SLICE_ARG(r->system), r->code.len > 0 ? ":" : "",
             SLICE_ARG(r->code), r->source.len > 0 ? " of " : "", SLICE_ARG(r->source),
             r->text.len > 0 ? " " : "", SLICE_ARG(r->text));
    printf("%-26.*s %-11s %-10s %-26s %-10.*s %.*s\n", SLICE_ARG(r->name), event_kind_name(r->kind),
           event_class_name(r->class), sent, SLICE_ARG(r->unit), SLICE_ARG(r->title));
}

static int list(const char *site, const char *text, bool json)
{
    struct catalogue *c = catalogue_new();
    struct error err = { .code = ERROR_NONE };
    size_t found = 0;

    if ((site != NULL && !add_site(c, site, &err)) || !catalogue_add_builtin(c, &err)) {
        catalogue_free(&c);
        return report(&err), COMMAND_NO;
    }
    if (!json)
        printf("%-26s %-11s %-10s %-26s %-10s %s\n", "name", "kind", "class", "sent as", "unit", "title");
    for (size_t i = 0; i < catalogue_count(c); i++) {
        const struct catalogue_row *r = catalogue_row_at(c, i);
        if (!has_text(r, text))
            continue;
        found++;
        (json ? print_json : print_row)(r);
    }
    catalogue_free(&c);
    if (found == 0)
        fprintf(stderr, "nightbell: no code has \"%s\"\n", text != NULL ? text : "");
    return found > 0 ? COMMAND_DONE : COMMAND_NO;
}

/* --- adding ------------------------------------------------------------------------------------------ */

struct row_words { /* in the order of the columns */
    const char *cell[10];
};

static void put_cell(struct buf *out, const char *cell)
{
    if (strpbrk(cell, ",\"\r\n") == NULL) {
        buf_text(out, cell);
        return;
    }
    buf_u8(out, '"');
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            buf_u8(out, '"');
        buf_u8(out, (uint8_t)*cell);
    }
    buf_u8(out, '"');
}

static void put_row(struct buf *out, const struct row_words *w)
{
    for (size_t i = 0; i < sizeof w->cell / sizeof *w->cell; i++) {
        if (i > 0)
            buf_u8(out, ',');
        put_cell(out, w->cell[i] != NULL ? w->cell[i] : "");
    }
    buf_u8(out, '\n');
}

static bool same(struct slice have, const char *word)
{
    return slice_eq(have, slice_of(word != NULL ? word : ""));
}

/* A row that is matched by exactly the same message could never be reached. */
static bool is_new(struct slice csv, const struct row_words *w, struct error *err)
{
    struct catalogue *c = catalogue_new();
    bool fine = csv.len == 0 || catalogue_add_csv(c, csv, err);

    for (size_t i = 0; fine && i < catalogue_count(c); i++) {
        const struct catalogue_row *r = catalogue_row_at(c, i);
        if (same(r->system, w->cell[3]) && same(r->code, w->cell[4]) && same(r->source, w->cell[5]) &&
            same(r->text, w->cell[6]))
            fine = error_set(err, ERROR_CONFLICT, "the file has a row for it already: it is \"%.*s\"",
                             (int)(r->name.len > 60 ? 60 : r->name.len), r->name.ptr);
    }
    catalogue_free(&c);
    return fine;
}

/* A file that is new is made first; what cannot be filled does not stay. */
static bool put_file(const char *path, struct slice bytes, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    bool fine = file_replace(path, bytes, err);
    if (!fine && fd >= 0)
        unlink(path);
    return fine;
}

static bool append_row(const char *path, const struct row_words *w, struct error *err)
{
    struct buf csv = buf_make(LIMIT_SITE_BYTES);
    struct catalogue *checked = catalogue_new();
    bool fine = (access(path, F_OK) != 0 || file_read(path, &csv, err)) && is_new(buf_slice(&csv), w, err);

    if (fine && csv.len == 0)
        buf_text(&csv, header);
    if (fine && csv.ptr[csv.len - 1] != '\n')
        buf_u8(&csv, '\n');
    if (fine)
        put_row(&csv, w);
    fine = fine && catalogue_add_csv(checked, buf_slice(&csv), err) && put_file(path, buf_slice(&csv), err);
    catalogue_free(&checked);
    buf_free(&csv);
    return fine;
}

/* Does the site read this file? Else the row would change nothing. */
static bool is_declared(const char *site, const char *file)
{
    struct error err = { .code = ERROR_NONE };
    struct fileset *files = site_folder_read(site, &err);
    struct arena *arena = arena_new();
    const struct slice *names;
    size_t count = files != NULL ? site_catalogues(files, arena, &names) : 0;
    bool found = false;

    for (size_t i = 0; i < count; i++)
        found = found || slice_is(names[i], file);
    arena_free(&arena);
    fileset_free(&files);
    return found;
}

static int add(const char *site, const char *file, const struct row_words *w)
{
    char path[PATH_MAX];
    struct error err = { .code = ERROR_NONE };

    if (snprintf(path, sizeof path, "%s/%s", site, file) >= (int)sizeof path)
        return usage_error("catalogue", "the path is too long");
    if (!append_row(path, w, &err))
        return report(&err), COMMAND_NO;
    printf("%s: \"%s\" added\n", path, w->cell[0]);
    if (!is_declared(site, file))
        printf("the site does not read this file yet: add  catalogue \"%s\"  beside its `site` line\n", file);
    return COMMAND_DONE;
}

static int run(int argc, char **argv)
{
    const char *site = NULL, *file = "catalogue.csv";
    bool json = false, ends = false;
    struct row_words w = { { NULL } };
    const struct option_spec specs[] = { { .name = "--site", .value = &site },
                                         { .name = "--json", .flag = &json },
                                         { .name = "--file", .value = &file },
                                         { .name = "--kind", .value = &w.cell[1] },
                                         { .name = "--class", .value = &w.cell[2] },
                                         { .name = "--system", .value = &w.cell[3] },
                                         { .name = "--code", .value = &w.cell[4] },
                                         { .name = "--source", .value = &w.cell[5] },
                                         { .name = "--text", .value = &w.cell[6] },
                                         { .name = "--unit", .value = &w.cell[7] },
                                         { .name = "--title", .value = &w.cell[8] },
                                         { .name = "--attended-ends", .flag = &ends },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    bool adds = argc > 1 && strcmp(argv[1], "add") == 0;
    if (!adds)
        return argc > 2 ? usage_error(argv[0], "one TEXT at most")
                        : list(site, argc > 1 ? argv[1] : NULL, json);
    if (argc != 3 || site == NULL || w.cell[1] == NULL || w.cell[2] == NULL)
        return usage_error(argv[0], "add NAME --site SITE --kind KIND --class CLASS are needed");
    if (w.cell[4] == NULL && w.cell[6] == NULL)
        return usage_error(argv[0], "say how it is sent: --system and --code, or --text");
    w.cell[0] = argv[2];
    w.cell[9] = ends ? "yes" : "no";
    return add(site, file, &w);
}

const struct command command_catalogue = { "catalogue", "the codes that rules can name, and one more", help,
                                           run };
