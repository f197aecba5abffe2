/* adapters/mllp/client_dial.c - where a sender connects to, and how. */
#include "adapters/mllp/client_parts.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 253 }; /* of a DNS name (RFC 1035) */

static bool is_numeric(const char *host)
{
    struct in6_addr at;

    return inet_pton(AF_INET, host, &at) == 1 || inet_pton(AF_INET6, host, &at) == 1;
}

/* localhost is this machine, whatever a resolver says (RFC 6761). */
static struct slice host_of(struct slice s)
{
    if (s.len > 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
        return slice_sub(s, 1, s.len - 2);
    return s;
}

static bool is_host(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') ||
              (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') || s.ptr[i] == '-' || s.ptr[i] == '.' || s.ptr[i] == ':' ||
              s.ptr[i] == '_'))
            return false;
    return s.len > 0 && s.len <= HOST_BYTES;
}

bool client_address_read(struct mllp_sender *s, const char *address, struct error *err)
{
    const char *colon = strrchr(address, ':');
    uint32_t port = 0;
    struct slice host = { address, colon != NULL ? (size_t)(colon - address) : 0 };
    bool bracketed = host.len > 0 && host.ptr[0] == '[';

    host = host_of(host);
    if (colon == NULL || !slice_to_u32(slice_of(colon + 1), &port) || port == 0 || port > 65535 ||
        !is_host(host) || (!bracketed && slice_find(host, ':') < host.len))
        return error_set(err, ERROR_VALUE, "%s: \"%s\" is not HOST:PORT", s->name, address);
    s->host = memory_text(host.ptr, host.len);
    s->port = (int)port;
    s->numeric = is_numeric(s->host);
    return true;
}

/* Names of the certificate are checked against the host as the site spells it. */
static bool check_name(SSL *ssl, const struct mllp_sender *s)
{
    if (s->numeric)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), s->host) == 1;
    return SSL_set1_host(ssl, s->host) == 1 && SSL_set_tlsext_host_name(ssl, s->host) == 1;
}

static struct bufferevent *wrap(struct mllp_sender *s)
{
    if (s->o.tls == NULL)
        return bufferevent_socket_new(s->loop, -1, BEV_OPT_CLOSE_ON_FREE);
    SSL *ssl = SSL_new(s->o.tls);
    if (ssl == NULL)
        return NULL;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    struct bufferevent *bev =
        check_name(ssl, s) ? bufferevent_openssl_socket_new(s->loop, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
                                                            BEV_OPT_CLOSE_ON_FREE)
                           : NULL;
    if (bev == NULL)
        SSL_free(ssl);
    return bev;
}

static void set_options(evutil_socket_t fd)
{
    int one = 1, unanswered_ms = 60000; /* a half-open peer is dropped after a minute (RELIABILITY S9) */

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
}

static bool connect_numeric(struct mllp_sender *s, const char *host)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)s->port) };

    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
        return bufferevent_socket_connect(s->bev, (struct sockaddr *)&v4, sizeof v4) == 0;
    return inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 &&
           bufferevent_socket_connect(s->bev, (struct sockaddr *)&v6, sizeof v6) == 0;
}

/* The machine's own resolver settings; without any, evdns asks the resolver of this host. */
static bool connect_named(struct mllp_sender *s)
{
    if (s->dns == NULL) {
        s->dns = evdns_base_new(s->loop, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
        if (s->dns == NULL)
            return false;
        evdns_base_resolv_conf_parse(s->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
        if (evdns_base_count_nameservers(s->dns) == 0)
            evdns_base_nameserver_ip_add(s->dns, "127.0.0.1");
    }
    return bufferevent_socket_connect_hostname(s->bev, s->dns, AF_UNSPEC, s->host, s->port) == 0;
}

bool client_dial(struct mllp_sender *s)
{
    s->bev = wrap(s);
    if (s->bev == NULL)
        return false;
    bufferevent_setcb(s->bev, client_on_read, client_on_written, client_on_event, s);
    bufferevent_enable(s->bev, EV_READ | EV_WRITE);
    bool begun = strcmp(s->host, "localhost") == 0 ? connect_numeric(s, "127.0.0.1")
                 : s->numeric                      ? connect_numeric(s, s->host)
                                                   : connect_named(s);
    evutil_socket_t fd = bufferevent_getfd(s->bev);
    if (begun && fd >= 0)
        set_options(fd);
    return begun;
}

void client_dns_free(struct mllp_sender *s)
{
    if (s->dns != NULL)
        evdns_base_free(s->dns, 0);
    s->dns = NULL;
}

const char *client_why(const struct mllp_sender *s, struct bufferevent *bev)
{
    if (bufferevent_socket_get_dns_error(bev) != 0)
        return "resolve";
    return s->o.tls != NULL && bufferevent_get_openssl_error(bev) != 0 ? "tls" : "connect";
}
