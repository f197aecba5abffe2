/* nightbell/json_text.h - slices and ids in and out of jansson's values. */
#ifndef NIGHTBELL_NIGHTBELL_JSON_TEXT_H
#define NIGHTBELL_NIGHTBELL_JSON_TEXT_H

#include <jansson.h>

#include "base/slice.h"

json_t *json_of_slice(struct slice s); /* a new reference; "" when it is not UTF-8 */
json_t *json_of_id(uint64_t id);       /* 16 hex digits (docs/ids.md) */
/* A member's text, borrowed; empty when it is not there or no text. `o` may be NULL. */
struct slice json_member(const json_t *o, const char *name);

#endif
