/* rules/syntax/ast.h - what the grammar makes of *.bell files: a tree of nodes, all of one shape.
 *
 * One node type keeps the grammar, the checker, the formatter and the site builder independent of each
 * other: docs/rules/ast.md lists for each kind its text, number and children in order. Nodes and texts
 * live in the arena given to syntax_parse; text slices point into the file's bytes (names) or the
 * arena (decoded strings). Children that may be missing are wrapped in a node of their own kind, so
 * nothing is found by position alone: ast_child(node, KIND). */
#ifndef NIGHTBELL_RULES_SYNTAX_AST_H
#define NIGHTBELL_RULES_SYNTAX_AST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

/* clang-format off */
#define AST_KINDS(X)                                                                                       \
    X(PROGRAM) X(FILE)                                                                                     \
    /* declarations of section 2; text = the declared NAME */                                              \
    X(LANGUAGE) X(USE) X(SITE) X(LAYERS) X(PLACES) X(CODES) X(SHIFT) X(SWITCH) X(DESK) X(GROUP)            \
    X(CHAIN) X(MESSAGE) X(RULE) X(COPY) X(DEFAULT) X(WORLD) X(TEST)                                        \
    /* declarations of section 10 */                                                                       \
    X(UNIT) X(ASSIGN) X(PERSON) X(ROTA) X(LISTEN) X(ENDPOINT) X(MAP) X(CATALOGUE) X(DEMO)                  \
    /* parts */                                                                                            \
    X(NAME) X(STRING) X(CODE) X(NUMBER) X(DURATION) X(TIME) X(DATE) X(DATETIME) X(QUANTITY) X(FIELD)       \
    X(RANGE) X(DAY) X(TITLE) X(WHY) X(OWNER) X(REVIEW) X(MODE) X(IN_LAYER) X(OVERRIDES)                    \
    X(WHEN) X(UNLESS) X(AND) X(OR) X(NOT) X(ATOM) X(DURING) X(RAW) X(FHIR) X(AS)                           \
    X(IS) X(IS_NOT) X(IN) X(NOT_IN) X(LESS) X(LESS_EQ) X(MORE) X(MORE_EQ) X(HAS) X(LIKE) X(WITHIN)         \
    X(NOT_WITHIN) X(OR_MISSING) X(IF_KNOWN) X(YES) X(NO)                                                   \
    X(HOLD) X(DEDUPE) X(BUNDLE) X(LIMIT) X(SUPPRESS) X(DELIVER) X(NEED) X(NEEDED) X(LEASE) X(EXPIRE)       \
    X(STOP) X(NOTIFY) X(AFTER) X(REPEAT) X(ESCALATE) X(IGNORE) X(TARGET) X(LEVEL) X(FYI) X(USING)          \
    X(STATE_NOT_ACCEPTED) X(STATE_NOT_DELIVERED) X(STATE_OPEN)                                             \
    X(WHO_ONCALL) X(WHO_GROUP) X(WHO_DESK) X(WHO_UNIT_DESK) X(WHO_EVERYONE) X(WHO_TURN) X(WHO_LEAST)       \
    X(WHO_COVERING) X(WHO_ROLE) X(OF) X(VIA)                                                               \
    X(LOCK) X(FULL) X(REPLY) X(STAFFED) X(RELAY) X(REACH) X(BEDS) X(FALLBACK) X(MAY_HOLD) X(LINE)          \
    X(WEEKLY) X(FROM) X(TO) X(OVERRIDE) X(INSTEAD) X(ZONE) X(SETTING) X(ENTRY) X(BASED_ON)                 \
    X(FACT) X(ACTION) X(AT) X(WITH) X(ALL)
/* clang-format on */

enum ast_kind {
#define X(name) AST_##name,
    AST_KINDS(X)
#undef X
        AST_KIND_COUNT
};

struct span {
    uint32_t file;         /* index into the program's list of files */
    uint32_t line, column; /* 1-based; column in bytes */
    uint32_t length;       /* bytes on that line; 0 = a point */
};

struct ast_node {
    enum ast_kind kind;
    struct span at;
    struct slice text;
    int64_t number; /* DURATION in microseconds, TIME in minutes, LIMIT and REPEAT counts ... */
    struct ast_node *child, *next;
};

const char *ast_kind_name(enum ast_kind kind);
struct ast_node *ast_child(const struct ast_node *n,
                           enum ast_kind kind); /* first child of that kind, or NULL */
struct ast_node *ast_next(const struct ast_node *n, enum ast_kind kind); /* next sibling of that kind */
size_t ast_count(const struct ast_node *n, enum ast_kind kind);

#endif
