/* rules/syntax/tokens.h - one file as the parser saw it: its tokens with their classes, and its comments.
 *
 * Which word is a keyword is known to the parser alone, so the list is taken while it parses. The
 * formatter and the editor's server read it; the tree (ast.h) forgets comments and the places of commas. */
#ifndef NIGHTBELL_RULES_SYNTAX_TOKENS_H
#define NIGHTBELL_RULES_SYNTAX_TOKENS_H

#include "rules/syntax/diagnostics.h"

enum token_class {
    TOKEN_NAME,
    TOKEN_KEYWORD,
    TOKEN_STRING,
    TOKEN_CODE,
    TOKEN_NUMBER,
    TOKEN_DURATION,
    TOKEN_TIME,
    TOKEN_DATE,
    TOKEN_UNIT,
    TOKEN_SIGN,    /* { } ( ) , = - . < <= > >= */
    TOKEN_COMMENT, /* from # to the end of the line, blanks at its end gone */
    TOKEN_BAD      /* not of the language; only in files with errors */
};

struct token {
    enum token_class class;
    struct slice text; /* as written, quotes and # included; borrowed from the file */
    struct span at;
};

struct token_list {
    struct token *items; /* by place */
    size_t count, room;
};

/* Parses one file (index `file` of d's list) and gives its FILE node; `tokens` and `node` live in the
 * arena. Faults go to d; the list holds what was read in any case. */
struct ast_node *syntax_tokens(struct arena *arena, const struct source_file *source, uint32_t file,
                               struct diagnostics *d, struct token_list *tokens);

/* What the grammar can take at a place: keywords, and which classes of other tokens. */
enum { EXPECTED_WORDS = 128 };
struct expected {
    const char *words[EXPECTED_WORDS]; /* keywords, static texts */
    size_t word_count;
    bool name, string, code, number, duration, time, date, unit;
};

/* Reads the file up to byte `offset` (a token that begins there or later is not looked at, one that the
 * offset stands in is cut off whole) and asks the parser's state. `before` may be NULL; else it gets the
 * tokens in front of the offset, without comments. */
void syntax_expected(struct arena *arena, const struct source_file *source, size_t offset,
                     struct expected *out, struct token_list *before);

/* The keywords of the grammar, in its own order; NULL past the last one. */
const char *syntax_keyword(size_t index);

#endif
