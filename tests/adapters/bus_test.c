/* The bus: order, floods in both directions, fairness to timers, keys, odd and oversized messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "adapters/net/bus.h"
#include "adapters/net/clock.h"
#include "base/limits.h"

struct side {
    struct bus_socket *socket;
    struct event_base *loop;
    uint64_t sent, got, wanted, window;
    unsigned wrong, turns;
    char name[64];
    char peer[64];
    size_t peer_len;
    size_t last;
};

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nightbell-bus-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int drop_folder(void **state)
{
    char path[80];

    (void)state;
    snprintf(path, sizeof path, "%s/bus", folder);
    unlink(path);
    return rmdir(folder);
}

static const char *socket_path(void)
{
    static char path[128];

    snprintf(path, sizeof path, "ipc://%s/bus", folder);
    return path;
}

static void echo(void *ctx, struct slice peer, struct slice name, struct slice frame)
{
    struct side *s = ctx;

    (void)name;
    s->got++;
    if (!bus_send(s->socket, peer, frame))
        s->wrong++;
}

static void count_turn(void *ctx)
{
    ((struct side *)ctx)->turns++;
}

static void send_next(struct side *s)
{
    struct slice number = { (const char *)&s->sent, sizeof s->sent };

    if (bus_send(s->socket, (struct slice){ NULL, 0 }, number))
        s->sent++;
    else
        s->wrong++;
}

static void count_echo(void *ctx, struct slice peer, struct slice name, struct slice frame)
{
    struct side *s = ctx;
    uint64_t number = UINT64_MAX;

    (void)peer;
    (void)name;
    if (frame.len == sizeof number)
        memcpy(&number, frame.ptr, sizeof number);
    s->wrong += number != s->got;
    s->got++;
    if (s->got == s->wanted)
        event_base_loopexit(s->loop, NULL);
    if (s->sent < s->wanted)
        send_next(s);
}

static struct bus_socket *must_open(struct bus *b, struct event_base *loop, const struct bus_options *o)
{
    struct error err = { .code = ERROR_NONE };
    struct bus_socket *s = bus_open(b, loop, o, &err);

    if (s == NULL)
        fail_msg("%s", err.message);
    return s;
}

/* --- a flood, both ways, between threads --- */

struct echoing {
    struct bus *bus;
    const char *address;
    struct side side;
    int stop[2];
    pthread_barrier_t ready;
};

static void stop_loop(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(ctx);
}

static void *run_echo(void *ctx)
{
    struct echoing *e = ctx;
    struct error err = { .code = ERROR_NONE };
    struct bus_options o = {
        .side = BUS_BIND, .address = e->address, .on_frame = echo, .on_turn = count_turn, .ctx = &e->side
    };

    e->side.loop = event_base_new();
    e->side.socket = bus_open(e->bus, e->side.loop, &o, &err);
    struct event *stop = event_new(e->side.loop, e->stop[0], EV_READ, stop_loop, e->side.loop);
    event_add(stop, NULL);
    pthread_barrier_wait(&e->ready);
    if (e->side.socket != NULL)
        event_base_dispatch(e->side.loop);
    bus_close(&e->side.socket);
    event_free(stop);
    event_base_free(e->side.loop);
    return NULL;
}

static void on_timeout(evutil_socket_t fd, short what, void *ctx)
{
    struct side *s = ctx;

    (void)fd;
    (void)what;
    s->wrong += 1000000;
    event_base_loopbreak(s->loop);
}

static void flood(const char *address, uint64_t count)
{
    struct error err = { .code = ERROR_NONE };
    struct echoing e = { .bus = bus_new(&err), .address = address };
    struct side s = { .loop = event_base_new(), .wanted = count };
    const struct timeval most = { 60, 0 };
    pthread_t thread;

    assert_int_equal(pipe(e.stop), 0);
    pthread_barrier_init(&e.ready, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, run_echo, &e), 0);
    pthread_barrier_wait(&e.ready);
    s.socket = must_open(
        e.bus, s.loop,
        &(struct bus_options){ .side = BUS_CONNECT, .address = address, .on_frame = count_echo, .ctx = &s });
    struct event *guard = evtimer_new(s.loop, on_timeout, &s);
    event_add(guard, &most);
    for (int i = 0; i < 4000; i++)
        send_next(&s);
    event_base_dispatch(s.loop);
    assert_int_equal(write(e.stop[1], "x", 1), 1);
    pthread_join(thread, NULL);
    assert_int_equal(s.wrong, 0);
    assert_int_equal(s.got, count);
    assert_int_equal(e.side.got, count);
    assert_int_equal(e.side.wrong, 0);
    assert_true(e.side.turns >= count / BUS_TURN); /* never more than BUS_TURN a turn */
    event_free(guard);
    bus_close(&s.socket);
    bus_free(&e.bus);
    event_base_free(s.loop);
    close(e.stop[0]);
    close(e.stop[1]);
    pthread_barrier_destroy(&e.ready);
}

