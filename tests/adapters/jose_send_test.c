/* The gateway sender against a real HTTPS server: answers, retries, dead destinations, what is on the wire.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/jose/jose.h"
#include "adapters/net/clock.h"
#include "adapters/net/http.h"
#include "adapters/net/tls.h"
#include "adapters/seal/jwe.h"
#include "base/memory.h"

enum { SEEN = 64, LATE_S = 20 };

struct seen {
    char key[32], type[32], *body;
    int64_t at_us;
};

struct world {
    struct event_base *loop;
    struct http_server *server;
    struct jose *jose;
    SSL_CTX *tls;
    char dir[64], ca[96], url[96];
    int fd, port;
    int answers[SEEN]; /* statuses to give in order; 0: 200; -1: none at all */
    const char *retry_after;
    struct seen seen[SEEN];
    size_t seen_count;
    struct http_request *held[SEEN];
    size_t held_count;
    struct jose_result results[SEEN];
    char details[SEEN][32];
    size_t result_count, wanted;
};

static int listening(int *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void serve(void *ctx, struct http_request *r)
{
    struct world *w = ctx;
    size_t n = w->seen_count++;
    assert_true(n < SEEN);
    struct seen *s = &w->seen[n];
    struct http_header extra = { "Retry-After", w->retry_after };
    const char *key = http_header_get(r, "Idempotency-Key"), *type = http_header_get(r, "Content-Type");

    snprintf(s->key, sizeof s->key, "%s", key != NULL ? key : "");
    snprintf(s->type, sizeof s->type, "%s", type != NULL ? type : "");
    s->body = memory_text(http_body(r).ptr, http_body(r).len);
    s->at_us = clock_boot_us();
    if (w->answers[n] == -1)
        w->held[w->held_count++] = r;
    else
        http_reply(r, w->answers[n] != 0 ? w->answers[n] : 200, "text/plain", SLICE("noted"), &extra,
                   w->retry_after != NULL);
}

static void on_result(void *ctx, const struct jose_result *r)
{
    struct world *w = ctx;

    w->results[w->result_count] = *r;
    snprintf(w->details[w->result_count++], sizeof w->details[0], "%s", r->detail);
    if (w->result_count >= w->wanted)
        event_base_loopbreak(w->loop);
}

static void set_destination(struct world *w, const char *name, const char *url)
{
    struct error err = { .code = ERROR_NONE };
    struct jose_destination d = { .name = name, .url = url, .ca_file = w->ca };

    assert_true(jose_destination_set(w->jose, &d, &err));
}

static int open_world(void **state)
{
    struct world *w = memory_new(sizeof *w);
    struct error err = { .code = ERROR_NONE };
    static const char *const hosts[] = { "localhost", NULL };
    char cert[96], key[96];
    struct jose_options o = { .retry_first_ms = 20,
                              .retry_most_ms = 60,
                              .retry_urgent_ms = 30,
                              .probe_ms = 200,
                              .whole_ms = 400,
                              .attempts = 4,
                              .stall_attempts = 4,
                              .on_result = on_result,
                              .ctx = w };

    strcpy(w->dir, "/tmp/nightbell-jose-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    assert_true(tls_make_demo(w->dir, hosts, &err));
    snprintf(w->ca, sizeof w->ca, "%s/ca.pem", w->dir);
    snprintf(cert, sizeof cert, "%s/server.pem", w->dir);
    snprintf(key, sizeof key, "%s/server.key", w->dir);
    w->tls = tls_server_new(&(struct tls_config){ .cert_file = cert, .key_file = key }, &err);
    assert_non_null(w->tls);
    w->loop = event_base_new();
    w->fd = listening(&w->port);
    w->server =
        http_server_new(w->loop, w->fd, w->tls, &(struct http_options){ .idle_ms = 5000 }, serve, w, &err);
    assert_non_null(w->server);
    w->jose = jose_new(w->loop, &o, &err);
    assert_non_null(w->jose);
    snprintf(w->url, sizeof w->url, "https://localhost:%d/alerts", w->port);
    set_destination(w, "gateway", w->url);
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *at)
{
    (void)about;
    (void)type;
    (void)at;
    return remove(path);
}

static void run_for(struct world *w, int ms)
{
    struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

    w->wanted = SIZE_MAX;
    event_base_loopexit(w->loop, &tv);
    event_base_dispatch(w->loop);
}

static int close_world(void **state)
{
    struct world *w = *state;

    jose_free(&w->jose);
    for (size_t i = 0; i < w->held_count; i++)
        http_reply(w->held[i], 200, NULL, SLICE(""), NULL, 0);
    run_for(w, 20); /* what was cut off is still closing */
    http_server_free(&w->server);
    event_base_loop(w->loop, EVLOOP_NONBLOCK);
    close(w->fd);
    SSL_CTX_free(w->tls);
    event_base_free(w->loop);
    for (size_t i = 0; i < w->seen_count; i++)
        free(w->seen[i].body);
    nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

/* Runs until `wanted` results have come in all. */
static void run_until(struct world *w, size_t wanted)
{
    static const struct timeval late = { LATE_S, 0 };

    w->wanted = wanted;
    if (w->result_count < wanted) {
        event_base_loopexit(w->loop, &late);
        event_base_dispatch(w->loop);
    }
    assert_int_equal(w->result_count, wanted);
}

static void send_one(struct world *w, uint64_t delivery, enum jose_level level)
{
    assert_true(jose_send(w->jose, SLICE("gateway"), delivery, level, SLICE("sealed")));
}

static void expect(const struct world *w, size_t n, uint64_t delivery, enum jose_outcome outcome,
                   const char *detail)
{
    assert_int_equal(w->results[n].delivery, delivery);
    assert_int_equal(w->results[n].outcome, outcome);
    assert_string_equal(w->details[n], detail);
}

static void answers_decide_what_becomes_of_it(void **state)
{
    static const struct {
        const char *name;
        int answers[4];
        enum jose_outcome outcome;
        const char *detail;
        unsigned attempts;
    } table[] = {
        { "taken", { 200 }, JOSE_PUSHED, "http-200", 1 },
        { "accepted for later", { 202 }, JOSE_PUSHED, "http-202", 1 },
        { "away, then back", { 503, 200 }, JOSE_PUSHED, "http-200", 2 },
        { "too early, too many, then taken", { 425, 429, 201 }, JOSE_PUSHED, "http-201", 3 },
        { "request timed out there", { 408, 200 }, JOSE_PUSHED, "http-200", 2 },
        { "gone", { 410 }, JOSE_DEAD, "http-410", 1 },
        { "not for us", { 401 }, JOSE_DEAD, "http-401", 1 },
        { "redirects are not followed", { 307 }, JOSE_DEAD, "http-307", 1 },
        { "broken for good", { 500, 500, 502, 500 }, JOSE_DEAD, "http-500", 4 },
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        memset(w->answers, 0, sizeof w->answers);
        memcpy(&w->answers[w->seen_count], table[i].answers, sizeof table[i].answers);
        send_one(w, 100 + i, JOSE_NORMAL);
        run_until(w, i + 1);
        expect(w, i, 100 + i, table[i].outcome, table[i].detail);
        assert_int_equal(w->results[i].attempts, table[i].attempts);
    }
    assert_int_equal(jose_waiting(w->jose), 0);
    assert_int_equal(http_server_connections(w->server), 1); /* one connection carried them all */
}

static void every_attempt_carries_one_key_and_type(void **state)
{
    struct world *w = *state;

    w->answers[0] = w->answers[1] = 503;
    send_one(w, 0x89abcdef01234567, JOSE_URGENT);
    run_until(w, 1);
    assert_int_equal(w->seen_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(w->seen[i].key, "89abcdef01234567");
        assert_string_equal(w->seen[i].type, "application/jose");
        assert_string_equal(w->seen[i].body, "sealed");
    }
}

static void the_body_is_a_jwe_that_its_key_opens(void **state)
{
    struct world *w = *state;
    struct error err = { .code = ERROR_NONE };
    struct jwk *key = jwk_generate();
    struct buf sealed = buf_make(65536), opened = buf_make(65536);
    struct jwe_header header = { .kid = SLICE("k1"), .cty = SLICE("application/nightbell+json") };

    assert_true(jwe_seal(key, &header, SLICE("{\"full\":\"V-fib 5W-12 A.R.\"}"), &sealed, &err));
    assert_true(jose_send(w->jose, SLICE("gateway"), 7, JOSE_URGENT, buf_slice(&sealed)));
    run_until(w, 1);
    assert_null(strstr(w->seen[0].body, "V-fib"));
    assert_true(jwe_open(key, slice_of(w->seen[0].body), &opened, &err));
    assert_true(slice_is(buf_slice(&opened), "{\"full\":\"V-fib 5W-12 A.R.\"}"));
    buf_free(&sealed);
    buf_free(&opened);
    jwk_free(&key);
}

static void retry_after_is_honoured_up_to_the_ceiling(void **state)
{
    struct world *w = *state;

    w->answers[0] = 503;
    w->retry_after = "3600";
    send_one(w, 8, JOSE_NORMAL);
    run_until(w, 1);
    int64_t pause = w->seen[1].at_us - w->seen[0].at_us;
    assert_true(pause >= 55000 && pause < 1000000); /* 60 ms is the ceiling here */
}

static void silence_is_tried_again_and_given_up(void **state)
{
    struct world *w = *state;

    w->answers[0] = -1;
    send_one(w, 9, JOSE_NORMAL);
    run_until(w, 1);
    expect(w, 0, 9, JOSE_PUSHED, "http-200");
    assert_int_equal(w->results[0].attempts, 2);
}

static void a_cancelled_one_gives_no_result_and_stops(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < SEEN; i++)
        w->answers[i] = 503;
    w->retry_after = "3600"; /* 60 ms here */
    send_one(w, 10, JOSE_NORMAL);
    run_for(w, 30);
    jose_cancel(w->jose, 10);
    jose_cancel(w->jose, 11);
    size_t before = w->seen_count;
    run_for(w, 200);
    assert_int_equal(w->seen_count, before);
    assert_int_equal(w->result_count, 0);
    assert_int_equal(jose_waiting(w->jose), 0);
    w->answers[before] = -1; /* in flight, too */
    send_one(w, 12, JOSE_NORMAL);
    run_for(w, 50);
    jose_cancel(w->jose, 12);
    run_for(w, 50);
    assert_int_equal(w->result_count, 0);
}

/* Three failures are said before the end of all attempts, so that somebody else can be asked meanwhile. */
static void a_delivery_that_fails_and_fails_says_so_once(void **state)
{
    struct world *w = *state;
    struct error err = { .code = ERROR_NONE };
    struct jose_options o = {
        .retry_first_ms = 5, .retry_most_ms = 5, .attempts = 5, .on_result = on_result, .ctx = w
    };

    jose_free(&w->jose);
    w->jose = jose_new(w->loop, &o, &err);
    set_destination(w, "gateway", w->url);
    for (size_t i = 0; i < 4; i++)
        w->answers[i] = 502;
    send_one(w, 40, JOSE_URGENT);
    run_until(w, 2);
    expect(w, 0, 40, JOSE_STALLED, "http-502");
    assert_int_equal(w->results[0].attempts, 3);
    expect(w, 1, 40, JOSE_PUSHED, "http-200");
}

static void one_in_hand_is_not_taken_twice(void **state)
{
    struct world *w = *state;

    send_one(w, 13, JOSE_NORMAL);
    send_one(w, 13, JOSE_NORMAL);
    run_until(w, 1);
    run_for(w, 50);
    assert_int_equal(w->seen_count, 1);
    assert_false(jose_send(w->jose, SLICE("nobody"), 14, JOSE_NORMAL, SLICE("x")));
}

static void urgent_ones_go_first(void **state)
{
    struct world *w = *state;
    struct error err = { .code = ERROR_NONE };
    struct jose_destination d = { .name = "gateway", .url = w->url, .ca_file = w->ca, .concurrency = 1 };

    assert_true(jose_destination_set(w->jose, &d, &err));
    send_one(w, 1, JOSE_SILENT);
    send_one(w, 2, JOSE_NORMAL);
    send_one(w, 3, JOSE_URGENT);
    send_one(w, 4, JOSE_URGENT);
    run_until(w, 4);
    static const uint64_t order[] = { 3, 4, 2, 1 };
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(w->results[i].delivery, order[i]);
}

static void a_dead_destination_delays_nobody_and_is_probed(void **state)
{
    struct world *w = *state;
    char url[96];
    int port = 0, fd = listening(&port);

    snprintf(url, sizeof url, "https://localhost:%d/alerts", port);
    close(fd); /* refused from now on */
    set_destination(w, "dark", url);
    for (uint64_t i = 0; i < 20; i++)
        assert_true(jose_send(w->jose, SLICE("dark"), 1000 + i, JOSE_URGENT, SLICE("x")));
    int64_t began = clock_boot_us();
    send_one(w, 1, JOSE_SILENT);
    while (w->result_count == 0 || w->results[w->result_count - 1].delivery != 1)
        run_until(w, w->result_count + 1);
    assert_true(clock_boot_us() - began < 1000000);
    run_for(w, 700);
    size_t stalled = 0;
    for (size_t i = 0; i < w->result_count; i++)
        stalled += w->results[i].outcome == JOSE_STALLED;
    assert_int_equal(stalled, 20);            /* each was told once */
    assert_true(jose_waiting(w->jose) >= 17); /* probes cost attempts, the crowd waits */
    set_destination(w, "dark", w->url);       /* it comes back elsewhere: all that wait leave */
    for (int64_t until = clock_boot_us() + LATE_S * 1000000LL;
         jose_waiting(w->jose) > 0 && clock_boot_us() < until;)
        run_for(w, 50);
    assert_int_equal(jose_waiting(w->jose), 0);
}

static void a_dropped_destination_ends_what_waits_for_it(void **state)
{
    struct world *w = *state;

    w->answers[0] = -1;
    send_one(w, 20, JOSE_NORMAL);
    run_for(w, 50);
    send_one(w, 21, JOSE_NORMAL);
    jose_destination_drop(w->jose, "gateway");
    assert_int_equal(w->result_count, 0);
    run_until(w, 2);
    expect(w, 0, 20, JOSE_DEAD, "no-endpoint");
    expect(w, 1, 21, JOSE_DEAD, "no-endpoint");
}

static void a_certificate_of_somebody_else_is_not_spoken_to(void **state)
{
    struct world *w = *state;
    struct error err = { .code = ERROR_NONE };
    struct jose_destination d = { .name = "gateway", .url = w->url };

    assert_true(jose_destination_set(w->jose, &d, &err)); /* the system's authorities do not know ours */
    send_one(w, 30, JOSE_NORMAL);
    run_until(w, 1);
    assert_int_equal(w->results[0].outcome, JOSE_DEAD);
    assert_string_equal(w->details[0], "tls");
    assert_int_equal(w->seen_count, 0);
}

static void urls_are_checked_once(void **state)
{
    static const struct {
        const char *url;
        bool insecure, fine;
    } table[] = {
        { "https://gateway.example/alerts", false, true },
        { "https://gateway.example:8443/a?b=c", false, true },
        { "https://[2001:db8::1]/a", false, true },
        { "http://127.0.0.1:8080/a", true, true },
        { "http://localhost/a", true, true },
        { "http://[::1]:1/a", true, true },
        { "http://127.0.0.1:8080/a", false, false },
        { "http://gateway.example/a", true, false },
        { "http://127.0.0.1.example.org/", true, false },
        { "https://user@gateway.example/", false, false },
        { "https://user:word@gateway.example/", false, false },
        { "https://gateway.example/#part", false, false },
        { "ftp://gateway.example/", true, false },
        { "file:///etc/passwd", true, false },
        { "gopher://127.0.0.1/", true, false },
        { "gateway.example/a", true, false },
        { "https://", false, false },
        { "https://a b/", false, false },
        { "", false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct error err = { .code = ERROR_NONE };
        if (jose_url_fine(table[i].url, table[i].insecure, &err) != table[i].fine)
            fail_msg("%s", table[i].url);
        assert_int_equal(err.code != ERROR_NONE, !table[i].fine);
    }
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(answers_decide_what_becomes_of_it),
        IN_WORLD(every_attempt_carries_one_key_and_type),
        IN_WORLD(the_body_is_a_jwe_that_its_key_opens),
        IN_WORLD(retry_after_is_honoured_up_to_the_ceiling),
        IN_WORLD(silence_is_tried_again_and_given_up),
        IN_WORLD(a_cancelled_one_gives_no_result_and_stops),
        IN_WORLD(a_delivery_that_fails_and_fails_says_so_once),
        IN_WORLD(one_in_hand_is_not_taken_twice),
        IN_WORLD(urgent_ones_go_first),
        IN_WORLD(a_dead_destination_delays_nobody_and_is_probed),
        IN_WORLD(a_dropped_destination_ends_what_waits_for_it),
        IN_WORLD(a_certificate_of_somebody_else_is_not_spoken_to),
        cmocka_unit_test(urls_are_checked_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
