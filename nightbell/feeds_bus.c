#include "nightbell/feeds_bus.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADAPTERS = 64, PEER_BYTES = 255, KEY_TEXT = 41 };

struct adapter { /* one connected client: where its verdicts go */
    uint8_t peer[PEER_BYTES];
    size_t peer_len;
    uint64_t session;
};

struct client {
    char key[KEY_TEXT], name[64];
};

struct bus_feeds {
    struct bus_socket *socket;
    struct peer *router;
    char listener[BOUND_NAME];
    struct client *clients;
    size_t client_count;
    struct adapter adapters[ADAPTERS];
    size_t adapter_count;
    struct buf out;
};

static bool client_known(void *ctx, const char *key, char name[64])
{
    struct bus_feeds *b = ctx;

    for (size_t i = 0; i < b->client_count; i++)
        if (strcmp(b->clients[i].key, key) == 0) {
            snprintf(name, 64, "%s", b->clients[i].name);
            return true;
        }
    log_event(LOG_WARN, "bus", "client-refused", "listener", b->listener, NULL);
    return false;
}

static struct slice adapter_peer(const struct adapter *a)
{
    return (struct slice){ (const char *)a->peer, a->peer_len };
}

static struct adapter *adapter_for(struct bus_feeds *b, struct slice peer)
{
    for (size_t i = 0; i < b->adapter_count; i++)
        if (slice_eq(adapter_peer(&b->adapters[i]), peer))
            return &b->adapters[i];
    if (b->adapter_count == ADAPTERS || peer.len > PEER_BYTES)
        return NULL;
    struct adapter *a = &b->adapters[b->adapter_count++];
    memcpy(a->peer, peer.ptr, peer.len);
    a->peer_len = peer.len;
    return a;
}

static void refuse(struct bus_feeds *b, const struct adapter *a, const struct submit_item *i, const char *why)
{
    struct verdict_item v = { .connection = i->connection, .sequence = i->sequence, .verdict = 3 };

    error_set(&v.error, ERROR_AUTH, "%s", why);
    frame_begin(&b->out, FRAME_VERDICTS, a->session);
    verdict_write(&b->out, &v);
    bus_send(b->socket, adapter_peer(a), buf_slice(&b->out));
}

/* The adapter's own connection number is kept in 32 bits; above it stands which adapter. */
static void submit(struct bus_feeds *b, struct adapter *a, struct frame *f, struct slice name)
{
    for (uint32_t n = 0; n < f->count; n++) {
        struct submit_item i;
        uint8_t whole[HASH_BYTES];
        if (!submit_read(&f->body, &i))
            return;
        if (!slice_is(i.listener, b->listener) || i.connection > UINT32_MAX) {
            refuse(b, a, &i, "an adapter submits for its own listener only");
            continue;
        }
        const struct slice parts[] = { i.listener, SLICE("\n"), i.bytes };
        hash_sha256_parts(parts, 3, whole);
        memcpy(i.duplicate_key, whole, sizeof i.duplicate_key);
        i.connection |= (uint64_t)(a - b->adapters) << 32;
        i.principal = name;
        i.suspect = false;
        if (!peer_submit(b->router, &i))
            refuse(b, a, &i, "the router is away: submit again");
    }
}

static void on_frame(void *ctx, struct slice peer, struct slice name, struct slice bytes)
{
    struct bus_feeds *b = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;
    struct adapter *a = adapter_for(b, peer);

    if (a == NULL || !frame_open(bytes, &f, &err)) {
        if (err.code != ERROR_NONE)
            log_error("bus", "frame-refused", &err);
        return;
    }
    if (f.type == FRAME_HELLO) {
        a->session = f.session;
        welcome_write(&b->out, f.session, peer_session(b->router), SLICE("{}"));
        bus_send(b->socket, peer, buf_slice(&b->out));
    } else if (f.type == FRAME_SUBMIT && a->session == f.session && f.session != 0) {
        submit(b, a, &f, name);
    } else {
        stale_write(&b->out, f.session);
        bus_send(b->socket, peer, buf_slice(&b->out));
    }
}

