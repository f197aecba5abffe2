#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/adapters/store_bench.h"

static void what_is_appended_is_read_after_a_restart(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    struct bench_seen seen;
    assert_int_equal(bench_end(j), 0);
    for (uint64_t at = 0; at < 300; at += 3)
        assert_int_equal(bench_append(j, at, 3, DAY0, &err), JOURNAL_DURABLE);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(bench_end(j), 300);
        assert_true(bench_read_all(j, 0, &seen, &err));
        assert_int_equal(seen.records, 300);
        assert_false(seen.wrong);
        assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
        j = bench_reopen(&b, j);
    }
    j->ops->close(&j);
    j = NULL;
    bench_drop(&b);
}

static bool refuse_second(void *ctx, uint64_t first, const struct journal_append *a)
{
    (void)a;
    *(uint64_t *)ctx = first;
    return first < 3;
}

static void reading_begins_inside_an_append_and_may_stop(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    uint64_t next = 0, seen = 99;
    for (uint64_t at = 0; at < 12; at += 3)
        assert_int_equal(bench_append(j, at, 3, DAY0, &err), JOURNAL_DURABLE);
    assert_true(j->ops->read(j, 1, 1, 1, refuse_second, &seen, &next, &err));
    assert_int_equal(seen, 0); /* the append that holds record 1 */
    assert_int_equal(next, 3);
    assert_true(j->ops->read(j, 1, 0, 9, refuse_second, &seen, &next, &err));
    assert_int_equal(seen, 3);
    assert_int_equal(next, 3); /* where it refused */
    assert_true(j->ops->read(j, 1, 12, 9, refuse_second, &seen, &next, &err));
    assert_int_equal(next, 12);
    assert_false(j->ops->read(j, 1, 13, 9, refuse_second, &seen, &next, &err));
    assert_int_equal(err.code, ERROR_VALUE);
    j->ops->close(&j);
    bench_drop(&b);
}

static void an_append_out_of_turn_conflicts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t epoch, expected;
        uint32_t count;
        enum journal_result result;
        enum error_code code;
    } rows[] = {
        { "first", 5, 0, 2, JOURNAL_DURABLE, ERROR_NONE },
        { "again", 5, 0, 2, JOURNAL_CONFLICT, ERROR_CONFLICT },
        { "inside", 5, 1, 2, JOURNAL_CONFLICT, ERROR_CONFLICT },
        { "a gap", 5, 3, 2, JOURNAL_CONFLICT, ERROR_CONFLICT },
        { "an old leader", 4, 2, 2, JOURNAL_CONFLICT, ERROR_CONFLICT },
        { "nothing", 5, 2, 0, JOURNAL_CONFLICT, ERROR_INTERNAL },
        { "a new leader", 6, 2, 2, JOURNAL_DURABLE, ERROR_NONE },
        { "the one before", 5, 4, 2, JOURNAL_CONFLICT, ERROR_CONFLICT },
    };
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = { 0 };
        struct journal_append a = { .lane = 1,
                                    .epoch = rows[i].epoch,
                                    .expected = rows[i].expected,
                                    .count = rows[i].count,
                                    .records = SLICE("r") };
        if (j->ops->append(j, &a, &err) != rows[i].result || err.code != rows[i].code)
            fail_msg("%s: %s", rows[i].name, err.message);
        if (i == 3)
            j = bench_reopen(&b, j); /* the fence stands after a restart */
    }
    uint64_t next, epoch;
    int64_t lane_us, wall_us;
    assert_true(j->ops->end(j, 1, &next, &epoch, &lane_us, &wall_us, NULL));
    assert_int_equal(next, 4);
    assert_int_equal(epoch, 6);
    j->ops->close(&j);
    bench_drop(&b);
}

static void lanes_are_apart(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    uint64_t next, epoch;
    int64_t lane_us, wall_us;
    for (uint64_t lane = 0; lane < 4; lane++)
        for (uint64_t at = 0; at < lane * 10; at++) {
            struct journal_append a = { .lane = lane, .expected = at, .count = 1, .records = SLICE("r") };
            assert_int_equal(j->ops->append(j, &a, &err), JOURNAL_DURABLE);
        }
    j = bench_reopen(&b, j);
    for (uint64_t lane = 0; lane < 4; lane++) {
        assert_true(j->ops->end(j, lane, &next, &epoch, &lane_us, &wall_us, &err));
        assert_int_equal(next, lane * 10);
        assert_true(j->ops->verify(j, lane, NULL, NULL, &err));
    }
    struct journal_append a = { .lane = 40000, .count = 1, .records = SLICE("r") };
    assert_int_equal(j->ops->append(j, &a, &err), JOURNAL_CONFLICT);
    j->ops->close(&j);
    bench_drop(&b);
}

