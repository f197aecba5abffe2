#include "nightbell/role.h"

#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct bound *role_bound(const struct role_env *env, struct slice name)
{
    for (size_t i = 0; i < env->bound_count; i++)
        if (slice_is(name, env->bound[i].name))
            return &env->bound[i];
    return NULL;
}

ssize_t wire_receive(int fd, void *bytes, size_t room, int *passed)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { .room = { 0 } };
    struct iovec io = { bytes, room };
    struct msghdr m = {
        .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room
    };
    ssize_t got = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    *passed = -1;
    struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(passed, CMSG_DATA(c), sizeof *passed);
    return got;
}

ssize_t wire_send(int fd, const void *bytes, size_t count, int passed)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { .room = { 0 } };
    struct iovec io = { (void *)(uintptr_t)bytes, count };
    struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };

    if (passed >= 0) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(h), &passed, sizeof passed);
    }
    return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct role_wire *w = arg;
    char byte = 0;
    int passed = -1;

    (void)what;
    ssize_t got = wire_receive(fd, &byte, 1, &passed);
    if (got < 0)
        return;
    if (got == 0 || byte == 'Q') {
        event_del(w->readable);
        w->on_quit(w->ctx);
    } else if (byte == 'D' && w->on_router_down != NULL) {
        w->on_router_down(w->ctx);
    } else if (byte != 'D' && w->on_site != NULL) {
        w->on_site(w->ctx, byte, passed);
        passed = -1;
    }
    if (passed >= 0)
        close(passed);
}

void role_wire_open(struct role_wire *w, struct event_base *loop, const struct role_env *env)
{
    w->fd = env->supervisor;
    w->readable = event_new(loop, w->fd, EV_READ | EV_PERSIST, on_readable, w);
    event_add(w->readable, NULL);
}

void role_wire_close(struct role_wire *w)
{
    if (w->readable != NULL)
        event_free(w->readable);
    w->readable = NULL;
}

void role_say(const struct role_wire *w, char byte)
{
    ssize_t sent = send(w->fd, &byte, 1, MSG_NOSIGNAL);

    (void)sent; /* a supervisor that is gone shows as end of file */
}

bool role_request_site(const struct role_wire *w, const struct site_request *q, int files)
{
    char packet[1 + sizeof *q] = { 'P' };

    memcpy(packet + 1, q, sizeof *q);
    return wire_send(w->fd, packet, sizeof packet, files) == sizeof packet;
}
