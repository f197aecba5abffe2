/* The server's half of the inbox over real HTTPS: sessions, refusals, headers, streams, a router that is
 * away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <signal.h>

#include "adapters/inbox/inbox.h"
#include "base/limits.h"
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

static void reply_later(evutil_socket_t fd, short what, void *ctx)
{
    struct later *l = ctx;

    (void)fd;
    (void)what;
    inbox_reply(l->o->inbox, l->id, l->status, slice_of(l->body));
    free(l);
}

/* The body stands for a signed one: {"challenge"} gives a session of that device, {"code":"GOOD"} a device.
 */
static void judge(struct office *o, uint64_t id, enum frame_question question, struct slice body)
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

static bool owner_ask(void *ctx, uint64_t id, enum frame_question question, struct slice body)
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

static void owner_stream(void *ctx, uint64_t device, bool open)
{
    struct office *o = ctx;

    assert_int_equal(device, 0xaa);
    o->opened += open;
    o->closed += !open;
}

static void obey(evutil_socket_t fd, short what, void *ctx)
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

static int command(struct office *o, int what, int number, uint64_t device)
{
    struct command c = { .what = (unsigned)what, .number = number, .device = device };
    int answer = -1;

    assert_int_equal(write(o->wire[0], &c, sizeof c), sizeof c);
    assert_int_equal(read(o->wire[0], &answer, sizeof answer), sizeof answer);
    return answer;
}

/* The inbox lives on the server's thread: it is made by the first request. */
static void handle(void *ctx, struct http_request *r)
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

static void office_open(struct office *o)
{
    memset(o, 0, sizeof *o);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, o->wire), 0);
    o->server.tls = demo_server(folder, false);
    o->server.handler = handle;
    o->server.ctx = o;
    o->trust = demo_client(folder, false);
    test_server_start(&o->server);
}

static void office_close(struct office *o)
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

/* --- asking
 * ----------------------------------------------------------------------------------------------------- */

static struct client dial(struct office *o)
{
    struct client c = client_open(o->server.port);

    assert_true(client_tls(&c, o->trust));
    return c;
}

static void put_request(struct office *o, struct buf *out, const char *method, const char *path,
                        const char *headers, const char *body)
{
    buf_printf(out, "%s %s HTTP/1.1\r\nHost: localhost:%d\r\n%s", method, path, o->server.port, headers);
    if (strcmp(method, "POST") == 0)
        buf_printf(out, "Content-Length: %zu\r\n", strlen(body));
    buf_printf(out, "\r\n%s", body);
}

static char reply[65536 * 8];

/* One request on a connection of its own; its whole reply stands in `reply`. */
static int ask(struct office *o, const char *method, const char *path, const char *headers, const char *body)
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

static void take_between(const char *from, const char *to, char *out, size_t room)
{
    const char *at = strstr(reply, from), *end = at != NULL ? strstr(at + strlen(from), to) : NULL;

    out[0] = '\0';
    if (end != NULL)
        snprintf(out, room, "%.*s", (int)(end - at - (int)strlen(from)), at + strlen(from));
}

static void challenge(struct office *o, char out[64])
{
    assert_int_equal(ask(o, "GET", "/inbox/challenge", "", ""), 200);
    take_between("{\"challenge\":\"", "\"", out, 64);
    assert_int_equal(strlen(out), 22);
}

/* "Cookie: __Host-nightbell=...\r\n" */
static void sign_in(struct office *o, char cookie[160])
{
    char c[64], body[128], value[100];

    challenge(o, c);
    snprintf(body, sizeof body, "{\"challenge\":\"%s\",\"device\":\"00000000000000aa\"}", c);
    assert_int_equal(ask(o, "POST", "/inbox/session", as_jose, body), 204);
    take_between("__Host-nightbell=", ";", value, sizeof value);
    assert_int_equal(strlen(value), 43);
    snprintf(cookie, 160, "Cookie: __Host-nightbell=%s\r\n", value);
}

/* --- sessions
 * ----------------------------------------------------------------------------------------------------- */

