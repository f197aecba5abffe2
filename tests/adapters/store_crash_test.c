/* A writer killed at any moment loses nothing it promised; and how fast a large journal is read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/prng.h"
#include "tests/adapters/store_bench.h"

enum { ROUNDS = 30 };

/* The child: appends for ever, tells each position only after it is durable. */
static void write_for_ever(struct bench *b, int to_parent)
{
    struct error err = { 0 };
    struct journal *j = bench_open(b, &err);
    uint64_t at = 0, epoch = 0;
    int64_t lane_us = 0, wall_us = 0;
    if (j == NULL || !j->ops->end(j, 1, &at, &epoch, &lane_us, &wall_us, &err))
        _exit(3);
    for (;;) {
        uint32_t count = (uint32_t)(at % 5) + 1;
        if (bench_append(j, at, count, DAY0 + (int64_t)at * TIME_MIN, &err) != JOURNAL_DURABLE)
            _exit(4);
        at += count;
        if (write(to_parent, &at, sizeof at) != (ssize_t)sizeof at)
            _exit(0);
        if (at % 64 < 5 && !j->ops->snapshot_write(j, 1, at, SLICE("state"), &err))
            _exit(5);
        if (at % 8 == 0)
            j->ops->idle(j);
    }
}

static uint64_t last_told(int from_child)
{
    uint64_t at = 0, told = 0;
    while (read(from_child, &at, sizeof at) == (ssize_t)sizeof at)
        told = at;
    return told;
}

static void nothing_promised_is_lost_by_kill(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct prng random = prng_make(30);
    uint64_t promised = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int pipe_fds[2], status = 0;
        struct error err = { 0 };
        struct bench_seen seen;
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t child = fork();
        if (child == 0) {
            close(pipe_fds[0]);
            write_for_ever(&b, pipe_fds[1]);
        }
        close(pipe_fds[1]);
        /* Some die while opening, most while appending. The pipe holds 64 KB, 8192 positions. */
        usleep((useconds_t)prng_below(&random, round % 5 == 0 ? 8000 : 120000));
        kill(child, SIGKILL);
        uint64_t told = last_told(pipe_fds[0]);
        close(pipe_fds[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        promised = told > promised ? told : promised;
        struct journal *j = bench_reopen(&b, NULL);
        uint64_t position = 0, end = bench_end(j);
        struct buf snapshot = buf_make(64);
        if (end < promised)
            fail_msg("round %d: %llu promised, %llu there", round, (unsigned long long)promised,
                     (unsigned long long)end);
        assert_true(end <= promised + 5 || round % 5 == 0 || told == 0); /* the one append not yet told */
        assert_true(j->ops->snapshot_read(j, 1, &position, &snapshot, &err));
        assert_true(position <= end);
        assert_true(bench_read_all(j, position, &seen, &err) && !seen.wrong);
        assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
        buf_free(&snapshot);
        j->ops->close(&j);
    }
    print_message("%d kills, %llu records promised, none lost\n", ROUNDS, (unsigned long long)promised);
    bench_drop(&b);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool count_only(void *ctx, uint64_t first, const struct journal_append *a)
{
    (void)first;
    *(uint64_t *)ctx += a->count;
    return true;
}

/* 10,000 appends of 100 records of 100 bytes; figures are printed, not judged. */
static void a_million_records_are_read_again(void **state)
{
    (void)state;
    struct bench b = bench_make();
    struct journal *j = bench_reopen(&b, NULL);
    struct error err = { 0 };
    char *body = calloc(100, 100);
    double start = seconds();
    for (uint64_t at = 0; at < 1000000; at += 100) {
        struct journal_append a = { .lane = 1,
                                    .epoch = 1,
                                    .expected = at,
                                    .count = 100,
                                    .lane_us = (int64_t)at,
                                    .wall_us = DAY0,
                                    .records = { body, 10000 } };
        assert_int_equal(j->ops->append(j, &a, &err), JOURNAL_DURABLE);
        j->ops->idle(j);
        if (at == 899900)
            assert_true(j->ops->snapshot_write(j, 1, at + 100, (struct slice){ body, 10000 }, &err));
    }
    double written = seconds();
    j = bench_reopen(&b, j);
    uint64_t position = 0, records = 0, at = 0, end = bench_end(j);
    struct buf state_bytes = buf_make(1 << 20);
    double opened = seconds();
    assert_true(j->ops->snapshot_read(j, 1, &position, &state_bytes, &err));
    for (at = position; at < end;)
        assert_true(j->ops->read(j, 1, at, 256, count_only, &records, &at, &err));
    double tail = seconds();
    for (at = 0; at < end;)
        assert_true(j->ops->read(j, 1, at, 256, count_only, &records, &at, &err));
    double all = seconds();
    assert_true(j->ops->verify(j, 1, NULL, NULL, &err));
    double proved = seconds();
    assert_int_equal(end, 1000000);
    assert_int_equal(records, 1100000);
    print_message("1 M records: written %.2f s (%.0f us an append), closed and opened %.3f s, "
                  "snapshot and tail of 100 k %.3f s, all %.3f s, verify %.3f s\n",
                  written - start, (written - start) * 100, opened - written, tail - opened, all - tail,
                  proved - all);
    buf_free(&state_bytes);
    free(body);
    j->ops->close(&j);
    bench_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_promised_is_lost_by_kill),
        cmocka_unit_test(a_million_records_are_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
