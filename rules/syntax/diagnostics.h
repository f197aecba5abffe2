/* rules/syntax/diagnostics.h - findings about a site's files: number, place, caret, and the fix.
 *
 *   error[E203]: unknown code "v-fib"
 *   icu.bell:14:34 |   when alarm starts and code is v-fib
 *                  |                                 ^^^^^ did you mean "vfib" (MDC 199806)?
 * All findings of a run are collected (up to a bound), so one run shows them all. */
#ifndef NIGHTBELL_RULES_SYNTAX_DIAGNOSTICS_H
#define NIGHTBELL_RULES_SYNTAX_DIAGNOSTICS_H

#include "rules/syntax/ast.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

struct diagnostic {
    enum severity severity;
    unsigned number; /* E203 -> 203 */
    struct span at;
    struct slice message, hint;
};

struct source_file {
    struct slice name, bytes; /* name relative to the site folder */
};

struct diagnostics {
    struct arena *arena;
    const struct source_file *files;
    size_t file_count;
    struct diagnostic *items;
    size_t count, room, errors, warnings, notes, dropped;
    bool last_dropped;
    /* Only data files differ from a site that ran: what they leave uncovered is a warning, and counted. */
    bool data_change;
    size_t uncovered;
};

void diagnostics_init(struct diagnostics *d, struct arena *arena, const struct source_file *files,
                      size_t count);
void diagnostics_free(struct diagnostics *d); /* items only; texts are the arena's */
void diagnose(struct diagnostics *d, enum severity severity, unsigned number, struct span at,
              const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Adds the line after the caret to the last finding. */
void diagnose_hint(struct diagnostics *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The candidate nearest to `word` (edit distance, bounded), or the empty slice. */
struct slice diagnose_nearest(struct slice word, const struct slice *candidates, size_t count);
/* The line that a finding points into, without its end; empty when it points nowhere. */
struct slice diagnostics_line(const struct diagnostics *d, struct span at);
/* Sorted by file, line, column. `colour`: ANSI for a terminal. */
void diagnostics_text(const struct diagnostics *d, bool colour, struct buf *out);
void diagnostics_json(const struct diagnostics *d, struct buf *out); /* one object a line */

#endif
