#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/seal/random.h"
#include "adapters/store/space.h"
#include "adapters/store/sqlite_parts.h"
#include "adapters/store/wal.h"
#include "base/limits.h"
#include "base/memory.h"

/* As SQLite keeps them: compared at each open, so that a changed schema is seen. */
#define META "CREATE TABLE meta (id INTEGER PRIMARY KEY, journal BLOB NOT NULL)"
#define DAY_KEY                                                                                              \
    "CREATE TABLE day_key (id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, day INTEGER NOT NULL, start "      \
    "INTEGER NOT NULL, master BLOB, records BLOB, proof BLOB NOT NULL)"
#define HEAD                                                                                                 \
    "CREATE TABLE head (lane INTEGER PRIMARY KEY, next INTEGER NOT NULL, epoch INTEGER NOT NULL, lane_us "   \
    "INTEGER NOT NULL, wall_us INTEGER NOT NULL, link BLOB NOT NULL)"
#define ENTRY                                                                                                \
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, epoch INTEGER NOT NULL, lane_us "   \
    "INTEGER NOT NULL, wall_us INTEGER NOT NULL, day_key INTEGER NOT NULL, nonce BLOB NOT NULL, sealed "     \
    "BLOB NOT NULL, link BLOB NOT NULL)"

static const char *const tables[] = { META, DAY_KEY, HEAD, ENTRY };
enum { TABLES = sizeof tables / sizeof *tables };

/* For this connection, each time. The lock is taken with the first read and kept until close. */
static const char settings[] =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
    "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    "PRAGMA journal_size_limit=67108864;";

bool sqlite_blob(sqlite3_stmt *s, int column, struct slice *out)
{
    if (sqlite3_column_type(s, column) != SQLITE_BLOB)
        return false;
    const char *ptr = sqlite3_column_blob(s, column);
    *out = (struct slice){ ptr, (size_t)sqlite3_column_bytes(s, column) };
    return ptr != NULL || out->len == 0;
}

static bool execute(struct sqlite_journal *j, const char *sql, struct error *err)
{
    return sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           sqlite_error(j, err, "cannot open the journal");
}

/* One number, or -1. */
static int64_t number_of(struct sqlite_journal *j, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

/* A promise rests on these two, so they are asked for again. */
static bool settings_hold(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = NULL;
    bool wal = sqlite3_prepare_v2(j->db, "PRAGMA journal_mode", -1, &s, NULL) == SQLITE_OK &&
               sqlite3_step(s) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(s, 0), "wal") == 0;
    sqlite3_finalize(s);
    return (wal && number_of(j, "PRAGMA synchronous") == 2) ||
           error_set(err, ERROR_IO, "this disk or SQLite does not give a synced write-ahead log");
}

/* --- the file ------------------------------------------------------------------------------------- */

static bool path_of(char out[PATH_MAX], const char *dir, const char *name, struct error *err)
{
    int len = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    return (len > 0 && len < PATH_MAX) || error_set(err, ERROR_LIMIT, "the path of the journal is too long");
}

/* SQLite deletes a log whose file is missing or empty, so that is asked before. A file that exists is
 * not opened here: closing another descriptor of it would drop SQLite's lock in this process. */
