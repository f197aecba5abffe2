#include "nightbell/feeds_bus.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "router/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADAPTERS = 64, PEER_BYTES = 255, KEY_TEXT = 41 };

/* A connection on the router's bus: bits 0-31 the adapter's own number, 32-39 which adapter, 40-55 which use
 * of that place (so that a verdict for one that has gone is not the next one's), 56-63 zero. */
enum { PLACE_SHIFT = 32, USE_SHIFT = 40, USE_MASK = 0xffff };

struct adapter { /* one client that has said hello: where its verdicts go */
    uint8_t peer[PEER_BYTES];
    size_t peer_len;
    uint64_t session; /* 0: must say hello */
    uint64_t heard;   /* counts frames: the place that was silent longest is used again */
    uint32_t use, unanswered;
    uint64_t unanswered_bytes;
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
    uint64_t heard;
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

static struct adapter *find_adapter(struct bus_feeds *b, struct slice peer)
{
    for (size_t i = 0; i < b->adapter_count; i++)
        if (slice_eq(adapter_peer(&b->adapters[i]), peer))
            return &b->adapters[i];
    return NULL;
}

/* A client that dials again comes under a new identity, so places are used again: the longest silent first.
 */
static struct adapter *free_place(struct bus_feeds *b)
{
    if (b->adapter_count < ADAPTERS)
        return &b->adapters[b->adapter_count++];
    struct adapter *oldest = &b->adapters[0];
    for (size_t i = 1; i < ADAPTERS; i++)
        if (b->adapters[i].heard < oldest->heard)
            oldest = &b->adapters[i];
    return oldest;
}

static void forget_unanswered(struct adapter *a)
{
    a->use = (a->use + 1) & USE_MASK;
    a->unanswered = 0;
    a->unanswered_bytes = 0;
}

static void stale(struct bus_feeds *b, struct slice peer, uint64_t session)
{
    stale_write(&b->out, session);
    bus_send(b->socket, peer, buf_slice(&b->out));
}

static void hello(struct bus_feeds *b, struct adapter *a, struct slice peer, uint64_t session)
{
    if (session == 0 || peer.len > PEER_BYTES)
        return;
    if (!peer_welcome(b->router)) {
        stale(b, peer, session); /* nothing can be promised yet: say it again */
        return;
    }
    if (a == NULL)
        a = free_place(b);
    if (a->session != session)
        forget_unanswered(a);
    memcpy(a->peer, peer.ptr, peer.len);
    a->peer_len = peer.len;
    a->session = session;
    a->heard = ++b->heard;
    welcome_write(&b->out, session, peer_session(b->router), SLICE("{}"));
    bus_send(b->socket, peer, buf_slice(&b->out));
}

static void refuse(struct bus_feeds *b, const struct adapter *a, const struct submit_item *i,
                   enum error_code code, const char *why)
{
    struct verdict_item v = { .connection = i->connection,
                              .sequence = i->sequence,
                              .verdict = VERDICT_REJECTED };

