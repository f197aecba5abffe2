#include "events/codemap.h"

#include "base/memory.h"

#include <stdlib.h>

struct entry {
    char *bytes; /* code, text and name, one after the other */
    struct slice code, text, name;
};

struct codemap {
    struct entry *entries;
    size_t count, room;
};

struct codemap *codemap_new(void)
{
    return memory_new(sizeof(struct codemap));
}

void codemap_free(struct codemap **m)
{
    if (m == NULL || *m == NULL)
        return;
    for (size_t i = 0; i < (*m)->count; i++)
        free((*m)->entries[i].bytes);
    free((*m)->entries);
    free(*m);
    *m = NULL;
}

/* Copies `s` to *at and moves it on. */
static struct slice keep(char **at, struct slice s)
{
    struct slice kept = { *at, s.len };
    for (size_t i = 0; i < s.len; i++)
        (*at)[i] = s.ptr[i];
    *at += s.len;
    return kept;
}

void codemap_add(struct codemap *m, struct slice code, struct slice text, struct slice name)
{
    MEMORY_ROOM(m->entries, m->count, m->room);
    struct entry *e = &m->entries[m->count++];
    char *at = memory_new(code.len + text.len + name.len + 1);
    e->bytes = at;
    e->code = keep(&at, code);
    e->text = keep(&at, text);
    e->name = keep(&at, name);
}

/* Every part that the entry names must be there; an entry without parts names nothing. */
static bool matches(const struct entry *e, struct slice code, struct slice text,
                    bool (*same)(struct slice, struct slice))
{
    if (e->code.len == 0 && e->text.len == 0)
        return false;
    return (e->code.len == 0 || same(e->code, code)) && (e->text.len == 0 || same(e->text, text));
}

static bool is_full(const struct entry *e)
{
    return e->code.len > 0 && e->text.len > 0;
}

struct slice codemap_find(const struct codemap *m, struct slice code, struct slice text)
{
    bool (*const same[])(struct slice, struct slice) = { slice_eq, slice_eq_nocase };
    for (size_t pass = 0; m != NULL && pass < 4; pass++)
        for (size_t i = 0; i < m->count; i++)
            if (is_full(&m->entries[i]) == (pass % 2 == 0) &&
                matches(&m->entries[i], code, text, same[pass / 2]))
                return m->entries[i].name;
    return (struct slice){ NULL, 0 };
}
