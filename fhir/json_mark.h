/* fhir/json_mark.h - marks strings and numbers of a JSON text before jansson reads it (fhir/json.h). */
#ifndef NIGHTBELL_FHIR_JSON_MARK_H
#define NIGHTBELL_FHIR_JSON_MARK_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

/* Appends the marked text to *out. Judges nothing but depth and the number of values: what is not JSON
 * stays not JSON. False with ERROR_LIMIT, located by line and column. */
bool json_mark(struct slice text, struct buf *out, struct error *err);
/* Where byte `at` of the marked text stood in the original: 1-based line and column. */
void json_mark_place(struct slice original, size_t at, uint32_t *line, uint32_t *column);

#endif
