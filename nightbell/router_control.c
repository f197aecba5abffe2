/* nightbell/router_control.c - the server's side of the control socket (docs/control.md): lines in and out.
 */
#include "nightbell/router_requests.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct caller {
    struct control *owner;
    struct bufferevent *bev;
    struct caller *next;
    json_t *after_commit; /* the answer that waits for the commit; NULL: none */
    bool answered;
    bool waiting; /* for control_answer */
    char user[64];
};

struct control {
    struct router *router;
    struct evconnlistener *acceptor;
    struct caller *callers;
};

static const char path[] = "run/control";

static void caller_free(struct caller *c)
{
    json_decref(c->after_commit);
    bufferevent_free(c->bev);
    free(c);
}

static void hang_up(struct caller *c)
{
    struct caller **link = &c->owner->callers;

    router_caller_gone(c->owner->router, c);
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    caller_free(c);
}

static void put_line(struct caller *c, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);

    if (text != NULL)
        evbuffer_add_printf(bufferevent_get_output(c->bev), "%s\n", text);
    free(text);
}

void control_line(struct caller *c, json_t *line)
{
    put_line(c, line);
    json_decref(line);
}

void control_text(struct caller *c, struct slice lines)
{
    evbuffer_add(bufferevent_get_output(c->bev), lines.ptr, lines.len);
}

void control_refuse(struct caller *c, const char *why)
{
    control_line(c, json_pack("{s:s}", "error", why));
}

void control_later(struct caller *c, json_t *line)
{
    c->after_commit = line;
}

void control_wait(struct caller *c)
{
    c->waiting = true;
}

void control_answer(struct caller *c, json_t *line)
{
    c->waiting = false;
    control_line(c, line);
}

static void on_written(struct bufferevent *bev, void *arg)
{
    struct caller *c = arg;

    (void)bev;
    if (c->answered && c->after_commit == NULL && !c->waiting)
        hang_up(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct caller *c = arg;

    (void)bev;
    if ((what & BEV_EVENT_ERROR) != 0 || !c->answered)
        hang_up(c);
}

static void on_read(struct bufferevent *bev, void *arg)
{
    struct caller *c = arg;
    struct router *r = c->owner->router;
    struct evbuffer *in = bufferevent_get_input(bev);
    json_error_t where;
    size_t length;

    if (c->answered)
        return;
    char *line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF);
    if (line == NULL && evbuffer_get_length(in) < LIMIT_CONTROL_BYTES)
        return;
    json_t *request = line != NULL ? json_loadb(line, length, JSON_REJECT_DUPLICATES, &where) : NULL;
    free(line);
    c->answered = true;
    bufferevent_disable(bev, EV_READ);
    if (request == NULL)
        control_refuse(c, "control-bytes: a request is one JSON object on one line");
    else
        router_request(r, c, request);
    json_decref(request);
    router_commit(r); /* frees no caller: they go when all is written */
    if (c->after_commit == NULL && !c->waiting && evbuffer_get_length(bufferevent_get_output(bev)) == 0)
        hang_up(c);
}

void control_after_commit(struct router *r)
{
    if (r->control == NULL)
        return;
    for (struct caller *c = r->control->callers; c != NULL; c = c->next)
        if (c->after_commit != NULL) {
            put_line(c, c->after_commit);
            json_decref(c->after_commit);
            c->after_commit = NULL;
        }
}

/* The kernel says whose process asks; a user without a name is "uid 1007". */
static void name_user(struct caller *c, evutil_socket_t fd)
{
    struct ucred who = { .uid = (uid_t)-1 };
    socklen_t len = sizeof who;
    struct passwd room, *found = NULL;
    char texts[4096];

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0) {
        snprintf(c->user, sizeof c->user, "control");
        return;
    }
    if (getpwuid_r(who.uid, &room, texts, sizeof texts, &found) != 0 || found == NULL)
        snprintf(c->user, sizeof c->user, "uid %lu", (unsigned long)who.uid);
    else
        snprintf(c->user, sizeof c->user, "%.60s", found->pw_name);
}

const char *control_user(const struct caller *c)
{
    return c->user;
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *address, int length,
                      void *arg)
{
    struct control *control = arg;
    struct caller *c = memory_new(sizeof *c);

    (void)l;
    (void)address;
    (void)length;
    *c = (struct caller){ .owner = control, .next = control->callers };
    c->bev = bufferevent_socket_new(control->router->loop, fd, BEV_OPT_CLOSE_ON_FREE);
    control->callers = c;
    name_user(c, fd);
    bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

bool control_open(struct router *r, struct error *err)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    memcpy(at.sun_path, path, sizeof path);
    unlink(path);
    mode_t before = umask(0177);
    bool fine = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0;
    umask(before);
    if (!fine) {
        if (fd >= 0)
            close(fd);
        return error_set(err, ERROR_IO, "the control socket cannot be made: %s", strerror(errno));
    }
    r->control = memory_new(sizeof *r->control);
    r->control->router = r;
    r->control->acceptor = evconnlistener_new(r->loop, on_accept, r->control, LEV_OPT_CLOSE_ON_FREE, 0, fd);
    return true;
}

void control_close(struct router *r)
{
    if (r->control == NULL)
        return;
    for (struct caller *c = r->control->callers, *next; c != NULL; c = next) {
        next = c->next;
        caller_free(c);
    }
    evconnlistener_free(r->control->acceptor);
    unlink(path);
    free(r->control);
    r->control = NULL;
}
