#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#include <string.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct arena *a = arena_new();
    unsigned char *before = NULL;
    (void)state;
    for (size_t round = 0; round < 3; round++) {
        for (size_t bytes = 0; bytes < 300; bytes++) {
            unsigned char *p = arena_alloc(a, bytes);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < bytes; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xA5, bytes);
            if (before != NULL && bytes > 1)
                assert_int_equal(before[0], 0xA5);
            before = bytes > 0 ? p : NULL;
        }
        before = NULL;
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
    arena_free(NULL);
}

static void outsized_pieces_live_beside_small_ones(void **state)
{
    struct arena *a = arena_new();
    (void)state;
    for (int round = 0; round < 4; round++) {
        char *small = arena_alloc(a, 8), *large = arena_alloc(a, 300000), *next = arena_alloc(a, 8);
        memset(small, 1, 8);
        memset(large, 2, 300000);
        memset(next, 3, 8);
        assert_int_equal(small[7], 1);
        assert_int_equal(large[299999], 2);
        for (int i = 0; i < 5000; i++)
            memset(arena_alloc(a, 64), 4, 64);
        assert_int_equal(next[0], 3);
        assert_int_equal(large[0], 2);
        arena_reset(a);
    }
    arena_free(&a);
}

static void copies_end_with_a_nul(void **state)
{
    struct arena *a = arena_new();
    char source[] = "heart";
    struct slice copy = arena_copy(a, slice_of(source));
    (void)state;
    source[0] = 'x';
    assert_int_equal(copy.len, 5);
    assert_string_equal(copy.ptr, "heart");
    assert_string_equal(arena_text(a, (struct slice){ NULL, 0 }), "");
    assert_string_equal(arena_printf(a, "%s-%d", "bed", 12).ptr, "bed-12");
    assert_non_null(arena_array(a, 0, 8));
    arena_free(&a);
}

static void what_is_left_over_is_given_back(void **state)
{
    struct arena *a = arena_new();
    char *first = arena_alloc(a, 40), *long_one = arena_raw(a, 1000);
    (void)state;
    memset(long_one, 7, 33);
    arena_cut(a, long_one, 1000, 33);
    assert_int_equal(arena_used(a), 48 + 48);
    char *next = arena_alloc(a, 16);
    assert_ptr_equal(next, long_one + 48);
    assert_int_equal(next[0], 0);
    assert_int_equal(long_one[32], 7);
    arena_cut(a, first, 40, 8); /* not the last: nothing happens */
    assert_int_equal(arena_used(a), 48 + 48 + 16);
    char *outsized = arena_raw(a, 300000); /* a block of its own is not cut */
    arena_cut(a, outsized, 300000, 16);
    memset(outsized, 9, 300000);
    assert_int_equal(arena_alloc(a, 16) == outsized + 16, 0);
    arena_cut(a, next, 16, 16);
    char *all = arena_raw(a, 64);
    arena_cut(a, all, 64, 0);
    assert_ptr_equal(arena_raw(a, 8), all);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(outsized_pieces_live_beside_small_ones),
        cmocka_unit_test(copies_end_with_a_nul),
        cmocka_unit_test(what_is_left_over_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
