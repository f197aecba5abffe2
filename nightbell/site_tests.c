/* nightbell/site_tests.c - the tests that a site brings, run before it is taken. */
#include "nightbell/site_trial.h"

#include "base/limits.h"
#include "lab/tests.h"
#include "nightbell/site_load.h"

static struct site *compile(void *ctx, struct slice fileset, struct error *err)
{
    (void)ctx;
    return site_from_record(fileset, err);
}

static void put_failure(struct buf *text, const struct lab_test_result *r)
{
    buf_printf(text, "%.*s:%u: test \"%.*s\" fails\n", SLICE_ARG(r->file), r->line, SLICE_ARG(r->name));
    buf_put(text, r->failure);
    buf_text(text, "\n");
}

bool site_tests_pass(const struct fileset *files, size_t *count, size_t *failed, struct buf *text,
                     struct error *why)
{
    struct lab_tests_options o = { .compile_site = compile, .files = files };
    struct lab_tests_report report = { .count = 0 };
    struct arena *a = arena_new();
    bool ran = lab_tests_run(&o, a, &report, why);
    const struct lab_test_result *first = NULL;

    for (size_t i = 0; ran && i < report.count; i++)
        if (!report.results[i].passed) {
            first = first != NULL ? first : &report.results[i];
            put_failure(text, &report.results[i]);
        }
    *count = report.count;
    *failed = report.failed;
    if (first != NULL)
        ran = error_set(why, ERROR_VALUE, "%zu of %zu tests fail, \"%.*s\" first", report.failed,
                        report.count, (int)(first->name.len > 60 ? 60 : first->name.len), first->name.ptr);
    arena_free(&a);
    return ran;
}
