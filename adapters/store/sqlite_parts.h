/* adapters/store/sqlite_parts.h - the inside of the SQLite engine; for its own files.
 *
 * A row of `entry` is one append. Its id is lane * 2^48 + first position, so one b-tree holds all
 * lanes in order, appends go to its end, and two appends at one position cannot both exist. `head`
 * repeats what the last row of a lane says: a row that vanished is missed. */
#ifndef NIGHTBELL_ADAPTERS_STORE_SQLITE_PARTS_H
#define NIGHTBELL_ADAPTERS_STORE_SQLITE_PARTS_H

#include <sqlite3.h>

#include "adapters/store/chain.h"
#include "adapters/store/sqlite.h"

enum { FORMAT_VERSION = 1, LANE_MAX = 32767 };
#define APPLICATION_ID INT32_C(0x4e426a31) /* "NBj1" */
#define POSITION_MAX   (UINT64_C(1) << 48)

#define STATEMENTS(X)                                                                                        \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                              \
    X(COMMIT, "COMMIT")                                                                                      \
    X(ROLLBACK, "ROLLBACK")                                                                                  \
    X(ENTRY_PUT, "INSERT INTO entry VALUES (?,?,?,?,?,?,?,?,?)")                                             \
    X(ENTRY_RANGE, "SELECT * FROM entry WHERE id >= ? AND id < ? ORDER BY id LIMIT ?")                       \
    X(ENTRY_BEFORE, "SELECT * FROM entry WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1")                 \
    X(HEAD_PUT, "INSERT OR REPLACE INTO head VALUES (?,?,?,?,?,?)")                                          \
    X(HEAD_ALL, "SELECT * FROM head ORDER BY lane")                                                          \
    X(KEY_PUT, "INSERT INTO day_key VALUES (?,?,?,?,?,?,?)")                                                 \
    X(KEY_SET, "UPDATE day_key SET master = ?, records = ?, proof = ? WHERE id = ?")                         \
    X(KEY_ALL, "SELECT * FROM day_key ORDER BY id")

#define X(id, sql) SQL_##id,
enum statement { STATEMENTS(X) SQL_COUNT };
#undef X

struct day_key {
    uint32_t id;
    uint64_t lane, start; /* first position sealed with it; the lane's next key ends it */
    int64_t day;          /* days since 1970-01-01 UTC */
    uint8_t master[60], records[105];
    bool has_master, has_records;
    struct aead *aead; /* NULL: not to be opened with what was given */
};

struct lane {
    uint64_t lane, next, epoch;
    int64_t lane_us, wall_us;
    struct chain chain;
    uint32_t key; /* id of the newest key; 0: none */
};

struct sqlite_journal {
    struct journal base;
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    char *dir;
    struct store_keys keys;
    struct store_options options;
    uint8_t id[CHAIN_ID], snapshot_key[AEAD_KEY];
    uint64_t boot; /* random at each open: the upper part of every nonce */
    uint32_t sealed_count;
    int frames;  /* in the log, not yet in the file */
    bool failed; /* a write failed: nothing more is written or promised */
    struct lane *lanes;
    size_t lane_count, lane_room;
    struct day_key *day_keys; /* by id */
    size_t key_count, key_room;
    struct buf sealed, plain;
};

/* One row, its slices borrowed from the statement. */
struct entry {
    struct chain_row row;
    struct slice nonce, sealed, link;
};

/* sqlite.c */
extern const struct journal_ops sqlite_ops;
sqlite3_stmt *sqlite_statement(struct sqlite_journal *j, enum statement s); /* reset, ready to bind */
bool sqlite_error(struct sqlite_journal *j, struct error *err, const char *what);
/* Runs a statement that gives no row; on failure the handle is dead. */
bool sqlite_run(struct sqlite_journal *j, enum statement s, struct error *err);
struct lane *sqlite_lane(struct sqlite_journal *j, uint64_t lane); /* made when new */
int64_t sqlite_row_id(uint64_t lane, uint64_t position);
bool sqlite_checkpoint(struct sqlite_journal *j, int mode, struct error *err);

/* sqlite_open.c */
bool sqlite_blob(sqlite3_stmt *s, int column, struct slice *out);

/* sqlite_keys.c */
bool sqlite_keys_load(struct sqlite_journal *j, struct error *err);
struct day_key *sqlite_key(struct sqlite_journal *j, uint32_t id);
/* The lane's key for that wall time, made and stored (inside the open transaction) when it has none. */
struct day_key *sqlite_key_for(struct sqlite_journal *j, struct lane *lane, int64_t wall_us,
                               struct error *err);
/* Deletes master wraps that are old enough and not needed after the older kept snapshot. */
bool sqlite_keys_retire(struct sqlite_journal *j, struct lane *lane, struct error *err);

/* sqlite_append.c */
enum journal_result sqlite_append(struct journal *base, const struct journal_append *a, struct error *err);

/* sqlite_read.c */
bool sqlite_entry_read(sqlite3_stmt *s, struct entry *out); /* false: not as we write rows */
/* Row by row: in its place, the link right, *chain moved on. */
bool sqlite_entry_check(const struct entry *e, uint64_t lane, uint64_t expected, struct chain *chain,
                        struct error *err);
/* `before` is the link ahead of the row. Into j->plain. */
bool sqlite_entry_open(struct sqlite_journal *j, const struct entry *e, const struct chain *before,
                       struct error *err);
bool sqlite_link_at(struct sqlite_journal *j, uint64_t lane, uint64_t position, struct chain *out,
                    struct error *err);
bool sqlite_damaged(struct error *err, uint64_t lane, uint64_t position, const char *what);
bool sqlite_read(struct journal *base, uint64_t lane, uint64_t from, uint32_t max_appends,
                 bool (*each)(void *ctx, uint64_t first, const struct journal_append *a), void *ctx,
                 uint64_t *next, struct error *err);
bool sqlite_end(struct journal *base, uint64_t lane, uint64_t *next_position, uint64_t *epoch,
                int64_t *last_lane_us, int64_t *last_wall_us, struct error *err);

/* sqlite_snapshot.c */
bool sqlite_snapshot_write(struct journal *base, uint64_t lane, uint64_t position, struct slice state,
                           struct error *err);
bool sqlite_snapshot_read(struct journal *base, uint64_t lane, uint64_t *position, struct buf *out,
                          struct error *err);
bool sqlite_snapshots_verify(struct sqlite_journal *j, uint64_t lane, struct error *err);

/* sqlite_verify.c */
bool sqlite_verify(struct journal *base, uint64_t lane,
                   void (*progress)(void *ctx, uint64_t at, uint64_t end), void *ctx, struct error *err);

#endif
