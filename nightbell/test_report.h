/* nightbell/test_report.h - what `nightbell test` found, for people and for machines. */
#ifndef NIGHTBELL_NIGHTBELL_TEST_REPORT_H
#define NIGHTBELL_NIGHTBELL_TEST_REPORT_H

#include "lab/tests.h"

/* Failed tests with their timelines, then one line of counts; every test by name when `verbose`. stdout. */
void test_report_text(const struct lab_tests_report *r, bool verbose, double seconds);
/* One object a test, a line each, on stdout. */
void test_report_json(const struct lab_tests_report *r);
/* One object a rule, a line each, on stdout. */
void test_coverage_json(const struct lab_coverage *c);
/* A JUnit report (testsuites, testsuite per file, testcase). False with ERROR_IO when it cannot be written.
 */
bool test_report_junit(const struct lab_tests_report *r, const char *path, struct error *err);

/* For `check --strict`: runs the site's tests. False with a sentence in `why` when one fails, or when a rule
 * with a code of class lethal has a part that no test has seen. */
bool tests_strict(const struct fileset *files, const char *folder, struct buf *why);
/* The hook of lab_tests_options; ctx: the folder, for messages. */
struct site *tests_compile(void *folder, struct slice fileset, struct error *err);

#endif
