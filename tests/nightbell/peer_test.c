/* The peer's half of the bus: welcome, credits, a router that restarts, and nothing answered that was lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "nightbell/peer.h"

struct stage { /* a router made of paper, and the owner of a peer, on one loop */
    struct event_base *loop;
    struct bus *bus;
    struct bus_socket *router;
    struct peer *peer;
    struct role_env env;
    char id[64];
    size_t id_len;
    uint64_t session;        /* of the last hello */
    unsigned hellos, frames; /* heard by the router */
    uint64_t items;
    uint64_t waiting[4][2]; /* first few submissions: connection, sequence */
    bool deaf;              /* the router answers no hello */
    unsigned welcomes, lost, stops, goes, verdicts, replies, configurations;
    bool stopped, submit_when_lost, submit_in_verdict, refused;
    char order[64]; /* L lost, S stop, G go, W welcome */
    uint64_t last_sequence;
    struct buf out;
};

static void mark(struct stage *s, char c)
{
    size_t length = strlen(s->order);

    if (length + 1 < sizeof s->order)
        s->order[length] = c;
}

static struct slice peer_of(const struct stage *s)
{
    return (struct slice){ s->id, s->id_len };
}

static void router_hears(void *ctx, struct slice peer, struct slice name, struct slice bytes)
{
    struct stage *s = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;
    struct submit_item i;

    (void)name;
    s->frames++;
    assert_true(frame_open(bytes, &f, &err));
    assert_true(peer.len < sizeof s->id);
    memcpy(s->id, peer.ptr, peer.len);
    s->id_len = peer.len;
    if (f.type == FRAME_HELLO) {
        s->hellos++;
        s->session = f.session;
        if (s->deaf)
            return;
        welcome_write(&s->out, f.session, 777, SLICE("{}"));
        bus_send(s->router, peer, buf_slice(&s->out));
    } else if (f.type == FRAME_SUBMIT && f.session == s->session) {
        for (uint32_t n = 0; n < f.count; n++) {
            assert_true(submit_read(&f.body, &i));
            if (s->items < 4) {
                s->waiting[s->items][0] = i.connection;
                s->waiting[s->items][1] = i.sequence;
            }
            s->items++;
        }
    }
}

static void turns(struct stage *s, int count)
{
    for (int i = 0; i < count; i++) {
        event_base_loop(s->loop, EVLOOP_NONBLOCK);
        usleep(500);
    }
}

static bool submit(struct stage *s, uint64_t sequence, size_t bytes)
{
    static char text[2 << 20];
    struct submit_item i = {
        .connection = 1, .sequence = sequence, .listener = SLICE_INIT("test"), .bytes = { text, bytes }
    };

    return peer_submit(s->peer, &i);
}

static void verdict_frame(struct stage *s, uint64_t session, uint64_t first, uint32_t count)
{
    frame_begin(&s->out, FRAME_VERDICTS, session);
    for (uint32_t i = 0; i < count; i++)
        verdict_write(&s->out,
                      &(struct verdict_item){ .connection = 1, .sequence = first + i, .accepted = true });
    assert_true(bus_send(s->router, peer_of(s), buf_slice(&s->out)));
}

static void on_welcome(void *ctx, struct slice json)
{
    struct stage *s = ctx;

    assert_true(slice_is(json, "{}"));
    s->welcomes++;
    mark(s, 'W');
}

static void on_verdict(void *ctx, const struct verdict_item *v)
{
    struct stage *s = ctx;

    s->verdicts++;
    s->last_sequence = v->sequence;
    if (s->submit_in_verdict)
        submit(s, 100000 + v->sequence, 10);
}

static void on_lost(void *ctx)
{
    struct stage *s = ctx;

    s->lost++;
    mark(s, 'L');
    if (s->submit_when_lost)
        s->refused = !submit(s, 1, 10) && !peer_ask(s->peer, 1, QUESTION_SESSION, SLICE("x"));
}

static void on_pressure(void *ctx, bool stop)
{
    struct stage *s = ctx;

    s->stopped = stop;
    s->stops += stop;
    s->goes += !stop;
    mark(s, stop ? 'S' : 'G');
}

