/* tests/adapters/mllp_help.h - a listener, its clients and an owner that gives verdicts, all on one loop.
 *
 * `net_pump` turns the loop and reads what has come for every client, so that a test says in which order
 * things happen. The owner reads messages as feeds does; verdicts wait while `hold` is set. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_MLLP_HELP_H
#define NIGHTBELL_TESTS_ADAPTERS_MLLP_HELP_H

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "adapters/mllp/listener.h"
#include "adapters/net/tls.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "hl7/ack.h"
#include "hl7/mllp.h"

enum { MOST_MESSAGES = 4096, MOST_CLIENTS = 320 };

struct kept_message {
    uint64_t connection, sequence;
    size_t bytes;
    struct error error;
    bool due;
    char principal[64];
};

struct client {
    int fd;
    SSL *ssl;
    struct buf got;
    bool eof;
};

struct net {
    struct event_base *loop;
    struct mllp_listener *listener;
    int fd, port;
    struct kept_message *seen;
    size_t count, answered;
    bool hold;                        /* verdicts wait */
    void (*meanwhile)(struct net *n); /* called inside on_message */
    struct client *clients[MOST_CLIENTS];
    size_t client_count;
    struct arena *arena;
};

static inline bool net_on_message(void *ctx, const struct mllp_message *m)
{
    struct net *n = ctx;
    struct hl7_header header;

    if (n->count == MOST_MESSAGES)
        abort();
    struct kept_message *k = &n->seen[n->count++];
    *k = (struct kept_message){ .connection = m->connection,
                                .sequence = m->sequence,
                                .bytes = m->bytes.len,
                                .error = m->framing,
                                .due = true };
    snprintf(k->principal, sizeof k->principal, "%.*s", SLICE_ARG(m->principal));
    arena_reset(n->arena);
    if (k->error.code == ERROR_NONE) {
        struct hl7_message *parsed = hl7_message_parse(n->arena, m->bytes, &k->error);
        if (parsed != NULL) {
            hl7_header_read(parsed, &header);
            k->due = hl7_ack_mode(&header) != HL7_ACK_NEVER;
        }
    }
    if (n->meanwhile != NULL)
        n->meanwhile(n);
    for (size_t i = 0; i < m->bytes.len; i += 4096) /* still there, whatever meanwhile did */
        if (m->bytes.ptr[i] == MLLP_FS)
            abort();
    return k->due;
}

static inline void net_answer_one(struct net *n)
{
    const struct kept_message *k = &n->seen[n->answered++];
    struct mllp_verdict v = { .accepted = k->error.code == ERROR_NONE,
                              .reject = k->error.code != ERROR_NONE,
                              .position = n->answered,
                              .wall_us = 1767225600000000,
                              .error = k->error };

    mllp_answer(n->listener, k->connection, k->sequence, &v);
}

static inline void net_answer_all(struct net *n)
{
    while (n->answered < n->count)
        net_answer_one(n);
}

static inline ssize_t client_try_read(struct client *c, char *chunk, size_t room)
{
    if (c->ssl == NULL)
        return recv(c->fd, chunk, room, MSG_DONTWAIT);
    int got = SSL_read(c->ssl, chunk, (int)room);
    if (got > 0)
        return got;
    int why = SSL_get_error(c->ssl, got);
    errno = EAGAIN;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

static inline void client_read(struct client *c)
{
    char chunk[16384];
    ssize_t got;

    while (!c->eof && c->fd >= 0 && (got = client_try_read(c, chunk, sizeof chunk)) != -1) {
        c->eof = got == 0;
        if (got > 0)
            buf_bytes(&c->got, chunk, (size_t)got);
    }
    if (!c->eof && c->fd >= 0 && errno != EAGAIN)
        c->eof = true; /* a reset */
}

static inline void net_pump(struct net *n)
{
    event_base_loop(n->loop, EVLOOP_NONBLOCK);
    if (!n->hold)
        net_answer_all(n);
    for (size_t i = 0; i < n->client_count; i++)
        client_read(n->clients[i]);
}

static inline void net_pump_ms(struct net *n, int ms)
{
    const struct timespec pause = { 0, 1000000 };

    for (int i = 0; i < ms; i++) {
        net_pump(n);
        nanosleep(&pause, NULL);
    }
}

static inline size_t count_of(struct slice s, const char *what)
{
    size_t count = 0, length = strlen(what);

    for (size_t i = 0; i + length <= s.len; i++)
        count += memcmp(s.ptr + i, what, length) == 0;
    return count;
}

/* Until `acks` acknowledgements have come, or the end, or a while has passed. */
static inline void client_wait(struct net *n, struct client *c, size_t acks)
{
    for (int i = 0; i < 3000 && !c->eof && count_of(buf_slice(&c->got), "\rMSA") < acks; i++)
        net_pump_ms(n, 1);
}

static inline void client_wait_end(struct net *n, struct client *c)
{
    for (int i = 0; i < 4000 && !c->eof; i++)
        net_pump_ms(n, 1);
}

static inline void net_open(struct net *n, const struct mllp_options *options)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    struct error err = { .code = ERROR_NONE };
    struct mllp_options o = *options;

    *n = (struct net){ .loop = event_base_new(),
                       .arena = arena_new(),
                       .seen = calloc(MOST_MESSAGES, sizeof *n->seen) };
    n->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(n->fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(n->fd, 511) != 0 ||
        getsockname(n->fd, (struct sockaddr *)&at, &length) != 0)
        abort();
    n->port = ntohs(at.sin_port);
    o.name = "test";
    o.max_message = o.max_message > 0 ? o.max_message : LIMIT_MESSAGE_BYTES;
    o.max_connections = o.max_connections > 0 ? o.max_connections : LIMIT_CONNECTIONS;
    o.max_per_peer = o.max_per_peer > 0 ? o.max_per_peer : LIMIT_CONNECTIONS_PER_PEER;
    o.idle_s = o.idle_s > 0 ? o.idle_s : LIMIT_IDLE_S;
    o.on_message = net_on_message;
    o.ctx = n;
    n->listener = mllp_listener_new(n->loop, n->fd, &o, &err);
    if (n->listener == NULL)
        abort();
}

