/* router/journal.h - the journal as the router sees it: three answers, no engine (ARCHITECTURE 2, 3, 6).
 *
 * One append holds a batch of inputs and the decisions made on them; it is on disk as a whole or not at
 * all. UNKNOWN (a timeout, an I/O error after the commit was sent) is resolved by reading again, never
 * by assuming: on CONFLICT and UNKNOWN the router exits and rebuilds. Engines stand in adapters/store;
 * nothing here or above knows which one it is. Bodies are sealed and chained inside the engine. */
#ifndef NIGHTBELL_ROUTER_JOURNAL_H
#define NIGHTBELL_ROUTER_JOURNAL_H

#include "base/buf.h"
#include "base/error.h"

struct journal;

enum journal_result { JOURNAL_DURABLE, JOURNAL_CONFLICT, JOURNAL_UNKNOWN };

struct journal_append {
    uint64_t lane, epoch;     /* epoch: which leader writes; grows at each start */
    uint64_t expected;        /* position of the first record of this append = records before it */
    uint32_t count;           /* records in `records` */
    int64_t lane_us, wall_us; /* when the batch was decided; wall_us picks the day key */
    struct slice records;     /* encoded one after the other (router/record.h) */
};

struct journal_ops {
    enum journal_result (*append)(struct journal *j, const struct journal_append *a, struct error *err);
    /* Calls `each` for every append that holds a record >= from, in order, at most `max_appends`;
     * *next is where to go on (== end when all was read). Pages, so no long read holds the file.
     * False on a broken chain, a missing key or I/O: err names the first bad position. */
    bool (*read)(struct journal *j, uint64_t lane, uint64_t from, uint32_t max_appends,
                 bool (*each)(void *ctx, uint64_t first, const struct journal_append *a), void *ctx,
                 uint64_t *next, struct error *err);
    bool (*end)(struct journal *j, uint64_t lane, uint64_t *next_position, uint64_t *epoch,
                int64_t *last_lane_us, int64_t *last_wall_us, struct error *err);
    /* One sealed blob with its position; written aside and made current atomically. */
    bool (*snapshot_write)(struct journal *j, uint64_t lane, uint64_t position, struct slice state,
                           struct error *err);
    /* The newest readable one; *position 0 and empty state when there is none. Appended to `out`. */
    bool (*snapshot_read)(struct journal *j, uint64_t lane, uint64_t *position, struct buf *out,
                          struct error *err);
    /* Work that may wait until acknowledgements and effects have left (checkpoint). */
    void (*idle)(struct journal *j);
    /* Every link of the chain and every stored state hash, from the first; progress may be NULL. */
    bool (*verify)(struct journal *j, uint64_t lane, void (*progress)(void *ctx, uint64_t at, uint64_t end),
                   void *ctx, struct error *err);
    void (*close)(struct journal **j);
};

struct journal {
    const struct journal_ops *ops; /* engines embed this as their first member */
};

#endif
