/* rules/syntax/fmt.h - the one layout of *.bell files.
 *
 * Only white space changes: line ends, blanks and blank lines. Words, texts, comments and their order
 * stay, which is compared again on the finished text. A formatted file formats to itself. */
#ifndef NIGHTBELL_RULES_SYNTAX_FMT_H
#define NIGHTBELL_RULES_SYNTAX_FMT_H

#include "rules/syntax/tokens.h"

/* What does not fit is wrapped where the language has a joint; a long text cannot be. */
enum { FMT_COLUMNS = 120 };

/* Appends the formatted text of one file (index `file` of d's list). False when the file has errors:
 * they are in d, and nothing was appended. */
bool syntax_format(struct arena *arena, const struct source_file *source, uint32_t file,
                   struct diagnostics *d, struct buf *out);

#endif
