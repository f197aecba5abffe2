/* adapters/mllp/client.h - an outgoing MLLP connection: one message at a time, and what became of it.
 *
 * For what Nightbell says to HL7 systems of its own accord: PCD-05 to an Alert Reporter, application
 * acknowledgements that come later. One connection to one address, opened with the first message and kept;
 * one message in flight (HL7 MLLP: the sender waits for its answer). The caller keeps its queue and hands
 * over the next one when it has been told of the last. Every wait and every pause between attempts is made
 * here, so a caller may hand the same message over again inside the callback.
 *
 * Numeric addresses and localhost need no resolver; other names are asked of DNS on the same loop, never in a
 * way that blocks. Under TLS the certificate must be for the host of the address. One sender belongs to one
 * loop and one thread. Sources: HL7 MLLP release 1 and 2; HL7 v2 section 2.9. */
#ifndef NIGHTBELL_ADAPTERS_MLLP_CLIENT_H
#define NIGHTBELL_ADAPTERS_MLLP_CLIENT_H

#include <openssl/ssl.h>

#include "base/error.h"
#include "base/slice.h"

struct event_base;
struct mllp_sender;

enum mllp_sent {
    MLLP_SENT_ACCEPTED, /* AA or CA; the commit acknowledgement or the bytes alone when it asks for no more */
    MLLP_SENT_REFUSED,  /* AE, AR, CR: the same bytes will be refused again */
    MLLP_SENT_AGAIN     /* CE, no answer in time, a connection that failed: hand it over again */
};

struct mllp_sent_result {
    uint64_t id;
    enum mllp_sent outcome;
    /* A stable word: MSA-1 of the answer ("AA", "CA", "AE", "AR", "CR", "CE"), or "written" (it asks for no
     * answer), "silence" (MSH-15 is ER, and no fault came in time), "commit" (release 2: stored, and it asks
     * for no answer), "nak" (release 2: not stored), "timeout", "lost", "connect", "resolve", "tls". */
    const char *detail;
    char where[48];    /* the place that the answer's first ERR names, "OBX[3]-5.1"; may be empty */
    uint32_t err_0357; /* its table 0357 code; 0: not said */
};

struct mllp_sender_options {
    const char *name;        /* for logs */
    const char *address;     /* "HOST:PORT", "192.0.2.7:2575", "[::1]:2575" */
    SSL_CTX *tls;            /* tls_client_new; borrowed. NULL: plain */
    bool release_2;          /* MLLP release 2: each message gets a commit acknowledgement first */
    unsigned connect_ms;     /* 0: 5000; name, TCP and TLS together */
    unsigned answer_ms;      /* 0: 30000; from the last byte handed to the network to the answer */
    unsigned retry_first_ms; /* 0: 1000; after a first AGAIN, doubling (with jitter) to ... */
    unsigned retry_most_ms;  /* 0: 60000; ... this */
    /* From the loop only, never from inside a call below, once for each message taken. `r` lives for the
     * call. It may call mllp_sender_send, not mllp_sender_free. */
    void (*on_result)(void *ctx, const struct mllp_sent_result *r);
    void *ctx;
};

/* Connects with the first message. NULL: the address is not HOST:PORT (ERROR_VALUE). Strings are copied. */
struct mllp_sender *mllp_sender_new(struct event_base *loop, const struct mllp_sender_options *options,
                                    struct error *err);
void mllp_sender_free(struct mllp_sender **s); /* what is in flight is dropped without a result */

/* Takes a copy of one message (unframed). MSH-15 and 16 say whether an answer is waited for; an answer is
 * matched by MSA-2 against MSH-10, and a stranger's is dropped. False, and nothing taken: one is in hand, or
 * the bytes have no MSH, hold a VT or FS, or pass message-bytes. */
bool mllp_sender_send(struct mllp_sender *s, uint64_t id, struct slice message);
/* Forgets the message in hand: no result follows. False when `id` is not in hand. If it was already written
 * the connection is closed, so that its answer can be nobody else's. */
bool mllp_sender_cancel(struct mllp_sender *s, uint64_t id);
bool mllp_sender_busy(const struct mllp_sender *s); /* a message is in hand */
bool mllp_sender_open(const struct mllp_sender *s); /* the connection stands */

struct mllp_sender_counts {
    uint64_t connects, failed_connects, written, accepted, refused, again;
    uint64_t strangers; /* answers to nothing that is in hand */
};
const struct mllp_sender_counts *mllp_sender_counts(const struct mllp_sender *s);

#endif