static void a_large_append_goes_and_a_larger_one_names_the_limit(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    char *large = calloc(1, (size_t)LIMIT_APPEND_BYTES + 1);
    struct journal_append a = { .lane = 1, .count = 1, .records = { large, (size_t)LIMIT_APPEND_BYTES + 1 } };
    assert_int_equal(j->ops->append(j, &a, &err), JOURNAL_CONFLICT);
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_true(slice_starts(slice_of(err.message), SLICE("append-bytes")));
    error_clear(&err);
    a.records.len--;
    assert_int_equal(j->ops->append(j, &a, &err), JOURNAL_DURABLE);
    free(large);
    j->ops->idle(j);
    j = bench_reopen(&b, j);
    assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
    j->ops->close(&j);
    bench_drop(&b);
}

static void a_second_opener_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    assert_int_equal(bench_append(j, 0, 1, DAY0, &err), JOURNAL_DURABLE);
    assert_null(bench_open(&b, &err)); /* in this process */
    assert_int_equal(err.code, ERROR_CONFLICT);
    char command[256];
    if (system("command -v sqlite3 >/dev/null 2>&1") == 0) { /* and in another */
        snprintf(command, sizeof command,
                 "sqlite3 %s/journal.db 'select count(*) from entry' 2>&1 | grep -q locked", b.data);
        assert_int_equal(system(command), 0);
    }
    assert_int_equal(bench_append(j, 1, 1, DAY0, &err), JOURNAL_DURABLE);
    j = bench_reopen(&b, j); /* free again after close */
    assert_int_equal(bench_end(j), 2);
    j->ops->close(&j);
    bench_drop(&b);
}

static void sql_on_file(struct bench *b, const char *sql)
{
    char path[256];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/journal.db", b->data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void what_was_tampered_with_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        enum error_code code;
        const char *says;
    } rows[] = {
        { "PRAGMA user_version = 2", ERROR_VERSION, "format 2" },
        { "PRAGMA application_id = 1", ERROR_CRYPTO, "not a journal" },
        { "ALTER TABLE entry ADD COLUMN more", ERROR_CRYPTO, "tables" },
        { "DELETE FROM meta", ERROR_CRYPTO, "id" },
        { "DELETE FROM head", ERROR_CRYPTO, "head" },
        { "UPDATE head SET epoch = 0", ERROR_CRYPTO, "position 19" },
        { "DELETE FROM entry WHERE id = 281474976710656 + 19", ERROR_CRYPTO, "position 19" },
        { "DELETE FROM entry WHERE id = 281474976710656 + 7", ERROR_CRYPTO, "position 7" },
        { "DELETE FROM entry WHERE id = 281474976710656", ERROR_CRYPTO, "position 0" },
        { "UPDATE entry SET wall_us = wall_us + 1 WHERE id = 281474976710656 + 3", ERROR_CRYPTO,
          "position 3" },
        { "UPDATE entry SET id = id + 100 WHERE id = 281474976710656 + 4", ERROR_CRYPTO, "position" },
        { "UPDATE entry SET sealed = (SELECT sealed FROM entry WHERE id = 281474976710656 + 5) "
          "WHERE id = 281474976710656 + 6",
          ERROR_CRYPTO, "position 6" },
        { "UPDATE entry SET link = randomblob(32) WHERE id = 281474976710656 + 6", ERROR_CRYPTO,
          "position 6" },
        { "UPDATE entry SET nonce = 'text' WHERE id = 281474976710656 + 6", ERROR_CRYPTO, "position 6" },
        { "UPDATE day_key SET day = day + 1", ERROR_CRYPTO, "key table" },
        { "UPDATE day_key SET records = randomblob(105)", ERROR_CRYPTO, "key table" },
        { "DELETE FROM day_key", ERROR_CRYPTO, "key" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b = bench_make();
        struct journal *j = bench_reopen(&b, NULL);
        struct error err = { 0 };
        for (uint64_t at = 0; at < 20; at++)
            assert_int_equal(bench_append(j, at, 1, DAY0, &err), JOURNAL_DURABLE);
        j->ops->close(&j);
        sql_on_file(&b, rows[i].sql);
        j = bench_open(&b, &err);
        if (j != NULL && j->ops->verify(j, 1, NULL, NULL, &err))
            fail_msg("%s: not found", rows[i].sql);
        if (err.code != rows[i].code || strstr(err.message, rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].sql, err.message);
        if (j != NULL)
            j->ops->close(&j);
        bench_drop(&b);
    }
}

