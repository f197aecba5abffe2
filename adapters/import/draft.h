/* adapters/import/draft.h - rules of another system as drafts of ours, for a person to finish.
 *
 * What can be said in the rule language is written as a rule with `mode draft`: it compiles, it is compared
 * with the others, and it never owns an event until somebody takes the line out. What cannot be said
 * exactly stands there as a comment with the reason: nothing is guessed, and nothing is made wider. */
#ifndef NIGHTBELL_ADAPTERS_IMPORT_DRAFT_H
#define NIGHTBELL_ADAPTERS_IMPORT_DRAFT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum { IMPORT_BYTES = 4 << 20, IMPORT_DEPTH = 64, IMPORT_NAMES = 4096 };

struct import_draft {
    struct arena *arena;
    struct buf rules;     /* *.bell text */
    struct buf catalogue; /* rows of a catalogue file, without the line of column names */
    const char *endpoint; /* what rings the desks that receivers become */
    struct slice names[IMPORT_NAMES], desks[IMPORT_NAMES]; /* given so far, of rules and of desks */
    size_t name_count, desk_count;
    size_t written, left; /* rules drafted; those that a person must write */
};

/* `endpoint` lives as long as the draft. */
struct import_draft *draft_new(const char *endpoint);
void draft_free(struct import_draft **d);

/* "HighCPU Load" as a name of the language: "highcpu-load"; the same text gives the same name. */
struct slice draft_word(struct import_draft *d, struct slice text);
/* The same, but never one that was given before: "icu", "icu-2". ERROR_LIMIT past IMPORT_NAMES: empty. */
struct slice draft_new_word(struct import_draft *d, struct slice text);
/* A text in quotes, with what the language asks to be escaped. */
void draft_quoted(struct buf *out, struct slice text);
/* The text in a comment: no line end of it begins a line that is none. */
void draft_comment(struct buf *out, const char *before, struct slice text);
/* A desk that the site has already: it is not declared again. */
void draft_has_desk(struct import_draft *d, struct slice name);
/* `desk NAME "TEXT" staffed always reach ENDPOINT`, once for each text; gives its name. */
struct slice draft_desk(struct import_draft *d, struct slice text);

#endif
