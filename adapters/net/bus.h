/* adapters/net/bus.h - libzmq on a libevent loop (docs/bus.md); nothing else in Nightbell calls zmq.
 *
 * A zmq file descriptor is edge-triggered and lies by omission, so this module obeys the rules measured
 * in the design notes: after every send or receive ZMQ_EVENTS is read again, at most BUS_TURN messages
 * are drained a turn, and the handler runs once after the socket is added. One socket belongs to one
 * loop and one thread. */
#ifndef NIGHTBELL_ADAPTERS_NET_BUS_H
#define NIGHTBELL_ADAPTERS_NET_BUS_H

#include "base/error.h"
#include "base/slice.h"

struct event_base;
struct bus; /* one zmq context a process */
struct bus_socket;

enum { BUS_TURN = 64 };

struct bus *bus_new(struct error *err);
void bus_free(struct bus **b); /* every socket must be closed before */

enum bus_side { BUS_BIND, BUS_CONNECT }; /* ROUTER that binds, DEALER that connects */

struct bus_options {
    enum bus_side side;
    const char *address; /* ipc://, inproc:// or tcp:// */
    /* CURVE for tcp (Z85 text of 40 characters); NULL elsewhere. A tcp socket without is refused. */
    const char *curve_secret, *curve_public, *curve_server;
    /* Bind with CURVE: is this client's public key (Z85) known? Gives its name for frames. */
    bool (*client_known)(void *ctx, const char *public_key_z85, char name[64]);
    /* `peer`: who sent it (ROUTER), empty for a DEALER; `name`: of a CURVE client, else empty. */
    void (*on_frame)(void *ctx, struct slice peer, struct slice name, struct slice frame);
    void (*on_turn)(void *ctx); /* after the last frame of a turn; NULL when not wanted */
    void *ctx;
};

struct bus_socket *bus_open(struct bus *b, struct event_base *loop, const struct bus_options *o,
                            struct error *err);
void bus_close(struct bus_socket **s);

/* False when the peer is gone or its queue is full: the caller keeps what it must not lose. */
bool bus_send(struct bus_socket *s, struct slice peer, struct slice frame);
/* The address really bound, for tcp port 0. */
const char *bus_address(const struct bus_socket *s);

#endif
