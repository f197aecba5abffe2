/* rules/check/bounds.h - how much one rule can send for one event (LANGUAGE section 7, Bounds). */
#ifndef NIGHTBELL_RULES_CHECK_BOUNDS_H
#define NIGHTBELL_RULES_CHECK_BOUNDS_H

#include "rules/check/check.h"

struct rule_bounds bounds_of(struct checker *c, const struct plan *p);
/* Fills r->bounds; W323 above what is sane, E311 above the limit rule-sends. */
void check_bounds(struct checker *c, const struct ast_node *n, struct rule *r);

#endif
