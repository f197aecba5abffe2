#include "nightbell/mllp_client.h"

#include "hl7/message.h"
#include "hl7/mllp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int dial_any(const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        if (fd >= 0)
            close(fd);
    }
    return -1;
}

int mllp_dial(const char *address, struct error *err)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        error_set(err, ERROR_VALUE, "\"%s\" is not ADDR:PORT", address);
        return -1;
    }
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    int fd = getaddrinfo(host, colon + 1, &hints, &list) == 0 ? dial_any(list) : -1;
    if (list != NULL)
        freeaddrinfo(list);
    if (fd < 0)
        error_set(err, ERROR_IO, "cannot connect to %s", address);
    return fd;
}

static bool send_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes = slice_sub(bytes, (size_t)put, bytes.len);
    }
    return true;
}

/* Takes what has come; what is left stays for the next bytes. Commit acknowledgements of release 2 are passed
 * over: what is waited for is the answer. */
static bool take_ack(struct mllp_framer *framer, struct buf *in, struct buf *ack, struct error *err)
{
    struct slice rest = buf_slice(in), frame;
    enum mllp_result r = MLLP_EMPTY;

    while (r != MLLP_MORE && r != MLLP_FRAME)
        r = mllp_next(framer, &rest, &frame, err);
    if (r == MLLP_FRAME)
        buf_put(ack, frame);
    if (rest.len > 0 && rest.len != in->len)
        memmove(in->ptr, rest.ptr, rest.len);
    in->len = rest.len;
    return r == MLLP_FRAME;
}

static bool wait_ack(int fd, struct buf *ack, struct error *err)
{
    struct buf in = buf_make(1 << 21);
    struct mllp_framer framer = mllp_framer_make(1 << 20);
    char chunk[4096];
    bool found = false;

    while (!found) {
        ssize_t got = recv(fd, chunk, sizeof chunk, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            error_set(err, ERROR_IO,
                      got == 0 ? "the connection was closed without an acknowledgement"
                               : "no acknowledgement came in time");
            break;
        }
        buf_bytes(&in, chunk, (size_t)got);
        found = take_ack(&framer, &in, ack, err);
    }
    buf_free(&in);
    return found;
}

bool mllp_exchange(int fd, struct slice message, unsigned wait_s, struct buf *ack, struct error *err)
{
    struct timeval limit = { .tv_sec = wait_s };
    struct buf framed = buf_make(message.len + 16);
    bool fine =
        mllp_wrap(&framed, message) || error_set(err, ERROR_VALUE, "the message holds a VT or FS byte");

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (fine && !send_all(fd, buf_slice(&framed)))
        fine = error_set(err, ERROR_IO, "the connection was closed while sending");
    fine = fine && wait_ack(fd, ack, err);
    buf_free(&framed);
    return fine;
}

struct slice mllp_ack_code(struct slice ack)
{
    struct slice rest = ack;

    while (rest.len > 0) {
        struct slice segment = slice_cut(&rest, '\r');
        if (slice_starts(segment, SLICE("MSA")) && segment.len > 4) {
            struct slice fields = slice_sub(segment, 4, segment.len);
            return slice_cut(&fields, segment.ptr[3]);
        }
    }
    return (struct slice){ "", 0 };
}
