/* adapters/net/http_internal.h - what http.c, http_conn.c, http_request.c and http_stream.c share. */
#ifndef NIGHTBELL_ADAPTERS_NET_HTTP_INTERNAL_H
#define NIGHTBELL_ADAPTERS_NET_HTTP_INTERNAL_H

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "adapters/net/http.h"
#include "adapters/net/http_guard.h"
#include "adapters/net/tls.h"
#include "base/arena.h"
#include "base/map.h"

enum { HTTP_PEER = 64 };

struct http_server {
    struct event_base *base;
    struct evhttp *http;
    struct evconnlistener *listener; /* evhttp frees it */
    struct event *accept_again;      /* a tick that opens a listener closed by a failed accept */
    SSL_CTX *tls;
    struct http_options options;
    http_handler *handler;
    void *ctx;
    struct map *conns; /* by the filter's address: how a request finds its connection */
    unsigned conn_count;
    bool paused;
};

/* One connection. It lives as long as its filter bufferevent, whose context it is. `server` is NULL once
 * the server or the connection is going down. */
struct http_conn {
    struct http_server *server;
    struct bufferevent *filter, *socket;
    struct http_guard guard;
    struct event *admit, *resume, *deadline;
    char peer[HTTP_PEER], fingerprint[TLS_FINGERPRINT];
    bool admitted, served;        /* within the caps; at least one reply is out */
    bool busy;                    /* a request is with evhttp: the guard waits */
    int refused;                  /* the status that ends this connection, or 0 */
    struct evhttp_request *last;  /* its reply ends the connection, once it has left */
    struct http_request *request; /* the one in hand, until it is answered */
    struct http_stream *stream;   /* or the stream that it became */
};

struct http_request {
    struct http_conn *conn;    /* NULL when the client is gone */
    struct evhttp_request *ev; /* NULL likewise */
    struct http_guard guard;   /* taken over from the connection: the request itself */
    struct arena *texts;       /* values given out as strings; NULL until one is */
    char peer[HTTP_PEER], fingerprint[TLS_FINGERPRINT];
    bool tls;
    void (*gone)(void *ctx);
    void *gone_ctx;
};

struct http_stream {
    struct http_conn *conn; /* NULL when the client is gone */
    struct evhttp_request *ev;
    struct event *ending; /* tells of the end from the loop, never from inside http_stream_write */
    bool failed;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* http_conn.c */
struct bufferevent *http_conn_new(struct event_base *base, void *server); /* for evhttp_set_bevcb */
void http_conn_kill(struct http_conn *c); /* closes it now; only from the loop */
void http_conn_watch(struct http_conn *c, struct evhttp_connection *evcon); /* be told when it closes */
void http_conn_forget(struct http_conn *c);                                 /* the server knows it no more */
/* Sends the reply whose headers and status stand in `ev`; closes the connection behind it if `close`. */
void http_conn_send(struct http_conn *c, struct evhttp_request *ev, int status, struct slice body,
                    bool close);
void http_conn_push(struct http_conn *c); /* moves what evhttp has written on to the socket */
void http_conn_deadline(struct http_conn *c, unsigned ms); /* 0: none */
size_t http_conn_queued(const struct http_conn *c);

/* http_request.c: evhttp's callback */
void http_request_arrived(struct evhttp_request *ev, void *server);
void http_request_lost(struct http_request *r); /* the client is gone */

/* http_stream.c */
struct http_stream *http_stream_new(struct http_conn *c, struct evhttp_request *ev);
void http_stream_lost(struct http_stream *s);

#endif
