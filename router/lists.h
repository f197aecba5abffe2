/* router/lists.h - what a person should look at: quarantine, dead letters, unmapped codes, gaps.
 *
 * Bounded: an entry equal to one that stands there is counted on it; past LISTED_MAX the oldest leaves
 * (the counters and the journal still hold everything). */
#ifndef NIGHTBELL_ROUTER_LISTS_H
#define NIGHTBELL_ROUTER_LISTS_H

#include "base/map.h"
#include "router/layout.h"

#define LISTS(X)                                                                                             \
    X(QUARANTINE, "quarantine")                                                                              \
    X(DEAD_LETTER, "dead-letter")                                                                            \
    X(UNMATCHED_CODE, "unmatched-code")                                                                      \
    X(UNMATCHED_PLACE, "unmatched-place")                                                                    \
    X(COVERAGE, "coverage")                                                                                  \
    X(EXHAUSTED, "exhausted")                                                                                \
    X(MISMATCH, "identity-mismatch")                                                                         \
    X(FINDING, "finding")                                                                                    \
    /* version 3 */                                                                                          \
    X(UNOWNED, "unowned") /* events that only a default took, by kind, code and place */

#define X(id, name) LIST_##id,
enum list_id { LISTS(X) LIST_COUNT };
#undef X

/* So many stand in a snapshot before version 3. */
enum { LISTS_V2 = LIST_UNOWNED };

enum { LISTED_MAX = 2000, LISTED_KEY_MAX = 96 };

/* clang-format off */
#define LISTED_MEMBERS(M, S) M(S, TEXT, what) M(S, TEXT, key) M(S, TEXT, where) M(S, U64, count)           \
    M(S, U64, position) M(S, I64, at_us)
/* clang-format on */
struct list_row {
    LISTED_MEMBERS(MEMBER_DECLARE, _)
};

struct list {
    struct map *rows; /* "what\0key\0where" (quarantine: position) -> struct list_row, oldest first */
};

struct lists {
    struct list list[LIST_COUNT];
};

void lists_init(struct lists *l);
void lists_free(struct lists *l);
/* `unique`: an entry of its own even when equal to another (quarantine, dead letters). Counted on an equal
 * one, a row without a position (0) leaves that one's position as it was. */
void lists_add(struct lists *l, enum list_id id, const struct list_row *row, bool unique);
/* The row equal to this one; NULL: it is not listed. Valid until the next change. */
const struct list_row *lists_find(const struct lists *l, enum list_id id, const struct list_row *row);
const char *list_name(enum list_id id);
bool list_find(struct slice name, enum list_id *id);
void lists_write(const struct lists *l, struct buf *out);
void lists_read(struct lists *l, struct reader *in, uint8_t version); /* of a snapshot of this version */

#endif
