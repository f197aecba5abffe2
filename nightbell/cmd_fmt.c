#include "base/limits.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "rules/syntax/fmt.h"

#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell fmt [FILE|SITE ...] [--check | --stdin] [--upgrade]\n"
    "\n"
    "Gives *.bell files their one layout; of a folder, every one under it (hidden ones left out). Only "
    "white\n"
    "space changes: words, comments and their order stay. A file with syntax errors is left as it is.\n"
    "Prints the files that changed.\n"
    "  --check    changes nothing; prints the files that are not in their layout\n"
    "  --stdin    one file from standard input to standard output\n"
    "  --upgrade  to the newest version of the language; that is language 1, so nothing is to be done\n"
    "Exit codes: 0 all is in its layout, 1 a file has errors, or --check found one that is not.\n";

struct run {
    bool check;
    size_t seen, changed, faults;
};

/* False after printing what is wrong; `out` then holds nothing. */
static bool format(const char *name, struct slice bytes, struct buf *out)
{
    struct arena *arena = arena_new();
    struct source_file file = { slice_of(name), bytes };
    struct buf text = buf_make(LIMIT_SITE_BYTES);
    struct diagnostics d;

    diagnostics_init(&d, arena, &file, 1);
    bool fine = syntax_format(arena, &file, 0, &d, out);
    diagnostics_text(&d, isatty(STDERR_FILENO) != 0, &text);
    if (!fine && text.len > 0)
        fwrite(text.ptr, 1, text.len, stderr);
    buf_free(&text);
    diagnostics_free(&d);
    arena_free(&arena);
    return fine;
}

static bool keep(struct run *r, const char *path, struct slice old, struct slice new, struct error *err)
{
    if (slice_eq(old, new))
        return true;
    r->changed++;
    puts(path);
    return r->check || file_replace(path, new, err);
}

static void format_file(struct run *r, const char *path)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES), out = buf_make(2 * (size_t)LIMIT_SITE_BYTES);
    struct error err = { .code = ERROR_NONE };

    r->seen++;
    if (!file_read(path, &bytes, &err)) {
        report(&err);
        r->faults++;
    } else if (!format(path, buf_slice(&bytes), &out)) {
        r->faults++;
    } else if (!keep(r, path, buf_slice(&bytes), buf_slice(&out), &err)) {
        report(&err);
        r->faults++;
    }
    buf_free(&bytes);
    buf_free(&out);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_bell(const FTSENT *e)
{
    return e->fts_info == FTS_F && slice_ends(slice_of(e->fts_name), SLICE(".bell"));
}

static void format_tree(struct run *r, char *path)
{
    char *roots[] = { path, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);

    for (FTSENT *e; tree != NULL && (e = fts_read(tree)) != NULL;) {
        if (e->fts_level > 0 && e->fts_name[0] == '.')
            fts_set(tree, e, FTS_SKIP);
        else if (is_bell(e))
            format_file(r, e->fts_path);
    }
    if (tree != NULL)
        fts_close(tree);
}

static int format_stdin(void)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES), out = buf_make(2 * (size_t)LIMIT_SITE_BYTES);
    struct error err = { .code = ERROR_NONE };
    bool fine = file_read("/dev/stdin", &bytes, &err);

    if (!fine)
        report(&err);
    fine = fine && format("stdin", buf_slice(&bytes), &out);
    if (out.len > 0)
        fwrite(out.ptr, 1, out.len, stdout);
    buf_free(&bytes);
    buf_free(&out);
    return fine ? COMMAND_DONE : COMMAND_NO;
}

static void format_path(struct run *r, char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        format_tree(r, path);
    else
        format_file(r, path);
}

static int run(int argc, char **argv)
{
    struct run r = { .check = false };
    bool from_stdin = false, upgrade = false;
    const struct option_spec specs[] = { { .name = "--check", .flag = &r.check },
                                         { .name = "--stdin", .flag = &from_stdin },
                                         { .name = "--upgrade", .flag = &upgrade },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (from_stdin ? argc != 1 || r.check : argc < 2)
        return usage_error(argv[0], "files or site folders, or --stdin alone, are what it takes");
    if (upgrade)
        fputs("language 1 is the newest: nothing to rewrite\n", stderr);
    if (from_stdin)
        return format_stdin();
    for (int i = 1; i < argc; i++)
        format_path(&r, argv[i]);
    if (r.seen == 0)
        return usage_error(argv[0], "no *.bell file there");
    return r.faults > 0 || (r.check && r.changed > 0) ? COMMAND_NO : COMMAND_DONE;
}

const struct command command_fmt = { "fmt", "the one layout of *.bell files", help, run };
