/* nightbell/site_trial.h - a candidate site on trial: read, checked, compared with the running one, its tests
 * run.
 *
 * Runs in a child of its own (nightbell/site_child.c). What is found goes into a memory file as one JSON
 * object, for the router and for who asked: fine, why (one line), text (findings for people), hash, errors,
 * warnings, tests, failed, data_only, added, changed, removed (names of rules) A change of data files alone
 * (CSV, calendars, catalogue; no *.bell file) is never held back: what it leaves without anybody is a
 * warning, listed under `coverage` (LANGUAGE 7, Data changes). */
#ifndef NIGHTBELL_NIGHTBELL_SITE_TRIAL_H
#define NIGHTBELL_NIGHTBELL_SITE_TRIAL_H

#include <jansson.h>

#include "nightbell/supervise.h"
#include "rules/site/site.h"

struct site_trial {
    const char *folder; /* the candidate; NULL: `files` holds it already */
    const char *served; /* where keys and certificates lie */
    int files;          /* memory file: takes the fileset */
    int running;        /* memory file of the running site; -1: none, it is the first one */
    int report;         /* memory file: takes the JSON */
    bool colour;
    bool again; /* it ran before, or a start on a journal: what data can break is no error (router_start_site)
                 */
};

/* True when the site may run; `blocks` is filled then. */
bool site_trial_run(const struct site_trial *t, struct site_blocks *blocks);

/* Are the *.bell files of both the same? */
bool site_same_rule_files(const struct fileset *a, const struct fileset *b);

/* site_tests.c: runs the site's tests and writes the ones that fail into `text`. False: one failed, or they
 * could not be run; `why` says it in a line. */
bool site_tests_pass(const struct fileset *files, size_t *count, size_t *failed, struct buf *text,
                     struct error *why);

/* site_gaps.c: rotas, and roles that the site gives out in a unit, that have nobody at some time in the next
 * two weeks and always had somebody before; a line each. */
size_t site_new_gaps(const struct site *before, const struct site *after, int64_t now_us, struct buf *text);

/* A memory file whole; and the report of one, an empty object when there is none. */
bool memory_file_read(int fd, struct buf *out, struct error *err);
json_t *site_report_read(int fd);

#endif
