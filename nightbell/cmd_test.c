#include "nightbell/commands.h"
#include "nightbell/hl7_tool.h"
#include "nightbell/site_folder.h"
#include "nightbell/test_mutate.h"
#include "nightbell/test_report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell test SITE [--coverage] [-k NAME] [-v] [--json] [--junit FILE]\n"
    "       nightbell test SITE --mutate [--most N] [--seed N] [--least PERCENT] [-k RULE] [--json]\n"
    "\n"
    "Runs the tests written in the site's *.bell files against the router itself, in "
    "virtual time. A test that\n"
    "fails prints what was expected at each moment, what came, and why.\n"
    "  --coverage     what of the rules no test has seen: conditions both ways, "
    "steps, elses, clauses; a rule\n"
    "                 with a code of class lethal must be seen whole\n"
    "  -k NAME        only tests whose name holds NAME\n"
    "  -v             the tests that passed as well\n"
    "  --json         one object a test, a line each\n"
    "  --junit FILE   a JUnit report beside the output\n"
    "\n"
    "With --mutate it plants faults in the rules, one at a time, and lists those that no test notices.\n"
    "  --most N       only N of them, drawn by the seed\n"
    "  --seed N       1 without it; equal seeds draw the same ones\n"
    "  --least P      exit code 1 when fewer than P per cent are found\n"
    "  -k RULE        only faults in rules whose name holds RULE\n"
    "Exit codes: 0 all passed, 1 one failed, the site cannot run or a lethal rule has "
    "a gap, 2 wrong usage,\n"
    "4 the report cannot be written.\n";

struct choice {
    const char *site, *only, *junit, *most, *seed, *least;
    bool verbose, json, coverage, mutate;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool progress(void *ctx, size_t done, size_t all, const struct lab_test_result *last)
{
    (void)ctx;
    (void)last;
    fprintf(stderr, "\r%zu of %zu tests%s", done, all, done == all ? "\r\033[K" : " ");
    return true;
}

/* False: a rule for lethal codes is not tested whole. */
static bool tell_coverage(const struct choice *c, const struct lab_coverage *cover)
{
    const struct cover_rule *gap = lab_coverage_lethal_gap(cover);
    struct buf text = buf_make((size_t)1 << 30);

    if (c->json) {
        test_coverage_json(cover);
    } else {
        lab_coverage_text(cover, hl7_colour(), &text);
        hl7_put(&text);
    }
    buf_free(&text);
    if (gap != NULL && c->only == NULL)
        fprintf(stderr, "nightbell test: rule %.*s is for lethal codes: no part of it may go untested\n",
                SLICE_ARG(gap->name));
    return gap == NULL || c->only != NULL;
}

static int tell(const struct choice *c, const struct lab_tests_report *r, double seconds)
{
    struct error err = { .code = ERROR_NONE };

    if (c->junit != NULL && !test_report_junit(r, c->junit, &err))
        return report(&err);
    if (c->json)
        test_report_json(r);
    else
        test_report_text(r, c->verbose, seconds);
    bool whole = r->coverage == NULL || tell_coverage(c, r->coverage);
    if (r->count == 0 && c->only != NULL)
        fprintf(stderr, "nightbell test: no test's name holds \"%s\"\n", c->only);
    return whole && r->failed == 0 && (r->count > 0 || c->only == NULL) ? COMMAND_DONE : COMMAND_NO;
}

static bool number(const char *text, uint64_t *out)
{
    return text == NULL || slice_to_u64(slice_of(text), out);
}

static int run_mutants(const struct choice *c, const struct fileset *files)
{
    struct lab_tests_options o = { .compile_site = tests_compile,
                                   .ctx = (void *)(uintptr_t)c->site,
                                   .files = files };
    struct mutate_choice m = { .only = c->only, .json = c->json, .seed = 1 };
    uint64_t most = 0, least = 0;

    if (!number(c->most, &most) || !number(c->seed, &m.seed) || !number(c->least, &least) || least > 100)
        return usage_error("test", "--most, --seed and --least take whole numbers");
    m.most = most;
    m.least = (unsigned)least;
    return test_mutate(&m, &o);
}

static int run_tests(const struct choice *c, const struct fileset *files)
{
    struct arena *a = arena_new();
    struct error err = { .code = ERROR_NONE };
    struct lab_tests_report out;
    struct lab_tests_options o = { .compile_site = tests_compile,
                                   .ctx = (void *)(uintptr_t)c->site,
                                   .files = files,
                                   .only = c->only,
                                   .coverage = c->coverage,
                                   .progress = isatty(STDERR_FILENO) != 0 ? progress : NULL };
    double began = now();
    int code = lab_tests_run(&o, a, &out, &err) ? tell(c, &out, now() - began) : report(&err);

    arena_free(&a);
    return code;
}

static int run(int argc, char **argv)
{
    struct choice c = { .site = NULL };
    const struct option_spec specs[] = {
        { .name = "-k", .value = &c.only },        { .name = "-v", .flag = &c.verbose },
        { .name = "--json", .flag = &c.json },     { .name = "--coverage", .flag = &c.coverage },
        { .name = "--mutate", .flag = &c.mutate }, { .name = "--most", .value = &c.most },
        { .name = "--seed", .value = &c.seed },    { .name = "--least", .value = &c.least },
        { .name = "--junit", .value = &c.junit },  { .name = NULL }
    };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error(argv[0], "one SITE folder is needed");
    c.site = argv[1];
    struct fileset *files = site_folder_read(argv[1], &err);
    if (files == NULL) {
        report(&err);
        return COMMAND_NO;
    }
    int code = c.mutate ? run_mutants(&c, files) : run_tests(&c, files);
    fileset_free(&files);
    return code;
}

const struct command command_test = { "test", "run the tests written in a site", help, run };
