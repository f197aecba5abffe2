/* hl7/edit.h - changes a parsed message and writes it again: what was not touched stays byte for byte.
 *
 * Edits are kept beside the message, which is not changed. The result has the message's own delimiters, line
 * ends, byte order mark and blank lines; text is escaped and brought into the character set of MSH-18, so a
 * value can never make a field, a component or a segment.
 *
 * Paths name places of the message as it was parsed; later edits of one field build on earlier ones. An edit
 * is done at all of its places or, with an error, at none. Errors locate, and quote no value. MSH-18 may be
 * set like any other field: the bytes of the others are not converted by that, and text keeps being written
 * in the set that the message was parsed with. */
#ifndef NIGHTBELL_HL7_EDIT_H
#define NIGHTBELL_HL7_EDIT_H

#include "base/buf.h"
#include "hl7/path.h"

struct hl7_edit;

/* Owned by `arena`. `whole`: the bytes that `m` was parsed from, with all that parsing passed over. */
struct hl7_edit *hl7_edit_begin(struct arena *arena, const struct hl7_message *m, struct slice whole);

/* Puts UTF-8 text at every place that the path names ([*]: each that hl7_path_each gives). Missing
 * repetitions, components and fields are made; a missing segment is an error (hl7_edit_add makes one), so is
 * MSH-1 and MSH-2, and a text that the character set or the delimiters cannot hold. "" deletes (HL7_EMPTY).
 */
bool hl7_edit_set(struct hl7_edit *e, const struct hl7_path *path, struct slice text, struct error *err);
/* The same with bytes of the message's character set that hold delimiters and escapes already. A CR, LF, VT,
 * FS, field separator, or a separator of the place's own level (none in a sub-component, only sub-components
 * in a component) is an error. */
bool hl7_edit_set_raw(struct hl7_edit *e, const struct hl7_path *path, struct slice raw, struct error *err);
/* The HL7 null, "". */
bool hl7_edit_set_null(struct hl7_edit *e, const struct hl7_path *path, struct error *err);
/* A segment "ZXX" or whole raw segment text "NTE|1||..." behind segment `after`; HL7_NONE: at the end.
 * Several behind one stand in the order of the calls; behind a dropped one they take its place. No path names
 * them. */
bool hl7_edit_add(struct hl7_edit *e, size_t after, struct slice segment, struct error *err);
bool hl7_edit_drop(struct hl7_edit *e, size_t segment, struct error *err); /* not MSH */

/* Appends the edited message. Segments and fields without an edit are copied from `whole`. */
void hl7_edit_write(const struct hl7_edit *e, struct buf *out);

#endif
