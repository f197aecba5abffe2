#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64url.h"
#include "base/prng.h"
#include "tests/guard.h"

static void known_pairs(void **state)
{
    static const struct {
        struct slice bytes;
        const char *text;
    } rows[] = {
        { SLICE_INIT(""), "" },
        { SLICE_INIT("f"), "Zg" },
        { SLICE_INIT("fo"), "Zm8" },
        { SLICE_INIT("foo"), "Zm9v" },
        { SLICE_INIT("foob"), "Zm9vYg" },
        { SLICE_INIT("fooba"), "Zm9vYmE" },
        { SLICE_INIT("foobar"), "Zm9vYmFy" },
        { SLICE_INIT("\xfb\xff\xbf"), "-_-_" },
        { SLICE_INIT("\0\0"), "AAA" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = buf_make(100);
        base64url_put(&b, rows[i].bytes);
        assert_true(slice_is(buf_slice(&b), rows[i].text));
        buf_reset(&b);
        struct guard g = guard_make(slice_of(rows[i].text));
        assert_true(base64url_decode(g.bytes, &b));
        assert_true(slice_eq(buf_slice(&b), rows[i].bytes));
        guard_free(&g);
        buf_free(&b);
    }
}

static void what_is_not_strict_is_refused(void **state)
{
    static const char *const rows[] = { "Z",     "Zg==", "Zm9v Yg", "Zm9v\n", "Zm+v",   "Zm/v",
                                        "Zm9vY", "Zh",   "Zm9",     "====",   "Zm9\x80" };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = buf_make(100);
        buf_text(&b, "before");
        if (base64url_decode(slice_of(rows[i]), &b))
            fail_msg("\"%s\" was accepted", rows[i]);
        assert_true(slice_is(buf_slice(&b), "before"));
        buf_free(&b);
    }
}

static void any_bytes_go_round(void **state)
{
    struct prng p = prng_make(1);
    struct buf text = buf_make(1000), back = buf_make(1000), hex = buf_make(1000);
    (void)state;
    for (size_t len = 0; len < 300; len++) {
        char bytes[300];
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(unsigned char)prng_next(&p);
        buf_reset(&text);
        buf_reset(&back);
        buf_reset(&hex);
        base64url_put(&text, (struct slice){ bytes, len });
        assert_true(base64url_decode(buf_slice(&text), &back));
        assert_true(slice_eq(buf_slice(&back), (struct slice){ bytes, len }));
        hex_put(&hex, (struct slice){ bytes, len });
        buf_reset(&back);
        assert_true(hex_decode(buf_slice(&hex), &back));
        assert_true(slice_eq(buf_slice(&back), (struct slice){ bytes, len }));
    }
    buf_free(&text);
    buf_free(&back);
    buf_free(&hex);
}

static void hex_is_strict_too(void **state)
{
    struct buf b = buf_make(10);
    (void)state;
    assert_true(hex_decode(SLICE("00fFA9"), &b));
    assert_memory_equal(b.ptr, "\0\xff\xa9", 3);
    assert_false(hex_decode(SLICE("0"), &b));
    assert_false(hex_decode(SLICE("0g"), &b));
    assert_int_equal(b.len, 3);
    buf_reset(&b);
    hex_put(&b, SLICE("\x0f\xa0"));
    assert_true(slice_is(buf_slice(&b), "0fa0"));
    assert_false(hex_decode(SLICE("000000000000000000000000"), &b));
    assert_true(b.failed);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_pairs),
        cmocka_unit_test(what_is_not_strict_is_refused),
        cmocka_unit_test(any_bytes_go_round),
        cmocka_unit_test(hex_is_strict_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
