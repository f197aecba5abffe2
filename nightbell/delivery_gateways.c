/* nightbell/delivery_gateways.c - alerts for secure-texting gateways: sealed to the gateway's key, sent by
 * adapters/jose (docs/gateway.md).
 *
 * A delivery that fails three times, or whose gateway is known not to answer, is reported as failed once, so
 * that the step can end early; it is still tried, and pushed or dead is reported later. What was settled is
 * remembered for a while: a router that was started again asks for everything it has not heard of, and nobody
 * shall be paged twice. */
#include "nightbell/delivery_state.h"

#include "adapters/seal/jwe.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"
#include "nightbell/config.h"
#include "nightbell/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH = 1024,
    KID = 128,
    SETTLED_MOST = 16384,
    JWE_MOST = 1 << 20,
    KEY_FILE_MOST = 16384,
    URL_MOST = 2048
};

struct gateway {
    char name[BOUND_NAME], kid[KID];
    struct jwk *key; /* NULL: its file cannot be read */
    bool stays;      /* while a configuration is taken */
};

struct settled { /* a ring: the oldest is forgotten */
    uint64_t delivery;
    enum delivery_state state;
    char detail[24];
};

struct gateways {
    struct delivery_process *owner;
    struct jose *jose;
    struct map *by_name; /* struct gateway */
    struct map *known;   /* delivery, 8 bytes -> struct settled in the ring */
    struct settled *ring;
    size_t ring_next;
    struct buf sealed;
};

static struct slice id_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

/* --- what became of them -------------------------------------------------------------------------------- */

static void settle(struct gateways *g, uint64_t delivery, enum delivery_state state, const char *detail)
{
    struct settled *s = &g->ring[g->ring_next];

    g->ring_next = (g->ring_next + 1) % SETTLED_MOST;
    if (s->delivery != 0)
        map_remove(g->known, id_key(&s->delivery));
    s->delivery = delivery;
    s->state = state;
    snprintf(s->detail, sizeof s->detail, "%s", detail);
    map_put(g->known, id_key(&delivery), s);
    delivery_report(g->owner, delivery, state, detail);
}

static void on_result(void *ctx, const struct jose_result *r)
{
    struct gateways *g = ctx;

    if (r->outcome == JOSE_STALLED)
        delivery_report(g->owner, r->delivery, STATE_FAILED, r->detail);
    else
        settle(g, r->delivery, r->outcome == JOSE_PUSHED ? STATE_PUSHED : STATE_DEAD, r->detail);
}

/* --- configuration ----------------------------------------------------------------------------------------
 */

static void site_path(const struct gateways *g, struct slice file, char out[PATH])
{
    bool absolute = file.len > 0 && file.ptr[0] == '/';

    snprintf(out, PATH, "%s%s%.*s", absolute ? "" : g->owner->env->options->site_dir, absolute ? "" : "/",
             SLICE_ARG(file));
}

/* The key's own name if it has one, else its thumbprint: the gateway finds its private key by it. */
static void name_key(struct gateway *w, struct slice json)
{
    json_error_t ignored;
    json_t *o = json_loadb(json.ptr, json.len, 0, &ignored);
    const char *kid = json_string_value(json_object_get(o, "kid"));
    struct buf thumbprint = buf_make(KID);

    jwk_put_thumbprint(w->key, &thumbprint);
    if (kid != NULL && strlen(kid) < KID)
        snprintf(w->kid, KID, "%s", kid);
    else
        snprintf(w->kid, KID, "%.*s", SLICE_ARG(buf_slice(&thumbprint)));
    buf_free(&thumbprint);
    json_decref(o);
}

static void read_key(const struct gateways *g, struct gateway *w, struct slice file)
{
    struct error err = { .code = ERROR_NONE };
    struct buf text = buf_make(KEY_FILE_MOST);
    char path[PATH];

    site_path(g, file, path);
    jwk_free(&w->key);
    if (file_read(path, &text, &err))
        w->key = jwk_from_json(buf_slice(&text), &err);
    if (w->key != NULL)
        name_key(w, buf_slice(&text));
    else
        log_error("delivery", "gateway-key", &err);
    buf_free(&text);
}

static bool set_destination(struct gateways *g, const struct gateway *w, const struct block *b,
                            struct error *err)
{
    const struct setting *certificate = block_setting(b, SLICE("certificate"));
    struct slice ca_setting = block_value(b, SLICE("ca"), SLICE(""));
    char ca[PATH], cert[PATH], key[PATH], url[URL_MOST];

