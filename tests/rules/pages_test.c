/* Every page of docs/rules/errors is true: its wrong example gives its number, the mended one does not and
 * has no error. Both stand in a rules.bell beside tests/rules/site-errors/base.bell, unless they declare the
 * site themselves; a csv block is data.csv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/hand.h"
#include "tests/rules/site_fixture.h"

#include <dirent.h>

#define PAGES PROJECT_DIR "/docs/rules/errors/"

enum { NOW_S = 1793707200 };

struct example {
    struct slice bell, csv;
};

/* The fenced blocks of one section. */
static struct example example_of(struct slice page, const char *heading)
{
    struct example e = { { NULL, 0 }, { NULL, 0 } };
    struct slice *block = NULL;
    bool inside = false;

    for (struct slice rest = page; rest.len > 0;) {
        struct slice line = slice_cut(&rest, '\n');
        if (slice_starts(line, SLICE("## ")))
            inside = slice_is(slice_sub(line, 3, line.len), heading);
        else if (inside && slice_is(line, "```bell"))
            block = &e.bell;
        else if (inside && slice_is(line, "```csv"))
            block = &e.csv;
        else if (slice_is(line, "```"))
            block = NULL;
        else if (block != NULL)
            *block = (struct slice){ block->len > 0 ? block->ptr : line.ptr,
                                     (size_t)(line.ptr + line.len + 1 -
                                              (block->len > 0 ? block->ptr : line.ptr)) };
    }
    return e;
}

static bool has_line(struct slice text, const char *start)
{
    for (struct slice rest = text; rest.len > 0;)
        if (slice_starts(slice_cut(&rest, '\n'), slice_of(start)))
            return true;
    return false;
}

static struct fileset *files_of(const struct example *e, unsigned number)
{
    struct fileset *f = fileset_new();
    struct error err = { 0 };
    struct buf text = buf_make(65536);
    struct slice base = hand_file(PROJECT_DIR "/tests/rules/site-errors/base.bell");

    buf_text(&text, has_line(e->bell, "language") ? "" : "language 1\n");
    buf_put(&text, e->bell);
    assert_true(fileset_add(f, SLICE("rules.bell"), buf_slice(&text), &err));
    if (!has_line(e->bell, "site ") || number == 601)
        assert_true(fileset_add(f, SLICE("base.bell"), base, &err));
    if (e->csv.len > 0)
        assert_true(fileset_add(f, SLICE("data.csv"), e->csv, &err));
    fixture_add_zone(f, "America/Chicago");
    buf_free(&text);
    free((void *)base.ptr);
    return f;
}

struct seen {
    size_t times, errors;
    bool severity; /* of the letter of the page's name */
};

static struct seen check(const struct example *e, unsigned number, char letter, struct buf *text)
{
    struct arena *a = arena_new();
    struct fileset *f = files_of(e, number);
    struct diagnostics d;
    struct seen seen = { 0, 0, false };
    size_t count;
    const struct block_schema *schemas = block_schemas(&count);

    diagnostics_init(&d, a, NULL, 0);
    struct site *s = site_check(f, schemas, count, (int64_t)NOW_S * TIME_S, &d);
    for (size_t i = 0; i < d.count; i++) {
        if (d.items[i].number != number)
            continue;
        seen.times++;
        seen.severity = seen.severity || "EWN"[d.items[i].severity] == letter;
    }
    seen.errors = d.errors;
    diagnostics_text(&d, false, text);
    site_free(&s);
    diagnostics_free(&d);
    fileset_free(&f);
    arena_free(&a);
    return seen;
}

static bool page_is_true(const char *name)
{
    char path[512];
    unsigned number = (unsigned)strtoul(name + 1, NULL, 10);
    struct buf text = buf_make(1 << 20);

    snprintf(path, sizeof path, PAGES "%s", name);
    struct slice page = hand_file(path);
    struct example wrong = example_of(page, "Wrong"), mended = example_of(page, "Mended");
    bool fine = true;
    if (wrong.bell.len > 0) {
        struct seen seen = check(&wrong, number, name[0], &text);
        fine = seen.times > 0 && seen.severity;
    }
    if (fine && mended.bell.len > 0) {
        buf_reset(&text);
        struct seen seen = check(&mended, number, name[0], &text);
        fine = seen.times == 0 && seen.errors == 0;
    }
    if (!fine)
        print_error("%s:\n%.*s\n", name, SLICE_ARG(buf_slice(&text)));
    buf_free(&text);
    free((void *)page.ptr);
    return fine;
}

static void examples_give_their_number(void **state)
{
    size_t pages = 0, wrong = 0;
    DIR *dir = opendir(PAGES);

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strlen(entry->d_name) != 7)
            continue;
        pages++;
        wrong += !page_is_true(entry->d_name);
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_true(pages >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(examples_give_their_number) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
