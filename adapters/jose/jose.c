/* Queues, retries and dead destinations; what goes over the wire is in jose_transfer.c. */
#include "adapters/jose/jose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jose/jose_parts.h"
#include "adapters/seal/random.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

enum { WINDOW_FIRST = 4, WINDOW_MOST = 16, COHORTS_DEAD = 3, DETAIL = 16 };

static struct slice id_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

static struct timeval in_ms(uint64_t ms)
{
    return (struct timeval){ .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000) };
}

/* --- queues ------------------------------------------------------------------------------------------- */

/* Work on a destination happens in its own turn of the loop, so that no call in runs a callback out. */
static void wake(struct destination *d)
{
    event_active(d->turn, EV_TIMEOUT, 0);
}

static void enqueue(struct item *i)
{
    struct queue *q = &i->to->queue[i->level];

    i->state = ITEM_QUEUED;
    i->next = NULL;
    i->previous = q->last;
    *(q->last != NULL ? &q->last->next : &q->first) = i;
    q->last = i;
    wake(i->to);
}

static void dequeue(struct item *i)
{
    struct queue *q = &i->to->queue[i->level];

    *(i->previous != NULL ? &i->previous->next : &q->first) = i->next;
    *(i->next != NULL ? &i->next->previous : &q->last) = i->previous;
}

static struct item *first_queued(struct destination *d)
{
    for (int level = 0; level < JOSE_LEVELS; level++)
        if (d->queue[level].first != NULL)
            return d->queue[level].first;
    return NULL;
}

/* Out of the queue, the wire or the timer: wherever it is. */
static void detach(struct item *i)
{
    struct destination *d = i->to;

    if (d == NULL)
        return;
    if (i->state == ITEM_QUEUED)
        dequeue(i);
    else if (i->state == ITEM_ACTIVE && d->dead)
        d->probe_due = true; /* the probe goes: another takes its place */
    transfer_stop(i);
    event_del(i->timer);
    d->untold -= !i->told_stalled;
    i->to = NULL;
}

static void item_free(struct item *i)
{
    event_free(i->timer);
    free(i->body);
    free(i);
}

static void tell(struct jose *j, const struct item *i, enum jose_outcome outcome, const char *detail)
{
    struct jose_result r = { i->delivery, outcome, detail, i->attempts };

    if (j->o.on_result != NULL)
        j->o.on_result(j->o.ctx, &r);
}

static void finish(struct jose *j, struct item *i, enum jose_outcome outcome, const char *detail)
{
    map_remove(j->items, id_key(&i->delivery));
    detach(i);
    tell(j, i, outcome, detail);
    item_free(i);
}

/* --- one destination ------------------------------------------------------------------------------------ */

static void pump(struct destination *d)
{
    struct item *i;

    while ((d->dead ? d->probe_due && d->active == 0 : d->active < d->window) &&
           (i = first_queued(d)) != NULL) {
        d->probe_due = false;
        dequeue(i);
        i->state = ITEM_ACTIVE;
        i->attempts++;
        transfer_start(i);
    }
}

static void tell_stall(struct item *i, const char *detail)
{
    if (i->told_stalled)
        return;
    i->told_stalled = true;
    i->to->untold--;
    tell(i->to->owner, i, JOSE_STALLED, detail);
}

/* Who waits for a dead destination is told once, so that somebody else can be asked meanwhile. */
static void tell_stalled(struct destination *d)
{
    struct jose *j = d->owner;
    struct slice key;
    void *value;

    for (size_t at = 0; d->dead && d->untold > 0 && map_next(j->items, &at, &key, &value);) {
        struct item *i = value;
        if (i->to == d)
            tell_stall(i, "unreachable");
    }
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    pump(arg);
    tell_stalled(arg);
}

static void on_probe(evutil_socket_t fd, short what, void *arg)
{
    struct destination *d = arg;

    (void)fd;
    (void)what;
    d->probe_due = true;
    wake(d);
}

static void note_success(struct destination *d)
{
    if (d->dead) {
        log_event(LOG_INFO, "jose", "destination-answers", "endpoint", d->name, NULL);
        d->window = 1;
    } else if (d->window < d->most) {
        d->window++;
    }
    d->dead = false;
    d->failures = d->cohorts = 0;
    event_del(d->probe);
}

