/* adapters/mllp/listener.h - MLLP listeners: connections in, framed messages out, acknowledgements back.
 *
 * Plain or TLS on a listening socket that somebody else owns (the supervisor). A message is handed over
 * as soon as its FS has come; its acknowledgement is made here from the header that was kept and the
 * verdict that comes later, so replies keep their order on each connection. Nothing is acknowledged
 * without a verdict. A frame may hold several messages: each is handed over alone; with batch headers the
 * answers travel together as a batch, else one by one. Sources: HL7 MLLP release 1 and 2; HL7 v2 sections
 * 2.9 (modes), 2.10.3 (batches), 8.5 (MFK). */
#ifndef NIGHTBELL_ADAPTERS_MLLP_LISTENER_H
#define NIGHTBELL_ADAPTERS_MLLP_LISTENER_H

#include <openssl/ssl.h>

#include "base/error.h"
#include "base/slice.h"

struct event_base;
struct mllp_listener;

struct mllp_message {
    uint64_t connection, sequence; /* give both back with the verdict */
    struct slice bytes;            /* valid during the call */
    struct error framing;          /* a limit was passed: bytes is the beginning only */
    struct slice principal;        /* name in the peer's certificate; empty without one */
};

/* Which acknowledgement a sender gets (HL7 v2 section 2.9): what its header asks for, or what the site says
 * of it. */
enum mllp_ack { MLLP_ACK_BY_HEADER, MLLP_ACK_ORIGINAL, MLLP_ACK_ENHANCED };

struct mllp_options {
    const char *name;   /* the listener's name, for logs */
    SSL_CTX *tls;       /* NULL: plain */
    size_t max_message; /* bytes; LIMIT_MESSAGE_BYTES unless the site says otherwise */
    enum mllp_ack ack;
    bool release_2; /* each frame gets a commit acknowledgement before its answers */
    unsigned max_connections, max_per_peer, idle_s;
    unsigned frame_s; /* first to last byte of a message, or of a TLS handshake; 0: LIMIT_FRAME_S */
    /* What the sender must be told later depends on whether the message is itself an answer. */
    bool (*on_message)(void *ctx, const struct mllp_message *m); /* false: is an ACK, nothing is due */
    void *ctx;
};

struct mllp_verdict {
    bool accepted;      /* AA, CA */
    bool reject;        /* not accepted: AR, CR instead of AE, CE */
    uint64_t position;  /* makes MSH-10 of the acknowledgement */
    int64_t wall_us;    /* makes MSH-7 */
    struct error error; /* ERROR_NONE: no ERR segment */
};

struct mllp_counts {
    uint64_t connections, refused, messages, noise_bytes, lost_frames, closed_unanswered;
    uint64_t batches, wrong_counts;    /* BHS seen; trailers whose number is not what came */
    uint64_t commits, commit_refusals; /* release 2: of our answers, by the other side */
    uint64_t refused_frames;           /* release 2: by us, not stored */
    unsigned open;
};

struct mllp_listener *mllp_listener_new(struct event_base *loop, int listening_fd,
                                        const struct mllp_options *o, struct error *err);
void mllp_listener_free(struct mllp_listener **l); /* closes its connections, not the listening socket */

/* A connection that went meanwhile is passed over. */
void mllp_answer(struct mllp_listener *l, uint64_t connection, uint64_t sequence,
                 const struct mllp_verdict *v);
/* Back-pressure: reading stops on every connection, and goes on. */
void mllp_pause(struct mllp_listener *l, bool paused);
/* No new connections and no reading, for leaving; what is unanswered is still answered. */
void mllp_stop(struct mllp_listener *l);
/* The router went away: what it has not answered will never be answered here. Release 1: its connections are
 * closed; release 2: its frames are refused, and may be sent again on the same connection. */
void mllp_close_unanswered(struct mllp_listener *l);
/* Messages without a verdict, and connections whose acknowledgements the network has not yet taken. */
size_t mllp_unanswered(const struct mllp_listener *l);
const struct mllp_counts *mllp_counts(const struct mllp_listener *l);

#endif
