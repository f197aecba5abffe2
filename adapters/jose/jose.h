/* adapters/jose/jose.h - HTTPS POST of sealed alerts to texting gateways (docs/gateway.md), by libcurl on
 * libevent.
 *
 * At least once, under one Idempotency-Key a delivery: 2xx is handed over; 408, 425, 429, 5xx and broken or
 * late connections are tried again with full jitter; every other answer, and running out of attempts, is a
 * dead letter. Urgent ones go first. Each destination has its own queue and its own number of requests in
 * flight, which grows while it answers; after three cohorts of failures it is taken for dead and only probed,
 * so that it delays nobody else (Postfix's qmgr does the same).
 *
 * HTTP/1.1, TLS 1.2 or later with the name checked, no redirects, no proxy, no cookies: a request goes to the
 * configured URL and nowhere else. One sender belongs to one loop and one thread. */
#ifndef NIGHTBELL_ADAPTERS_JOSE_JOSE_H
#define NIGHTBELL_ADAPTERS_JOSE_JOSE_H

#include "base/error.h"
#include "base/slice.h"

struct event_base;
struct jose;

enum jose_level { JOSE_URGENT, JOSE_NORMAL, JOSE_SILENT, JOSE_LEVELS };

enum jose_outcome {
    JOSE_PUSHED,  /* a 2xx answer: the gateway has it */
    JOSE_STALLED, /* several attempts failed, or its destination is dead; it is still tried. Said once a
                     delivery */
    JOSE_DEAD     /* given up */
};

struct jose_result {
    uint64_t delivery;
    enum jose_outcome outcome;
    const char *detail; /* "http-410", "timeout", "connect", "resolve", "tls", "network", "no-endpoint",
                           "unreachable" */
    unsigned attempts;
};

struct jose_options {         /* 0: the default */
    unsigned retry_first_ms;  /* 1 s, doubling to ... */
    unsigned retry_most_ms;   /* 60 s */
    unsigned retry_urgent_ms; /* ... or 15 s for what is urgent */
    unsigned probe_ms;        /* 15 s between probes of a dead destination */
    unsigned connect_ms;      /* 5 s */
    unsigned whole_ms;        /* 10 s for one attempt */
    unsigned attempts;        /* LIMIT_DELIVERY_ATTEMPTS */
    unsigned stall_attempts;  /* 3: so many failures are told as JOSE_STALLED */
    /* From the loop only, never from inside a call below; `r` lives for the call. It may call jose_send and
     * jose_cancel. */
    void (*on_result)(void *ctx, const struct jose_result *r);
    void *ctx;
};

struct jose *jose_new(struct event_base *loop, const struct jose_options *options, struct error *err);
void jose_free(struct jose **j); /* what is in flight is dropped without a result */

struct jose_destination {
    const char *name;
    const char *url;              /* https://...; http:// only to loopback and with `insecure` */
    const char *ca_file;          /* PEM; NULL: the system's authorities */
    const char *certificate_file; /* our client certificate and its key, PEM; NULL: none */
    const char *key_file;
    bool insecure;
    unsigned concurrency; /* most requests at a time; 0: 16 */
};

/* Adds a destination or changes one that is there; what waits for it goes to the new URL. The strings are
 * copied. ERROR_VALUE when the URL is not one that may be used: no user, no fragment, a scheme as above. */
bool jose_destination_set(struct jose *j, const struct jose_destination *d, struct error *err);
/* What waits for it ends as JOSE_DEAD, "no-endpoint". */
void jose_destination_drop(struct jose *j, const char *name);

/* Takes a copy of the body. False when there is no such destination. A delivery in hand is not taken twice.
 */
bool jose_send(struct jose *j, struct slice destination, uint64_t delivery, enum jose_level level,
               struct slice body);
void jose_cancel(struct jose *j, uint64_t delivery); /* no result follows; unknown ones are ignored */
size_t jose_waiting(const struct jose *j);           /* in hand: queued, in flight or waiting for a retry */

/* May this URL be used? (jose_url.c) */
bool jose_url_fine(const char *url, bool insecure, struct error *err);

#endif
