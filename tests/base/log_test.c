#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"

#include <string.h>

static char last[20000];
static int lines;

static void keep(void *ctx, struct slice line)
{
    (void)ctx;
    lines++;
    memcpy(last, line.ptr, line.len);
    last[line.len] = '\0';
}

static int64_t fixed(void *ctx)
{
    (void)ctx;
    return INT64_C(1795352709123456);
}

static void one_event_is_one_line(void **state)
{
    (void)state;
    log_event(LOG_INFO, "mllp", "closed", "listener", "telemetry", "reason", "a\nb", "peer", NULL, NULL);
    assert_string_equal(last,
                        "{\"t\":\"2026-11-22T13:05:09.123Z\",\"level\":\"info\",\"part\":\"mllp\",\"event\":"
                        "\"closed\",\"listener\":\"telemetry\",\"reason\":\"a\\nb\",\"peer\":\"\"}\n");
}

static void errors_carry_code_and_place(void **state)
{
    struct error err = { .code = ERROR_NONE };
    (void)state;
    error_at(&err, ERROR_LIMIT, "OBX[2]-5", "message-bytes passed");
    error_hint(&err, "raise it on the listener");
    log_error("mllp", "refused", &err);
    assert_non_null(strstr(last, "\"level\":\"error\""));
    assert_non_null(strstr(last,
                           "\"code\":\"limit\",\"where\":\"OBX[2]-5\",\"message\":\"message-bytes passed\","
                           "\"hint\":\"raise it on the listener\"}"));
}

static void levels_below_the_least_are_not_written(void **state)
{
    int before = lines;
    (void)state;
    log_set_level(LOG_WARN);
    log_event(LOG_INFO, "x", "y", NULL);
    assert_int_equal(lines, before);
    log_event(LOG_WARN, "x", "y", NULL);
    assert_int_equal(lines, before + 1);
    log_set_level(LOG_INFO);
}

static void a_line_too_long_says_so(void **state)
{
    static char text[20000];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    log_event(LOG_WARN, "mllp", "odd", "value", text, NULL);
    assert_non_null(strstr(last, "\"event\":\"odd\",\"log\":\"line too long, values left out\"}\n"));
}

static void numbers(void **state)
{
    char text[LOG_NUM];
    (void)state;
    assert_string_equal(log_num(text, 0), "0");
    assert_string_equal(log_num(text, INT64_MIN), "-9223372036854775808");
}

static void without_a_sink_nothing_happens(void **state)
{
    int before = lines;
    (void)state;
    log_set_sink(NULL, NULL, NULL);
    log_event(LOG_ERROR, "x", "y", NULL);
    assert_int_equal(lines, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_is_one_line),
        cmocka_unit_test(errors_carry_code_and_place),
        cmocka_unit_test(levels_below_the_least_are_not_written),
        cmocka_unit_test(a_line_too_long_says_so),
        cmocka_unit_test(numbers),
        cmocka_unit_test(without_a_sink_nothing_happens),
    };
    log_set_sink(keep, fixed, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
