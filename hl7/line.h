/* hl7/line.h - which lines begin a segment (HL7 v2 section 2.5.2). Private to hl7/.
 *
 * A name is a capital and two capitals or digits, then the field separator; a name alone is a segment without
 * fields. Small letters are seen in the field: they count only where they spell a segment that the standard
 * knows, or a Z-segment, and a field follows. Every other line belongs to the segment before it, so that the
 * last line of a text broken over several, "end|||F", does not become a segment. */
#ifndef NIGHTBELL_HL7_LINE_H
#define NIGHTBELL_HL7_LINE_H

#include "hl7/names.h"

static inline bool hl7_is_end(char c)
{
    return c == '\r' || c == '\n';
}

/* Without byte order mark and blank lines before. */
struct slice hl7_front_strip(struct slice wire);
/* Without line ends behind, and without what is no text behind the last of them: blanks, NUL, Ctrl-Z and
 * frame marks that transfer programs leave there. */
struct slice hl7_back_strip(struct slice wire);

/* A message that uses CR keeps LF as data. Files are mostly LF, and some mix both: there an LF that is
 * followed by a segment ends one. `wire`: front_strip's; `first_end`: where its first CR or LF stands. */
bool hl7_lf_is_data(struct slice wire, size_t first_end, char field);

/* For a line that begins with three letters or digits, not all of them capitals. */
bool hl7_line_is_small_segment(struct slice line, char field);

/* `line`: without its end; a LF in it is data. Its first four bytes are enough. */
static inline bool hl7_line_is_segment(struct slice line, char field)
{
    if (line.len < 3 || (line.len > 3 && line.ptr[3] != field))
        return false;
    if (hl7_segment_named(slice_sub(line, 0, 3)))
        return true;
    return line.len > 3 && hl7_line_is_small_segment(line, field);
}

#endif
