/* router/limits.h - who heard how much of a rule with `limit N per D`, and what waits for a summary.
 *
 * One row a rule and person (or desk): when the last tellings were, and the surplus. Part of the state: in
 * the snapshot, changed by the records STEP, LIMITED and SUMMARY alone. */
#ifndef NIGHTBELL_ROUTER_LIMITS_H
#define NIGHTBELL_ROUTER_LIMITS_H

#include "base/map.h"
#include "router/layout.h"

/* clang-format off */
/* times: lane times of the newest tellings, i64 each, rising; waiting: (u64 alert, u32 step) each, in the order in
 * which they came; due_us: when the summary leaves, TIME_NONE when nothing waits. */
#define LIMIT_ROW_MEMBERS(M, S) M(S, TEXT, rule) M(S, TEXT, holder) M(S, BOOL, desk) M(S, I64, due_us)       \
    M(S, BLOB, times) M(S, BLOB, waiting)
/* clang-format on */
struct limit_row {
    LIMIT_ROW_MEMBERS(MEMBER_DECLARE, _)
};

struct limits {
    struct map *rows; /* rule, a zero byte, holder -> struct limit_row */
    int64_t due_us;   /* derived: of the next summary, INT64_MAX when none; asked with every input */
};

void limits_init(struct limits *l);
void limits_free(struct limits *l);
const struct limit_row *limits_find(const struct limits *l, struct slice rule,
                                    struct slice holder); /* or NULL */
/* Tellings later than `since_us`; *oldest_us is the first of the last `count` of them. */
size_t limits_heard(const struct limit_row *row, int64_t since_us, size_t count, int64_t *oldest_us);
size_t limits_waiting(const struct limit_row *row);
bool limits_waits(const struct limit_row *row, uint64_t alert); /* is this alert part of its surplus? */
int64_t limits_due(const struct limits *l);                     /* of the next summary; INT64_MAX when none */
const struct limit_row *limits_first_due(const struct limits *l, int64_t now_us); /* or NULL */
bool limits_sound(const struct limits *l); /* every surplus has a time, and the first is known */

/* Changes, each on behalf of one record. Of the times the newest `keep` are kept. */
void limits_told(struct limits *l, struct slice rule, struct slice holder, int64_t at_us, size_t keep);
void limits_hold(struct limits *l, struct slice rule, struct slice holder, bool desk, uint64_t alert,
                 uint32_t step, int64_t due_us);
void limits_sent(struct limits *l, struct slice rule, struct slice holder); /* nothing waits any more */

void limits_write(const struct limits *l, struct buf *out);
void limits_read(struct limits *l, struct reader *in);

#endif
