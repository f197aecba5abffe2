/* nightbell/router_state.h - private to the router process: its state, shared by router_*.c.
 *
 * One loop, one thread. Frames of a turn are decided into one batch; router_commit makes it durable and
 * only then lets verdicts, replies and sends leave. Any failure of the journal ends the process: the
 * supervisor starts it again and it rebuilds from disk. */
#ifndef NIGHTBELL_NIGHTBELL_ROUTER_STATE_H
#define NIGHTBELL_NIGHTBELL_ROUTER_STATE_H

#include "adapters/net/clock.h"
#include "adapters/net/frames.h"
#include "adapters/seal/keys.h"
#include "adapters/store/sqlite.h"
#include "nightbell/role.h"
#include "router/core.h"
#include "router/journal.h"

enum { LANE = 1, PEER_ID = 256, PEERS = 16 };

struct router_peer {
    char id[PEER_ID];
    size_t id_len;
    uint64_t session;
    enum frame_role role;
    struct buf verdicts; /* filled while deciding, sent after the commit */
};

struct waiting_reply { /* to web, after the commit */
    struct router_peer *peer;
    uint64_t session, id;
    uint16_t status;
    char *body;
};

struct control; /* router_control.c */
struct caller;
struct json_t;

struct site_wait { /* who asked for a site to be looked at, and what was found so far (router_apply.c) */
    struct caller *caller; /* NULL: gone meanwhile */
    struct json_t *request, *report;
};

struct router {
    const struct role_env *env;
    struct event_base *loop;
    struct role_wire wire;
    struct bus_socket *bus;
    struct keys *keys;
    struct journal *journal;
    struct core *core;
    struct lane_clock clock;
    struct event *timer, *idle, *minute;
    uint64_t session, epoch, position;
    struct buf append;
    uint32_t count; /* records in `append` */
    uint64_t records_since_snapshot, bytes_since_snapshot;
    struct router_peer peers[PEERS];
    size_t peer_count;
    struct waiting_reply *replies;
    size_t reply_count, reply_room;
    struct buf deliver, small, payload;
    struct arena *arena;
    struct control *control;
    struct site_wait site_wait;
    int code; /* of exit */
    bool leaving, demo_keys;
    bool site_kept; /* not the folder's site runs, but the one that was applied last */
    uint64_t commits, commit_records;
};

/* Decides one input into the batch at the present lane time. False: the router is ending. */
bool router_decide(struct router *r, const struct core_input *in, struct core_result *out);
/* Makes the batch durable, then lets everything leave. False: the router is ending. */
bool router_commit(struct router *r);
void router_arm_timer(struct router *r);
void router_end(struct router *r, int code);
bool router_snapshot(struct router *r);

/* Frames (router_peers.c). */
void router_on_frame(void *ctx, struct slice peer, struct slice name, struct slice frame);
void router_on_turn(void *ctx);
void router_send_verdicts(struct router *r);
void router_send_replies(struct router *r);
void router_send_effects(struct router *r);
void router_send_configuration(struct router *r);
void router_reply(struct router *r, struct router_peer *p, uint64_t id, uint16_t status, const char *body);
struct router_peer *router_peer_of(struct router *r, enum frame_role role);

/* Questions of web (router_ask.c): enrol, session, answers. */
void router_ask(struct router *r, struct router_peer *p, uint64_t id, uint8_t question, struct slice body);

/* The control socket (router_control.c). */
bool control_open(struct router *r, struct error *err);
void control_close(struct router *r);
void control_after_commit(struct router *r);

/* Sites (router_site.c). */
struct site *router_compile_site(void *ctx, struct slice fileset, struct error *err);
struct site_origin {
    struct slice by, how; /* who brought it; "start", "reload", "apply", "rollback" */
};
bool router_take_site(struct router *r, int memory_file, const struct site_origin *from, struct error *err);
bool router_keys(struct router *r, struct slice fileset, struct error *err);

/* What the supervisor says of a site on trial (router_apply.c); owns the descriptor. */
void router_on_site(void *ctx, char word, int passed);
/* At the start: the folder's site, unless people have gone on from it by apply or rollback. */
bool router_start_site(struct router *r, struct error *err);
/* After it: the supervisor hears which site runs, where that is not the folder's. */
void router_tell_kept_site(struct router *r);
void router_forget_site_request(struct router *r); /* also when the router ends */
void router_caller_gone(struct router *r, const struct caller *c);

/* What an effect becomes on its way out (router_payload.c): the JSON of docs/inbox-protocol.md. */
void router_payload(struct router *r, const struct effect *e, struct buf *out);

#endif
