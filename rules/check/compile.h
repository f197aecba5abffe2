/* rules/check/compile.h - names checked, conditions typed, rules compared, the ruleset built. */
#ifndef NIGHTBELL_RULES_CHECK_COMPILE_H
#define NIGHTBELL_RULES_CHECK_COMPILE_H

#include "events/catalogue.h"
#include "rules/ruleset.h"
#include "rules/syntax/diagnostics.h"

struct receipt_time { /* how long an endpoint may take to say that a phone has it; 0: it never says */
    struct slice endpoint;
    int64_t us;
};

/* What the checker needs to know of the rest of the site (built by rules/site before). */
struct check_context {
    const struct catalogue *catalogue;
    const struct directory *directory;
    const struct shift *shifts;
    size_t shift_count;
    const struct slice *roles; /* every role that an assignment or a may-hold names */
    size_t role_count;
    const struct slice *sources; /* names of listeners; NULL: `source` takes any name */
    size_t source_count;
    const struct slice *starts_only; /* those of them that say `sends starts` alone: no end will come */
    size_t starts_only_count;
    const struct receipt_time *receipts; /* one an endpoint */
    size_t receipt_count;
    int64_t now_us;    /* wall clock of whoever asks; 0: nobody does, and nothing is judged by date */
    unsigned gap_days; /* from then on, in which a roster must have somebody; 0: 14 */
};

/* NULL when d has errors afterwards. The ruleset keeps slices into the program's arena and files. */
struct ruleset *ruleset_compile(struct arena *arena, const struct ast_node *program,
                                const struct check_context *site, struct diagnostics *d);
/* "lethal-arrhythmia: at most 15 target sends in 7 min, 6 targets", one line a rule. */
void ruleset_bounds(const struct ruleset *r, struct buf *out);

#endif
