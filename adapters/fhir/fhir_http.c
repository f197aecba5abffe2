#include "adapters/fhir/fhir_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/fhir/fhir_reply.h"
#include "base/limits.h"
#include "base/memory.h"
#include "fhir/bundle.h"
#include "fhir/json.h"
#include "fhir/xml.h"

struct fhir_http {
    struct fhir_http_config config;
};

struct fhir_http_handle {
    struct http_request *request;
    enum fhir_format format; /* of the answer */
    struct fhir_asked asked;
};

enum { REPLY_BYTES = 1 << 20 };

struct fhir_http *fhir_http_new(const struct fhir_http_config *config)
{
    struct fhir_http *f = memory_new(sizeof *f);
    f->config = *config;
    fhir_json_prepare();
    fhir_xml_prepare();
    return f;
}

void fhir_http_free(struct fhir_http **f)
{
    if (f == NULL)
        return;
    free(*f);
    *f = NULL;
}

/* --- answers ------------------------------------------------------------------------------------------ */

static void reply_outcome(struct http_request *r, enum fhir_format format, int status,
                          const struct error *err, const struct http_header *extra, size_t count)
{
    struct buf body = buf_make(REPLY_BYTES);
    fhir_reply_outcome(&body, format, err);
    http_reply(r, status, fhir_format_type(format), buf_slice(&body), extra, count);
    buf_free(&body);
}

static void reply_text(struct http_request *r, enum fhir_format format, int status, enum error_code code,
                       const char *text)
{
    struct error err = { .code = ERROR_NONE };
    error_set(&err, code, "%s", text);
    reply_outcome(r, format, status, &err, NULL, 0);
}

/* The same bytes whatever was asked for: nobody learns anything before he has said who he is. */
static void reply_constant(struct http_request *r, int status)
{
    static const struct http_header allow = { "Allow", "POST" };
    const struct slice missing = SLICE("{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":"
                                       "\"error\",\"code\":\"not-found\"}]}");
    const struct slice method = SLICE("{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":"
                                      "\"error\",\"code\":\"not-supported\"}]}");
    http_reply(r, status, fhir_format_type(FHIR_JSON), status == 405 ? method : missing, &allow,
               status == 405);
}

static void reply_unknown_caller(struct http_request *r, enum fhir_format format, bool token_sent)
{
    const struct http_header challenge = { "WWW-Authenticate",
                                           token_sent ? "Bearer realm=\"nightbell\", error=\"invalid_token\""
                                                      : "Bearer realm=\"nightbell\"" };
    struct error err = { .code = ERROR_NONE };
    error_set(&err, ERROR_AUTH, "a bearer token or client certificate that this listener knows is required");
    reply_outcome(r, format, 401, &err, &challenge, 1);
}

static void reply_capability(struct http_request *r, enum fhir_format format)
{
    struct buf body = buf_make(REPLY_BYTES);
    fhir_reply_capability(&body, format);
    http_reply(r, 200, fhir_format_type(format), buf_slice(&body), NULL, 0);
    buf_free(&body);
}

/* --- the request -------------------------------------------------------------------------------------- */

/* A resource type's form: which types there are is for the mapping to say. */
static bool type_form(struct slice s)
{
    if (s.len < 2 || s.len > 64 || s.ptr[0] < 'A' || s.ptr[0] > 'Z')
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')))
            return false;
    return true;
}

enum route { ROUTE_NONE, ROUTE_METADATA, ROUTE_ANY, ROUTE_TYPE, ROUTE_MESSAGE };

static enum route find_route(struct slice path, struct slice *type)
{
    *type = (struct slice){ NULL, 0 };
    if (slice_is(path, "/fhir") || slice_is(path, "/fhir/"))
        return ROUTE_ANY;
    if (!slice_starts(path, SLICE("/fhir/")))
        return ROUTE_NONE;
    struct slice rest = slice_sub(path, 6, path.len);
    if (slice_is(rest, "metadata"))
        return ROUTE_METADATA;
    if (slice_is(rest, "$process-message"))
        return ROUTE_MESSAGE;
    *type = rest;
    return type_form(rest) ? ROUTE_TYPE : ROUTE_NONE;
}

