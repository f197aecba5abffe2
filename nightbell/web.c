/* nightbell/web.c - the process that speaks HTTP: FHIR in, the inbox, gateways' answers. */
#include "nightbell/web_state.h"

#include "adapters/net/tls.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "nightbell/block_tls.h"
#include "nightbell/file.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct slice web_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

/* --- TLS ------------------------------------------------------------------------------------------------ */

/* A demo certificate for localhost and the addresses we listen on, made once and kept in the data folder. */
static bool demo_certificate(struct web *w, struct error *err)
{
    const char *hosts[66] = { NULL };
    char names[64][BOUND_ADDRESS];
    size_t count = 0;

    if (access("demo-tls/server.pem", F_OK) == 0)
        return true;
    for (size_t i = 0; i < w->env->bound_count; i++) {
        snprintf(names[count], sizeof names[0], "%s", w->env->bound[i].address);
        char *colon = strrchr(names[count], ':');
        if (colon != NULL)
            *colon = '\0';
        if (strcmp(names[count], "0.0.0.0") != 0 && names[count][0] != '[') {
            hosts[count] = names[count];
            count++;
        }
    }
    log_event(LOG_WARN, "web", "DEMO-CERTIFICATE", "warning", "browsers trust it only when they are told to",
              NULL);
    return folder_make("demo-tls", 0700, err) && tls_make_demo("demo-tls", hosts, err);
}

static bool site_tls(struct web *w, struct web_site *s, const struct block *b, struct error *err)
{
    char ca[1200];
    struct tls_config c = { .cert_file = "demo-tls/server.pem", .key_file = "demo-tls/server.key" };

    if (block_has_tls(b)) {
        s->tls = block_tls(b, w->env->options->site_dir, err);
        return s->tls != NULL;
    }
    if (!w->config->demo)
        return error_set(err, ERROR_MISSING,
                         "%s: `tls server \"FOLDER\"` with server.pem and server.key is needed", s->name);
    if (!demo_certificate(w, err))
        return false;
    c.mutual_required = block_client_ca(b, w->env->options->site_dir, ca, sizeof ca);
    c.client_ca_file = c.mutual_required ? ca : NULL;
    s->tls = tls_server_new(&c, err);
    return s->tls != NULL;
}

/* --- sites ---------------------------------------------------------------------------------------------- */

static bool ask_router(void *ctx, uint64_t id, enum frame_question question, struct slice body)
{
    struct web *w = ctx;

    return peer_ask(w->peer, id, question, body);
}

static void tell_router(void *ctx, uint64_t device, bool open)
{
    struct web *w = ctx;

    peer_stream(w->peer, device, open);
}

static bool kind_of(const struct block *b, enum site_kind *out)
{
    if (slice_is(b->kind, "fhir"))
        *out = SITE_FHIR;
    else if (slice_is(b->kind, "inbox"))
        *out = SITE_INBOX;
    else if (slice_is(b->kind, "jose") && block_setting(b, SLICE("callback")) != NULL)
        *out = SITE_GATEWAY;
    else
        return false;
    return true;
}

static bool open_site(struct web *w, const struct block *b, enum site_kind kind, struct error *err)
{
    const struct bound *at = role_bound(w->env, b->name);
    struct web_site *s = &w->sites[w->site_count];

    if (at == NULL)
        return true;
    *s = (struct web_site){ .owner = w, .kind = kind };
    snprintf(s->name, sizeof s->name, "%.*s", SLICE_ARG(b->name));
    w->site_count++;
    if (!site_tls(w, s, b, err) || (kind == SITE_FHIR && !web_fhir_open(s, b, err)))
        return false;
    struct http_options o = {
        .max_body =
            kind == SITE_FHIR ? config_number(b, "max-message", LIMIT_MESSAGE_BYTES) : LIMIT_CONTROL_BYTES,
        .max_connections =
            config_number(b, "max-connections", kind == SITE_INBOX ? LIMIT_STREAMS : LIMIT_CONNECTIONS)
    };
    if (kind == SITE_INBOX && w->inbox == NULL)
        w->inbox =
            inbox_new(w->loop, &(struct inbox_owner){ .ask = ask_router, .stream = tell_router, .ctx = w });
    http_handler *handler = kind == SITE_FHIR    ? fhir_http_handle_request
                            : kind == SITE_INBOX ? inbox_handle_request
                                                 : web_gateway_request;
    void *ctx = kind == SITE_FHIR ? (void *)s->fhir : kind == SITE_INBOX ? (void *)w->inbox : (void *)s;
    s->server = http_server_new(w->loop, at->fd, s->tls, &o, handler, ctx, err);
    return s->server != NULL;
}

