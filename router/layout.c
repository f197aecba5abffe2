#include "router/layout.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t key_bytes(enum member_kind k)
{
    switch (k) {
    case MEMBER_KEY16:
        return 16;
    case MEMBER_HASH32:
        return 32;
    case MEMBER_KEY65:
        return 65;
    default:
        return 0;
    }
}

void layout_write(struct buf *out, const struct layout *l, const void *object)
{
    for (size_t i = 0; i < l->count; i++) {
        const void *at = (const char *)object + l->members[i].offset;
        switch (l->members[i].kind) {
        case MEMBER_U8:
            buf_u8(out, *(const uint8_t *)at);
            break;
        case MEMBER_BOOL:
            buf_u8(out, *(const bool *)at ? 1 : 0);
            break;
        case MEMBER_U32:
            buf_u32(out, *(const uint32_t *)at);
            break;
        case MEMBER_U64:
            buf_u64(out, *(const uint64_t *)at);
            break;
        case MEMBER_I64:
            buf_i64(out, *(const int64_t *)at);
            break;
        case MEMBER_TEXT:
        case MEMBER_BLOB:
            buf_slice_put(out, *(const struct slice *)at);
            break;
        default:
            buf_bytes(out, at, key_bytes(l->members[i].kind));
        }
    }
}

static void read_key(struct reader *in, void *at, size_t bytes)
{
    struct slice s = read_raw(in, bytes);

    if (s.len == bytes)
        memcpy(at, s.ptr, bytes);
}

static void read_member(struct reader *in, const struct member *m, void *at)
{
    switch (m->kind) {
    case MEMBER_U8:
        *(uint8_t *)at = read_u8(in);
        break;
    case MEMBER_BOOL:
        *(bool *)at = read_u8(in) != 0;
        break;
    case MEMBER_U32:
        *(uint32_t *)at = read_u32(in);
        break;
    case MEMBER_U64:
        *(uint64_t *)at = read_u64(in);
        break;
    case MEMBER_I64:
        *(int64_t *)at = read_i64(in);
        break;
    case MEMBER_TEXT:
    case MEMBER_BLOB:
        *(struct slice *)at = read_slice(in);
        break;
    default:
        read_key(in, at, key_bytes(m->kind));
    }
}

void layout_read_first(struct reader *in, const struct layout *l, size_t count, void *object)
{
    memset(object, 0, l->size);
    for (size_t i = 0; i < l->count && i < count; i++)
        read_member(in, &l->members[i], (char *)object + l->members[i].offset);
}

void layout_read(struct reader *in, const struct layout *l, void *object)
{
    layout_read_first(in, l, l->count, object);
}

void layout_read_older(struct reader *in, const struct layout *l, void *object)
{
    memset(object, 0, l->size);
    for (size_t i = 0; i < l->count && in->len > 0; i++)
        read_member(in, &l->members[i], (char *)object + l->members[i].offset);
}

static bool is_slice(const struct member *m)
{
    return m->kind == MEMBER_TEXT || m->kind == MEMBER_BLOB;
}

static struct slice copy_of(struct slice s)
{
    return s.len > 0 ? (struct slice){ memory_text(s.ptr, s.len), s.len } : (struct slice){ NULL, 0 };
}

static void release(struct slice *owned)
{
    free((void *)(uintptr_t)owned->ptr); /* owned: made by copy_of */
    *owned = (struct slice){ NULL, 0 };
}

void text_set(struct slice *owned, struct slice value)
{
    struct slice copy = copy_of(value);

    release(owned);
    *owned = copy;
}

void layout_own(const struct layout *l, void *object)
{
    for (size_t i = 0; i < l->count; i++) {
        struct slice *at = (struct slice *)(void *)((char *)object + l->members[i].offset);
        if (is_slice(&l->members[i]))
            *at = copy_of(*at);
    }
}

void layout_drop(const struct layout *l, void *object)
{
    for (size_t i = 0; i < l->count; i++)
        if (is_slice(&l->members[i]))
            release((struct slice *)(void *)((char *)object + l->members[i].offset));
    memset(object, 0, l->size);
}

static void number_text(struct buf *out, const struct member *m, const void *at)
{
    switch (m->kind) {
    case MEMBER_U8:
        buf_printf(out, "%u", *(const uint8_t *)at);
        break;
    case MEMBER_BOOL:
        buf_text(out, *(const bool *)at ? "yes" : "no");
        break;
    case MEMBER_U32:
        buf_printf(out, "%u", *(const uint32_t *)at);
        break;
    case MEMBER_U64:
        buf_printf(out, "%016llx", (unsigned long long)*(const uint64_t *)at);
        break;
    default:
        buf_printf(out, "%lld", (long long)*(const int64_t *)at);
    }
}

void layout_text(struct buf *out, const struct layout *l, const void *object)
{
    bool first = true;

    for (size_t i = 0; i < l->count; i++) {
        const struct member *m = &l->members[i];
        const void *at = (const char *)object + m->offset;
        if (m->kind == MEMBER_BLOB || key_bytes(m->kind) > 0)
            continue;
        buf_printf(out, "%s%s=", first ? "" : ", ", m->name);
        first = false;
        if (m->kind == MEMBER_TEXT)
            buf_put(out, *(const struct slice *)at);
        else
            number_text(out, m, at);
    }
}

void *objects_put(struct map *m, struct slice key, const struct layout *l, const void *object)
{
    void *copy = memory_new(l->size);

    memcpy(copy, object, l->size);
    layout_own(l, copy);
    void *old = map_put(m, key, copy);
    if (old != NULL) {
        layout_drop(l, old);
        free(old);
    }
    return copy;
}

void objects_remove(struct map *m, struct slice key, const struct layout *l)
{
    void *old = map_remove(m, key);

    if (old != NULL) {
        layout_drop(l, old);
        free(old);
    }
}

void objects_free(struct map **m, const struct layout *l)
{
    void *object;

    for (size_t at = 0; *m != NULL && map_next(*m, &at, NULL, &object);)
        layout_drop(l, object);
    map_free(m, free);
}

void objects_write(const struct map *m, const struct layout *l, struct buf *out)
{
    void *object;

    buf_u32(out, (uint32_t)map_count(m));
    for (size_t at = 0; map_next(m, &at, NULL, &object);)
        layout_write(out, l, object);
}