/* A cohort is as many requests as may be in flight; three cohorts of nothing but failures are a dead place.
 */
static void note_failure(struct destination *d, const char *detail)
{
    struct timeval later = in_ms(d->owner->o.probe_ms);

    if (++d->failures >= d->window) {
        d->failures = 0;
        d->cohorts++;
        d->window = d->window > 1 ? d->window / 2 : 1;
    }
    if (d->cohorts < COHORTS_DEAD)
        return;
    if (!d->dead)
        log_event(LOG_WARN, "jose", "destination-dead", "endpoint", d->name, "detail", detail, NULL);
    d->dead = true;
    event_add(d->probe, &later);
}

/* --- what an attempt gave ------------------------------------------------------------------------------- */

static const char *detail_of(const struct answer *a, char room[DETAIL])
{
    if (a->status != 0 && (a->code == CURLE_OK || a->code == CURLE_WRITE_ERROR)) {
        snprintf(room, DETAIL, "http-%ld", a->status);
        return room;
    }
    switch (a->code) {
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "resolve";
    case CURLE_COULDNT_CONNECT:
        return "connect";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return "tls";
    default:
        return "network";
    }
}

/* An answer too long to be read to its end is an answer all the same. */
static bool answered(const struct answer *a)
{
    return a->status != 0 && (a->code == CURLE_OK || a->code == CURLE_WRITE_ERROR);
}

static bool try_again(const struct answer *a)
{
    return !answered(a) || a->status == 408 || a->status == 425 || a->status == 429 || a->status >= 500;
}

/* Full jitter: anything from nothing to the doubled time, so that a crowd does not come back as one. A
 * gateway may ask for more with Retry-After, up to the ceiling. */
static uint64_t pause_ms(struct jose *j, const struct item *i, const struct answer *a)
{
    uint64_t most = i->level == JOSE_URGENT ? j->o.retry_urgent_ms : j->o.retry_most_ms;
    unsigned doublings = i->attempts > 0 ? i->attempts - 1 : 0;
    uint64_t span = doublings < 16 ? (uint64_t)j->o.retry_first_ms << doublings : most;
    uint64_t pause = prng_below(&j->jitter, (span < most ? span : most) + 1);
    uint64_t asked = a->retry_after > 0 ? (uint64_t)a->retry_after * 1000 : 0;

    if (asked > most)
        asked = most;
    return pause > asked ? pause : asked;
}

void item_answered(struct item *i, const struct answer *a)
{
    struct destination *d = i->to;
    struct jose *j = d->owner;
    char room[DETAIL];
    const char *detail = detail_of(a, room);

    wake(d);
    if (!try_again(a)) {
        bool taken = a->status >= 200 && a->status < 300;
        note_success(d);
        finish(j, i, taken ? JOSE_PUSHED : JOSE_DEAD, detail);
        return;
    }
    note_failure(d, detail);
    if (i->attempts >= j->o.attempts) {
        finish(j, i, JOSE_DEAD, detail);
        return;
    }
    struct timeval later = in_ms(pause_ms(j, i, a));
    i->state = ITEM_WAITING;
    event_add(i->timer, &later);
    if (i->attempts >= j->o.stall_attempts)
        tell_stall(i, detail);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    enqueue(arg);
}

/* --- destinations -----------------------------------------------------------------------------------------
 */

static char *copy(const char *text)
{
    return text != NULL ? memory_text(text, strlen(text)) : NULL;
}

static void forget_config(struct destination *d)
{
    free(d->url);
    free(d->ca_file);
    free(d->certificate_file);
    free(d->key_file);
}

static void destination_free(void *value)
{
    struct destination *d = value;

    event_free(d->turn);
    event_free(d->probe);
    forget_config(d);
    free(d->name);
    free(d);
}

static struct destination *destination_new(struct jose *j, const char *name)
{
    struct destination *d = memory_new(sizeof *d);

    *d = (struct destination){ .owner = j, .name = copy(name), .window = WINDOW_FIRST };
    d->turn = event_new(j->loop, -1, 0, on_turn, d);
    d->probe = event_new(j->loop, -1, 0, on_probe, d);
    map_put(j->destinations, slice_of(d->name), d);
    return d;
}