    snprintf(url, sizeof url, "%.*s", SLICE_ARG(block_value(b, SLICE("url"), SLICE(""))));
    site_path(g, ca_setting, ca);
    if (certificate != NULL && certificate->value_count == 2) {
        site_path(g, certificate->values[0], cert);
        site_path(g, certificate->values[1], key);
    } else {
        certificate = NULL;
    }
    struct jose_destination d = { .name = w->name,
                                  .url = url,
                                  .ca_file = ca_setting.len > 0 ? ca : NULL,
                                  .certificate_file = certificate != NULL ? cert : NULL,
                                  .key_file = certificate != NULL ? key : NULL,
                                  .insecure = block_setting(b, SLICE("insecure")) != NULL,
                                  .concurrency = config_number(b, "max-connections", 0) };
    return jose_destination_set(g->jose, &d, err);
}

static void configure_one(struct gateways *g, const struct block *b)
{
    struct gateway *w = map_get(g->by_name, b->name);
    struct error err = { .code = ERROR_NONE };

    if (w == NULL) {
        w = memory_new(sizeof *w);
        snprintf(w->name, sizeof w->name, "%.*s", SLICE_ARG(b->name));
        map_put(g->by_name, b->name, w);
    }
    w->stays = true;
    read_key(g, w, block_value(b, SLICE("key"), SLICE("")));
    if (!set_destination(g, w, b, &err))
        log_error("delivery", "gateway-refused", &err);
}

static void gateway_free(void *value)
{
    struct gateway *w = value;

    jwk_free(&w->key);
    free(w);
}

void gateways_configure(struct gateways *g, const struct block *blocks, size_t count)
{
    struct slice name;
    void *value;

    for (size_t at = 0; map_next(g->by_name, &at, &name, &value);)
        ((struct gateway *)value)->stays = false;
    for (size_t i = 0; i < count; i++)
        if (blocks[i].endpoint && slice_is(blocks[i].kind, "jose"))
            configure_one(g, &blocks[i]);
    for (size_t at = 0; map_next(g->by_name, &at, &name, &value);) {
        struct gateway *w = value;
        if (w->stays)
            continue;
        jose_destination_drop(g->jose, w->name);
        map_remove(g->by_name, slice_of(w->name));
        gateway_free(w);
    }
}

/* --- sends ------------------------------------------------------------------------------------------------
 */

static bool seal(struct gateways *g, const struct gateway *w, const struct deliver_item *i, struct error *err)
{
    struct jwe_header header = { .kid = slice_of(w->kid), .cty = SLICE("application/nightbell+json") };

    buf_reset(&g->sealed);
    return jwe_seal(w->key, &header, i->payload, &g->sealed, err);
}

void gateways_take(struct gateways *g, const struct deliver_item *i)
{
    struct gateway *w = map_get(g->by_name, i->endpoint);
    struct settled *before = map_get(g->known, id_key(&i->delivery));
    struct error err = { .code = ERROR_NONE };

    if (before != NULL) {
        delivery_report(g->owner, i->delivery, before->state, before->detail);
    } else if (w == NULL) {
        settle(g, i->delivery, STATE_DEAD, "no-endpoint");
    } else if (w->key == NULL) {
        settle(g, i->delivery, STATE_DEAD, "no-key");
    } else if (!seal(g, w, i, &err)) {
        log_error("delivery", "cannot-seal", &err);
        settle(g, i->delivery, STATE_DEAD, "key");
    } else if (!jose_send(g->jose, i->endpoint, i->delivery, delivery_level(i->level),
                          buf_slice(&g->sealed))) {
        settle(g, i->delivery, STATE_DEAD, "no-endpoint");
    }
}

void gateways_cancel(struct gateways *g, uint64_t delivery)
{
    jose_cancel(g->jose, delivery);
}

struct gateways *gateways_open(struct delivery_process *d, struct error *err)
{
    struct gateways *g = memory_new(sizeof *g);
    struct jose_options o = { .on_result = on_result, .ctx = g };

    g->owner = d;
    g->by_name = map_new();
    g->known = map_new();
    g->ring = memory_array(SETTLED_MOST, sizeof *g->ring);
    g->sealed = buf_make(JWE_MOST);
    g->jose = jose_new(d->loop, &o, err);
    if (g->jose == NULL)
        gateways_close(&g);
    return g;
}

void gateways_close(struct gateways **g)
{
    if (g == NULL || *g == NULL)
        return;
    jose_free(&(*g)->jose);
    map_free(&(*g)->by_name, gateway_free);
    map_free(&(*g)->known, NULL);
    free((*g)->ring);
    buf_free(&(*g)->sealed);
    free(*g);
    *g = NULL;
}
