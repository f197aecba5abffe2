/* adapters/net/http_guard.h - reads HTTP/1.1 requests off a connection's raw bytes, strictly (RFC 9112).
 *
 * What two readers could understand differently is refused: that is how requests are smuggled past the
 * one in front. Refused are bare CR or LF, folded and odd header names, anything but one Host, one
 * Content-Length of digits or one Transfer-Encoding of exactly "chunked" (never both), a body where the
 * method has none, chunk extensions and trailers, target forms but the origin form, control characters
 * and bytes over 126. No libevent, no sockets: bytes in, requests out, whole or in pieces alike. */
#ifndef NIGHTBELL_ADAPTERS_NET_HTTP_GUARD_H
#define NIGHTBELL_ADAPTERS_NET_HTTP_GUARD_H

#include "base/buf.h"
#include "base/slice.h"

enum http_guard_result { HTTP_GUARD_MORE, HTTP_GUARD_REQUEST, HTTP_GUARD_REFUSED };
enum { HTTP_GUARD_HEADERS = 100 };

struct http_guard_header {
    uint32_t name_at, name_len, value_at, value_len; /* in `head` */
};

struct http_guard {
    struct buf head, body, path; /* the head as received; the body without chunk framing; the decoded path */
    struct http_guard_header headers[HTTP_GUARD_HEADERS];
    uint32_t header_count;
    uint32_t method_len, target_at, target_len; /* in `head` */
    bool http_10, close;                        /* HTTP/1.0; the client wants the connection closed */
    int status;                                 /* when refused: 400, 413, 417, 431, 501, 505 */

    /* how far it is */
    size_t max_head, max_body;
    unsigned state;
    uint64_t left; /* bytes of the body or chunk still to come */
    uint32_t line; /* bytes of a chunk-size line so far */
    bool wants_continue;
};

void http_guard_init(struct http_guard *g, size_t max_head, size_t max_body);
void http_guard_free(struct http_guard *g);
void http_guard_next(struct http_guard *g);       /* forget the request, be ready for the next one */
bool http_guard_idle(const struct http_guard *g); /* no byte of a request yet */

/* Consumes from *in (its ptr and len move on) until a request is whole, is refused, or *in is empty.
 * After HTTP_GUARD_REFUSED nothing more is read from this connection. */
enum http_guard_result http_guard_feed(struct http_guard *g, struct slice *in);
/* True once, when the client waits for "100 Continue" before it sends the body. */
bool http_guard_wants_continue(struct http_guard *g);

struct slice http_guard_method(const struct http_guard *g);
struct slice http_guard_query(const struct http_guard *g); /* raw, without '?' */
/* How many headers of this name there are; *value is the first one's. */
unsigned http_guard_header(const struct http_guard *g, const char *name, struct slice *value);

#endif
