#include "base/limits.h"
#include "nightbell/block_schemas.h"
#include "nightbell/block_tls.h"
#include "nightbell/commands.h"
#include "nightbell/site_folder.h"
#include "nightbell/test_report.h"
#include "rules/check/compile.h"

#include <stdio.h>
#include <unistd.h>

static const char help[] = "usage: nightbell check SITE [--json] [--strict]\n"
                           "\n"
                           "Reads every *.bell file of the site and what they name, and says what is wrong: "
                           "number, place, caret and the\n"
                           "fix. When nothing is wrong it prints what each rule can send at most.\n"
                           "  --json    findings as JSON, one a line\n"
                           "  --strict  warnings count as errors, the site's tests must pass, and rules for "
                           "lethal codes must be tested "
                           "whole\n"
                           "Exit codes: 0 the site can run, 1 it cannot.\n";

static void print(const struct buf *text, FILE *to)
{
    if (text->len > 0)
        fwrite(text->ptr, 1, text->len, to);
}

static int run(int argc, char **argv)
{
    bool json = false, strict = false;
    const struct option_spec specs[] = { { .name = "--json", .flag = &json },
                                         { .name = "--strict", .flag = &strict },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };
    struct buf text = buf_make(LIMIT_SITE_BYTES);
    struct diagnostics d;
    size_t schemas;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error(argv[0], "one SITE folder is needed");
    struct fileset *files = site_folder_read(argv[1], &err);
    if (files == NULL) {
        report(&err);
        return COMMAND_NO;
    }
    struct arena *arena = arena_new();
    diagnostics_init(&d, arena, NULL, 0);
    const struct block_schema *known = block_schemas(&schemas);
    struct site *site = site_compile(files, known, schemas, &d);
    if (json)
        diagnostics_json(&d, &text);
    else
        diagnostics_text(&d, isatty(STDERR_FILENO) != 0, &text);
    print(&text, json ? stdout : stderr);
    bool fine = site != NULL && !(strict && d.warnings > 0);
    if (fine && !block_tls_check_all(site, argv[1], &err)) { /* serve would refuse it */
        report(&err);
        fine = false;
    }
    buf_reset(&text);
    if (fine && strict && !tests_strict(files, argv[1], &text)) {
        print(&text, stderr);
        fine = false;
    }
    if (fine && !json) {
        buf_reset(&text);
        ruleset_bounds(site->rules, &text);
        print(&text, stdout);
        printf("%s: the site can run (%zu warnings)\n", argv[1], d.warnings);
    }
    site_free(&site);
    diagnostics_free(&d);
    arena_free(&arena);
    fileset_free(&files);
    buf_free(&text);
    return fine ? COMMAND_DONE : COMMAND_NO;
}

const struct command command_check = { "check", "is this site right? places, carets, fixes", help, run };
