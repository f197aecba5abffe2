#include "router/ignored.h"

#include "base/buf.h"
#include "base/limits.h"

/* What follows the flags of one; the rest is that of the one before. */
enum { UNOWNED = 1, RULE = 2, KIND = 4, WHERE = 8, EVENT = 16 };

struct ignored *ignored_add(struct ignored_list *l, struct arena *a)
{
    struct ignored *i = arena_alloc(a, sizeof *i);

    *i = (struct ignored){ .next = NULL };
    if (l->last != NULL)
        l->last->next = i;
    else
        l->first = i;
    l->last = i;
    l->count++;
    return i;
}

static void write_one(struct buf *b, const struct ignored *i, const struct ignored *before)
{
    unsigned flags = i->unowned ? UNOWNED : 0;

    flags |= before == NULL || !slice_eq(i->rule, before->rule) ? RULE : 0;
    flags |= before == NULL || i->kind != before->kind || i->class != before->class ? KIND : 0;
    flags |= before == NULL || !slice_eq(i->where, before->where) ? WHERE : 0;
    flags |= i->event.len > 0 ? EVENT : 0;
    buf_u8(b, (uint8_t)flags);
    buf_slice_put(b, i->key);
    if ((flags & RULE) != 0)
        buf_slice_put(b, i->rule);
    if ((flags & KIND) != 0) {
        buf_u8(b, (uint8_t)i->kind);
        buf_u8(b, (uint8_t)i->class);
    }
    if ((flags & WHERE) != 0)
        buf_slice_put(b, i->where);
    if ((flags & EVENT) != 0)
        buf_slice_put(b, i->event);
}

struct slice ignored_write(struct arena *a, const struct ignored_list *l)
{
    struct buf b = buf_make(LIMIT_APPEND_BYTES);
    const struct ignored *before = NULL;

    if (l->count == 0)
        return (struct slice){ NULL, 0 };
    buf_u32(&b, l->count);
    for (const struct ignored *i = l->first; i != NULL; before = i, i = i->next)
        write_one(&b, i, before);
    struct slice kept = arena_copy(a, buf_slice(&b));
    buf_free(&b);
    return kept;
}

static bool read_one(struct reader *in, struct ignored *i)
{
    unsigned flags = read_u8(in);

    i->unowned = (flags & UNOWNED) != 0;
    i->key = read_slice(in);
    if ((flags & RULE) != 0)
        i->rule = read_slice(in);
    if ((flags & KIND) != 0) {
        i->kind = (enum event_kind)read_u8(in);
        i->class = (enum event_class)read_u8(in);
    }
    if ((flags & WHERE) != 0)
        i->where = read_slice(in);
    i->event = (flags & EVENT) != 0 ? read_slice(in) : (struct slice){ NULL, 0 };
    return !in->failed && i->kind < EVENT_KIND_COUNT && i->class < CLASS_COUNT;
}

struct ignored_list ignored_read(struct arena *a, struct slice blob)
{
    struct ignored_list l = { .count = 0 };
    struct reader in = reader_make(blob);
    struct ignored one = { .next = NULL };

    if (blob.len == 0)
        return l;
    for (uint32_t left = read_u32(&in); left > 0 && read_one(&in, &one); left--) {
        struct ignored *i = ignored_add(&l, a);
        *i = one;
        i->next = NULL;
    }
    return l;
}
