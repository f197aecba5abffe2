/* rules/print/canonical.h - a rule as bytes that change exactly when its meaning can: what a signature is
 * for.
 *
 * The tree of the declaration without places, comments and layout, then once each the declarations that it
 * leans on, in the order of mention: codes, places, shifts, switches, chains, messages, groups. Who holds a
 * role or a turn is not part of it. The hash of a rule is SHA-256 over these bytes. */
#ifndef NIGHTBELL_RULES_PRINT_CANONICAL_H
#define NIGHTBELL_RULES_PRINT_CANONICAL_H

#include "rules/syntax/ast.h"

void rule_canonical(const struct ast_node *program, const struct ast_node *declaration, struct buf *out);

#endif
