#include "adapters/inbox/inbox.h"

#include "adapters/inbox/assets.h"
#include "adapters/inbox/session.h"
#include "adapters/inbox/streams.h"
#include "adapters/net/clock.h"
#include "base/limits.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asked { /* one request that waits for the router */
    struct http_request *request;
    enum frame_question question;
};

struct inbox {
    struct inbox_owner owner;
    struct sessions sessions;
    struct streams *streams;
    struct map *asked; /* id (8 bytes) -> struct asked */
    uint64_t next_id;
};

static const char cookie_name[] = "__Host-nightbell";

static const struct http_header guards[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
      "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
    { "Strict-Transport-Security", "max-age=31536000" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Permissions-Policy", "camera=(), microphone=(), geolocation=()" },
    { "X-Frame-Options", "DENY" },
};
enum { GUARDS = sizeof guards / sizeof guards[0] };

static void reply_json(struct http_request *r, int status, struct slice body)
{
    http_reply(r, status, "application/json", body, guards, GUARDS);
}

static void refuse(struct http_request *r, int status, const char *why)
{
    json_t *o = json_pack("{s:s}", "error", why);
    char *text = json_dumps(o, JSON_COMPACT);

    reply_json(r, status, slice_of(text));
    free(text);
    json_decref(o);
}

static struct slice id_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

struct inbox *inbox_new(struct event_base *loop, const struct inbox_owner *owner)
{
    struct inbox *i = memory_new(sizeof *i);

    *i = (struct inbox){ .owner = *owner, .asked = map_new(), .next_id = INBOX_FIRST_ID };
    sessions_init(&i->sessions);
    i->streams = streams_new(loop, owner->stream, owner->ctx, owner->beat_ms);
    return i;
}

void inbox_router_lost(struct inbox *i)
{
    struct slice key;
    void *value;

    for (size_t at = 0; map_next(i->asked, &at, &key, &value);) {
        struct asked *a = map_remove(i->asked, key);
        if (a->question == QUESTION_ENROL)
            attempt_good(&i->sessions, http_peer(a->request)); /* nobody has judged it */
        refuse(a->request, 503, "nightbell is starting again: try in a moment");
        free(a);
    }
}

void inbox_free(struct inbox **i)
{
    if (i == NULL || *i == NULL)
        return;
    inbox_router_lost(*i);
    streams_free(&(*i)->streams);
    sessions_free(&(*i)->sessions);
    map_free(&(*i)->asked, free);
    free(*i);
    *i = NULL;
}

/* A form or a script of another site cannot make these (RELIABILITY S15). */
static bool same_origin(const struct http_request *r)
{
    const char *site = http_header_get(r, "Sec-Fetch-Site"), *origin = http_header_get(r, "Origin");
    const char *host = http_header_get(r, "Host");
    char own[300];

    if (site != NULL && strcmp(site, "same-origin") != 0)
        return false;
    if (origin == NULL)
        return true;
    snprintf(own, sizeof own, "https://%s", host != NULL ? host : "");
    return strcmp(origin, own) == 0;
}

static bool content_is(const struct http_request *r, const char *wanted)
{
    const char *type = http_header_get(r, "Content-Type");
    size_t length = strlen(wanted);

    return type != NULL && strncasecmp(type, wanted, length) == 0 &&
           (type[length] == '\0' || type[length] == ';');
}

static void ask(struct inbox *i, struct http_request *r, enum frame_question question)
{
    uint64_t id = i->next_id++;
    struct asked *a = memory_new(sizeof *a);

    /* Kept only once it is handed over: a router lost meanwhile answers all that is kept. */
    if (i->owner.ask(i->owner.ctx, id, question, http_body(r))) {
        *a = (struct asked){ r, question };
        map_put(i->asked, id_key(&id), a);
        if (question == QUESTION_ENROL)
            attempt_begin(&i->sessions, http_peer(r), clock_boot_us());
        return;
    }
    free(a);
    refuse(r, 503, "nightbell is starting again: try in a moment");
}

static const struct session *session_of(struct inbox *i, const struct http_request *r)
{
    return session_find(&i->sessions, http_cookie_get(r, cookie_name), clock_boot_us());
}

static void get_asset(struct inbox *i, struct http_request *r)
{
    const struct inbox_asset *a = inbox_asset_find(http_path(r));
    struct http_header extra[GUARDS + 2];
    const char *known = http_header_get(r, "If-None-Match");

    (void)i;
    if (a == NULL) {
        http_reply(r, 404, "text/plain; charset=utf-8", SLICE("not here\n"), guards, GUARDS);
        return;
    }
    memcpy(extra, guards, sizeof guards);
    extra[GUARDS] = (struct http_header){ "Cache-Control", "no-cache" };
    extra[GUARDS + 1] = (struct http_header){ "ETag", a->etag };
    bool same = known != NULL && strcmp(known, a->etag) == 0;
    http_reply(r, same ? 304 : 200, a->type, (struct slice){ (const char *)a->bytes, same ? 0 : a->length },
               extra, GUARDS + 2);
}

static void get_challenge(struct inbox *i, struct http_request *r)
{
    char challenge[CHALLENGE_TEXT], body[64];

    challenge_new(&i->sessions, clock_boot_us(), challenge);
    int length = snprintf(body, sizeof body, "{\"challenge\":\"%s\"}", challenge);
    reply_json(r, 200, (struct slice){ body, (size_t)length });
}

static void get_me(struct inbox *i, struct http_request *r)
{
    const struct session *s = session_of(i, r);

    if (s == NULL)
        refuse(r, 401, "no session: ask for a challenge");
    else
        reply_json(r, 200, slice_of(s->me));
}

static void get_stream(struct inbox *i, struct http_request *r)
{
    const struct session *s = session_of(i, r);

    if (s == NULL)
        refuse(r, 401, "no session: ask for a challenge");
    else if (streams_count(i->streams) >= LIMIT_STREAMS)
        refuse(r, 503, "streams: too many inboxes are open");
    else
        streams_open(i->streams, r, s->device, guards, GUARDS);
}

static void post_enrol(struct inbox *i, struct http_request *r)
{
    if (!content_is(r, "application/json"))
        refuse(r, 415, "application/json is wanted");
    else if (!attempt_allowed(&i->sessions, http_peer(r), clock_boot_us()))
        refuse(r, 429, "enrol-attempts: too many wrong codes from here; wait ten minutes");
    else
        ask(i, r, QUESTION_ENROL);
}

/* A type that a form cannot send: another site's script must ask first (CORS), and hears no. */
static void post_session(struct inbox *i, struct http_request *r)
{
    if (!content_is(r, "application/jose"))
        refuse(r, 415, "application/jose is wanted");
    else
        ask(i, r, QUESTION_SESSION);
}

static void post_answer(struct inbox *i, struct http_request *r)
{
    if (!content_is(r, "application/jose"))
        refuse(r, 415, "application/jose is wanted");
    else if (session_of(i, r) == NULL)
        refuse(r, 401, "no session: ask for a challenge");
    else
        ask(i, r, QUESTION_DEVICE_ANSWER);
}

static const struct {
    const char *method, *path;
    void (*handle)(struct inbox *i, struct http_request *r);
} routes[] = {
    { "GET", "/inbox/challenge", get_challenge }, { "GET", "/inbox/me", get_me },
    { "GET", "/inbox/stream", get_stream },       { "POST", "/inbox/enrol", post_enrol },
    { "POST", "/inbox/session", post_session },   { "POST", "/inbox/answers", post_answer },
};

void inbox_handle_request(void *inbox, struct http_request *r)
{
    bool post = slice_is(http_method(r), "POST");

    if (post && !same_origin(r)) {
        refuse(r, 403, "only the app itself may send this");
        return;
    }
    for (size_t n = 0; n < sizeof routes / sizeof routes[0]; n++)
        if (slice_is(http_path(r), routes[n].path) && slice_is(http_method(r), routes[n].method)) {
            routes[n].handle(inbox, r);
            return;
        }
    if (slice_is(http_method(r), "GET"))
        get_asset(inbox, r);
    else
        refuse(r, 405, "not a request of the inbox");
}

/* --- what the router says ------------------------------------------------------------------------------ */

/* The router has named the device; the challenge in its answer must be one of ours, unused. */
static void give_session(struct inbox *i, struct http_request *r, struct slice body)
{
    json_error_t where;
    json_t *o = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &where);
    const char *challenge = json_string_value(json_object_get(o, "challenge"));
    const char *device = json_string_value(json_object_get(o, "device"));
    char cookie[SECRET_TEXT], header[160];

    if (challenge == NULL || device == NULL ||
        !challenge_use(&i->sessions, slice_of(challenge), clock_boot_us())) {
        refuse(r, 401, "the challenge is not known or too old: ask for another");
        json_decref(o);
        return;
    }
    uint64_t id = strtoull(device, NULL, 16);
    json_object_del(o, "challenge");
    char *me = json_dumps(o, JSON_COMPACT);
    session_new(&i->sessions, id, me, clock_boot_us(), cookie);
    free(me);
    json_decref(o);
    snprintf(header, sizeof header, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200",
             cookie_name, cookie);
    struct http_header extra[GUARDS + 1];
    memcpy(extra, guards, sizeof guards);
    extra[GUARDS] = (struct http_header){ "Set-Cookie", header };
    http_reply(r, 204, NULL, SLICE(""), extra, GUARDS + 1);
}

bool inbox_reply(struct inbox *i, uint64_t id, uint16_t status, struct slice body)
{
    struct asked *a = map_remove(i->asked, id_key(&id));

    if (a == NULL)
        return false;
    if (a->question == QUESTION_ENROL && status != 403)
        attempt_good(&i->sessions, http_peer(a->request));
    if (a->question == QUESTION_SESSION && status == 200)
        give_session(i, a->request, body);
    else
        reply_json(a->request, status, body);
    free(a);
    return true;
}

bool inbox_push(struct inbox *i, uint64_t device, uint64_t delivery, struct slice jwe)
{
    return streams_push(i->streams, device, delivery, jwe);
}

void inbox_tell_streams(struct inbox *i)
{
    streams_tell(i->streams);
}

size_t inbox_stream_count(const struct inbox *i)
{
    return streams_count(i->streams);
}
