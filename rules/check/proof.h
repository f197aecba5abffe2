/* rules/check/proof.h - what can be proved about two conditions: does one imply the other, can both hold?
 *
 * A condition becomes conjuncts (at most LIMIT_RULE_CONJUNCTS); each is, dimension by dimension, the set
 * of values that it lets pass: names, number intervals, minutes of the week, flags. "Absent" is one more
 * value of a field. Sound, not complete: `raw`, `fhir`, `like` and `within` imply only themselves. */
#ifndef NIGHTBELL_RULES_CHECK_PROOF_H
#define NIGHTBELL_RULES_CHECK_PROOF_H

#include "rules/compiled.h"

enum dim_kind { DIM_NAMES, DIM_NUMBER, DIM_CLOCK, DIM_FLAG };

struct bound {
    bool has; /* false: endless */
    bool open;
    struct number_value at;
};

struct interval {
    struct bound low, high;
};

enum { WEEK_MINUTES = 7 * 24 * 60, WEEK_WORDS = (WEEK_MINUTES + 63) / 64 };

struct dim {
    enum dim_kind kind;
    size_t field;
    struct slice key; /* flags */
    bool absent;      /* an event without the field passes */
    bool always;      /* there is no event without it */
    bool complement;  /* names: all but these */
    bool wider;       /* names: more than what passes, as "vfib, but not one code of it" has no name */
    const struct name_value *names;
    size_t name_count;
    const struct interval *intervals;
    size_t interval_count;
    const uint64_t *minutes; /* WEEK_WORDS */
    bool yes, no;            /* flags: which answers pass */
};

struct conjunct {
    const struct literal *literals;
    size_t literal_count;
    struct dim *dims;
    size_t dim_count;
    bool impossible;
    const struct atom *clash[2]; /* why, when impossible */
};

struct dnf {
    const struct conjunct *list;
    size_t count;
    bool too_many;
};

struct dnf proof_expand(struct arena *a, const struct cond *c);
bool proof_implies(struct arena *a, const struct dnf *x, const struct dnf *y);
/* The conjuncts of x and y that can hold together; false when none can. */
bool proof_meet(struct arena *a, const struct dnf *x, const struct dnf *y, const struct conjunct **of_x,
                const struct conjunct **of_y);
/* The dimension of a field in a conjunct, or NULL when it is free. */
const struct dim *conjunct_dim(const struct conjunct *k, size_t field);

/* Does everything that passes x pass y; can something pass both? Neither is impossible. */
bool conjunct_implies(struct arena *a, const struct conjunct *x, const struct conjunct *y);
bool conjuncts_meet(struct arena *a, const struct conjunct *x, const struct conjunct *y);

/* Sets; `present` parts only where not said. */
struct dim dim_of(struct arena *a, const struct literal *l);
/* Are they about the same thing? */
bool dim_related(const struct dim *a, const struct dim *b);
/* Can the two be one dimension of a conjunct? */
bool dim_joins(const struct dim *a, const struct dim *b);
struct dim dim_both(struct arena *a, const struct dim *x, const struct dim *y);
bool dim_empty(const struct dim *d); /* absent counted */
/* Is there a value (or absence) that both let pass? */
bool dims_meet(struct arena *a, const struct dim *x, const struct dim *y);
/* All that d does not let pass; false where that is no set of this kind (numbers, codes as sent). */
bool dim_not(struct arena *a, const struct dim *d, struct dim *out);
bool dim_within(struct arena *a, const struct dim *x, const struct dim *y);

#endif
