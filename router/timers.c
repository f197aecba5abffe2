#include "router/timers.h"

#include "base/memory.h"
#include "router/alert.h"

#include <stdlib.h>

static bool before(const struct alert *a, const struct alert *b)
{
    if (a->due_us != b->due_us)
        return a->due_us < b->due_us;
    return a->number < b->number;
}

static void place(struct timers *t, size_t at, struct alert *a)
{
    t->heap[at] = a;
    a->heap_at = at + 1;
}

static void rise(struct timers *t, size_t at)
{
    struct alert *a = t->heap[at];

    for (; at > 0 && before(a, t->heap[(at - 1) / 2]); at = (at - 1) / 2)
        place(t, at, t->heap[(at - 1) / 2]);
    place(t, at, a);
}

static void sink(struct timers *t, size_t at)
{
    struct alert *a = t->heap[at];

    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < t->count && before(t->heap[child + 1], t->heap[child]))
            child++;
        if (child >= t->count || !before(t->heap[child], a))
            break;
        place(t, at, t->heap[child]);
        at = child;
    }
    place(t, at, a);
}

static void take_out(struct timers *t, struct alert *a)
{
    size_t at = a->heap_at - 1;
    struct alert *last = t->heap[--t->count];

    a->heap_at = 0;
    if (last == a)
        return;
    place(t, at, last);
    rise(t, at);
    sink(t, last->heap_at - 1);
}

void timers_set(struct timers *t, struct alert *a, int64_t due_us)
{
    if (a->heap_at > 0)
        take_out(t, a);
    a->due_us = due_us;
    if (due_us == INT64_MAX)
        return;
    MEMORY_ROOM(t->heap, t->count, t->room);
    place(t, t->count, a);
    t->count++;
    rise(t, t->count - 1);
}

struct alert *timers_first(const struct timers *t)
{
    return t->count > 0 ? t->heap[0] : NULL;
}

void timers_free(struct timers *t)
{
    free(t->heap);
    *t = (struct timers){ NULL, 0, 0 };
}
