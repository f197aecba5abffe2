/* lab/cover_count.h - coverage while the tests run (private to lab/). */
#ifndef NIGHTBELL_LAB_COVER_COUNT_H
#define NIGHTBELL_LAB_COVER_COUNT_H

#include "lab/coverage.h"
#include "lab/lab.h"

struct cover_count;

/* Counts for this ruleset alone; it must stay as long as the count is used. `program` is what it was
 * compiled from: it knows where clauses stand. */
struct cover_count *cover_count_new(const struct ruleset *rules, const struct ast_node *program,
                                    struct arena *a);
/* The hook of the core: an event is known and rules are asked. */
void cover_count_asked(struct cover_count *c, const struct ruleset *rules, const struct event *e,
                       const struct eval_now *now);
/* What a test's journal tells, of the rules of its own site alone. */
void cover_count_journal(struct cover_count *c, const struct lab *lab, size_t first_append);
/* Which rules a test had to do with since the last call: one byte a rule (in the order of lab_coverage),
 * 1 asked, 2 owned or informed. Arena-owned. */
const uint8_t *cover_count_touched(struct cover_count *c);
struct lab_coverage *cover_count_done(struct cover_count *c);

#endif
