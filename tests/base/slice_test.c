#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"
#include "tests/guard.h"

#include <stdlib.h>

static void compares_by_byte(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
        bool nocase;
    } rows[] = {
        { "", "", 0, true },         { "a", "", 1, false },     { "", "a", -1, false },
        { "abc", "abd", -1, false }, { "abc", "ABC", 1, true }, { "ab", "abc", -1, false },
        { "\xe9", "e", 1, false },   { "[", "{", -1, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice a = slice_of(rows[i].a), b = slice_of(rows[i].b);
        int order = slice_cmp(a, b);
        assert_int_equal((order > 0) - (order < 0), rows[i].order);
        assert_int_equal(slice_eq(a, b), rows[i].order == 0);
        assert_int_equal(slice_is(a, rows[i].b), rows[i].order == 0);
        assert_int_equal(slice_eq_nocase(a, b), rows[i].nocase);
    }
    assert_true(slice_eq(slice_of(NULL), SLICE("")));
}

static void cuts_at_the_separator(void **state)
{
    struct slice rest = SLICE("a||bc");
    (void)state;
    assert_true(slice_is(slice_cut(&rest, '|'), "a"));
    assert_true(slice_is(slice_cut(&rest, '|'), ""));
    assert_int_equal(rest.len, 2);
    assert_true(slice_is(slice_cut(&rest, '|'), "bc"));
    assert_int_equal(rest.len, 0);
    assert_true(slice_is(slice_cut(&rest, '|'), ""));
    struct slice nothing = { NULL, 0 };
    assert_int_equal(slice_cut(&nothing, '|').len, 0);
}

static void parts_are_clamped(void **state)
{
    struct slice s = SLICE("abcdef");
    (void)state;
    assert_true(slice_is(slice_sub(s, 2, 2), "cd"));
    assert_true(slice_is(slice_sub(s, 4, 100), "ef"));
    assert_int_equal(slice_sub(s, 6, 1).len, 0);
    assert_int_equal(slice_sub(s, SIZE_MAX, SIZE_MAX).len, 0);
    assert_true(slice_starts(s, SLICE("abc")) && !slice_starts(s, SLICE("b")) && slice_starts(s, SLICE("")));
    assert_true(slice_ends(s, SLICE("ef")) && !slice_ends(s, SLICE("xabcdef")) && slice_ends(s, SLICE("")));
    assert_true(slice_is(slice_trim(SLICE(" \t a b\r\n")), "a b"));
    assert_int_equal(slice_trim(SLICE(" \r\n")).len, 0);
    assert_int_equal(slice_find(s, 'c'), 2);
    assert_int_equal(slice_find(s, 'z'), 6);
}

static void numbers_are_whole_or_refused(void **state)
{
    static const struct {
        const char *text;
        bool u32, u64, i64;
    } rows[] = {
        { "0", true, true, true },
        { "007", true, true, true },
        { "4294967295", true, true, true },
        { "4294967296", false, true, true },
        { "9223372036854775807", false, true, true },
        { "9223372036854775808", false, true, false },
        { "18446744073709551615", false, true, false },
        { "18446744073709551616", false, false, false },
        { "99999999999999999999999", false, false, false },
        { "-9223372036854775808", false, false, true },
        { "-9223372036854775809", false, false, false },
        { "+5", false, false, true },
        { "", false, false, false },
        { "-", false, false, false },
        { "--1", false, false, false },
        { "1 ", false, false, false },
        { "0x1", false, false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct guard g = guard_make(slice_of(rows[i].text));
        uint32_t u32 = 77;
        uint64_t u64 = 77;
        int64_t i64 = 77;
        assert_int_equal(slice_to_u32(g.bytes, &u32), rows[i].u32);
        assert_int_equal(slice_to_u64(g.bytes, &u64), rows[i].u64);
        assert_int_equal(slice_to_i64(g.bytes, &i64), rows[i].i64);
        if (!rows[i].u32)
            assert_int_equal(u32, 77);
        if (rows[i].u64)
            assert_true(u64 == strtoull(rows[i].text, NULL, 10));
        if (rows[i].i64)
            assert_true(i64 == strtoll(rows[i].text, NULL, 10));
        guard_free(&g);
    }
}

static void hash_depends_on_bytes_and_seed(void **state)
{
    (void)state;
    assert_true(slice_hash(SLICE("ab"), 0) == slice_hash(SLICE("ab"), 0));
    assert_true(slice_hash(SLICE("ab"), 0) != slice_hash(SLICE("ba"), 0));
    assert_true(slice_hash(SLICE("ab"), 0) != slice_hash(SLICE("ab"), 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_by_byte),
        cmocka_unit_test(cuts_at_the_separator),
        cmocka_unit_test(parts_are_clamped),
        cmocka_unit_test(numbers_are_whole_or_refused),
        cmocka_unit_test(hash_depends_on_bytes_and_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
