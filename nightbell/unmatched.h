/* nightbell/unmatched.h - the rows of `nightbell unmatched`, from a running router's lists or from a lab's.
 */
#ifndef NIGHTBELL_NIGHTBELL_UNMATCHED_H
#define NIGHTBELL_NIGHTBELL_UNMATCHED_H

#include <jansson.h>

#include "router/core.h"

/* What only a default took, with a drafted rule; `e` NULL: its record cannot be read any more. */
json_t *unmatched_code_json(const struct site *site, const struct listed *row, const struct event *e,
                            struct arena *a);
/* A spelling that no places.csv knows, with a drafted row. */
json_t *unmatched_place_json(const struct listed *row);
/* The most frequent first; of equals the newest. Sorts in place. */
void unmatched_sort(struct listed *rows, size_t count);

#endif
