/* adapters/seal/compact.h - what compact JWE and JWS share: parts between dots, a JSON header.
 * For the seal's own files. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_COMPACT_H
#define NIGHTBELL_ADAPTERS_SEAL_COMPACT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"

/* Exactly `count` parts divided by dots; slices into `text`. */
bool compact_split(struct slice text, struct slice *parts, size_t count, struct error *err);
/* The protected header: strict base64url, one JSON object, no member twice, at most max_bytes.
 * New reference, or NULL. */
json_t *compact_header(struct slice part, size_t max_bytes, struct error *err);
/* A string member; empty when absent or of another type. Borrowed from the object. */
struct slice compact_text(const json_t *header, const char *name);
bool compact_has(const json_t *header, const char *name);
/* `,"name":"value"` with the value escaped; nothing for an empty value. */
void compact_put_member(struct buf *out, const char *name, struct slice value);

#endif
