/* lab/median.h - the middle of a list of times. Pure. */
#ifndef NIGHTBELL_LAB_MEDIAN_H
#define NIGHTBELL_LAB_MEDIAN_H

#include <stddef.h>
#include <stdint.h>

/* Sorts the list; of an even number the middle between the two that stand there. `none` for an empty one. */
int64_t median_of(int64_t *list, size_t count, int64_t none);

#endif
