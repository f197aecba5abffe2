/* The MLLP listener on real sockets: how connections end, and TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/adapters/mllp_help.h"
#include "tests/adapters/mllp_tls.h"

/* --- endings --- */

static void who_ends_its_side_still_gets_every_answer(void **state)
{
    enum { COUNT = 700 };
    struct net n;
    struct buf m = many(COUNT);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    shutdown(c->fd, SHUT_WR);
    net_pump_ms(&n, 30);
    assert_false(c->eof);
    n.hold = false;
    client_wait(&n, c, COUNT);
    client_wait_end(&n, c);
    assert_in_order(c, COUNT);
    assert_true(c->eof);
    assert_int_equal(mllp_counts(n.listener)->open, 0);
    buf_free(&m);
    net_close(&n);
}

static void a_client_that_vanishes_takes_nobody_along(void **state)
{
    struct net n;
    struct buf m = many(10);
    const struct linger reset = { 1, 0 };

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    n.hold = true;
    struct client *gone = net_dial(&n);
    assert_true(client_send(&n, gone, buf_slice(&m)));
    net_pump_ms(&n, 10);
    setsockopt(gone->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_close(gone);
    net_pump_ms(&n, 10);
    assert_int_equal(mllp_counts(n.listener)->open, 0);
    struct client *next = net_dial(&n); /* takes the same slot */
    net_pump_ms(&n, 10);
    net_answer_all(&n); /* verdicts for the one that went: passed over */
    net_pump_ms(&n, 10);
    assert_int_equal(next->got.len, 0);
    n.hold = false;
    assert_true(client_send(&n, next, buf_slice(&m)));
    client_wait(&n, next, 10);
    assert_in_order(next, 10);
    buf_free(&m);
    net_close(&n);
}

static void close_inside(struct net *n)
{
    if (n->count == 5)
        mllp_close_unanswered(n->listener);
}

static void the_router_may_go_while_a_message_is_handed_over(void **state)
{
    struct net n;
    struct buf m = many(20);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    n.hold = true;
    n.meanwhile = close_inside;
    struct client *c = net_dial(&n), *idle = net_dial(&n);
    assert_true(client_send(&n, c, buf_slice(&m)));
    client_wait_end(&n, c);
    assert_true(c->eof);
    assert_false(idle->eof);
    assert_int_equal(n.count, 5);
    assert_int_equal(mllp_counts(n.listener)->closed_unanswered, 1);
    buf_free(&m);
    net_close(&n);
}

static void leaving_answers_what_is_open_and_reads_no_more(void **state)
{
    struct net n;
    struct buf m = many(300);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    net_pump_ms(&n, 20);
    mllp_stop(n.listener);
    mllp_pause(n.listener, false); /* a welcome on the way out changes nothing */
    n.hold = false;
    client_wait(&n, c, LIMIT_INFLIGHT);
    net_pump_ms(&n, 20);
    assert_in_order(c, LIMIT_INFLIGHT);
    assert_int_equal(mllp_unanswered(n.listener), 0);
    struct client *late = net_dial(&n);
    net_pump_ms(&n, 10);
    assert_int_equal(mllp_counts(n.listener)->open, 1);
    assert_false(late->eof);
    buf_free(&m);
    net_close(&n);
}

/* --- TLS --- */

static bool start_tls(struct net *n, struct client *c, SSL_CTX *ctx)
{
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_connect_state(c->ssl);
    for (int i = 0; i < 2000; i++) {
        int done = SSL_do_handshake(c->ssl);
        if (done == 1)
            return true;
        int why = SSL_get_error(c->ssl, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            return false;
        event_base_loop(n->loop, EVLOOP_NONBLOCK);
    }
    return false;
}

static void mutual_tls_names_its_sender(void **state)
{
    struct net n;
    struct buf m = many(600);
    SSL_CTX *server = server_context(), *ctx = client_context(true);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server });
    struct client *c = net_dial(&n);
    assert_true(start_tls(&n, c, ctx));
    assert_true(client_send(&n, c, buf_slice(&m)));
    client_wait(&n, c, 600);
    assert_in_order(c, 600);
    assert_string_equal(n.seen[0].principal, "monitor-7");
    net_close(&n);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
    buf_free(&m);
}

static void without_a_certificate_nothing_is_heard(void **state)
{
    struct net n;
    struct buf m = message("M", "");
    SSL_CTX *server = server_context(), *ctx = client_context(false);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server });
    struct client *c = net_dial(&n), *plain = net_dial(&n);
    if (start_tls(&n, c, ctx)) /* TLS 1.3: the client hears of it with its first read */
        client_send(&n, c, buf_slice(&m));
    client_send(&n, plain, buf_slice(&m));
    client_wait_end(&n, c);
    client_wait_end(&n, plain);
    assert_true(c->eof);
    assert_true(plain->eof);
    assert_int_equal(n.count, 0);
    net_close(&n);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
    buf_free(&m);
}

static void who_never_shakes_hands_is_let_go(void **state)
{
    struct net n;
    SSL_CTX *server = server_context();

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server, .frame_s = 1 });
    struct client *c = net_dial(&n);
    net_pump_ms(&n, 2300);
    assert_true(c->eof);
    net_close(&n);
    SSL_CTX_free(server);
}

/* close_notify ends the sender's side only; what it is owed still comes. */
static void a_tls_sender_that_says_goodbye_gets_its_answers(void **state)
{
    struct net n;
    struct buf m = many(400);
    SSL_CTX *server = server_context(), *ctx = client_context(true);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server });
    struct client *c = net_dial(&n);
    assert_true(start_tls(&n, c, ctx));
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    SSL_shutdown(c->ssl);
    net_pump_ms(&n, 30);
    n.hold = false;
    client_wait(&n, c, 400);
    client_wait_end(&n, c);
    assert_in_order(c, 400);
    assert_true(c->eof);
    net_close(&n);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
    buf_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_ends_its_side_still_gets_every_answer),
        cmocka_unit_test(a_client_that_vanishes_takes_nobody_along),
        cmocka_unit_test(the_router_may_go_while_a_message_is_handed_over),
        cmocka_unit_test(leaving_answers_what_is_open_and_reads_no_more),
        cmocka_unit_test(mutual_tls_names_its_sender),
        cmocka_unit_test(without_a_certificate_nothing_is_heard),
        cmocka_unit_test(who_never_shakes_hands_is_let_go),
        cmocka_unit_test(a_tls_sender_that_says_goodbye_gets_its_answers),
    };

    return cmocka_run_group_tests(tests, make_certificates, drop_certificates);
}
