/* Faults that only show in a whole site: tests/rules/site-errors/NAME.site gives NAME.txt. A .site file holds
 * several files, each below a line "== NAME"; base.bell of that folder stands beside them, unless one of them
 * has that name. The zone of the base comes from the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/hand.h"
#include "tests/rules/site_fixture.h"

#include <dirent.h>

#define FOLDER PROJECT_DIR "/tests/rules/site-errors/"

enum { NOW_S = 1793707200 }; /* 2026-11-03 12:00 UTC: the day that `review` dates are held against */

static struct slice file_of(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, FOLDER "%s", name);
    return hand_file(path);
}

static void add_parts(struct fileset *f, struct slice text, bool *has_base)
{
    struct error err = { 0 };
    struct slice name = { NULL, 0 }, begin = text;

    for (struct slice rest = text; rest.len > 0;) {
        struct slice before = rest, line = slice_cut(&rest, '\n');
        if (slice_starts(line, SLICE("== "))) {
            if (name.len > 0)
                assert_true(fileset_add(f, name,
                                        (struct slice){ begin.ptr, (size_t)(before.ptr - begin.ptr) }, &err));
            name = slice_sub(line, 3, line.len);
            *has_base = *has_base || slice_is(name, "base.bell");
            begin = rest;
        }
    }
    assert_true(name.len > 0);
    assert_true(
        fileset_add(f, name, (struct slice){ begin.ptr, (size_t)(text.ptr + text.len - begin.ptr) }, &err));
}

static void found_in(const char *name, struct buf *out)
{
    struct arena *a = arena_new();
    struct fileset *f = fileset_new();
    struct slice text = file_of(name), base = file_of("base.bell");
    struct error err = { 0 };
    struct diagnostics d;
    size_t count;
    bool has_base = false;
    const struct block_schema *schemas = block_schemas(&count);

    add_parts(f, text, &has_base);
    if (!has_base)
        assert_true(fileset_add(f, SLICE("base.bell"), base, &err));
    fixture_add_zone(f, "America/Chicago");
    diagnostics_init(&d, a, NULL, 0);
    struct site *s = site_check(f, schemas, count, (int64_t)NOW_S * TIME_S, &d);
    assert_int_equal(s == NULL, d.errors > 0);
    diagnostics_text(&d, false, out);
    site_free(&s);
    diagnostics_free(&d);
    fileset_free(&f);
    arena_free(&a);
    free((void *)text.ptr);
    free((void *)base.ptr);
}

static void compare(const char *name, const struct buf *out, size_t *wrong)
{
    char path[512];

    snprintf(path, sizeof path, FOLDER "%.*s.txt", (int)(strlen(name) - 5), name);
    struct slice expected = hand_file(path);
    if (getenv("WRITE_EXPECTED") != NULL) {
        FILE *to = fopen(path, "wb");
        assert_non_null(to);
        assert_int_equal(fwrite(out->ptr, 1, out->len, to), out->len);
        fclose(to);
    } else if (!slice_eq(expected, buf_slice(out))) {
        print_error("%s gives:\n%.*s", name, SLICE_ARG(buf_slice(out)));
        ++*wrong;
    }
    free((void *)expected.ptr);
}

static void findings_are_as_written(void **state)
{
    size_t files = 0, wrong = 0;
    DIR *dir = opendir(FOLDER);

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct buf out = buf_make(1 << 20);
        size_t len = strlen(entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".site") == 0) {
            found_in(entry->d_name, &out);
            compare(entry->d_name, &out, &wrong);
            files++;
        }
        buf_free(&out);
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_true(files >= 34);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(findings_are_as_written) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
