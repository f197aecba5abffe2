/* The alerts of the state: where they stand, their indexes, their unpacked plan and event. */
#include "router/state.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct alert *core_alert(const struct core *c, uint64_t id)
{
    return map_get(c->alerts, id_key(&id));
}

struct delivery *core_delivery(const struct core *c, uint64_t id)
{
    return map_get(c->deliveries, id_key(&id));
}

struct alert *core_identity(const struct core *c, struct slice identity)
{
    return identity.len > 0 ? map_get(c->identities, identity) : NULL;
}

/* Unpacks both when the scratch of this input does not hold them yet. */
static void view(struct core *c, struct alert *a)
{
    if (a->view_of == c->scratch_number)
        return;
    struct plan *plan = arena_alloc(c->scratch, sizeof *plan);
    struct event *event = arena_alloc(c->scratch, sizeof *event);
    struct reader in = reader_make(a->plan), ev = reader_make(a->event);
    if (!plan_read(&in, c->scratch, plan))
        c->damaged = true;
    if (!event_read(&ev, event))
        c->damaged = true;
    a->plan_view = plan;
    a->event_view = event;
    a->view_of = c->scratch_number;
}

const struct plan *alert_plan(struct core *c, struct alert *a)
{
    view(c, a);
    return a->plan_view;
}

const struct event *alert_event(struct core *c, struct alert *a)
{
    view(c, a);
    return a->event_view;
}

static void list_append(struct alert **first, struct alert **last, struct alert *a)
{
    a->next_open = NULL;
    a->prev_open = *last;
    if (*last != NULL)
        (*last)->next_open = a;
    else
        *first = a;
    *last = a;
}

static void list_remove(struct alert **first, struct alert **last, struct alert *a)
{
    if (a->prev_open != NULL)
        a->prev_open->next_open = a->next_open;
    else
        *first = a->next_open;
    if (a->next_open != NULL)
        a->next_open->prev_open = a->prev_open;
    else
        *last = a->prev_open;
    a->next_open = a->prev_open = NULL;
}

int alerts_by_place(const void *x, const void *y)
{
    const struct alert *a = *(struct alert *const *)x, *b = *(struct alert *const *)y;

    return a->placed < b->placed ? -1 : a->placed > b->placed;
}

void alert_place_open(struct core *c, struct alert *a)
{
    list_append(&c->open_first, &c->open_last, a);
    a->placed = ++c->placed;
    c->open_count++;
}

void alert_place_closed(struct core *c, struct alert *a)
{
    list_remove(&c->open_first, &c->open_last, a);
    c->open_count--;
    list_append(&c->closed_first, &c->closed_last, a);
    a->placed = ++c->placed;
    c->closed_count++;
}

void alert_place_reopened(struct core *c, struct alert *a)
{
    list_remove(&c->closed_first, &c->closed_last, a);
    c->closed_count--;
    alert_place_open(c, a);
}

void alert_identify(struct core *c, struct alert *a)
{
    const struct alert *there = core_identity(c, a->identity);

    if (a->identity.len > 0 && a->copy_of == 0 && (there == NULL || there->number < a->number))
        map_put(c->identities, a->identity, a);
}

void core_derive_alert(struct core *c, struct alert *a)
{
    if (a->code.len == 0) /* a snapshot before version 3 */
        text_set(&a->code, alert_event(c, a)->code);
    map_put(c->alerts, id_key(&a->id), a);
    alert_identify(c, a);
    for (size_t i = 0; i < a->delivery_count; i++)
        map_put(c->deliveries, id_key(&a->deliveries[i]->id), a->deliveries[i]);
    if (a->state == ALERT_CLOSED) {
        list_append(&c->closed_first, &c->closed_last, a);
        a->placed = ++c->placed;
        c->closed_count++;
    } else {
        struct kept_version *k = versions_kept(&c->versions, a->site);
        alert_place_open(c, a);
        if (k != NULL)
            k->alerts++;
    }
    alert_touch(c, a);
}

static void alert_forget(struct core *c, struct alert *a)
{
    list_remove(&c->closed_first, &c->closed_last, a);
    c->closed_count--;
    sameness_drop(&c->sameness, a);
    map_remove(c->alerts, id_key(&a->id));
    reports_trail_drop(&c->reports, a->id);
    if (core_identity(c, a->identity) == a)
        map_remove(c->identities, a->identity);
    for (size_t i = 0; i < a->delivery_count; i++)
        map_remove(c->deliveries, id_key(&a->deliveries[i]->id));
    alert_free(a);
}

void core_forget(struct core *c, int64_t lane_us)
{
    while (c->closed_first != NULL && c->closed_first->closed_us <= lane_us - CLOSED_MEMORY_US)
        alert_forget(c, c->closed_first);
    census_expire(&c->census, lane_us);
}
