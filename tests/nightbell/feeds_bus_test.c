/* `listen bus`: adapters of other hosts come, go, come back, and are told what becomes of what they submit.
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
#include <zmq.h>

#include "base/limits.h"
#include "nightbell/feeds_bus.h"

enum { KEY = 41, ADAPTERS_MOST = 70 };

struct adapter {
    struct bus_socket *socket;
    uint64_t session;
    unsigned welcomes, verdicts, accepted, refused, stales;
    struct verdict_item last;
};

struct stage {
    struct event_base *loop;
    struct bus *bus, *outside; /* a context holds one ZAP handler; adapters are another program */
    struct bus_socket *router;
    struct peer *peer;
    struct bus_feeds *feeds;
    struct serve_options options;
    struct role_env env;
    char folder[64], on[64], server_public[KEY], server_secret[KEY], public_key[KEY], secret_key[KEY];
    char router_peer[64];
    size_t router_peer_len;
    uint64_t router_session;
    struct submit_item seen[64];
    size_t seen_count;
    char principal[64];
    struct adapter adapters[ADAPTERS_MOST];
    size_t adapter_count;
    struct buf out;
};

static void router_hears(void *ctx, struct slice peer, struct slice name, struct slice bytes)
{
    struct stage *s = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;

    (void)name;
    assert_true(frame_open(bytes, &f, &err));
    memcpy(s->router_peer, peer.ptr, peer.len);
    s->router_peer_len = peer.len;
    if (f.type == FRAME_HELLO) {
        s->router_session = f.session;
        welcome_write(&s->out, f.session, 777, SLICE("{}"));
        bus_send(s->router, peer, buf_slice(&s->out));
    }
    for (uint32_t n = 0; f.type == FRAME_SUBMIT && n < f.count && s->seen_count < 64; n++) {
        struct submit_item *i = &s->seen[s->seen_count++];
        assert_true(submit_read(&f.body, i));
        snprintf(s->principal, sizeof s->principal, "%.*s", SLICE_ARG(i->principal));
    }
}

static void adapter_hears(void *ctx, struct slice peer, struct slice name, struct slice bytes)
{
    struct adapter *a = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;

    (void)peer;
    (void)name;
    assert_true(frame_open(bytes, &f, &err));
    assert_int_equal(f.session, a->session);
    a->welcomes += f.type == FRAME_WELCOME;
    a->stales += f.type == FRAME_STALE;
    for (uint32_t n = 0; f.type == FRAME_VERDICTS && n < f.count; n++) {
        assert_true(verdict_read(&f.body, &a->last));
        a->verdicts++;
        a->accepted += a->last.accepted;
        a->refused += !a->last.accepted;
    }
}

static void turns(struct stage *s, const unsigned *until, unsigned wanted)
{
    for (int i = 0; i < 3000 && *until < wanted; i++) {
        event_base_loop(s->loop, EVLOOP_NONBLOCK);
        usleep(500);
    }
}

static void some_turns(struct stage *s)
{
    for (int i = 0; i < 100; i++) {
        event_base_loop(s->loop, EVLOOP_NONBLOCK);
        usleep(500);
    }
}

static void on_welcome(void *ctx, struct slice json)
{
    (void)ctx;
    (void)json;
}

static void on_verdict(void *ctx, const struct verdict_item *v)
{
    bus_feeds_answer(((struct stage *)ctx)->feeds, v);
}

static void on_lost(void *ctx)
{
    bus_feeds_lost(((struct stage *)ctx)->feeds);
}

