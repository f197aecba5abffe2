/* tests/adapters/inbox_help.h - the inbox's server half on a thread of its own over HTTPS, with a router made
 * of paper, and a browser that asks. Include after cmocka.h. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_INBOX_HELP_H
#define NIGHTBELL_TESTS_ADAPTERS_INBOX_HELP_H

#include <jansson.h>
#include <signal.h>

#include "adapters/inbox/inbox.h"
#include "base/map.h"
#include "tests/adapters/http_helpers.h"

enum answers { ANSWER, HOLD, AWAY }; /* what the router made of paper does with a question */

struct command { /* from the test to the server's thread */
    enum { SET_ANSWERS, PUSH, LOST, TELL, COUNT } what;
    int number;
    uint64_t device;
};

struct office {
    struct test_server server;
    struct inbox *inbox;
    enum answers answers;
    unsigned asked, opened, closed;
    uint64_t held[8];
    size_t held_count;
    int wire[2];
    struct event *commands;
    SSL_CTX *trust;
};

static char folder[64];

struct later {
    struct office *o;
    uint64_t id;
    uint16_t status;
    char body[200];
};

static inline void reply_later(evutil_socket_t fd, short what, void *ctx)
{
    struct later *l = ctx;

    (void)fd;
    (void)what;
    inbox_reply(l->o->inbox, l->id, l->status, slice_of(l->body));
    free(l);
}

/* The body stands for a signed one: {"challenge"} gives a session of that device, {"code":"GOOD"} a device.
 */
static inline void judge(struct office *o, uint64_t id, enum frame_question question, struct slice body)
{
    static const struct timeval now = { 0, 0 };
    struct later *l = calloc(1, sizeof *l);
    json_t *said = json_loadb(body.ptr, body.len, 0, NULL);
    const char *challenge = json_string_value(json_object_get(said, "challenge"));
    const char *device = json_string_value(json_object_get(said, "device"));

    *l = (struct later){ .o = o, .id = id, .status = 200, .body = "{\"result\":\"taken\"}" };
    if (question == QUESTION_SESSION)
        snprintf(l->body, sizeof l->body, "{\"challenge\":\"%s\",\"device\":\"%s\",\"holder\":\"ana\"}",
                 challenge != NULL ? challenge : "none", device != NULL ? device : "00000000000000aa");
    if (question == QUESTION_ENROL && memmem(body.ptr, body.len, "GOOD", 4) != NULL) {
        l->status = 201;
        strcpy(l->body, "{\"device\":\"00000000000000aa\"}");
    } else if (question == QUESTION_ENROL) {
        l->status = 403;
        strcpy(l->body, "{\"error\":\"wrong\"}");
    }
    json_decref(said);
    event_base_once(o->server.base, -1, EV_TIMEOUT, reply_later, l, &now);
}

static inline bool owner_ask(void *ctx, uint64_t id, enum frame_question question, struct slice body)
{
    struct office *o = ctx;

    if (o->answers == AWAY)
        return false;
    o->asked++;
    if (o->answers == ANSWER)
        judge(o, id, question, body);
    else if (o->held_count < 8)
        o->held[o->held_count++] = id;
    return true;
}

static inline void owner_stream(void *ctx, uint64_t device, bool open)
{
    struct office *o = ctx;

    assert_int_equal(device, 0xaa);
    o->opened += open;
    o->closed += !open;
}

static inline void obey(evutil_socket_t fd, short what, void *ctx)
{
    struct office *o = ctx;
    struct command c;
    int answer = 0;

    (void)what;
    if (read(fd, &c, sizeof c) != sizeof c)
        return;
    if (c.what == SET_ANSWERS)
        o->answers = (enum answers)c.number;
    else if (c.what == PUSH)
        answer = inbox_push(o->inbox, c.device, 0xbeef, SLICE("a.b.c.d.e"));
    else if (c.what == LOST)
        inbox_router_lost(o->inbox);
    else if (c.what == TELL)
        inbox_tell_streams(o->inbox);
    else if (c.number == 0)
        answer = (int)inbox_stream_count(o->inbox);
    else
        answer = (int)(c.number == 1 ? o->opened : c.number == 2 ? o->closed : o->asked);
    assert_int_equal(write(fd, &answer, sizeof answer), sizeof answer);
}

static inline int command(struct office *o, int what, int number, uint64_t device)
{
    struct command c = { .what = (unsigned)what, .number = number, .device = device };
    int answer = -1;

    assert_int_equal(write(o->wire[0], &c, sizeof c), sizeof c);
    assert_int_equal(read(o->wire[0], &answer, sizeof answer), sizeof answer);
    return answer;
}

