/* A site as a value: names, order, limits, canonical bytes, and paths that leave the folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "rules/site/site.h"

static void names_are_checked(void **state)
{
    static const struct {
        const char *name;
        bool good;
    } rows[] = {
        { "site.bell", true },
        { "a/b/c.csv", true },
        { "tz/America/Chicago", true },
        { ".shared/1/x.bell", true },
        { "", false },
        { "/etc/passwd", false },
        { "../x", false },
        { "a/../b", false },
        { "a//b", false },
        { "a/", false },
        { "./a", false },
        { "a\nb", false },
        { "a\\b", false },
        { "\xff.bell", false },
        { "caf\xc3\xa9.bell", true },
        { "..", false },
        { "a/..", false },
        { "..a/b..", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fileset *f = fileset_new();
        struct error err = { 0 };

        if (fileset_add(f, slice_of(rows[i].name), SLICE("x"), &err) != rows[i].good)
            fail_msg("name \"%s\": %s", rows[i].name, err.message);
        fileset_free(&f);
    }
}

static struct fileset *three(const char *first, const char *second, const char *third)
{
    struct fileset *f = fileset_new();

    assert_true(fileset_add(f, slice_of(first), slice_of(first), NULL));
    assert_true(fileset_add(f, slice_of(second), slice_of(second), NULL));
    assert_true(fileset_add(f, slice_of(third), slice_of(third), NULL));
    return f;
}

static void equal_sets_give_equal_bytes(void **state)
{
    struct fileset *a = three("a", "b", "c"), *b = three("c", "a", "b"), *back;
    struct buf one = buf_make(4096), two = buf_make(4096);
    struct slice name, bytes;
    struct error err = { 0 };

    (void)state;
    fileset_write(&one, a);
    fileset_write(&two, b);
    assert_true(slice_eq(buf_slice(&one), buf_slice(&two)));
    back = fileset_read(buf_slice(&one), &err);
    assert_non_null(back);
    assert_int_equal(fileset_count(back), 3);
    fileset_at(back, 1, &name, &bytes);
    assert_true(slice_is(name, "b") && slice_is(bytes, "b"));
    assert_true(fileset_find(back, SLICE("c"), &bytes) && !fileset_find(back, SLICE("d"), &bytes));
    for (size_t cut = 0; cut < one.len; cut++)
        assert_null(fileset_read(slice_sub(buf_slice(&one), 0, cut), &err));
    buf_u8(&one, 0);
    assert_null(fileset_read(buf_slice(&one), &err));
    two.ptr[0] = 9;
    error_clear(&err);
    assert_null(fileset_read(buf_slice(&two), &err));
    assert_int_equal(err.code, ERROR_VERSION);
    buf_free(&one);
    buf_free(&two);
    fileset_free(&a);
    fileset_free(&b);
    fileset_free(&back);
}

static void disorder_is_refused(void **state)
{
    struct buf bytes = buf_make(4096);
    struct error err = { 0 };

    (void)state;
    buf_u8(&bytes, 1);
    buf_u32(&bytes, 2);
    buf_slice_put(&bytes, SLICE("b"));
    buf_slice_put(&bytes, SLICE(""));
    buf_slice_put(&bytes, SLICE("a"));
    buf_slice_put(&bytes, SLICE(""));
    assert_null(fileset_read(buf_slice(&bytes), &err));
    assert_int_equal(err.code, ERROR_SYNTAX);
    buf_free(&bytes);
}

static void limits_name_themselves(void **state)
{
    struct fileset *f = fileset_new();
    struct error err = { 0 };
    char name[32], *big = calloc(1, LIMIT_SITE_BYTES);

    (void)state;
    assert_false(fileset_add(f, SLICE("big"), (struct slice){ big, LIMIT_SITE_BYTES + (size_t)1 }, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "site-bytes"));
    assert_true(fileset_add(f, SLICE("big"), (struct slice){ big, LIMIT_SITE_BYTES }, NULL));
    error_clear(&err);
    assert_false(fileset_add(f, SLICE("one more"), SLICE("x"), &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    free(big);
    for (int i = 1; i < LIMIT_SITE_FILES; i++) {
        snprintf(name, sizeof name, "f%d", i);
        assert_true(fileset_add(f, slice_of(name), SLICE(""), NULL));
    }
    error_clear(&err);
    assert_false(fileset_add(f, SLICE("last"), SLICE(""), &err));
    assert_non_null(strstr(err.message, "site-files"));
    error_clear(&err);
    assert_false(fileset_add(f, SLICE("f1"), SLICE(""), &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    fileset_free(&f);
}

static void paths_there_and_back(void **state)
{
    static const struct {
        const char *path, *name, *back; /* name NULL: refused */
    } rows[] = {
        { "places.csv", "places.csv", "places.csv" },
        { "./data//places.csv", "data/places.csv", "data/places.csv" },
        { "a/../b.csv", "b.csv", "b.csv" },
        { "../common/x.bell", ".shared/1/common/x.bell", "../common/x.bell" },
        { "a/../../../x.bell", ".shared/2/x.bell", "../../x.bell" },
        { "/etc/nightbell/x.bell", ".shared/0/etc/nightbell/x.bell", "/etc/nightbell/x.bell" },
        { "", NULL, NULL },
        { "..", NULL, NULL },
        { "a/..", NULL, NULL },
        { "/../x", NULL, NULL },
    };
    struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice name = { NULL, 0 };

        if (site_file_name(a, slice_of(rows[i].path), &name) != (rows[i].name != NULL))
            fail_msg("\"%s\"", rows[i].path);
        if (rows[i].name == NULL)
            continue;
        if (!slice_is(name, rows[i].name) || !slice_is(site_file_path(a, name), rows[i].back))
            fail_msg("\"%s\" became \"%.*s\"", rows[i].path, SLICE_ARG(name));
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),    cmocka_unit_test(equal_sets_give_equal_bytes),
        cmocka_unit_test(disorder_is_refused),  cmocka_unit_test(limits_name_themselves),
        cmocka_unit_test(paths_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
