#include "adapters/mllp/connection.h"

#include "adapters/net/tls.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_CHUNK = 65536, KEPT_ROOM = 262144 };
/* Acknowledgements that the sender does not read; past this nothing more is read from it. */
enum { UNREAD_ACK_BYTES = 262144 };
/* A generation has 24 bits: feeds puts the listener's number above a connection's 56. */
enum { GENERATION_MASK = 0xffffff };

static size_t free_slot(struct mllp_listener *l)
{
    for (size_t i = 0; i < l->slot_count; i++)
        if (l->slots[i] == NULL)
            return i;
    size_t more = l->slot_count > 0 ? l->slot_count * 2 : 16;
    l->slots = memory_grow(l->slots, more, sizeof(struct connection *));
    l->generations = memory_grow(l->generations, more, sizeof *l->generations);
    for (size_t i = l->slot_count; i < more; i++) {
        l->slots[i] = NULL;
        l->generations[i] = 0;
    }
    size_t first = l->slot_count;
    l->slot_count = more;
    return first;
}

static void note_framing(struct connection *c, uint64_t noise, uint64_t lost)
{
    c->owner->counts.noise_bytes += c->framer.noise_bytes - noise;
    c->owner->counts.lost_frames += c->framer.lost_frames - lost;
    if (!mllp_inside(&c->framer))
        c->frame_since_s = 0;
    else if (c->frame_since_s == 0)
        c->frame_since_s = c->owner->seconds + 1;
}

/* Release 2: what we answered is stored there, or is not. It is not sent again of our own accord: a sender
 * that lacks its answer sends its message again, and gets the same one. */
static void note_commit(struct connection *c, bool stored)
{
    c->owner->counts.commits += stored;
    c->owner->counts.commit_refusals += !stored;
    if (!stored)
        log_event(LOG_WARN, "mllp", "answer-not-stored", "listener", c->owner->o.name, "peer", c->peer, NULL);
}

static size_t unread_acks(const struct connection *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev));
}

size_t connection_unsent(const struct connection *c)
{
    return unread_acks(c) > 0;
}

bool connection_may_take(const struct connection *c)
{
    return !c->closed && !c->owner->paused && c->waiting < LIMIT_INFLIGHT &&
           unread_acks(c) < UNREAD_ACK_BYTES;
}

/* Frames what has come, as far as may_take lets it; the rest stays for later. */
static void frame_input(struct connection *c)
{
    struct slice rest = buf_slice(&c->in), frame;
    uint64_t noise = c->framer.noise_bytes, lost = c->framer.lost_frames;
    enum mllp_result result = MLLP_EMPTY;

    connection_split_on(c);
    while (connection_may_take(c) && result != MLLP_MORE) {
        struct error err = { .code = ERROR_NONE };
        result = mllp_next(&c->framer, &rest, &frame, &err);
        if (result == MLLP_FRAME || result == MLLP_ERROR)
            connection_take_frame(c, frame, &err);
        else if (result == MLLP_COMMIT_ACK || result == MLLP_COMMIT_NAK)
            note_commit(c, result == MLLP_COMMIT_ACK);
    }
    if (rest.len > 0 && rest.ptr != c->in.ptr)
        memmove(c->in.ptr, rest.ptr, rest.len);
    c->in.len = rest.len;
    if (rest.len == 0 && c->in.room > KEPT_ROOM)
        buf_free(&c->in);
    note_framing(c, noise, lost);
}

void connection_read_on(struct connection *c)
{
    if (!connection_may_take(c) || c->ended)
        bufferevent_disable(c->bev, EV_READ);
    else
        bufferevent_enable(c->bev, EV_READ);
}

