#include "adapters/mllp/connection.h"
#include "adapters/net/tls.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned from_peer(const struct mllp_listener *l, const char *peer)
{
    unsigned count = 0;

    for (size_t i = 0; i < l->slot_count; i++)
        count += l->slots[i] != NULL && strcmp(l->slots[i]->peer, peer) == 0;
    return count;
}

static void peer_text(const struct sockaddr *address, char out[INET6_ADDRSTRLEN])
{
    const void *bytes = address->sa_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;

    if (inet_ntop(address->sa_family, bytes, out, INET6_ADDRSTRLEN) == NULL)
        out[0] = '\0';
}

static void refuse(struct mllp_listener *l, evutil_socket_t fd, const char *limit)
{
    l->counts.refused++;
    log_event(LOG_WARN, "mllp", "refused", "listener", l->o.name, "limit", limit, NULL);
    close(fd);
}

static struct bufferevent *wrap(struct mllp_listener *l, evutil_socket_t fd)
{
    if (l->o.tls == NULL)
        return bufferevent_socket_new(l->loop, fd, BEV_OPT_CLOSE_ON_FREE);
    SSL *ssl = SSL_new(l->o.tls);
    if (ssl == NULL)
        return NULL;
    struct bufferevent *bev =
        bufferevent_openssl_socket_new(l->loop, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL)
        SSL_free(ssl);
    return bev;
}

static void on_accept(struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *address, int length,
                      void *arg)
{
    struct mllp_listener *l = arg;
    char peer[INET6_ADDRSTRLEN];
    int one = 1;

    (void)ev;
    (void)length;
    peer_text(address, peer);
    if (l->counts.open >= l->o.max_connections) {
        refuse(l, fd, "connections");
        return;
    }
    if (from_peer(l, peer) >= l->o.max_per_peer) {
        refuse(l, fd, "connections-per-peer");
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    int unanswered_ms = 60000; /* a half-open peer is dropped after a minute (RELIABILITY S9) */
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
    struct bufferevent *bev = wrap(l, fd);
    if (bev == NULL) {
        refuse(l, fd, "memory");
        return;
    }
    connection_open(l, bev, peer);
}

static void on_accept_error(struct evconnlistener *ev, void *arg)
{
    struct mllp_listener *l = arg;

    log_event(LOG_ERROR, "mllp", "accept-failed", "listener", l->o.name, "reason", strerror(errno), NULL);
    evconnlistener_disable(ev); /* no descriptor is free: the caller stays in the kernel's queue meanwhile */
    l->deaf = true;
}

/* Once a second: idle connections and messages that take too long. */
static void on_second(evutil_socket_t fd, short what, void *arg)
{
    struct mllp_listener *l = arg;

    (void)fd;
    (void)what;
    l->seconds++;
    if (l->deaf && !l->stopped)
        evconnlistener_enable(l->acceptor);
    l->deaf = false;
    for (size_t i = 0; i < l->slot_count; i++)
        if (l->slots[i] != NULL)
            connection_check_time(l->slots[i]);
}

struct mllp_listener *mllp_listener_new(struct event_base *loop, int listening_fd,
                                        const struct mllp_options *o, struct error *err)
{
    struct mllp_listener *l = memory_new(sizeof *l);
    struct timeval second = { 1, 0 };

    l->loop = loop;
    l->o = *o;
    l->o.frame_s = o->frame_s > 0 ? o->frame_s : LIMIT_FRAME_S;
    l->acceptor = evconnlistener_new(loop, on_accept, l, LEV_OPT_CLOSE_ON_EXEC, 0, listening_fd);
    if (l->acceptor == NULL) {
        error_set(err, ERROR_IO, "listener %s: cannot take connections", o->name);
        mllp_listener_free(&l);
        return NULL;
    }
    evconnlistener_set_error_cb(l->acceptor, on_accept_error);
    l->tick = event_new(loop, -1, EV_PERSIST, on_second, l);
    event_add(l->tick, &second);
    return l;
}

void mllp_listener_free(struct mllp_listener **l)
{
    if (l == NULL || *l == NULL)
        return;
    for (size_t i = 0; i < (*l)->slot_count; i++)
        if ((*l)->slots[i] != NULL)
            connection_close((*l)->slots[i], "leaving");
    if ((*l)->acceptor != NULL)
        evconnlistener_free((*l)->acceptor);
    if ((*l)->tick != NULL)
        event_free((*l)->tick);
    buf_free(&(*l)->ack);
    free((*l)->slots);
    free((*l)->generations);
    free(*l);
    *l = NULL;
}

static struct connection *find(struct mllp_listener *l, uint64_t id)
{
    size_t slot = (size_t)(id & 0xffffffff);

    return slot < l->slot_count && l->slots[slot] != NULL && l->slots[slot]->id == id ? l->slots[slot] : NULL;
}

void mllp_answer(struct mllp_listener *l, uint64_t connection, uint64_t sequence,
                 const struct mllp_verdict *v)
{
    struct connection *c = find(l, connection);

    if (c != NULL)
        connection_answer(c, sequence, v);
}

void mllp_pause(struct mllp_listener *l, bool paused)
{
    if (l->paused == paused || (l->stopped && !paused))
        return;
    l->paused = paused;
    for (size_t i = 0; i < l->slot_count; i++)
        if (l->slots[i] != NULL)
            connection_go_on(l->slots[i]);
}

void mllp_stop(struct mllp_listener *l)
{
    l->stopped = true;
    evconnlistener_disable(l->acceptor);
    mllp_pause(l, true);
}

void mllp_close_unanswered(struct mllp_listener *l)
{
    for (size_t i = 0; i < l->slot_count; i++)
        if (l->slots[i] != NULL && l->o.release_2) {
            connection_refuse_waiting(l->slots[i]);
        } else if (l->slots[i] != NULL && (l->slots[i]->waiting > 0 || l->slots[i]->split.active)) {
            l->counts.closed_unanswered++;
            connection_close(l->slots[i], "the router went away");
        }
}

size_t mllp_unanswered(const struct mllp_listener *l)
{
    size_t waiting = 0;

    for (size_t i = 0; i < l->slot_count; i++)
        if (l->slots[i] != NULL)
            waiting += l->slots[i]->waiting + connection_unsent(l->slots[i]);
    return waiting;
}

const struct mllp_counts *mllp_counts(const struct mllp_listener *l)
{
    return &l->counts;
}
