#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/seal/random.h"
#include "adapters/store/chain.h"
#include "adapters/store/snapshot.h"
#include "adapters/store/space.h"

static char dir[64];

static int folder_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/nightbell-chain-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int folder_drop(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static const uint8_t journal_id[CHAIN_ID] = { 1, 2, 3 };

static struct chain_row row_make(uint64_t first)
{
    return (struct chain_row){ .lane = 1,
                               .first = first,
                               .epoch = 4,
                               .count = 3,
                               .key = 1,
                               .lane_us = 10,
                               .wall_us = 20,
                               .sealed_bytes = 5 };
}

/* The bytes of docs/journal.md, so that another program can prove a journal. */
static void a_header_has_the_documented_bytes(void **state)
{
    (void)state;
    static const uint8_t expected[CHAIN_HEADER] = {
        1,                                              /* version */
        1,    0,    0,    0,    0,    0,    0,    0,    /* lane */
        7,    0,    0,    0,    0,    0,    0,    0,    /* first */
        3,    0,    0,    0,                            /* count */
        4,    0,    0,    0,    0,    0,    0,    0,    /* epoch */
        10,   0,    0,    0,    0,    0,    0,    0,    /* lane_us */
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* wall_us -20 */
        1,    0,    0,    0,                            /* key */
        5,    0,    0,    0                             /* sealed bytes */
    };
    uint8_t got[CHAIN_HEADER];
    struct chain_row r = row_make(7);
    r.wall_us = -20;
    chain_header(&r, got);
    assert_memory_equal(got, expected, sizeof got);
}

static void every_part_of_a_row_is_in_its_link(void **state)
{
    (void)state;
    uint8_t nonce[AEAD_NONCE] = { 0 }, other_nonce[AEAD_NONCE] = { 1 };
    struct chain start = chain_start(journal_id, 1), base = start, other;
    struct chain_row r = row_make(0);
    chain_add(&base, &r, nonce, SLICE("body!"));
    for (int part = 0; part < 12; part++) {
        struct chain_row changed = r;
        const uint8_t *with = nonce;
        struct slice body = SLICE("body!");
        other = start;
        switch (part) {
        case 0:
            changed.lane++;
            break;
        case 1:
            changed.first++;
            break;
        case 2:
            changed.epoch++;
            break;
        case 3:
            changed.count++;
            break;
        case 4:
            changed.key++;
            break;
        case 5:
            changed.lane_us++;
            break;
        case 6:
            changed.wall_us++;
            break;
        case 7:
            changed.sealed_bytes++;
            break;
        case 8:
            with = other_nonce;
            break;
        case 9:
            body = SLICE("body?");
            break;
        case 10:
            other = chain_start(journal_id, 2);
            break;
        default:
            other.link[31] ^= 1;
            break;
        }
        chain_add(&other, &changed, with, body);
        assert_memory_not_equal(other.link, base.link, HASH_BYTES);
    }
    other = start;
    chain_add(&other, &r, nonce, SLICE("body!"));
    assert_memory_equal(other.link, base.link, HASH_BYTES);
}

/* --- snapshot files --------------------------------------------------------------------------------- */

static const uint8_t key[AEAD_KEY] = { 9 };

static void snapshots_of_any_size_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *bytes = malloc(sizes[i] + 1);
        struct buf out = buf_make(4 << 20);
        struct error err = { 0 };
        struct snapshot_head head = { .lane = 1, .position = 100 + i }, back;
        seal_random(bytes, sizes[i]);
        buf_text(&out, "before");
        assert_true(snapshot_write(dir, key, &head, (struct slice){ bytes, sizes[i] }, &err));
        assert_true(snapshot_read(dir, key, 1, 100 + i, &back, &out, &err));
        assert_true(slice_eq(slice_sub(buf_slice(&out), 6, out.len), (struct slice){ bytes, sizes[i] }));
        free(bytes);
        buf_free(&out);
    }
    uint64_t list[10];
    assert_int_equal(snapshot_list(dir, 1, list, 10), 7);
    assert_int_equal(list[0], 106);
    snapshot_prune(dir, 1);
    assert_int_equal(snapshot_list(dir, 1, list, 10), 2);
    assert_int_equal(list[1], 105);
    assert_int_equal(snapshot_list(dir, 2, list, 10), 0);
}