static void a_flood_through_a_socket_file_stalls_nowhere(void **state)
{
    (void)state;
    flood(socket_path(), 200000);
}

static void a_flood_between_threads_stalls_nowhere(void **state)
{
    (void)state;
    flood("inproc://flood", 200000);
}

/* --- a busy bus leaves time for deadlines --- */

struct ticking {
    struct event_base *loop;
    unsigned ticks;
};

static void tick(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    ((struct ticking *)ctx)->ticks++;
}

static void a_busy_bus_does_not_hold_up_timers(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct bus *b = bus_new(&err);
    struct event_base *loop = event_base_new();
    struct side router = { .loop = loop }, dealer = { .loop = loop, .wanted = UINT64_MAX };
    struct ticking t = { loop, 0 };
    const struct timeval ten = { 0, 10000 }, all = { 0, 600000 };

    (void)state;
    router.socket =
        must_open(b, loop,
                  &(struct bus_options){
                      .side = BUS_BIND, .address = "inproc://busy", .on_frame = echo, .ctx = &router });
    dealer.socket = must_open(
        b, loop,
        &(struct bus_options){
            .side = BUS_CONNECT, .address = "inproc://busy", .on_frame = count_echo, .ctx = &dealer });
    for (int i = 0; i < 500; i++)
        send_next(&dealer);
    struct event *timer = event_new(loop, -1, EV_PERSIST, tick, &t);
    event_add(timer, &ten);
    struct event *end = evtimer_new(loop, stop_loop, loop);
    event_add(end, &all);
    int64_t began = clock_boot_us();
    event_base_dispatch(loop);
    assert_true(clock_boot_us() - began < 5000000);
    assert_true(t.ticks >= 10);
    assert_true(dealer.got > 1000);
    assert_int_equal(dealer.wrong, 0);
    event_free(timer);
    event_free(end);
    bus_close(&dealer.socket);
    bus_close(&router.socket);
    bus_free(&b);
    event_base_free(loop);
}

/* --- small ones --- */

static void note(void *ctx, struct slice peer, struct slice name, struct slice frame)
{
    struct side *s = ctx;

    s->got++;
    s->last = frame.len;
    snprintf(s->name, sizeof s->name, "%.*s", SLICE_ARG(name));
    s->peer_len = peer.len < sizeof s->peer ? peer.len : 0;
    if (s->peer_len > 0)
        memcpy(s->peer, peer.ptr, s->peer_len);
}

static void turn_until(struct event_base *loop, const struct side *s, uint64_t got, int ms)
{
    for (int i = 0; i < ms && s->got < got; i++) {
        event_base_loop(loop, EVLOOP_NONBLOCK);
        usleep(1000);
    }
}

static void nobody_there_is_said_at_once(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct bus *b = bus_new(&err);
    struct event_base *loop = event_base_new();
    struct side s = { .loop = loop };

    (void)state;
    s.socket = must_open(
        b, loop,
        &(struct bus_options){ .side = BUS_BIND, .address = "inproc://none", .on_frame = note, .ctx = &s });
    assert_false(bus_send(s.socket, SLICE("stranger"), SLICE("x")));
    assert_null(bus_open(
        b, loop, &(struct bus_options){ .side = BUS_BIND, .address = "nothing", .on_frame = note }, &err));
    assert_int_equal(err.code, ERROR_IO);
    bus_close(&s.socket);
    bus_free(&b);
    event_base_free(loop);
}

/* What another program of the same user may send: parts too many, too few, too large. The next is heard. */
static void odd_messages_do_not_shift_the_next(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct bus *b = bus_new(&err);
    struct event_base *loop = event_base_new();
    struct side s = { .loop = loop };
    void *zmq = zmq_ctx_new(), *raw = zmq_socket(zmq, ZMQ_DEALER);
    char *large = calloc(1, LIMIT_BUS_FRAME_BYTES + 1);

    (void)state;
    s.socket = must_open(
        b, loop,
        &(struct bus_options){ .side = BUS_BIND, .address = socket_path(), .on_frame = note, .ctx = &s });
    assert_int_equal(zmq_connect(raw, socket_path()), 0);
    zmq_send(raw, "one", 3, ZMQ_SNDMORE);
    zmq_send(raw, "two", 3, ZMQ_SNDMORE);
    zmq_send(raw, "three", 5, 0);
    zmq_send(raw, "alone", 5, 0);
    turn_until(loop, &s, 1, 2000);
    assert_int_equal(s.got, 1);
    assert_int_equal(s.last, 5);
    zmq_send(raw, large, LIMIT_BUS_FRAME_BYTES, 0);
    turn_until(loop, &s, 2, 5000);
    assert_int_equal(s.got, 2);
    assert_int_equal(s.last, LIMIT_BUS_FRAME_BYTES);
    zmq_send(raw, large, LIMIT_BUS_FRAME_BYTES + 1, 0); /* its connection is cut; zmq dials again */
    for (int i = 0; i < 40 && s.got < 3; i++) {
        turn_until(loop, &s, 3, 50);
        zmq_send(raw, "after", 5, ZMQ_DONTWAIT);
    }
    assert_true(s.got >= 3);
    assert_int_equal(s.last, 5);
    zmq_close(raw);
    zmq_ctx_term(zmq);
    free(large);
    bus_close(&s.socket);
    bus_free(&b);
    event_base_free(loop);
}