static void a_challenge_is_good_once(void **state)
{
    struct office o;
    char c[64], body[128], cookie[160];

    (void)state;
    office_open(&o);
    challenge(&o, c);
    snprintf(body, sizeof body, "{\"challenge\":\"%s\"}", c);
    assert_int_equal(ask(&o, "POST", "/inbox/session", as_jose, body), 204);
    assert_int_equal(ask(&o, "POST", "/inbox/session", as_jose, body), 401);
    assert_int_equal(ask(&o, "POST", "/inbox/session", as_jose, "{\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"),
                     401);
    assert_null(strstr(reply, "Set-Cookie"));
    sign_in(&o, cookie);
    office_close(&o);
}

static void only_a_session_opens_what_is_ones_own(void **state)
{
    static const char *const paths[] = { "/inbox/me", "/inbox/stream" };
    struct office o;
    char cookie[160], wrong[160];

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    assert_int_equal(ask(&o, "GET", "/inbox/me", cookie, ""), 200);
    assert_non_null(strstr(reply, "\"holder\":\"ana\""));
    assert_null(strstr(reply, "challenge"));
    strcpy(wrong, cookie);
    wrong[30] = wrong[30] == 'A' ? 'B' : 'A';
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ask(&o, "GET", paths[i], "", ""), 401);
        assert_int_equal(ask(&o, "GET", paths[i], wrong, ""), 401);
    }
    char with_type[220];
    snprintf(with_type, sizeof with_type, "%s%s", as_jose, cookie);
    assert_int_equal(ask(&o, "POST", "/inbox/answers", as_jose, "x"), 401);
    assert_int_equal(ask(&o, "POST", "/inbox/answers", with_type, "x"), 200);
    assert_non_null(strstr(reply, "taken"));
    office_close(&o);
}

/* RELIABILITY S15: each login has an id of its own. */
static void every_session_has_a_new_id(void **state)
{
    struct office o;
    char one[160], two[160];

    (void)state;
    office_open(&o);
    sign_in(&o, one);
    sign_in(&o, two);
    assert_string_not_equal(one, two);
    office_close(&o);
}

static void the_cookie_is_bound_as_tightly_as_can_be(void **state)
{
    static const char *const wanted[] = { "Set-Cookie: __Host-nightbell=",
                                          "; Path=/",
                                          "; Secure",
                                          "; HttpOnly",
                                          "; SameSite=Strict",
                                          "; Max-Age=43200" };
    struct office o;
    char cookie[160];

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_non_null(strstr(reply, wanted[i]));
    assert_null(strstr(reply, "Domain="));
    office_close(&o);
}

/* --- headers: on every kind of answer
 * ----------------------------------------------------------------------------- */

static const char *const guards[] = {
    "Content-Security-Policy: default-src 'none'; script-src 'self'; ",
    "frame-ancestors 'none'",
    "base-uri 'none'; form-action 'none'",
    "Strict-Transport-Security: max-age=31536000",
    "Referrer-Policy: no-referrer",
    "Cross-Origin-Opener-Policy: same-origin",
    "Cross-Origin-Resource-Policy: same-origin",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
};

static void every_answer_is_guarded(void **state)
{
    static const struct {
        const char *method, *path;
        int status;
        const char *cache;
    } answers[] = {
        { "GET", "/", 200, "Cache-Control: no-cache" },
        { "GET", "/app.js", 200, "Cache-Control: no-cache" },
        { "GET", "/nothing", 404, "Cache-Control: no-store" },
        { "GET", "/inbox/challenge", 200, "Cache-Control: no-store" },
        { "GET", "/inbox/me", 401, "Cache-Control: no-store" },
        { "POST", "/inbox/answers", 401, "Cache-Control: no-store" },
        { "DELETE", "/inbox/me", 405, "Cache-Control: no-store" },
    };
    struct office o;

    (void)state;
    office_open(&o);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int status = ask(&o, answers[i].method, answers[i].path, as_jose, "");
        if (status != answers[i].status)
            fail_msg("%s %s: %d", answers[i].method, answers[i].path, status);
        assert_non_null(strstr(reply, answers[i].cache));
        for (size_t g = 0; g < sizeof guards / sizeof guards[0]; g++)
            if (strstr(reply, guards[g]) == NULL)
                fail_msg("%s %s lacks %s", answers[i].method, answers[i].path, guards[g]);
        assert_null(strstr(reply, "unsafe-"));
        assert_null(strstr(reply, "Access-Control-Allow"));
    }
    office_close(&o);
}

