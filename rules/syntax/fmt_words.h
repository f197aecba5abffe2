/* rules/syntax/fmt_words.h - inside of the formatter: the words of a file, and what is decided of each.
 *
 * Every line of the result is a run of words as they stand in the file, so a layout is one decision a
 * word: does a line begin here, how far in, and which gap stands before it. */
#ifndef NIGHTBELL_RULES_SYNTAX_FMT_WORDS_H
#define NIGHTBELL_RULES_SYNTAX_FMT_WORDS_H

#include "rules/syntax/fmt.h"

struct fmt_comment {
    struct slice text;
    bool blank; /* an empty line stands before it */
};

struct word {
    struct token token; /* the last word of a file is a point without text, for the comments at its end */
    struct fmt_comment *leads; /* comments on lines of their own before it */
    size_t lead_count;
    struct slice tail;    /* the comment behind it on its line, or empty */
    size_t tail_column;   /* of that comment in the file, in characters */
    bool blank;           /* an empty line stands before it */
    bool item;            /* a declaration, or a part of a block, begins here */
    bool opens, closes;   /* the braces of a declaration */
    bool breaks;          /* decided: a line begins here */
    bool apart;           /* decided: two blanks before it */
    unsigned indent;      /* of that line */
    unsigned lead_indent; /* of the comments before it */
    unsigned tab;         /* 1 .. FMT_TABS: aligned with the same tab of the neighbouring lines; 0: not */
    size_t pad;           /* blanks more, for that */
};

enum { FMT_TABS = 3 };

struct fmt {
    struct arena *arena;
    struct word *words;
    size_t count; /* without the point at the end */
};

bool word_is(const struct word *w, const char *keyword); /* that keyword, not a name spelled so */
bool word_sign(const struct word *w, char c);
size_t fmt_columns(struct slice s); /* characters */
/* Blanks between words i - 1 and i on one line. */
size_t fmt_gap(const struct fmt *f, size_t i);
/* Characters of words [first, end) on one line, pads included. */
size_t fmt_width(const struct fmt *f, size_t first, size_t end);

/* fmt_words.c: tokens to words, comments attached. */
struct fmt fmt_read(struct arena *arena, const struct token_list *tokens);
/* fmt_items.c: where declarations and their parts begin. */
void fmt_items(struct fmt *f);
/* fmt_layout.c: lines and indents; fmt_align.c: columns; fmt.c: the text. */
void fmt_layout(struct fmt *f);
void fmt_align(struct fmt *f);
/* The end of the line that begins at word i. */
size_t fmt_line_end(const struct fmt *f, size_t i);

#endif
