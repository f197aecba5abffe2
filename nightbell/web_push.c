/* nightbell/web_push.c - delivery hands sealed alerts over the bus; they go into the open streams. */
#include "nightbell/web_state.h"

#include "adapters/seal/random.h"
#include "base/log.h"

#include <event2/event.h>

static void say_hello(struct web *w)
{
    struct slice nobody = { NULL, 0 };

    hello_write(&w->out, w->push_session, ROLE_WEB, 0);
    bus_send(w->push, nobody, buf_slice(&w->out));
}

/* Said every second: a delivery process that was started again must learn where web is. */
static void on_hello(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    say_hello(arg);
}

static void push_all(struct web *w, struct frame *f)
{
    frame_begin(&w->out, FRAME_PUSHED, f->session);
    for (uint32_t i = 0; i < f->count; i++) {
        struct push_item item;
        if (!push_read(&f->body, &item))
            return;
        bool written = w->inbox != NULL && inbox_push(w->inbox, item.device, item.delivery, item.jwe);
        pushed_write(&w->out, &(struct pushed_item){ item.delivery, written });
    }
    bus_send(w->push, (struct slice){ NULL, 0 }, buf_slice(&w->out));
}

static void on_frame(void *ctx, struct slice peer, struct slice name, struct slice bytes)
{
    struct web *w = ctx;
    struct error err = { .code = ERROR_NONE };
    struct frame f;

    (void)peer;
    (void)name;
    if (!frame_open(bytes, &f, &err))
        log_error("web", "frame-refused", &err);
    else if (f.type == FRAME_PUSH)
        push_all(w, &f);
}

bool web_push_open(struct web *w, struct error *err)
{
    static const struct timeval second = { 1, 0 };
    struct bus_options o = {
        .side = BUS_CONNECT, .address = w->env->push_address, .on_frame = on_frame, .ctx = w
    };

    w->push_session = seal_random_u64();
    w->push = bus_open(w->env->bus, w->loop, &o, err);
    if (w->push == NULL)
        return false;
    w->hello = event_new(w->loop, -1, EV_PERSIST, on_hello, w);
    event_add(w->hello, &second);
    say_hello(w);
    return true;
}

void web_push_close(struct web *w)
{
    if (w->hello != NULL)
        event_free(w->hello);
    bus_close(&w->push);
}