    error_set(&v.error, code, "%s", why);
    frame_begin(&b->out, FRAME_VERDICTS, a->session);
    verdict_write(&b->out, &v);
    bus_send(b->socket, adapter_peer(a), buf_slice(&b->out));
}

/* NULL: it may be submitted. */
static const char *refusal(const struct bus_feeds *b, const struct adapter *a, const struct submit_item *i,
                           enum error_code *code)
{
    *code = ERROR_AUTH;
    if (!slice_is(i->listener, b->listener))
        return "an adapter submits for its own listener only";
    *code = ERROR_VALUE;
    if (i->connection > UINT32_MAX)
        return "a connection's number has at most 32 bits";
    if (i->format > FORMAT_FHIR_TREE)
        return "format 0 is HL7 v2, 1 a FHIR tree";
    *code = ERROR_LIMIT;
    if (i->bytes.len > LIMIT_MESSAGE_BYTES)
        return "message-bytes: the message is too large";
    if (a->unanswered >= LIMIT_BUS_CREDIT_ITEMS)
        return "bus-credit-items: too many are unanswered";
    return a->unanswered_bytes + i->bytes.len > LIMIT_BUS_CREDIT_BYTES
               ? "bus-credit-bytes: too much is unanswered"
               : NULL;
}

static void submit_one(struct bus_feeds *b, struct adapter *a, struct submit_item *i, struct slice name)
{
    uint64_t own = i->connection, session = a->session;

    submission_key(i->listener, i->bytes, i->duplicate_key);
    i->connection |= (uint64_t)(a - b->adapters) << PLACE_SHIFT | (uint64_t)a->use << USE_SHIFT;
    i->principal = name;
    i->suspect = false;
    if (peer_submit(b->router, i)) {
        a->unanswered++;
        a->unanswered_bytes += i->bytes.len;
    } else if (a->session == session) {
        i->connection = own;
        refuse(b, a, i, ERROR_IO, "the router is away: submit again");
    }
}

static void submit(struct bus_feeds *b, struct adapter *a, struct frame *f, struct slice name)
{
    for (uint32_t n = 0; n < f->count && a->session == f->session; n++) {
        struct submit_item i;
        enum error_code code;
        if (!submit_read(&f->body, &i))
            return;
        const char *why = refusal(b, a, &i, &code);
        if (why != NULL)
            refuse(b, a, &i, code, why);
        else
            submit_one(b, a, &i, name);
    }
}

static void on_frame(void *ctx, struct slice peer, struct slice name, struct slice bytes)
{
    struct bus_feeds *b = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;

    if (!frame_open(bytes, &f, &err)) {
        log_error("bus", "frame-refused", &err);
        return;
    }
    struct adapter *a = find_adapter(b, peer);
    if (f.type == FRAME_HELLO) {
        hello(b, a, peer, f.session);
    } else if (f.type == FRAME_SUBMIT && a != NULL && a->session == f.session && f.session != 0) {
        a->heard = ++b->heard;
        submit(b, a, &f, name);
    } else {
        stale(b, peer, f.session);
    }
}

void bus_feeds_lost(struct bus_feeds *b)
{
    if (b == NULL || b->socket == NULL)
        return;
    for (size_t i = 0; i < b->adapter_count; i++) {
        struct adapter *a = &b->adapters[i];
        if (a->session != 0)
            stale(b, adapter_peer(a), a->session);
        a->session = 0;
        forget_unanswered(a);
    }
}

void bus_feeds_answer(struct bus_feeds *b, const struct verdict_item *v)
{
    uint64_t place = v->connection >> PLACE_SHIFT & 0xff;

    if (b == NULL || b->socket == NULL || place >= b->adapter_count)
        return;
    struct adapter *a = &b->adapters[place];
    if (a->session == 0 || a->use != (v->connection >> USE_SHIFT & USE_MASK))
        return;
    struct verdict_item own = *v;
    own.connection &= UINT32_MAX;
    /* Sizes are not kept one by one: each verdict gives back the average of what is open. */
    if (a->unanswered > 0) {
        a->unanswered_bytes -= a->unanswered_bytes / a->unanswered;
        a->unanswered--;
    }
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
static bool read_pair(const char *path, char public_key[KEY_TEXT], char secret_key[KEY_TEXT],
                      struct error *err)
{
    FILE *file = fopen(path, "re");
    bool fine = file != NULL && fscanf(file, "%40s %40s", public_key, secret_key) == 2;

    if (file != NULL)
        fclose(file);
    return fine || error_set(err, ERROR_IO, "the bus listener's key file cannot be read");
}

static bool open_socket(struct bus_feeds *b, const struct role_env *env, struct event_base *loop,
                        const struct block *k, struct error *err)
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
    struct bus_options o = { .side = BUS_BIND,
                             .address = address,
                             .curve_secret = secret_key,
                             .curve_public = public_key,
                             .client_known = client_known,
                             .on_frame = on_frame,
                             .ctx = b };
    b->socket = bus_open(env->bus, loop, &o, err);
    if (b->socket != NULL)
        log_event(LOG_INFO, "bus", "listening", "listener", b->listener, "address", bus_address(b->socket),
                  NULL);
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
