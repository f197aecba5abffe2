/* nightbell/sarif.h - findings as SARIF 2.1.0 (OASIS, March 2020), which code hosts and editors read.
 *
 * One run; a rule for each number that was found, with its page as help; a result for each finding, its
 * region in characters (columnKind unicodeCodePoints), file names relative to SITE. */
#ifndef NIGHTBELL_NIGHTBELL_SARIF_H
#define NIGHTBELL_NIGHTBELL_SARIF_H

#include "rules/syntax/diagnostics.h"

/* `folder` is the site's, absolute. One JSON document and a line end, appended. */
void sarif_write(const struct diagnostics *d, const char *folder, struct buf *out);

#endif