static void a_missing_file_beside_its_log_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_make();
    char path[256], text[512];
    struct error err = { 0 };
    snprintf(path, sizeof path, "%s/journal.db-wal", b.data);
    FILE *f = fopen(path, "wb");
    fwrite("committed once", 1, 14, f);
    fclose(f);
    assert_null(bench_open(&b, &err));
    assert_int_equal(err.code, ERROR_CRYPTO);
    unlink(path);
    snprintf(path, sizeof path, "%s/journal.db", b.data);
    f = fopen(path, "wb");
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 20; i++)
        fwrite(text, 1, sizeof text, f);
    fclose(f);
    error_clear(&err);
    assert_null(bench_open(&b, &err));
    assert_int_equal(err.code, ERROR_CRYPTO);
    bench_drop(&b);
    b = bench_make();
    struct store_keys none = { 0 };
    error_clear(&err);
    assert_null(journal_sqlite_open(b.data, &none, NULL, &err)); /* nothing is made without a master */
    assert_int_equal(err.code, ERROR_IO);
    bench_drop(&b);
}

/* --- keys ------------------------------------------------------------------------------------------- */

static void another_master_key_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_make(), other = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    assert_int_equal(bench_append(j, 0, 1, DAY0, &err), JOURNAL_DURABLE);
    j->ops->close(&j);
    struct store_keys keys = { .master = other.master };
    assert_null(journal_sqlite_open(b.data, &keys, NULL, &err));
    assert_int_equal(err.code, ERROR_CRYPTO);
    struct store_keys records = { .records = other.records };
    error_clear(&err);
    assert_null(journal_sqlite_open(b.data, &records, NULL, &err));
    assert_int_equal(err.code, ERROR_CRYPTO);
    bench_drop(&b);
    bench_drop(&other);
}

