/* tests/adapters/mllp_peer.h - somebody who is sent messages and does what a script says, with the sender on
 * one loop. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_MLLP_PEER_H
#define NIGHTBELL_TESTS_ADAPTERS_MLLP_PEER_H

#include "adapters/mllp/client.h"
#include "tests/adapters/mllp_help.h"

/* What the peer does when the n-th whole message has come. "{AA}" stands for a framed acknowledgement of
 * it with that code, "{AA:ID}" for one of another message, "+" and "-" for commit acknowledgements; the
 * rest goes as it is. */
struct peer {
    struct net n; /* its loop, clients and helpers; the listener is not used */
    struct mllp_sender *sender;
    int listening, port, fd;
    SSL_CTX *tls;
    SSL *ssl;
    const char *const *script; /* one line a message; NULL: says nothing */
    size_t line, messages, accepted, commits;
    bool bytewise;
    struct buf in;
    char last_id[64];
    /* results */
    char results[1024];
    size_t count;
    struct mllp_sent_result last;
    bool resend; /* hand it over again inside the callback when it is to be sent again */
    const char *message;
};

#define PEER_MESSAGE(id, more)                                                                               \
    "MSH|^~\\&|NB|H|REP|H|20261122||ORA^R41^ORA_R41|" id "|P|2.6|||" more "\rMSA|AA|x\rOBR|1\r"
#define WANTS   PEER_MESSAGE("Q1", "AL|NE")
#define NOTHING PEER_MESSAGE("Q1", "NE|NE")
#define ON_ER   PEER_MESSAGE("Q1", "ER|NE")

static inline void on_result(void *ctx, const struct mllp_sent_result *r)
{
    struct peer *p = ctx;
    static const char *const names[] = { "accepted", "refused", "again" };
    size_t at = strlen(p->results);

    p->count++;
    p->last = *r;
    snprintf(p->results + at, sizeof p->results - at, "%s%s:%s%s%s", at > 0 ? " " : "", names[r->outcome],
             r->detail, r->where[0] != 0 ? "@" : "", r->where);
    assert_false(mllp_sender_busy(p->sender));
    if (p->resend && r->outcome == MLLP_SENT_AGAIN)
        assert_true(mllp_sender_send(p->sender, r->id, slice_of(p->message)));
}

static inline void peer_listen(struct peer *p, int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)port) };
    socklen_t length = sizeof at;
    int one = 1;

    p->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(p->listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(p->listening, (struct sockaddr *)&at, sizeof at) != 0 || listen(p->listening, 8) != 0 ||
        getsockname(p->listening, (struct sockaddr *)&at, &length) != 0)
        abort();
    p->port = ntohs(at.sin_port);
}

static inline void peer_hang_up(struct peer *p)
{
    SSL_free(p->ssl);
    p->ssl = NULL;
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    buf_reset(&p->in);
}

static inline void peer_put(struct peer *p, struct slice s)
{
    size_t step = p->bytewise ? 1 : s.len;

    for (size_t at = 0; at < s.len; at += step) {
        if (p->ssl != NULL)
            SSL_write(p->ssl, s.ptr + at, (int)step);
        else
            send(p->fd, s.ptr + at, step, MSG_NOSIGNAL);
        for (int i = 0; p->bytewise && i < 3; i++)
            event_base_loop(p->n.loop, EVLOOP_NONBLOCK);
    }
}

static inline void peer_ack(struct buf *out, const char *what, size_t len, const char *id)
{
    char code[3] = { what[0], what[1], 0 };
    bool fault = code[1] != 'A';

    buf_text(out, "\x0bMSH|^~\\&|REP|H|NB|H|20261122||ACK^R41^ACK|77|P|2.6\rMSA|");
    buf_text(out, code);
    buf_text(out, "|");
    if (len > 3)
        buf_bytes(out, what + 3, len - 3);
    else
        buf_text(out, id);
    buf_text(out, fault ? "\rERR||OBR^1^3|101^x|E||||CANARY\r\x1c\r" : "\r\x1c\r");
}

