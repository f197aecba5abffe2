#include "router/lists.h"

#include "base/memory.h"
#include "router/counters_list.h"

#include <stdlib.h>
#include <string.h>

LAYOUT_DEFINE(static, row_layout, "listed", struct list_row, LISTED_MEMBERS)

#define X(id, name) name,
static const char *const NAMES[] = { LISTS(X) };
static const char *const FATE_NAMES[] = { FATES(X) };
#undef X

const char *fate_name(enum fate f)
{
    return f < FATE_COUNT ? FATE_NAMES[f] : "?";
}

const char *list_name(enum list_id id)
{
    return NAMES[id];
}

bool list_find(struct slice name, enum list_id *id)
{
    for (unsigned i = 0; i < LIST_COUNT; i++)
        if (slice_is(name, NAMES[i])) {
            *id = (enum list_id)i;
            return true;
        }
    return false;
}

void lists_init(struct lists *l)
{
    for (unsigned i = 0; i < LIST_COUNT; i++)
        l->list[i].rows = map_new();
}

static void row_free(void *value)
{
    struct list_row *row = value;

    layout_drop(&row_layout, row);
    free(row);
}

void lists_free(struct lists *l)
{
    for (unsigned i = 0; i < LIST_COUNT; i++)
        map_free(&l->list[i].rows, row_free);
}

static void drop_oldest(struct map *rows)
{
    size_t at = 0;
    struct slice key;
    void *value;

    if (map_next(rows, &at, &key, &value)) {
        map_remove(rows, key);
        row_free(value);
    }
}

static struct slice key_make(struct buf *b, const struct list_row *row, bool unique, uint64_t count)
{
    buf_slice_put(b, row->what);
    buf_slice_put(b, row->key);
    buf_slice_put(b, row->where);
    if (unique) {
        buf_u64(b, row->position);
        buf_u64(b, count);
    }
    return buf_slice(b);
}

static void list_put(struct list *l, const struct list_row *row, bool unique)
{
    struct buf b = buf_make(16384);
    struct slice key = key_make(&b, row, unique, unique ? row->count : 0);
    struct list_row *there = b.failed ? NULL : map_get(l->rows, key);

    if (there != NULL) {
        there->count += row->count;
        there->position = row->position != 0 ? row->position : there->position;
        there->at_us = row->at_us;
    } else if (!b.failed) {
        if (map_count(l->rows) >= LISTED_MAX)
            drop_oldest(l->rows);
        there = memory_new(sizeof *there);
        *there = *row;
        layout_own(&row_layout, there);
        map_put(l->rows, key, there);
    }
    buf_free(&b);
}

void lists_add(struct lists *l, enum list_id id, const struct list_row *row, bool unique)
{
    struct list_row bounded = *row;

    /* Keys come from senders: what is longer than any code is shown by its beginning. */
    bounded.key = slice_sub(row->key, 0, LISTED_KEY_MAX);
    list_put(&l->list[id], &bounded, unique);
}

const struct list_row *lists_find(const struct lists *l, enum list_id id, const struct list_row *row)
{
    struct buf b = buf_make(16384);
    struct slice key = key_make(&b, row, false, 0);
    const struct list_row *there = b.failed ? NULL : map_get(l->list[id].rows, key);

    buf_free(&b);
    return there;
}

void lists_write(const struct lists *l, struct buf *out)
{
    for (unsigned i = 0; i < LIST_COUNT; i++) {
        void *row;
        buf_u32(out, (uint32_t)map_count(l->list[i].rows));
        for (size_t at = 0; map_next(l->list[i].rows, &at, NULL, &row);)
            layout_write(out, &row_layout, row);
    }
}

void lists_read(struct lists *l, struct reader *in, uint8_t version)
{
    unsigned lists = version > 2 ? LIST_COUNT : LISTS_V2;

    for (unsigned i = 0; i < lists; i++) {
        uint32_t count = read_u32(in);
        for (uint32_t n = 0; n < count && !in->failed; n++) {
            struct list_row row;
            layout_read(in, &row_layout, &row);
            if (!in->failed)
                list_put(&l->list[i], &row, i == LIST_QUARANTINE || i == LIST_DEAD_LETTER);
        }
    }
}
