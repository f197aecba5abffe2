/* fhir/json.h - FHIR JSON (hl7.org/fhir/json.html, RFC 8259) to a flat tree, by jansson.
 *
 * jansson would turn 1.50 into a double, and FHIR's decimals keep their digits. So the text is marked
 * before jansson sees it: inside every string, right after its opening quote, goes an `s`, and each
 * number becomes a string that begins with `n`. A sender cannot forge a mark, because whatever it puts
 * in a string stands behind our `s`. jansson stays the judge of everything else: escapes, UTF-8,
 * duplicate members, the end of input. Depth and size are bounded before it runs. */
#ifndef NIGHTBELL_FHIR_JSON_H
#define NIGHTBELL_FHIR_JSON_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

/* Reads one document, an object with a resourceType, and appends its tree (fhir/tree.h) to *tree_out. A
 * byte order mark is passed over. False with ERROR_SYNTAX, ERROR_MISSING or ERROR_LIMIT: located by line
 * and column or by err->where, quoting nothing. */
bool fhir_json_read(struct slice body, struct buf *tree_out, struct error *err);

/* Seeds jansson's hash tables, for which it opens /dev/urandom: call before a sandbox closes. */
void fhir_json_prepare(void);

#endif
