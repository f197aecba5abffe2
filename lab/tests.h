/* lab/tests.h - the tests written in a site's *.bell files, run against the core in virtual time.
 *
 * Each test gets a lab of its own: lane time 0 is its `at`, the wall clock there is the site's. What a
 * test sends is a real input (census change, assignment, event, message), and what it expects are the
 * sends that leave the core. The site is compiled once for all tests of a run. Nothing here reads a clock
 * or a file: equal files give equal reports. Everything in a report lives in the arena that the caller
 * gave. LANGUAGE.md sections 2, 5 and 7; docs/rules/testing.md. */
#ifndef NIGHTBELL_LAB_TESTS_H
#define NIGHTBELL_LAB_TESTS_H

#include "base/arena.h"
#include "lab/coverage.h"
#include "rules/site/site.h"

/* One moment at which what came was not what the test said, or a word of the router about why. */
struct lab_test_row {
    int64_t at_us;         /* from the test's `at` */
    struct slice expected; /* "carla urgent", "nothing" */
    struct slice got;      /* "carla urgent (rule lethal-arrhythmia, step 3)", "nothing" */
    struct slice why;      /* who was skipped and why, or what the core refused; may be empty */
    uint32_t line;         /* of the expectation, or of the action before */
    bool wrong;            /* false: this moment was as expected; it stands there for context */
};

struct lab_test_result {
    struct slice name, file;
    uint32_t line;
    bool passed;
    struct slice failure; /* the timeline as text without colours, a line a moment; empty when passed */
    const struct lab_test_row *rows;
    size_t row_count;
    size_t sent;            /* events and messages that went in */
    size_t heard;           /* sends that left */
    const uint8_t *touched; /* with coverage: a byte a rule of it, 1 asked, 2 owned or informed */
    int64_t virtual_us;     /* lane time that passed */
};

struct lab_tests_report {
    const struct lab_test_result *results; /* by file, then line */
    size_t count, passed, failed;
    const struct lab_coverage *coverage; /* NULL unless asked for */
};

struct lab_tests_options {
    /* As in core_hooks: compiles the fileset's bytes. Called once a run, and once for each `load`; the
     * runner owns what it gives. NULL with an error when the site cannot run. */
    struct site *(*compile_site)(void *ctx, struct slice fileset, struct error *err);
    void *ctx;
    const struct fileset *files; /* the site with all its tests; borrowed during the call */
    const char *only;            /* runs only tests whose name holds this; NULL: all */
    const bool *pick;            /* one for each test of the files, in order; NULL: all */
    bool coverage;
    /* Called after each test; false stops the run and what was run is reported. NULL: not called. */
    bool (*progress)(void *ctx, size_t done, size_t all, const struct lab_test_result *last);
    void *progress_ctx;
};

/* Runs the tests of a site. True: they ran, passed or not (out->failed says). False: they could not, since
 * the site does not compile or a limit was met; `err` says why. */
bool lab_tests_run(const struct lab_tests_options *o, struct arena *a, struct lab_tests_report *out,
                   struct error *err);

/* The timeline of a failed test: place and name, then a line a moment up to the eighth that is wrong.
 * `colour`: ANSI for a terminal. */
void lab_test_text(const struct lab_test_result *r, bool colour, struct buf *out);

/* How many tests the files hold, those of shared files included. */
size_t lab_tests_count(const struct fileset *files);

#endif
