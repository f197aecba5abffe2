/* rules/check/cover.h - is everything that one condition lets pass taken by others? (E402)
 *
 * Sound, not complete: true only when proved. Numbers and what proof.h calls opaque are never split, and
 * the search is bounded, so that "false" means "not proved". */
#ifndef NIGHTBELL_RULES_CHECK_COVER_H
#define NIGHTBELL_RULES_CHECK_COVER_H

#include "rules/check/proof.h"

/* One of those that take; `used` is set when a part of x needed it. */
struct taker {
    const struct dnf *dnf;
    bool used;
};

bool cover_all(struct arena *a, const struct dnf *x, struct taker *takers, size_t count);

#endif
