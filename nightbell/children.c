/* nightbell/children.c - a role as a process of its own, or as a thread with --single. */
#include "nightbell/supervise.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(const struct role_env *env);
} roles[RUN_COUNT] = {
    [RUN_ROUTER] = { "router", router_run },
    [RUN_DELIVERY] = { "delivery", delivery_run },
    [RUN_FEEDS] = { "feeds", feeds_run },
    [RUN_WEB] = { "web", web_run },
};

struct running { /* --single: what the thread was given; its exit code goes to the wire as a last byte */
    pthread_t thread;
    struct role_env env;
    enum role_number number;
};

const char *child_name(enum role_number n)
{
    return roles[n].name;
}

static void *run_thread(void *arg)
{
    struct running *t = arg;
    char code = (char)roles[t->number].run(&t->env);
    const char last[2] = { 'X', code };

    ssize_t sent = send(t->env.supervisor, last, sizeof last, MSG_NOSIGNAL);
    (void)sent;
    close(t->env.supervisor);
    return NULL;
}

static bool start_thread(struct child *c, const struct role_env *env, struct error *err)
{
    struct running *t = memory_new(sizeof *t);

    t->env = *env;
    t->number = c->number;
    if (pthread_create(&t->thread, NULL, run_thread, t) != 0) {
        free(t);
        return error_set(err, ERROR_IO, "cannot start a thread for %s", child_name(c->number));
    }
    c->thread = t;
    return true;
}

/* What a thread's libraries keep for it is let go of while it ends, so its end is waited for. */
void child_join(struct child *c)
{
    if (c->thread == NULL)
        return;
    pthread_join(c->thread->thread, NULL);
    free(c->thread);
    c->thread = NULL;
}

/* In the child: dies with the supervisor, leaves the terminal's signals to it, drops no core. */
static void settle(int parent)
{
    const struct rlimit none = { 0, 0 };
    sigset_t all;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_LEFT);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_IGN); /* the closed socket pair says the same, and lets us leave in order */
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static bool start_process(struct child *c, const struct role_env *env, int ours, struct error *err)
{
    int parent = (int)getpid(), pid = fork();

    if (pid < 0)
        return error_set(err, ERROR_IO, "cannot start %s: %s", child_name(c->number), strerror(errno));
    if (pid > 0) {
        c->pid = pid;
        close(env->supervisor);
        return true;
    }
    close(ours);
    /* Our siblings' wires too: each must see its end when the supervisor's last copy closes. */
    for (const struct child *s = c - c->number; s < c - c->number + RUN_COUNT; s++)
        if (s != c && s->wire >= 0)
            close(s->wire);
    /* Who does not listen must not keep a port open that a new site gives up. */
    if (c->number == RUN_ROUTER || c->number == RUN_DELIVERY)
        for (size_t i = 0; i < env->bound_count; i++)
            close(env->bound[i].fd);
    settle(parent);
    prctl(PR_SET_NAME, child_name(c->number));
    struct role_env own = *env;
    own.bus = bus_new(err);
    int code = own.bus != NULL ? roles[c->number].run(&own) : EXIT_REBUILD;
    bus_free(&own.bus);
    fflush(NULL);
    _exit(code);
}

bool child_start(struct child *c, enum role_number n, const struct role_env *common, struct error *err)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return error_set(err, ERROR_IO, "cannot start %s: %s", roles[n].name, strerror(errno));
    struct role_env env = *common;
    env.supervisor = pair[1];
    env.name = roles[n].name;
    c->number = n;
    c->ready = false;
    c->pid = 0;
    bool started =
        common->options->single ? start_thread(c, &env, err) : start_process(c, &env, pair[0], err);
    if (!started) {
        close(pair[0]);
        close(pair[1]);
        return false;
    }
    c->wire = pair[0];
    return true;
}

bool child_send(const struct child *c, char byte, int passed_fd)
{
    return c->wire >= 0 && wire_send(c->wire, &byte, 1, passed_fd) == 1;
}
