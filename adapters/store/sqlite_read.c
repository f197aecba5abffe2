#include <string.h>

#include "adapters/store/sqlite_parts.h"

enum { PLAIN_KEPT = 4 * 1024 * 1024 };

bool sqlite_damaged(struct error *err, uint64_t lane, uint64_t position, const char *what)
{
    return error_set(err, ERROR_CRYPTO, "journal damaged at position %llu of lane %llu: %s",
                     (unsigned long long)position, (unsigned long long)lane, what);
}

bool sqlite_entry_read(sqlite3_stmt *s, struct entry *e)
{
    for (int column = 0; column < 6; column++)
        if (sqlite3_column_type(s, column) != SQLITE_INTEGER)
            return false;
    uint64_t id = (uint64_t)sqlite3_column_int64(s, 0);
    int64_t count = sqlite3_column_int64(s, 1), key = sqlite3_column_int64(s, 5);
    if (!sqlite_blob(s, 6, &e->nonce) || !sqlite_blob(s, 7, &e->sealed) || !sqlite_blob(s, 8, &e->link))
        return false;
    e->row = (struct chain_row){ .lane = id / POSITION_MAX,
                                 .first = id % POSITION_MAX,
                                 .count = (uint32_t)count,
                                 .epoch = (uint64_t)sqlite3_column_int64(s, 2),
                                 .lane_us = sqlite3_column_int64(s, 3),
                                 .wall_us = sqlite3_column_int64(s, 4),
                                 .key = (uint32_t)key,
                                 .sealed_bytes = (uint32_t)e->sealed.len };
    return count > 0 && count <= UINT32_MAX && key > 0 && key <= UINT32_MAX && e->nonce.len == AEAD_NONCE &&
           e->link.len == HASH_BYTES && e->sealed.len > AEAD_TAG && e->sealed.len <= UINT32_MAX;
}

bool sqlite_entry_check(const struct entry *e, uint64_t lane, uint64_t expected, struct chain *chain,
                        struct error *err)
{
    if (e->row.lane != lane || e->row.first != expected)
        return sqlite_damaged(err, lane, expected, "an append is missing");
    chain_add(chain, &e->row, (const uint8_t *)e->nonce.ptr, e->sealed);
    return memcmp(chain->link, e->link.ptr, HASH_BYTES) == 0 ||
           sqlite_damaged(err, lane, expected, "its link does not fit the chain");
}

bool sqlite_entry_open(struct sqlite_journal *j, const struct entry *e, const struct chain *before,
                       struct error *err)
{
    uint8_t aad[CHAIN_HEADER + HASH_BYTES];
    struct day_key *key = sqlite_key(j, e->row.key);
    if (key == NULL)
        return sqlite_damaged(err, e->row.lane, e->row.first, "its key is not in the key table");
    if (key->aead == NULL && !key->has_master && !key->has_records)
        return error_set(err, ERROR_CRYPTO, "the records from position %llu on were shredded with their key",
                         (unsigned long long)key->start);
    if (key->aead == NULL)
        return error_set(err, ERROR_CRYPTO, "the records from position %llu on need the %s key",
                         (unsigned long long)key->start, key->has_master ? "master or records" : "records");
    chain_header(&e->row, aad);
    memcpy(aad + CHAIN_HEADER, before->link, HASH_BYTES);
    if (j->plain.room > PLAIN_KEPT)
        buf_free(&j->plain);
    buf_reset(&j->plain);
    return aead_open(key->aead, (const uint8_t *)e->nonce.ptr, (struct slice){ (char *)aad, sizeof aad },
                     e->sealed, &j->plain) ||
           sqlite_damaged(err, e->row.lane, e->row.first, "its seal does not open");
}

/* The row with the greatest position below; false without a row, *found tells which. */
static bool entry_before(struct sqlite_journal *j, uint64_t lane, uint64_t position, struct entry *e,
                         bool *found, struct error *err)
{
    sqlite3_stmt *s = sqlite_statement(j, SQL_ENTRY_BEFORE);
    sqlite3_bind_int64(s, 1, sqlite_row_id(lane, 0));
    sqlite3_bind_int64(s, 2, sqlite_row_id(lane, position));
    int rc = sqlite3_step(s);
    *found = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return sqlite_error(j, err, "cannot read the journal");
    return !*found || sqlite_entry_read(s, e) ||
           sqlite_damaged(err, lane, position, "the append before it is no append");
}

/* The link after the append that ends exactly at `position`. */
bool sqlite_link_at(struct sqlite_journal *j, uint64_t lane, uint64_t position, struct chain *out,
                    struct error *err)
{
    struct entry e;
    bool found = false;
    *out = chain_start(j->id, lane);
    bool ok = entry_before(j, lane, position, &e, &found, err);
    if (ok && found && e.row.first + e.row.count == position)
        memcpy(out->link, e.link.ptr, HASH_BYTES);
    else if (ok && (found || position > 0))
        ok = error_set(err, ERROR_VALUE, "position %llu of lane %llu is not between two appends",
                       (unsigned long long)position, (unsigned long long)lane);
    sqlite3_reset(j->statements[SQL_ENTRY_BEFORE]);
    return ok;
}

