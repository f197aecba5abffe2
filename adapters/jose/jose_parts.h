/* adapters/jose/jose_parts.h - private to adapters/jose: items, destinations, transfers. */
#ifndef NIGHTBELL_ADAPTERS_JOSE_JOSE_PARTS_H
#define NIGHTBELL_ADAPTERS_JOSE_JOSE_PARTS_H

#include <curl/curl.h>
#include <event2/event.h>

#include "adapters/jose/jose.h"
#include "base/map.h"
#include "base/prng.h"

struct transfer;

enum item_state {
    ITEM_QUEUED,  /* in its destination's queue */
    ITEM_ACTIVE,  /* a request is in flight */
    ITEM_WAITING, /* its timer says when it is tried again */
    ITEM_DROPPED  /* its destination is gone: a result is due */
};

struct item {
    uint64_t delivery;
    struct destination *to;       /* NULL when dropped */
    struct item *next, *previous; /* of the queue, while queued */
    char *body;
    size_t body_len;
    enum jose_level level;
    enum item_state state;
    unsigned attempts;
    bool told_stalled;
    struct event *timer;
    struct transfer *transfer; /* while active */
};

struct queue {
    struct item *first, *last;
};

struct destination {
    struct jose *owner;
    char *name, *url, *ca_file, *certificate_file, *key_file;
    bool insecure;
    struct queue queue[JOSE_LEVELS];
    unsigned active, window, most; /* requests in flight, how many may be, how many may ever be */
    unsigned failures, cohorts;    /* in this cohort; cohorts in a row that failed */
    size_t untold;                 /* items that were not told of a stall */
    bool dead, probe_due;
    struct event *turn, *probe;
};

struct jose {
    struct jose_options o;
    struct event_base *loop;
    struct map *destinations; /* name -> struct destination */
    struct map *items;        /* delivery, 8 bytes -> struct item */
    CURLM *multi;
    struct event *timer, *orphans; /* curl's; results of dropped items */
    struct transfer *spare;
    struct prng jitter;
};

struct answer { /* what one attempt gave */
    CURLcode code;
    long status;         /* 0: none */
    int64_t retry_after; /* seconds; 0: not said */
};

/* jose_transfer.c */
bool transfers_open(struct jose *j, struct error *err);
void transfers_close(struct jose *j);
void transfer_start(struct item *i);
void transfer_stop(struct item *i); /* no answer follows */

/* jose.c: an attempt has ended; the transfer is already released. */
void item_answered(struct item *i, const struct answer *a);

#endif
