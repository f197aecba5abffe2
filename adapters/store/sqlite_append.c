#include <string.h>

#include "adapters/seal/random.h"
#include "adapters/store/sqlite_parts.h"
#include "base/limits.h"

enum { SEALED_KEPT = 4 * 1024 * 1024 }; /* a larger buffer is given back after its append */

/* What can be refused before anything is written: the handle lives on. */
static bool acceptable(const struct sqlite_journal *j, const struct journal_append *a, struct error *err)
{
    if (a->count == 0 || a->records.len == 0 || a->lane > LANE_MAX || a->epoch > INT64_MAX)
        return error_set(err, ERROR_INTERNAL,
                         "an append without records, or with a lane or epoch out of range");
    if (a->records.len > LIMIT_APPEND_BYTES)
        return error_set(err, ERROR_LIMIT, "append-bytes: an append of %zu bytes, at most %d are taken",
                         a->records.len, (int)LIMIT_APPEND_BYTES);
    if (a->expected >= POSITION_MAX - a->count)
        return error_set(err, ERROR_LIMIT, "the lane has no positions left");
    return j->keys.master != NULL || error_set(err, ERROR_AUTH, "without the master key nothing is written");
}

static bool in_turn(const struct lane *l, const struct journal_append *a, struct error *err)
{
    if (a->epoch < l->epoch)
        return error_set(err, ERROR_CONFLICT, "epoch %llu is over; the lane is at %llu",
                         (unsigned long long)a->epoch, (unsigned long long)l->epoch);
    return a->expected == l->next ||
           error_set(err, ERROR_CONFLICT, "position %llu was expected, the lane ends at %llu",
                     (unsigned long long)a->expected, (unsigned long long)l->next);
}

/* A random number drawn at each open, and a count: never twice under one key. */
static void nonce_next(struct sqlite_journal *j, uint8_t nonce[AEAD_NONCE])
{
    if (++j->sealed_count == 0)
        j->boot = seal_random_u64();
    memcpy(nonce, &j->boot, 8);
    memcpy(nonce + 8, &j->sealed_count, 4);
}

static void bind_blob(sqlite3_stmt *s, int at, struct slice bytes)
{
    sqlite3_bind_blob64(s, at, bytes.ptr, bytes.len, SQLITE_STATIC);
}

static bool entry_put(struct sqlite_journal *j, const struct chain_row *r, const uint8_t nonce[AEAD_NONCE],
                      const struct chain *link, struct error *err)
{
    sqlite3_stmt *s = sqlite_statement(j, SQL_ENTRY_PUT);
    sqlite3_bind_int64(s, 1, sqlite_row_id(r->lane, r->first));
    sqlite3_bind_int64(s, 2, r->count);
    sqlite3_bind_int64(s, 3, (int64_t)r->epoch);
    sqlite3_bind_int64(s, 4, r->lane_us);
    sqlite3_bind_int64(s, 5, r->wall_us);
    sqlite3_bind_int64(s, 6, r->key);
    bind_blob(s, 7, (struct slice){ (const char *)nonce, AEAD_NONCE });
    bind_blob(s, 8, buf_slice(&j->sealed));
    bind_blob(s, 9, (struct slice){ (const char *)link->link, HASH_BYTES });
    return sqlite_run(j, SQL_ENTRY_PUT, err);
}

static bool head_put(struct sqlite_journal *j, const struct lane *l, struct error *err)
{
    sqlite3_stmt *s = sqlite_statement(j, SQL_HEAD_PUT);
    sqlite3_bind_int64(s, 1, (int64_t)l->lane);
    sqlite3_bind_int64(s, 2, (int64_t)l->next);
    sqlite3_bind_int64(s, 3, (int64_t)l->epoch);
    sqlite3_bind_int64(s, 4, l->lane_us);
    sqlite3_bind_int64(s, 5, l->wall_us);
    bind_blob(s, 6, (struct slice){ (const char *)l->chain.link, HASH_BYTES });
    return sqlite_run(j, SQL_HEAD_PUT, err);
}

static bool entry_seal(struct sqlite_journal *j, const struct journal_append *a, const struct chain_row *r,
                       struct day_key *key, const struct chain *before, const uint8_t nonce[AEAD_NONCE])
{
    uint8_t aad[CHAIN_HEADER + HASH_BYTES];
    chain_header(r, aad);
    memcpy(aad + CHAIN_HEADER, before->link, HASH_BYTES);
    buf_reset(&j->sealed);
    return aead_seal(key->aead, nonce, (struct slice){ (char *)aad, sizeof aad }, a->records, &j->sealed);
}

/* Inside the transaction. The lane in memory moves on; when anything fails the handle is dead and
 * nobody looks at it again. */
static bool write_rows(struct sqlite_journal *j, struct lane *l, const struct journal_append *a,
                       struct error *err)
{
    uint8_t nonce[AEAD_NONCE];
    struct day_key *key = sqlite_key_for(j, l, a->wall_us, err);
    if (key == NULL)
        return false;
    struct chain_row r = { .lane = a->lane,
                           .first = a->expected,
                           .epoch = a->epoch,
                           .count = a->count,
                           .key = key->id,
                           .lane_us = a->lane_us,
                           .wall_us = a->wall_us,
                           .sealed_bytes = (uint32_t)(a->records.len + AEAD_TAG) };
    nonce_next(j, nonce);
    if (!entry_seal(j, a, &r, key, &l->chain, nonce))
        return error_set(err, ERROR_INTERNAL, "the append could not be sealed");
    chain_add(&l->chain, &r, nonce, buf_slice(&j->sealed));
    l->next = a->expected + a->count;
    l->epoch = a->epoch;
    l->lane_us = a->lane_us;
    l->wall_us = a->wall_us;
    return entry_put(j, &r, nonce, &l->chain, err) && head_put(j, l, err);
}

/* After it everything is rebuilt, so a rollback that fails changes nothing. */
static enum journal_result write_failed(struct sqlite_journal *j)
{
    j->failed = true;
    if (!sqlite3_get_autocommit(j->db))
        sqlite3_step(sqlite_statement(j, SQL_ROLLBACK));
    sqlite3_reset(j->statements[SQL_ROLLBACK]);
    return JOURNAL_UNKNOWN;
}

enum journal_result sqlite_append(struct journal *base, const struct journal_append *a, struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    if (j->failed) {
        error_set(err, ERROR_IO, "an earlier write failed; this handle writes nothing more");
        return JOURNAL_UNKNOWN;
    }
    struct lane *l = a->lane <= LANE_MAX ? sqlite_lane(j, a->lane) : NULL;
    if (!acceptable(j, a, err) || !in_turn(l, a, err))
        return JOURNAL_CONFLICT;
    sqlite_statement(j, SQL_BEGIN);
    if (!sqlite_run(j, SQL_BEGIN, err) || !write_rows(j, l, a, err) || !sqlite_run(j, SQL_COMMIT, err))
        return write_failed(j);
    if (j->sealed.room > SEALED_KEPT)
        buf_free(&j->sealed);
    /* Durable already: what goes wrong in the checkpoint is found by the next append. */
    if (j->frames >= (int)j->options.most_frames)
        sqlite_checkpoint(j, SQLITE_CHECKPOINT_PASSIVE, NULL);
    return JOURNAL_DURABLE;
}
