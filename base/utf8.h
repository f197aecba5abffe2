/* base/utf8.h - is it UTF-8, and how many characters (RFC 3629: no surrogates, no overlongs). */
#ifndef NIGHTBELL_BASE_UTF8_H
#define NIGHTBELL_BASE_UTF8_H

#include "base/buf.h"
#include "base/slice.h"

bool utf8_valid(struct slice s);
size_t utf8_count(struct slice s); /* code points; of valid UTF-8 */
void utf8_put(struct buf *out, uint32_t code_point);
/* Appends `bytes` as UTF-8: as they are when valid, else every byte read as Windows-1252. */
void utf8_put_any(struct buf *out, struct slice bytes);
/* Appends s as the inside of a JSON string: control characters, quote and backslash escaped; bytes
 * that are not UTF-8 become U+FFFD. Never puts a line end, so a log line stays one line. */
void utf8_put_json(struct buf *out, struct slice s);

#endif
