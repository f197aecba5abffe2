#include "adapters/net/bus_zap.h"

#include "base/memory.h"
#include "base/slice.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { ZAP_PARTS = 7, PART_BYTES = 255 };

struct bus_zap {
    void *socket;
    struct event *readable;
    bool (*known)(void *ctx, const char *public_key_z85, char name[64]);
    void *ctx;
};

struct zap_request { /* RFC 27: version, request id, domain, address, identity, mechanism, credentials */
    char part[ZAP_PARTS][PART_BYTES];
    size_t length[ZAP_PARTS];
    size_t count;
};

static bool receive_request(struct bus_zap *z, struct zap_request *r)
{
    int more = 1;

    *r = (struct zap_request){ .count = 0 };
    while (more != 0) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, z->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&part);
            return false;
        }
        size_t length = zmq_msg_size(&part);
        if (r->count < ZAP_PARTS && length <= PART_BYTES) {
            memcpy(r->part[r->count], zmq_msg_data(&part), length);
            r->length[r->count] = length;
        }
        r->count++;
        more = zmq_msg_more(&part);
        zmq_msg_close(&part);
    }
    return true;
}

static bool is_text(const struct zap_request *r, size_t part, const char *text)
{
    return slice_eq((struct slice){ r->part[part], r->length[part] }, slice_of(text));
}

static bool allowed(const struct bus_zap *z, const struct zap_request *r, char name[64])
{
    char key[41];

    return r->count == ZAP_PARTS && is_text(r, 0, "1.0") && is_text(r, 5, "CURVE") && r->length[6] == 32 &&
           zmq_z85_encode(key, (const unsigned char *)r->part[6], 32) != NULL && z->known(z->ctx, key, name);
}

static void send_text(struct bus_zap *z, const char *text, size_t length, int more)
{
    zmq_send(z->socket, text, length, more != 0 ? ZMQ_SNDMORE : 0);
}

static void answer(struct bus_zap *z, const struct zap_request *r)
{
    char name[64] = "";
    bool yes = allowed(z, r, name);

    send_text(z, "1.0", 3, 1);
    send_text(z, r->part[1], r->count > 1 ? r->length[1] : 0, 1);
    send_text(z, yes ? "200" : "400", 3, 1);
    send_text(z, yes ? "OK" : "not known", yes ? 2 : 9, 1);
    send_text(z, yes ? name : "", yes ? strlen(name) : 0, 1);
    send_text(z, "", 0, 0);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct bus_zap *z = arg;
    struct zap_request request;

    (void)fd;
    (void)what;
    while (receive_request(z, &request))
        answer(z, &request);
}

struct bus_zap *bus_zap_open(void *zmq_context, struct event_base *loop,
                             bool (*known)(void *ctx, const char *public_key_z85, char name[64]), void *ctx,
                             struct error *err)
{
    struct bus_zap *z = memory_new(sizeof *z);
    int fd = -1;
    size_t size = sizeof fd;

    *z = (struct bus_zap){ .socket = zmq_socket(zmq_context, ZMQ_REP), .known = known, .ctx = ctx };
    if (z->socket == NULL || zmq_bind(z->socket, "inproc://zeromq.zap.01") != 0 ||
        zmq_getsockopt(z->socket, ZMQ_FD, &fd, &size) != 0) {
        error_set(err, ERROR_IO, "cannot start the bus's key check: %s", zmq_strerror(zmq_errno()));
        bus_zap_close(&z);
        return NULL;
    }
    z->readable = event_new(loop, fd, EV_READ | EV_PERSIST, on_readable, z);
    event_add(z->readable, NULL);
    event_active(z->readable, EV_READ, 0);
    return z;
}

void bus_zap_close(struct bus_zap **z)
{
    if (z == NULL || *z == NULL)
        return;
    if ((*z)->readable != NULL)
        event_free((*z)->readable);
    if ((*z)->socket != NULL)
        zmq_close((*z)->socket);
    free(*z);
    *z = NULL;
}