/* The inbox lives on the server's thread: it is made by the first request. */
static inline void handle(void *ctx, struct http_request *r)
{
    struct office *o = ctx;

    if (o->inbox == NULL) {
        const struct inbox_owner owner = {
            .ask = owner_ask, .stream = owner_stream, .ctx = o, .beat_ms = 200
        };
        o->inbox = inbox_new(o->server.base, &owner);
        o->commands = event_new(o->server.base, o->wire[1], EV_READ | EV_PERSIST, obey, o);
        event_add(o->commands, NULL);
    }
    inbox_handle_request(o->inbox, r);
}

static inline void office_open(struct office *o)
{
    memset(o, 0, sizeof *o);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, o->wire), 0);
    o->server.tls = demo_server(folder, false);
    o->server.handler = handle;
    o->server.ctx = o;
    o->trust = demo_client(folder, false);
    test_server_start(&o->server);
}

static inline void office_close(struct office *o)
{
    struct event_base *base = o->server.base;

    /* As test_server_stop does, but the inbox and its events go before the loop does. */
    assert_int_equal(write(o->server.stop[1], "x", 1), 1);
    pthread_join(o->server.thread, NULL);
    if (o->inbox != NULL) {
        event_free(o->commands);
        inbox_free(&o->inbox);
    }
    for (int i = 0; i < 20; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
    close(o->server.stop[0]);
    close(o->server.stop[1]);
    close(o->server.listen_fd);
    SSL_CTX_free(o->server.tls);
    SSL_CTX_free(o->trust);
    close(o->wire[0]);
    close(o->wire[1]);
}

/* --- asking --- */

static inline struct client dial(struct office *o)
{
    struct client c = client_open(o->server.port);

    assert_true(client_tls(&c, o->trust));
    return c;
}

static inline void put_request(struct office *o, struct buf *out, const char *method, const char *path,
                               const char *headers, const char *body)
{
    buf_printf(out, "%s %s HTTP/1.1\r\nHost: localhost:%d\r\n%s", method, path, o->server.port, headers);
    if (strcmp(method, "POST") == 0)
        buf_printf(out, "Content-Length: %zu\r\n", strlen(body));
    buf_printf(out, "\r\n%s", body);
}

static char reply[65536 * 8];

/* One request on a connection of its own; its whole reply stands in `reply`. */
static inline int ask(struct office *o, const char *method, const char *path, const char *headers,
                      const char *body)
{
    struct client c = dial(o);
    struct buf out = buf_make(1 << 16), in = buf_make(sizeof reply - 1);
    char all[1024];
    bool closed = false;

    snprintf(all, sizeof all, "%sConnection: close\r\n", headers);
    put_request(o, &out, method, path, all, body);
    client_send(&c, buf_slice(&out));
    client_read_all(&c, &in, &closed);
    memcpy(reply, in.ptr != NULL ? in.ptr : "", in.len);
    reply[in.len] = '\0';
    int status = reply_status(buf_slice(&in));
    buf_free(&in);
    buf_free(&out);
    client_close(&c);
    return status;
}

static const char as_json[] = "Content-Type: application/json\r\n";
static const char as_jose[] = "Content-Type: application/jose\r\n";

static inline void take_between(const char *from, const char *to, char *out, size_t room)
{
    const char *at = strstr(reply, from), *end = at != NULL ? strstr(at + strlen(from), to) : NULL;

    out[0] = '\0';
    if (end != NULL)
        snprintf(out, room, "%.*s", (int)(end - at - (int)strlen(from)), at + strlen(from));
}

static inline void challenge(struct office *o, char out[64])
{
    assert_int_equal(ask(o, "GET", "/inbox/challenge", "", ""), 200);
    take_between("{\"challenge\":\"", "\"", out, 64);
    assert_int_equal(strlen(out), 22);
}

/* "Cookie: __Host-nightbell=...\r\n" */
static inline void sign_in(struct office *o, char cookie[160])
{
    char c[64], body[128], value[100];

    challenge(o, c);
    snprintf(body, sizeof body, "{\"challenge\":\"%s\",\"device\":\"00000000000000aa\"}", c);
    assert_int_equal(ask(o, "POST", "/inbox/session", as_jose, body), 204);
    take_between("__Host-nightbell=", ";", value, sizeof value);
    assert_int_equal(strlen(value), 43);
    snprintf(cookie, 160, "Cookie: __Host-nightbell=%s\r\n", value);
}

static inline int make(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    demo_make(folder);
    return 0;
}

static inline int drop(void **state)
{
    (void)state;
    demo_remove(folder);
    return 0;
}

#endif
