/* base/base64url.h - RFC 4648 section 5 without padding, strict both ways. */
#ifndef NIGHTBELL_BASE_BASE64URL_H
#define NIGHTBELL_BASE_BASE64URL_H

#include "base/buf.h"

void base64url_put(struct buf *out, struct slice bytes);
/* Appends the decoded bytes; false (and nothing appended) on padding, other characters, or bits left over. */
bool base64url_decode(struct slice text, struct buf *out);
void hex_put(struct buf *out, struct slice bytes); /* lower case */
bool hex_decode(struct slice text, struct buf *out);

#endif
