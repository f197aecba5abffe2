/* The key table: outside the chain, because its wraps are deleted while the rows they opened stay. */
#include <openssl/crypto.h>
#include <string.h>

#include "adapters/seal/daykey.h"
#include "adapters/store/snapshot.h"
#include "adapters/store/sqlite_parts.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/time.h"

enum { LABEL = 64 };

/* Binds a wrap to its row: journal, id, lane, day, first position. */
static struct slice label_of(const struct sqlite_journal *j, const struct day_key *k, struct buf *out)
{
    buf_text(out, "nightbell day key 1");
    buf_bytes(out, j->id, sizeof j->id);
    buf_u32(out, k->id);
    buf_u64(out, k->lane);
    buf_i64(out, k->day);
    buf_u64(out, k->start);
    return buf_slice(out);
}

static struct slice master_of(const struct day_key *k)
{
    return (struct slice){ (const char *)k->master, k->has_master ? sizeof k->master : 0 };
}

static struct slice records_of(const struct day_key *k)
{
    return (struct slice){ (const char *)k->records, k->has_records ? sizeof k->records : 0 };
}

/* A changed records wrap would be noticed only years later, when the key is fetched from its safe. */
static void proof_of(const struct sqlite_journal *j, const struct day_key *k, uint8_t out[HASH_BYTES])
{
    struct buf text = buf_make(512);
    label_of(j, k, &text);
    buf_slice_put(&text, master_of(k));
    buf_slice_put(&text, records_of(k));
    hash_sha256(buf_slice(&text), out);
    buf_free(&text);
}

struct day_key *sqlite_key(struct sqlite_journal *j, uint32_t id)
{
    for (size_t i = j->key_count; i > 0; i--) /* the newest are asked for most */
        if (j->day_keys[i - 1].id == id)
            return &j->day_keys[i - 1];
    return NULL;
}

/* --- loading -------------------------------------------------------------------------------------- */

static bool wrap_take(sqlite3_stmt *s, int column, uint8_t *to, size_t bytes, bool *has)
{
    struct slice wrap;
    *has = sqlite3_column_type(s, column) != SQLITE_NULL;
    if (!*has)
        return true;
    if (!sqlite_blob(s, column, &wrap) || wrap.len != bytes)
        return false;
    memcpy(to, wrap.ptr, bytes);
    return true;
}

static bool key_take(const struct sqlite_journal *j, sqlite3_stmt *s, struct day_key *k)
{
    uint8_t proof[HASH_BYTES];
    struct slice stored;
    for (int column = 0; column < 4; column++)
        if (sqlite3_column_type(s, column) != SQLITE_INTEGER)
            return false;
    *k = (struct day_key){ .id = (uint32_t)sqlite3_column_int64(s, 0),
                           .lane = (uint64_t)sqlite3_column_int64(s, 1),
                           .day = sqlite3_column_int64(s, 2),
                           .start = (uint64_t)sqlite3_column_int64(s, 3) };
    if (!wrap_take(s, 4, k->master, sizeof k->master, &k->has_master) ||
        !wrap_take(s, 5, k->records, sizeof k->records, &k->has_records) || !sqlite_blob(s, 6, &stored))
        return false;
    proof_of(j, k, proof);
    return k->lane <= LANE_MAX && hash_equal(stored, (struct slice){ (char *)proof, sizeof proof });
}

/* With the master where its wrap still stands, else with the records key, else not at all. */
static bool key_open(struct sqlite_journal *j, struct day_key *k, struct error *err)
{
    uint8_t key[DAYKEY_BYTES];
    struct buf label = buf_make(128);
    bool ok = true, opened = false;
    label_of(j, k, &label);
    if (j->keys.master != NULL && k->has_master)
        ok = opened = daykey_open_master(j->keys.master, buf_slice(&label), master_of(k), key, err);
    else if (j->keys.records != NULL && k->has_records)
        ok = opened = daykey_open_records(j->keys.records, buf_slice(&label), records_of(k), key, err);
    if (opened)
        k->aead = aead_new(key);
    OPENSSL_cleanse(key, sizeof key);
    buf_free(&label);
    return ok;
}

