#include "nightbell/supervise.h"

#include "adapters/net/clock.h"
#include "base/log.h"
#include "nightbell/file.h"
#include "nightbell/suspect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Who has not left by then is killed: within the 5 s that docs/mllp.md and `serve --help` promise. */
enum { LEAVE_MS = 4000, KILLED_MS = 300 };
enum { QUICK_US = 5000000, PAUSE_MS = 200 };

struct supervisor {
    const struct serve_options *o;
    struct role_env common;
    struct child child[RUN_COUNT];
    struct bound_list bound, next; /* next: of the site that waits for the router's word */
    uint64_t settings, next_settings;
    struct site_check check;
    int signals, lock, pending_site, pending_report;
    bool pending_sent, pending_asked;
    bool read_again; /* asked for while one was checked, or the router had it in hand */
    int64_t leave_by_us;
    int code;
    bool leaving, announced;
};

static bool running(const struct supervisor *s)
{
    for (int i = 0; i < RUN_COUNT; i++)
        if (s->child[i].wire >= 0)
            return true;
    return false;
}

static void leave_further(struct supervisor *s)
{
    if (s->child[RUN_FEEDS].wire < 0 && s->child[RUN_WEB].wire < 0) {
        child_send(&s->child[RUN_ROUTER], 'Q', -1);
        child_send(&s->child[RUN_DELIVERY], 'Q', -1);
    }
}

static void leave(struct supervisor *s, int code)
{
    if (s->leaving)
        return;
    s->leaving = true;
    s->code = code;
    s->leave_by_us = clock_boot_us() + (int64_t)LEAVE_MS * 1000;
    site_check_stop(&s->check);
    /* Intake first; the router goes when they have gone, so that what they handed over is answered. */
    child_send(&s->child[RUN_FEEDS], 'Q', -1);
    child_send(&s->child[RUN_WEB], 'Q', -1);
    leave_further(s);
}

static void start(struct supervisor *s, enum role_number n)
{
    struct error err = { .code = ERROR_NONE };

    s->child[n].started_us = clock_boot_us();
    if (!child_start(&s->child[n], n, &s->common, &err)) {
        log_error("supervisor", "cannot-start", &err);
        leave(s, EXIT_CONFIG);
    }
}

/* Whoever talks to the router must know at once that it has gone. */
static void tell_router_down(struct supervisor *s)
{
    child_send(&s->child[RUN_FEEDS], 'D', -1);
    child_send(&s->child[RUN_WEB], 'D', -1);
    child_send(&s->child[RUN_DELIVERY], 'D', -1);
}

static void note_crash(struct supervisor *s, enum role_number n)
{
    static const enum suspect_holder holder[RUN_COUNT] = { [RUN_FEEDS] = SUSPECT_FEEDS,
                                                           [RUN_WEB] = SUSPECT_WEB,
                                                           [RUN_ROUTER] = SUSPECT_ROUTER,
                                                           [RUN_DELIVERY] = SUSPECT_HOLDERS };

    if (holder[n] != SUSPECT_HOLDERS && suspect_crashed(s->common.suspects, holder[n]))
        log_event(LOG_ERROR, "supervisor", "suspect", "process", child_name(n), NULL);
}