/* RFC 6750 section 2.1; NULL when no bearer token came. */
static const char *bearer_token(const struct http_request *r)
{
    const char *value = http_header_get(r, "Authorization");
    if (value == NULL || !slice_eq_nocase(slice_sub(slice_of(value), 0, 7), SLICE("Bearer ")))
        return NULL;
    value += 7;
    value += strspn(value, " ");
    return *value != '\0' && strchr(value, ' ') == NULL ? value : NULL;
}

/* A text that goes back to its sender inside our answer: only if it needs no escape in JSON or XML. */
static void keep_plain(char out[FHIR_TOKEN], struct slice text)
{
    out[0] = '\0';
    if (text.len == 0 || text.len >= FHIR_TOKEN)
        return;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7F || strchr("\"'<>&\\", text.ptr[i]) != NULL)
            return;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

static void fill_asked(const struct fhir_tree *t, const struct fhir_bundle *b, struct fhir_asked *out)
{
    *out = (struct fhir_asked){ .kind = b->kind, .entries = b->entries };
    keep_plain(out->type, fhir_type(t, FHIR_ROOT));
    if (b->kind != FHIR_MESSAGE)
        return;
    keep_plain(out->message_id, fhir_get(t, b->header, "id"));
    keep_plain(out->event_system, fhir_get(t, b->header, "eventCoding.system"));
    if (out->event_system[0] != '\0')
        keep_plain(out->event_code, fhir_get(t, b->header, "eventCoding.code"));
    else
        keep_plain(out->event_code, fhir_get(t, b->header, "eventUri"));
}

/* Is it what the path said it would be? */
static bool check_kind(enum route route, struct slice type, const struct fhir_tree *t,
                       const struct fhir_bundle *b, struct error *err)
{
    if (!type_form(fhir_type(t, FHIR_ROOT)))
        return error_set(err, ERROR_VALUE, "the resourceType is not one of FHIR's");
    if (route == ROUTE_TYPE && !slice_eq(type, fhir_type(t, FHIR_ROOT)))
        return error_set(err, ERROR_VALUE, "the resource is not of the type in the path");
    if (route == ROUTE_MESSAGE && b->kind != FHIR_MESSAGE)
        return error_at(err, ERROR_VALUE, "Bundle.type", "$process-message takes a Bundle of type message");
    return true;
}

struct reading {
    enum route route;
    struct slice type;
    enum fhir_format body_format;
    bool readable; /* the bytes are FHIR, whatever they say */
    struct buf block;
    struct fhir_asked asked;
};

static bool read_body(struct reading *in, struct slice body, struct error *err)
{
    struct fhir_tree tree;
    struct fhir_bundle bundle;
    in->readable = (in->body_format == FHIR_XML ? fhir_xml_read(body, &in->block, err)
                                                : fhir_json_read(body, &in->block, err)) &&
                   fhir_tree_open(buf_slice(&in->block), &tree, err);
    if (!in->readable || !fhir_bundle_open(&tree, &bundle, err) ||
        !check_kind(in->route, in->type, &tree, &bundle, err))
        return false;
    fill_asked(&tree, &bundle, &in->asked);
    return true;
}

static void take_body(struct fhir_http *f, struct http_request *r, struct reading *in,
                      enum fhir_format format, const char *principal)
{
    const struct fhir_http_config *c = &f->config;
    struct error err = { .code = ERROR_NONE };
    if (c->admit != NULL && !c->admit(c->ctx, principal, http_body(r), &err)) {
        reply_outcome(r, format, 422, &err, NULL, 0);
        return;
    }
    in->block = buf_make(LIMIT_BUS_FRAME_BYTES);
    if (read_body(in, http_body(r), &err)) {
        struct fhir_http_handle *h = memory_new(sizeof *h);
        *h = (struct fhir_http_handle){ r, format, in->asked };
        c->submit(c->ctx, h, principal, buf_slice(&in->block));
    } else {
        if (c->refused != NULL)
            c->refused(c->ctx, principal, http_body(r), &err);
        bool unmapped =
            in->readable && err.code == ERROR_UNSUPPORTED; /* a Bundle type that brings no events */
        reply_outcome(r, format, unmapped ? 422 : 400, &err, NULL, 0);
    }
    buf_free(&in->block);
}

