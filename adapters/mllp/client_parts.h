/* adapters/mllp/client_parts.h - private to adapters/mllp: a sender, and how it dials. */
#ifndef NIGHTBELL_ADAPTERS_MLLP_CLIENT_PARTS_H
#define NIGHTBELL_ADAPTERS_MLLP_CLIENT_PARTS_H

#include "adapters/mllp/client.h"
#include "base/buf.h"
#include "base/prng.h"
#include "hl7/ack.h"
#include "hl7/mllp.h"

struct bufferevent;
struct event;
struct evdns_base;

enum sender_state {
    SENDER_CLOSED,     /* no connection, nothing in hand */
    SENDER_IDLE,       /* a connection, nothing in hand */
    SENDER_WAITING,    /* a message in hand, and a pause before it */
    SENDER_CONNECTING, /* a message in hand, the connection on its way */
    SENDER_WRITING,    /* its bytes are on their way, or its answer (release 2: its commit) */
    SENDER_COMMITTED   /* release 2: stored there, its answer is on its way */
};

enum sender_answer { ANSWER_ALWAYS, ANSWER_ON_ERROR, ANSWER_NEVER };

struct mllp_sender {
    struct event_base *loop;
    struct mllp_sender_options o;
    char *name, *host;
    int port;
    bool numeric;           /* the host is an address */
    struct evdns_base *dns; /* for names; made with the first */
    struct bufferevent *bev;
    bool connected, busy;
    enum sender_state state;
    enum sender_answer answer;
    uint64_t id;
    struct buf message; /* framed */
    struct buf control_id;
    struct buf in;
    struct mllp_framer framer;
    struct event *timer; /* one at a time: pause, connect or answer */
    unsigned pause_ms;   /* of the next AGAIN; 0: the first */
    unsigned wait_ms;    /* before the next attempt */
    struct prng random;
    struct mllp_sender_counts counts;
};

/* client.c */
void client_on_read(struct bufferevent *bev, void *arg);
void client_on_written(struct bufferevent *bev, void *arg);
void client_on_event(struct bufferevent *bev, short what, void *arg);

/* client_dial.c */
bool client_address_read(struct mllp_sender *s, const char *address, struct error *err);
bool client_dial(struct mllp_sender *s); /* false: not even begun */
void client_dns_free(struct mllp_sender *s);
const char *client_why(const struct mllp_sender *s,
                       struct bufferevent *bev); /* a connection failed: a word */

#endif