void bus_feeds_answer(struct bus_feeds *b, const struct verdict_item *v)
{
    uint64_t index = v->connection >> 32;

    if (b == NULL || b->socket == NULL || index >= b->adapter_count)
        return;
    struct adapter *a = &b->adapters[index];
    struct verdict_item own = *v;
    own.connection &= UINT32_MAX;
    frame_begin(&b->out, FRAME_VERDICTS, a->session);
    verdict_write(&b->out, &own);
    bus_send(b->socket, adapter_peer(a), buf_slice(&b->out));
}

static bool read_clients(struct bus_feeds *b, const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    char line[256];
    size_t room = 0;

    if (file == NULL)
        return error_set(err, ERROR_IO, "listener %s: its clients file cannot be read", b->listener);
    while (fgets(line, sizeof line, file) != NULL) {
        struct client c = { .key = "" };
        if (line[0] == '#' || sscanf(line, "%40s %63s", c.key, c.name) != 2 || strlen(c.key) != KEY_TEXT - 1)
            continue;
        MEMORY_ROOM(b->clients, b->client_count, room);
        b->clients[b->client_count++] = c;
    }
    fclose(file);
    return true;
}

/* The server's own CURVE pair: a file of two lines, public then secret, readable by its owner only. */
static bool read_pair(const char *path, char public_key[KEY_TEXT], char secret_key[KEY_TEXT], struct error *err)
{
    FILE *file = fopen(path, "re");
    bool fine = file != NULL && fscanf(file, "%40s %40s", public_key, secret_key) == 2;

    if (file != NULL)
        fclose(file);
    return fine || error_set(err, ERROR_IO, "the bus listener's key file cannot be read");
}

static bool open_socket(struct bus_feeds *b, const struct role_env *env, struct event_base *loop, const struct block *k,
                        struct error *err)
{
    char path[1024], public_key[KEY_TEXT], secret_key[KEY_TEXT], address[256];
    struct slice on = block_value(k, SLICE("on"), SLICE("tcp://127.0.0.1:5671"));

    snprintf(b->listener, sizeof b->listener, "%.*s", SLICE_ARG(k->name));
    snprintf(path, sizeof path, "%s/%.*s", env->options->site_dir,
             SLICE_ARG(block_value(k, SLICE("client"), SLICE("keys/clients.txt"))));
    if (!read_clients(b, path, err))
        return false;
    snprintf(path, sizeof path, "%s/%.*s", env->options->site_dir,
             SLICE_ARG(block_value(k, SLICE("key"), SLICE("keys/bus.key"))));
    if (!read_pair(path, public_key, secret_key, err))
        return false;
    snprintf(address, sizeof address, "%.*s", SLICE_ARG(on));
    struct bus_options o = { .side = BUS_BIND, .address = address, .curve_secret = secret_key,
                             .curve_public = public_key, .client_known = client_known, .on_frame = on_frame, .ctx = b };
    b->socket = bus_open(env->bus, loop, &o, err);
    if (b->socket != NULL)
        log_event(LOG_INFO, "bus", "listening", "listener", b->listener, "address", bus_address(b->socket), NULL);
    return b->socket != NULL;
}

struct bus_feeds *bus_feeds_open(const struct role_env *env, struct event_base *loop, struct peer *peer,
                                 const struct config *c, struct error *err)
{
    struct bus_feeds *b = memory_new(sizeof *b);

    b->router = peer;
    b->out = buf_make(LIMIT_BUS_FRAME_BYTES);
    for (size_t i = 0; i < c->block_count; i++)
        if (!c->blocks[i].endpoint && slice_is(c->blocks[i].kind, "bus") && b->socket == NULL &&
            !open_socket(b, env, loop, &c->blocks[i], err)) {
            bus_feeds_close(&b);
            return NULL;
        }
    return b;
}

void bus_feeds_close(struct bus_feeds **b)
{
    if (b == NULL || *b == NULL)
        return;
    bus_close(&(*b)->socket);
    buf_free(&(*b)->out);
    free((*b)->clients);
    free(*b);
    *b = NULL;
}
