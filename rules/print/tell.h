/* rules/print/tell.h - a rule in plain English sentences, for people who sign it and for editors.
 *
 * Made from the tree, so every clause and condition of the language has its words, and chains are told
 * where the rule uses them. Codes, people, desks and shifts are called by the titles that the site gives
 * them. What is told here is what `nightbell check` accepted; nothing is looked up in a roster: a step
 * says who is meant, not who that is today. Everything lives in the arena. */
#ifndef NIGHTBELL_RULES_PRINT_TELL_H
#define NIGHTBELL_RULES_PRINT_TELL_H

#include "rules/site/site.h"
#include "rules/syntax/ast.h"

struct teller {
    struct arena *arena;
    const struct ast_node *program;
    const struct site *site; /* NULL: names stay as they are written */
};

enum told_level { TOLD_NORMAL, TOLD_URGENT, TOLD_SILENT };

struct told_step {
    int64_t at_us; /* from the first ring */
    enum told_level level;
    bool fyi;
    struct slice when;    /* "At once", "After 30 seconds, if nobody has accepted" */
    struct slice whom;    /* "the primary nurse; if there is none, the buddy nurse" */
    struct slice how;     /* "loud, through silent mode; for information only"; may be empty */
    struct slice brief;   /* "primary-nurse else buddy-nurse": as the rule writes it */
    struct slice message; /* name of the message, or empty */
};

enum { TOLD_STEPS = 256 };

struct told {
    struct slice kind; /* rule, copy, default */
    struct slice name, title, why, owner, review, mode;
    struct slice when;           /* "When an alarm begins and it is V-fib or V-tach." */
    const struct slice *clauses; /* one sentence or more each */
    size_t clause_count;
    const struct told_step *steps; /* by time */
    size_t step_count;
    int64_t hold_us;
    struct slice repeat; /* sentence, or empty */
    int64_t repeat_every_us, repeat_from_us;
    uint32_t repeat_max;
    struct slice ends;    /* sentence */
    struct slice ignores; /* sentence: nobody is told; then there are no steps */
};

/* A RULE, COPY or DEFAULT node. */
void tell(const struct teller *t, const struct ast_node *declaration, struct told *out);
/* "30 seconds", "2 minutes", "1 hour 30 minutes". */
void tell_duration(struct buf *out, int64_t us);
/* The declaration of that kind and name in all files, or NULL. */
const struct ast_node *tell_find(const struct ast_node *program, enum ast_kind kind, struct slice name);

/* tell_condition.c: "the value is below 80 % (when it is known)". */
void tell_condition(const struct teller *t, struct buf *out, const struct ast_node *condition);
void tell_field(struct buf *out, struct slice field);
/* The title of a code, else its name. */
struct slice tell_code(const struct teller *t, struct slice name);
void tell_shift(const struct teller *t, struct buf *out, struct slice name);
/* tell_who.c */
void tell_target(const struct teller *t, struct buf *out, const struct ast_node *target);
void tell_who(const struct teller *t, struct buf *out, const struct ast_node *who);
/* tell_clause.c: the sentence of one clause; nothing for what is no clause. */
void tell_clause(const struct teller *t, struct buf *out, const struct ast_node *clause);
/* "a, b and c", piece by piece: what stands before piece i of n. */
const char *tell_joint(size_t i, size_t n, const char *last);

#endif