/* Where the append that holds `from` begins, and the link before it. */
static bool page_start(struct sqlite_journal *j, uint64_t lane, uint64_t from, uint64_t *first,
                       struct chain *chain, struct error *err)
{
    struct entry e;
    bool found = false, ok = entry_before(j, lane, from + 1, &e, &found, err);
    uint64_t begins = ok && found ? e.row.first : 0;
    bool holds = ok && found && from < begins + e.row.count;
    sqlite3_reset(j->statements[SQL_ENTRY_BEFORE]);
    if (!ok)
        return false;
    if (!holds)
        return sqlite_damaged(err, lane, from, "no append holds it");
    *first = begins;
    struct error gap = { 0 };
    if (sqlite_link_at(j, lane, begins, chain, &gap))
        return true;
    if (gap.code == ERROR_VALUE)
        return sqlite_damaged(err, lane, begins, "the append before it is missing");
    return error_set(err, gap.code, "%s", gap.message);
}

struct page {
    struct sqlite_journal *j;
    uint64_t lane, at;
    struct chain chain;
    bool (*each)(void *ctx, uint64_t first, const struct journal_append *a);
    void *ctx;
    bool stopped;
};

static bool page_entry(struct page *p, const struct entry *e, struct error *err)
{
    struct chain before = p->chain;
    if (!sqlite_entry_check(e, p->lane, p->at, &p->chain, err) || !sqlite_entry_open(p->j, e, &before, err))
        return false;
    struct journal_append a = { .lane = p->lane,
                                .epoch = e->row.epoch,
                                .expected = e->row.first,
                                .count = e->row.count,
                                .lane_us = e->row.lane_us,
                                .wall_us = e->row.wall_us,
                                .records = buf_slice(&p->j->plain) };
    if (p->each(p->ctx, e->row.first, &a))
        p->at += e->row.count;
    else
        p->stopped = true;
    return true;
}

static bool page_read(struct page *p, uint32_t max_appends, struct error *err)
{
    struct entry e;
    int rc = SQLITE_DONE;
    sqlite3_stmt *s = sqlite_statement(p->j, SQL_ENTRY_RANGE);
    sqlite3_bind_int64(s, 1, sqlite_row_id(p->lane, p->at));
    sqlite3_bind_int64(s, 2, sqlite_row_id(p->lane + 1, 0));
    sqlite3_bind_int64(s, 3, max_appends > 0 ? max_appends : 1);
    bool ok = true, any = false;
    while (ok && !p->stopped && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        any = true;
        ok = sqlite_entry_read(s, &e) ? page_entry(p, &e, err)
                                      : sqlite_damaged(err, p->lane, p->at, "it is no append");
    }
    if (ok && rc != SQLITE_ROW && rc != SQLITE_DONE)
        ok = sqlite_damaged(err, p->lane, p->at, "the file cannot be read there");
    if (ok && !any)
        ok = sqlite_damaged(err, p->lane, p->at, "an append is missing");
    sqlite3_reset(s);
    return ok;
}

bool sqlite_read(struct journal *base, uint64_t lane, uint64_t from, uint32_t max_appends,
                 bool (*each)(void *ctx, uint64_t first, const struct journal_append *a), void *ctx,
                 uint64_t *next, struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    struct page p = { .j = j, .lane = lane, .each = each, .ctx = ctx };
    uint64_t end = lane <= LANE_MAX ? sqlite_lane(j, lane)->next : 0;
    *next = from;
    if (from > end)
        return error_set(err, ERROR_VALUE, "position %llu is behind the end of lane %llu, %llu",
                         (unsigned long long)from, (unsigned long long)lane, (unsigned long long)end);
    if (from == end)
        return true;
    bool ok = page_start(j, lane, from, &p.at, &p.chain, err) && page_read(&p, max_appends, err);
    if (ok && p.at == end && memcmp(p.chain.link, sqlite_lane(j, lane)->chain.link, HASH_BYTES) != 0)
        ok = sqlite_damaged(err, lane, end, "the last link is not the one the head names");
    if (ok)
        *next = p.at;
    return ok;
}

bool sqlite_end(struct journal *base, uint64_t lane, uint64_t *next_position, uint64_t *epoch,
                int64_t *last_lane_us, int64_t *last_wall_us, struct error *err)
{
    struct sqlite_journal *j = (struct sqlite_journal *)base;
    if (lane > LANE_MAX)
        return error_set(err, ERROR_VALUE, "lanes go up to %d", (int)LANE_MAX);
    struct lane *l = sqlite_lane(j, lane);
    *next_position = l->next;
    *epoch = l->epoch;
    *last_lane_us = l->lane_us;
    *last_wall_us = l->wall_us;
    return true;
}
