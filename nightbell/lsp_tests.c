/* "run test": one test of the site as it stands in the editor, saved or not. */
#include <string.h>

#include "lab/tests.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"
#include "nightbell/site_load.h"

static struct site *compile(void *ctx, struct slice fileset, struct error *err)
{
    struct fileset *files = fileset_read(fileset, err);
    struct site *site = files != NULL ? site_from_files(files, "", err) : NULL;

    (void)ctx;
    fileset_free(&files);
    return site;
}

static json_t *result_of(const struct lab_test_result *r)
{
    return json_pack("{s:o s:b s:o}", "name", json_of_slice(r->name), "passed", r->passed, "failure",
                     json_of_slice(r->failure));
}

static void show(const struct lsp *s, const struct lab_test_result *r)
{
    struct buf text = buf_make(1 << 20);

    buf_printf(&text, "%s: %.*s%s%.*s", r->passed ? "passed" : "FAILED", SLICE_ARG(r->name),
               r->failure.len > 0 ? "\n" : "", SLICE_ARG(r->failure));
    lsp_send(s, json_pack("{s:s s:s s:{s:i s:o}}", "jsonrpc", "2.0", "method", "window/showMessage", "params",
                          "type", r->passed ? 3 : 1, "message", json_of_slice(buf_slice(&text))));
    buf_free(&text);
}

static json_t *run_test(const struct lsp *s, const struct lsp_site *site, const char *name,
                        struct lsp_error *e)
{
    const struct lab_tests_options options = { .compile_site = compile, .files = site->files, .only = name };
    struct arena *a = arena_new();
    struct error err = { .code = ERROR_NONE };
    struct lab_tests_report report;
    json_t *result = NULL;

    if (!lab_tests_run(&options, a, &report, &err))
        result = lsp_refuse(e, LSP_FAILED, "%s", err.message);
    else
        lsp_refuse(e, LSP_INVALID_PARAMS, "no test of that name");
    for (size_t i = 0; err.code == ERROR_NONE && result == NULL && i < report.count; i++) {
        if (!slice_is(report.results[i].name, name))
            continue; /* `only` also runs those whose name holds this one */
        show(s, &report.results[i]);
        result = result_of(&report.results[i]);
    }
    arena_free(&a);
    return result;
}

json_t *lsp_execute(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    const json_t *arguments = json_object_get(params, "arguments");
    const char *uri = json_string_value(json_array_get(arguments, 0));
    const char *name = json_string_value(json_array_get(arguments, 1));
    struct lsp_place p;

    if (!slice_is(json_member(params, "command"), "nightbell.runTest") || uri == NULL || name == NULL)
        return lsp_refuse(e, LSP_INVALID_PARAMS, "nightbell.runTest with a file and the name of a test");
    json_t *file = json_pack("{s:{s:s}}", "textDocument", "uri", uri);
    bool found = lsp_file_of(s, file, &p);
    json_decref(file);
    return found ? run_test(s, p.site, name, e) : lsp_refuse(e, LSP_INVALID_PARAMS, "no such open file");
}
