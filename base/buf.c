#include "base/buf.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buf buf_make(size_t max_bytes)
{
    return (struct buf){ .max = max_bytes };
}

void buf_free(struct buf *b)
{
    free(b->ptr);
    *b = buf_make(b->max);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

struct slice buf_slice(const struct buf *b)
{
    return (struct slice){ b->ptr, b->len };
}

/* Room for `bytes` more within the ceiling, and for `spare` uncounted ones behind them. */
static bool make_room(struct buf *b, size_t bytes, size_t spare)
{
    if (b->failed || bytes > b->max - b->len) {
        b->failed = true;
        return false;
    }
    if (b->len + bytes + spare > b->room || b->ptr == NULL) {
        size_t room = b->room > 0 ? b->room : 256;
        while (room < b->len + bytes + spare)
            room *= 2;
        b->ptr = memory_grow(b->ptr, room, 1);
        b->room = room;
    }
    return true;
}

char *buf_extend(struct buf *b, size_t bytes)
{
    if (!make_room(b, bytes, 0))
        return NULL;
    char *at = b->ptr + b->len;
    b->len += bytes;
    return at;
}

void buf_bytes(struct buf *b, const void *bytes, size_t len)
{
    char *at = len > 0 ? buf_extend(b, len) : NULL;

    if (at != NULL)
        memcpy(at, bytes, len);
}

void buf_put(struct buf *b, struct slice raw)
{
    buf_bytes(b, raw.ptr, raw.len);
}

void buf_text(struct buf *b, const char *nul_terminated)
{
    buf_put(b, slice_of(nul_terminated));
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list ap, again;

    va_start(ap, format);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (len > 0 && make_room(b, (size_t)len, 1)) { /* vsnprintf writes a NUL */
        vsnprintf(b->ptr + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

static void put_le(struct buf *b, uint64_t v, size_t bytes)
{
    char *at = buf_extend(b, bytes);

    for (size_t i = 0; at != NULL && i < bytes; i++)
        at[i] = (char)(unsigned char)(v >> (8 * i));
}

void buf_u8(struct buf *b, uint8_t v)
{
    put_le(b, v, 1);
}
void buf_u16(struct buf *b, uint16_t v)
{
    put_le(b, v, 2);
}
void buf_u32(struct buf *b, uint32_t v)
{
    put_le(b, v, 4);
}
void buf_u64(struct buf *b, uint64_t v)
{
    put_le(b, v, 8);
}
void buf_i64(struct buf *b, int64_t v)
{
    put_le(b, (uint64_t)v, 8);
}

void buf_slice_put(struct buf *b, struct slice s)
{
    if (s.len > UINT32_MAX) {
        b->failed = true;
        return;
    }
    buf_u32(b, (uint32_t)s.len);
    buf_put(b, s);
}

void buf_patch_u32(struct buf *b, size_t at, uint32_t v)
{
    if (b->failed || b->len < 4 || at > b->len - 4)
        return;
    for (size_t i = 0; i < 4; i++)
        b->ptr[at + i] = (char)(unsigned char)(v >> (8 * i));
}

struct reader reader_make(struct slice s)
{
    return (struct reader){ .ptr = s.ptr, .len = s.len };
}

struct slice read_raw(struct reader *r, size_t len)
{
    if (r->failed || len > r->len) {
        r->failed = true;
        r->len = 0;
        return (struct slice){ NULL, 0 };
    }
    struct slice s = { r->ptr, len };
    if (len > 0)
        r->ptr += len;
    r->len -= len;
    return s;
}

static uint64_t get_le(struct reader *r, size_t bytes)
{
    struct slice s = read_raw(r, bytes);
    uint64_t v = 0;

    for (size_t i = 0; i < s.len; i++)
        v |= (uint64_t)(unsigned char)s.ptr[i] << (8 * i);
    return v;
}

uint8_t read_u8(struct reader *r)
{
    return (uint8_t)get_le(r, 1);
}
uint16_t read_u16(struct reader *r)
{
    return (uint16_t)get_le(r, 2);
}
uint32_t read_u32(struct reader *r)
{
    return (uint32_t)get_le(r, 4);
}
uint64_t read_u64(struct reader *r)
{
    return get_le(r, 8);
}
int64_t read_i64(struct reader *r)
{
    return (int64_t)get_le(r, 8);
}

struct slice read_slice(struct reader *r)
{
    return read_raw(r, read_u32(r));
}

bool reader_done(const struct reader *r)
{
    return !r->failed && r->len == 0;
}