static void a_changed_snapshot_is_refused(void **state)
{
    (void)state;
    char path[128];
    struct error err = { 0 };
    struct snapshot_head head = { .lane = 3, .position = 7 }, back;
    struct buf out = buf_make(1 << 20);
    assert_true(snapshot_write(dir, key, &head, SLICE("census and open alerts"), &err));
    snprintf(path, sizeof path, "%s/snapshot-3-7.sealed", dir);
    FILE *f = fopen(path, "r+b");
    unsigned char bytes[512];
    size_t len = fread(bytes, 1, sizeof bytes, f);
    for (size_t bit = 0; bit < len * 8; bit++) {
        unsigned char changed = (unsigned char)(bytes[bit / 8] ^ 1U << bit % 8);
        fseek(f, (long)(bit / 8), SEEK_SET);
        fwrite(&changed, 1, 1, f);
        fflush(f);
        assert_false(snapshot_read(dir, key, 3, 7, &back, &out, NULL));
        assert_int_equal(out.len, 0);
        fseek(f, (long)(bit / 8), SEEK_SET);
        fwrite(&bytes[bit / 8], 1, 1, f);
        fflush(f);
    }
    assert_true(snapshot_read(dir, key, 3, 7, &back, &out, &err));
    buf_reset(&out);
    fseek(f, 0, SEEK_END);
    fwrite("x", 1, 1, f); /* one byte more */
    fflush(f);
    assert_false(snapshot_read(dir, key, 3, 7, &back, &out, NULL));
    assert_int_equal(ftruncate(fileno(f), (long)len - 1), 0);
    assert_false(snapshot_read(dir, key, 3, 7, &back, &out, NULL));
    static const uint8_t wrong[AEAD_KEY] = { 8 };
    assert_int_equal(ftruncate(fileno(f), 0), 0);
    rewind(f);
    fwrite(bytes, 1, len, f);
    fclose(f);
    assert_false(snapshot_read(dir, wrong, 3, 7, &back, &out, NULL));
    struct buf small = buf_make(4);
    error_clear(&err);
    assert_false(snapshot_read(dir, key, 3, 7, &back, &small, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    buf_free(&small);
    buf_free(&out);
}

static void a_newer_snapshot_says_so(void **state)
{
    (void)state;
    char path[128];
    struct error err = { 0 };
    struct snapshot_head head = { .lane = 4, .position = 1 }, back;
    struct buf out = buf_make(1 << 20);
    assert_true(snapshot_write(dir, key, &head, SLICE("x"), &err));
    snprintf(path, sizeof path, "%s/snapshot-4-1.sealed", dir);
    FILE *f = fopen(path, "r+b");
    fseek(f, 6, SEEK_SET);
    fputc(SNAPSHOT_VERSION + 1, f);
    fclose(f);
    assert_false(snapshot_read(dir, key, 4, 1, &back, &out, &err));
    assert_int_equal(err.code, ERROR_VERSION);
    buf_free(&out);
}

static void ballast_is_made_and_given_up(void **state)
{
    (void)state;
    char path[128];
    struct stat st;
    uint64_t bytes = 0;
    struct error err = { 0 };
    assert_true(space_free(dir, &bytes, &err));
    assert_true(bytes > 0);
    assert_false(space_free("/nonexistent", &bytes, &err));
    assert_true(space_ballast_make(dir, 1 << 20));
    assert_true(space_ballast_make(dir, 1 << 20));
    snprintf(path, sizeof path, "%s/ballast", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_blocks * 512 >= 1 << 20);
    assert_true(space_ballast_drop(dir));
    assert_false(space_ballast_drop(dir));
    assert_false(space_ballast_make(dir, UINT64_C(1) << 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_has_the_documented_bytes),
        cmocka_unit_test(every_part_of_a_row_is_in_its_link),
        cmocka_unit_test(snapshots_of_any_size_come_back),
        cmocka_unit_test(a_changed_snapshot_is_refused),
        cmocka_unit_test(a_newer_snapshot_says_so),
        cmocka_unit_test(ballast_is_made_and_given_up),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
