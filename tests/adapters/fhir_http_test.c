#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>

#include "adapters/fhir/fhir_http.h"
#include "fhir/json.h"
#include "fhir/tree.h"
#include "fhir/xml.h"
#include "tests/adapters/http_helpers.h"

/* A router that answers at once, later, or not well; its word is in Flag.id or Bundle.id. */
struct router {
    atomic_int submitted, refused;
    struct event_base *base;
    char fingerprint[TLS_FINGERPRINT];
    char last_tree[4096];
    size_t last_len;
};

static const char *auth(void *ctx, const char *bearer, const char *fingerprint)
{
    const struct router *router = ctx;
    if (bearer != NULL)
        return strcmp(bearer, "good-token") == 0 ? "ehr" : NULL;
    return fingerprint != NULL && strcmp(fingerprint, router->fingerprint) == 0 ? "ward" : NULL;
}

static bool admit(void *ctx, const char *principal, struct slice body, struct error *err)
{
    (void)ctx;
    (void)principal;
    if (memmem(body.ptr, body.len, "suspect", 7) != NULL)
        return error_set(err, ERROR_UNSUPPORTED, "quarantined");
    return true;
}

static void refused(void *ctx, const char *principal, struct slice body, const struct error *err)
{
    (void)principal;
    assert_true(body.len > 0 && err->code != ERROR_NONE);
    atomic_fetch_add(&((struct router *)ctx)->refused, 1);
}

static void finish_later(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    fhir_http_finish(ctx, FHIR_ACCEPTED, "a1b2", NULL);
}

static void submit(void *ctx, struct fhir_http_handle *h, const char *principal, struct slice tree)
{
    struct router *router = ctx;
    struct timeval soon = { 0, 20000 };
    struct fhir_tree t;
    struct error err = { .code = ERROR_NONE };
    assert_true(principal != NULL && fhir_tree_open(tree, &t, NULL));
    router->last_len = tree.len < sizeof router->last_tree ? tree.len : 0;
    memcpy(router->last_tree, tree.ptr, router->last_len);
    atomic_fetch_add(&router->submitted, 1);
    struct slice word = fhir_get(&t, 0, "id");
    if (slice_is(word, "later"))
        fhir_http_finish(h, FHIR_TRY_LATER, NULL, NULL);
    else if (slice_is(word, "denied"))
        fhir_http_finish(h, FHIR_DENIED, NULL, NULL);
    else if (slice_is(word, "unmapped")) {
        error_at(&err, ERROR_UNSUPPORTED, "Flag.code", "no event for this");
        fhir_http_finish(h, FHIR_UNMAPPED, NULL, &err);
    } else if (slice_is(word, "aside")) {
        error_at(&err, ERROR_UNSUPPORTED, "Flag.code", "no event for this");
        fhir_http_finish(h, FHIR_ACCEPTED, "a1b2", &err);
    } else
        event_base_once(router->base, -1, EV_TIMEOUT, finish_later, h, &soon);
}

struct rig {
    struct router router;
    struct fhir_http *fhir;
    struct test_server server;
};

static void rig_start(struct rig *g, SSL_CTX *tls)
{
    struct fhir_http_config config = { &g->router, auth, admit, refused, submit };
    memset(&g->router, 0, sizeof g->router);
    g->fhir = fhir_http_new(&config);
    g->server = (struct test_server){ .tls = tls, .handler = fhir_http_handle_request, .ctx = g->fhir };
    test_server_start(&g->server);
    g->router.base = g->server.base;
}

static void rig_stop(struct rig *g)
{
    test_server_stop(&g->server);
    fhir_http_free(&g->fhir);
}