static void on_reply(void *ctx, uint64_t id, uint16_t status, struct slice body)
{
    struct stage *s = ctx;

    assert_int_equal(id, 5);
    assert_int_equal(status, 200);
    assert_true(slice_is(body, "{}"));
    s->replies++;
}

static void on_configuration(void *ctx, struct slice json)
{
    assert_true(slice_is(json, "new"));
    ((struct stage *)ctx)->configurations++;
}

static void open_router(struct stage *s)
{
    struct error err = { .code = ERROR_NONE };
    struct bus_options o = {
        .side = BUS_BIND, .address = s->env.router_address, .on_frame = router_hears, .ctx = s
    };

    s->router = bus_open(s->bus, s->loop, &o, &err);
    assert_non_null(s->router);
}

static void open_stage(struct stage *s, bool router)
{
    struct error err = { .code = ERROR_NONE };
    struct peer_events events = { on_welcome, on_configuration, on_verdict,  on_reply,
                                  NULL,       on_lost,          on_pressure, s };
    static char address[64];

    snprintf(address, sizeof address, "ipc:///tmp/nightbell-peer-%d", (int)getpid());
    *s = (struct stage){ .loop = event_base_new(),
                         .bus = bus_new(&err),
                         .out = buf_make(LIMIT_BUS_FRAME_BYTES) };
    s->env.bus = s->bus;
    s->env.router_address = address;
    if (router)
        open_router(s);
    s->peer = peer_open(s->loop, &s->env, ROLE_FEEDS, &events, &err);
    assert_non_null(s->peer);
}

static void close_stage(struct stage *s)
{
    peer_close(&s->peer);
    bus_close(&s->router);
    bus_free(&s->bus);
    buf_free(&s->out);
    event_base_free(s->loop);
    unlink(s->env.router_address + strlen("ipc://"));
}

static void nothing_is_taken_before_the_welcome(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, false);
    assert_false(submit(&s, 1, 10));
    assert_false(peer_ask(s.peer, 1, QUESTION_SESSION, SLICE("x")));
    assert_false(peer_stream(s.peer, 1, true));
    turns(&s, 100);
    open_router(&s); /* a router that starts later hears the hello that is said again */
    turns(&s, 2400);
    assert_int_equal(s.welcomes, 1);
    assert_true(submit(&s, 1, 10));
    turns(&s, 100);
    assert_int_equal(s.items, 1);
    close_stage(&s);
}

static void a_turn_travels_in_one_frame(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    unsigned before = s.frames;
    for (uint64_t i = 0; i < 100; i++)
        assert_true(submit(&s, i, 10));
    turns(&s, 100);
    assert_int_equal(s.items, 100);
    assert_int_equal(s.frames, before + 1);
    verdict_frame(&s, s.session, 0, 100);
    turns(&s, 100);
    assert_int_equal(s.verdicts, 100);
    assert_int_equal(s.last_sequence, 99);
    assert_string_equal(s.order, "W");
    close_stage(&s);
}

static void credits_stop_the_owner_and_verdicts_let_it_go_on(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    for (uint64_t i = 0; i < LIMIT_BUS_CREDIT_ITEMS; i++)
        assert_true(submit(&s, i, 10));
    assert_true(s.stopped);
    turns(&s, 200);
    assert_int_equal(s.items, LIMIT_BUS_CREDIT_ITEMS);
    verdict_frame(&s, s.session, 0, 1);
    turns(&s, 100);
    assert_false(s.stopped);
    for (uint32_t n = 0; n < 8; n++)
        verdict_frame(&s, s.session, n * 1000, 1000);
    turns(&s, 200);
    for (int i = 0; i < 64; i++) /* by bytes: 64 times one MiB */
        submit(&s, 1, 1 << 20);
    assert_true(s.stopped);
    assert_int_equal(s.stops, 2);
    assert_int_equal(s.lost, 0);
    close_stage(&s);
}

