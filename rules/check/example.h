/* rules/check/example.h - an event that two rules both match, found and tried, so that "can both own one
 * event" (E401) is a fact that a test can repeat. */
#ifndef NIGHTBELL_RULES_CHECK_EXAMPLE_H
#define NIGHTBELL_RULES_CHECK_EXAMPLE_H

#include "rules/check/check.h"

enum { EXAMPLE_RAWS = 16, EXAMPLE_SWITCHES = 8 };

struct example_raw {
    struct slice path;                   /* raw "OBX-8", as rules write it */
    const void *paths[2 * EXAMPLE_RAWS]; /* the compiled ones that mean it */
    size_t path_count;
    struct slice text;
    bool present;
};

struct example {
    const struct check_context *site;
    struct event e;
    int64_t wall_us;
    bool clock;                              /* a shift is asked for, so that the time matters */
    struct slice switches[EXAMPLE_SWITCHES]; /* those that are on */
    size_t switch_count;
    struct example_raw raws[EXAMPLE_RAWS];
    size_t raw_count;
    struct arena *a;
};

/* An event that passes conjunct x of rule a and y of rule b, and that both conditions let pass when they are
 * evaluated. False: none was found (the search is small). `scratch` holds what the example points to. */
bool example_find(struct example *x, const struct check_context *site, struct arena *scratch,
                  const struct rule *a, const struct conjunct *of_a, const struct rule *b,
                  const struct conjunct *of_b);
/* As a test writes it: at 2026-11-04 02:00  patient pat has fall-risk  0s send alarm starts code bed-exit
 * patient pat. What no `send` can say (raw values, switches) follows in words. */
void example_put(struct buf *out, const struct example *x);

#endif