static bool key_add(struct sqlite_journal *j, sqlite3_stmt *s, struct error *err)
{
    MEMORY_ROOM(j->day_keys, j->key_count, j->key_room);
    struct day_key *k = &j->day_keys[j->key_count];
    if (!key_take(j, s, k))
        return error_set(err, ERROR_CRYPTO, "the key table is damaged at key %u", k->id);
    if (!key_open(j, k, err))
        return false;
    j->key_count++;
    for (size_t i = 0; i < j->lane_count; i++)
        if (j->lanes[i].lane == k->lane)
            j->lanes[i].key = k->id;
    return true;
}

bool sqlite_keys_load(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = sqlite_statement(j, SQL_KEY_ALL);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (!key_add(j, s, err))
            return false;
    sqlite3_reset(s);
    return rc == SQLITE_DONE || sqlite_error(j, err, "cannot read the key table");
}

/* --- making --------------------------------------------------------------------------------------- */

static bool key_store(struct sqlite_journal *j, const struct day_key *k, struct error *err)
{
    uint8_t proof[HASH_BYTES];
    sqlite3_stmt *s = sqlite_statement(j, SQL_KEY_PUT);
    proof_of(j, k, proof);
    sqlite3_bind_int64(s, 1, k->id);
    sqlite3_bind_int64(s, 2, (int64_t)k->lane);
    sqlite3_bind_int64(s, 3, k->day);
    sqlite3_bind_int64(s, 4, (int64_t)k->start);
    sqlite3_bind_blob(s, 5, k->master, sizeof k->master, SQLITE_STATIC);
    sqlite3_bind_blob(s, 6, k->records, sizeof k->records, SQLITE_STATIC);
    sqlite3_bind_blob(s, 7, proof, sizeof proof, SQLITE_STATIC);
    bool ok = sqlite_run(j, SQL_KEY_PUT, err);
    sqlite3_clear_bindings(s);
    return ok;
}

static struct day_key *key_new(struct sqlite_journal *j, struct lane *lane, int64_t day, struct error *err)
{
    uint8_t key[DAYKEY_BYTES];
    struct buf label = buf_make(128);
    MEMORY_ROOM(j->day_keys, j->key_count, j->key_room);
    struct day_key *k = &j->day_keys[j->key_count];
    uint32_t last = j->key_count > 0 ? j->day_keys[j->key_count - 1].id : 0;
    *k = (struct day_key){ .id = last + 1,
                           .lane = lane->lane,
                           .start = lane->next,
                           .day = day,
                           .has_master = true,
                           .has_records = true };
    label_of(j, k, &label);
    daykey_new(key);
    daykey_wrap_master(j->keys.master, buf_slice(&label), key, k->master);
    daykey_wrap_records(keys_records(j->keys.master), buf_slice(&label), key, k->records);
    k->aead = aead_new(key);
    OPENSSL_cleanse(key, sizeof key);
    buf_free(&label);
    j->key_count++;
    lane->key = k->id;
    return key_store(j, k, err) ? k : NULL;
}

/* A clock that goes back over midnight gets a new key as well: keys follow each other by position, so
 * that the end of one is the start of the next. */
struct day_key *sqlite_key_for(struct sqlite_journal *j, struct lane *lane, int64_t wall_us,
                               struct error *err)
{
    int64_t day = wall_us / TIME_DAY - (wall_us % TIME_DAY < 0);
    struct day_key *k = lane->key != 0 ? sqlite_key(j, lane->key) : NULL;
    return k != NULL && k->day == day && k->aead != NULL && k->has_master ? k : key_new(j, lane, day, err);
}

