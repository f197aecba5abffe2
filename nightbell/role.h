/* nightbell/role.h - what each process (or thread, with --single) is given, and the four that exist.
 *
 * One job each (docs/architecture.md): feeds (MLLP and other device listeners), web (FHIR, inbox,
 * gateway callbacks), router (journal and core), delivery (seals and sends). A role runs its own loop
 * on its own thread until the supervisor says so or its end of the socket pair closes. */
#ifndef NIGHTBELL_NIGHTBELL_ROLE_H
#define NIGHTBELL_NIGHTBELL_ROLE_H

#include "adapters/net/bus.h"
#include "base/error.h"
#include "base/slice.h"

#include <sys/types.h>

struct event;
struct event_base;
struct suspects;

enum {
    EXIT_LEFT = 0,
    EXIT_USAGE = 2,
    EXIT_SITE = 3,
    EXIT_REBUILD = 75 /* restart me */,
    EXIT_CONFIG = 78 /* do not */
};

enum { BOUND_NAME = 64, BOUND_ADDRESS = 64 };
struct bound {                   /* a listening socket, made and kept by the supervisor */
    char name[BOUND_NAME];       /* listener or endpoint */
    char address[BOUND_ADDRESS]; /* ADDR:PORT really bound */
    char wanted[BOUND_ADDRESS];  /* as the site or --listen says it */
    int fd;
};

struct serve_options {
    const char *site_dir, *data_dir; /* absolute */
    const char *key_file;            /* NULL: demo keys if the site may */
    bool insecure_demo, all_ports_free, single;
    uint32_t rate_permille; /* 1000: real time */
    struct {
        const char *name, *address;
    } listen[64]; /* --listen NAME=ADDR:PORT */
    size_t listen_count;
};

struct role_env {
    const struct serve_options *options;
    struct bus *bus; /* of this process */
    const char *router_address, *push_address;
    const struct bound *bound;
    size_t bound_count;
    struct suspects *suspects; /* shared memory of the supervisor */
    int supervisor;            /* our end of the socket pair */
    int site;                  /* router: memory file with the fileset to start with; else -1 */
    const char *name;          /* "feeds", for logs */
};

/* Return an exit code. The current directory is the data folder. */
int feeds_run(const struct role_env *env);
int web_run(const struct role_env *env);
int router_run(const struct role_env *env);
int delivery_run(const struct role_env *env);

const struct bound *role_bound(const struct role_env *env, struct slice name); /* NULL: not bound */

/* The wire to the supervisor: packets, each a byte and what belongs to it. It sends: 'Q' leave now, 'D' the
 * router has gone; to the router about sites: 'T' what the check found (a memory file with JSON), then one of
 * 'S' take this site (memory file), 'W' it is kept out. 's', 'w' are the same about the router's own request,
 * 'd' answers one that was only to be tried, 'b' says that another site is in hand. We send: 'R' ready, 'A'
 * site taken, 'N' site not taken, 'P' and a struct site_request: check this site. */
struct site_request {
    char folder[4096]; /* absolute; empty: the files come in the memory file that is passed */
    bool dry;          /* only try it */
    bool colour;       /* of the findings' text */
    bool again; /* it ran before, or is the first of a start on a journal: its data may lack something */
};
struct role_wire {
    void (*on_quit)(void *ctx);
    void (*on_router_down)(void *ctx);                 /* NULL: not wanted */
    void (*on_site)(void *ctx, char word, int passed); /* router only; owns the descriptor, or -1 */
    void *ctx;
    int fd;
    struct event *readable;
};
void role_wire_open(struct role_wire *w, struct event_base *loop, const struct role_env *env);
void role_wire_close(struct role_wire *w);
void role_say(const struct role_wire *w, char byte);
/* False: the supervisor is gone. `files` is passed along when it is not -1, and stays the caller's. */
bool role_request_site(const struct role_wire *w, const struct site_request *q, int files);

/* One packet, and a descriptor (-1: none). What sendmsg and recvmsg return. */
ssize_t wire_send(int fd, const void *bytes, size_t count, int passed);
ssize_t wire_receive(int fd, void *bytes, size_t room, int *passed);

#endif
