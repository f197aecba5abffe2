/* One flipped bit anywhere is found, or lies where nothing is kept; writes that fail are never promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/prng.h"
#include "tests/adapters/store_bench.h"

enum { FLIPS = 300 };

static void copy(const char *from, const char *to)
{
    char command[600];
    snprintf(command, sizeof command, "cp -p '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

static void flip(const char *path, uint64_t bit)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, (long)(bit / 8), SEEK_SET);
    int c = fgetc(f);
    fseek(f, (long)(bit / 8), SEEK_SET);
    fputc(c ^ 1 << bit % 8, f);
    fclose(f);
}

struct tally {
    int at_open, by_verify, unused, located;
};

static bool names_a_position(const struct error *err)
{
    return strstr(err->message, "position ") != NULL;
}

/* Open, verify, read: a complaint, or every record as it was written. */
static void judge(struct bench *b, uint64_t end, struct tally *t, uint64_t bit)
{
    struct error err = { 0 };
    struct bench_seen seen;
    struct journal *j = bench_open(b, &err);
    if (j == NULL) {
        t->at_open++;
    } else if (!j->ops->verify(j, 1, NULL, NULL, &err)) {
        t->by_verify++;
    } else {
        if (bench_end(j) != end || !bench_read_all(j, 0, &seen, &err) || seen.wrong || seen.records != end)
            fail_msg("bit %llu: lost without a word (%s)", (unsigned long long)bit, err.message);
        t->unused++;
    }
    t->located += names_a_position(&err);
    if (j != NULL)
        j->ops->close(&j);
}

static void a_flipped_bit_in_the_file_is_found(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct error err = { 0 };
    struct stat st;
    struct tally t = { 0 };
    struct prng random = prng_make(20261122);
    char path[256], whole[256];
    struct journal *j = bench_reopen(&b, NULL);
    for (uint64_t at = 0; at < 1200; at += 2)
        assert_int_equal(bench_append(j, at, 2, DAY0 + (int64_t)at * TIME_MIN, &err), JOURNAL_DURABLE);
    j->ops->close(&j);
    snprintf(path, sizeof path, "%s/journal.db", b.data);
    snprintf(whole, sizeof whole, "%s/whole.db", b.dir);
    copy(path, whole);
    assert_int_equal(stat(whole, &st), 0);
    for (int i = 0; i < FLIPS; i++) {
        /* Every tenth in the first page, where SQLite keeps its own. */
        uint64_t bit = prng_below(&random, (i % 10 == 0 ? 4096 : (uint64_t)st.st_size) * 8);
        copy(whole, path);
        flip(path, bit);
        judge(&b, 1200, &t, bit);
    }
    print_message(
        "file of %lld bytes, %d flips: %d found at open, %d by verify, %d in unused bytes; %d located\n",
        (long long)st.st_size, FLIPS, t.at_open, t.by_verify, t.unused, t.located);
    assert_true(t.at_open + t.by_verify > FLIPS / 2);
    bench_drop(&b);
}

/* A journal as a killed router leaves it: the commits in the log, not yet in the file. */
static void left_by_a_crash(struct bench *b, uint64_t appends, char log[256], char whole_log[256],
                            char whole[256])
{
    char path[256];
    struct error err = { 0 };
    struct journal *j = bench_reopen(b, NULL);
    for (uint64_t at = 0; at < appends; at++)
        assert_int_equal(bench_append(j, at, 1, DAY0, &err), JOURNAL_DURABLE);
    snprintf(path, sizeof path, "%s/journal.db", b->data);
    snprintf(log, 256, "%s/journal.db-wal", b->data);
    snprintf(whole, 256, "%s/whole.db", b->dir);
    snprintf(whole_log, 256, "%s/whole.wal", b->dir);
    /* By another program: a descriptor of ours on the file, closed, would drop SQLite's lock. */
    copy(path, whole);
    copy(log, whole_log);
    j->ops->close(&j);
}

static void a_flipped_bit_in_the_log_is_found(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct stat st;
    struct tally t = { 0 };
    struct prng random = prng_make(7);
    char path[256], log[256], whole[256], whole_log[256];
    left_by_a_crash(&b, 200, log, whole_log, whole);
    snprintf(path, sizeof path, "%s/journal.db", b.data);
    assert_int_equal(stat(whole_log, &st), 0);
    /* The last two commits (at most 6 frames) are the ones that look like a torn write. */
    uint64_t sure = ((uint64_t)st.st_size - 6 * 4120) * 8;
    for (int i = 0; i < FLIPS; i++) {
        uint64_t bit = i < 256 ? prng_below(&random, sure) : (uint64_t)(i - 256) * 5; /* the header too */
        copy(whole, path);
        copy(whole_log, log);
        flip(log, bit);
        judge(&b, 200, &t, bit);
    }
    print_message("log of %lld bytes, %d flips: %d found at open, %d by verify, %d in unused bytes\n",
                  (long long)st.st_size, FLIPS, t.at_open, t.by_verify, t.unused);
    bench_drop(&b);
}

