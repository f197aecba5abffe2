/* tests/guard.h - bytes that end at a page nobody may touch.
 *
 * A reader that looks one byte past its slice dies here in every build, not only under a sanitizer.
 * guard_make copies `s` so that its last byte is the last of a page; guard_free gives both pages back. */
#ifndef NIGHTBELL_TESTS_GUARD_H
#define NIGHTBELL_TESTS_GUARD_H

#include "base/slice.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
    char *base;
    size_t mapped;
    struct slice bytes;
};

static inline struct guard guard_make(struct slice s)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (s.len + page - 1) / page * page;
    struct guard g = { .mapped = body + page };

    g.base = mmap(NULL, g.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.base == MAP_FAILED || mprotect(g.base + body, page, PROT_NONE) != 0)
        abort();
    g.bytes = (struct slice){ g.base + body - s.len, s.len };
    if (s.len > 0)
        memcpy(g.base + body - s.len, s.ptr, s.len);
    return g;
}

static inline void guard_free(struct guard *g)
{
    munmap(g->base, g->mapped);
    g->base = NULL;
}

#endif