/* libcurl copies what strings it is given, so a request in flight does not mind. */
bool jose_destination_set(struct jose *j, const struct jose_destination *c, struct error *err)
{
    if (!jose_url_fine(c->url, c->insecure, err))
        return false;
    struct destination *d = map_get(j->destinations, slice_of(c->name));
    if (d == NULL)
        d = destination_new(j, c->name);
    if (d->url != NULL && strcmp(d->url, c->url) != 0 && d->dead)
        on_probe(-1, 0, d); /* another place: ask at once */
    forget_config(d);
    d->url = copy(c->url);
    d->ca_file = copy(c->ca_file);
    d->certificate_file = copy(c->certificate_file);
    d->key_file = copy(c->key_file);
    d->insecure = c->insecure;
    d->most = c->concurrency > 0 ? c->concurrency : WINDOW_MOST;
    d->window = d->window < d->most ? d->window : d->most;
    return true;
}

/* Results only ever come from the loop: those of a dropped destination too. */
static void on_orphans(evutil_socket_t fd, short what, void *arg)
{
    struct jose *j = arg;
    struct slice key;
    void *value;

    (void)fd;
    (void)what;
    for (size_t at = 0; map_next(j->items, &at, &key, &value);)
        if (((struct item *)value)->state == ITEM_DROPPED)
            finish(j, value, JOSE_DEAD, "no-endpoint");
}

void jose_destination_drop(struct jose *j, const char *name)
{
    struct destination *d = map_remove(j->destinations, slice_of(name));
    struct slice key;
    void *value;

    if (d == NULL)
        return;
    for (size_t at = 0; map_next(j->items, &at, &key, &value);) {
        struct item *i = value;
        if (i->to != d)
            continue;
        detach(i);
        i->state = ITEM_DROPPED;
    }
    destination_free(d);
    event_active(j->orphans, EV_TIMEOUT, 0);
}

/* --- the front door ------------------------------------------------------------------------------------- */

bool jose_send(struct jose *j, struct slice destination, uint64_t delivery, enum jose_level level,
               struct slice body)
{
    struct destination *d = map_get(j->destinations, destination);

    if (d == NULL)
        return false;
    if (map_get(j->items, id_key(&delivery)) != NULL)
        return true;
    struct item *i = memory_new(sizeof *i);
    *i = (struct item){ .delivery = delivery, .to = d, .level = level, .body_len = body.len };
    i->body = memory_text(body.ptr, body.len);
    i->timer = event_new(j->loop, -1, 0, on_retry, i);
    map_put(j->items, id_key(&delivery), i);
    d->untold++;
    enqueue(i);
    return true;
}

void jose_cancel(struct jose *j, uint64_t delivery)
{
    struct item *i = map_remove(j->items, id_key(&delivery));

    if (i == NULL)
        return;
    struct destination *d = i->to;
    detach(i);
    if (d != NULL)
        wake(d);
    item_free(i);
}

size_t jose_waiting(const struct jose *j)
{
    return map_count(j->items);
}

static void set_default(unsigned *value, unsigned otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

struct jose *jose_new(struct event_base *loop, const struct jose_options *options, struct error *err)
{
    struct jose *j = memory_new(sizeof *j);

    *j = (struct jose){ .o = *options, .loop = loop, .jitter = prng_make(seal_random_u64()) };
    set_default(&j->o.retry_first_ms, 1000);
    set_default(&j->o.retry_most_ms, 60000);
    set_default(&j->o.retry_urgent_ms, 15000);
    set_default(&j->o.probe_ms, 15000);
    set_default(&j->o.connect_ms, 5000);
    set_default(&j->o.whole_ms, 10000);
    set_default(&j->o.attempts, LIMIT_DELIVERY_ATTEMPTS);
    set_default(&j->o.stall_attempts, 3);
    j->destinations = map_new();
    j->items = map_new();
    j->orphans = event_new(loop, -1, 0, on_orphans, j);
    if (!transfers_open(j, err))
        jose_free(&j);
    return j;
}

static void drop_item(void *value)
{
    struct item *i = value;

    detach(i);
    item_free(i);
}

void jose_free(struct jose **j)
{
    if (j == NULL || *j == NULL)
        return;
    map_free(&(*j)->items, drop_item);
    transfers_close(*j);
    map_free(&(*j)->destinations, destination_free);
    event_free((*j)->orphans);
    free(*j);
    *j = NULL;
}
