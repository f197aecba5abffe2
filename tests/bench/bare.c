/* tests/bench/bare.c - the least that can be called durable: the bound that the bench compares with.
 *
 * One thread, one epoll loop: reads, finds MLLP frames, takes MSH-10, writes each message as a row of a
 * SQLite table (WAL, synchronous FULL, one connection), commits once a loop turn, and then acknowledges all
 * of them, one write a connection. No parsing, no rules, no sealing, no second process. usage: bare FILE;
 * prints `listening bare ADDR:PORT`. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 20, MOST = 1024, EVENTS = 256, ACK_ROOM = 256 };

struct link {
    int fd;
    size_t in_len, out_len, out_room;
    char *in, *out;
};

static struct link links[MOST];
static struct link *answered[MOST]; /* those with acknowledgements due at the end of the turn */
static size_t answered_count;
static sqlite3 *db;
static sqlite3_stmt *insert, *begin, *commit;
static bool inside; /* a transaction is open */
static uint64_t number;
static volatile sig_atomic_t stop;

static void on_signal(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

_Noreturn static void fail(const char *what)
{
    fprintf(stderr, "bare: %s: %s\n", what, db != NULL ? sqlite3_errmsg(db) : strerror(errno));
    exit(2);
}

static void step(sqlite3_stmt *s)
{
    if (sqlite3_step(s) != SQLITE_DONE)
        fail("step");
    sqlite3_reset(s);
}

static void keep(const char *bytes, size_t len)
{
    if (!inside)
        step(begin);
    inside = true;
    sqlite3_bind_blob64(insert, 1, bytes, len, SQLITE_STATIC);
    step(insert);
}

static void acknowledge(struct link *l, const char *message, size_t len)
{
    const char *at = message, *end = message + len, *id = "";
    size_t id_len = 0;

    for (int field = 1; field < 10 && at != NULL; field++)
        at = memchr(at, '|', (size_t)(end - at)) == NULL
                 ? NULL
                 : (const char *)memchr(at, '|', (size_t)(end - at)) + 1;
    if (at != NULL) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        id = at;
        id_len = bar != NULL && bar - at < 64 ? (size_t)(bar - at) : 0;
    }
    if (l->out_room - l->out_len < ACK_ROOM) {
        l->out_room = l->out_room * 2 + 4096;
        l->out = realloc(l->out, l->out_room);
        if (l->out == NULL)
            fail("memory");
    }
    if (l->out_len == 0)
        answered[answered_count++] = l;
    l->out_len +=
        (size_t)snprintf(l->out + l->out_len, ACK_ROOM,
                         "\vMSH|^~\\&|BARE|GH|||20261122060000+0000||ACK|%llu|P|2.5.1\rMSA|AA|%.*s\r\x1c\r",
                         (unsigned long long)++number, (int)id_len, id);
}

static void drop(struct link *l)
{
    close(l->fd);
    free(l->in);
    free(l->out);
    *l = (struct link){ .fd = -1 };
}

static void take_input(struct link *l)
{
    ssize_t n = recv(l->fd, l->in + l->in_len, ROOM - l->in_len, 0);
    char *at = l->in, *end;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(l);
        return;
    }
    l->in_len += (size_t)n;
    while ((end = memchr(at, 0x1c, l->in_len - (size_t)(at - l->in))) != NULL) {
        char *start = memchr(at, 0x0b, (size_t)(end - at));
        if (start != NULL) {
            keep(start + 1, (size_t)(end - start - 1));
            acknowledge(l, start + 1, (size_t)(end - start - 1));
        }
        at = end + 1;
    }
    l->in_len -= (size_t)(at - l->in);
    memmove(l->in, at, l->in_len);
}

/* Acknowledgements are small; a peer that takes none of them is dropped. */
static void end_turn(void)
{
    if (inside)
        step(commit);
    inside = false;
    for (size_t i = 0; i < answered_count; i++) {
        struct link *l = answered[i];
        if (l->fd >= 0 && send(l->fd, l->out, l->out_len, MSG_NOSIGNAL) != (ssize_t)l->out_len)
            drop(l);
        l->out_len = 0;
    }
    answered_count = 0;
}

static void welcome(int epoll, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;

    for (size_t i = 0; fd >= 0 && i < MOST; i++)
        if (links[i].fd < 0) {
            links[i] = (struct link){ .fd = fd, .in = malloc(ROOM) };
            if (links[i].in == NULL)
                fail("memory");
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            struct epoll_event e = { .events = EPOLLIN, .data.ptr = &links[i] };
            epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
            return;
        }
}

static void open_table(const char *path)
{
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(
            db,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE message (id INTEGER PRIMARY KEY, "
            "body BLOB NOT NULL);",
            NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO message (body) VALUES (?)", -1, &insert, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL) != SQLITE_OK)
        fail("cannot open the table");
}

static int open_listener(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 511) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        fail("listen");
    printf("listening bare 127.0.0.1:%u\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    struct sigaction act = { .sa_handler = on_signal };
    struct epoll_event events[EVENTS], e = { .events = EPOLLIN };

    if (argc != 2) {
        fputs("usage: bare FILE\n", stderr);
        return 2;
    }
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    for (size_t i = 0; i < MOST; i++)
        links[i].fd = -1;
    open_table(argv[1]);
    int epoll = epoll_create1(EPOLL_CLOEXEC), listener = open_listener();
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    while (stop == 0) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct link *l = events[i].data.ptr;
            if (l == NULL)
                welcome(epoll, listener);
            else if (l->fd >= 0)
                take_input(l);
        }
        end_turn();
    }
    sqlite3_finalize(insert);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(db);
    return 0;
}
