/* A site's folder on disk: what is taken, what is left, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "nightbell/site_folder.h"

static char top[64]; /* holds "site" and what lies beside it */

static void path_of(char out[256], const char *relative)
{
    snprintf(out, 256, "%s/%s", top, relative);
}

static void make_folder(const char *relative)
{
    char path[256];

    path_of(path, relative);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void make_file(const char *relative, const char *text)
{
    char path[256];
    FILE *f;

    path_of(path, relative);
    f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void make_link(const char *target, const char *relative)
{
    char path[256];

    path_of(path, relative);
    assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(top, "/tmp/nightbell-site-XXXXXX");
    if (mkdtemp(top) == NULL)
        return -1;
    make_folder("site");
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct fileset *read_site(struct error *err)
{
    char path[256];

    error_clear(err);
    path_of(path, "site");
    return site_folder_read(path, err);
}

/* The names of the fileset, each followed by a space. */
static void names_are(const char *expected)
{
    struct error err = { 0 };
    struct fileset *f = read_site(&err);
    struct buf names = buf_make(4096);

    if (f == NULL)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < fileset_count(f); i++) {
        struct slice name, bytes;

        fileset_at(f, i, &name, &bytes);
        buf_printf(&names, "%.*s ", SLICE_ARG(name));
    }
    if (!slice_is(buf_slice(&names), expected))
        fail_msg("got %.*s", SLICE_ARG(buf_slice(&names)));
    buf_free(&names);
    fileset_free(&f);
}

static void refused_with(enum error_code code, const char *words, const char *hint)
{
    struct error err = { 0 };
    struct fileset *f = read_site(&err);

    if (f != NULL || err.code != code || strstr(err.message, words) == NULL || strcmp(err.hint, hint) != 0)
        fail_msg("%s: %s (%s)", error_name(err.code), err.message, err.hint);
}

static void refused(enum error_code code, const char *words)
{
    refused_with(code, words, "");
}

static void takes_what_is_named(void **state)
{
    (void)state;
    make_folder("site/units");
    make_folder("site/data");
    make_folder("site/.git");
    make_file("site/site.bell",
              "language 1\nsite x timezone \"America/Chicago\"\ncatalogue \"data/codes.csv\"\n"
              "listen mllp t { on \"127.0.0.1:1\" places \"data/a.csv\", \"data/b.csv\"\n"
              "                tls mutual \"tls/t\" }\n");
    make_file("site/units/w.bell",
              "language 1\nrota r { zone \"Europe/Berlin\" weekly from 2026-11-02 07:00 a }\n");
    make_file("site/.git/x.bell", "not ours");
    make_file("site/notes.txt", "not ours");
    make_file("site/data/codes.csv", "x");
    make_file("site/data/a.csv", "x");
    make_file("site/data/b.csv", "x");
    make_file("site/data/c.csv", "not named");
    names_are(
        "data/a.csv data/b.csv data/codes.csv site.bell tz/America/Chicago tz/Europe/Berlin units/w.bell ");
}

static void shared_files_come_along(void **state)
{
    (void)state;
    make_folder("common");
    make_file("site/site.bell", "language 1\nuse \"../common/a.bell\"\nsite x timezone \"UTC\"\n");
    make_file("common/a.bell", "language 1\nuse \"../common/b.bell\"\ncatalogue \"../common/codes.csv\"\n");
    make_file("common/b.bell", "language 1\nuse \"../common/a.bell\"\n");
    make_file("common/codes.csv", "x");
    names_are(".shared/1/common/a.bell .shared/1/common/b.bell .shared/1/common/codes.csv site.bell tz/UTC ");
}

static void links_inside_are_fine(void **state)
{
    (void)state;
    make_folder("site/a");
    make_file("site/a/one.bell", "language 1\n");
    make_link("a/one.bell", "site/two.bell");
    make_link("a", "site/b");
    make_link(".", "site/a/round");
    names_are("a/one.bell two.bell ");
}

static void links_out_are_refused(void **state)
{
    (void)state;
    make_file("outside.bell", "language 1\n");
    make_link("../outside.bell", "site/in.bell");
    refused(ERROR_IO, "in.bell: this link leads out");
}

static void linked_folders_out_are_refused(void **state)
{
    (void)state;
    make_file("site/site.bell", "language 1\n");
    make_folder("other");
    make_link("../other", "site/more");
    refused(ERROR_IO, "more: this link leads out");
}

static void named_links_out_are_refused(void **state)
{
    (void)state;
    make_file("site/site.bell", "language 1\ncatalogue \"c.csv\"\n");
    make_file("outside.csv", "x");
    make_link("../outside.csv", "site/c.csv");
    refused_with(ERROR_IO, "c.csv: this link leads out", "site.bell:2 names it");
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    make_file("site/site.bell", "language 1\nuse \"../common/a.bell\"\n");
    refused_with(ERROR_IO, "../common/a.bell: No such file or directory", "site.bell:2 names it");
}

static void a_missing_table_is_named(void **state)
{
    (void)state;
    make_file("site/a.bell", "language 1\nlisten mllp m { on \"127.0.0.1:0\"\n  places \"places.csv\" }\n");
    refused_with(ERROR_IO, "places.csv: No such file or directory", "a.bell:3 names it");
}

static void a_broken_link_is_named(void **state)
{
    (void)state;
    make_link("nowhere.bell", "site/lost.bell");
    refused(ERROR_IO, "lost.bell: No such file");
}

static void a_pipe_is_no_file(void **state)
{
    char path[256];

    (void)state;
    path_of(path, "site/pipe.bell");
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(ERROR_IO, "pipe.bell: not a regular file");
}

static void too_big_names_the_limit(void **state)
{
    char path[256];

    (void)state;
    make_file("site/big.bell", "language 1\n");
    path_of(path, "site/big.bell");
    assert_int_equal(truncate(path, LIMIT_SITE_BYTES + 1), 0);
    refused(ERROR_LIMIT, "site-bytes");
}

static void too_deep_is_refused(void **state)
{
    char path[256] = "site";

    (void)state;
    for (int i = 0; i < 20; i++) {
        strcat(path, "/d");
        make_folder(path);
    }
    refused(ERROR_IO, "nested too deep");
}

static void an_empty_folder_is_no_site(void **state)
{
    struct error err = { 0 };

    (void)state;
    refused(ERROR_MISSING, "no *.bell file");
    error_clear(&err);
    assert_null(site_folder_read("/nowhere/at/all", &err));
    assert_int_equal(err.code, ERROR_IO);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(takes_what_is_named),
        CASE(shared_files_come_along),
        CASE(links_inside_are_fine),
        CASE(links_out_are_refused),
        CASE(linked_folders_out_are_refused),
        CASE(named_links_out_are_refused),
        CASE(a_missing_file_is_named),
        CASE(a_missing_table_is_named),
        CASE(a_broken_link_is_named),
        CASE(a_pipe_is_no_file),
        CASE(too_big_names_the_limit),
        CASE(too_deep_is_refused),
        CASE(an_empty_folder_is_no_site),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