static void the_app_is_served_and_revalidated(void **state)
{
    struct office o;
    char tag[120], header[160];

    (void)state;
    office_open(&o);
    assert_int_equal(ask(&o, "GET", "/", "", ""), 200);
    assert_non_null(strstr(reply, "Content-Type: text/html"));
    assert_null(strstr(reply, "<script>"));
    take_between("ETag: ", "\r\n", tag, sizeof tag);
    snprintf(header, sizeof header, "If-None-Match: %s\r\n", tag);
    assert_int_equal(ask(&o, "GET", "/", header, ""), 304);
    assert_int_equal(ask(&o, "GET", "/", "If-None-Match: \"other\"\r\n", ""), 200);
    assert_int_equal(ask(&o, "GET", "/../../etc/passwd", "", ""), 400);
    office_close(&o);
}

/* --- other sites
 * ---------------------------------------------------------------------------------------------------- */

static void what_another_site_sends_is_refused(void **state)
{
    static const struct {
        const char *headers;
        int status;
    } cases[] = {
        { "", 204 },
        { "Sec-Fetch-Site: same-origin\r\n", 204 },
        { "Sec-Fetch-Site: same-site\r\n", 403 },
        { "Sec-Fetch-Site: cross-site\r\n", 403 },
        { "Sec-Fetch-Site: none\r\n", 403 },
        { "Origin: https://evil.example\r\n", 403 },
        { "Origin: null\r\n", 403 },
        { "Origin: http://localhost:%d\r\n", 403 },
        { "Origin: https://localhost:%d.evil.example\r\n", 403 },
        { "Origin: https://localhost:%d\r\n", 204 },
        { "Origin: https://localhost:%d\r\nSec-Fetch-Site: same-origin\r\n", 204 },
        { "Origin: https://localhost:%d\r\nSec-Fetch-Site: cross-site\r\n", 403 },
    };
    struct office o;

    (void)state;
    office_open(&o);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char c[64], body[128], headers[300];
        const char *at = strstr(cases[i].headers, "%d");
        challenge(&o, c);
        snprintf(body, sizeof body, "{\"challenge\":\"%s\"}", c);
        if (at != NULL)
            snprintf(headers, sizeof headers, "%s%.*s%d%s", as_jose, (int)(at - cases[i].headers),
                     cases[i].headers, o.server.port, at + 2);
        else
            snprintf(headers, sizeof headers, "%s%s", as_jose, cases[i].headers);
        int status = ask(&o, "POST", "/inbox/session", headers, body);
        if (status != cases[i].status)
            fail_msg("%s%d", cases[i].headers, status);
    }
    office_close(&o);
}

/* A form of another site can only send the simple types; ours needs one that a browser must ask about first.
 */
static void a_form_cannot_send_what_we_take(void **state)
{
    static const char *const paths[] = { "/inbox/enrol", "/inbox/session", "/inbox/answers" };
    static const char *const types[] = { "", "Content-Type: text/plain\r\n",
                                         "Content-Type: application/x-www-form-urlencoded\r\n",
                                         "Content-Type: application/jsonx\r\n" };
    struct office o;
    char cookie[160], headers[300];

    (void)state;
    office_open(&o);
    sign_in(&o, cookie);
    int asked = command(&o, COUNT, 3, 0);
    for (size_t p = 0; p < 3; p++)
        for (size_t t = 0; t < 4; t++) {
            snprintf(headers, sizeof headers, "%s%s", types[t], cookie);
            assert_int_equal(ask(&o, "POST", paths[p], headers, "{}"), 415);
        }
    assert_int_equal(command(&o, COUNT, 3, 0), asked);
    office_close(&o);
}

