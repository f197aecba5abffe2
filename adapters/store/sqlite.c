#include "adapters/store/sqlite_parts.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/store/space.h"
#include "base/log.h"
#include "base/memory.h"

sqlite3_stmt *sqlite_statement(struct sqlite_journal *j, enum statement s)
{
    sqlite3_reset(j->statements[s]);
    return j->statements[s];
}

static bool is_disk_full(struct sqlite_journal *j)
{
    int os = sqlite3_system_errno(j->db);
    return sqlite3_errcode(j->db) == SQLITE_FULL || os == ENOSPC || os == EDQUOT;
}

bool sqlite_error(struct sqlite_journal *j, struct error *err, const char *what)
{
    int code = sqlite3_errcode(j->db);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return error_set(err, ERROR_CONFLICT, "the journal is held by a running router");
    if (is_disk_full(j))
        return error_set(err, ERROR_IO, "disk full: %s", what);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return error_set(err, ERROR_CRYPTO, "the journal file is damaged: %s", what);
    return error_set(err, ERROR_IO, "%s: %s (%d)", what, sqlite3_errstr(code),
                     sqlite3_extended_errcode(j->db));
}

/* The log is left as it is: what a later open finds in it is decided there, from the disk. */
static void give_up(struct sqlite_journal *j)
{
    j->failed = true;
    sqlite3_db_config(j->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (is_disk_full(j))
        space_ballast_drop(j->dir);
}

bool sqlite_run(struct sqlite_journal *j, enum statement s, struct error *err)
{
    int rc = sqlite3_step(j->statements[s]);
    if (rc != SQLITE_DONE) {
        sqlite_error(j, err, "cannot write to the journal");
        give_up(j);
    }
    sqlite3_reset(j->statements[s]);
    return rc == SQLITE_DONE;
}

struct lane *sqlite_lane(struct sqlite_journal *j, uint64_t lane)
{
    for (size_t i = 0; i < j->lane_count; i++)
        if (j->lanes[i].lane == lane)
            return &j->lanes[i];
    MEMORY_ROOM(j->lanes, j->lane_count, j->lane_room);
    j->lanes[j->lane_count] = (struct lane){ .lane = lane, .chain = chain_start(j->id, lane) };
    return &j->lanes[j->lane_count++];
}

int64_t sqlite_row_id(uint64_t lane, uint64_t position)
{
    return (int64_t)(lane * POSITION_MAX + position);
}

bool sqlite_checkpoint(struct sqlite_journal *j, int mode, struct error *err)
{
    int in_log = 0, moved = 0;
    for (int s = 0; s < SQL_COUNT; s++)
        sqlite3_reset(j->statements[s]);
    if (sqlite3_wal_checkpoint_v2(j->db, NULL, mode, &in_log, &moved) != SQLITE_OK) {
        sqlite_error(j, err, "cannot move the log into the journal");
        give_up(j);
        return false;
    }
    j->frames = in_log > moved ? in_log - moved : 0;
    return true;
}

static void idle(struct journal *base)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    struct error err = { 0 };
    if (!j->failed && j->frames >= (int)j->options.checkpoint_frames &&
        !sqlite_checkpoint(j, SQLITE_CHECKPOINT_PASSIVE, &err))
        log_error("journal", "checkpoint-failed", &err);
}

static void close_journal(struct journal **base)
{
    if (base == NULL || *base == NULL)
        return;
    struct sqlite_journal *j = (struct sqlite_journal *)*base;
    for (int s = 0; s < SQL_COUNT; s++)
        sqlite3_finalize(j->statements[s]);
    sqlite3_close(j->db);
    for (size_t i = 0; i < j->key_count; i++)
        aead_free(&j->day_keys[i].aead);
    OPENSSL_cleanse(j->snapshot_key, sizeof j->snapshot_key);
    if (j->plain.room > 0)
        OPENSSL_cleanse(j->plain.ptr, j->plain.room);
    buf_free(&j->plain);
    buf_free(&j->sealed);
    free(j->day_keys);
    free(j->lanes);
    free(j->dir);
    free(j);
    *base = NULL;
}

const struct journal_ops sqlite_ops = {
    .append = sqlite_append,
    .read = sqlite_read,
    .end = sqlite_end,
    .snapshot_write = sqlite_snapshot_write,
    .snapshot_read = sqlite_snapshot_read,
    .idle = idle,
    .verify = sqlite_verify,
    .close = close_journal,
};
