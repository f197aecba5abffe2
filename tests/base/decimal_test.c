#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/decimal.h"
#include "tests/guard.h"

static struct decimal of(const char *text)
{
    struct decimal d = { 0, 0 };

    assert_true(decimal_parse(slice_of(text), &d));
    return d;
}

static void reads_and_writes_digit_for_digit(void **state)
{
    static const struct {
        const char *text, *again; /* again: NULL = refused */
    } rows[] = {
        { "0", "0" },
        { "6.2", "6.2" },
        { "5.0", "5.0" },
        { "5.00", "5.00" },
        { "-0.5", "-0.5" },
        { "+7", "7" },
        { "-0", "0" },
        { "007.10", "7.10" },
        { "1e3", "1000" },
        { "1.5E2", "150" },
        { "1.50e1", "15.0" },
        { "2e-3", "0.002" },
        { "1e+2", "100" },
        { "0e99", "0" },
        { "0.000", "0.000" },
        { "999999999999999999", "999999999999999999" },
        { "-999999999999999999", "-999999999999999999" },
        { "0.999999999999999999", "0.999999999999999999" },
        { "0.000000000000000001", "0.000000000000000001" },
        { "1e-18", "0.000000000000000001" },
        { "10e-19", "0.000000000000000001" },
        { "1000000000000000000", NULL },
        { "1.0000000000000000000", NULL },
        { "0.0000000000000000001", NULL },
        { "1e18", NULL },
        { "1e-19", NULL },
        { "1e99999", NULL },
        { "", NULL },
        { "-", NULL },
        { ".5", NULL },
        { "5.", NULL },
        { "1.2.3", NULL },
        { "1e", NULL },
        { "1e+", NULL },
        { "e5", NULL },
        { "1 ", NULL },
        { " 1", NULL },
        { "1,5", NULL },
        { "<5", NULL },
        { "+-5", NULL },
        { "0x10", NULL },
        { "NaN", NULL },
        { "inf", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct guard g = guard_make(slice_of(rows[i].text));
        struct decimal d = { 42, 1 };
        char text[DECIMAL_TEXT];
        if (decimal_parse(g.bytes, &d) != (rows[i].again != NULL))
            fail_msg("\"%s\": accepted or refused wrongly", rows[i].text);
        if (rows[i].again != NULL)
            assert_string_equal(decimal_text(d, text).ptr, rows[i].again);
        guard_free(&g);
    }
}

static void the_longest_texts_fit(void **state)
{
    char text[DECIMAL_TEXT];
    (void)state;
    assert_string_equal(decimal_text((struct decimal){ INT64_MIN, 18 }, text).ptr, "-9.223372036854775808");
    assert_string_equal(decimal_text((struct decimal){ INT64_MIN, 0 }, text).ptr, "-9223372036854775808");
    assert_string_equal(decimal_text((struct decimal){ -1, 18 }, text).ptr, "-0.000000000000000001");
}

static void compares_exactly(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        { "1.5", "1.50", 0 },
        { "0", "-0.00", 0 },
        { "6.2", "6.20000000000000001", -1 },
        { "-1", "0.5", -1 },
        { "-2", "-1.999", -1 },
        { "10", "9.999999999", 1 },
        { "999999999999999999", "0.000000000000000001", 1 },
        { "0.1", "0.100000000000000001", -1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(decimal_compare(of(rows[i].a), of(rows[i].b)), rows[i].order);
        assert_int_equal(decimal_compare(of(rows[i].b), of(rows[i].a)), -rows[i].order);
    }
    assert_int_equal(decimal_compare((struct decimal){ INT64_MAX, 0 }, (struct decimal){ INT64_MIN, 18 }), 1);
}

static void multiplies_or_says_no(void **state)
{
    static const struct {
        const char *a, *b, *product;
    } rows[] = {
        { "1.50", "2", "3.00" },
        { "0.1", "0.1", "0.01" },
        { "-6.2", "18.0", "-111.60" },
        { "5.5", "0.0555", "0.30525" },
        { "999999999", "999999999", "999999998000000001" },
        { "0.0000000010", "0.0000000010", "0.000000000000000001" },
        { "999999999999999999", "1000", NULL },
        { "0.0000000001", "0.0000000001", NULL },
        { "100000000000000000", "50.0", "5000000000000000000" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct decimal d;
        char text[DECIMAL_TEXT];
        bool fits = decimal_multiply(of(rows[i].a), of(rows[i].b), &d);
        assert_int_equal(fits, rows[i].product != NULL);
        if (fits)
            assert_int_equal(decimal_compare(d, of("0")), decimal_compare(d, (struct decimal){ 0, 0 }));
        if (fits)
            assert_string_equal(decimal_text(d, text).ptr, rows[i].product);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_digit_for_digit),
        cmocka_unit_test(the_longest_texts_fit),
        cmocka_unit_test(compares_exactly),
        cmocka_unit_test(multiplies_or_says_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
