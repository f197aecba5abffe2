/* rules/check/reach.h - a live rule that others always go before never owns an event (E402). */
#ifndef NIGHTBELL_RULES_CHECK_REACH_H
#define NIGHTBELL_RULES_CHECK_REACH_H

#include "rules/check/check.h"

/* After the order is known (rule.beats): reports every rule all of whose events go to rules before it. */
void check_reachable(struct checker *c, const struct checked *rules, size_t count);

#endif
