#include "router/sameness.h"

#include "base/memory.h"
#include "base/slice.h"
#include "router/alert.h"

#include <stdlib.h>

static uint64_t text_key(struct slice text)
{
    uint64_t h = text.len > 0 ? slice_hash(text, UINT64_C(0x73616d65)) : 0;

    return text.len > 0 && h == 0 ? 1 : h;
}

/* Copies hold nothing back and are never the same as anything. */
static uint64_t key_of(const struct alert *a, enum same_kind kind)
{
    if (a->copy_of != 0 || (a->state == ALERT_CLOSED && kind != SAME_DEDUPE))
        return 0;
    switch (kind) {
    case SAME_DEDUPE:
        return a->dedupe_hash;
    case SAME_BUNDLE:
        return a->bundle_hash;
    case SAME_PATIENT:
        return text_key(a->patient);
    case SAME_BED:
        return text_key(a->bed);
    case SAME_UNIT:
        return text_key(a->unit);
    case SAME_HELD_BY:
        return a->held_by;
    case SAME_WHOLE:
        return a->joined_to;
    case SAME_KINDS:
        break;
    }
    return 0;
}

static size_t bucket(uint64_t key, size_t room)
{
    key = (key ^ (key >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(key >> 32) & (room - 1);
}

static void link_in(struct sameness *s, struct alert *a, enum same_kind kind)
{
    struct same_link *l = &a->same[kind];
    struct alert **head = &s->of[kind].heads[bucket(l->key, s->of[kind].room)];

    l->prev = NULL;
    l->next = *head;
    if (*head != NULL)
        (*head)->same[kind].prev = a;
    *head = a;
}

static void grow(struct sameness *s, enum same_kind kind)
{
    struct alert **old = s->of[kind].heads;
    size_t room = s->of[kind].room;

    s->of[kind].room = room > 0 ? room * 2 : 64;
    s->of[kind].heads = memory_new(s->of[kind].room * sizeof *old);
    for (size_t i = 0; i < room; i++)
        for (struct alert *a = old[i], *next; a != NULL; a = next) {
            next = a->same[kind].next;
            link_in(s, a, kind);
        }
    free(old);
}

static void link_out(struct sameness *s, struct alert *a, enum same_kind kind)
{
    struct same_link *l = &a->same[kind];

    if (l->prev != NULL)
        l->prev->same[kind].next = l->next;
    else
        s->of[kind].heads[bucket(l->key, s->of[kind].room)] = l->next;
    if (l->next != NULL)
        l->next->same[kind].prev = l->prev;
    *l = (struct same_link){ 0, NULL, NULL };
    s->of[kind].count--;
}

static void set_key(struct sameness *s, struct alert *a, enum same_kind kind, uint64_t key)
{
    if (a->same[kind].key == key)
        return;
    if (a->same[kind].key != 0)
        link_out(s, a, kind);
    if (key == 0)
        return;
    if (s->of[kind].count == s->of[kind].room)
        grow(s, kind);
    a->same[kind].key = key;
    link_in(s, a, kind);
    s->of[kind].count++;
}

void sameness_put(struct sameness *s, struct alert *a)
{
    for (enum same_kind k = 0; k < SAME_KINDS; k++)
        set_key(s, a, k, key_of(a, k));
}

void sameness_drop(struct sameness *s, struct alert *a)
{
    for (enum same_kind k = 0; k < SAME_KINDS; k++)
        set_key(s, a, k, 0);
}

bool sameness_fits(const struct alert *a)
{
    for (enum same_kind k = 0; k < SAME_KINDS; k++)
        if (a->same[k].key != key_of(a, k))
            return false;
    return true;
}

static struct alert *with_key(struct alert *a, enum same_kind kind, uint64_t key)
{
    while (a != NULL && a->same[kind].key != key)
        a = a->same[kind].next;
    return a;
}

struct alert *sameness_first(const struct sameness *s, enum same_kind kind, uint64_t key)
{
    if (key == 0 || s->of[kind].room == 0)
        return NULL;
    return with_key(s->of[kind].heads[bucket(key, s->of[kind].room)], kind, key);
}

struct alert *sameness_next(const struct alert *a, enum same_kind kind)
{
    return with_key(a->same[kind].next, kind, a->same[kind].key);
}

void sameness_free(struct sameness *s)
{
    for (enum same_kind k = 0; k < SAME_KINDS; k++)
        free(s->of[k].heads);
    *s = (struct sameness){ 0 };
}
