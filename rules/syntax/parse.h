/* rules/syntax/parse.h - from the bytes of *.bell files to one AST (docs/rules/grammar.md). */
#ifndef NIGHTBELL_RULES_SYNTAX_PARSE_H
#define NIGHTBELL_RULES_SYNTAX_PARSE_H

#include "rules/syntax/diagnostics.h"

/* Parses every file into one PROGRAM node whose children are FILE nodes (text = name, children =
 * declarations). Always returns a tree; d->errors tells whether it may be used. Errors recover at the
 * next clause keyword or closing brace, so that one run reports them all. */
struct ast_node *syntax_parse(struct arena *arena, const struct source_file *files, size_t count,
                              struct diagnostics *d);

#endif
