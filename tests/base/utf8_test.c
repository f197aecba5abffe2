#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "tests/guard.h"

static void accepts_utf8_and_nothing_else(void **state)
{
    static const struct {
        struct slice bytes;
        bool valid;
    } rows[] = {
        { SLICE_INIT(""), true },
        { SLICE_INIT("plain"), true },
        { SLICE_INIT("a\0b"), true },
        { SLICE_INIT("\xc3\xa9"), true },
        { SLICE_INIT("\xe2\x82\xac"), true },
        { SLICE_INIT("\xf0\x9f\x94\x94"), true },
        { SLICE_INIT("\xf4\x8f\xbf\xbf"), true },
        { SLICE_INIT("\xed\x9f\xbf\xee\x80\x80"), true },
        { SLICE_INIT("\x80"), false },
        { SLICE_INIT("\xc3"), false },
        { SLICE_INIT("\xc3("), false },
        { SLICE_INIT("\xc0\xaf"), false },         /* overlong '/' */
        { SLICE_INIT("\xe0\x9f\xbf"), false },     /* overlong */
        { SLICE_INIT("\xf0\x8f\xbf\xbf"), false }, /* overlong */
        { SLICE_INIT("\xed\xa0\x80"), false },     /* surrogate */
        { SLICE_INIT("\xf4\x90\x80\x80"), false }, /* past U+10FFFF */
        { SLICE_INIT("\xf8\x88\x80\x80\x80"), false },
        { SLICE_INIT("\xe2\x82"), false },
        { SLICE_INIT("\xff"), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct guard g = guard_make(rows[i].bytes);
        if (utf8_valid(g.bytes) != rows[i].valid)
            fail_msg("row %zu", i);
        guard_free(&g);
    }
}

static void every_code_point_goes_round(void **state)
{
    struct buf b = buf_make(16);
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        buf_reset(&b);
        utf8_put(&b, c);
        assert_true(utf8_valid(buf_slice(&b)));
        assert_int_equal(utf8_count(buf_slice(&b)), 1);
    }
    buf_reset(&b);
    utf8_put(&b, 0xD800);
    assert_true(slice_is(buf_slice(&b), "\xef\xbf\xbd"));
    buf_free(&b);
}

static void other_bytes_are_windows_1252(void **state)
{
    struct buf b = buf_make(100);
    (void)state;
    utf8_put_any(&b, SLICE("M\xfcller \x80 \x81"));
    assert_true(slice_is(buf_slice(&b), "M\xc3\xbcller \xe2\x82\xac \xc2\x81"));
    buf_reset(&b);
    utf8_put_any(&b, SLICE("M\xc3\xbcller"));
    assert_true(slice_is(buf_slice(&b), "M\xc3\xbcller"));
    buf_free(&b);
}

static void json_text_stays_on_one_line(void **state)
{
    static const struct {
        struct slice in;
        const char *out;
    } rows[] = {
        { SLICE_INIT("plain"), "plain" },
        { SLICE_INIT("a\"b\\c/"), "a\\\"b\\\\c/" },
        { SLICE_INIT("\b\f\n\r\t"), "\\b\\f\\n\\r\\t" },
        { SLICE_INIT("\0\x1b\x7f"), "\\u0000\\u001b\\u007f" },
        { SLICE_INIT("\xc3\xa9"), "\xc3\xa9" },
        { SLICE_INIT("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9"), "\\u0085\\u2028\\u2029" },
        { SLICE_INIT("a\xff\xe2\x82z"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct guard g = guard_make(rows[i].in);
        struct buf b = buf_make(200);
        utf8_put_json(&b, g.bytes);
        buf_u8(&b, 0);
        assert_string_equal(b.ptr, rows[i].out);
        buf_free(&b);
        guard_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_utf8_and_nothing_else),
        cmocka_unit_test(every_code_point_goes_round),
        cmocka_unit_test(other_bytes_are_windows_1252),
        cmocka_unit_test(json_text_stays_on_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
