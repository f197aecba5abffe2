/* nightbell/test_mutate.h - `nightbell test --mutate`: planted faults, tried in as many processes as there
 * are cores. */
#ifndef NIGHTBELL_NIGHTBELL_TEST_MUTATE_H
#define NIGHTBELL_NIGHTBELL_TEST_MUTATE_H

#include "lab/mutate.h"

struct mutate_choice {
    size_t most; /* 0: all */
    uint64_t seed;
    const char *only; /* faults in rules whose name holds this; NULL: all */
    unsigned least;   /* per cent that must be killed */
    bool json;
};

/* `o`: the site and how it is compiled. Prints what survived and the counts. Exit code: COMMAND_NO when the
 * tests fail without any fault, or fewer than `least` per cent of the faults are found. */
int test_mutate(const struct mutate_choice *c, const struct lab_tests_options *o);

#endif
