/* rules/syntax/build.h - what the generated parser and lexer share with parse.c; private to rules/syntax.
 *
 * The lexer knows classes of tokens only. Whether a word is a keyword is decided by asking the parser's
 * state (grammar.y, bell_parse): "full" is a keyword after `lock "..."` and a name anywhere else. */
#ifndef NIGHTBELL_RULES_SYNTAX_BUILD_H
#define NIGHTBELL_RULES_SYNTAX_BUILD_H

#include "base/limits.h"
#include "rules/syntax/tokens.h"

struct bell_word {
    struct slice text; /* strings decoded, everything else as written */
    int64_t number;    /* microseconds, minutes, yyyymmdd, or the whole number */
};

struct bell_list {
    struct ast_node *first, *last;
};

struct bell_token {
    int code; /* of bell_grammar.h */
    struct bell_word word;
    struct span at;
    struct slice raw; /* as written; at the end of the file a point */
};

enum bell_part { PART_HEAD, PART_AFTER_WHEN, PART_STEPS };

struct bell_parser {
    struct arena *arena;
    struct diagnostics *d;
    struct slice bytes; /* of the file in hand */
    uint32_t file;
    size_t offset; /* of the next byte to scan */
    uint32_t line;
    size_t line_start;                 /* offset of the line's first byte */
    struct ast_node *result;           /* FILE */
    struct bell_list so_far, declared; /* language and whole declarations, for a file that breaks off */
    struct bell_token now;             /* the token in hand */
    struct bell_token peeked;          /* one token of lookahead for `or missing` */
    bool has_peeked;
    bool after_number;         /* the last token was a number: a unit may follow */
    enum bell_part part;       /* of the block in hand: what comes too late is not offered */
    unsigned depth;            /* open parentheses */
    size_t faults_before;      /* errors found before this file */
    struct token_list *tokens; /* where every token and comment is kept, or NULL */
    struct expected *expected; /* asked for at byte `stop`, where parsing ends; or NULL */
    size_t stop;
};

struct ast_node *bell_node(struct bell_parser *p, enum ast_kind kind, struct span at, struct bell_word word);
struct ast_node *bell_parent(struct bell_parser *p, enum ast_kind kind, struct span at, struct bell_word word,
                             struct bell_list children);
void bell_add(struct ast_node *parent, struct ast_node *child); /* at the end; NULL is nothing */
struct bell_list bell_append(struct bell_list list, struct ast_node *node);
struct bell_list bell_join(struct bell_list a, struct bell_list b);
struct span bell_span(struct span first, struct span last);
struct ast_node *bell_datetime(struct bell_parser *p, struct span at, struct bell_token date,
                               struct bell_token time);
struct bell_word bell_dotted(struct bell_parser *p, struct bell_word a, struct bell_word b);
/* Is it a plain word that names a unit of UCUM ("mmHg")? */
bool bell_is_unit(struct slice word);

/* Of the lexer. */
int bell_scan(void *scanner, struct bell_parser *p, struct bell_token *out);
void *bell_scanner_open(struct bell_parser *p);
void bell_scanner_close(void *scanner);
/* Checks and decodes what the lexer found; they report. */
struct slice bell_string(struct bell_parser *p, struct slice raw, struct span at);
/* What to write in place of a word of other languages, or NULL; is_text: a text where a name could stand. */
const char *bell_habit(struct slice word, bool is_text);
/* characters.c: E104 with what to write instead; `rest` begins with the character. */
void bell_foreign_character(struct diagnostics *d, struct span at, struct slice file, struct slice rest);
void bell_foreign_text(struct diagnostics *d, struct span at, struct slice inside);
int64_t bell_duration(struct bell_parser *p, struct slice raw, struct span at);
int64_t bell_time(struct bell_parser *p, struct slice raw, struct span at);
int64_t bell_date(struct bell_parser *p, struct slice raw, struct span at);
int64_t bell_whole(struct bell_parser *p, struct slice raw, struct span at);

/* Keeps one; nothing without a list. */
void bell_keep(struct bell_parser *p, enum token_class class, struct slice raw, struct span at);

/* Of the parser: the whole file of p->bytes into p->result. */
void bell_parse(struct bell_parser *p);

/* parse.c: one file into its FILE node; `tokens` may be NULL. */
struct ast_node *syntax_parse_file(struct arena *arena, const struct source_file *file, uint32_t index,
                                   struct diagnostics *d, struct token_list *tokens);

/* What the grammar leaves to a second look at one file: order and repetition of a block's parts, words
 * that come from short lists (modes, replies, endings, days). */
void bell_review(struct bell_parser *p, struct ast_node *file);

#endif