static uint64_t sql_number(struct bench *b, const char *sql)
{
    char path[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    snprintf(path, sizeof path, "%s/journal.db", b->data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    uint64_t n = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

/* Ten days with a clock that once goes back over midnight, snapshots on the way. */
static void days_have_keys_and_the_master_forgets_them(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    struct bench_seen seen;
    uint64_t at = 0;
    for (int day = 0; day < 10; day++)
        for (int i = 0; i < 5; i++, at++) {
            int64_t wall = DAY0 + day * TIME_DAY + i * TIME_HOUR - (day == 4 && i == 1 ? 2 * TIME_HOUR : 0);
            assert_int_equal(bench_append(j, at, 1, wall, &err), JOURNAL_DURABLE);
            if (i == 4)
                assert_true(j->ops->snapshot_write(j, 1, at + 1, SLICE("state " CANARY), &err));
        }
    assert_true(bench_read_all(j, 46, &seen, &err)); /* the tail the router needs */
    assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
    j = bench_reopen(&b, j);
    assert_false(bench_read_all(j, 0, &seen, &err)); /* days gone by: the records key's business */
    assert_non_null(strstr(err.message, "records key"));
    error_clear(&err);
    assert_true(bench_read_all(j, 45, &seen, &err));
    assert_true(j->ops->verify(j, 1, NULL, NULL, &err)); /* the chain proves without keys */
    j->ops->close(&j);

    assert_int_equal(sql_number(&b, "SELECT count(*) FROM day_key"), 12);
    assert_int_equal(sql_number(&b, "SELECT count(master) FROM day_key"), 2);
    assert_int_equal(sql_number(&b, "SELECT count(records) FROM day_key"), 12);

    struct store_keys offline = { .records = b.records }, none = { 0 };
    j = journal_sqlite_open(b.data, &offline, NULL, &err);
    assert_non_null(j);
    assert_true(bench_read_all(j, 0, &seen, &err));
    assert_int_equal(seen.appends, 50);
    assert_false(seen.wrong);
    assert_int_equal(bench_append(j, at, 1, DAY0, &err), JOURNAL_CONFLICT); /* nothing is written */
    assert_int_equal(err.code, ERROR_AUTH);
    j->ops->close(&j);

    error_clear(&err);
    j = journal_sqlite_open(b.data, &none, NULL, &err);
    assert_non_null(j);
    assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
    assert_false(bench_read_all(j, 45, &seen, &err));
    j->ops->close(&j);
    bench_drop(&b);
}

static void a_shredded_day_is_gone_and_the_chain_still_proves(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    struct bench_seen seen;
    for (uint64_t at = 0; at < 6; at++) {
        assert_int_equal(bench_append(j, at, 1, DAY0 + (int64_t)at / 2 * TIME_DAY, &err), JOURNAL_DURABLE);
        if (at % 2 == 1)
            assert_true(j->ops->snapshot_write(j, 1, at + 1, SLICE("state"), &err));
    }
    assert_false(journal_sqlite_shred(j, 20002, &err)); /* the newest key */
    assert_int_equal(err.code, ERROR_CONFLICT);
    error_clear(&err);
    assert_false(journal_sqlite_shred(j, 19000, &err));
    assert_int_equal(err.code, ERROR_UNKNOWN);
    error_clear(&err);
    assert_true(journal_sqlite_shred(j, 20000, &err));
    j->ops->close(&j);
    struct store_keys both = { .master = b.master, .records = b.records };
    j = journal_sqlite_open(b.data, &both, NULL, &err);
    assert_non_null(j);
    assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
    assert_false(bench_read_all(j, 0, &seen, &err));
    assert_non_null(strstr(err.message, "shredded"));
    error_clear(&err);
    assert_true(bench_read_all(j, 2, &seen, &err));
    j->ops->close(&j);
    bench_drop(&b);
}

static void nothing_readable_is_on_the_disk(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    char command[256];
    for (uint64_t at = 0; at < 2000; at++)
        assert_int_equal(bench_append(j, at, 1, DAY0, &err), JOURNAL_DURABLE);
    assert_true(j->ops->snapshot_write(j, 1, 2000, SLICE("state of " CANARY), &err));
    for (int closed = 0; closed < 2; closed++) { /* with the log open, and all in the file */
        snprintf(command, sizeof command, "grep -rlaE 'Quackenbush|Canary|records from' %s", b.data);
        assert_int_not_equal(system(command), 0);
        if (!closed)
            j->ops->close(&j);
    }
    snprintf(command, sizeof command, "test -z \"$(find %s -type f -perm /077)\"", b.data);
    assert_int_equal(system(command), 0);
    bench_drop(&b);
}

/* --- snapshots -------------------------------------------------------------------------------------- */

static void file_flip(const char *path, long at)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, at, SEEK_SET);
    int c = fgetc(f);
    fseek(f, at, SEEK_SET);
    fputc(c ^ 4, f);
    fclose(f);
}

static void the_newest_readable_snapshot_is_taken(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    struct buf out = buf_make(1 << 20);
    uint64_t position = 9;
    char path[256];
    assert_true(j->ops->snapshot_read(j, 1, &position, &out, &err));
    assert_int_equal(position, 0);
    for (uint64_t at = 0; at < 9; at += 3) {
        char text[16];
        int len = snprintf(text, sizeof text, "state %d", (int)at + 3);
        assert_int_equal(bench_append(j, at, 3, DAY0, &err), JOURNAL_DURABLE);
        assert_true(j->ops->snapshot_write(j, 1, at + 3, (struct slice){ text, (size_t)len }, &err));
    }
    assert_false(j->ops->snapshot_write(j, 1, 4, SLICE("inside an append"), &err));
    error_clear(&err);
    assert_true(j->ops->snapshot_read(j, 1, &position, &out, &err));
    assert_int_equal(position, 9);
    assert_true(slice_is(buf_slice(&out), "state 9"));
    snprintf(path, sizeof path, "%s/snapshot-1-3.sealed", b.data);
    assert_int_equal(access(path, F_OK), -1); /* two are kept */
    snprintf(path, sizeof path, "%s/snapshot-1-9.sealed", b.data);
    file_flip(path, 130);
    buf_reset(&out);
    assert_false(j->ops->verify(j, 1, NULL, NULL, &err));
    error_clear(&err);
    assert_true(j->ops->snapshot_read(j, 1, &position, &out, &err));
    assert_int_equal(position, 6);
    assert_true(slice_is(buf_slice(&out), "state 6"));
    snprintf(path, sizeof path, "rm %s/snapshot-*", b.data);
    assert_int_equal(system(path), 0);
    buf_reset(&out);
    j = bench_reopen(&b, j);
    assert_true(j->ops->snapshot_read(j, 1, &position, &out, &err));
    assert_int_equal(position, 0);
    assert_int_equal(bench_append(j, 9, 1, DAY0, &err), JOURNAL_DURABLE);
    j->ops->close(&j);
    buf_free(&out);
    bench_drop(&b);
}

/* An older copy of the journal put back beside a newer snapshot: records are missing. */
static void a_snapshot_ahead_of_the_journal_is_an_error(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    struct buf out = buf_make(1 << 20);
    uint64_t position = 0;
    char command[512];
    assert_int_equal(bench_append(j, 0, 3, DAY0, &err), JOURNAL_DURABLE);
    j->ops->close(&j);
    snprintf(command, sizeof command, "cp %s/journal.db %s/old.db", b.data, b.dir);
    assert_int_equal(system(command), 0);
    j = bench_reopen(&b, NULL);
    assert_int_equal(bench_append(j, 3, 3, DAY0, &err), JOURNAL_DURABLE);
    assert_true(j->ops->snapshot_write(j, 1, 6, SLICE("state"), &err));
    j->ops->close(&j);
    snprintf(command, sizeof command, "cp %s/old.db %s/journal.db", b.dir, b.data);
    assert_int_equal(system(command), 0);
    j = bench_reopen(&b, NULL);
    assert_false(j->ops->snapshot_read(j, 1, &position, &out, &err));
    assert_non_null(strstr(err.message, "records were lost"));
    /* Another history from there on: the link tells. */
    error_clear(&err);
    assert_int_equal(bench_append(j, 3, 3, DAY0 + 1, &err), JOURNAL_DURABLE);
    assert_false(j->ops->snapshot_read(j, 1, &position, &out, &err));
    assert_non_null(strstr(err.message, "another link"));
    j->ops->close(&j);
    buf_free(&out);
    bench_drop(&b);
}

static void the_log_is_moved_when_idle_and_has_a_bound(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct store_keys keys = { .master = b.master };
    struct store_options options = { .checkpoint_frames = 50,
                                     .most_frames = 200,
                                     .ballast_bytes = UINT64_MAX };
    struct error err = { 0 };
    struct stat st;
    char log[256];
    snprintf(log, sizeof log, "%s/journal.db-wal", b.data);
    struct journal *j = journal_sqlite_open(b.data, &keys, &options, &err);
    for (uint64_t at = 0; at < 2000; at++) /* never idle */
        assert_int_equal(bench_append(j, at, 1, DAY0, &err), JOURNAL_DURABLE);
    assert_int_equal(stat(log, &st), 0);
    assert_true(st.st_size < 260 * 4120);
    off_t before = st.st_size;
    for (uint64_t at = 2000; at < 4000; at++) {
        assert_int_equal(bench_append(j, at, 1, DAY0, &err), JOURNAL_DURABLE);
        j->ops->idle(j);
    }
    assert_int_equal(stat(log, &st), 0);
    assert_true(st.st_size <= before);
    j->ops->close(&j);
    bench_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_read_after_a_restart),
        cmocka_unit_test(reading_begins_inside_an_append_and_may_stop),
        cmocka_unit_test(an_append_out_of_turn_conflicts),
        cmocka_unit_test(lanes_are_apart),
        cmocka_unit_test(a_large_append_goes_and_a_larger_one_names_the_limit),
        cmocka_unit_test(a_second_opener_is_refused),
        cmocka_unit_test(what_was_tampered_with_is_found),
        cmocka_unit_test(a_missing_file_beside_its_log_is_refused),
        cmocka_unit_test(another_master_key_is_refused),
        cmocka_unit_test(days_have_keys_and_the_master_forgets_them),
        cmocka_unit_test(a_shredded_day_is_gone_and_the_chain_still_proves),
        cmocka_unit_test(nothing_readable_is_on_the_disk),
        cmocka_unit_test(the_newest_readable_snapshot_is_taken),
        cmocka_unit_test(a_snapshot_ahead_of_the_journal_is_an_error),
        cmocka_unit_test(the_log_is_moved_when_idle_and_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
