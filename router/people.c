/* From a step to people, and from people to devices and addresses. */
#include "router/state.h"

#include <string.h>

static struct slice receipt_setting(const struct core *c, struct slice endpoint)
{
    const struct block *b = c->site != NULL ? site_block(c->site, endpoint) : NULL;

    return b != NULL ? block_value(b, SLICE("receipt"), SLICE("8s")) : SLICE("8s");
}

int64_t core_receipt_us(const struct core *c, struct slice endpoint)
{
    int64_t us;

    return setting_duration(receipt_setting(c, endpoint), &us) ? us : RECEIPT_US;
}

/* `receipt pushed`: this endpoint never answers; that it took the message is all we learn. */
bool core_pushed_is_received(const struct core *c, struct slice endpoint)
{
    return slice_is(receipt_setting(c, endpoint), "pushed");
}

const struct directory *core_directory(const struct core *c)
{
    return staff_directory(c->staff, c->site, core_wall(c, c->now_us));
}

/* Whom a feed has taken out of service is not rung by anything. */
static size_t reach_of(const struct core *c, struct slice holder, const struct reach **reach)
{
    const struct directory *d = c->site != NULL ? core_directory(c) : NULL;
    const struct person *p = d != NULL ? directory_person(d, holder) : NULL;
    const struct desk *k = d != NULL && p == NULL ? directory_desk(d, holder) : NULL;

    if (p != NULL && p->off.len > 0)
        return 0;
    *reach = p != NULL ? p->reach : k != NULL ? k->reach : NULL;
    return p != NULL ? p->reach_count : k != NULL ? k->reach_count : 0;
}

/* An inbox rings the holder's enrolled devices; any other endpoint needs an address. */
static bool is_inbox(const struct core *c, const struct reach *r)
{
    const struct block *b = site_block(c->site, r->endpoint);

    return b == NULL || slice_is(b->kind, "inbox");
}

bool core_reachable(const void *core, struct slice holder)
{
    const struct core *c = core;
    const struct reach *reach;
    size_t count = reach_of(c, holder, &reach);

    for (size_t i = 0; i < count; i++)
        if (is_inbox(c, &reach[i]) ? devices_of(&c->devices, holder) != NULL : reach[i].address.len > 0)
            return true;
    return false;
}

static bool person_away(const void *core, struct slice person)
{
    const struct core *c = core;

    return devices_away(&c->devices, person);
}

static uint32_t person_load(const void *core, struct slice person)
{
    const struct core *c = core;
    uint32_t open = 0;

    for (const struct alert *a = c->open_first; a != NULL; a = a->next_open) {
        const struct recipient *p = alert_recipient(a, person);
        open += p != NULL && !p->fyi && !p->declined;
    }
    return open;
}

struct roster_now core_roster(const struct core *c)
{
    return (struct roster_now){ .directory = core_directory(c),
                                .overrides = c->devices.assignments,
                                .override_count = c->devices.override_count,
                                .wall_us = core_wall(c, c->now_us),
                                .reachable = core_reachable,
                                .away = person_away,
                                .open_alerts = person_load,
                                .ctx = c };
}

/* FNV-1a over every part with its length, then mixed: stable, and equal only when all parts are equal. */
uint64_t delivery_make_id(uint64_t alert, uint32_t step, uint32_t round, uint64_t device,
                          struct slice endpoint, struct slice address, struct slice notice)
{
    struct buf b = buf_make(65536);

    buf_u64(&b, alert);
    buf_u32(&b, step);
    buf_u32(&b, round);
    buf_u64(&b, device);
    buf_slice_put(&b, device == 0 ? endpoint : (struct slice){ NULL, 0 });
    buf_slice_put(&b, address);
    buf_slice_put(&b, notice);
    uint64_t h = slice_hash(buf_slice(&b), UINT64_C(0x6e69676874));
    buf_free(&b);
    h = (h ^ (h >> 31)) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
    return h != 0 ? h : 1;
}

