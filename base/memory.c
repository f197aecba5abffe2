#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
    if (p == NULL)
        _Exit(70);
    return p;
}

void *memory_new(size_t bytes)
{
    return must(calloc(1, bytes > 0 ? bytes : 1));
}

void *memory_array(size_t count, size_t bytes)
{
    return must(calloc(count > 0 ? count : 1, bytes > 0 ? bytes : 1));
}

void *memory_grow(void *old, size_t count, size_t bytes)
{
    if (bytes > 0 && count > SIZE_MAX / bytes)
        _Exit(70);
    return must(realloc(old, count * bytes > 0 ? count * bytes : 1));
}

char *memory_text(const char *bytes, size_t len)
{
    char *copy = memory_new(len + 1);

    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}
