#include "router/record.h"

#include "base/limits.h"

#include <string.h>

#define R(id, name) LAYOUT_DEFINE(static, name##_record, #name, struct record_##name, id##_MEMBERS)
RECORDS(R)
#undef R
LAYOUT_DEFINE(, told_layout, "told", struct told_item, TOLD_MEMBERS)
LAYOUT_DEFINE(, send_layout, "send", struct send_item, SEND_MEMBERS)
LAYOUT_DEFINE(, fact_layout, "fact", struct fact, FACT_MEMBERS)
LAYOUT_DEFINE(, judged_layout, "judged", struct judged, JUDGED_MEMBERS)

static const struct layout *const LAYOUTS[] = {
#define R(id, name) [RECORD_##id] = &name##_record,
    RECORDS(R)
#undef R
};

const char *record_name(enum record_type t)
{
    return LAYOUTS[t]->name;
}

const struct layout *record_layout(enum record_type t)
{
    return LAYOUTS[t];
}

void record_write(struct buf *out, const struct record *r)
{
    buf_u8(out, RECORD_VERSION);
    buf_u8(out, (uint8_t)r->type);
    size_t at = out->len;
    buf_u32(out, 0);
    buf_i64(out, r->lane_us);
    buf_i64(out, r->wall_us);
    size_t body = out->len;
    layout_write(out, LAYOUTS[r->type], &r->as);
    buf_patch_u32(out, at, (uint32_t)(out->len - body));
}

bool record_read(struct reader *in, struct record *out, struct error *err)
{
    uint8_t version = read_u8(in), type = read_u8(in);

    if (!in->failed && version > RECORD_VERSION)
        return error_set(err, ERROR_VERSION, "a record of version %u; this program reads up to %d", version,
                         RECORD_VERSION);
    uint32_t bytes = read_u32(in);
    out->lane_us = read_i64(in);
    out->wall_us = read_i64(in);
    struct reader body = reader_make(read_raw(in, bytes));
    if (in->failed || version == 0 || type >= RECORD_COUNT)
        return error_set(err, ERROR_SYNTAX, "a record that is not one");
    out->type = (enum record_type)type;
    if (version < RECORD_VERSION)
        layout_read_older(&body, LAYOUTS[type], &out->as);
    else
        layout_read(&body, LAYOUTS[type], &out->as);
    if (!reader_done(&body))
        return error_set(err, ERROR_SYNTAX, "a %s record of the wrong length", record_name(out->type));
    return true;
}

/* Lists are small (people of a step); the ceiling is that of an append. */
static struct slice kept(struct arena *a, struct buf *b)
{
    struct slice s = arena_copy(a, buf_slice(b));

    buf_free(b);
    return s;
}

struct slice items_write(struct arena *a, const struct layout *l, const void *items, size_t count)
{
    struct buf b = buf_make(LIMIT_APPEND_BYTES);

    buf_u32(&b, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        layout_write(&b, l, (const char *)items + i * l->size);
    return kept(a, &b);
}

/* A count that the blob cannot hold is a damaged record: it gives what can be read. */
static size_t bounded(size_t count, struct slice blob)
{
    return count < blob.len ? count : blob.len;
}

void *items_read(struct arena *a, const struct layout *l, struct slice blob, size_t *count)
{
    struct reader in = reader_make(blob);
    size_t most = bounded(read_u32(&in), blob);
    char *items = arena_array(a, most + 1, l->size);

    *count = 0;
    while (*count < most) {
        layout_read(&in, l, items + *count * l->size);
        if (in.failed)
            break;
        (*count)++;
    }
    return items;
}

struct slice texts_write(struct arena *a, const struct slice *texts, size_t count)
{
    struct buf b = buf_make(LIMIT_APPEND_BYTES);

    buf_u32(&b, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        buf_slice_put(&b, texts[i]);
    return kept(a, &b);
}

struct slice *texts_read(struct arena *a, struct slice blob, size_t *count)
{
    struct reader in = reader_make(blob);
    size_t most = bounded(read_u32(&in), blob);
    struct slice *texts = arena_array(a, most + 1, sizeof *texts);

    *count = 0;
    while (*count < most) {
        texts[*count] = read_slice(&in);
        if (in.failed)
            break;
        (*count)++;
    }
    return texts;
}
