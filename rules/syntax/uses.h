/* rules/syntax/uses.h - which word of which file names what: for editors that look up, list and rename. */
#ifndef NIGHTBELL_RULES_SYNTAX_USES_H
#define NIGHTBELL_RULES_SYNTAX_USES_H

#include "rules/syntax/ast.h"

/*        kind        what a person calls it */
#define USE_KINDS(X)                                                                                         \
    X(RULE, "rule")                                                                                          \
    X(CODES, "set of codes")                                                                                 \
    X(CODE, "code")                                                                                          \
    X(PLACES, "set of places")                                                                               \
    X(SHIFT, "shift")                                                                                        \
    X(SWITCH, "switch")                                                                                      \
    X(DESK, "desk")                                                                                          \
    X(GROUP, "group")                                                                                        \
    X(CHAIN, "chain")                                                                                        \
    X(MESSAGE, "message")                                                                                    \
    X(LAYER, "layer")                                                                                        \
    X(WORLD, "world")                                                                                        \
    X(UNIT, "unit")                                                                                          \
    X(PERSON, "person")                                                                                      \
    X(ROLE, "role")                                                                                          \
    X(ROTA, "rota")                                                                                          \
    X(LISTENER, "listener")                                                                                  \
    X(ENDPOINT, "endpoint")                                                                                  \
    X(MAP, "map")                                                                                            \
    X(FIELD, "field")                                                                                        \
    X(TEST, "test")                                                                                          \
    X(OTHER, "declaration")

enum use_kind {
#define X(id, name) USE_##id,
    USE_KINDS(X)
#undef X
        USE_KIND_COUNT
};

struct use {
    enum use_kind kind;
    struct slice name;
    struct span at; /* of the word; of a text with its quotes */
    bool defines;
    bool quoted;                 /* stands as a text in quotes */
    const struct ast_node *node; /* the declaration when it defines, else the node that names it */
};

struct use_list {
    struct use *items; /* files in order; within one in the order of the tree */
    size_t count, room;
};

const char *use_kind_name(enum use_kind k);
/* Every use in the program; in the arena. A name that only a look at all files explains (a person or a
 * role, a shift or a switch, a code or a set of codes) has been looked up. */
void syntax_uses(struct arena *a, const struct ast_node *program, struct use_list *out);
/* The definition, or NULL. */
const struct use *use_definition(const struct use_list *list, enum use_kind kind, struct slice name);

#endif
