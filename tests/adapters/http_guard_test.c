#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/net/http_guard.h"
#include "tests/adapters/http_cases.h"

enum { MAX_HEAD = 1024, MAX_BODY = 64 };

/* Feeds in pieces of `step` bytes, each a fresh heap block, so that an overread is seen. */
static enum http_guard_result feed(struct http_guard *g, struct slice text, size_t step, size_t *used)
{
    enum http_guard_result result = HTTP_GUARD_MORE;
    *used = 0;
    while (result == HTTP_GUARD_MORE && *used < text.len) {
        size_t len = text.len - *used < step ? text.len - *used : step;
        char *copy = malloc(len);
        memcpy(copy, text.ptr + *used, len);
        struct slice in = { copy, len };
        result = http_guard_feed(g, &in);
        *used += len - in.len;
        free(copy);
    }
    return result;
}

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < HTTP_CASE_COUNT; i++)
        for (size_t step = 1; step <= 1024; step *= 4) {
            struct http_guard g;
            size_t used;
            http_guard_init(&g, MAX_HEAD, MAX_BODY);
            enum http_guard_result r = feed(&g, slice_of(HTTP_CASES[i].text), step, &used);
            if (r != HTTP_GUARD_REFUSED || g.status != HTTP_CASES[i].status)
                fail_msg("%s, %zu at a time: %d, status %d", HTTP_CASES[i].name, step, (int)r, g.status);
            http_guard_free(&g);
        }
}

static void test_accepted(void **state)
{
    static const struct {
        const char *name, *text, *method, *path, *query, *body;
        bool close;
    } rows[] = {
        { "get", "GET / HTTP/1.1\r\n" HOST "\r\n", "GET", "/", "", "", false },
        { "query and escapes", "GET /a%20b/c?x=%2f&y HTTP/1.1\r\n" HOST "\r\n", "GET", "/a b/c", "x=%2f&y",
          "", false },
        { "operation", "POST /fhir/$process-message HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "POST",
          "/fhir/$process-message", "", "", false },
        { "body", POST "content-length:  3 \r\n\r\nabc", "POST", "/x", "", "abc", false },
        { "no length", POST "\r\n", "POST", "/x", "", "", false },
        { "chunks", CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "POST", "/x", "", "abc0123456789",
          false },
        { "no chunk", CHUNKED "000\r\n\r\n", "POST", "/x", "", "", false },
        { "close", "GET / HTTP/1.1\r\n" HOST "Connection: x , Close\r\n\r\n", "GET", "/", "", "", true },
        { "tab in a value", "GET / HTTP/1.1\r\n" HOST "A: b\tc\r\n\r\n", "GET", "/", "", "", false },
        { "address as host", "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", "GET", "/", "", "", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t step = 1; step <= 1024; step *= 4) {
            struct http_guard g;
            size_t used, len = strlen(rows[i].text);
            char text[1200];
            http_guard_init(&g, MAX_HEAD, MAX_BODY);
            memcpy(text, rows[i].text, len);
            memcpy(text + len, "NEXT", 4); /* the next request's bytes are left alone */
            enum http_guard_result r = feed(&g, (struct slice){ text, len + 4 }, step, &used);
            if (r != HTTP_GUARD_REQUEST || used != len || !slice_is(http_guard_method(&g), rows[i].method) ||
                !slice_is(buf_slice(&g.path), rows[i].path) ||
                !slice_is(http_guard_query(&g), rows[i].query) ||
                !slice_is(buf_slice(&g.body), rows[i].body) || g.close != rows[i].close)
                fail_msg("%s, %zu at a time: %d, status %d, used %zu", rows[i].name, step, (int)r, g.status,
                         used);
            http_guard_next(&g);
            assert_true(http_guard_idle(&g));
            http_guard_free(&g);
        }
}

static void test_limits(void **state)
{
    char text[2048];
    (void)state;
    for (int over = 0; over < 2; over++) {
        struct http_guard g;
        size_t used;
        const int shell = (int)sizeof "GET / HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n" - 1;
        http_guard_init(&g, MAX_HEAD, MAX_BODY);
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\nA: %0*d\r\n\r\n", MAX_HEAD - shell + over,
                 1);
        enum http_guard_result r = feed(&g, slice_of(text), 1, &used);
        assert_int_equal(r, over == 0 ? HTTP_GUARD_REQUEST : HTTP_GUARD_REFUSED);
        assert_int_equal(g.status, over == 0 ? 0 : 431);
        http_guard_free(&g);
        http_guard_init(&g, MAX_HEAD, MAX_BODY);
        snprintf(text, sizeof text, POST "Content-Length: %d\r\n\r\n%0*d", MAX_BODY + over, MAX_BODY + over,
                 1);
        r = feed(&g, slice_of(text), 1, &used);
        assert_int_equal(g.status, over == 0 ? 0 : 413);
        http_guard_free(&g);
        http_guard_init(&g, MAX_HEAD, MAX_BODY);
        snprintf(text, sizeof text, CHUNKED "3\r\nabc\r\n%x\r\n%0*d\r\n0\r\n\r\n",
                 (unsigned)(MAX_BODY - 3 + over), MAX_BODY - 3 + over, 1);
        r = feed(&g, slice_of(text), 1, &used);
        assert_int_equal(r, over == 0 ? HTTP_GUARD_REQUEST : HTTP_GUARD_REFUSED);
        assert_int_equal(g.status, over == 0 ? 0 : 413);
        http_guard_free(&g);
    }
}

static void test_too_many_headers(void **state)
{
    struct buf b = buf_make(65536);
    struct http_guard g;
    size_t used;
    (void)state;
    buf_text(&b, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 0; i < HTTP_GUARD_HEADERS; i++)
        buf_text(&b, "A: b\r\n");
    buf_text(&b, "\r\n");
    http_guard_init(&g, 16384, MAX_BODY);
    assert_int_equal(feed(&g, buf_slice(&b), 1000, &used), HTTP_GUARD_REFUSED);
    assert_int_equal(g.status, 431);
    http_guard_free(&g);
    buf_free(&b);
}

static void test_continue(void **state)
{
    struct http_guard g;
    struct slice in = slice_of(POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    (void)state;
    http_guard_init(&g, MAX_HEAD, MAX_BODY);
    assert_int_equal(http_guard_feed(&g, &in), HTTP_GUARD_MORE);
    assert_true(http_guard_wants_continue(&g));
    assert_false(http_guard_wants_continue(&g));
    in = SLICE("abc");
    assert_int_equal(http_guard_feed(&g, &in), HTTP_GUARD_REQUEST);
    http_guard_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_too_many_headers),
        cmocka_unit_test(test_continue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