static void put_away(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* To the router: what was found, then what became of it; the small letters answer its own request. */
static bool tell_verdict(struct supervisor *s, char word, int report, int memory)
{
    const struct child *router = &s->child[RUN_ROUTER];

    return router->ready && (report < 0 || child_send(router, 'T', report)) &&
           child_send(router, word, memory);
}

/* The site that was read again is not taken: everything stays as it is. */
static void keep_site_out(struct supervisor *s)
{
    log_event(LOG_ERROR, "supervisor", "site-kept-out", NULL);
    put_away(&s->pending_site);
    put_away(&s->pending_report);
    s->pending_sent = false;
    sockets_close(&s->next, &s->bound);
}

/* And the router lists why, or says so to who asked. */
static void refuse_site(struct supervisor *s, int report, bool asked)
{
    tell_verdict(s, asked ? 'w' : 'W', report, -1);
    keep_site_out(s);
}

static void site_taken(struct supervisor *s);

/* What a router that has just died said of the site in its hand: taken is taken. */
static void last_words(struct supervisor *s, int wire)
{
    char said = 0;

    while (s->pending_sent && recv(wire, &said, 1, MSG_DONTWAIT) > 0)
        if (said == 'A')
            site_taken(s);
}

static void ended(struct supervisor *s, enum role_number n, int code)
{
    struct child *c = &s->child[n];
    char text[LOG_NUM];
    bool quick = clock_boot_us() - c->started_us < QUICK_US;

    if (n == RUN_ROUTER)
        last_words(s, c->wire);
    close(c->wire);
    c->wire = -1;
    c->pid = 0;
    child_join(c);
    if (s->leaving) {
        leave_further(s);
        return;
    }
    log_event(LOG_WARN, "supervisor", "ended", "process", child_name(n), "code", log_num(text, code), NULL);
    if (code == EXIT_CONFIG || code == EXIT_USAGE || (s->o->single && code != EXIT_LEFT)) {
        leave(s, code != EXIT_LEFT ? code : EXIT_REBUILD);
        return;
    }
    note_crash(s, n);
    if (n == RUN_ROUTER) {
        tell_router_down(s);
        if (s->pending_sent)
            keep_site_out(s); /* it may be what ended it: the old site goes on */
    }
    c->quick_deaths = quick ? c->quick_deaths + 1 : 0;
    if (c->quick_deaths > 3)
        usleep(PAUSE_MS * 1000); /* a process that cannot live must not eat the machine */
    start(s, n);
}

/* All are ready: say where, one line each, on stdout. */
static void announce(struct supervisor *s)
{
    if (s->announced)
        return;
    for (int i = 0; i < RUN_COUNT; i++)
        if (!s->child[i].ready)
            return;
    s->announced = true;
    FILE *file = fopen("run/listening", "we"); /* for simulate, and for whoever asks later */
    for (size_t i = 0; i < s->common.bound_count; i++) {
        printf("listening %s %s\n", s->bound.at[i].name, s->bound.at[i].address);
        if (file != NULL)
            fprintf(file, "%s %s\n", s->bound.at[i].name, s->bound.at[i].address);
    }
    if (file != NULL)
        fclose(file);
    fflush(stdout);
}

static void reap(struct supervisor *s)
{
    int status, pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == s->check.pid)
            s->check.pid = 0;
        for (int i = 0; i < RUN_COUNT; i++)
            if (s->child[i].pid == pid)
                ended(s, (enum role_number)i,
                      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

static bool in_hand(const struct supervisor *s)
{
    return s->pending_sent || s->check.answer >= 0;
}

/* SIGHUP: the site is read again in a child; a wrong one is kept out and the old one goes on. A router that
 * is just starting hears of it when it is ready. */
static void reread(struct supervisor *s)
{
    struct site_request q = { .dry = false };

    s->read_again = in_hand(s);
    if (s->read_again)
        return;
    if (s->pending_site >= 0)
        keep_site_out(s); /* a newer one has come */
    snprintf(q.folder, sizeof q.folder, "%s", s->o->site_dir);
    if (!site_check_begin(&s->check, s->o, &q, -1, s->common.site))
        keep_site_out(s);
}

/* The router asks for a check: of a folder, or of files that it has itself. */
static void check_for_router(struct supervisor *s, const struct site_request *q, int files)
{
    bool busy = in_hand(s) || s->leaving;

    if (!busy && s->pending_site >= 0)
        keep_site_out(s);
    if (!busy && site_check_begin(&s->check, s->o, q, files, s->common.site)) {
        s->check.asked = true;
        return;
    }
    child_send(&s->child[RUN_ROUTER], 'b', -1);
    if (busy && files >= 0)
        close(files);
}

static void offer_pending(struct supervisor *s)
{
    s->pending_sent = tell_verdict(s, s->pending_asked ? 's' : 'S', s->pending_report, s->pending_site);
    if (s->pending_asked && !s->pending_sent)
        keep_site_out(s); /* whoever asked has gone with the router */
}

static void cannot_listen(struct supervisor *s, const struct error *err)
{
    log_error("supervisor", "cannot-listen", err);
    int report = memfd_create("nightbell-report", MFD_CLOEXEC);
    if (report >= 0)
        dprintf(report, "{\"fine\":false,\"why\":\"a listener cannot be opened: the log says which\"}");
    refuse_site(s, report, s->check.asked);
    put_away(&report);
}

static void offer_site(struct supervisor *s)
{
    struct error err = { .code = ERROR_NONE };

    s->pending_site = s->check.memory;
    s->pending_report = s->check.report;
    s->pending_asked = s->check.asked;
    s->check.memory = s->check.report = -1;
    if (!sockets_bind(s->o, &s->check.blocks, &s->bound, &s->next, &err)) {
        cannot_listen(s, &err);
        return;
    }
    s->next_settings = s->check.blocks.settings;
    offer_pending(s);
}

static void answer_dry(struct supervisor *s, bool fine)
{
    tell_verdict(s, fine ? 'd' : 'w', s->check.report, -1);
}

/* The first one is what we start with: until it is there, no role runs. */
static void hear_check(struct supervisor *s)
{
    enum site_verdict v = site_check_hear(&s->check);

    if (v == SITE_NOT_YET)
        return;
    if (s->common.site < 0 && v == SITE_FINE) {
        s->common.site = s->check.memory;
        s->check.memory = -1;
    } else if (s->common.site >= 0 && s->check.dry) {
        answer_dry(s, v == SITE_FINE);
    } else if (v == SITE_FINE) {
        offer_site(s);
    } else if (s->common.site >= 0) {
        refuse_site(s, s->check.report, s->check.asked);
    }
    put_away(&s->check.memory);
    put_away(&s->check.report);
}

static bool same_sockets(const struct bound_list *a, const struct bound_list *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = a->at[i].fd == b->at[i].fd && strcmp(a->at[i].name, b->at[i].name) == 0;
    return same;
}

/* Intake opens its listeners anew only when they have changed, so that a new rule closes no connection. */
static void restart_intake(struct supervisor *s)
{
    s->announced = same_sockets(&s->bound, &s->next);
    sockets_close(&s->bound, &s->next);
    s->bound = s->next;
    s->common.bound_count = s->bound.count;
    s->settings = s->next_settings;
    s->child[RUN_FEEDS].ready = s->child[RUN_WEB].ready = false;
    child_send(&s->child[RUN_FEEDS], 'Q', -1);
    child_send(&s->child[RUN_WEB], 'Q', -1);
}

/* The router has taken the site: a router that starts later begins with it. */
static void site_taken(struct supervisor *s)
{
    if (!s->pending_sent)
        return;
    close(s->common.site);
    s->common.site = s->pending_site;
    s->pending_site = -1;
    put_away(&s->pending_report);
    s->pending_sent = false;
    log_event(LOG_INFO, "supervisor", "site-taken", NULL);
    if (s->next_settings != s->settings || !same_sockets(&s->bound, &s->next))
        restart_intake(s);
    s->next.count = 0;
}

static void hear(struct supervisor *s, enum role_number n)
{
    struct child *c = &s->child[n];
    char said[1 + sizeof(struct site_request)] = { 0 };
    int passed = -1;
    ssize_t got = wire_receive(c->wire, said, sizeof said, &passed);

    if (got > 0 && said[0] == 'R') {
        c->ready = true;
        announce(s);
        if (n == RUN_ROUTER && s->pending_site >= 0 && !s->pending_sent)
            offer_pending(s);
    } else if (got > 0 && said[0] == 'A') {
        site_taken(s);
    } else if (got > 0 && said[0] == 'N' && s->pending_sent) {
        keep_site_out(s);
    } else if (got == (ssize_t)sizeof said && said[0] == 'P') {
        struct site_request q;
        memcpy(&q, said + 1, sizeof q);
        q.folder[sizeof q.folder - 1] = '\0';
        check_for_router(s, &q, passed);
        passed = -1;
    } else if (s->o->single && (got == 0 || (got > 0 && said[0] == 'X'))) {
        ended(s, n, got > 0 ? said[1] : EXIT_REBUILD);
    } else if (got == 0) {
        reap(s);
    }
    put_away(&passed);
}

static void take_signal(struct supervisor *s)
{
    struct signalfd_siginfo info;

    while (read(s->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            reap(s);
        else if (info.ssi_signo == SIGHUP)
            reread(s);
        else
            leave(s, EXIT_LEFT);
    }
}

static void turn(struct supervisor *s)
{
    struct pollfd wait[RUN_COUNT + 2];
    enum role_number who[RUN_COUNT + 2];
    nfds_t count = 0;
    bool checking = s->check.answer >= 0;

    wait[count++] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
    wait[count++] = (struct pollfd){ .fd = s->check.answer, .events = POLLIN }; /* -1 is passed over */
    for (int i = 0; i < RUN_COUNT; i++)
        if (s->child[i].wire >= 0) {
            who[count] = (enum role_number)i;
            wait[count++] = (struct pollfd){ .fd = s->child[i].wire, .events = POLLIN };
        }
    if (poll(wait, count, s->leaving ? 100 : checking ? 1000 : -1) < 0 && errno != EINTR)
        leave(s, EXIT_REBUILD);
    if ((wait[0].revents & POLLIN) != 0)
        take_signal(s);
    if (checking && s->check.answer == wait[1].fd)
        hear_check(s);
    for (nfds_t i = 2; i < count; i++)
        if (wait[i].revents != 0 && s->child[who[i]].wire == wait[i].fd)
            hear(s, who[i]);
    if (s->read_again && !s->leaving)
        reread(s);
}

/* Killed processes are gone within moments; they are waited for, so that nobody finds one behind us. */
static void await_killed(struct supervisor *s)
{
    const struct timespec pause = { 0, 5 * 1000 * 1000 };

    for (int ms = 0; ms < KILLED_MS; ms += 5) {
        bool any = s->check.pid > 0;
        reap(s);
        for (int i = 0; i < RUN_COUNT; i++)
            any |= s->child[i].pid > 0;
        if (!any)
            return;
        nanosleep(&pause, NULL);
    }
}

static void kill_late(struct supervisor *s)
{
    for (int i = 0; i < RUN_COUNT; i++) {
        if (s->child[i].wire < 0)
            continue;
        log_event(LOG_ERROR, "supervisor", "killed-late", "process", child_name((enum role_number)i), NULL);
        if (s->child[i].pid > 0)
            kill(s->child[i].pid, SIGKILL);
    }
    site_check_stop(&s->check);
    await_killed(s);
}

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One supervisor a data folder. Held by us alone: children must not keep it when we are gone. */
static int take_lock(struct error *err)
{
    int fd = open("run/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || lockf(fd, F_TLOCK, 0) != 0) {
        if (fd >= 0)
            close(fd);
        error_set(err, ERROR_CONFLICT, "another nightbell serves this data folder");
        return -1;
    }
    return fd;
}

static bool has_journal(const char *data_dir)
{
    int folder = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool there = folder >= 0 && faccessat(folder, "journal.db", F_OK, 0) == 0;

    if (folder >= 0)
        close(folder);
    return there;
}

/* Signals are heard meanwhile. Its blocks stay in s->check until the next check begins. */
static bool read_first_site(struct supervisor *s, struct error *err)
{
    struct site_request q = { .dry = false };

    s->code = EXIT_SITE;
    snprintf(q.folder, sizeof q.folder, "%s", s->o->site_dir);
    q.again = has_journal(s->o->data_dir);
    if (!site_check_begin(&s->check, s->o, &q, -1, -1))
        return error_set(err, ERROR_IO, "the check of the site cannot be started: %s", strerror(errno));
    while (s->common.site < 0 && s->check.answer >= 0)
        turn(s);
    if (s->leaving)
        return error_set(err, ERROR_VALUE, "asked to leave before the site was read");
    return s->common.site >= 0 || error_set(err, ERROR_VALUE, "the site is wrong: nothing was started");
}

static bool prepare(struct supervisor *s, struct error *err)
{
    if (!read_first_site(s, err))
        return false;
    struct site_blocks blocks = s->check.blocks;
    s->code = EXIT_CONFIG;
    if (!folder_make(s->o->data_dir, 0700, err))
        return false;
    if (chdir(s->o->data_dir) != 0 || !folder_make("run", 0700, err))
        return error_set(err, ERROR_IO, "%s: cannot be entered", s->o->data_dir);
    s->lock = take_lock(err);
    if (s->lock < 0 || !sockets_bind(s->o, &blocks, &s->next, &s->bound, err))
        return false;
    s->common.bound_count = s->bound.count;
    s->settings = blocks.settings;
    s->common.suspects = suspects_new();
    s->common.bus = s->o->single ? bus_new(err) : NULL;
    return s->common.suspects != NULL;
}

static void run(struct supervisor *s)
{
    s->code = s->leaving ? s->code : EXIT_LEFT;
    for (int i = 0; i < RUN_COUNT && !s->leaving; i++)
        start(s, (enum role_number)i);
    while (running(s) && !(s->leaving && clock_boot_us() > s->leave_by_us))
        turn(s);
}

int supervise(const struct serve_options *o)
{
    struct supervisor s = { .o = o,
                            .check = { .memory = -1, .answer = -1, .report = -1 },
                            .pending_site = -1,
                            .pending_report = -1,
                            .lock = -1 };
    struct error err = { .code = ERROR_NONE };

    for (int i = 0; i < RUN_COUNT; i++)
        s.child[i].wire = -1;
    s.common = (struct role_env){ .options = o,
                                  .bound = s.bound.at,
                                  .site = -1,
                                  .supervisor = -1,
                                  .router_address = o->single ? "inproc://router" : "ipc://run/router",
                                  .push_address = o->single ? "inproc://push" : "ipc://run/push" };
    s.signals = open_signals();
    if (prepare(&s, &err))
        run(&s);
    else
        fprintf(stderr, "nightbell: %s\n", err.message);
    kill_late(&s);
    sockets_close(&s.next, &s.bound);
    sockets_close(&s.bound, NULL);
    if (s.lock >= 0) {
        unlink("run/listening");
        close(s.lock);
    }
    if (o->single && running(&s))
        _exit(s.code); /* a thread cannot be killed alone, and the bus would wait for its sockets */
    if (o->single)
        bus_free(&s.common.bus);
    return s.code;
}
