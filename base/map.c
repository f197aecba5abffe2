#include "base/map.h"

#include "base/memory.h"

#include <stdlib.h>

struct entry {
    char *key;
    size_t key_len;
    uint64_t hash;
    void *value; /* NULL: removed */
};

struct map {
    struct entry *entries; /* insertion order */
    size_t used, room, live;
    uint32_t *slots; /* entry index + 1, 0 = empty; linear probing */
    size_t mask;     /* slots - 1, slots a power of two */
};

struct map *map_new(void)
{
    struct map *m = memory_new(sizeof *m);

    m->mask = 15;
    m->slots = memory_array(m->mask + 1, sizeof *m->slots);
    return m;
}

void map_free(struct map **m, void (*free_value)(void *))
{
    if (m == NULL || *m == NULL)
        return;
    for (size_t i = 0; i < (*m)->used; i++) {
        if (free_value != NULL && (*m)->entries[i].value != NULL)
            free_value((*m)->entries[i].value);
        free((*m)->entries[i].key);
    }
    free((*m)->entries);
    free((*m)->slots);
    free(*m);
    *m = NULL;
}

static struct slice key_of(const struct entry *e)
{
    return (struct slice){ e->key, e->key_len };
}

/* The slot that holds `key`, or the empty slot where it would go. */
static size_t slot_of(const struct map *m, struct slice key, uint64_t hash)
{
    size_t at = hash & m->mask;

    while (m->slots[at] != 0) {
        const struct entry *e = &m->entries[m->slots[at] - 1];
        if (e->hash == hash && slice_eq(key_of(e), key))
            break;
        at = (at + 1) & m->mask;
    }
    return at;
}

static void compact(struct map *m)
{
    size_t to = 0;

    for (size_t i = 0; i < m->used; i++) {
        if (m->entries[i].value != NULL)
            m->entries[to++] = m->entries[i];
        else
            free(m->entries[i].key);
    }
    m->used = to;
}

static void rehash(struct map *m)
{
    compact(m);
    size_t slots = 16;
    while (slots < m->used * 3)
        slots *= 2;
    free(m->slots);
    m->slots = memory_array(slots, sizeof *m->slots);
    m->mask = slots - 1;
    for (size_t i = 0; i < m->used; i++) {
        size_t at = m->entries[i].hash & m->mask;
        while (m->slots[at] != 0)
            at = (at + 1) & m->mask;
        m->slots[at] = (uint32_t)(i + 1);
    }
}

void *map_get(const struct map *m, struct slice key)
{
    size_t at = slot_of(m, key, slice_hash(key, 0));

    return m->slots[at] != 0 ? m->entries[m->slots[at] - 1].value : NULL;
}

void *map_put(struct map *m, struct slice key, void *value)
{
    if ((m->used + 1) * 4 > (m->mask + 1) * 3)
        rehash(m);
    uint64_t hash = slice_hash(key, 0);
    size_t at = slot_of(m, key, hash);
    if (m->slots[at] != 0) {
        struct entry *e = &m->entries[m->slots[at] - 1];
        void *old = e->value;
        if (old != NULL) {
            e->value = value;
            return old;
        }
        /* The key was removed before: leave that place dead and append, to keep insertion order. */
        e->hash = ~hash;
    }
    MEMORY_ROOM(m->entries, m->used, m->room);
    m->entries[m->used] = (struct entry){ memory_text(key.ptr, key.len), key.len, hash, value };
    m->slots[at] = (uint32_t)++m->used;
    m->live++;
    return NULL;
}

void *map_remove(struct map *m, struct slice key)
{
    size_t at = slot_of(m, key, slice_hash(key, 0));

    if (m->slots[at] == 0)
        return NULL;
    struct entry *e = &m->entries[m->slots[at] - 1];
    void *old = e->value;
    if (old != NULL)
        m->live--;
    e->value = NULL;
    return old;
}

size_t map_count(const struct map *m)
{
    return m->live;
}

bool map_next(const struct map *m, size_t *at, struct slice *key, void **value)
{
    while (*at < m->used) {
        const struct entry *e = &m->entries[(*at)++];
        if (e->value == NULL)
            continue;
        if (key != NULL)
            *key = key_of(e);
        if (value != NULL)
            *value = e->value;
        return true;
    }
    return false;
}
