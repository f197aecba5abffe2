/* The server's half of the inbox over real HTTPS: sessions, refusals, headers, enrolment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/adapters/inbox_help.h"

/* --- sessions --- */

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

/* --- headers: on every kind of answer --- */

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

/* --- other sites --- */

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

/* --- enrolment --- */

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
    };

    return cmocka_run_group_tests(tests, make, drop);
}
