/* nightbell/supervise.h - the supervisor: keeps the listening sockets, starts the four roles, starts them
 * again.
 *
 * It holds no keys, reads no message and compiles no site (a child does); so it has no reason to die. */
#ifndef NIGHTBELL_NIGHTBELL_SUPERVISE_H
#define NIGHTBELL_NIGHTBELL_SUPERVISE_H

#include "nightbell/role.h"

/* Runs until SIGTERM or SIGINT, or until a role says that starting again cannot help. Exit code. */
int supervise(const struct serve_options *o);

/* sockets.c */
struct site_blocks { /* what the check child says of a site */
    struct {
        char name[BOUND_NAME], kind[16], address[BOUND_ADDRESS];
        bool loopback_only; /* plain text that no `insecure` asked for: --listen may not carry it off this
                               machine */
    } row[64];
    size_t count;
    uint64_t settings; /* hash of every block's keys and values: unchanged, intake need not start anew */
};
struct bound_list {
    struct bound at[64];
    size_t count;
};
/* The sockets of a site: those of `old` that listen there already, the others bound anew. On false nothing
 * new stays open. */
bool sockets_bind(const struct serve_options *o, const struct site_blocks *blocks,
                  const struct bound_list *old, struct bound_list *out, struct error *err);
/* Closes what is not in `but` (NULL: everything), and empties the list. */
void sockets_close(struct bound_list *list, const struct bound_list *but);

/* site_child.c: reads and checks the site in a child process, and never waits for it: a folder that does not
 * answer holds up no SIGTERM. The child is this program begun anew (exec), because with --single a plain copy
 * would inherit locks that other threads hold at that moment, and wait for them for ever. */
struct site_check {
    int pid;         /* 0: none, or reaped already */
    int memory;      /* the fileset, once it is fine */
    int report;      /* what was found (nightbell/site_trial.h); -1: none */
    bool dry;        /* only tried */
    bool asked;      /* the router asked; else SIGHUP, or the start */
    int answer;      /* to poll for reading; -1: nothing is being checked */
    int64_t late_us; /* boot clock: who is not done by then is stopped */
    size_t got;      /* bytes of blocks */
    struct site_blocks blocks;
};
enum site_verdict { SITE_NOT_YET, SITE_FINE, SITE_WRONG };
/* Of main, for the child alone: FOLDER SERVED MEMORY-FD RUNNING-FD REPORT-FD ANSWER-FD plain|colour|again. */
#define SITE_CHECK_COMMAND "serve-check"
int site_check_run(int argc, char **argv);
/* `files` (taken over): -1, or a memory file that holds the files in place of a folder. `running`: that of
 * the site in force, or -1. False: nothing was started. `c` must not be checking, and holds no descriptor. */
bool site_check_begin(struct site_check *c, const struct serve_options *o, const struct site_request *q,
                      int files, int running);
/* Call when `answer` is readable or the time is over. SITE_FINE: c->blocks is filled. SITE_WRONG: the
 * findings are on stderr. Either way c->memory and c->report are the caller's then, who also reaps c->pid. */
enum site_verdict site_check_hear(struct site_check *c);
/* Kills the child, if there is one. */
void site_check_stop(struct site_check *c);

/* children.c: one role started, as a process or (single) as a thread. */
enum role_number { RUN_ROUTER, RUN_DELIVERY, RUN_FEEDS, RUN_WEB, RUN_COUNT };
struct child {
    enum role_number number;
    int wire;               /* our end of the socket pair; -1: not running */
    int pid;                /* 0 with --single */
    struct running *thread; /* --single: until child_join */
    bool ready;
    int64_t started_us;
    unsigned quick_deaths;
};
/* `c` is one of the supervisor's RUN_COUNT children, by number. */
bool child_start(struct child *c, enum role_number n, const struct role_env *common, struct error *err);
/* After a thread's last byte: it has only to end. With processes nothing. */
void child_join(struct child *c);
bool child_send(const struct child *c, char byte, int passed_fd);
const char *child_name(enum role_number n);

#endif
