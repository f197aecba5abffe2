#include <string.h>

#include "adapters/store/sqlite_parts.h"

enum { PAGE_APPENDS = 512 };

struct walk {
    struct sqlite_journal *j;
    uint64_t lane, at;
    struct chain chain;
};

/* The seal as well, where a key is at hand; the chain alone where it is not. */
static bool walk_entry(struct walk *w, const struct entry *e, struct error *err)
{
    struct chain before = w->chain;
    struct day_key *key = sqlite_key(w->j, e->row.key);
    if (!sqlite_entry_check(e, w->lane, w->at, &w->chain, err))
        return false;
    if ((key == NULL || key->aead != NULL) && !sqlite_entry_open(w->j, e, &before, err))
        return false;
    w->at += e->row.count;
    return true;
}

/* True with *more false at the last row. */
static bool walk_page(struct walk *w, bool *more, struct error *err)
{
    struct entry e;
    int rc = SQLITE_DONE, rows = 0;
    sqlite3_stmt *s = sqlite_statement(w->j, SQL_ENTRY_RANGE);
    sqlite3_bind_int64(s, 1, sqlite_row_id(w->lane, w->at));
    sqlite3_bind_int64(s, 2, sqlite_row_id(w->lane + 1, 0));
    sqlite3_bind_int64(s, 3, PAGE_APPENDS);
    bool ok = true;
    while (ok && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        ok = sqlite_entry_read(s, &e) ? walk_entry(w, &e, err)
                                      : sqlite_damaged(err, w->lane, w->at, "it is no append");
        rows++;
    }
    if (ok && rc != SQLITE_DONE)
        ok = sqlite_damaged(err, w->lane, w->at, "the file cannot be read there");
    sqlite3_reset(s);
    *more = rows == PAGE_APPENDS;
    return ok;
}

/* SQLite's own check of its trees and pages: what the chain cannot see, a row kept twice or a page
 * that hangs loose. */
static bool structure_sound(struct sqlite_journal *j, struct error *err)
{
    sqlite3_stmt *s = NULL;
    bool ok = sqlite3_prepare_v2(j->db, "PRAGMA integrity_check(1)", -1, &s, NULL) == SQLITE_OK &&
              sqlite3_step(s) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
    sqlite3_finalize(s);
    return ok || error_set(err, ERROR_CRYPTO, "every append proves, but the file's structure is damaged");
}

bool sqlite_verify(struct journal *base, uint64_t lane,
                   void (*progress)(void *ctx, uint64_t at, uint64_t end), void *ctx, struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    struct walk w = { .j = j, .lane = lane, .chain = chain_start(j->id, lane) };
    if (lane > LANE_MAX)
        return error_set(err, ERROR_VALUE, "lanes go up to %d", (int)LANE_MAX);
    uint64_t end = sqlite_lane(j, lane)->next;
    for (bool more = true; more;) {
        if (!walk_page(&w, &more, err))
            return false;
        if (progress != NULL)
            progress(ctx, w.at, end);
    }
    if (w.at != end || memcmp(w.chain.link, sqlite_lane(j, lane)->chain.link, HASH_BYTES) != 0)
        return sqlite_damaged(err, lane, w.at, "the last append is not the one the head names");
    return structure_sound(j, err) && sqlite_snapshots_verify(j, lane, err);
}