/* Sends one request, and gives the whole answer (NUL-terminated). */
static struct buf ask(struct client *c, const char *request_line, const char *headers, const char *body)
{
    struct buf out = buf_make(1 << 20), got = buf_make(1 << 20);
    bool closed;
    buf_printf(&out, "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", request_line, headers);
    if (body != NULL)
        buf_printf(&out, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    else
        buf_text(&out, "\r\n");
    client_send(c, buf_slice(&out));
    client_read_all(c, &got, &closed);
    buf_u8(&got, 0);
    buf_free(&out);
    return got;
}

#define GOOD     "Authorization: Bearer good-token\r\n"
#define JSON     "Content-Type: application/fhir+json\r\n"
#define XML      "Content-Type: application/fhir+xml; charset=UTF-8\r\n"
#define FLAG(id) "{\"resourceType\":\"Flag\",\"id\":\"" id "\"}"

static const struct row {
    const char *name, *line, *headers, *body;
    int status;
    const char *has, *has_not; /* in the answer, or NULL */
} ROWS[] = {
    { "flag", "POST /fhir", GOOD JSON, FLAG("1"), 201, "Location: /fhir/Flag/a1b2\r\n", NULL },
    { "by type", "POST /fhir/Flag", GOOD JSON, FLAG("1"), 201, "OperationOutcome", NULL },
    { "plain json type", "POST /fhir/Flag", GOOD "Content-Type: application/json;charset=\"utf-8\"\r\n",
      FLAG("1"), 201, NULL, NULL },
    { "xml", "POST /fhir/Flag", GOOD XML, "<Flag xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/></Flag>", 201,
      "<OperationOutcome xmlns", NULL },
    { "json wanted for xml", "POST /fhir/Flag", GOOD XML "Accept: text/html, application/fhir+json;q=0.9\r\n",
      "<Flag xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/></Flag>", 201,
      "{\"resourceType\":\"OperationOutcome\"", NULL },
    { "_format", "POST /fhir/Flag?_format=application/fhir%2Bxml", GOOD JSON, FLAG("1"), 201,
      "<OperationOutcome", NULL },
    { "transaction", "POST /fhir", GOOD JSON,
      "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":" FLAG(
          "1") "},{\"resource\":" FLAG("2") "}]}",
      200, "\"type\":\"transaction-response\",\"entry\":[{\"response\":{\"status\":\"201 Created\"}},{",
      NULL },
    { "message", "POST /fhir/$process-message", GOOD JSON,
      "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":{\"resourceType\":"
      "\"MessageHeader\",\"id\":"
      "\"m1\",\"eventCoding\":{\"system\":\"urn:x\",\"code\":\"alarm\"}}},{\"resource\":" FLAG("1") "}]}",
      200, "\"response\":{\"identifier\":\"m1\",\"code\":\"ok\"}", NULL },
    { "message as xml", "POST /fhir", GOOD JSON "Accept: application/fhir+xml\r\n",
      "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":{\"resourceType\":"
      "\"MessageHeader\",\"id\":"
      "\"m1\",\"eventUri\":\"urn:e\"}}]}",
      200, "<eventUri value=\"urn:e\"/>", NULL },
    { "notification", "POST /fhir", GOOD JSON,
      "{\"resourceType\":\"Bundle\",\"type\":\"subscription-notification\",\"entry\":[{\"resource\":{"
      "\"resourceType\":"
      "\"SubscriptionStatus\",\"type\":\"heartbeat\"}}]}",
      200, "informational", NULL },
    { "no token", "POST /fhir", JSON, FLAG("1"), 401, "WWW-Authenticate: Bearer", NULL },
    { "wrong token", "POST /fhir", "Authorization: Bearer bad\r\n" JSON, FLAG("1"), 401, "invalid_token",
      "bad" },
    { "basic", "POST /fhir", "Authorization: Basic Z29vZA==\r\n" JSON, FLAG("1"), 401, "OperationOutcome",
      NULL },
    { "two tokens", "POST /fhir", GOOD GOOD JSON, FLAG("1"), 401, NULL, NULL },
    { "wrong token, wrong body", "POST /fhir", JSON, "{", 401, NULL, NULL },
    { "unknown path", "POST /fhi", JSON, FLAG("1"), 404, "not-found", NULL },
    { "unknown path below", "GET /fhir/Patient/1", "", NULL, 404, "not-found", NULL },
    { "lower-case type", "POST /fhir/flag", GOOD JSON, FLAG("1"), 404, NULL, NULL },
    { "search", "GET /fhir/Flag", GOOD, NULL, 405, "Allow: POST", NULL },
    { "no content type", "POST /fhir", GOOD, FLAG("1"), 415, "not-supported", NULL },
    { "html", "POST /fhir", GOOD "Content-Type: text/html\r\n", FLAG("1"), 415, NULL, NULL },
    { "latin-1", "POST /fhir", GOOD "Content-Type: application/fhir+json; charset=iso-8859-1\r\n", FLAG("1"),
      415, NULL, NULL },
    { "gzip", "POST /fhir", GOOD JSON "Content-Encoding: gzip\r\n", FLAG("1"), 415, NULL, NULL },
    { "broken", "POST /fhir", GOOD JSON, "{\"resourceType\":\"Flag\",\"id\":\"Canary\",}", 400,
      "\"code\":\"structure\"", "Canary" },
    { "empty", "POST /fhir", GOOD JSON, " ", 400, "line 1", NULL },
    { "doctype", "POST /fhir", GOOD XML,
      "<!DOCTYPE Flag [<!ENTITY a \"b\">]><Flag xmlns=\"http://hl7.org/fhir\"/>", 400, "DOCTYPE", NULL },
    { "other type", "POST /fhir/Observation", GOOD JSON, FLAG("1"), 400, "not of the type", NULL },
    { "not a message", "POST /fhir/$process-message", GOOD JSON, FLAG("1"), 400, "Bundle.type", NULL },
    { "searchset", "POST /fhir", GOOD JSON, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}", 422,
      "Bundle.type", NULL },
    { "header into the location", "POST /fhir", GOOD JSON, "{\"resourceType\":\"Flag\\r\\nX: y\"}", 400, NULL,
      "X: y" },
    { "suspect", "POST /fhir", GOOD JSON, FLAG("suspect"), 422, "quarantined", NULL },
    { "later", "POST /fhir", GOOD JSON, FLAG("later"), 503, "Retry-After: 5", NULL },
    { "denied", "POST /fhir", GOOD JSON, FLAG("denied"), 403, "security", NULL },
    { "unmapped", "POST /fhir", GOOD JSON, FLAG("unmapped"), 422, "\"expression\":[\"Flag.code\"]", NULL },
    { "kept, but set aside", "POST /fhir", GOOD JSON, FLAG("aside"), 201, "\"severity\":\"warning\"",
      "all went well" },
    { "metadata", "GET /fhir/metadata", "", NULL, 200, "CapabilityStatement", NULL },
    { "metadata as xml", "GET /fhir/metadata?_format=xml", "", NULL, 200, "<CapabilityStatement", NULL },
};

static bool readable(struct slice body)
{
    struct buf tree = buf_make(1 << 20);
    bool ok = body.len > 0 &&
              (body.ptr[0] == '<' ? fhir_xml_read(body, &tree, NULL) : fhir_json_read(body, &tree, NULL));
    buf_free(&tree);
    return ok;
}

static void check_row(struct rig *g, const struct row *row)
{
    struct client c = client_open(g->server.port);
    struct buf got = ask(&c, row->line, row->headers, row->body);
    const char *body = strstr(got.ptr, "\r\n\r\n");
    if (reply_status(buf_slice(&got)) != row->status ||
        (row->has != NULL && strstr(got.ptr, row->has) == NULL) ||
        (row->has_not != NULL && strstr(got.ptr, row->has_not) != NULL) || body == NULL ||
        !readable(slice_of(body + 4)))
        fail_msg("%s: %s", row->name, got.ptr);
    buf_free(&got);
    client_close(&c);
}

static void test_requests(void **state)
{
    struct rig g;
    (void)state;
    rig_start(&g, NULL);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_row(&g, &ROWS[i]);
    assert_int_equal(atomic_load(&g.router.submitted), 14);
    assert_int_equal(atomic_load(&g.router.refused), 7);
    rig_stop(&g);
}

static void test_json_and_xml_arrive_alike(void **state)
{
    struct rig g;
    char first[4096];
    size_t len = 0;
    (void)state;
    rig_start(&g, NULL);
    const struct row rows[] = {
        { "json", "POST /fhir", GOOD JSON,
          "{\"resourceType\":\"Flag\",\"category\":[{\"coding\":[{\"code\":\"a\"}]}],\"code\":{\"text\":"
          "\"x\"}}",
          201, NULL, NULL },
        { "xml", "POST /fhir", GOOD XML,
          "<Flag xmlns=\"http://hl7.org/fhir\"><category><coding><code "
          "value=\"a\"/></coding></category><code>"
          "<text value=\"x\"/></code></Flag>",
          201, NULL, NULL },
    };
    for (int i = 0; i < 2; i++) {
        check_row(&g, &rows[i]);
        if (i == 0)
            memcpy(first, g.router.last_tree, len = g.router.last_len);
    }
    assert_true(len > 0 && len == g.router.last_len);
    assert_memory_equal(first, g.router.last_tree, len);
    rig_stop(&g);
}

static void test_client_certificate(void **state)
{
    char dir[64], path[128];
    struct rig g;
    (void)state;
    demo_make(dir);
    rig_start(&g, demo_server(dir, false));
    assert_true(tls_file_fingerprint(demo_file(dir, "ward.pem", path), g.router.fingerprint, NULL));
    for (int with = 0; with < 2; with++) {
        SSL_CTX *ctx = demo_client(dir, with == 1);
        struct client c = client_open(g.server.port);
        assert_true(client_tls(&c, ctx));
        struct buf got = ask(&c, "POST /fhir", JSON, FLAG("1"));
        assert_int_equal(reply_status(buf_slice(&got)), with == 1 ? 201 : 401);
        buf_free(&got);
        client_close(&c);
        SSL_CTX_free(ctx);
    }
    rig_stop(&g);
    demo_remove(dir);
}

static void test_client_goes_before_the_verdict(void **state)
{
    struct rig g;
    (void)state;
    rig_start(&g, NULL);
    struct client c = client_open(g.server.port);
    client_send(&c,
                SLICE("POST /fhir HTTP/1.1\r\nHost: h\r\n" GOOD JSON "Content-Length: 32\r\n\r\n" FLAG("1")));
    client_close(&c);
    usleep(100000);
    rig_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_json_and_xml_arrive_alike),
        cmocka_unit_test(test_client_certificate),
        cmocka_unit_test(test_client_goes_before_the_verdict),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
