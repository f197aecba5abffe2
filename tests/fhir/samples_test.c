/* Every sample is read, or refused with a located error, and never by a crash or a leak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>

#include "fhir/bundle.h"
#include "fhir/outcome.h"
#include "tests/fhir/fhir_helpers.h"

static bool is_broken(const char *name) /* the one sample that is not JSON */
{
    return strcmp(name, "r5-bundle-transaction-invalid-entry.json") == 0;
}

static void check_sample(const char *name)
{
    struct doc d = doc_sample(name);
    if (d.ok == is_broken(name))
        fail_msg("%s: %d %s (%u:%u)", name, d.ok, d.err.message, (unsigned)d.err.line,
                 (unsigned)d.err.column);
    if (d.ok) {
        struct fhir_bundle b;
        struct fhir_focus f;
        if (fhir_bundle_open(&d.tree, &b, &d.err))
            while (fhir_bundle_next(&b, &f))
                assert_true(f.node == FHIR_NONE || fhir_type(&d.tree, f.node).len > 0);
    } else {
        assert_int_equal(d.err.code, ERROR_SYNTAX);
        assert_int_equal(d.err.line, 39);
        assert_int_equal(d.err.column, 26);
    }
    doc_free(&d);
}

static void test_all_samples(void **state)
{
    DIR *dir = opendir(SAMPLES_DIR "/fhir");
    int seen = 0;
    (void)state;
    if (dir == NULL)
        skip();
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct slice name = slice_of(e->d_name);
        if (!slice_ends(name, SLICE(".json")) && !slice_ends(name, SLICE(".xml")))
            continue;
        check_sample(e->d_name);
        seen++;
    }
    closedir(dir);
    assert_true(seen > 0);
}

/* Prefixes of a document: refused, or (white space cut off at the end) read; never a crash. */
static void test_prefixes(void **state)
{
    static const char *const files[] = { "r4-flag-example.json", "r6-devicealert-example.xml" };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/fhir/%s", SAMPLES_DIR, files[i]);
        struct buf b = file_read(path);
        for (size_t len = 0; len + 2 < b.len; len++) {
            struct doc d = doc_read(slice_sub(buf_slice(&b), 0, len), i == 1);
            assert_false(d.ok);
            assert_int_not_equal(d.err.message[0], '\0');
            doc_free(&d);
        }
        buf_free(&b);
    }
}

static void test_outcomes_are_readable(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct buf json = buf_make(4096), xml = buf_make(4096);
    (void)state;
    error_at(&err, ERROR_LIMIT, "Bundle.entry", "bundle-entries: more than 1000 <&\"'");
    fhir_outcome_json(&json, &err, FHIR_ERROR);
    fhir_outcome_xml(&xml, &err, FHIR_ERROR);
    struct doc j = doc_read(buf_slice(&json), false), x = doc_read(buf_slice(&xml), true);
    assert_true(j.ok && x.ok);
    for (int i = 0; i < 2; i++) {
        const struct fhir_tree *t = i == 0 ? &j.tree : &x.tree;
        assert_true(slice_is(fhir_get(t, 0, "issue.code"), "too-long"));
        assert_true(slice_is(fhir_get(t, 0, "issue.severity"), "error"));
        assert_true(slice_is(fhir_get(t, 0, "issue.expression"), "Bundle.entry"));
        assert_true(slice_is(fhir_get(t, 0, "issue.diagnostics"), err.message));
    }
    doc_free(&j);
    doc_free(&x);
    buf_reset(&json);
    fhir_outcome_json(&json, NULL, FHIR_INFORMATION);
    assert_true(slice_ends(buf_slice(&json), SLICE("}]}")));
    buf_free(&json);
    buf_free(&xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_samples), cmocka_unit_test(test_prefixes),
                                        cmocka_unit_test(test_outcomes_are_readable) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