/* --- CURVE --- */

static char server_public[41], server_secret[41], good_public[41], good_secret[41], bad_public[41],
    bad_secret[41];

static bool known(void *ctx, const char *key, char name[64])
{
    (void)ctx;
    snprintf(name, 64, "bridge");
    return strcmp(key, good_public) == 0;
}

static void only_known_keys_are_heard(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct bus *b = bus_new(&err), *outside = bus_new(&err);
    struct event_base *loop = event_base_new();
    struct side server = { .loop = loop }, good = { .loop = loop }, bad = { .loop = loop };

    (void)state;
    zmq_curve_keypair(server_public, server_secret);
    zmq_curve_keypair(good_public, good_secret);
    zmq_curve_keypair(bad_public, bad_secret);
    struct bus_options o = { .side = BUS_BIND,
                             .address = "tcp://127.0.0.1:*",
                             .curve_secret = server_secret,
                             .curve_public = server_public,
                             .client_known = known,
                             .on_frame = note,
                             .ctx = &server };
    server.socket = must_open(b, loop, &o);
    struct bus_options c = { .side = BUS_CONNECT,
                             .address = bus_address(server.socket),
                             .curve_secret = bad_secret,
                             .curve_public = bad_public,
                             .curve_server = server_public,
                             .on_frame = note,
                             .ctx = &bad };
    bad.socket = must_open(outside, loop, &c);
    bus_send(bad.socket, (struct slice){ NULL, 0 }, SLICE("let me in"));
    turn_until(loop, &server, 1, 400);
    assert_int_equal(server.got, 0);
    c.curve_secret = good_secret;
    c.curve_public = good_public;
    c.ctx = &good;
    good.socket = must_open(outside, loop, &c);
    assert_true(bus_send(good.socket, (struct slice){ NULL, 0 }, SLICE("hello")));
    turn_until(loop, &server, 1, 3000);
    assert_int_equal(server.got, 1);
    assert_int_equal(server.last, 5);
    assert_string_equal(server.name, "bridge");
    assert_true(bus_send(server.socket, (struct slice){ server.peer, server.peer_len }, SLICE("and back")));
    turn_until(loop, &good, 1, 3000);
    assert_int_equal(good.last, 8);
    assert_int_equal(bad.got, 0);
    bus_close(&good.socket);
    bus_close(&bad.socket);
    bus_close(&server.socket);
    bus_free(&b);
    bus_free(&outside);
    event_base_free(loop);
}

static void tcp_without_keys_is_refused(void **state)
{
    struct error err = { .code = ERROR_NONE };
    struct bus *b = bus_new(&err);
    struct event_base *loop = event_base_new();
    const struct bus_options cases[] = {
        { .side = BUS_BIND, .address = "tcp://127.0.0.1:*", .on_frame = note },
        { .side = BUS_CONNECT, .address = "tcp://127.0.0.1:1", .on_frame = note },
        { .side = BUS_BIND,
          .address = "tcp://127.0.0.1:*",
          .curve_secret = good_secret,
          .curve_public = good_public,
          .on_frame = note },
        { .side = BUS_BIND,
          .address = "tcp://127.0.0.1:*",
          .curve_secret = "short",
          .curve_public = "short",
          .client_known = known,
          .on_frame = note },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        error_clear(&err);
        assert_null(bus_open(b, loop, &cases[i], &err));
        assert_true(err.code == ERROR_AUTH || err.code == ERROR_CRYPTO);
    }
    bus_free(&b);
    event_base_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_through_a_socket_file_stalls_nowhere),
        cmocka_unit_test(a_flood_between_threads_stalls_nowhere),
        cmocka_unit_test(a_busy_bus_does_not_hold_up_timers),
        cmocka_unit_test(nobody_there_is_said_at_once),
        cmocka_unit_test(odd_messages_do_not_shift_the_next),
        cmocka_unit_test(only_known_keys_are_heard),
        cmocka_unit_test(tcp_without_keys_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