static void a_stale_session_loses_all_and_says_hello_under_a_new_one(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    for (uint64_t i = 0; i < LIMIT_BUS_CREDIT_ITEMS; i++)
        submit(&s, i, 10);
    turns(&s, 200);
    uint64_t old = s.session;
    s.submit_when_lost = true;
    stale_write(&s.out, old);
    bus_send(s.router, peer_of(&s), buf_slice(&s.out));
    bus_send(s.router, peer_of(&s),
             buf_slice(&s.out)); /* one for each frame it sent: the second means nothing */
    turns(&s, 200);
    assert_int_equal(s.lost, 1);
    assert_true(s.refused);
    assert_int_not_equal(s.session, old);
    assert_int_equal(s.welcomes, 2);
    assert_string_equal(s.order,
                        "WSGLW");  /* credit comes back before the loss is told, so what stops then stays */
    verdict_frame(&s, old, 0, 10); /* of the session before: not ours any more */
    turns(&s, 100);
    assert_int_equal(s.verdicts, 0);
    assert_true(submit(&s, 5, 10));
    turns(&s, 100);
    verdict_frame(&s, s.session, 5, 1);
    turns(&s, 100);
    assert_int_equal(s.verdicts, 1);
    close_stage(&s);
}

static void a_router_that_starts_again_is_greeted_again(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    assert_true(submit(&s, 1, 10)); /* still in the frame of this turn when the router goes */
    bus_close(&s.router);
    peer_router_down(s.peer);
    assert_int_equal(s.lost, 1);
    assert_false(peer_welcome(s.peer));
    turns(&s, 50);
    open_router(&s);
    turns(&s, 2400);
    assert_int_equal(s.welcomes, 2);
    assert_int_equal(s.items, 0); /* what was lost is not sent under the new session */
    close_stage(&s);
}

static void verdicts_may_bring_new_submissions(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    for (uint64_t i = 0; i < 1000; i++)
        submit(&s, i, 10);
    turns(&s, 100);
    s.submit_in_verdict = true;
    verdict_frame(&s, s.session, 0, 1000);
    turns(&s, 200);
    assert_int_equal(s.verdicts, 1000);
    assert_int_equal(s.items, 2000);
    close_stage(&s);
}

static void replies_and_configurations_arrive(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    assert_true(peer_ask(s.peer, 5, QUESTION_SESSION, SLICE("x")));
    reply_write(&s.out, s.session, 5, 200, SLICE("{}"));
    bus_send(s.router, peer_of(&s), buf_slice(&s.out));
    reply_write(&s.out, s.session + 1, 5, 200, SLICE("{}"));
    bus_send(s.router, peer_of(&s), buf_slice(&s.out));
    configuration_write(&s.out, s.session, SLICE("new"));
    bus_send(s.router, peer_of(&s), buf_slice(&s.out));
    bus_send(s.router, peer_of(&s), SLICE("noise"));
    bus_send(s.router, peer_of(&s), SLICE("\1\4"));
    turns(&s, 100);
    assert_int_equal(s.replies, 1);
    assert_int_equal(s.configurations, 1);
    assert_int_equal(s.lost, 0);
    close_stage(&s);
}

static void what_no_frame_can_carry_is_not_taken(void **state)
{
    struct stage s;
    struct submit_item i = { .bytes = { NULL, LIMIT_BUS_FRAME_BYTES } };

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    assert_false(peer_submit(s.peer, &i));
    close_stage(&s);
}

static void closing_calls_nobody(void **state)
{
    struct stage s;

    (void)state;
    open_stage(&s, true);
    turns(&s, 200);
    submit(&s, 1, 10);
    bus_close(&s.router);
    peer_close(&s.peer); /* with a frame still to send and nobody to take it */
    assert_int_equal(s.lost, 0);
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_taken_before_the_welcome),
        cmocka_unit_test(a_turn_travels_in_one_frame),
        cmocka_unit_test(credits_stop_the_owner_and_verdicts_let_it_go_on),
        cmocka_unit_test(a_stale_session_loses_all_and_says_hello_under_a_new_one),
        cmocka_unit_test(a_router_that_starts_again_is_greeted_again),
        cmocka_unit_test(verdicts_may_bring_new_submissions),
        cmocka_unit_test(replies_and_configurations_arrive),
        cmocka_unit_test(what_no_frame_can_carry_is_not_taken),
        cmocka_unit_test(closing_calls_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
