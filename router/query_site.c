/* router/query_site.c - which site is in force, which ones were, and which tokens its listeners take. */
#include "router/state.h"

#include <string.h>

bool core_site_hash(const struct core *c, uint8_t hash[32])
{
    if (c->site == NULL)
        return false;
    memcpy(hash, c->head.site_hash, sizeof c->head.site_hash);
    return true;
}

struct slice core_site_files(const struct core *c)
{
    return c->head.fileset;
}

bool core_token_at(const struct core *c, size_t index, struct slice *listener, struct slice *name,
                   uint8_t hash[32])
{
    void *value = NULL;
    size_t at = 0;

    for (size_t i = 0; i <= index; i++)
        if (!map_next(c->devices.tokens, &at, NULL, &value))
            return false;
    const struct record_token *t = value;
    *listener = t->listener;
    *name = t->name;
    memcpy(hash, t->hash, sizeof t->hash);
    return true;
}

static uint32_t open_of(const struct core *c, const uint8_t hash[32])
{
    uint32_t count = 0;

    for (const struct alert *a = c->open_first; a != NULL; a = a->next_open)
        count += memcmp(a->site, hash, sizeof a->site) == 0;
    return count;
}

static bool came_again(const struct version_row *rows, size_t count, const uint8_t hash[32])
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(rows[i].hash, hash, sizeof rows[i].hash) == 0)
            return true;
    return false;
}

void core_versions(const struct core *c, struct arena *a, struct version_row **rows, size_t *count)
{
    const struct versions *v = &c->versions;

    *rows = arena_array(a, v->taken_count + 1, sizeof **rows);
    *count = 0;
    for (size_t i = v->taken_count; i-- > 0;) {
        const struct taken_version *t = &v->taken[i];
        struct version_row *row = &(*rows)[*count];
        *row = (struct version_row){ .position = t->position, .at_us = t->at_us, .by = t->by, .how = t->how };
        memcpy(row->hash, t->hash, sizeof row->hash);
        row->added = texts_read(a, t->added, &row->added_count);
        row->changed = texts_read(a, t->changed, &row->changed_count);
        row->removed = texts_read(a, t->removed, &row->removed_count);
        row->open = came_again(*rows, *count, t->hash) ? 0 : open_of(c, t->hash);
        (*count)++;
    }
}

bool core_site_record(uint64_t first_position, struct slice records, uint64_t position, struct slice *fileset)
{
    struct reader in = reader_make(records);
    struct record r;

    for (uint64_t at = first_position; in.len > 0 && record_read(&in, &r, NULL); at++)
        if (at == position && r.type == RECORD_SITE) {
            *fileset = r.as.site.fileset;
            return true;
        }
    return false;
}
