#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>

#include "tests/adapters/http_cases.h"
#include "tests/adapters/http_helpers.h"

/* What the handler on the server's thread saw; the tests look at it from theirs. */
struct seen {
    atomic_int requests, gone, streams_closed, write_refused;
    struct event_base *base;
    struct http_stream *stream;
};

static void count_gone(void *ctx)
{
    atomic_fetch_add(&((struct seen *)ctx)->gone, 1);
}

static void count_closed(void *ctx)
{
    struct seen *s = ctx;
    s->stream = NULL;
    atomic_fetch_add(&s->streams_closed, 1);
}

static void reply_later(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    http_reply(ctx, 200, "text/plain", SLICE("later"), NULL, 0);
}

static void flood(evutil_socket_t fd, short what, void *ctx)
{
    struct seen *s = ctx;
    static char block[16384];
    struct timeval soon = { 0, 1000 };
    (void)fd;
    (void)what;
    memset(block, 'x', sizeof block);
    if (s->stream == NULL)
        return;
    if (!http_stream_write(s->stream, (struct slice){ block, sizeof block }))
        atomic_fetch_add(&s->write_refused, 1);
    else
        event_base_once(s->base, -1, EV_TIMEOUT, flood, s, &soon);
}

static void begin_stream(struct seen *s, struct http_request *r)
{
    bool flooding = slice_is(http_path(r), "/flood");
    s->stream = http_stream_begin(r, NULL, 0);
    if (s->stream == NULL)
        return;
    http_stream_on_close(s->stream, count_closed, s);
    http_stream_write(s->stream, SLICE("data: one\n\n"));
    http_stream_write(s->stream, SLICE(":\n\n"));
    if (flooding)
        flood(-1, 0, s);
}

static void echo(struct http_request *r)
{
    struct buf out = buf_make(8388608);
    const struct http_header extra[] = {
        { "X-Peer", http_peer(r) },
        { "X-Cert", http_client_fingerprint(r) != NULL ? http_client_fingerprint(r) : "none" }
    };
    buf_printf(&out, "%.*s %.*s [%s] ", SLICE_ARG(http_method(r)), SLICE_ARG(http_path(r)),
               http_header_get(r, "x-test") != NULL ? http_header_get(r, "x-test") : "-");
    buf_put(&out, http_body(r));
    http_reply(r, 200, "text/plain", buf_slice(&out), extra, 2);
    buf_free(&out);
}

static void handle(void *ctx, struct http_request *r)
{
    struct seen *s = ctx;
    struct timeval soon = { 0, 200000 };
    atomic_fetch_add(&s->requests, 1);
    http_on_gone(r, count_gone, s);
    if (slice_is(http_path(r), "/later"))
        event_base_once(s->base, -1, EV_TIMEOUT, reply_later, r, &soon);
    else if (slice_is(http_path(r), "/stream") || slice_is(http_path(r), "/flood"))
        begin_stream(s, r);
    else
        echo(r);
}

static void start(struct test_server *t, struct seen *s, SSL_CTX *tls, const struct http_options *options)
{
    *s = (struct seen){ .base = NULL };
    *t = (struct test_server){ .tls = tls, .handler = handle, .ctx = s };
    if (options != NULL)
        t->options = *options;
    test_server_start(t);
    s->base = t->base;
}

static bool eventually(atomic_int *value, int wanted)
{
    for (int i = 0; i < 500; i++) {
        if (atomic_load(value) == wanted)
            return true;
        usleep(10000);
    }
    return false;
}

static void test_smuggling_is_refused_and_closed(void **state)
{
    static struct client clients[HTTP_CASE_COUNT];
    struct test_server t;
    struct seen s;
    (void)state;
    start(&t, &s, NULL, NULL);
    for (size_t i = 0; i < HTTP_CASE_COUNT; i++) {
        clients[i] = client_open(t.port);
        client_send(&clients[i], slice_of(HTTP_CASES[i].text));
    }
    for (size_t i = 0; i < HTTP_CASE_COUNT; i++) {
        struct buf got = buf_make(65536);
        bool closed;
        client_read_all(&clients[i], &got, &closed);
        if (!closed || reply_status(buf_slice(&got)) != HTTP_CASES[i].status ||
            memmem(got.ptr, got.len, "Connection: close", 17) == NULL)
            fail_msg("%s: closed %d, %.*s", HTTP_CASES[i].name, closed, SLICE_ARG(buf_slice(&got)));
        buf_free(&got);
        client_close(&clients[i]);
    }
    assert_int_equal(atomic_load(&s.requests), 0);
    test_server_stop(&t);
}