/* A log cut anywhere is what a power cut leaves: the commits before the cut are there, no complaint. */
static void a_torn_log_gives_what_was_whole(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct stat st;
    struct prng random = prng_make(11);
    struct bench_seen seen;
    char path[256], log[256], whole[256], whole_log[256];
    left_by_a_crash(&b, 60, log, whole_log, whole);
    snprintf(path, sizeof path, "%s/journal.db", b.data);
    assert_int_equal(stat(whole_log, &st), 0);
    uint64_t most = 0;
    for (int i = 0; i < 40; i++) {
        struct error err = { 0 };
        copy(whole, path);
        copy(whole_log, log);
        assert_int_equal(truncate(log, 33 + (off_t)prng_below(&random, (uint64_t)st.st_size - 33)), 0);
        struct journal *j = bench_open(&b, &err);
        if (j == NULL)
            fail_msg("torn log: %s", err.message);
        uint64_t end = bench_end(j);
        assert_true(end <= 60 && bench_read_all(j, 0, &seen, &err) && !seen.wrong);
        assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
        assert_int_equal(bench_append(j, end, 1, DAY0, &err), JOURNAL_DURABLE);
        most = end > most ? end : most;
        j->ops->close(&j);
    }
    assert_true(most > 30);
    bench_drop(&b);
}

/* --- a disk that fails ------------------------------------------------------------------------------- */

/* A layer under SQLite that lets the n-th write or sync fail, once or from then on. */
static struct fault {
    sqlite3_vfs vfs, *real;
    int countdown; /* calls until the failure; < 0: never */
    bool for_ever, full;
    int calls, failures;
} fault;

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static int fault_due(void)
{
    fault.calls++;
    if (fault.countdown < 0)
        return SQLITE_OK;
    if (fault.countdown > 0) {
        fault.countdown--;
        return SQLITE_OK;
    }
    if (!fault.for_ever)
        fault.countdown = -1;
    fault.failures++;
    return fault.full ? SQLITE_FULL : SQLITE_IOERR;
}

#define REAL(f) (((struct fault_file *)(f))->real)

static int f_close(sqlite3_file *f)
{
    int rc = REAL(f)->pMethods != NULL ? REAL(f)->pMethods->xClose(REAL(f)) : SQLITE_OK;
    sqlite3_free(REAL(f));
    return rc;
}
static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return REAL(f)->pMethods->xRead(REAL(f), p, n, at);
}
static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int rc = fault_due();
    return rc != SQLITE_OK ? rc : REAL(f)->pMethods->xWrite(REAL(f), p, n, at);
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int rc = fault_due();
    return rc != SQLITE_OK ? rc : REAL(f)->pMethods->xTruncate(REAL(f), size);
}
static int f_sync(sqlite3_file *f, int flags)
{
    int rc = fault_due();
    return rc != SQLITE_OK ? rc : REAL(f)->pMethods->xSync(REAL(f), flags);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return REAL(f)->pMethods->xFileSize(REAL(f), size);
}
static int f_lock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xLock(REAL(f), level);
}
static int f_unlock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xUnlock(REAL(f), level);
}
static int f_reserved(sqlite3_file *f, int *out)
{
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}
static int f_control(sqlite3_file *f, int op, void *arg)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}
static int f_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}
static int f_device(sqlite3_file *f)
{
    return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static const sqlite3_io_methods fault_methods = { .iVersion = 1,
                                                  .xClose = f_close,
                                                  .xRead = f_read,
                                                  .xWrite = f_write,
                                                  .xTruncate = f_truncate,
                                                  .xSync = f_sync,
                                                  .xFileSize = f_size,
                                                  .xLock = f_lock,
                                                  .xUnlock = f_unlock,
                                                  .xCheckReservedLock = f_reserved,
                                                  .xFileControl = f_control,
                                                  .xSectorSize = f_sector,
                                                  .xDeviceCharacteristics = f_device };

static int f_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    struct fault_file *f = (struct fault_file *)file;
    f->real = sqlite3_malloc(fault.real->szOsFile);
    memset(f->real, 0, (size_t)fault.real->szOsFile);
    int rc = fault.real->xOpen(fault.real, name, f->real, flags, out_flags);
    if (rc == SQLITE_OK) {
        f->base.pMethods = &fault_methods;
    } else {
        sqlite3_free(f->real);
        f->base.pMethods = NULL;
    }
    return rc;
}