static inline void client_close(struct client *c)
{
    SSL_free(c->ssl);
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->ssl = NULL;
    c->eof = true;
}

static inline void net_close(struct net *n)
{
    mllp_listener_free(&n->listener);
    for (size_t i = 0; i < n->client_count; i++) {
        client_close(n->clients[i]);
        buf_free(&n->clients[i]->got);
        free(n->clients[i]);
    }
    close(n->fd);
    event_base_free(n->loop);
    arena_free(&n->arena);
    free(n->seen);
}

static inline struct client *net_dial(struct net *n)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)n->port) };
    struct client *c = calloc(1, sizeof *c);
    int one = 1;

    c->got = buf_make(16 << 20);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (n->client_count == MOST_CLIENTS || connect(c->fd, (struct sockaddr *)&at, sizeof at) != 0)
        abort();
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    n->clients[n->client_count++] = c;
    return c;
}

static inline ssize_t client_try_send(struct client *c, struct slice s)
{
    if (c->ssl == NULL)
        return send(c->fd, s.ptr, s.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    int put = SSL_write(c->ssl, s.ptr, (int)s.len);
    errno = EAGAIN;
    if (put <= 0 && SSL_get_error(c->ssl, put) != SSL_ERROR_WANT_READ &&
        SSL_get_error(c->ssl, put) != SSL_ERROR_WANT_WRITE)
        errno = EPIPE;
    return put > 0 ? put : -1;
}

/* Sends all, turning the loop while the socket is full. False when the other side does not take it. */
static inline bool client_send(struct net *n, struct client *c, struct slice s)
{
    for (int stuck = 0; s.len > 0 && stuck < 500;) {
        ssize_t put = client_try_send(c, s);
        if (put < 0 && errno != EAGAIN)
            return false;
        if (put > 0)
            s = slice_sub(s, (size_t)put, s.len);
        stuck = put > 0 ? 0 : stuck + 1;
        if (put <= 0)
            net_pump_ms(n, 1);
    }
    return s.len == 0;
}

/* "AA:N1 AA:N2 ...": what came, in order. */
static inline const char *client_acks(const struct client *c)
{
    static char text[65536];
    struct slice rest = buf_slice(&c->got);
    size_t at = 0;

    text[0] = '\0';
    while (rest.len > 0) {
        struct slice line = slice_cut(&rest, '\r');
        if (line.len < 7 || memcmp(line.ptr, "MSA", 3) != 0)
            continue;
        char separator = line.ptr[3];
        struct slice fields = slice_sub(line, 4, line.len), code = slice_cut(&fields, separator);
        struct slice id = slice_cut(&fields, separator);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%.*s:%.*s", at > 0 ? " " : "", SLICE_ARG(code),
                               SLICE_ARG(id));
    }
    return text;
}

/* --- messages to send --------------------------------------------------------------------------- */

#define BODY                                                                                                 \
    "MSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|%s|P|2.5.1%s\rPID|1||M1^^^H^MR||DOE^PAT\r"            \
    "PV1|1|I|U1^B1\rOBR|1\rOBX|1|NM|88^HR^LN||162|/min|50-120|HH|||F\r"

static inline struct buf message(const char *id, const char *more)
{
    struct buf b = buf_make(8 << 20);

    buf_u8(&b, MLLP_VT);
    buf_printf(&b, BODY, id, more);
    buf_bytes(&b, "\x1c\r", 2);
    return b;
}

static inline void put_message(struct buf *out, const char *id)
{
    struct buf one = message(id, "");

    buf_put(out, buf_slice(&one));
    buf_free(&one);
}

static inline struct buf many(int count)
{
    struct buf m = buf_make(8 << 20);
    char id[16];

    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%d", i);
        put_message(&m, id);
    }
    return m;
}

static inline void assert_in_order(const struct client *c, int count)
{
    char wanted[65536];
    size_t at = 0;

    for (int i = 0; i < count; i++)
        at += (size_t)snprintf(wanted + at, sizeof wanted - at, "%sAA:%d", i > 0 ? " " : "", i);
    wanted[at] = '\0';
    assert_string_equal(client_acks(c), wanted);
}

#endif