static bool open_sites(struct web *w, struct error *err)
{
    enum site_kind kind;

    w->sites = memory_array(w->config->block_count + 1, sizeof *w->sites);
    for (size_t i = 0; i < w->config->block_count; i++)
        if (kind_of(&w->config->blocks[i], &kind) && !open_site(w, &w->config->blocks[i], kind, err))
            return false;
    return web_push_open(w, err);
}

/* --- the router ------------------------------------------------------------------------------------------
 */

static bool take_configuration(struct web *w, struct slice json, struct error *err)
{
    struct config *c = config_read(json, err);

    if (c == NULL)
        return false;
    config_free(&w->config);
    w->config = c;
    return true;
}

static void on_configuration(void *ctx, struct slice json)
{
    struct error err = { .code = ERROR_NONE };

    if (!take_configuration(ctx, json, &err))
        log_error("web", "configuration", &err);
}

static void on_welcome(void *ctx, struct slice json)
{
    struct web *w = ctx;
    struct error err = { .code = ERROR_NONE };
    bool first = w->sites == NULL;

    if (!take_configuration(w, json, &err) || (first && !open_sites(w, &err))) {
        log_error("web", "cannot-listen", &err);
        w->code = EXIT_CONFIG;
        event_base_loopexit(w->loop, NULL);
        return;
    }
    if (first)
        role_say(&w->wire, 'R');
    else if (w->inbox != NULL)
        inbox_tell_streams(w->inbox);
}

static void on_verdict(void *ctx, const struct verdict_item *v)
{
    web_fhir_verdict(ctx, v);
}

static void on_reply(void *ctx, uint64_t id, uint16_t status, struct slice body)
{
    struct web *w = ctx;

    if (w->inbox == NULL || !inbox_reply(w->inbox, id, status, body))
        web_gateway_reply(w, id, status, body);
}

static void on_lost(void *ctx)
{
    struct web *w = ctx;

    web_fhir_lost(w);
    web_gateway_lost(w);
    if (w->inbox != NULL)
        inbox_router_lost(w->inbox);
}

static void on_router_down(void *ctx)
{
    struct web *w = ctx;

    if (peer_welcome(w->peer))
        peer_router_down(w->peer);
}

static void on_pressure(void *ctx, bool stop)
{
    struct web *w = ctx;

    for (size_t i = 0; i < w->site_count; i++)
        if (w->sites[i].kind == SITE_FHIR && w->sites[i].server != NULL)
            http_server_pause(w->sites[i].server, stop);
}

/* Leaving: no new connections; what the router still owes is answered for a moment, then 503. */
static void on_quit(void *ctx)
{
    struct web *w = ctx;
    struct timeval wait = { 0, map_count(w->waiting) > 0 ? 500000 : 20000 };

    w->code = EXIT_LEFT;
    for (size_t i = 0; i < w->site_count; i++)
        if (w->sites[i].server != NULL)
            http_server_pause(w->sites[i].server, true);
    event_base_loopexit(w->loop, &wait);
}

static void close_all(struct web *w)
{
    on_lost(w);
    web_push_close(w);
    for (size_t i = 0; i < w->site_count; i++)
        http_server_free(&w->sites[i].server);
    inbox_free(&w->inbox);
    for (size_t i = 0; i < w->site_count; i++) {
        fhir_http_free(&w->sites[i].fhir);
        SSL_CTX_free(w->sites[i].tls);
    }
    peer_close(&w->peer);
    role_wire_close(&w->wire);
    config_free(&w->config);
    map_free(&w->waiting, NULL);
    map_free(&w->gateway, NULL);
    buf_free(&w->out);
    event_base_free(w->loop);
    free(w->sites);
}

int web_run(const struct role_env *env)
{
    struct web w = { .env = env,
                     .loop = event_base_new(),
                     .code = EXIT_REBUILD,
                     .waiting = map_new(),
                     .gateway = map_new(),
                     .next_id = 1,
                     .out = buf_make(LIMIT_BUS_FRAME_BYTES) };
    struct error err = { .code = ERROR_NONE };
    struct peer_events events = { .on_welcome = on_welcome,
                                  .on_configuration = on_configuration,
                                  .on_verdict = on_verdict,
                                  .on_reply = on_reply,
                                  .on_lost = on_lost,
                                  .on_pressure = on_pressure,
                                  .ctx = &w };

    w.wire = (struct role_wire){ .on_quit = on_quit, .on_router_down = on_router_down, .ctx = &w };
    role_wire_open(&w.wire, w.loop, env);
    w.peer = peer_open(w.loop, env, ROLE_WEB, &events, &err);
    if (w.peer != NULL)
        event_base_dispatch(w.loop);
    else
        log_error("web", "no-bus", &err);
    close_all(&w);
    return w.code;
}
