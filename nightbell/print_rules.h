/* nightbell/print_rules.h - rules on paper: sentences and a timeline, for people who sign them. */
#ifndef NIGHTBELL_NIGHTBELL_PRINT_RULES_H
#define NIGHTBELL_NIGHTBELL_PRINT_RULES_H

#include "rules/print/tell.h"

struct printed_rule {
    const struct ast_node *node;
    struct told told;
    struct slice appended; /* the sentence about a last desk that the compiler adds, or empty */
    char hash[65];         /* SHA-256 of rules/print/canonical.h, hexadecimal */
};

struct printed {
    const struct site *site;
    const struct ast_node *program;
    struct printed_rule *rules;
    size_t count;
    char hash[65]; /* of the whole site */
    char date[32]; /* wall clock of the site */
};

/* Bytes as text of HTML or SVG: & < > " and control characters are safe. */
void markup_put(struct buf *out, struct slice text);
/* print_svg.c: the timeline of one rule, self-contained, with title and description; `id` makes its ids
 * unlike those of others on one page. */
void print_svg(struct buf *out, const struct told *t, size_t id);
/* print_html.c: one self-contained page for screen and paper (A4, Letter). */
void print_html(struct buf *out, const struct printed *p);
/* print_text.c: for a terminal. */
void print_text(struct buf *out, const struct printed *p, bool colour);
/* "0 s", "90 s", "2 min": as narrow as it can be said. */
void print_time(struct buf *out, int64_t us);

#endif
