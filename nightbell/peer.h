/* nightbell/peer.h - the router's peer as feeds and web are one: session, credits, submissions (docs/bus.md).
 *
 * Submissions of one loop turn travel in one frame. The peer keeps count of what is unanswered and says
 * when reading must stop; the router gone or a stale session means that nothing unanswered will ever be
 * answered, which the owner is told so that it can close or answer 503. */
#ifndef NIGHTBELL_NIGHTBELL_PEER_H
#define NIGHTBELL_NIGHTBELL_PEER_H

#include "adapters/net/frames.h"
#include "nightbell/role.h"

struct peer;

struct peer_events {
    void (*on_welcome)(void *ctx, struct slice configuration); /* first contact, or again after a loss */
    void (*on_configuration)(void *ctx, struct slice configuration);
    void (*on_verdict)(void *ctx, const struct verdict_item *v);
    void (*on_reply)(void *ctx, uint64_t id, uint16_t status, struct slice body); /* NULL: not wanted */
    void (*on_deliver)(void *ctx, const struct deliver_item *d);                  /* delivery only */
    void (*on_lost)(void *ctx);                /* the router is gone, or does not know us any more */
    void (*on_pressure)(void *ctx, bool stop); /* no credit left; credit again */
    void *ctx;
};

struct peer *peer_open(struct event_base *loop, const struct role_env *env, enum frame_role role,
                       const struct peer_events *events, struct error *err);
void peer_close(struct peer **p);

/* docs/ids.md, "duplicate key": the same for every way in, and the suspect slot's hash as well. */
void submission_key(struct slice listener, struct slice bytes, uint8_t key[16]);

bool peer_welcome(const struct peer *p); /* has the router welcomed us? */
uint64_t peer_session(const struct peer *p);
/* Queues one message for the frame that leaves at the end of this loop turn. False without a welcome, also
 * when the router was lost in this very call (on_lost has been called then), or when it passes half a bus
 * frame. */
bool peer_submit(struct peer *p, const struct submit_item *i);
bool peer_ask(struct peer *p, uint64_t id, enum frame_question question, struct slice body);
bool peer_stream(struct peer *p, uint64_t device, bool open);
bool peer_report(struct peer *p, const struct report_item *r); /* delivery: queued like submissions */
void peer_router_down(struct peer *p);                         /* the supervisor says so */

#endif
