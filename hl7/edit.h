/* hl7/edit.h - changes a parsed message and writes it again: what was not touched stays byte for byte.
 *
 * Edits are kept beside the message, which is not changed. The result has the message's own delimiters, line
 * ends, byte order mark and blank lines; text is escaped and brought into the character set of MSH-18, so a
 * value can never make a field, a component or a segment. */
#ifndef NIGHTBELL_HL7_EDIT_H
#define NIGHTBELL_HL7_EDIT_H

#include "base/buf.h"
#include "hl7/path.h"

struct hl7_edit;

/* Owned by `arena`. `whole`: the bytes that `m` was parsed from, with all that parsing passed over. */
struct hl7_edit *hl7_edit_begin(struct arena *arena, const struct hl7_message *m, struct slice whole);

/* Puts UTF-8 text at every place that the path names. Missing repetitions, components and fields are made; a
 * missing segment is an error (hl7_edit_add makes one), so is MSH-1 and MSH-2, and a text that the character
 * set cannot hold. "" deletes (HL7_EMPTY). */
bool hl7_edit_set(struct hl7_edit *e, const struct hl7_path *path, struct slice text, struct error *err);
/* The same with bytes that hold delimiters and escapes already; a CR or LF in them is an error. */
bool hl7_edit_set_raw(struct hl7_edit *e, const struct hl7_path *path, struct slice raw, struct error *err);
/* The HL7 null, "". */
bool hl7_edit_set_null(struct hl7_edit *e, const struct hl7_path *path, struct error *err);
/* A segment "ZXX" or whole raw segment text "NTE|1||..." behind segment `after`; HL7_NONE: at the end. */
bool hl7_edit_add(struct hl7_edit *e, size_t after, struct slice segment, struct error *err);
bool hl7_edit_drop(struct hl7_edit *e, size_t segment, struct error *err); /* not MSH */

/* Appends the edited message. Segments and fields without an edit are copied from `whole`. */
void hl7_edit_write(const struct hl7_edit *e, struct buf *out);

#endif