static void *grown(struct core *c, void *items, size_t count, size_t *room, size_t bytes)
{
    if (count < *room)
        return items;
    *room = *room > 0 ? *room * 2 : 8;
    char *more = arena_array(c->scratch, *room, bytes);
    if (count > 0)
        memcpy(more, items, count * bytes);
    return more;
}

void sends_put(struct core *c, struct sends *s, const struct send_item *item)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].delivery == item->delivery)
            return;
    s->items = grown(c, s->items, s->count, &s->room, sizeof *s->items);
    s->items[s->count++] = *item;
}

void told_put(struct core *c, struct told_list *list, const struct told_item *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->items[i].holder, item->holder)) {
            list->told += item->told && !list->items[i].told;
            list->items[i].told = list->items[i].told || item->told;
            return;
        }
    list->items = grown(c, list->items, list->count, &list->room, sizeof *list->items);
    list->items[list->count++] = *item;
    list->told += item->told;
}

static void add_one(struct core *c, const struct alert *a, struct sends *s, struct send_item item,
                    uint32_t round)
{
    item.delivery = delivery_make_id(a->id, item.step, round, item.device, item.endpoint, item.address,
                                     (struct slice){ NULL, 0 });
    sends_put(c, s, &item);
}

void core_sends_add(struct core *c, const struct alert *a, struct sends *s, struct slice holder,
                    uint32_t step, uint32_t round, bool fyi)
{
    const struct reach *reach;
    size_t count = reach_of(c, holder, &reach);

    for (size_t i = 0; i < count; i++) {
        struct send_item item = { .holder = holder, .endpoint = reach[i].endpoint, .step = step, .fyi = fyi };
        if (!is_inbox(c, &reach[i])) {
            item.address = reach[i].address;
            if (item.address.len > 0)
                add_one(c, a, s, item, round);
            continue;
        }
        const struct holder_devices *h = devices_of(&c->devices, holder);
        for (size_t d = 0; h != NULL && d < h->count; d++) {
            item.device = h->devices[d]->id;
            add_one(c, a, s, item, round);
        }
    }
}

static void resolve_target(struct core *c, const struct resolve_query *q, const struct target *t,
                           struct told_list *out)
{
    struct roster_now now = core_roster(c);
    struct resolved found = { .count = 0 };

    roster_resolve(c->scratch, &now, q, t, &found);
    for (size_t i = 0; i < found.count; i++)
        told_put(c, out,
                 &(struct told_item){ .holder = found.holders[i].name,
                                      .desk = found.holders[i].is_desk,
                                      .told = i < found.told,
                                      .reason = found.holders[i].reason });
}

static struct slice *people_told(struct core *c, const struct alert *a, size_t *count)
{
    struct slice *names = arena_array(c->scratch, a->recipient_count + 1, sizeof *names);

    *count = 0;
    for (size_t i = 0; i < a->recipient_count; i++)
        if (!a->recipients[i].past)
            names[(*count)++] = a->recipients[i].holder;
    return names;
}

/* All the nurses of a bed: each occupant's, by who has that patient. Who is on leave keeps the bed, but an
 * alarm there is not theirs. False: nobody is there. */
static bool resolve_occupants(struct core *c, struct resolve_query q, const struct target *t,
                              struct told_list *out)
{
    const struct occupants *bed = census_bed(&c->census, q.unit, q.bed);
    bool there = false;

    for (size_t i = 0; bed != NULL && i < bed->count; i++) {
        if (bed->rows[i]->patient.away)
            continue;
        q.patient = bed->rows[i]->patient.id;
        resolve_target(c, &q, t, out);
        there = true;
    }
    return there;
}

void core_resolve(struct core *c, struct alert *a, const struct plan_step *step, struct told_list *out)
{
    const struct event *e = alert_event(c, a);
    struct resolve_query q = {
        .unit = e->place.unit, .bed = e->place.bed, .patient = e->patient.id, .actor = e->actor.id
    };

    q.told = people_told(c, a, &q.told_count);
    for (size_t t = 0; t < step->target_count; t++)
        if (q.patient.len > 0 || !resolve_occupants(c, q, &step->targets[t], out))
            resolve_target(c, &q, &step->targets[t], out);
}
