#include "router/limits.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/time.h"

enum { TIME_BYTES = 8, WAITING_BYTES = 12 };

LAYOUT_DEFINE(static, limit_layout, "limit", struct limit_row, LIMIT_ROW_MEMBERS)

void limits_init(struct limits *l)
{
    l->rows = map_new();
    l->due_us = INT64_MAX;
}

void limits_free(struct limits *l)
{
    objects_free(&l->rows, &limit_layout);
}

/* The key in a buffer of the caller's. */
static struct slice key_of(struct buf *b, struct slice rule, struct slice holder)
{
    buf_put(b, rule);
    buf_u8(b, 0);
    buf_put(b, holder);
    return buf_slice(b);
}

const struct limit_row *limits_find(const struct limits *l, struct slice rule, struct slice holder)
{
    struct buf b = buf_make(LIMIT_EVENT_BYTES);
    const struct limit_row *row = map_get(l->rows, key_of(&b, rule, holder));

    buf_free(&b);
    return row;
}

static struct limit_row *row_for(struct limits *l, struct slice rule, struct slice holder)
{
    struct buf b = buf_make(LIMIT_EVENT_BYTES);
    struct slice key = key_of(&b, rule, holder);
    struct limit_row *row = map_get(l->rows, key),
                     fresh = { .rule = rule, .holder = holder, .due_us = TIME_NONE };

    if (row == NULL)
        row = objects_put(l->rows, key, &limit_layout, &fresh);
    buf_free(&b);
    return row;
}

static int64_t time_at(const struct limit_row *row, size_t i)
{
    struct reader in = reader_make(slice_sub(row->times, i * TIME_BYTES, row->times.len));

    return read_i64(&in);
}

size_t limits_heard(const struct limit_row *row, int64_t since_us, size_t count, int64_t *oldest_us)
{
    size_t all = row != NULL ? row->times.len / TIME_BYTES : 0, heard = 0;

    while (heard < all && time_at(row, all - 1 - heard) > since_us)
        heard++;
    if (count > 0 && heard >= count)
        *oldest_us = time_at(row, all - count);
    return heard;
}

size_t limits_waiting(const struct limit_row *row)
{
    return row != NULL ? row->waiting.len / WAITING_BYTES : 0;
}

bool limits_waits(const struct limit_row *row, uint64_t alert)
{
    struct reader in = reader_make(row != NULL ? row->waiting : (struct slice){ NULL, 0 });

    for (size_t i = limits_waiting(row); i > 0; i--) {
        if (read_u64(&in) == alert)
            return true;
        read_u32(&in);
    }
    return false;
}

/* Looks at every row. */
static int64_t earliest(const struct limits *l)
{
    int64_t due = INT64_MAX;
    void *value;

    for (size_t at = 0; map_next(l->rows, &at, NULL, &value);) {
        const struct limit_row *row = value;
        if (row->due_us != TIME_NONE && row->due_us < due)
            due = row->due_us;
    }
    return due;
}

int64_t limits_due(const struct limits *l)
{
    return l->due_us;
}

/* A row was due at `before`, and is at `now_us`; TIME_NONE: not. */
static void due_changed(struct limits *l, int64_t before, int64_t now_us)
{
    if (now_us != TIME_NONE && now_us < l->due_us)
        l->due_us = now_us;
    else if (before == l->due_us && now_us != before)
        l->due_us = earliest(l);
}

const struct limit_row *limits_first_due(const struct limits *l, int64_t now_us)
{
    int64_t due = limits_due(l);
    void *value;

    for (size_t at = 0; due <= now_us && map_next(l->rows, &at, NULL, &value);)
        if (((const struct limit_row *)value)->due_us == due)
            return value;
    return NULL;
}

bool limits_sound(const struct limits *l)
{
    void *value;

    for (size_t at = 0; map_next(l->rows, &at, NULL, &value);) {
        const struct limit_row *row = value;
        if ((row->waiting.len > 0) != (row->due_us != TIME_NONE))
            return false;
    }
    return l->due_us == earliest(l);
}

void limits_told(struct limits *l, struct slice rule, struct slice holder, int64_t at_us, size_t keep)
{
    struct limit_row *row = row_for(l, rule, holder);
    struct buf b = buf_make(LIMIT_APPEND_BYTES);
    size_t all = row->times.len / TIME_BYTES, drop = all >= keep ? all + 1 - keep : 0;

    buf_put(&b, slice_sub(row->times, drop * TIME_BYTES, row->times.len));
    buf_i64(&b, at_us);
    text_set(&row->times, buf_slice(&b));
    buf_free(&b);
}

void limits_hold(struct limits *l, struct slice rule, struct slice holder, bool desk, uint64_t alert,
                 uint32_t step, int64_t due_us)
{
    struct limit_row *row = row_for(l, rule, holder);
    struct buf b = buf_make(LIMIT_APPEND_BYTES);

    buf_put(&b, row->waiting);
    buf_u64(&b, alert);
    buf_u32(&b, step);
    text_set(&row->waiting, buf_slice(&b));
    int64_t before = row->due_us;
    row->desk = desk;
    row->due_us = due_us;
    due_changed(l, before, due_us);
    buf_free(&b);
}

void limits_sent(struct limits *l, struct slice rule, struct slice holder)
{
    struct limit_row *row = row_for(l, rule, holder);

    int64_t before = row->due_us;
    text_set(&row->waiting, (struct slice){ NULL, 0 });
    row->due_us = TIME_NONE;
    due_changed(l, before, TIME_NONE);
}

void limits_write(const struct limits *l, struct buf *out)
{
    objects_write(l->rows, &limit_layout, out);
}

void limits_read(struct limits *l, struct reader *in)
{
    uint32_t count = read_u32(in);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct limit_row row;
        struct buf b = buf_make(LIMIT_EVENT_BYTES);
        layout_read(in, &limit_layout, &row);
        if (!in->failed)
            objects_put(l->rows, key_of(&b, row.rule, row.holder), &limit_layout, &row);
        buf_free(&b);
    }
    l->due_us = earliest(l);
}
