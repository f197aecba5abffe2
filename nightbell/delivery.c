/* nightbell/delivery.c - the process that seals and sends; the only one that dials out. */
#include "nightbell/delivery_state.h"

#include "base/log.h"
#include "nightbell/config.h"
#include "rules/plan.h"

#include <event2/event.h>

void delivery_report(struct delivery_process *d, uint64_t delivery, enum delivery_state state,
                     const char *detail)
{
    struct report_item r = { .delivery = delivery, .state = (uint8_t)state, .detail = slice_of(detail) };

    peer_report(d->peer, &r);
}

enum jose_level delivery_level(uint8_t level)
{
    return level == LEVEL_URGENT ? JOSE_URGENT : level == LEVEL_SILENT ? JOSE_SILENT : JOSE_NORMAL;
}

static void on_deliver(void *ctx, const struct deliver_item *i)
{
    struct delivery_process *d = ctx;

    if (i->what == DELIVER_CANCEL) {
        pushes_cancel(d->pushes, i->delivery);
        gateways_cancel(d->gateways, i->delivery);
    } else if (i->what == DELIVER_REPORT) {
        sources_take(d->sources, i);
    } else if (i->device != 0) {
        pushes_take(d->pushes, i);
    } else {
        gateways_take(d->gateways, i);
    }
}

static void on_configuration(void *ctx, struct slice json)
{
    struct delivery_process *d = ctx;
    struct error err = { .code = ERROR_NONE };
    struct config *c = config_read(json, &err);

    if (c != NULL) {
        gateways_configure(d->gateways, c->blocks, c->block_count);
        sources_configure(d->sources, c->blocks, c->block_count);
    } else {
        log_error("delivery", "configuration-refused", &err);
    }
    config_free(&c);
}

static void on_welcome(void *ctx, struct slice json)
{
    struct delivery_process *d = ctx;

    on_configuration(d, json);
    if (!d->ready)
        role_say(&d->wire, 'R');
    d->ready = true;
}

/* What is in hand goes on: it was committed before it came here. */
static void on_lost(void *ctx)
{
    (void)ctx;
    log_event(LOG_WARN, "delivery", "router-lost", NULL);
}

static void on_router_down(void *ctx)
{
    struct delivery_process *d = ctx;

    if (peer_welcome(d->peer))
        peer_router_down(d->peer);
}

static void on_verdict(void *ctx, const struct verdict_item *v)
{
    (void)ctx;
    (void)v; /* we submit nothing, so none comes */
}

static void on_quit(void *ctx)
{
    struct delivery_process *d = ctx;

    d->code = EXIT_LEFT;
    event_base_loopexit(d->loop, NULL);
}

static bool open_all(struct delivery_process *d, struct error *err)
{
    struct peer_events events = { .on_welcome = on_welcome,
                                  .on_configuration = on_configuration,
                                  .on_verdict = on_verdict,
                                  .on_deliver = on_deliver,
                                  .on_lost = on_lost,
                                  .ctx = d };

    d->sources = sources_open(d);
    d->pushes = pushes_open(d, err);
    d->gateways = d->pushes != NULL ? gateways_open(d, err) : NULL;
    d->peer = d->gateways != NULL ? peer_open(d->loop, d->env, ROLE_DELIVERY, &events, err) : NULL;
    return d->peer != NULL;
}

int delivery_run(const struct role_env *env)
{
    struct delivery_process d = { .env = env, .loop = event_base_new(), .code = EXIT_REBUILD };
    struct error err = { .code = ERROR_NONE };

    d.wire = (struct role_wire){ .on_quit = on_quit, .on_router_down = on_router_down, .ctx = &d };
    role_wire_open(&d.wire, d.loop, env);
    if (open_all(&d, &err))
        event_base_dispatch(d.loop);
    else
        log_error("delivery", "cannot-start", &err);
    sources_close(&d.sources);
    gateways_close(&d.gateways);
    pushes_close(&d.pushes);
    peer_close(&d.peer);
    role_wire_close(&d.wire);
    event_base_free(d.loop);
    return d.code;
}