static inline void peer_say(struct peer *p, const char *line)
{
    struct buf out = buf_make(1 << 16);

    for (const char *at = line; *at != 0; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        if (end != NULL) {
            peer_ack(&out, at + 1, (size_t)(end - at - 1), p->last_id);
            at = end;
        } else if (*at == '+' || *at == '-') {
            buf_put(&out, mllp_commit(*at == '+'));
        } else if (*at == '!') { /* hang up after what stands before it */
            peer_put(p, buf_slice(&out));
            buf_reset(&out);
            peer_hang_up(p);
        } else {
            buf_u8(&out, (uint8_t)*at);
        }
    }
    if (p->fd >= 0)
        peer_put(p, buf_slice(&out));
    buf_free(&out);
}

static inline void peer_accept(struct peer *p)
{
    int fd = accept(p->listening, NULL, NULL), one = 1;

    if (fd < 0)
        return;
    peer_hang_up(p);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    p->fd = fd;
    p->accepted++;
    if (p->tls != NULL) {
        p->ssl = SSL_new(p->tls);
        SSL_set_fd(p->ssl, fd);
        SSL_set_accept_state(p->ssl);
    }
}

static inline void peer_read(struct peer *p)
{
    struct client c = { .fd = p->fd, .ssl = p->ssl, .got = p->in };
    struct mllp_framer f = mllp_framer_make(1 << 20);
    enum mllp_result r;
    struct slice frame;

    if (p->fd < 0)
        return;
    client_read(&c);
    p->in = c.got;
    struct slice rest = buf_slice(&p->in);
    while ((r = mllp_next(&f, &rest, &frame, NULL)) != MLLP_MORE) {
        p->commits += r == MLLP_COMMIT_ACK;
        if (r != MLLP_FRAME)
            continue;
        struct hl7_header h;
        assert_true(hl7_header_scan(frame, &h));
        snprintf(p->last_id, sizeof p->last_id, "%.*s", SLICE_ARG(h.control_id));
        p->messages++;
        const char *line = p->script != NULL ? p->script[p->line] : NULL;
        p->line += line != NULL;
        size_t left = rest.len;
        if (line != NULL)
            peer_say(p, line);
        if (p->fd < 0)
            return;
        rest = slice_sub(buf_slice(&p->in), p->in.len - left, SIZE_MAX);
    }
    if (rest.len > 0)
        memmove(p->in.ptr, p->in.ptr + (p->in.len - rest.len), rest.len);
    p->in.len = rest.len;
    if (c.eof)
        peer_hang_up(p);
}

static inline void peer_turn(struct peer *p, int ms)
{
    const struct timespec pause = { 0, 1000000 };

    for (int i = 0; i < ms; i++) {
        event_base_loop(p->n.loop, EVLOOP_NONBLOCK);
        peer_accept(p);
        peer_read(p);
        nanosleep(&pause, NULL);
    }
}

static inline void peer_wait(struct peer *p, size_t results)
{
    for (int i = 0; i < 4000 && p->count < results; i++)
        peer_turn(p, 1);
    assert_int_equal(p->count, results);
}

static inline void peer_open(struct peer *p, const struct mllp_sender_options *options)
{
    struct mllp_sender_options o = *options;
    struct error err = { .code = ERROR_NONE };
    char address[64];

    p->fd = -1;
    p->in = buf_make(1 << 22);
    p->n.loop = event_base_new();
    if (p->listening <= 0)
        peer_listen(p, 0);
    snprintf(address, sizeof address, "127.0.0.1:%d", p->port);
    o.name = "reports";
    if (o.address == NULL)
        o.address = address;
    else
        snprintf(address, sizeof address, "%s:%d", o.address, p->port), o.address = address;
    o.answer_ms = o.answer_ms > 0 ? o.answer_ms : 3000;
    o.retry_first_ms = 20;
    o.retry_most_ms = 60;
    o.on_result = on_result;
    o.ctx = p;
    p->sender = mllp_sender_new(p->n.loop, &o, &err);
    assert_non_null(p->sender);
}

static inline void peer_close(struct peer *p)
{
    mllp_sender_free(&p->sender);
    assert_null(p->sender);
    event_base_loop(p->n.loop, EVLOOP_NONBLOCK);
    peer_hang_up(p);
    if (p->listening >= 0)
        close(p->listening);
    buf_free(&p->in);
    event_base_free(p->n.loop);
}

#endif
