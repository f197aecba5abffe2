/* hl7/escape.h - escape sequences of text (HL7 v2 section 2.7).
 *
 * Decoding goes once, left to right. \F\ \S\ \T\ \R\ \E\ \P\ become the delimiters, \Xhh..\ bytes, \.br\
 * \.sp<n>\ \.ce\ line feeds, \.sk<n>\ blanks; \.in \.ti \.fi \.nf \H\ \N\ shape text and become nothing.
 * Local ones (\Z..\), unknown, malformed and unclosed ones stay as they are, and character set switches
 * (\C..\, \M..\) where no text is asked for. A decoded CR is data. */
#ifndef NIGHTBELL_HL7_ESCAPE_H
#define NIGHTBELL_HL7_ESCAPE_H

#include "base/buf.h"
#include "hl7/message.h"

/* `raw` itself when there is nothing to decode, else a copy in `arena`. Bytes stay in their charset. */
struct slice hl7_unescape(struct arena *arena, const struct hl7_delimiters *d, struct slice raw);
/* The same with \C..\ and \M..\ decoded where they are known: they become the ISO 2022 escape sequence that
 * they spell, and *switched is set. `mask` (hl7/charset.h; NULL: none) is as long as `raw` and has no escape
 * character where one is the part of another character. */
struct slice hl7_unescape_text(struct arena *arena, const struct hl7_delimiters *d, struct slice raw,
                               const char *mask, bool *switched);
/* Appends `text` so that it holds no delimiter and no control character: those become escapes. Without
 * an escape character declared they become blanks, and false is returned. */
bool hl7_escape_put(struct buf *out, const struct hl7_delimiters *d, struct slice text);

#endif