static bool file_ready(const char *dir, bool may_make, struct error *err)
{
    char path[PATH_MAX], log[PATH_MAX];
    struct stat st, log_st;
    if (!path_of(path, dir, "journal.db", err) || !path_of(log, dir, "journal.db-wal", err))
        return false;
    bool there = stat(path, &st) == 0;
    if (!there && errno != ENOENT)
        return error_set(err, ERROR_IO, "cannot look at the journal: %s", strerror(errno));
    if ((!there || st.st_size == 0) && stat(log, &log_st) == 0 && log_st.st_size > 0)
        return error_set(err, ERROR_CRYPTO, "journal.db is missing or empty beside its log; put it back");
    if (there && st.st_size > 0)
        return true;
    if (!may_make)
        return error_set(err, ERROR_IO, "there is no journal in this folder");
    int fd = there ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (!there && fd < 0)
        return error_set(err, ERROR_IO, "cannot make the journal: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return true;
}

static bool folder_sync(const char *dir, struct error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok || error_set(err, ERROR_IO, "cannot sync the data folder: %s", strerror(errno));
}

/* --- made new ------------------------------------------------------------------------------------- */

static bool meta_put(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = NULL;
    seal_random(j->id, sizeof j->id);
    bool ok = sqlite3_prepare_v2(j->db, "INSERT INTO meta VALUES (1, ?)", -1, &s, NULL) == SQLITE_OK &&
              sqlite3_bind_blob(s, 1, j->id, sizeof j->id, SQLITE_STATIC) == SQLITE_OK &&
              sqlite3_step(s) == SQLITE_DONE;
    if (!ok)
        sqlite_error(j, err, "cannot make the journal");
    sqlite3_finalize(s);
    return ok;
}

static bool create(struct sqlite_journal *j, struct error *err)
{
    char version[96];
    snprintf(version, sizeof version, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             (int)APPLICATION_ID, (int)FORMAT_VERSION);
    bool ok = execute(j, "BEGIN IMMEDIATE", err);
    for (size_t i = 0; ok && i < TABLES; i++)
        ok = execute(j, tables[i], err);
    return ok && meta_put(j, err) && execute(j, version, err) && execute(j, "COMMIT", err) &&
           folder_sync(j->dir, err);
}

/* --- found ---------------------------------------------------------------------------------------- */

static bool schema_same(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = NULL;
    size_t at = 0;
    bool same =
        sqlite3_prepare_v2(j->db, "SELECT sql FROM sqlite_schema ORDER BY rowid", -1, &s, NULL) == SQLITE_OK;
    int rc = SQLITE_DONE;
    while (same && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(s, 0);
        same = at < TABLES && sql != NULL && strcmp(sql, tables[at++]) == 0;
    }
    sqlite3_finalize(s);
    return (same && rc == SQLITE_DONE && at == TABLES) ||
           error_set(err, ERROR_CRYPTO, "the journal's tables are not as this version makes them");
}

static bool version_known(struct sqlite_journal *j, int64_t version, struct error *err)
{
    if (number_of(j, "PRAGMA application_id") != APPLICATION_ID)
        return error_set(err, ERROR_CRYPTO, "journal.db is not a journal of this program, or damaged");
    if (version > FORMAT_VERSION)
        return error_set(err, ERROR_VERSION, "the journal has format %lld, this program reads up to %d",
                         (long long)version, (int)FORMAT_VERSION);
    return version == FORMAT_VERSION || error_set(err, ERROR_CRYPTO, "the journal's version is damaged");
}

static bool meta_read(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = NULL;
    struct slice id;
    bool ok = sqlite3_prepare_v2(j->db, "SELECT journal FROM meta WHERE id = 1", -1, &s, NULL) == SQLITE_OK &&
              sqlite3_step(s) == SQLITE_ROW && sqlite_blob(s, 0, &id) && id.len == sizeof j->id;
    if (ok)
        memcpy(j->id, id.ptr, sizeof j->id);
    else
        error_set(err, ERROR_CRYPTO, "the journal's id is damaged");
    sqlite3_finalize(s);
    return ok;
}

static bool found(struct sqlite_journal *j, struct error *err)
{
    char log[PATH_MAX];
    int64_t version = number_of(j, "PRAGMA user_version");
    if (version < 0)
        return sqlite_error(j, err, "cannot read the journal");
    /* From here the lock is held, and SQLite has taken from the log what it believes. */
    if (!path_of(log, j->dir, "journal.db-wal", err) || !wal_whole(log, err))
        return false;
    if (version == 0 && number_of(j, "SELECT count(*) FROM sqlite_schema") == 0) {
        if (j->keys.master == NULL)
            return error_set(err, ERROR_IO, "there is no journal in this folder");
        return create(j, err);
    }
    return version_known(j, version, err) && schema_same(j, err) && meta_read(j, err);
}

static bool statements_prepare(struct sqlite_journal *j, struct error *err)
{
#define X(id, sql) sql,
    static const char *const texts[] = { STATEMENTS(X) };
#undef X
    for (int i = 0; i < SQL_COUNT; i++)
        if (sqlite3_prepare_v3(j->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &j->statements[i], NULL) !=
            SQLITE_OK)
            return sqlite_error(j, err, "cannot prepare for the journal");
    return true;
}

static bool head_take(struct sqlite_journal *j, sqlite3_stmt *s)
{
    struct slice link;
    for (int column = 0; column < 5; column++)
        if (sqlite3_column_type(s, column) != SQLITE_INTEGER)
            return false;
    int64_t lane = sqlite3_column_int64(s, 0), next = sqlite3_column_int64(s, 1);
    if (lane < 0 || lane > LANE_MAX || next <= 0 || next > (int64_t)POSITION_MAX ||
        sqlite3_column_int64(s, 2) < 0 || !sqlite_blob(s, 5, &link) || link.len != HASH_BYTES)
        return false;
    struct lane *l = sqlite_lane(j, (uint64_t)lane);
    l->next = (uint64_t)next;
    l->epoch = (uint64_t)sqlite3_column_int64(s, 2);
    l->lane_us = sqlite3_column_int64(s, 3);
    l->wall_us = sqlite3_column_int64(s, 4);
    memcpy(l->chain.link, link.ptr, HASH_BYTES);
    return true;
}

/* The last row must say what the head says; both went with one commit. */
static bool head_confirmed(struct sqlite_journal *j, const struct lane *l, struct error *err)
{
    struct entry e;
    sqlite3_stmt *s = sqlite_statement(j, SQL_ENTRY_BEFORE);
    sqlite3_bind_int64(s, 1, sqlite_row_id(l->lane, 0));
    sqlite3_bind_int64(s, 2, sqlite_row_id(l->lane + 1, 0));
    bool same = sqlite3_step(s) == SQLITE_ROW && sqlite_entry_read(s, &e) &&
                e.row.first + e.row.count == l->next && e.row.epoch == l->epoch &&
                e.row.lane_us == l->lane_us && e.row.wall_us == l->wall_us &&
                memcmp(e.link.ptr, l->chain.link, HASH_BYTES) == 0;
    uint64_t at = same ? 0 : l->next - 1;
    sqlite3_reset(s);
    return same || sqlite_damaged(err, l->lane, at, "its last append is not the one the head names");
}

/* A head that vanished would hide its whole lane: every lane that has rows must have one. */
static bool heads_complete(struct sqlite_journal *j, struct error *err)
{
    int64_t below = INT64_MAX;
    for (;;) {
        sqlite3_stmt *s = sqlite_statement(j, SQL_ENTRY_BEFORE);
        sqlite3_bind_int64(s, 1, INT64_MIN);
        sqlite3_bind_int64(s, 2, below);
        int rc = sqlite3_step(s);
        int64_t id = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
        sqlite3_reset(s);
        if (rc != SQLITE_ROW)
            return rc == SQLITE_DONE || sqlite_error(j, err, "cannot read the journal");
        if (id < 0 || sqlite_lane(j, (uint64_t)id / POSITION_MAX)->next == 0)
            return error_set(err, ERROR_CRYPTO,
                             "the journal is damaged: it has appends of a lane without a head");
        below = sqlite_row_id((uint64_t)id / POSITION_MAX, 0);
    }
}

static bool heads_load(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = sqlite_statement(j, SQL_HEAD_ALL);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (!head_take(j, s))
            return error_set(err, ERROR_CRYPTO, "the journal is damaged: a lane's head cannot be read");
    if (rc != SQLITE_DONE)
        return sqlite_error(j, err, "cannot read the heads of the lanes");
    sqlite3_reset(s);
    for (size_t i = 0; i < j->lane_count; i++)
        if (!head_confirmed(j, &j->lanes[i], err))
            return false;
    return heads_complete(j, err);
}

static int frames_counted(void *ctx, sqlite3 *db, const char *name, int frames)
{
    (void)db;
    (void)name;
    ((struct sqlite_journal *)ctx)->frames = frames;
    return SQLITE_OK;
}

static void options_set(struct sqlite_journal *j, const struct store_options *o)
{
    if (o != NULL)
        j->options = *o;
    if (j->options.checkpoint_frames == 0)
        j->options.checkpoint_frames = 250;
    if (j->options.most_frames == 0)
        j->options.most_frames = 16384;
    if (j->options.master_hours == 0)
        j->options.master_hours = 24;
    if (j->options.ballast_bytes == 0)
        j->options.ballast_bytes = UINT64_C(16) * 1024 * 1024;
}

static bool connect(struct sqlite_journal *j, struct error *err)
{
    char path[PATH_MAX];
    if (!path_of(path, j->dir, "journal.db", err))
        return false;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(path, &j->db, flags, NULL) != SQLITE_OK)
        return sqlite_error(j, err, "cannot open the journal");
    sqlite3_extended_result_codes(j->db, 0);
    sqlite3_db_config(j->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(j->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL); /* until all is found right */
    if (!execute(j, settings, err) || !settings_hold(j, err))
        return false;
    sqlite3_wal_hook(j->db, frames_counted, j);
    return true;
}

/* Whatever the log gave is moved into the file and synced there before anything rests on it: after a
 * failed sync in an earlier life the log may hold bytes that only the page cache has. */
static bool ready(struct sqlite_journal *j, struct error *err)
{
    if (!connect(j, err) || !found(j, err) || !statements_prepare(j, err) || !heads_load(j, err) ||
        !sqlite_keys_load(j, err) || !sqlite_checkpoint(j, SQLITE_CHECKPOINT_TRUNCATE, err))
        return false;
    sqlite3_db_config(j->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return true;
}

struct journal *journal_sqlite_open(const char *dir, const struct store_keys *keys,
                                    const struct store_options *options, struct error *err)
{
    if (!file_ready(dir, keys->master != NULL, err))
        return NULL;
    struct sqlite_journal *j = memory_new(sizeof *j);
    j->base.ops = &sqlite_ops;
    j->dir = memory_text(dir, strlen(dir));
    j->keys = *keys;
    j->boot = seal_random_u64();
    j->sealed = buf_make((size_t)LIMIT_APPEND_BYTES + AEAD_TAG);
    j->plain = buf_make(LIMIT_APPEND_BYTES);
    options_set(j, options);
    if (keys->master != NULL)
        keys_derive(keys->master, "snapshot", j->snapshot_key);
    struct journal *base = &j->base;
    if (!ready(j, err))
        sqlite_ops.close(&base);
    else if (keys->master != NULL && j->options.ballast_bytes != UINT64_MAX)
        space_ballast_make(dir, j->options.ballast_bytes);
    return base;
}
