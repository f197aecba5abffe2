#include "adapters/net/bus.h"

#include "adapters/net/bus_zap.h"
#include "base/limits.h"
#include "base/memory.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct bus {
    void *zmq;
};

struct bus_socket {
    void *socket;
    struct event *readable, *again;
    struct bus_zap *zap;
    struct bus_options o;
    bool router;
    char address[256];
};

/* Above every credit: at worst each item travels in a frame of its own, so credits stop the sender first. */
enum { HIGH_WATER = 4 * LIMIT_BUS_CREDIT_ITEMS, LINGER_MS = 200, Z85_KEY = 40 };

struct bus *bus_new(struct error *err)
{
    void *zmq = zmq_ctx_new();

    if (zmq == NULL) {
        error_set(err, ERROR_IO, "cannot start the bus: %s", zmq_strerror(zmq_errno()));
        return NULL;
    }
    struct bus *b = memory_new(sizeof *b);
    b->zmq = zmq;
    return b;
}

void bus_free(struct bus **b)
{
    if (b == NULL || *b == NULL)
        return;
    zmq_ctx_term((*b)->zmq);
    free(*b);
    *b = NULL;
}

/* Rule 1 of the design notes: ask after every send and receive, and wake ourselves if more is there. By a
 * timer of no length: an event made active at once would run before the loop looks at its timers and other
 * sockets again, and a busy bus would hold up every deadline. */
