/* rules/check/pairs.h - which rules have to be compared at all: of 10,000 rules almost none can meet.
 *
 * Rules of one kind are bucketed by code; inside a bucket two rules are told apart by one word of bits a
 * field: a bit for each name that the field may have, or for each part of the number line. For each bit there
 * is the set of rules that have it, so that a rule is compared with 64 others at once. What is left is for
 * proof.c. */
#ifndef NIGHTBELL_RULES_CHECK_PAIRS_H
#define NIGHTBELL_RULES_CHECK_PAIRS_H

#include "rules/check/check.h"

/* Calls `visit` once for every pair of taken rules that may meet, i before k in the list. */
void pairs_each(const struct checked *rules, size_t count, bool (*takes)(const struct checked *k),
                void (*visit)(void *ctx, size_t i, size_t k), void *ctx);

#endif
