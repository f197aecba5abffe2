/* Every finding, with its number, place, caret and fix: tests/rules/errors/NAME.bell gives NAME.txt.
 * The files whose name ends in "-bare" are checked for a site whose units have no fallback desk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/hand.h"

#include <dirent.h>

static void found_in(const char *name, struct buf *out)
{
    char path[512];
    struct hand h;
    bool bare = strstr(name, "-bare.bell") != NULL;

    snprintf(path, sizeof path, "%s/tests/rules/errors/%s", PROJECT_DIR, name);
    struct slice text = hand_file(path);
    hand_site(&h);
    h.directory.units = bare ? hand_bare_units : hand_units;
    h.directory.unit_count = bare ? COUNT(hand_bare_units) : COUNT(hand_units);
    hand_compile(&h, text);
    assert_int_equal(h.rules == NULL, h.d.errors > 0);
    diagnostics_text(&h.d, false, out);
    hand_free(&h);
    free((void *)text.ptr);
}

/* WRITE_EXPECTED=1 writes what is found now; the change is then read with git diff. */
static void write_expected(const char *path, struct slice text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    fclose(f);
}

static void findings_are_as_written(void **state)
{
    char path[512];
    size_t files = 0, wrong = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/rules/errors", PROJECT_DIR);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct buf out = buf_make(1 << 20);
        size_t len = strlen(entry->d_name);
        if (len < 6 || strcmp(entry->d_name + len - 5, ".bell") != 0)
            continue;
        found_in(entry->d_name, &out);
        snprintf(path, sizeof path, "%s/tests/rules/errors/%.*s.txt", PROJECT_DIR, (int)(len - 5),
                 entry->d_name);
        struct slice expected = hand_file(path);
        if (!slice_eq(expected, buf_slice(&out)) && getenv("WRITE_EXPECTED") != NULL) {
            write_expected(path, buf_slice(&out));
        } else if (!slice_eq(expected, buf_slice(&out))) {
            print_error("%s gives:\n%.*s", entry->d_name, SLICE_ARG(buf_slice(&out)));
            wrong++;
        }
        free((void *)expected.ptr);
        buf_free(&out);
        files++;
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_true(files >= 150);
}

/* The examples of the design are fine. */
static void examples_are_checked(void **state)
{
    char path[512];
    struct hand h;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/rules/bell/examples.bell", PROJECT_DIR);
    struct slice text = hand_file(path);
    hand_site(&h);
    hand_compile(&h, text);
    assert_int_equal(h.d.errors, 0);
    hand_free(&h);
    free((void *)text.ptr);
}

/* No prefix of a checked file crashes the checker either. */
static void every_prefix_is_checked(void **state)
{
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/tests/rules/bell/examples.bell", PROJECT_DIR);
    struct slice text = hand_file(path);
    for (size_t len = 0; len <= text.len; len += 41) {
        struct hand h;
        hand_site(&h);
        hand_compile(&h, slice_sub(text, 0, len));
        hand_free(&h);
    }
    free((void *)text.ptr);
}

/* The event that E401 shows is one that a test can send, in the words of a test. */
static void examples_can_be_pasted(void **state)
{
    char path[512], body[4096];
    struct hand h;
    size_t tried = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/rules/errors/e401-examples.bell", PROJECT_DIR);
    struct slice text = hand_file(path);
    hand_site(&h);
    hand_compile(&h, text);
    for (size_t i = 0; i < h.d.count; i++) {
        struct slice hint = h.d.items[i].hint, example = slice_sub(hint, strlen("for example: "), hint.len);
        const char *end = strstr(hint.ptr, ". Write"), *words = strstr(hint.ptr, ", with ");
        if (h.d.items[i].number != 401)
            continue;
        assert_non_null(end);
        example.len = (size_t)((words != NULL ? words : end) - example.ptr);
        snprintf(body, sizeof body, "language 1\ntest \"t\" { %s %.*s }\n",
                 slice_starts(example, SLICE("at ")) ? "" : "at 2026-11-04 10:00", SLICE_ARG(example));
        struct source_file file = { SLICE("t.bell"), slice_of(body) };
        struct diagnostics d;
        diagnostics_init(&d, h.arena, &file, 1);
        syntax_parse(h.arena, &file, 1, &d);
        if (d.errors > 0)
            print_error("%s\n", body);
        assert_int_equal(d.errors, 0);
        diagnostics_free(&d);
        tried++;
    }
    assert_true(tried >= 4);
    hand_free(&h);
    free((void *)text.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_as_written),
        cmocka_unit_test(examples_are_checked),
        cmocka_unit_test(examples_can_be_pasted),
        cmocka_unit_test(every_prefix_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
