/* nightbell/replay_run.h - a history decided again, unchanged or under other rules; for replay, verify,
 * shadow.
 */
#ifndef NIGHTBELL_NIGHTBELL_REPLAY_RUN_H
#define NIGHTBELL_NIGHTBELL_REPLAY_RUN_H

#include "lab/replay.h"
#include "nightbell/history.h"

/* Wall times; TIME_NONE: from the earliest that can be decided, to the newest. */
struct replay_range {
    int64_t from_us, to_us;
};

struct replay_same {
    struct replay_counts counts;
    char difference[256];   /* empty: every byte is the same */
    uint64_t state;         /* hash of it at the end */
    uint64_t first;         /* the first position decided again */
    int64_t from_us, to_us; /* wall times of the first and last append decided; TIME_NONE: none was */
};

/* Decides the inputs of the range again and compares. False: the journal cannot be read; a difference is no
 * failure. Progress goes to standard error when that is a terminal. */
bool replay_same(struct history *h, const struct replay_range *range, struct replay_same *out,
                 struct error *err);

/* Reads a "2026-11-22T02:00:00Z" option; NULL leaves *out alone. */
bool replay_time(const char *text, int64_t *out);
bool replay_range_fits(const struct replay_range *r); /* does not end before it begins */
/* "replay  12,345 of 41,207 records" on a terminal, now and then; at == end ends the line. */
void replay_progress(const char *what, uint64_t at, uint64_t end);
/* 41207 -> "41,207" */
enum { COUNT_TEXT = 32 };
const char *count_text(uint64_t n, char out[COUNT_TEXT]);

#endif
