/* The suspect slot: the second crash on one message makes it a suspect, kept once, seen by every process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nightbell/suspect.h"

static const uint8_t first[16] = { 1 }, second[16] = { 2 };

static void crash(struct suspects *s, enum suspect_holder h, const uint8_t hash[16], struct slice bytes)
{
    int status = 0, pid = fork();

    if (pid == 0) {
        suspect_enter(s, h, hash, SLICE("telemetry"), 1, bytes);
        _exit(1); /* died with it in hand */
    }
    waitpid(pid, &status, 0);
}

static void the_second_crash_makes_a_suspect(void **state)
{
    struct suspects *s = suspects_new();
    struct suspect_kept kept;

    (void)state;
    crash(s, SUSPECT_ROUTER, first, SLICE("MSH|bad"));
    assert_false(suspect_crashed(s, SUSPECT_ROUTER));
    assert_false(suspect_crashed(s, SUSPECT_ROUTER)); /* one crash counts once */
    assert_false(suspect_is(s, first));
    assert_false(suspect_take(s, &kept));
    crash(s, SUSPECT_FEEDS, first, SLICE("MSH|bad")); /* whichever process: the message counts */
    assert_true(suspect_crashed(s, SUSPECT_FEEDS));
    assert_true(suspect_is(s, first));
    assert_false(suspect_is(s, second));
    assert_true(suspect_take(s, &kept));
    assert_memory_equal(kept.hash, first, 16);
    assert_int_equal(kept.format, 1);
    assert_true(slice_is(kept.listener, "telemetry"));
    assert_true(slice_is(kept.bytes, "MSH|bad"));
    assert_false(suspect_take(s, &kept)); /* journaled once */
    assert_true(suspect_is(s, first));
}

static void what_was_left_is_nobodys_fault(void **state)
{
    struct suspects *s = suspects_new();

    (void)state;
    for (int i = 0; i < 5; i++) {
        suspect_enter(s, SUSPECT_WEB, first, SLICE("ehr"), 1, SLICE("{}"));
        suspect_leave(s, SUSPECT_WEB);
        assert_false(suspect_crashed(s, SUSPECT_WEB));
    }
    assert_false(suspect_is(s, first));
}

static void the_newest_suspects_are_remembered(void **state)
{
    struct suspects *s = suspects_new();
    uint8_t hash[16] = { 0 };

    (void)state;
    for (uint8_t i = 0; i < 40; i++) {
        hash[0] = i;
        for (int n = 0; n < 2; n++) {
            suspect_enter(s, SUSPECT_ROUTER, hash, SLICE("a listener"), 0, SLICE("x"));
            suspect_crashed(s, SUSPECT_ROUTER);
        }
        assert_true(suspect_is(s, hash));
    }
    hash[0] = 30;
    assert_true(suspect_is(s, hash));
}

static void a_large_message_and_a_long_name_are_cut_in_the_slot(void **state)
{
    struct suspects *s = suspects_new();
    struct suspect_kept kept;
    char name[200], *large = calloc(1, 4 << 20);

    (void)state;
    memset(name, 'n', sizeof name);
    for (int n = 0; n < 2; n++) {
        suspect_enter(s, SUSPECT_ROUTER, first, (struct slice){ name, sizeof name }, 0,
                      (struct slice){ large, 4 << 20 });
        suspect_crashed(s, SUSPECT_ROUTER);
    }
    assert_true(suspect_take(s, &kept));
    assert_true(kept.bytes.len >= 1 << 19);
    assert_true(kept.listener.len < 64);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_crash_makes_a_suspect),
        cmocka_unit_test(what_was_left_is_nobodys_fault),
        cmocka_unit_test(the_newest_suspects_are_remembered),
        cmocka_unit_test(a_large_message_and_a_long_name_are_cut_in_the_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
