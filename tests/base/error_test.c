#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#include <string.h>

static void the_first_error_wins(void **state)
{
    struct error err = { .code = ERROR_NONE };
    (void)state;
    assert_false(error_at(&err, ERROR_LIMIT, "OBX[3]-5", "message-bytes: at most %d", 10));
    assert_false(error_set(&err, ERROR_IO, "later"));
    error_hint(&err, "split the message");
    error_hint(&err, "not this one");
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_string_equal(err.where, "OBX[3]-5");
    assert_string_equal(err.message, "message-bytes: at most 10");
    assert_string_equal(err.hint, "split the message");
    error_clear(&err);
    assert_int_equal(err.code, ERROR_NONE);
    assert_string_equal(err.message, "");
    assert_false(error_set(NULL, ERROR_IO, "nobody listens"));
    error_hint(NULL, "nobody listens");
    error_clear(NULL);
}

static void a_text_too_long_is_marked(void **state)
{
    struct error err = { .code = ERROR_NONE };
    char text[400];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_at(&err, ERROR_TYPE, text, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_string_equal(err.message + sizeof err.message - 4, "...");
    assert_string_equal(err.where + sizeof err.where - 4, "...");
}

static void every_code_has_a_name(void **state)
{
    (void)state;
    for (int code = ERROR_NONE; code <= ERROR_INTERNAL; code++) {
        assert_true(strlen(error_name((enum error_code)code)) > 1);
        for (int other = ERROR_NONE; other < code; other++)
            assert_string_not_equal(error_name((enum error_code)code), error_name((enum error_code)other));
    }
    assert_string_equal(error_name((enum error_code)9999), "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(a_text_too_long_is_marked),
        cmocka_unit_test(every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
