#include "nightbell/site_folder.h"

#include "base/limits.h"
#include "base/memory.h"
#include "fhir/json.h"
#include "fhir/xml.h"
#include "rules/site/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONEINFO "/usr/share/zoneinfo"

enum { FOLDER_DEPTH = 16 };

struct reading_folder {
    const char *folder;
    char real[PATH_MAX]; /* the folder without links */
    struct fileset *files;
    struct arena *arena;
    struct error *err;
};

static bool io_error(struct error *err, struct slice relative, const char *what)
{
    return error_set(err, ERROR_IO, "%.*s: %s", (int)(relative.len > 90 ? 90 : relative.len), relative.ptr,
                     what);
}

static bool read_descriptor(int fd, struct buf *out)
{
    char piece[16384];

    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        buf_bytes(out, piece, (size_t)got);
        if (out->failed)
            return true;
    }
}

/* Regular files only: a pipe in the folder must not make `check` wait for ever. */
static bool read_whole(struct reading_folder *r, const char *path, struct slice relative, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    bool ok;

    if (fd < 0)
        return io_error(r->err, relative, strerror(errno));
    ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (!ok)
        io_error(r->err, relative, "not a regular file");
    else if (!read_descriptor(fd, out))
        ok = io_error(r->err, relative, strerror(errno));
    else if (out->failed)
        ok = error_set(r->err, ERROR_LIMIT, "site-bytes: the files of a site hold at most %d bytes",
                       LIMIT_SITE_BYTES);
    close(fd);
    return ok;
}

static bool add_file(struct reading_folder *r, const char *path, struct slice name)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES);
    bool ok = read_whole(r, path, site_file_path(r->arena, name), &bytes) &&
              fileset_add(r->files, name, buf_slice(&bytes), r->err);

    buf_free(&bytes);
    return ok;
}

static bool stays_inside(struct reading_folder *r, const char *path, struct slice relative)
{
    char real[PATH_MAX];
    size_t len = strlen(r->real);

    if (realpath(path, real) == NULL)
        return io_error(r->err, relative, strerror(errno));
    if (strncmp(real, r->real, len) == 0 && (real[len] == '/' || strcmp(r->real, "/") == 0))
        return true;
    return io_error(r->err, relative, "this link leads out of the site's folder; name the file with \"use\"");
}

static bool walk_folder(struct reading_folder *r, struct slice under, unsigned depth);

/* A link to a folder inside is passed over: what it shows is walked where it really is. */
static bool visit_folder(struct reading_folder *r, const char *path, struct slice name, unsigned depth)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return stays_inside(r, path, name);
    return walk_folder(r, name, depth - 1);
}

