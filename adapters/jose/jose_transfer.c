/* libcurl's multi_socket interface on libevent: one request is one transfer; handles and connections are
 * kept. */
#include "adapters/jose/jose_parts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

enum { ANSWER_MOST = 65536 /* bytes of an answer's body, which nobody reads */, CONNECTIONS_KEPT = 256 };

struct transfer {
    CURL *easy;
    struct curl_slist *headers; /* must live until the request is done, as must the item's body */
    struct item *item;
    size_t received;
    struct transfer *next; /* among the spare ones */
};

static void release(struct jose *j, struct transfer *t)
{
    if (t->item != NULL) {
        t->item->transfer = NULL;
        t->item->to->active--;
    }
    curl_multi_remove_handle(j->multi, t->easy);
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    t->item = NULL;
    t->next = j->spare;
    j->spare = t;
}

/* --- answers ---------------------------------------------------------------------------------------- */

static void ended(struct jose *j, CURL *easy, CURLcode code)
{
    struct answer a = { .code = code };
    struct transfer *t = NULL;
    curl_off_t seconds = 0;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &a.status);
    if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK)
        a.retry_after = seconds;
    struct item *i = t->item;
    release(j, t);
    item_answered(i, &a);
}

/* Results are read after libcurl has returned to us, never inside one of its callbacks. */
static void drain(struct jose *j)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(j->multi, &left)) != NULL)
        if (m->msg == CURLMSG_DONE)
            ended(j, m->easy_handle, m->data.result);
}

static void on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
    struct jose *j = arg;
    int running;
    int flags =
        ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);

    curl_multi_socket_action(j->multi, fd, flags, &running);
    drain(j);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct jose *j = arg;
    int running;

    (void)fd;
    (void)what;
    curl_multi_socket_action(j->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    drain(j);
}

/* --- what libcurl asks for ----------------------------------------------------------------------------- */

/* `watch` is the socket's event; it is freed before the socket gets another. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *watch)
{
    struct jose *j = ctx;
    short wanted =
        (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);

    (void)easy;
    if (watch != NULL)
        event_free(watch);
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(j->multi, fd, NULL);
        return 0;
    }
    struct event *fresh = event_new(j->loop, fd, wanted, on_socket_ready, j);
    event_add(fresh, NULL);
    curl_multi_assign(j->multi, fd, fresh);
    return 0;
}

static int set_timer(CURLM *multi, long ms, void *ctx)
{
    struct jose *j = ctx;
    struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

    (void)multi;
    if (ms < 0)
        event_del(j->timer);
    else
        event_add(j->timer, &tv);
    return 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;

    (void)bytes;
    t->received += size * count;
    return t->received > ANSWER_MOST ? 0 : size * count;
}

/* Plain HTTP may reach loopback only, whatever a name resolves to today. */
static curl_socket_t open_loopback(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)&to->addr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)&to->addr;
    bool local = (to->family == AF_INET && ntohl(v4->sin_addr.s_addr) >> 24 == 127) ||
                 (to->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));

    (void)ctx;
    (void)purpose;
    return local ? socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol) : CURL_SOCKET_BAD;
}

static curl_socket_t open_any(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    (void)ctx;
    (void)purpose;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* --- one request ------------------------------------------------------------------------------------------
 */

static struct transfer *take_spare(struct jose *j)
{
    struct transfer *t = j->spare;

    if (t != NULL) {
        j->spare = t->next;
        curl_easy_reset(t->easy);
        return t;
    }
    t = memory_new(sizeof *t);
    t->easy = curl_easy_init();
    if (t->easy == NULL)
        abort(); /* no memory, as base/memory.h has it: the supervisor starts us again */
    return t;
}

static void set_bounds(CURL *e, const struct jose *j, const struct destination *d)
{
    bool plain = strncasecmp(d->url, "http:", 5) == 0; /* jose_url_fine has allowed it */

    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    /* A name is asked for in a thread of libcurl's. Whoever gives up on it must not wait for that thread: a
     * resolver that does not answer would hold up every other gateway, and our leaving. */
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)j->o.connect_ms);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)j->o.whole_ms);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, plain ? open_loopback : open_any);
}

static void set_tls(CURL *e, const struct destination *d)
{
    curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
    if (d->ca_file != NULL)
        curl_easy_setopt(e, CURLOPT_CAINFO, d->ca_file);
    if (d->certificate_file != NULL) {
        curl_easy_setopt(e, CURLOPT_SSLCERT, d->certificate_file);
        curl_easy_setopt(e, CURLOPT_SSLKEY, d->key_file);
    }
}

static void set_request(struct transfer *t, const struct item *i)
{
    char key[64];

    snprintf(key, sizeof key, "Idempotency-Key: %016llx", (unsigned long long)i->delivery);
    t->headers = curl_slist_append(NULL, "Content-Type: application/jose");
    t->headers = curl_slist_append(t->headers, key);
    t->headers = curl_slist_append(t->headers, "Expect:"); /* no 100-continue: it costs a round trip */
    curl_easy_setopt(t->easy, CURLOPT_URL, i->to->url);
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "nightbell/" NIGHTBELL_VERSION);
    curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, i->body);
    curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)i->body_len);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
}

void transfer_start(struct item *i)
{
    struct jose *j = i->to->owner;
    struct transfer *t = take_spare(j);

    t->item = i;
    t->received = 0;
    i->transfer = t;
    i->to->active++;
    set_bounds(t->easy, j, i->to);
    set_tls(t->easy, i->to);
    set_request(t, i);
    curl_multi_add_handle(j->multi, t->easy);
}

void transfer_stop(struct item *i)
{
    if (i->transfer != NULL)
        release(i->to->owner, i->transfer);
}

bool transfers_open(struct jose *j, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(err, ERROR_IO, "libcurl cannot be started");
    j->multi = curl_multi_init();
    if (j->multi == NULL)
        return error_set(err, ERROR_IO, "libcurl cannot be started");
    j->timer = event_new(j->loop, -1, 0, on_timer, j);
    curl_multi_setopt(j->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(j->multi, CURLMOPT_SOCKETDATA, j);
    curl_multi_setopt(j->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(j->multi, CURLMOPT_TIMERDATA, j);
    curl_multi_setopt(j->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    curl_multi_setopt(j->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return true;
}

void transfers_close(struct jose *j)
{
    for (struct transfer *t = j->spare, *next; t != NULL; t = next) {
        next = t->next;
        curl_easy_cleanup(t->easy);
        free(t);
    }
    j->spare = NULL;
    if (j->multi != NULL)
        curl_multi_cleanup(j->multi);
    if (j->timer != NULL)
        event_free(j->timer);
    curl_global_cleanup();
}
