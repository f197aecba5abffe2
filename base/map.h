/* base/map.h - a hash table from bytes to a pointer.
 *
 * Keys are copied. Iteration goes in insertion order (a removed place is skipped), so that a walk is
 * deterministic: equal histories give equal walks. */
#ifndef NIGHTBELL_BASE_MAP_H
#define NIGHTBELL_BASE_MAP_H

#include "base/slice.h"

struct map;

struct map *map_new(void);
void map_free(struct map **m, void (*free_value)(void *)); /* free_value may be NULL */
void *map_get(const struct map *m, struct slice key);      /* NULL when absent */
/* Sets or replaces; returns the value that stood there before, or NULL. `value` must not be NULL. */
void *map_put(struct map *m, struct slice key, void *value);
void *map_remove(struct map *m, struct slice key); /* returns what was removed, or NULL */
size_t map_count(const struct map *m);

/* for (size_t at = 0; map_next(m, &at, &key, &value);) ...   Removing the current key is allowed. */
bool map_next(const struct map *m, size_t *at, struct slice *key, void **value);

#endif
