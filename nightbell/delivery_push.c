/* nightbell/delivery_push.c - alerts for enrolled devices: sealed here, handed to web, which holds the
 * streams.
 *
 * An item waits here only while web is not there. What web could not write (no open stream) is not kept and
 * not reported: the delivery stays queued in the router, which sends it again when the device's stream opens
 * and opens the next step when no receipt comes in time. Reporting it as failed would let a phone in a lift
 * wake somebody else at once. */
#include "nightbell/delivery_state.h"

#include "adapters/seal/jwe.h"
#include "adapters/seal/random.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WEB_ID = 256, JWE_MOST = 1 << 20, WAITING_MOST = 65536 };

struct push {
    uint64_t delivery, device;
    enum jose_level level;
    char *jwe;
    size_t jwe_len;
    struct push *next, *previous;
};

struct device_key {
    uint8_t point[JWK_POINT];
    struct jwk *key;
};

struct pushes {
    struct delivery_process *owner;
    struct bus_socket *bus;
    struct event *flush;
    struct map *keys;    /* device, 8 bytes -> struct device_key: a point is checked once */
    struct map *waiting; /* delivery, 8 bytes -> struct push */
    struct push *first[JOSE_LEVELS], *last[JOSE_LEVELS];
    struct buf sealed, out;
    char web[WEB_ID]; /* who web is on the bus; web_len 0: not there */
    size_t web_len;
    uint64_t web_session;
};

static struct slice id_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

/* --- the queues, by urgency ------------------------------------------------------------------------- */

static void append(struct pushes *p, struct push *i)
{
    i->previous = p->last[i->level];
    i->next = NULL;
    *(i->previous != NULL ? &i->previous->next : &p->first[i->level]) = i;
    p->last[i->level] = i;
    map_put(p->waiting, id_key(&i->delivery), i);
}

static void forget(struct pushes *p, struct push *i)
{
    map_remove(p->waiting, id_key(&i->delivery));
    free(i->jwe);
    free(i);
}

static void drop(struct pushes *p, struct push *i)
{
    *(i->previous != NULL ? &i->previous->next : &p->first[i->level]) = i->next;
    *(i->next != NULL ? &i->next->previous : &p->last[i->level]) = i->previous;
    forget(p, i);
}

/* The most urgent and oldest goes; false when there is none. */
static bool drop_first(struct pushes *p)
{
    for (int level = 0; level < JOSE_LEVELS; level++) {
        struct push *i = p->first[level];
        if (i == NULL)
            continue;
        p->first[level] = i->next;
        *(i->next != NULL ? &i->next->previous : &p->last[level]) = NULL;
        forget(p, i);
        return true;
    }
    return false;
}

/* --- to web -----------------------------------------------------------------------------------------------
 */

/* Fills one frame in the order of urgency, without taking anything out of the queues yet. */
static uint32_t fill(struct pushes *p)
{
    uint32_t count = 0;

    frame_begin(&p->out, FRAME_PUSH, p->web_session);
    for (int level = 0; level < JOSE_LEVELS; level++)
        for (const struct push *i = p->first[level]; i != NULL; i = i->next, count++) {
            if (frame_full(&p->out, i->jwe_len + 32))
                return count;
            push_write(&p->out, &(struct push_item){ i->delivery, i->device, { i->jwe, i->jwe_len } });
        }
    return count;
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
    struct pushes *p = arg;

    (void)fd;
    (void)what;
    while (p->web_len > 0 && map_count(p->waiting) > 0) {
        uint32_t count = fill(p);
        if (!bus_send(p->bus, (struct slice){ p->web, p->web_len }, buf_slice(&p->out))) {
            p->web_len = 0; /* it has gone, or reads nothing: all of this waits for its next hello */
            return;
        }
        for (uint32_t n = 0; n < count; n++)
            drop_first(p);
    }
}

static void take_hello(struct pushes *p, struct slice from, struct frame *f)
{
    uint8_t role = read_u8(&f->body);

    if (f->body.failed || role != ROLE_WEB || from.len > sizeof p->web)
        return;
    memcpy(p->web, from.ptr, from.len); /* the newest wins: it is web started again */
    p->web_len = from.len;
    p->web_session = f->session;
    event_active(p->flush, EV_TIMEOUT, 0);
}

static void take_pushed(struct pushes *p, struct frame *f)
{
    for (uint32_t n = 0; n < f->count; n++) {
        struct pushed_item i;
        if (!pushed_read(&f->body, &i))
            return;
        if (i.written)
            delivery_report(p->owner, i.delivery, STATE_PUSHED, "stream");
    }
}

