/* lab/mutate_parts.h - edits on the tokens of one file (private to lab/mutate*.c). */
#ifndef NIGHTBELL_LAB_MUTATE_PARTS_H
#define NIGHTBELL_LAB_MUTATE_PARTS_H

#include "lab/mutate.h"
#include "rules/syntax/tokens.h"

struct range { /* tokens [from, to) */
    size_t from, to;
};

struct mutating {
    struct arena *arena;
    struct slice file, bytes, rule; /* rule: of the block in hand */
    const struct token *tokens;     /* without comments */
    size_t count;
    bool plan_only; /* of the edits that are being made */
    struct mutant *list;
    size_t mutants, room;
};

/* Is token `at` this keyword? False past the end. */
bool token_is(const struct mutating *m, size_t at, const char *word);
bool token_sign(const struct mutating *m, size_t at, char sign);
/* Splits at the word or sign that stands outside of parentheses; at most `room` parts. "or missing" is no
 * `or`. */
size_t range_split(const struct mutating *m, struct range r, const char *word, struct range *parts,
                   size_t room);

/* One mutant each. Places are tokens; `text` goes between blanks. */
void mutate_replace(struct mutating *m, const char *what, struct range r, struct slice text);
void mutate_drop(struct mutating *m, const char *what, struct range r);
void mutate_insert(struct mutating *m, const char *what, size_t before, const char *text);
void mutate_swap(struct mutating *m, const char *what, struct range a, struct range b);
/* One of several parts with commas (or a word) between, left out together with what divides it. */
void mutate_drop_part(struct mutating *m, const char *what, const struct range *parts, size_t count,
                      size_t which);
/* Twice as long. */
void mutate_duration(struct mutating *m, const char *what, size_t at);

/* mutate_when.c: the atoms of a condition and what joins them. */
void mutate_condition(struct mutating *m, struct range r);
/* `when KIND PHASE and ... unless ...` */
void mutate_when(struct mutating *m, struct range r);
/* mutate_block.c: everything between the braces of a rule, copy, default or chain, and its head. */
void mutate_block(struct mutating *m, struct range head, struct range body);

#endif
