#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tests/guard.h"

static struct buf sample(void)
{
    struct buf b = buf_make(1000);

    buf_u8(&b, 0xAB);
    buf_u16(&b, 0x1234);
    buf_u32(&b, 0xDEADBEEF);
    buf_u64(&b, UINT64_C(0x0102030405060708));
    buf_i64(&b, INT64_MIN);
    buf_slice_put(&b, SLICE("text"));
    buf_slice_put(&b, (struct slice){ NULL, 0 });
    return b;
}

static void little_endian_on_the_wire(void **state)
{
    struct buf b = buf_make(100);
    (void)state;
    buf_u16(&b, 0x1234);
    buf_u32(&b, 0x0A0B0C0D);
    buf_slice_put(&b, SLICE("hi"));
    assert_int_equal(b.len, 12);
    assert_memory_equal(b.ptr, "\x34\x12\x0D\x0C\x0B\x0A\x02\0\0\0hi", 12);
    buf_patch_u32(&b, 2, 7);
    buf_patch_u32(&b, 9, 7); /* would end past the text: left alone */
    assert_memory_equal(b.ptr, "\x34\x12\x07\0\0\0\x02\0\0\0hi", 12);
    buf_free(&b);
    assert_null(b.ptr);
    assert_int_equal(b.max, 100);
}

static void reads_back_what_was_written(void **state)
{
    struct buf b = sample();
    struct reader r = reader_make(buf_slice(&b));
    (void)state;
    assert_int_equal(read_u8(&r), 0xAB);
    assert_int_equal(read_u16(&r), 0x1234);
    assert_int_equal(read_u32(&r), 0xDEADBEEF);
    assert_true(read_u64(&r) == UINT64_C(0x0102030405060708));
    assert_true(read_i64(&r) == INT64_MIN);
    assert_true(slice_is(read_slice(&r), "text"));
    assert_int_equal(read_slice(&r).len, 0);
    assert_true(reader_done(&r));
    assert_int_equal(read_u8(&r), 0);
    assert_false(reader_done(&r));
    buf_free(&b);
}

/* Every prefix of a record, ending at a guard page: no read past it, and the failure is seen. */
static void a_short_record_fails_once_and_for_all(void **state)
{
    struct buf b = sample();
    (void)state;
    for (size_t len = 0; len < b.len; len++) {
        struct guard g = guard_make(slice_sub(buf_slice(&b), 0, len));
        struct reader r = reader_make(g.bytes);
        (void)read_u8(&r);
        (void)read_u16(&r);
        (void)read_u32(&r);
        (void)read_u64(&r);
        (void)read_i64(&r);
        (void)read_slice(&r);
        (void)read_slice(&r);
        assert_true(r.failed);
        assert_false(reader_done(&r));
        guard_free(&g);
    }
    buf_free(&b);
}

static void a_length_that_lies_is_refused(void **state)
{
    struct guard g = guard_make(SLICE("\xff\xff\xff\xff..."));
    struct reader r = reader_make(g.bytes);
    (void)state;
    assert_int_equal(read_slice(&r).len, 0);
    assert_true(r.failed);
    guard_free(&g);
}

static void the_ceiling_holds(void **state)
{
    struct buf b = buf_make(10);
    (void)state;
    buf_text(&b, "12345");
    buf_printf(&b, "%d", 67890);
    assert_false(b.failed);
    assert_int_equal(b.len, 10);
    buf_u8(&b, 1);
    assert_true(b.failed);
    assert_int_equal(b.len, 10);
    buf_reset(&b);
    buf_text(&b, "12345678901");
    assert_true(b.failed);
    assert_int_equal(b.len, 0);
    buf_text(&b, "1"); /* stays failed, so that one check at the end is enough */
    assert_int_equal(b.len, 0);
    buf_reset(&b);
    buf_printf(&b, "%s", "");
    assert_false(b.failed);
    assert_non_null(buf_extend(&b, 0));
    assert_null(buf_extend(&b, SIZE_MAX));
    buf_free(&b);
}

static void grows_far(void **state)
{
    struct buf b = buf_make(1 << 20);
    (void)state;
    for (uint32_t i = 0; i < 1 << 18; i++)
        buf_u32(&b, i);
    assert_false(b.failed);
    struct reader r = reader_make(buf_slice(&b));
    for (uint32_t i = 0; i < 1 << 18; i++)
        assert_int_equal(read_u32(&r), i);
    assert_true(reader_done(&r));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(little_endian_on_the_wire),
        cmocka_unit_test(reads_back_what_was_written),
        cmocka_unit_test(a_short_record_fails_once_and_for_all),
        cmocka_unit_test(a_length_that_lies_is_refused),
        cmocka_unit_test(the_ceiling_holds),
        cmocka_unit_test(grows_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
