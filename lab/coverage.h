/* lab/coverage.h - what a site's tests have seen of its rules, and what they have not.
 *
 * A point is one thing that a rule can do, with one or two ways: an atom of its condition that decided the
 * answer as yes and as no (turning that atom alone would have turned the whole condition), a step that
 * fired, an else that was used, a clause that held the alert back and one that let it go. Counted from what
 * the core was asked and from the records that it wrote. Made by lab_tests_run; lives in its arena. */
#ifndef NIGHTBELL_LAB_COVERAGE_H
#define NIGHTBELL_LAB_COVERAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "rules/syntax/diagnostics.h"

enum cover_kind { COVER_RULE, COVER_COPY, COVER_DEFAULT };

struct cover_point {
    struct slice what;  /* "code is vfib", "step 3", "else 1 of step 2", "hold" */
    const char *way[2]; /* "yes" and "no", "fired" and NULL: what the ways are called */
    size_t seen[2];
    uint32_t line, column, length;
};

struct cover_rule {
    struct slice name, file;
    uint32_t line;
    enum cover_kind kind;
    bool lethal; /* one of its codes is of class lethal */
    const struct cover_point *points;
    size_t point_count;
    size_t ways, seen; /* over all points */
};

struct lab_coverage {
    const struct cover_rule *rules; /* live rules and copies by name, then defaults */
    size_t rule_count;
    size_t ways, seen;
};

/* All points of the rule were seen. */
bool cover_full(const struct cover_rule *r);
/* The first lethal rule that is not full, or NULL: such a rule must be tested whole. */
const struct cover_rule *lab_coverage_lethal_gap(const struct lab_coverage *c);
/* A table, a line a rule, and under it what no test has seen, with its place. */
void lab_coverage_text(const struct lab_coverage *c, bool colour, struct buf *out);

#endif
