/* adapters/net/http.h - a strict HTTP/1.1 server on one libevent loop, TLS or plain, with event streams.
 *
 * libevent's evhttp parses and writes; a guard below it (http_guard.h, a filter bufferevent) reads the raw
 * bytes first and lets only whole, unambiguous requests through (RFC 9112; LIMITS.md section 3). What is
 * ambiguous gets 400 and the connection is closed. The guard also keeps a deadline for each request, caps
 * on connections, and the size limits (431, 413); what is too slow is closed without an answer.
 *
 * Not thread-safe: all calls on the loop's thread. OpenSSL writes with write(): the process must ignore
 * SIGPIPE. */
#ifndef NIGHTBELL_ADAPTERS_NET_HTTP_H
#define NIGHTBELL_ADAPTERS_NET_HTTP_H

#include <event2/event.h>
#include <openssl/ssl.h>

#include "base/error.h"
#include "base/slice.h"

struct http_server;
struct http_request;
struct http_stream;

struct http_options {         /* 0 anywhere: the default of base/limits.h */
    size_t max_body;          /* bytes, LIMIT_MESSAGE_BYTES */
    size_t max_header;        /* bytes of request line and headers, LIMIT_HTTP_HEADER_BYTES */
    unsigned max_connections; /* LIMIT_CONNECTIONS */
    unsigned max_per_peer;    /* LIMIT_CONNECTIONS_PER_PEER */
    unsigned request_ms;      /* from a request's first byte to its last; to write a reply; a handshake */
    unsigned idle_ms;         /* without a request; 75 s */
    size_t max_stream_queue;  /* bytes, LIMIT_SSE_QUEUE_BYTES */
};

struct http_header {
    const char *name, *value; /* no CR or LF */
};

/* Called once a whole request is here. Each request is answered exactly once, now or later on this loop, by
 * http_reply or http_stream_begin; until then it stays valid, even when the client is gone. */
typedef void http_handler(void *ctx, struct http_request *request);

/* Serves `listen_fd` (bound and listening; the caller keeps it and closes it after http_server_free). `tls`
 * is borrowed, or NULL for plain. NULL with ERROR_IO. */
struct http_server *http_server_new(struct event_base *base, int listen_fd, SSL_CTX *tls,
                                    const struct http_options *options, http_handler *handler, void *ctx,
                                    struct error *err);
/* Closes every connection; streams get their on_close. Not from inside a handler. Unanswered requests stay
 * valid and still want their answer, which then goes nowhere. */
void http_server_free(struct http_server **s);
void http_server_pause(struct http_server *s, bool paused); /* stop or go on accepting */
unsigned http_server_connections(const struct http_server *s);

/* --- the request; slices and strings live until it is answered -------------------------------------- */
struct slice http_method(const struct http_request *r); /* "GET", "POST", ...: as sent */
struct slice http_path(const struct http_request *r);  /* percent-decoded, begins with '/', no NUL, no ".." */
struct slice http_query(const struct http_request *r); /* raw, without '?'; may be empty */
struct slice http_body(const struct http_request *r);
/* The value without outer spaces; NULL when absent or when it was sent more than once. */
const char *http_header_get(const struct http_request *r, const char *name);
const char *http_cookie_get(const struct http_request *r, const char *name); /* value, NULL when absent */
const char *http_peer(const struct http_request *r);                         /* address without port */
const char *http_client_fingerprint(const struct http_request *r); /* TLS_FINGERPRINT text, or NULL */
bool http_is_tls(const struct http_request *r);

/* Told once if the client goes before the answer; the request must still be answered. NULL unsets. */
void http_on_gone(struct http_request *r, void (*gone)(void *ctx), void *ctx);
bool http_gone(const struct http_request *r);

/* Answers and ends the request. content_type may be NULL (no body). Adds Content-Length, Date,
 * X-Content-Type-Options: nosniff and Cache-Control: no-store (unless `extra` has a Cache-Control). */
void http_reply(struct http_request *r, int status, const char *content_type, struct slice body,
                const struct http_header *extra, size_t extra_count);

/* --- event streams (text/event-stream, WHATWG HTML section 9.2) --------------------------------------- */
/* Answers 200 and ends the request; NULL when the client is already gone (the request is ended too). */
struct http_stream *http_stream_begin(struct http_request *r, const struct http_header *extra,
                                      size_t extra_count);
/* Sends `bytes` as they are (the caller writes "data: ...\n\n" and, now and then, ":\n\n"). False when the
 * client reads too slowly (LIMIT_SSE_QUEUE_BYTES would be passed) or is gone: the stream then closes from the
 * loop. */
bool http_stream_write(struct http_stream *s, struct slice bytes);
size_t http_stream_queued(const struct http_stream *s); /* bytes not yet taken by the network */
/* Told exactly once, from the loop, whoever ends the stream but http_stream_close; `s` is gone then. */
void http_stream_on_close(struct http_stream *s, void (*closed)(void *ctx), void *ctx);
void http_stream_close(struct http_stream **s); /* ends it from the loop; on_close is not called */

#endif
