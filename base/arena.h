/* base/arena.h - memory that is given back all at once.
 *
 * What a message needs while in hand comes from one arena, reset before the next. Blocks are kept over
 * a reset, so a steady load allocates nothing. An arena never fails (base/memory.h). One thread each. */
#ifndef NIGHTBELL_BASE_ARENA_H
#define NIGHTBELL_BASE_ARENA_H

#include "base/slice.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **a); /* accepts NULL and *a == NULL, sets NULL */
void arena_reset(struct arena *a); /* everything handed out so far ends here */

void *arena_alloc(struct arena *a, size_t bytes); /* zeroed, aligned for any type */
void *arena_array(struct arena *a, size_t count, size_t bytes);
/* The same without zeroing, for what is written in full before it is read; `bytes` is below SIZE_MAX / 2. */
void *arena_raw(struct arena *a, size_t bytes);
/* Gives back what lies past the first `bytes` of `last`, which was the last thing handed out, with `were`
 * bytes: for arrays that were taken as long as they could have become. */
void arena_cut(struct arena *a, const void *last, size_t were, size_t bytes);
struct slice arena_copy(struct arena *a, struct slice s); /* a NUL follows, not counted */
char *arena_text(struct arena *a, struct slice s);        /* NUL-terminated copy */
struct slice arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *a); /* bytes handed out since the last reset */

#endif
