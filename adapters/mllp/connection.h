/* adapters/mllp/connection.h - private to adapters/mllp: one connection and its unanswered messages. */
#ifndef NIGHTBELL_ADAPTERS_MLLP_CONNECTION_H
#define NIGHTBELL_ADAPTERS_MLLP_CONNECTION_H

#include "adapters/mllp/listener.h"
#include "base/buf.h"
#include "hl7/mllp.h"

#include <netinet/in.h>

struct bufferevent;
struct evconnlistener;
struct event;

struct waiting_message { /* a ring in arrival order */
    uint64_t sequence;
    char *header; /* its MSH segment, for the acknowledgement; NULL: nothing is due */
    size_t header_len;
};

struct connection {
    struct mllp_listener *owner;
    uint64_t id; /* generation << 32 | slot */
    struct bufferevent *bev;
    struct mllp_framer framer;
    struct buf in; /* bytes not yet framed */
    char peer[INET6_ADDRSTRLEN];
    char *principal;
    uint64_t next_sequence;
    struct waiting_message *ring;
    size_t ring_room, ring_first, waiting;
    uint32_t last_byte_s, frame_since_s; /* the listener's seconds; 0 = no frame begun */
    uint32_t opened_s;
    bool handshaking; /* TLS is not yet agreed */
    bool ended;       /* the peer has ended its side: answer what is waiting, then close */
    bool in_call;     /* its input is being handed over: it may be closed, not freed */
    bool closed;
};

struct mllp_listener {
    struct event_base *loop;
    struct mllp_options o;
    struct evconnlistener *acceptor;
    struct event *tick;
    struct connection **slots;
    uint32_t *generations;
    size_t slot_count;
    struct mllp_counts counts;
    struct buf ack; /* reused */
    uint32_t seconds;
    bool paused, stopped;
    bool deaf; /* accept failed: not again before the next second */
};

void connection_open(struct mllp_listener *l, struct bufferevent *bev, const char *peer);
void connection_close(struct connection *c, const char *reason);
void connection_answer(struct connection *c, uint64_t sequence, const struct mllp_verdict *v);
void connection_read_on(struct connection *c);        /* reading or not, as pause and inflight ask */
void connection_go_on(struct connection *c);          /* and what lies in the buffers, from the loop */
size_t connection_unsent(const struct connection *c); /* 1 when the network has not taken all answers */
void connection_check_time(struct connection *c);

#endif
