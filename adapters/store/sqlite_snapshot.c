#include <string.h>

#include "adapters/store/snapshot.h"
#include "adapters/store/sqlite_parts.h"
#include "base/log.h"

enum { LOOKED_AT = 16 };

bool sqlite_snapshot_write(struct journal *base, uint64_t lane, uint64_t position, struct slice state,
                           struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    struct snapshot_head head = { .lane = lane, .position = position };
    if (j->failed)
        return error_set(err, ERROR_IO, "an earlier write failed; this handle writes nothing more");
    if (j->keys.master == NULL || lane > LANE_MAX)
        return error_set(err, ERROR_AUTH, "a snapshot needs the master key and a lane");
    memcpy(head.journal, j->id, sizeof head.journal);
    if (!sqlite_link_at(j, lane, position, &head.chain, err) ||
        !snapshot_write(j->dir, j->snapshot_key, &head, state, err))
        return false;
    snapshot_prune(j->dir, lane);
    return sqlite_keys_retire(j, sqlite_lane(j, lane), err);
}

/* Of this journal, and at a place the journal still has with the same link. */
static bool snapshot_fits(struct sqlite_journal *j, uint64_t lane, const struct snapshot_head *head,
                          struct error *err)
{
    struct chain link;
    if (memcmp(head->journal, j->id, sizeof head->journal) != 0)
        return error_set(err, ERROR_CRYPTO, "the snapshot at position %llu is of another journal",
                         (unsigned long long)head->position);
    if (head->position > sqlite_lane(j, lane)->next)
        return error_set(err, ERROR_CRYPTO,
                         "the journal ends at %llu before its snapshot at %llu: records were lost",
                         (unsigned long long)sqlite_lane(j, lane)->next, (unsigned long long)head->position);
    if (!sqlite_link_at(j, lane, head->position, &link, err))
        return false;
    return memcmp(link.link, head->chain.link, HASH_BYTES) == 0 ||
           sqlite_damaged(err, lane, head->position, "the snapshot there names another link");
}

bool sqlite_snapshot_read(struct journal *base, uint64_t lane, uint64_t *position, struct buf *out,
                          struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    uint64_t found[LOOKED_AT];
    *position = 0;
    if (j->keys.master == NULL || lane > LANE_MAX)
        return error_set(err, ERROR_AUTH, "a snapshot needs the master key and a lane");
    size_t count = snapshot_list(j->dir, lane, found, LOOKED_AT);
    for (size_t i = 0; i < count; i++) {
        struct error bad = { 0 };
        struct snapshot_head head;
        size_t before = out->len;
        if (!snapshot_read(j->dir, j->snapshot_key, lane, found[i], &head, out, &bad)) {
            log_error("journal", "snapshot-damaged", &bad);
            /* A newer program's snapshot or too little room is no damage: an older one would hide it. */
            if (bad.code == ERROR_VERSION || bad.code == ERROR_LIMIT)
                return error_set(err, bad.code, "%s", bad.message);
            continue;
        }
        /* A whole snapshot that the journal does not bear out: the journal is the one that changed. */
        if (!snapshot_fits(j, lane, &head, err)) {
            out->len = before;
            return false;
        }
        *position = head.position;
        return true;
    }
    return true;
}

bool sqlite_snapshots_verify(struct sqlite_journal *j, uint64_t lane, struct error *err)
{
    uint64_t found[LOOKED_AT];
    size_t count = j->keys.master != NULL ? snapshot_list(j->dir, lane, found, LOOKED_AT) : 0;
    struct buf state = buf_make(SIZE_MAX / 4);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct snapshot_head head;
        buf_reset(&state);
        ok = snapshot_read(j->dir, j->snapshot_key, lane, found[i], &head, &state, err) &&
             snapshot_fits(j, lane, &head, err);
    }
    buf_free(&state);
    return ok;
}