static void test_keep_alive_and_pipelining(void **state)
{
    struct test_server t;
    struct seen s;
    struct buf got = buf_make(65536);
    bool closed;
    (void)state;
    start(&t, &s, NULL, NULL);
    struct client c = client_open(t.port);
    client_send(
        &c,
        SLICE("GET /1 HTTP/1.1\r\nHost: h\r\nX-Test: a b\r\n\r\nGET /later HTTP/1.1\r\nHost: h\r\n\r\n"
              "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
              "HEAD /4 HTTP/1.1\r\nHost: h\r\n\r\nGET /5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    client_read_all(&c, &got, &closed);
    buf_u8(&got, 0);
    const char *one = strstr(got.ptr, "GET /1 [a b] "), *two = strstr(got.ptr, "later");
    const char *three = strstr(got.ptr, "POST /3 [-] abc"), *five = strstr(got.ptr, "GET /5 [-] ");
    assert_true(closed);
    assert_true(one != NULL && two > one && three > two && five > three);
    assert_null(strstr(got.ptr, "HEAD /4"));
    assert_non_null(strstr(got.ptr, "X-Peer: 127.0.0.1"));
    assert_non_null(strstr(got.ptr, "X-Content-Type-Options: nosniff"));
    assert_non_null(strstr(got.ptr, "Cache-Control: no-store"));
    assert_int_equal(atomic_load(&s.requests), 5);
    client_close(&c);
    buf_free(&got);
    test_server_stop(&t);
}

static void test_good_request_then_bad_one(void **state)
{
    struct test_server t;
    struct seen s;
    struct buf got = buf_make(65536);
    bool closed;
    (void)state;
    start(&t, &s, NULL, NULL);
    struct client c = client_open(t.port);
    client_send(&c, SLICE("GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\nHost: h\r\n\r\n"));
    client_read_all(&c, &got, &closed);
    buf_u8(&got, 0);
    const char *ok = strstr(got.ptr, "HTTP/1.1 200"), *bad = strstr(got.ptr, "HTTP/1.1 400");
    assert_true(closed && ok != NULL && bad > ok);
    client_close(&c);
    buf_free(&got);
    test_server_stop(&t);
}

static void test_big_bodies(void **state)
{
    struct test_server t;
    struct seen s;
    const struct http_options options = { .max_body = 1000000 };
    (void)state;
    start(&t, &s, NULL, &options);
    for (int over = 0; over < 2; over++) {
        struct buf got = buf_make(8388608), body = buf_make(2000000);
        bool closed;
        struct client c = client_open(t.port);
        buf_printf(&body, "POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n",
                   1000000 + over);
        memset(buf_extend(&body, 1000000 + (size_t)over), 'b', 1000000 + (size_t)over);
        client_send(&c, buf_slice(&body));
        client_read_all(&c, &got, &closed);
        assert_true(closed);
        assert_int_equal(reply_status(buf_slice(&got)), over == 0 ? 200 : 413);
        if (over == 0) {
            assert_true(got.len > 1000000);
            assert_true(slice_ends(buf_slice(&got), SLICE("bbbbbb")));
        }
        client_close(&c);
        buf_free(&got);
        buf_free(&body);
    }
    test_server_stop(&t);
}

static void test_continue(void **state)
{
    struct test_server t;
    struct seen s;
    struct buf got = buf_make(65536);
    (void)state;
    start(&t, &s, NULL, NULL);
    struct client c = client_open(t.port);
    client_send(&c,
                SLICE("POST /c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    assert_true(client_read_until(&c, &got, "HTTP/1.1 100 Continue\r\n\r\n"));
    client_send(&c, SLICE("abc"));
    assert_true(client_read_until(&c, &got, "POST /c [-] abc"));
    client_close(&c);
    buf_free(&got);
    test_server_stop(&t);
}

static void test_deadlines(void **state)
{
    static const char *const starts[] = { "", "G", "GET / HTTP/1.1\r\nHost: h\r\n",
                                          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" };
    struct test_server t;
    struct seen s;
    const struct http_options options = { .request_ms = 400, .idle_ms = 300 };
    (void)state;
    start(&t, &s, NULL, &options);
    for (size_t i = 0; i < 4; i++) {
        int64_t from = now_ms();
        struct client c = client_open(t.port);
        struct timeval tick = { 0, 50000 };
        char byte;
        ssize_t n = -1;
        client_send(&c, slice_of(starts[i]));
        setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
        while (n < 0 && now_ms() - from < 3000) { /* one byte now and then keeps no connection open */
            n = recv(c.fd, &byte, 1, 0);
            if (n < 0 && errno != EAGAIN)
                n = 0;
            if (starts[i][0] != '\0')
                client_send(&c, SLICE("A"));
        }
        assert_int_equal(n, 0);
        assert_true(now_ms() - from < 1500);
        client_close(&c);
    }
    struct buf got = buf_make(65536);
    bool closed;
    int64_t from = now_ms();
    struct client c = client_open(t.port);
    client_send(&c, SLICE("GET /idle HTTP/1.1\r\nHost: h\r\n\r\n"));
    client_read_all(&c, &got, &closed);
    assert_true(closed && reply_status(buf_slice(&got)) == 200 && now_ms() - from < 1500);
    client_close(&c);
    buf_free(&got);
    test_server_stop(&t);
}

static void test_client_goes_before_the_answer(void **state)
{
    struct test_server t;
    struct seen s;
    (void)state;
    start(&t, &s, NULL, NULL);
    struct client c = client_open(t.port);
    client_send(&c, SLICE("GET /later HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(eventually(&s.requests, 1));
    client_close(&c);
    assert_true(eventually(&s.gone, 1));
    usleep(300000); /* the answer goes nowhere, and harms nothing */
    c = client_open(t.port);
    client_send(&c, SLICE("GET /later HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(eventually(&s.requests, 2));
    usleep(250000);
    test_server_stop(&t);
    client_close(&c);
}

static void test_connection_caps(void **state)
{
    struct test_server t;
    struct seen s;
    const struct http_options options = { .max_connections = 3 };
    struct client c[5];
    struct buf got = buf_make(65536);
    bool closed;
    (void)state;
    start(&t, &s, NULL, &options);
    for (int i = 0; i < 5; i++) {
        c[i] = client_open(t.port);
        usleep(20000);
    }
    for (int i = 3; i < 5; i++) {
        client_read_all(&c[i], &got, &closed);
        assert_true(closed && got.len == 0);
        client_close(&c[i]);
    }
    client_close(&c[0]);
    usleep(50000);
    c[0] = client_open(t.port);
    client_send(&c[0], SLICE("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(client_read_until(&c[0], &got, "HTTP/1.1 200"));
    for (int i = 0; i < 3; i++)
        client_close(&c[i]);
    buf_free(&got);
    test_server_stop(&t);
}

static void test_streams(void **state)
{
    struct test_server t;
    struct seen s;
    struct buf got = buf_make(65536);
    (void)state;
    start(&t, &s, NULL, NULL);
    struct client c = client_open(t.port);
    client_send(&c, SLICE("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(client_read_until(&c, &got, "\n:\n\n"));
    assert_true(client_read_until(&c, &got, "data: one\n\n"));
    assert_true(client_read_until(&c, &got, "Content-Type: text/event-stream"));
    int64_t from = now_ms();
    client_close(&c);
    assert_true(eventually(&s.streams_closed, 1));
    assert_true(now_ms() - from < 500);
    /* one that the server's own end closes */
    c = client_open(t.port);
    client_send(&c, SLICE("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
    buf_reset(&got);
    assert_true(client_read_until(&c, &got, "data: one"));
    test_server_stop(&t);
    assert_int_equal(atomic_load(&s.streams_closed), 2);
    client_close(&c);
    buf_free(&got);
}

static void test_slow_reader_is_dropped(void **state)
{
    struct test_server t;
    struct seen s;
    int small = 4096;
    (void)state;
    start(&t, &s, NULL, NULL);
    struct client c = client_open(t.port);
    setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send(&c, SLICE("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_true(eventually(&s.write_refused, 1));
    assert_true(eventually(&s.streams_closed, 1));
    client_close(&c);
    test_server_stop(&t);
}

static void test_tls_and_client_certificates(void **state)
{
    char dir[64], path[128], print[TLS_FINGERPRINT];
    struct test_server t;
    struct seen s;
    (void)state;
    demo_make(dir);
    assert_true(tls_file_fingerprint(demo_file(dir, "ward.pem", path), print, NULL));
    struct stat st;
    assert_int_equal(stat(demo_file(dir, "server.key", path), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(tls_make_demo(dir, NULL, NULL)); /* never over what is there */
    SSL_CTX *with = demo_client(dir, true), *without = demo_client(dir, false);
    for (int mutual = 0; mutual < 2; mutual++) {
        start(&t, &s, demo_server(dir, mutual == 1), NULL);
        for (int cert = 0; cert < 2; cert++) {
            struct buf got = buf_make(65536);
            struct client c = client_open(t.port);
            bool done = client_tls(&c, cert == 1 ? with : without);
            if (done)
                client_send(&c, SLICE("POST /t HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"));
            bool answered = done && client_read_until(&c, &got, "POST /t [-] hi");
            assert_int_equal(answered, mutual == 0 || cert == 1);
            buf_u8(&got, 0);
            if (answered && cert == 1)
                assert_non_null(strstr(got.ptr, print));
            else if (answered)
                assert_non_null(strstr(got.ptr, "X-Cert: none"));
            client_close(&c);
            buf_free(&got);
        }
        test_server_stop(&t);
    }
    SSL_CTX_free(with);
    SSL_CTX_free(without);
    demo_remove(dir);
}

static void test_old_tls_is_refused(void **state)
{
    char dir[64];
    struct test_server t;
    struct seen s;
    (void)state;
    demo_make(dir);
    start(&t, &s, demo_server(dir, false), NULL);
    SSL_CTX *old = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(old, 0);
    SSL_CTX_set_min_proto_version(old, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old, TLS1_1_VERSION);
    struct client c = client_open(t.port);
    assert_false(client_tls(&c, old));
    client_close(&c);
    SSL_CTX_free(old);
    test_server_stop(&t);
    demo_remove(dir);
}

static void test_tls_big_reply_and_close(void **state)
{
    char dir[64];
    struct test_server t;
    struct seen s;
    struct buf got = buf_make(8388608), body = buf_make(4000000);
    bool closed;
    (void)state;
    demo_make(dir);
    start(&t, &s, demo_server(dir, false), NULL);
    SSL_CTX *ctx = demo_client(dir, false);
    struct client c = client_open(t.port);
    assert_true(client_tls(&c, ctx));
    buf_text(&body, "POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n");
    memset(buf_extend(&body, 3000000), 'b', 3000000);
    client_send(&c, buf_slice(&body));
    client_read_all(&c, &got, &closed);
    assert_true(got.len > 3000000);
    client_close(&c);
    SSL_CTX_free(ctx);
    buf_free(&got);
    buf_free(&body);
    test_server_stop(&t);
    demo_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smuggling_is_refused_and_closed),
        cmocka_unit_test(test_keep_alive_and_pipelining),
        cmocka_unit_test(test_good_request_then_bad_one),
        cmocka_unit_test(test_big_bodies),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_client_goes_before_the_answer),
        cmocka_unit_test(test_connection_caps),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_slow_reader_is_dropped),
        cmocka_unit_test(test_tls_and_client_certificates),
        cmocka_unit_test(test_old_tls_is_refused),
        cmocka_unit_test(test_tls_big_reply_and_close),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
