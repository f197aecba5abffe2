/* lab/mutate.h - faults planted in a site's rules, one each, to see whether a test notices.
 *
 * A mutant is the site with one edit in one *.bell file, made on the tokens that the parser saw: a step, a
 * target or an else left out, two durations swapped, a condition widened or negated, a bound moved, a level
 * changed, a clause dropped ... Pure: equal files and seed give equal mutants. */
#ifndef NIGHTBELL_LAB_MUTATE_H
#define NIGHTBELL_LAB_MUTATE_H

#include "base/arena.h"
#include "lab/tests.h"

struct mutant {
    struct slice what; /* "step left out" */
    struct slice rule; /* "spo2-low", "default", "default for result"; empty: a chain, which many rules use */
    struct slice file; /* as in the fileset */
    uint32_t line;     /* of the edit, in both texts */
    struct slice was, is; /* that line before and after */
    struct slice bytes;   /* the whole file with the edit */
    bool plan_only;       /* who owns an event cannot have changed */
};

/* Every mutant of the files, or `most` of them (0: all) that the seed picks, in order of place. */
size_t mutants_make(const struct fileset *files, size_t most, uint64_t seed, struct arena *a,
                    struct mutant **out);
/* The files with the mutant's in place of the original's; fileset_free it. */
struct fileset *mutant_files(const struct fileset *files, const struct mutant *m);

enum mutant_fate {
    MUTANT_REFUSED, /* the site does not compile: check finds it */
    MUTANT_EQUAL,   /* the rules mean the same: no fault at all */
    MUTANT_KILLED,  /* a test fails */
    MUTANT_SURVIVED
};
/* What the tests make of it. `base`: the site itself compiled, `report`: its tests run with coverage, all of
 * them passed; only tests that had to do with the rule are run, and none after the first that fails, whose
 * name `killer` gets (arena-owned). */
enum mutant_fate mutant_try(const struct lab_tests_options *o, const struct site *base,
                            const struct lab_tests_report *report, const struct mutant *m, struct arena *a,
                            struct slice *killer);

#endif