static void on_frame(void *ctx, struct slice from, struct slice name, struct slice bytes)
{
    struct pushes *p = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;

    (void)name;
    if (!frame_open(bytes, &f, &err))
        log_error("delivery", "frame-refused", &err);
    else if (f.type == FRAME_HELLO)
        take_hello(p, from, &f);
    else if (f.type == FRAME_PUSHED && slice_eq(from, (struct slice){ p->web, p->web_len }))
        take_pushed(p, &f);
}

/* --- sealing ----------------------------------------------------------------------------------------------
 */

static void key_free(void *value)
{
    struct device_key *k = value;

    jwk_free(&k->key);
    free(k);
}

static const struct jwk *key_of(struct pushes *p, uint64_t device, struct slice point, struct error *err)
{
    struct device_key *k = map_get(p->keys, id_key(&device));

    if (point.len != JWK_POINT) {
        error_set(err, ERROR_CRYPTO, "a device without a key");
        return NULL;
    }
    if (k != NULL && memcmp(k->point, point.ptr, JWK_POINT) == 0)
        return k->key;
    struct jwk *key = jwk_from_point(point, err);
    if (key == NULL)
        return NULL;
    if (k != NULL)
        key_free(map_remove(p->keys, id_key(&device)));
    k = memory_new(sizeof *k);
    memcpy(k->point, point.ptr, JWK_POINT);
    k->key = key;
    map_put(p->keys, id_key(&device), k);
    return key;
}

static bool seal(struct pushes *p, const struct deliver_item *i, struct error *err)
{
    char kid[17];
    struct jwe_header header = { .cty = SLICE("application/nightbell+json") };
    const struct jwk *key = key_of(p, i->device, i->key, err);

    snprintf(kid, sizeof kid, "%016" PRIx64, i->device);
    header.kid = slice_of(kid);
    buf_reset(&p->sealed);
    return key != NULL && jwe_seal(key, &header, i->payload, &p->sealed, err);
}

void pushes_take(struct pushes *p, const struct deliver_item *i)
{
    struct error err = { .code = ERROR_NONE };
    struct push *old = map_get(p->waiting, id_key(&i->delivery));

    if (!seal(p, i, &err)) {
        log_error("delivery", "cannot-seal", &err);
        delivery_report(p->owner, i->delivery, STATE_DEAD, "key");
        return;
    }
    if (old != NULL)
        drop(p, old); /* said again, and newer: the countdown has moved */
    if (map_count(p->waiting) >= WAITING_MOST) {
        delivery_report(p->owner, i->delivery, STATE_FAILED, "queue");
        return;
    }
    struct push *fresh = memory_new(sizeof *fresh);
    *fresh = (struct push){ .delivery = i->delivery, .device = i->device, .level = delivery_level(i->level) };
    fresh->jwe = memory_text(p->sealed.ptr, p->sealed.len);
    fresh->jwe_len = p->sealed.len;
    append(p, fresh);
    event_active(p->flush, EV_TIMEOUT, 0);
}

void pushes_cancel(struct pushes *p, uint64_t delivery)
{
    struct push *i = map_get(p->waiting, id_key(&delivery));

    if (i != NULL)
        drop(p, i);
}

struct pushes *pushes_open(struct delivery_process *d, struct error *err)
{
    struct pushes *p = memory_new(sizeof *p);
    struct bus_options o = {
        .side = BUS_BIND, .address = d->env->push_address, .on_frame = on_frame, .ctx = p
    };

    p->owner = d;
    p->keys = map_new();
    p->waiting = map_new();
    p->sealed = buf_make(JWE_MOST);
    p->out = buf_make(LIMIT_BUS_FRAME_BYTES);
    p->flush = event_new(d->loop, -1, 0, on_flush, p);
    p->bus = bus_open(d->env->bus, d->loop, &o, err);
    if (p->bus == NULL)
        pushes_close(&p);
    return p;
}

void pushes_close(struct pushes **p)
{
    if (p == NULL || *p == NULL)
        return;
    while (drop_first(*p))
        ;
    bus_close(&(*p)->bus);
    map_free(&(*p)->keys, key_free);
    map_free(&(*p)->waiting, NULL);
    event_free((*p)->flush);
    buf_free(&(*p)->sealed);
    buf_free(&(*p)->out);
    free(*p);
    *p = NULL;
}