static bool visit(struct reading_folder *r, struct slice under, const char *entry, unsigned depth)
{
    struct slice name = under.len > 0 ? arena_printf(r->arena, "%.*s/%s", SLICE_ARG(under), entry)
                                      : arena_copy(r->arena, slice_of(entry));
    struct slice path = arena_printf(r->arena, "%s/%.*s", r->folder, SLICE_ARG(name));
    bool bell = slice_ends(name, SLICE(".bell"));
    struct stat st;

    if (stat(path.ptr, &st) != 0)
        return bell ? io_error(r->err, name, strerror(errno)) : true;
    if (S_ISDIR(st.st_mode))
        return visit_folder(r, path.ptr, name, depth);
    return !bell || (stays_inside(r, path.ptr, name) && add_file(r, path.ptr, name));
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool walk_folder(struct reading_folder *r, struct slice under, unsigned depth)
{
    struct slice path = arena_printf(r->arena, "%s/%.*s", r->folder, SLICE_ARG(under));
    struct dirent **entries;
    bool ok = true;
    int count;

    if (depth == 0)
        return io_error(r->err, under, "folders are nested too deep");
    count = scandir(path.ptr, &entries, visible, by_bytes);
    if (count < 0)
        return io_error(r->err, under.len > 0 ? under : slice_of(r->folder), strerror(errno));
    for (int i = 0; i < count; i++) {
        ok = ok && visit(r, under, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* Says who asks for the file that could not be read. */
static bool refused_for(struct reading_folder *r, struct slice name)
{
    struct slice place = site_mention_place(r->files, r->arena, name);

    if (place.len > 0)
        error_hint(r->err, "%.*s names it", (int)(place.len > 100 ? 100 : place.len), place.ptr);
    return false;
}

static struct slice path_on_disk(struct reading_folder *r, struct slice name)
{
    struct slice path = site_file_path(r->arena, name);

    return slice_starts(path, SLICE("/")) ? arena_printf(r->arena, "%.*s", SLICE_ARG(path))
                                          : arena_printf(r->arena, "%s/%.*s", r->folder, SLICE_ARG(path));
}

/* Used files can use more; each round adds at least one, and the site-files limit ends it. */
static bool add_named_files(struct reading_folder *r)
{
    const struct slice *names;
    bool added = true;

    while (added) {
        size_t count = site_files(r->files, r->arena, &names);

        added = false;
        for (size_t i = 0; i < count; i++) {
            struct slice path = path_on_disk(r, names[i]), there;

            if (fileset_find(r->files, names[i], &there))
                continue;
            if ((!slice_starts(names[i], SLICE(".shared/")) && !stays_inside(r, path.ptr, names[i])) ||
                !add_file(r, path.ptr, names[i]))
                return refused_for(r, names[i]);
            added = true;
        }
    }
    return true;
}

/* A zone that the machine lacks is reported by the compiler, with the place where it is named. */
static bool add_zones(struct reading_folder *r)
{
    const struct slice *zones;
    size_t count = site_zones(r->files, r->arena, &zones);

    for (size_t i = 0; i < count; i++) {
        struct slice path = arena_printf(r->arena, ZONEINFO "/%.*s", SLICE_ARG(zones[i]));
        struct slice name = arena_printf(r->arena, "tz/%.*s", SLICE_ARG(zones[i])), plain;
        struct stat st;

        if (!site_file_name(r->arena, zones[i], &plain) || !slice_eq(plain, zones[i]))
            continue;
        if (stat(path.ptr, &st) == 0 && S_ISREG(st.st_mode) && !add_file(r, path.ptr, name))
            return false;
    }
    return true;
}

static struct slice fault_text(struct reading_folder *r, const struct error *e)
{
    return arena_printf(r->arena, "error %u %u %s%s%s", e->line, e->column, e->where,
                        e->where[0] != '\0' ? ": " : "", e->message);
}

/* Rosters in FHIR become trees here, once: the router compiles a site without reading JSON or XML. */
static bool add_trees(struct reading_folder *r)
{
    const struct slice *names;
    size_t count = site_fhir_files(r->files, r->arena, &names);

    for (size_t i = 0; i < count; i++) {
        struct slice bytes, begin;
        struct buf tree = buf_make(LIMIT_SITE_BYTES);
        struct error err = { .code = ERROR_NONE };
        if (!fileset_find(r->files, names[i], &bytes))
            continue;
        begin = slice_trim(bytes);
        bool fine = slice_starts(begin, SLICE("<")) ? fhir_xml_read(bytes, &tree, &err)
                                                    : fhir_json_read(bytes, &tree, &err);
        bool added = fileset_add(r->files, site_fhir_name(r->arena, names[i]),
                                 fine ? buf_slice(&tree) : fault_text(r, &err), r->err);
        buf_free(&tree);
        if (!added)
            return false;
    }
    return true;
}

struct fileset *site_folder_read(const char *folder, struct error *err)
{
    struct reading_folder r = { .folder = folder, .err = err };

    if (realpath(folder, r.real) == NULL) {
        error_set(err, ERROR_IO, "%s: no site folder: %s", folder, strerror(errno));
        return NULL;
    }
    r.files = fileset_new();
    r.arena = arena_new();
    if (!walk_folder(&r, (struct slice){ NULL, 0 }, FOLDER_DEPTH) || !add_named_files(&r) || !add_zones(&r) ||
        !add_trees(&r)) {
        fileset_free(&r.files);
    } else if (fileset_count(r.files) == 0) {
        error_set(err, ERROR_MISSING, "%s: the folder holds no *.bell file", folder);
        fileset_free(&r.files);
    }
    arena_free(&r.arena);
    return r.files;
}