static int fault_layer(void **state)
{
    (void)state;
    fault.real = sqlite3_vfs_find(NULL);
    fault.vfs = *fault.real;
    fault.vfs.zName = "faults";
    fault.vfs.szOsFile = sizeof(struct fault_file);
    fault.vfs.xOpen = f_open;
    fault.countdown = -1;
    return sqlite3_vfs_register(&fault.vfs, 1);
}

static int fault_layer_off(void **state)
{
    (void)state;
    return sqlite3_vfs_unregister(&fault.vfs);
}

/* Appends until something fails; what was promised before must be there on a good disk afterwards. */
static uint64_t append_until_failure(struct journal *j, uint64_t from, uint64_t most, enum error_code *code,
                                     bool *full)
{
    uint64_t at = from;
    for (; at < most; at++) {
        struct error err = { 0 };
        enum journal_result r = bench_append(j, at, 1, DAY0 + (int64_t)at * TIME_HOUR, &err);
        if (r != JOURNAL_DURABLE) {
            assert_int_equal(r, JOURNAL_UNKNOWN);
            *code = err.code;
            *full = slice_starts(slice_of(err.message), SLICE("disk full"));
            break;
        }
        j->ops->idle(j);
    }
    return at;
}

static void a_failed_write_ends_all_promises(void **state)
{
    (void)state;
    int outcomes = 0, at_open = 0;
    for (int round = 0; round < 4; round++) {
        for (int k = 0; k < 140; k += 1 + k / 20) {
            struct bench b = bench_make();
            struct store_keys keys = { .master = b.master };
            struct store_options options = { .checkpoint_frames = 20, .ballast_bytes = UINT64_MAX };
            struct error err = { 0 };
            struct bench_seen seen;
            enum error_code code = ERROR_NONE;
            bool full = false;
            fault.countdown = k;
            fault.for_ever = round & 1;
            fault.full = round & 2;
            fault.failures = 0;
            struct journal *j = journal_sqlite_open(b.data, &keys, &options, &err);
            uint64_t promised = 0;
            if (j != NULL) {
                promised = append_until_failure(j, 0, 60, &code, &full);
                if (fault.failures > 0) {
                    assert_int_equal(code, ERROR_IO);
                    assert_int_equal(bench_append(j, promised, 1, DAY0, NULL), JOURNAL_UNKNOWN);
                    assert_false(j->ops->snapshot_write(j, 1, 0, SLICE(""), NULL));
                }
                j->ops->close(&j);
                outcomes++;
            } else {
                assert_true(fault.failures > 0);
                at_open++;
            }
            fault.countdown = -1;
            error_clear(&err);
            j = bench_open(&b, &err);
            if (j == NULL)
                fail_msg("failure at call %d, round %d: %s", k, round, err.message);
            uint64_t end = bench_end(j);
            /* All that was promised, and at most the one that was not. */
            if (end < promised || end > promised + 1)
                fail_msg("failure at call %d, round %d: %llu promised, %llu there", k, round,
                         (unsigned long long)promised, (unsigned long long)end);
            assert_true(bench_read_all(j, 0, &seen, &err) && !seen.wrong);
            assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
            j->ops->close(&j);
            bench_drop(&b);
        }
    }
    print_message("failures: %d while open, %d at open\n", outcomes, at_open);
}

static void a_full_disk_is_told_apart(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct store_keys keys = { .master = b.master };
    struct store_options options = { .ballast_bytes = 1 << 20 };
    struct error err = { 0 };
    char path[256];
    enum error_code code = ERROR_NONE;
    bool full = false;
    snprintf(path, sizeof path, "%s/ballast", b.data);
    struct journal *j = journal_sqlite_open(b.data, &keys, &options, &err);
    assert_int_equal(access(path, F_OK), 0);
    fault.countdown = 9;
    fault.for_ever = fault.full = true;
    uint64_t promised = append_until_failure(j, 0, 60, &code, &full);
    assert_int_equal(code, ERROR_IO);
    assert_true(full);
    assert_int_equal(access(path, F_OK), -1); /* given up, so that open alerts can still be decided */
    fault.countdown = -1;
    j->ops->close(&j);
    j = journal_sqlite_open(b.data, &keys, &options, &err); /* the same process goes on */
    assert_non_null(j);
    assert_true(bench_end(j) >= promised);
    assert_int_equal(bench_append(j, bench_end(j), 1, DAY0, &err), JOURNAL_DURABLE);
    assert_int_equal(access(path, F_OK), 0);
    j->ops->close(&j);
    bench_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_bit_in_the_file_is_found),
        cmocka_unit_test(a_flipped_bit_in_the_log_is_found),
        cmocka_unit_test(a_torn_log_gives_what_was_whole),
        cmocka_unit_test_setup_teardown(a_failed_write_ends_all_promises, fault_layer, fault_layer_off),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told_apart, fault_layer, fault_layer_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
