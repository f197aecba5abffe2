/* adapters/store/snapshot.h - one sealed file per snapshot: snapshot-LANE-POSITION.sealed.
 *
 * Written aside, synced, renamed, the folder synced: a file with that name is whole. The state is
 * sealed in pieces of 1 MB under a key of its own, made from the snapshot key and a random salt, so
 * that pieces cannot be changed, reordered or left out (docs/journal.md has the bytes). */
#ifndef NIGHTBELL_ADAPTERS_STORE_SNAPSHOT_H
#define NIGHTBELL_ADAPTERS_STORE_SNAPSHOT_H

#include "adapters/store/chain.h"
#include "base/error.h"

enum { SNAPSHOT_VERSION = 1, SNAPSHOT_KEEP = 2 };

struct snapshot_head {
    uint8_t journal[CHAIN_ID];
    uint64_t lane, position;
    struct chain chain; /* the journal's link at `position` */
};

bool snapshot_write(const char *dir, const uint8_t key[AEAD_KEY], const struct snapshot_head *head,
                    struct slice state, struct error *err);
/* Appends the state to `out` (nothing on failure) and fills *head. */
bool snapshot_read(const char *dir, const uint8_t key[AEAD_KEY], uint64_t lane, uint64_t position,
                   struct snapshot_head *head, struct buf *out, struct error *err);
/* Positions of the lane's files, the newest first, at most `room`; by name only. */
size_t snapshot_list(const char *dir, uint64_t lane, uint64_t *positions, size_t room);
/* Deletes all but the newest SNAPSHOT_KEEP, and what an interrupted write left. */
void snapshot_prune(const char *dir, uint64_t lane);

#endif
