/* router/query_site.c - which site is in force, and which tokens its listeners take. */
#include "router/state.h"

#include <string.h>

bool core_site_hash(const struct core *c, uint8_t hash[32])
{
    if (c->site == NULL)
        return false;
    memcpy(hash, c->head.site_hash, sizeof c->head.site_hash);
    return true;
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
