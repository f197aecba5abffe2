/* tests/adapters/store_bench.h - a journal in a folder of its own, and records to put there. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_STORE_BENCH_H
#define NIGHTBELL_TESTS_ADAPTERS_STORE_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/store/sqlite.h"
#include "base/time.h"

#define CANARY "Zebulon Quackenbush-Canary"
#define DAY0   (20000 * TIME_DAY)

struct bench {
    char dir[128], data[160], master_path[192];
    struct keys *master;
    struct jwk *records;
};

static inline struct bench bench_make(void)
{
    struct bench b = { .dir = "/tmp/nightbell-store-XXXXXX" };
    char path[192];
    struct error err = { 0 };
    assert_non_null(mkdtemp(b.dir));
    snprintf(b.data, sizeof b.data, "%s/data", b.dir);
    snprintf(path, sizeof path, "mkdir %s", b.data);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof path, "%s/keys", b.dir);
    assert_true(keys_init(path, &err));
    snprintf(b.master_path, sizeof b.master_path, "%s/keys/master.key", b.dir);
    b.master = keys_load(b.master_path, &err);
    snprintf(path, sizeof path, "%s/keys/records.key", b.dir);
    b.records = keys_load_records(path, &err);
    assert_non_null(b.master);
    assert_non_null(b.records);
    return b;
}

static inline void bench_drop(struct bench *b)
{
    char command[192];
    snprintf(command, sizeof command, "rm -rf '%s'", b->dir);
    assert_int_equal(system(command), 0);
    keys_free(&b->master);
    jwk_free(&b->records);
}

static inline struct journal *bench_open(struct bench *b, struct error *err)
{
    struct store_keys keys = { .master = b->master };
    struct store_options options = { .ballast_bytes = UINT64_MAX };
    return journal_sqlite_open(b->data, &keys, &options, err);
}

static inline struct journal *bench_reopen(struct bench *b, struct journal *j)
{
    struct error err = { 0 };
    if (j != NULL)
        j->ops->close(&j);
    j = bench_open(b, &err);
    if (j == NULL)
        fail_msg("open: %s", err.message);
    return j;
}

/* The records of the append at `first`: known bytes with the canary inside. */
static inline struct slice bench_body(uint64_t first, char out[160])
{
    int len = snprintf(out, 160, "records from %llu on of " CANARY " %0*d", (unsigned long long)first,
                       (int)(first % 40) + 1, 0);
    return (struct slice){ out, (size_t)len };
}

static inline enum journal_result bench_append(struct journal *j, uint64_t first, uint32_t count,
                                               int64_t wall_us, struct error *err)
{
    char body[160];
    struct journal_append a = { .lane = 1,
                                .epoch = 1,
                                .expected = first,
                                .count = count,
                                .lane_us = (int64_t)first * 10,
                                .wall_us = wall_us,
                                .records = bench_body(first, body) };
    return j->ops->append(j, &a, err);
}

static inline uint64_t bench_end(struct journal *j)
{
    uint64_t next = 0, epoch = 0;
    int64_t lane_us = 0, wall_us = 0;
    struct error err = { 0 };
    assert_true(j->ops->end(j, 1, &next, &epoch, &lane_us, &wall_us, &err));
    return next;
}

struct bench_seen {
    uint64_t appends, records, next;
    bool wrong;
};

static inline bool bench_each(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct bench_seen *seen = ctx;
    char body[160];
    seen->wrong = seen->wrong || first != seen->next || a->expected != first || a->lane != 1 ||
                  a->lane_us != (int64_t)first * 10 || !slice_eq(a->records, bench_body(first, body));
    seen->appends++;
    seen->records += a->count;
    seen->next = first + a->count;
    return true;
}

/* Reads it all in small pages; false with err when the journal says so. */
static inline bool bench_read_all(struct journal *j, uint64_t from, struct bench_seen *seen,
                                  struct error *err)
{
    uint64_t at = from, end = bench_end(j);
    *seen = (struct bench_seen){ .next = from };
    while (at < end)
        if (!j->ops->read(j, 1, at, 7, bench_each, seen, &at, err))
            return false;
    return at == end;
}

#endif
