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

/* site_child.c: reads and checks the site in a child process. The memory file holds the fileset; -1 when
 * the site is wrong (its findings are on stderr then). */
int site_child_check(const struct serve_options *o, struct site_blocks *blocks);

/* children.c: one role started, as a process or (single) as a thread. */
enum role_number { RUN_ROUTER, RUN_DELIVERY, RUN_FEEDS, RUN_WEB, RUN_COUNT };
struct child {
    enum role_number number;
    int wire; /* our end of the socket pair; -1: not running */
    int pid;  /* 0 with --single */
    bool ready;
    int64_t started_us;
    unsigned quick_deaths;
};
/* `c` is one of the supervisor's RUN_COUNT children, by number. */
bool child_start(struct child *c, enum role_number n, const struct role_env *common, struct error *err);
bool child_send(const struct child *c, char byte, int passed_fd);
const char *child_name(enum role_number n);

#endif