void connection_go_on(struct connection *c)
{
    connection_read_on(c);
    bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static void connection_free(struct connection *c)
{
    waiting_free(c);
    buf_free(&c->in);
    buf_free(&c->split.bytes);
    free(c->principal);
    free(c);
}

/* The peer has ended its side: once all it sent is answered and has left, so do we. */
static void end_if_done(struct connection *c)
{
    if (c->ended && c->waiting == 0 && !c->split.active && !c->owner->paused && unread_acks(c) == 0)
        connection_close(c, "ended by the peer");
}

/* False when what has come has no room: the connection is to be closed. */
static bool take_chunks(struct connection *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    size_t ready;

    frame_input(c); /* whole messages may be left from when too many were unanswered */
    while (connection_may_take(c) && (ready = evbuffer_get_length(input)) > 0) {
        size_t take = ready < READ_CHUNK ? ready : READ_CHUNK;
        char *at = buf_extend(&c->in, take);
        if (at == NULL)
            return false;
        evbuffer_remove(input, at, take);
        frame_input(c);
    }
    return true;
}

/* Also called from the loop when reading may go on: nothing new need have come then. A connection that is
 * closed by what on_message does stays in memory until it has returned. */
static void on_read(struct bufferevent *bev, void *arg)
{
    struct connection *c = arg;

    (void)bev;
    c->last_byte_s = c->owner->seconds;
    c->in_call = true;
    bool fits = take_chunks(c);
    c->in_call = false;
    if (c->closed) {
        connection_free(c);
        return;
    }
    if (!fits) {
        connection_close(c, "message-bytes");
        return;
    }
    connection_read_on(c);
    end_if_done(c);
}

static void on_write_done(struct bufferevent *bev, void *arg)
{
    on_read(bev, arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct connection *c = arg;
    char name[TLS_SUBJECT];

    if ((what & BEV_EVENT_CONNECTED) != 0) {
        SSL *ssl = bufferevent_openssl_get_ssl(bev);
        c->handshaking = false;
        if (ssl != NULL && tls_peer_name(ssl, name))
            c->principal = memory_text(name, strlen(name));
        return;
    }
    if ((what & BEV_EVENT_EOF) != 0) {
        c->ended = true;
        on_read(bev, c);
        return;
    }
    connection_close(c, "connection failed");
}

void connection_open(struct mllp_listener *l, struct bufferevent *bev, const char *peer)
{
    struct connection *c = memory_new(sizeof *c);
    size_t slot = free_slot(l);

    *c = (struct connection){ .owner = l,
                              .bev = bev,
                              .framer = mllp_framer_make(l->o.max_message),
                              .in = buf_make(l->o.max_message + 4 * (size_t)READ_CHUNK),
                              .split.bytes = buf_make(l->o.max_message),
                              .answer.held = buf_make(LIMIT_MESSAGE_BYTES),
                              .last_byte_s = l->seconds };
    l->generations[slot] = (l->generations[slot] + 1) & GENERATION_MASK;
    c->id = (uint64_t)l->generations[slot] << 32 | slot;
    c->handshaking = l->o.tls != NULL;
    c->opened_s = l->seconds;
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    l->slots[slot] = c;
    l->counts.connections++;
    l->counts.open++;
    bufferevent_setcb(bev, on_read, on_write_done, on_event, c);
    bufferevent_set_max_single_read(bev, READ_CHUNK);
    bufferevent_enable(bev, EV_WRITE);
    connection_read_on(c);
    log_event(LOG_DEBUG, "mllp", "connected", "listener", l->o.name, "peer", c->peer, NULL);
}

void connection_close(struct connection *c, const char *reason)
{
    struct mllp_listener *l = c->owner;
    char waiting[LOG_NUM];

    log_event(c->waiting > 0 ? LOG_INFO : LOG_DEBUG, "mllp", "closed", "listener", l->o.name, "peer", c->peer,
              "reason", reason, "unanswered", log_num(waiting, (int64_t)c->waiting), NULL);
    l->slots[c->id & 0xffffffff] = NULL;
    l->counts.open--;
    bufferevent_free(c->bev);
    c->closed = true;
    if (!c->in_call)
        connection_free(c);
}

void connection_check_time(struct connection *c)
{
    struct mllp_listener *l = c->owner;
    uint32_t now = l->seconds;

    if (!connection_may_take(c) && unread_acks(c) < UNREAD_ACK_BYTES) { /* it is we who do not read */
        c->last_byte_s = now;
        c->frame_since_s = c->frame_since_s > 0 ? now + 1 : 0;
    } else if (c->handshaking && now - c->opened_s >= l->o.frame_s) {
        connection_close(c, "frame-seconds: no handshake");
    } else if (c->frame_since_s > 0 && now + 1 - c->frame_since_s >= l->o.frame_s && c->waiting == 0) {
        connection_close(c, "frame-seconds");
    } else if (c->waiting == 0 && now - c->last_byte_s >= l->o.idle_s) {
        connection_close(c, "idle-seconds");
    }
}
