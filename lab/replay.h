/* lab/replay.h - a journal decided again: the same inputs at the same times give the same bytes.
 *
 * Two cores stand side by side. Up to a position both apply the records as a restart does. From there on one
 * goes on applying, the other decides each recorded input anew, and what it writes is compared with what the
 * journal holds, byte by byte; at the end the two states are compared by their hash. Equality is owed by the
 * version that wrote the journal (docs/records.md). One thread; no clock, no file. */
#ifndef NIGHTBELL_LAB_REPLAY_H
#define NIGHTBELL_LAB_REPLAY_H

#include "lab/recorded.h"

struct replay_options {
    struct site *(*compile_site)(void *ctx, struct slice fileset, struct error *err);
    /* As in core_hooks. NULL: ids are learnt from the records, for who has not the key that makes them. */
    uint64_t (*alert_id)(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal);
    void *ctx;
    uint64_t lane;
};

struct replay_counts {
    uint64_t records, inputs, messages, alerts, sends, older; /* older: records of another version */
};

struct replay;

struct replay *replay_new(const struct replay_options *options);
void replay_free(struct replay **r);

/* A snapshot to begin with, before any append. */
bool replay_restore(struct replay *r, struct slice snapshot, struct error *err);
/* One append, in order. `decide`: its inputs are decided and compared; otherwise applied only. False: the
 * records cannot be read or do not fit the state; the replay is not to be used any more. A difference is no
 * failure: the first one stays, and from there on records are applied. */
bool replay_append(struct replay *r, uint64_t first, uint32_t count, struct slice records, bool decide,
                   struct error *err);

/* Empty while all was equal, else the first difference: "position 812: the journal has step, decided again
 * it is ring". Also compares the two states; call it at the end. */
struct slice replay_difference(struct replay *r);
struct replay_counts replay_counted(const struct replay *r); /* of what was decided */
uint64_t replay_state_hash(const struct replay *r);
/* The core that applied what the journal says: valid until the next append. */
const struct core *replay_core(const struct replay *r);

#endif