/* --- forgetting ----------------------------------------------------------------------------------- */

static bool wraps_set(struct sqlite_journal *j, struct day_key *k, bool master, bool records,
                      struct error *err)
{
    uint8_t proof[HASH_BYTES];
    sqlite3_stmt *s = sqlite_statement(j, SQL_KEY_SET);
    k->has_master = master;
    k->has_records = records;
    proof_of(j, k, proof);
    sqlite3_clear_bindings(s);
    if (master)
        sqlite3_bind_blob(s, 1, k->master, sizeof k->master, SQLITE_STATIC);
    if (records)
        sqlite3_bind_blob(s, 2, k->records, sizeof k->records, SQLITE_STATIC);
    sqlite3_bind_blob(s, 3, proof, sizeof proof, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, k->id);
    bool ok = sqlite_run(j, SQL_KEY_SET, err);
    sqlite3_clear_bindings(s);
    OPENSSL_cleanse(k->master, master ? 0 : sizeof k->master);
    OPENSSL_cleanse(k->records, records ? 0 : sizeof k->records);
    return ok;
}

/* Where the key's successor in its lane begins; false when it is the newest. */
static bool key_ended(const struct sqlite_journal *j, const struct day_key *k, uint64_t *at)
{
    for (size_t i = 0; i < j->key_count; i++) {
        if (j->day_keys[i].lane == k->lane && j->day_keys[i].id > k->id) {
            *at = j->day_keys[i].start;
            return true;
        }
    }
    return false;
}

/* Restart applies from the newest snapshot, or from the one before it: that tail must stay readable. */
static uint64_t tail_start(const struct sqlite_journal *j, uint64_t lane)
{
    uint64_t kept[SNAPSHOT_KEEP];
    return snapshot_list(j->dir, lane, kept, SNAPSHOT_KEEP) == SNAPSHOT_KEEP ? kept[SNAPSHOT_KEEP - 1] : 0;
}

static bool key_spare(const struct sqlite_journal *j, const struct day_key *k)
{
    uint64_t ended = 0;
    return key_ended(j, k, &ended) && ended <= tail_start(j, k->lane);
}

bool sqlite_keys_retire(struct sqlite_journal *j, struct lane *lane, struct error *err)
{
    bool any = false;
    for (size_t i = 0; i < j->key_count; i++) {
        struct day_key *k = &j->day_keys[i];
        int64_t keep_until = (k->day + 1) * TIME_DAY + j->options.master_hours * TIME_HOUR;
        if (k->lane != lane->lane || !k->has_master || lane->wall_us < keep_until || !key_spare(j, k))
            continue;
        if (!wraps_set(j, k, false, k->has_records, err))
            return false;
        any = true;
        if (j->keys.records == NULL)
            aead_free(&k->aead);
    }
    /* The old bytes leave the file with secure_delete; the log that holds them is emptied. */
    return !any || sqlite_checkpoint(j, SQLITE_CHECKPOINT_TRUNCATE, err);
}

bool journal_sqlite_shred(struct journal *base, int64_t day, struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    bool any = false;
    if (j->failed)
        return error_set(err, ERROR_IO, "an earlier write failed; this handle writes nothing more");
    for (size_t i = 0; i < j->key_count; i++)
        if (j->day_keys[i].day == day && !key_spare(j, &j->day_keys[i]))
            return error_set(err, ERROR_CONFLICT, "a key of that day is still in use");
    for (size_t i = 0; i < j->key_count; i++) {
        struct day_key *k = &j->day_keys[i];
        if (k->day != day)
            continue;
        if (!wraps_set(j, k, false, false, err))
            return false;
        aead_free(&k->aead);
        any = true;
    }
    if (!any)
        return error_set(err, ERROR_UNKNOWN, "no key of that day");
    return sqlite_checkpoint(j, SQLITE_CHECKPOINT_TRUNCATE, err);
}
