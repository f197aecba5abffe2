/* hl7/path.h - compiled places in a message: PID-3.1, PID-3[2].4.1, OBX[2]-5, OBX[@3.1='68481']-5.
 *
 *   path   = SEGMENT [ "[" ( number | "@" place "='" text "'" ) "]" ] "-" place
 *   place  = field [ "[" repetition "]" ] [ "." component [ "." sub ] ]        all 1-based
 *
 * Without [repetition] the first one is meant, without .component the whole repetition. A quote in the
 * filter's text is doubled. Compiled once, owned by the arena, immutable: threads may share it. */
#ifndef NIGHTBELL_HL7_PATH_H
#define NIGHTBELL_HL7_PATH_H

#include "hl7/message.h"

struct hl7_path;

/* NULL with `err`: column is the 1-based byte of the fault, the hint says how it is written. The text is
 * a rule's, not a message's, so errors may quote it. */
struct hl7_path *hl7_path_compile(struct arena *arena, struct slice text, struct error *err);
/* Does the standard know it? False with `err` for OBX-99; unknown segments and Z-segments pass. */
bool hl7_path_check(const struct hl7_path *path, struct error *err);

struct slice hl7_path_segment(const struct hl7_path *path); /* "OBX" */
uint32_t hl7_path_field(const struct hl7_path *path);
bool hl7_path_is_selected(const struct hl7_path *path);   /* an occurrence or a filter is given */
bool hl7_path_is_occurrence(const struct hl7_path *path); /* OBX[2]: a filter would be better (lint) */

/* Looks the path up. `base_segment`: the event's own segment, or HL7_NONE; a path without selector that
 * names that kind of segment means this one. *raw as hl7_get; *many (may be NULL) tells that a second
 * segment matched as well: the first one is given, rules count it as absent. */
enum hl7_presence hl7_path_get(const struct hl7_path *path, const struct hl7_message *m, size_t base_segment,
                               struct slice *raw, bool *many);

#endif
