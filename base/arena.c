#include "base/arena.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024, ALIGN = 16 };

struct block {
    struct block *next;
    size_t room, used;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *first, *now;
    size_t total;
};

static struct block *block_new(size_t room)
{
    struct block *b = memory_grow(NULL, 1, sizeof *b + room);

    *b = (struct block){ .room = room };
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = memory_new(sizeof *a);

    a->first = a->now = block_new(BLOCK_BYTES);
    return a;
}

void arena_free(struct arena **a)
{
    if (a == NULL || *a == NULL)
        return;
    for (struct block *b = (*a)->first, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(*a);
    *a = NULL;
}

/* Keeps ordinary blocks for the next message and returns outsized ones, so that one 4 MB message does
 * not hold 4 MB for ever. */
void arena_reset(struct arena *a)
{
    struct block **link = &a->first;

    while (*link != NULL) {
        struct block *b = *link;
        if (b->room > BLOCK_BYTES) {
            *link = b->next;
            free(b);
            continue;
        }
        b->used = 0;
        link = &b->next;
    }
    a->now = a->first;
    a->total = 0;
}

static struct block *block_for(struct arena *a, size_t bytes)
{
    struct block *b = a->now;

    while (b->room - b->used < bytes) {
        if (b->next == NULL)
            b->next = block_new(bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);
        b = b->next;
    }
    /* A large block is filled at once; small ones before it may still have room. */
    if (bytes <= BLOCK_BYTES)
        a->now = b;
    return b;
}

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void *arena_raw(struct arena *a, size_t bytes)
{
    size_t size = aligned(bytes);
    struct block *b = a->now;

    if (b->room - b->used < size)
        b = block_for(a, size);
    char *at = b->bytes + b->used;
    b->used += size;
    a->total += size;
    return at;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    return memset(arena_raw(a, bytes), 0, aligned(bytes));
}

void arena_cut(struct arena *a, const void *last, size_t were, size_t bytes)
{
    struct block *b = a->now;
    size_t spare = aligned(were) - aligned(bytes);

    /* A block of its own, made for one large thing, is not cut. */
    if (b->used < aligned(were) || b->bytes + b->used - aligned(were) != (const char *)last)
        return;
    b->used -= spare;
    a->total -= spare;
}

void *arena_array(struct arena *a, size_t count, size_t bytes)
{
    if (bytes > 0 && count > (SIZE_MAX / 2) / bytes)
        _Exit(70);
    return arena_alloc(a, count * bytes);
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    return (struct slice){ arena_text(a, s), s.len };
}

char *arena_text(struct arena *a, struct slice s)
{
    char *copy = arena_alloc(a, s.len + 1);

    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

struct slice arena_printf(struct arena *a, const char *format, ...)
{
    va_list ap, again;

    va_start(ap, format);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (len < 0)
        len = 0;
    char *text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct slice){ text, (size_t)len };
}

size_t arena_used(const struct arena *a)
{
    return a->total;
}