static void take_post(struct fhir_http *f, struct http_request *r, enum route route, struct slice type)
{
    struct reading in = { .route = route, .type = type };
    const char *content_type = http_header_get(r, "Content-Type"), *bearer = bearer_token(r);
    bool known = content_type != NULL && fhir_format_of(content_type, &in.body_format);
    enum fhir_format format =
        fhir_format_wanted(http_header_get(r, "Accept"), http_query(r), known ? in.body_format : FHIR_JSON);
    const char *principal = f->config.auth(f->config.ctx, bearer, http_client_fingerprint(r));
    if (principal == NULL)
        reply_unknown_caller(r, format, bearer != NULL);
    else if (!known)
        reply_text(
            r, format, 415, ERROR_UNSUPPORTED,
            "the Content-Type is not a FHIR format (application/fhir+json, application/fhir+xml) in utf-8");
    else if (http_header_get(r, "Content-Encoding") != NULL)
        reply_text(r, format, 415, ERROR_UNSUPPORTED, "bodies with a Content-Encoding are not taken");
    else
        take_body(f, r, &in, format, principal);
}

void fhir_http_handle_request(void *fhir, struct http_request *r)
{
    struct slice type, method = http_method(r);
    enum route route = find_route(http_path(r), &type);
    bool reads = slice_is(method, "GET") || slice_is(method, "HEAD");
    if (route == ROUTE_NONE || (route == ROUTE_METADATA && !reads))
        reply_constant(r, 404);
    else if (route == ROUTE_METADATA)
        reply_capability(r, fhir_format_wanted(http_header_get(r, "Accept"), http_query(r), FHIR_JSON));
    else if (!slice_is(method, "POST"))
        reply_constant(r, 405);
    else
        take_post(fhir, r, route, type);
}

/* --- the verdict -------------------------------------------------------------------------------------- */

bool fhir_http_gone(const struct fhir_http_handle *h)
{
    return http_gone(h->request);
}

/* `err`: kept, but set aside for a person to see (on-bad quarantine); said as a warning, so that the sender
 * can know what it will not be routed by. */
static void finish_accepted(struct fhir_http_handle *h, const char *id, const struct error *err)
{
    struct buf body = buf_make(REPLY_BYTES);
    char place[FHIR_TOKEN * 2];
    bool one = h->asked.kind == FHIR_BARE && id != NULL;
    const struct http_header location = { "Location", place };
    snprintf(place, sizeof place, "/fhir/%s/%s", h->asked.type, id != NULL ? id : "");
    if (err != NULL && err->code != ERROR_NONE)
        fhir_reply_warning(&body, h->format, err);
    else
        fhir_reply_accepted(&body, h->format, &h->asked);
    http_reply(h->request, one ? 201 : 200, fhir_format_type(h->format), buf_slice(&body), &location, one);
    buf_free(&body);
}

static const struct {
    int status;
    enum error_code code;
    const char *text;
} VERDICTS[] = {
    [FHIR_BAD] = { 400, ERROR_SYNTAX, "the document could not be taken" },
    [FHIR_UNMAPPED] = { 422, ERROR_UNSUPPORTED,
                        "the document was read, but says nothing that can be routed" },
    [FHIR_TRY_LATER] = { 503, ERROR_IO, "not kept: send it again later" },
    [FHIR_DENIED] = { 403, ERROR_AUTH, "this is not allowed for the one who sent it" },
};

void fhir_http_finish(struct fhir_http_handle *h, enum fhir_verdict verdict, const char *id,
                      const struct error *err)
{
    static const struct http_header later = { "Retry-After", "5" };
    struct error mine = { .code = ERROR_NONE };
    if (verdict == FHIR_ACCEPTED) {
        finish_accepted(h, id, err);
    } else {
        error_set(&mine, VERDICTS[verdict].code, "%s", VERDICTS[verdict].text);
        reply_outcome(h->request, h->format, VERDICTS[verdict].status,
                      err != NULL && err->code != ERROR_NONE ? err : &mine, &later,
                      verdict == FHIR_TRY_LATER);
    }
    free(h);
}
