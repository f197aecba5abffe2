/* The server's half of the inbox over real HTTPS: event streams, and a router that is away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/adapters/inbox_help.h"

/* --- the router is away --- */

static void without_a_router_it_is_503(void **state)
{
    struct office o;
    char cookie[160], headers[300];

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    snprintf(headers, sizeof headers, "%s%s", as_jose, cookie);
    command(&o, SET_ANSWERS, AWAY, 0);
    assert_int_equal(ask(&o, "POST", "/inbox/answers", headers, "x"), 503);
    assert_int_equal(ask(&o, "GET", "/inbox/me", cookie, ""), 200); /* what web knows itself still works */
    command(&o, SET_ANSWERS, ANSWER, 0);
    assert_int_equal(ask(&o, "POST", "/inbox/answers", headers, "x"), 200);
    office_close(&o);
}

static void a_lost_router_answers_what_waits_once(void **state)
{
    struct office o;
    char cookie[160], headers[300];
    struct buf out = buf_make(4096), in = buf_make(65536);

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    int asked = command(&o, COUNT, 3, 0);
    snprintf(headers, sizeof headers, "%s%s", as_jose, cookie);
    command(&o, SET_ANSWERS, HOLD, 0);
    struct client c = dial(&o), gone = dial(&o);
    put_request(&o, &out, "POST", "/inbox/answers", headers, "x");
    client_send(&c, buf_slice(&out));
    client_send(&gone, buf_slice(&out));
    while (command(&o, COUNT, 3, 0) < asked + 2)
        usleep(1000);
    client_close(&gone); /* its answer goes nowhere, and is still made once */
    usleep(20000);
    command(&o, LOST, 0, 0);
    assert_true(client_read_until(&c, &in, "HTTP/1.1 503"));
    command(&o, SET_ANSWERS, ANSWER, 0);
    buf_reset(&in);
    client_send(&c, buf_slice(&out)); /* the same connection goes on */
    assert_true(client_read_until(&c, &in, "taken"));
    client_close(&c);
    buf_free(&out);
    buf_free(&in);
    office_close(&o);
}

/* --- streams --- */

static struct client open_stream(struct office *o, const char *cookie, struct buf *in)
{
    struct client c = dial(o);
    struct buf out = buf_make(4096);

    put_request(o, &out, "GET", "/inbox/stream", cookie, "");
    client_send(&c, buf_slice(&out));
    assert_true(client_read_until(&c, in, "event: hello"));
    assert_true(client_read_until(&c, in, "\"device\":\"00000000000000aa\"}\n\n"));
    buf_free(&out);
    return c;
}

static void a_stream_says_hello_brings_alerts_and_stays_alive(void **state)
{
    struct office o;
    char cookie[160];
    struct buf in = buf_make(1 << 20);

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    assert_int_equal(command(&o, PUSH, 0, 0xaa), 0); /* nobody listens */
    struct client c = open_stream(&o, cookie, &in);
    assert_non_null(memmem(in.ptr, in.len, "text/event-stream", 17));
    assert_int_equal(command(&o, COUNT, 1, 0), 1);
    assert_int_equal(command(&o, PUSH, 0, 0xaa), 1);
    assert_int_equal(command(&o, PUSH, 0, 0xab), 0);
    assert_true(client_read_until(&c, &in, "event: alert\nid: 000000000000beef\ndata: a.b.c.d.e\n\n"));
    assert_true(client_read_until(&c, &in, ": keep-alive\n\n"));
    command(&o, TELL, 0, 0);
    assert_int_equal(command(&o, COUNT, 1, 0), 2);
    client_close(&c);
    for (int i = 0; i < 500 && command(&o, COUNT, 2, 0) == 0; i++)
        usleep(10000);
    assert_int_equal(command(&o, COUNT, 2, 0), 1);
    assert_int_equal(command(&o, PUSH, 0, 0xaa), 0);
    buf_free(&in);
    office_close(&o);
}

static void a_device_has_four_streams_and_the_oldest_gives_way(void **state)
{
    struct office o;
    char cookie[160];
    struct client c[5];
    struct buf in[5];
    bool closed = false;

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    for (int i = 0; i < 5; i++) {
        in[i] = buf_make(1 << 20);
        c[i] = open_stream(&o, cookie, &in[i]);
    }
    assert_int_equal(command(&o, COUNT, 0, 0), 4);
    client_read_all(&c[0], &in[0], &closed);
    assert_true(closed);
    assert_int_equal(command(&o, PUSH, 0, 0xaa), 1);
    for (int i = 1; i < 5; i++)
        assert_true(client_read_until(&c[i], &in[i], "id: 000000000000beef"));
    assert_int_equal(command(&o, COUNT, 2, 0), 0); /* the device never was without one */
    for (int i = 0; i < 5; i++) {
        if (i % 2 == 0)
            client_close(&c[i]); /* some go first, some with the server */
        buf_free(&in[i]);
    }
    office_close(&o);
    client_close(&c[1]);
    client_close(&c[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_router_it_is_503),
        cmocka_unit_test(a_lost_router_answers_what_waits_once),
        cmocka_unit_test(a_stream_says_hello_brings_alerts_and_stays_alive),
        cmocka_unit_test(a_device_has_four_streams_and_the_oldest_gives_way),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
