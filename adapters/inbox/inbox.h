/* adapters/inbox/inbox.h - the server's half of the nurse's inbox (docs/inbox-protocol.md).
 *
 * Serves the app, keeps challenges, sessions and streams in memory, and passes questions on to the
 * router through its owner. It verifies nothing and decides nothing; losing it loses nothing. */
#ifndef NIGHTBELL_ADAPTERS_INBOX_INBOX_H
#define NIGHTBELL_ADAPTERS_INBOX_INBOX_H

#include "adapters/net/frames.h"
#include "adapters/net/http.h"

struct inbox;

struct inbox_owner {
    /* Asks the router; the reply comes through inbox_reply with the same id. False: the router is away. */
    bool (*ask)(void *ctx, uint64_t id, enum frame_question question, struct slice body);
    /* The first stream of a device opened, or its last one closed. */
    void (*stream)(void *ctx, uint64_t device, bool open);
    void *ctx;
    unsigned beat_ms; /* between keep-alive comments on a stream; 0: 15 s */
};

struct inbox *inbox_new(struct event_base *loop, const struct inbox_owner *owner);
void inbox_free(struct inbox **i); /* after its http_server */

/* The http_handler. */
void inbox_handle_request(void *inbox, struct http_request *request);
/* True when the id was one of ours. */
bool inbox_reply(struct inbox *i, uint64_t id, uint16_t status, struct slice body);
/* One sealed alert for a device: true when it was written to at least one open stream. */
bool inbox_push(struct inbox *i, uint64_t device, uint64_t delivery, struct slice jwe);
/* Open questions will not be answered: 503. */
void inbox_router_lost(struct inbox *i);
/* Says again which devices have a stream, after a welcome. */
void inbox_tell_streams(struct inbox *i);
size_t inbox_stream_count(const struct inbox *i);

/* The number of the first id that inbox_new hands to `ask`; they rise by one. */
#define INBOX_FIRST_ID (UINT64_C(1) << 62)

#endif