static void write_file(const struct stage *s, const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_keys(struct stage *s)
{
    char text[256];

    zmq_curve_keypair(s->server_public, s->server_secret);
    zmq_curve_keypair(s->public_key, s->secret_key);
    snprintf(text, sizeof text, "%s\n%s\n", s->server_public, s->server_secret);
    write_file(s, "bus.key", text);
    snprintf(text, sizeof text, "# who may come in\n\n%s bridge\nnonsense\n", s->public_key);
    write_file(s, "clients.txt", text);
}

static bool open_feeds(struct stage *s, struct error *err)
{
    const struct slice on[] = { slice_of(s->on) }, key[] = { SLICE("bus.key") },
                       clients[] = { SLICE("clients.txt") };
    const struct setting settings[] = { { .key = SLICE("on"), .values = on, .value_count = 1 },
                                        { .key = SLICE("key"), .values = key, .value_count = 1 },
                                        { .key = SLICE("client"), .values = clients, .value_count = 1 } };
    const struct block block = {
        .kind = SLICE("bus"), .name = SLICE("bridge"), .settings = settings, .setting_count = 3
    };
    const struct config c = { .blocks = &block, .block_count = 1 };

    s->feeds = bus_feeds_open(&s->env, s->loop, s->peer, &c, err);
    return s->feeds != NULL;
}

static void open_stage(struct stage *s)
{
    struct error err = { .code = ERROR_NONE };
    struct peer_events events = {
        .on_welcome = on_welcome, .on_verdict = on_verdict, .on_lost = on_lost, .ctx = s
    };

    memset(s, 0, sizeof *s);
    strcpy(s->folder, "/tmp/nightbell-adapter-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    write_keys(s);
    snprintf(s->on, sizeof s->on, "tcp://127.0.0.1:%d", 20000 + (int)getpid() % 30000);
    s->loop = event_base_new();
    s->bus = bus_new(&err);
    s->outside = bus_new(&err);
    s->out = buf_make(LIMIT_BUS_FRAME_BYTES);
    s->options.site_dir = s->folder;
    s->env.options = &s->options;
    s->env.bus = s->bus;
    s->env.router_address = "inproc://router";
    s->router =
        bus_open(s->bus, s->loop,
                 &(struct bus_options){
                     .side = BUS_BIND, .address = "inproc://router", .on_frame = router_hears, .ctx = s },
                 &err);
    s->peer = peer_open(s->loop, &s->env, ROLE_FEEDS, &events, &err);
    for (int i = 0; i < 2000 && !peer_welcome(s->peer); i++)
        some_turns(s);
    if (!open_feeds(s, &err))
        fail_msg("%s", err.message);
}

static void close_stage(struct stage *s)
{
    static const char *const files[] = { "bus.key", "clients.txt" };
    char path[128];

    for (size_t i = 0; i < s->adapter_count; i++)
        bus_close(&s->adapters[i].socket);
    bus_feeds_close(&s->feeds);
    peer_close(&s->peer);
    bus_close(&s->router);
    bus_free(&s->bus);
    bus_free(&s->outside);
    buf_free(&s->out);
    event_base_free(s->loop);
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", s->folder, files[i]);
        unlink(path);
    }
    rmdir(s->folder);
}

static void hello(struct stage *s, struct adapter *a)
{
    hello_write(&s->out, a->session, ROLE_FEEDS, 0);
    bus_send(a->socket, (struct slice){ NULL, 0 }, buf_slice(&s->out));
}

static struct adapter *dial(struct stage *s)
{
    struct error err = { .code = ERROR_NONE };
    struct adapter *a = &s->adapters[s->adapter_count++];

    a->session = 1000 + s->adapter_count;
    a->socket = bus_open(s->outside, s->loop,
                         &(struct bus_options){ .side = BUS_CONNECT,
                                                .address = s->on,
                                                .curve_secret = s->secret_key,
                                                .curve_public = s->public_key,
                                                .curve_server = s->server_public,
                                                .on_frame = adapter_hears,
                                                .ctx = a },
                         &err);
    assert_non_null(a->socket);
    hello(s, a);
    turns(s, &a->welcomes, 1);
    assert_int_equal(a->welcomes, 1);
    return a;
}

static void submit(struct stage *s, struct adapter *a, const struct submit_item *i)
{
    frame_begin(&s->out, FRAME_SUBMIT, a->session);
    submit_write(&s->out, i);
    bus_send(a->socket, (struct slice){ NULL, 0 }, buf_slice(&s->out));
}

static struct submit_item item(uint64_t connection, uint64_t sequence)
{
    return (struct submit_item){ .connection = connection,
                                 .sequence = sequence,
                                 .listener = SLICE("bridge"),
                                 .principal = SLICE("I am the director"),
                                 .suspect = true,
                                 .bytes = SLICE("MSH|") };
}

static void give_verdict(struct stage *s, const struct submit_item *i)
{
    frame_begin(&s->out, FRAME_VERDICTS, s->router_session);
    verdict_write(
        &s->out, &(struct verdict_item){
                     .connection = i->connection, .sequence = i->sequence, .position = 9, .accepted = true });
    bus_send(s->router, (struct slice){ s->router_peer, s->router_peer_len }, buf_slice(&s->out));
}

static void wait_seen(struct stage *s, size_t count)
{
    for (int i = 0; i < 100 && s->seen_count < count; i++)
        some_turns(s);
    assert_int_equal(s->seen_count, count);
}

static void an_adapter_submits_and_hears_the_verdict(void **state)
{
    struct stage s;
    struct submit_item i = item(7, 1);

    (void)state;
    open_stage(&s);
    struct adapter *a = dial(&s), *b = dial(&s);
    submit(&s, a, &i);
    wait_seen(&s, 1);
    assert_string_equal(s.principal, "bridge"); /* who it is, is said by its key */
    assert_false(s.seen[0].suspect);
    assert_int_equal(s.seen[0].connection >> 56, 0);
    give_verdict(&s, &s.seen[0]);
    turns(&s, &a->verdicts, 1);
    assert_int_equal(a->accepted, 1);
    assert_int_equal(a->last.connection, 7);
    assert_int_equal(a->last.sequence, 1);
    assert_int_equal(b->verdicts, 0);
    close_stage(&s);
}

static void what_it_may_not_submit_is_refused(void **state)
{
    struct stage s;
    struct submit_item wrong[4] = { item(1, 1), item(1, 2), item(1, 3), item(1, 4) };
    char *large = calloc(1, LIMIT_MESSAGE_BYTES + 1);

    (void)state;
    wrong[0].listener = SLICE("telemetry");
    wrong[1].connection = UINT64_C(1) << 40;
    wrong[2].format = 2;
    wrong[3].bytes = (struct slice){ large, LIMIT_MESSAGE_BYTES + 1 };
    open_stage(&s);
    struct adapter *a = dial(&s);
    for (unsigned i = 0; i < 4; i++) {
        submit(&s, a, &wrong[i]);
        turns(&s, &a->refused, i + 1);
        assert_int_equal(a->refused, i + 1);
        assert_int_equal(a->last.sequence, i + 1);
        assert_int_not_equal(a->last.error.code, ERROR_NONE);
    }
    assert_int_equal(s.seen_count, 0);
    free(large);
    close_stage(&s);
}

static void without_hello_it_is_stale(void **state)
{
    struct stage s;
    struct submit_item i = item(1, 1);

    (void)state;
    open_stage(&s);
    struct adapter *a = dial(&s);
    a->session = 5; /* another than it said */
    submit(&s, a, &i);
    turns(&s, &a->stales, 1);
    assert_int_equal(a->stales, 1);
    bus_send(a->socket, (struct slice){ NULL, 0 }, SLICE("noise"));
    hello(&s, a);
    turns(&s, &a->welcomes, 2);
    submit(&s, a, &i);
    wait_seen(&s, 1);
    close_stage(&s);
}

static void a_lost_router_is_told_and_hello_begins_anew(void **state)
{
    struct stage s;
    struct submit_item i = item(1, 1);

    (void)state;
    open_stage(&s);
    struct adapter *a = dial(&s);
    submit(&s, a, &i);
    wait_seen(&s, 1);
    uint64_t before = s.router_session;
    peer_router_down(s.peer);
    turns(&s, &a->stales, 1);
    assert_int_equal(a->stales, 1);
    for (int n = 0; n < 50 && s.router_session == before; n++)
        some_turns(&s);
    some_turns(&s);
    give_verdict(&s, &s.seen[0]); /* of before: nobody's any more */
    hello(&s, a);
    turns(&s, &a->welcomes, 2);
    some_turns(&s);
    assert_int_equal(a->verdicts, 0);
    submit(&s, a, &i);
    wait_seen(&s, 2);
    give_verdict(&s, &s.seen[1]);
    turns(&s, &a->verdicts, 1);
    assert_int_equal(a->accepted, 1);
    close_stage(&s);
}

/* zmq gives a client that dials again a new identity: places must come free, and stay apart. */
static void more_come_and_go_than_there_are_places(void **state)
{
    struct stage s;
    struct submit_item i = item(3, 1);

    (void)state;
    open_stage(&s);
    struct adapter *first = dial(&s);
    submit(&s, first, &i);
    wait_seen(&s, 1);
    for (int n = 0; n < 64; n++)
        dial(&s);
    struct adapter *last = &s.adapters[s.adapter_count - 1];
    give_verdict(&s, &s.seen[0]); /* its place is another's now */
    some_turns(&s);
    assert_int_equal(last->verdicts, 0);
    assert_int_equal(first->verdicts, 0);
    submit(&s, last, &i);
    wait_seen(&s, 2);
    give_verdict(&s, &s.seen[1]);
    turns(&s, &last->verdicts, 1);
    assert_int_equal(last->accepted, 1);
    submit(&s, first, &i); /* it hears that it must say hello again */
    turns(&s, &first->stales, 1);
    assert_int_equal(first->stales, 1);
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_adapter_submits_and_hears_the_verdict),
        cmocka_unit_test(what_it_may_not_submit_is_refused),
        cmocka_unit_test(without_hello_it_is_stale),
        cmocka_unit_test(a_lost_router_is_told_and_hello_begins_anew),
        cmocka_unit_test(more_come_and_go_than_there_are_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
