/* nightbell/history.h - the recorded appends of a data folder, read by a command.
 *
 * A journal has one reader at a time: while a router runs on the folder it is asked for pages over its
 * control socket, otherwise the file is opened here. Nothing is ever written to a lane. */
#ifndef NIGHTBELL_NIGHTBELL_HISTORY_H
#define NIGHTBELL_NIGHTBELL_HISTORY_H

#include "adapters/seal/keys.h"
#include "router/journal.h"

struct history_options {
    const char *data;        /* a data folder; a router may run there */
    const char *journal;     /* or a copy of one that nothing else uses */
    const char *key;         /* the master key; NULL: the folder's demo key, if it has one */
    const char *records_key; /* the records key: opens all days, no snapshots */
    bool live_only;          /* never open the file: a router that starts must find it free */
};

struct history;

/* The options' texts are borrowed. NULL: neither or both folders, no key, no journal, a wrong key. */
struct history *history_open(const struct history_options *o, struct error *err);
void history_close(struct history **h);

bool history_is_live(const struct history *h);
const struct keys *history_keys(const struct history *h); /* NULL with a records key alone */
/* Records there are now; a live one grows. */
uint64_t history_end(struct history *h, struct error *err);

/* Every append from the one that holds `from` on, up to where the journal ends now. `each` says false to
 * stop: that is no failure. */
typedef bool history_each(void *ctx, uint64_t first, const struct journal_append *a);
bool history_read(struct history *h, uint64_t from, history_each *each, void *ctx, struct error *err);
/* At most one page of it; *next is where to go on. */
bool history_page(struct history *h, uint64_t from, history_each *each, void *ctx, uint64_t *next,
                  struct error *err);

/* Every link, seal and snapshot, as adapters/store does it; *err says what is wrong. False: not looked at,
 * because a router holds the file. */
bool history_verify(struct history *h, void (*progress)(void *ctx, uint64_t at, uint64_t end), void *ctx,
                    struct error *err);

/* Where a replay from wall time from_us (TIME_NONE: as early as can be) begins: *position, and in `snapshot`
 * the state before it, empty for 0. False when nothing of the journal can be read with these keys. */
bool history_begin(struct history *h, int64_t from_us, uint64_t *position, struct buf *snapshot,
                   struct error *err);

/* The same for who wants the state before a position. */
bool history_before(struct history *h, uint64_t position, uint64_t *at, struct buf *snapshot,
                    struct error *err);

/* Bodies for core_hooks and the like: a site from a record's files; the alert's id under keys `ctx`. */
struct site *history_compile(void *ctx, struct slice fileset, struct error *err);
/* The same with `mode shadow` taken for live: what a shadow runs. */
struct site *history_compile_candidate(void *ctx, struct slice fileset, struct error *err);
uint64_t history_alert_id(void *keys, uint64_t lane, uint64_t position, uint32_t ordinal);

/* The wall time of an append's first record: the clock that people at the site saw. */
int64_t append_wall_us(const struct journal_append *a);

#endif
