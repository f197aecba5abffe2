/* adapters/mllp/connection.h - private to adapters/mllp: one connection and its unanswered messages. */
#ifndef NIGHTBELL_ADAPTERS_MLLP_CONNECTION_H
#define NIGHTBELL_ADAPTERS_MLLP_CONNECTION_H

#include "adapters/mllp/listener.h"
#include "base/buf.h"
#include "hl7/batch.h"
#include "hl7/mllp.h"

#include <netinet/in.h>

struct bufferevent;
struct evconnlistener;
struct event;

/* What stands in the ring: messages that want a verdict, and between them what shapes the answers of a frame
 * that holds several. A mark needs no verdict: it is carried out as soon as it is first. */
enum waiting_kind {
    WAITING_MESSAGE,
    WAITING_FILE,      /* text: their FHS */
    WAITING_BATCH,     /* text: their BHS */
    WAITING_BATCH_END, /* BTS */
    WAITING_FILE_END,  /* FTS */
    WAITING_FRAME_END  /* every message of one frame has its verdict */
};

struct waiting_message { /* a ring in arrival order */
    enum waiting_kind kind;
    uint64_t sequence; /* of a message */
    char *text;        /* a message's MSH, and what an MFK needs of an MFN; NULL: nothing is due */
    size_t text_len;
};

/* A frame that holds several messages, as far as it has been handed over. */
struct splitting {
    bool active;
    struct buf bytes; /* the frame */
    struct hl7_stream stream;
};

/* The frame whose answers are being written. */
struct answering {
    char *file, *batch; /* their FHS and BHS while they are open, else NULL */
    size_t file_len, batch_len;
    bool frame_open, file_open, batch_open; /* of ours */
    bool headed;                            /* a header came in this frame */
    uint64_t messages, acks,
        batches;     /* verdicts of this frame; answers of this batch; batches of this file */
    struct buf held; /* release 2: answers that wait for the commit acknowledgement */
};

struct connection {
    struct mllp_listener *owner;
    uint64_t id; /* generation << 32 | slot */
    struct bufferevent *bev;
    struct mllp_framer framer;
    struct buf in; /* bytes not yet framed */
    struct splitting split;
    struct answering answer;
    char peer[INET6_ADDRSTRLEN];
    char *principal;
    uint64_t next_sequence;
    struct waiting_message *ring;
    size_t ring_room, ring_first, ring_count;
    size_t waiting;                      /* of these: messages without a verdict */
    size_t open_frames;                  /* whose WAITING_FRAME_END is still to be carried out */
    uint64_t dropped;                    /* how often all that waited was given up (release 2) */
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

/* connection.c: from the socket */
void connection_open(struct mllp_listener *l, struct bufferevent *bev, const char *peer);
void connection_close(struct connection *c, const char *reason);
void connection_read_on(struct connection *c);        /* reading or not, as pause and inflight ask */
void connection_go_on(struct connection *c);          /* and what lies in the buffers, from the loop */
bool connection_may_take(const struct connection *c); /* may another message be handed over? */
size_t connection_unsent(const struct connection *c); /* 1 when the network has not taken all answers */
void connection_check_time(struct connection *c);

/* split.c: a frame, as the messages in it */
void connection_take_frame(struct connection *c, struct slice frame, const struct error *framing);
void connection_split_on(struct connection *c); /* goes on with a frame that holds several */

/* waiting.c: the ring, and the answers */
void waiting_push(struct connection *c, enum waiting_kind kind, struct slice text);
void waiting_free(struct connection *c);
void waiting_settle(struct connection *c); /* carries out marks that have become first */
void connection_answer(struct connection *c, uint64_t sequence, const struct mllp_verdict *v);
/* Release 2: the frames that wait are not stored; their sender hears so and may send them again. */
void connection_refuse_waiting(struct connection *c);

#endif
