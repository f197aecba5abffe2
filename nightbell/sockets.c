#include "nightbell/supervise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 511, BIND_TRIES = 100 };

/* "127.0.0.1:2575", "[::1]:2575", "localhost:2575"; no other name, so nothing is asked of a resolver. */
static bool parse(const char *text, struct addrinfo **out)
{
    char host[BOUND_ADDRESS];
    const char *colon = strrchr(text, ':');
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };

    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    size_t length = strlen(host);
    char *bare = host;
    if (length > 1 && host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        bare++;
    } else if (strcasecmp(host, "localhost") == 0) {
        snprintf(host, sizeof host, "127.0.0.1");
    }
    return getaddrinfo(bare, colon + 1, &hints, out) == 0;
}

static int listen_on(const struct addrinfo *at)
{
    int one = 1, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* accepted sockets inherit it */
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* A supervisor that was killed may have children that are still letting go of the port. */
static int listen_patiently(const struct addrinfo *at)
{
    const struct timespec pause = { 0, 50 * 1000 * 1000 };
    int fd = listen_on(at);

    for (int i = 0; fd < 0 && errno == EADDRINUSE && i < BIND_TRIES; i++) {
        nanosleep(&pause, NULL);
        fd = listen_on(at);
    }
    return fd;
}

static void name_bound(int fd, char out[BOUND_ADDRESS])
{
    struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
    socklen_t length = sizeof at;
    char host[INET6_ADDRSTRLEN] = "", port[8] = "";

    getsockname(fd, (struct sockaddr *)&at, &length);
    getnameinfo((const struct sockaddr *)&at, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, BOUND_ADDRESS, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static bool bind_one(const char *name, const char *address, struct bound *out, struct error *err)
{
    struct addrinfo *at = NULL;

    if (!parse(address, &at))
        return error_set(err, ERROR_VALUE, "%s: \"%s\" is not ADDR:PORT in numbers", name, address);
    int fd = listen_patiently(at);
    freeaddrinfo(at);
    if (fd < 0)
        return error_set(err, ERROR_IO, "%s: cannot listen on %s: %s", name, address, strerror(errno));
    *out = (struct bound){ .fd = fd };
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->wanted, sizeof out->wanted, "%s", address);
    name_bound(fd, out->address);
    return true;
}

static bool is_loopback(const struct sockaddr *at)
{
    if (at->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return at->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr);
}

/* `check` refuses this of the site's own addresses; --listen must not be a way around it. */
static bool stays_here(const char *name, const char *address, struct error *err)
{
    struct addrinfo *at = NULL;

    if (!parse(address, &at))
        return true; /* bind_one says what is wrong with it */
    bool here = is_loopback(at->ai_addr);
    freeaddrinfo(at);
    return here || error_set(err, ERROR_VALUE,
                             "%s: %s would carry patient data in plain text off this machine: add tls to its "
                             "block, or the word insecure",
                             name, address);
}

static const char *wanted_address(const struct serve_options *o, const char *name, const char *from_site)
{
    for (size_t i = 0; i < o->listen_count; i++)
        if (strcmp(o->listen[i].name, name) == 0)
            return o->listen[i].address;
    return o->all_ports_free ? "127.0.0.1:0" : from_site;
}

static bool known(const struct site_blocks *blocks, const char *name)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (strcmp(blocks->row[i].name, name) == 0)
            return true;
    return false;
}

static bool any_port(const char *address)
{
    size_t length = strlen(address);

    return length >= 2 && strcmp(address + length - 2, ":0") == 0;
}

/* The socket that already listens there: under this name, or under another that this one replaces. */
static const struct bound *already(const struct bound_list *old, const char *name, const char *address)
{
    for (size_t i = 0; i < old->count; i++)
        if (strcmp(old->at[i].wanted, address) == 0 &&
            (!any_port(address) || strcmp(old->at[i].name, name) == 0))
            return &old->at[i];
    return NULL;
}

static bool take_socket(const struct bound_list *old, const char *name, const char *address,
                        struct bound_list *out, struct error *err)
{
    struct bound *b = &out->at[out->count];
    const struct bound *there = already(old, name, address);

    if (there != NULL) {
        *b = *there;
        snprintf(b->name, sizeof b->name, "%s", name);
    } else if (!bind_one(name, address, b, err)) {
        return false;
    }
    out->count++;
    return true;
}

bool sockets_bind(const struct serve_options *o, const struct site_blocks *blocks,
                  const struct bound_list *old, struct bound_list *out, struct error *err)
{
    out->count = 0;
    for (size_t i = 0; i < o->listen_count; i++)
        if (!known(blocks, o->listen[i].name))
            return error_set(err, ERROR_UNKNOWN, "--listen: the site has no listener or endpoint \"%s\"",
                             o->listen[i].name);
    for (size_t i = 0; i < blocks->count; i++) {
        const char *address = wanted_address(o, blocks->row[i].name, blocks->row[i].address);
        if ((blocks->row[i].loopback_only && !stays_here(blocks->row[i].name, address, err)) ||
            !take_socket(old, blocks->row[i].name, address, out, err)) {
            sockets_close(out, old);
            return false;
        }
    }
    return true;
}

void sockets_close(struct bound_list *list, const struct bound_list *but)
{
    for (size_t i = 0; i < list->count; i++) {
        bool kept = false;
        for (size_t k = 0; but != NULL && k < but->count; k++)
            kept |= but->at[k].fd == list->at[i].fd;
        if (!kept)
            close(list->at[i].fd);
    }
    list->count = 0;
}