static void recheck(struct bus_socket *s)
{
    static const struct timeval now = { 0, 0 };
    int events = 0;
    size_t size = sizeof events;

    if (zmq_getsockopt(s->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0)
        event_add(s->again, &now);
}

static bool receive_part(struct bus_socket *s, zmq_msg_t *part)
{
    zmq_msg_init(part);
    if (zmq_msg_recv(part, s->socket, ZMQ_DONTWAIT) >= 0)
        return true;
    zmq_msg_close(part);
    return false;
}

static struct slice part_slice(zmq_msg_t *part)
{
    return (struct slice){ zmq_msg_data(part), zmq_msg_size(part) };
}

/* What follows the parts we expect is read and thrown away, so that one odd message cannot shift the next. */
static void skip_rest(struct bus_socket *s, zmq_msg_t *last)
{
    zmq_msg_t extra;

    while (zmq_msg_more(last) != 0 && receive_part(s, &extra)) {
        zmq_msg_close(last);
        *last = extra;
    }
}

static bool receive_one(struct bus_socket *s)
{
    zmq_msg_t peer, frame;
    struct slice from = { NULL, 0 }, name = { NULL, 0 };

    if (s->router && !receive_part(s, &peer))
        return false;
    if (s->router) {
        from = part_slice(&peer);
        if (zmq_msg_more(&peer) == 0) {
            zmq_msg_close(&peer);
            return true;
        }
    }
    if (!receive_part(s, &frame)) {
        if (s->router)
            zmq_msg_close(&peer);
        return false;
    }
    if (s->zap != NULL) {
        const char *user = zmq_msg_gets(&frame, "User-Id");
        name = slice_of(user);
    }
    if (zmq_msg_more(&frame) == 0 && zmq_msg_size(&frame) <= LIMIT_BUS_FRAME_BYTES)
        s->o.on_frame(s->o.ctx, from, name, part_slice(&frame));
    else
        skip_rest(s, &frame);
    zmq_msg_close(&frame);
    if (s->router)
        zmq_msg_close(&peer);
    return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct bus_socket *s = arg;
    int drained = 0;

    (void)fd;
    (void)what;
    while (drained < BUS_TURN && receive_one(s))
        drained++;
    if (drained > 0 && s->o.on_turn != NULL)
        s->o.on_turn(s->o.ctx);
    recheck(s);
}

static void set_int(void *socket, int option, int value)
{
    zmq_setsockopt(socket, option, &value, sizeof value);
}

static bool set_key(struct bus_socket *s, int option, const char *z85)
{
    return strlen(z85) == Z85_KEY && zmq_setsockopt(s->socket, option, z85, Z85_KEY + 1) == 0;
}

static bool set_curve(struct bus *b, struct event_base *loop, struct bus_socket *s, struct error *err)
{
    const struct bus_options *o = &s->o;

    if (strncmp(o->address, "tcp://", 6) != 0)
        return true;
    if (o->curve_secret == NULL || o->curve_public == NULL ||
        (o->side == BUS_CONNECT ? o->curve_server == NULL : o->client_known == NULL))
        return error_set(err, ERROR_AUTH, "a tcp bus socket needs CURVE keys");
    set_int(s->socket, ZMQ_CURVE_SERVER, o->side == BUS_BIND);
    if (!set_key(s, ZMQ_CURVE_SECRETKEY, o->curve_secret) ||
        !set_key(s, ZMQ_CURVE_PUBLICKEY, o->curve_public) ||
        (o->side == BUS_CONNECT && !set_key(s, ZMQ_CURVE_SERVERKEY, o->curve_server)))
        return error_set(err, ERROR_CRYPTO, "a CURVE key is not 40 characters of Z85");
    if (o->side == BUS_CONNECT)
        return true;
    zmq_setsockopt(s->socket, ZMQ_ZAP_DOMAIN, "nightbell", 9);
    s->zap = bus_zap_open(b->zmq, loop, o->client_known, o->ctx, err);
    return s->zap != NULL;
}

static bool attach(struct bus_socket *s, struct event_base *loop, struct error *err)
{
    int fd = -1;
    size_t size = sizeof fd;
    int bad = s->router ? zmq_bind(s->socket, s->o.address) : zmq_connect(s->socket, s->o.address);

    if (bad != 0)
        return error_set(err, ERROR_IO, "the bus cannot %s its address: %s", s->router ? "bind" : "connect",
                         zmq_strerror(zmq_errno()));
    size_t length = sizeof s->address;
    if (zmq_getsockopt(s->socket, ZMQ_LAST_ENDPOINT, s->address, &length) != 0)
        s->address[0] = '\0';
    zmq_getsockopt(s->socket, ZMQ_FD, &fd, &size);
    s->readable = event_new(loop, fd, EV_READ | EV_PERSIST, on_readable, s);
    s->again = evtimer_new(loop, on_readable, s);
    event_add(s->readable, NULL);
    recheck(s);
    return true;
}

struct bus_socket *bus_open(struct bus *b, struct event_base *loop, const struct bus_options *o,
                            struct error *err)
{
    struct bus_socket *s = memory_new(sizeof *s);

    s->o = *o;
    s->router = o->side == BUS_BIND;
    s->socket = zmq_socket(b->zmq, s->router ? ZMQ_ROUTER : ZMQ_DEALER);
    set_int(s->socket, ZMQ_SNDHWM, HIGH_WATER);
    set_int(s->socket, ZMQ_RCVHWM, HIGH_WATER);
    set_int(s->socket, ZMQ_LINGER, LINGER_MS);
    set_int(s->socket, ZMQ_RECONNECT_IVL, 20);
    set_int(s->socket, ZMQ_RECONNECT_IVL_MAX, 200);
    bool other_host = strncmp(o->address, "tcp://", 6) == 0;
    int64_t most = other_host ? LIMIT_ADAPTER_FRAME_BYTES : LIMIT_BUS_FRAME_BYTES;
    zmq_setsockopt(s->socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
    if (s->router) {
        set_int(s->socket, ZMQ_ROUTER_MANDATORY, 1);
        /* A restarted peer comes back under a new identity, so no handover is needed. */
    }
    if (!set_curve(b, loop, s, err) || !attach(s, loop, err))
        bus_close(&s);
    return s;
}

void bus_close(struct bus_socket **s)
{
    if (s == NULL || *s == NULL)
        return;
    if ((*s)->readable != NULL)
        event_free((*s)->readable);
    if ((*s)->again != NULL)
        event_free((*s)->again);
    bus_zap_close(&(*s)->zap);
    zmq_close((*s)->socket);
    free(*s);
    *s = NULL;
}

bool bus_send(struct bus_socket *s, struct slice peer, struct slice frame)
{
    bool sent = true;

    if (s->router)
        sent = zmq_send(s->socket, peer.ptr, peer.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
    if (sent)
        sent = zmq_send(s->socket, frame.ptr, frame.len, ZMQ_DONTWAIT) >= 0;
    recheck(s);
    return sent;
}

const char *bus_address(const struct bus_socket *s)
{
    return s->address;
}