static void looking_changes_nothing(void **state)
{
    static const char *const paths[] = { "/inbox/enrol", "/inbox/session", "/inbox/answers" };
    struct office o;

    (void)state;
    office_open(&o);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ask(&o, "GET", paths[i], "", ""), 404);
    assert_int_equal(command(&o, COUNT, 3, 0), 0);
    office_close(&o);
}

/* --- enrolment
 * -------------------------------------------------------------------------------------------------------- */

static void wrong_codes_are_counted(void **state)
{
    struct office o;

    (void)state;
    office_open(&o);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(&o, "POST", "/inbox/enrol", as_json, "{\"code\":\"GOOD\"}"), 201);
    for (int i = 0; i < LIMIT_ENROL_ATTEMPTS; i++)
        assert_int_equal(ask(&o, "POST", "/inbox/enrol", as_json, "{\"code\":\"BAD\"}"), 403);
    assert_int_equal(ask(&o, "POST", "/inbox/enrol", as_json, "{\"code\":\"GOOD\"}"), 429);
    assert_non_null(strstr(reply, "enrol-attempts"));
    office_close(&o);
}

static void guesses_side_by_side_count_too(void **state)
{
    enum { TRIES = LIMIT_ENROL_ATTEMPTS + 3 };
    struct office o;
    struct client c[TRIES];

    (void)state;
    office_open(&o);
    assert_int_equal(ask(&o, "GET", "/inbox/challenge", "", ""), 200);
    command(&o, SET_ANSWERS, HOLD, 0);
    for (int i = 0; i < TRIES; i++) {
        struct buf out = buf_make(4096), in = buf_make(65536);
        c[i] = dial(&o);
        put_request(&o, &out, "POST", "/inbox/enrol", as_json, "{\"code\":\"BAD\"}");
        client_send(&c[i], buf_slice(&out));
        if (i >= LIMIT_ENROL_ATTEMPTS)
            assert_true(client_read_until(&c[i], &in, "HTTP/1.1 429"));
        while (i < LIMIT_ENROL_ATTEMPTS && command(&o, COUNT, 3, 0) < i + 1)
            usleep(1000);
        buf_free(&out);
        buf_free(&in);
    }
    assert_int_equal(command(&o, COUNT, 3, 0), LIMIT_ENROL_ATTEMPTS);
    command(&o, LOST, 0, 0); /* nobody judged them: they do not count */
    command(&o, SET_ANSWERS, ANSWER, 0);
    assert_int_equal(ask(&o, "POST", "/inbox/enrol", as_json, "{\"code\":\"GOOD\"}"), 201);
    for (int i = 0; i < TRIES; i++)
        client_close(&c[i]);
    office_close(&o);
}

/* --- the router is away
 * ------------------------------------------------------------------------------------------------ */

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

/* --- streams
 * --------------------------------------------------------------------------------------------------------------
 */

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

static int make(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    demo_make(folder);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    demo_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_challenge_is_good_once),
        cmocka_unit_test(only_a_session_opens_what_is_ones_own),
        cmocka_unit_test(every_session_has_a_new_id),
        cmocka_unit_test(the_cookie_is_bound_as_tightly_as_can_be),
        cmocka_unit_test(every_answer_is_guarded),
        cmocka_unit_test(the_app_is_served_and_revalidated),
        cmocka_unit_test(what_another_site_sends_is_refused),
        cmocka_unit_test(a_form_cannot_send_what_we_take),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(wrong_codes_are_counted),
        cmocka_unit_test(guesses_side_by_side_count_too),
        cmocka_unit_test(without_a_router_it_is_503),
        cmocka_unit_test(a_lost_router_answers_what_waits_once),
        cmocka_unit_test(a_stream_says_hello_brings_alerts_and_stays_alive),
        cmocka_unit_test(a_device_has_four_streams_and_the_oldest_gives_way),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
