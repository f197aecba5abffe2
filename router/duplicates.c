#include "router/duplicates.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t home_of_key(const uint8_t key[16])
{
    uint64_t h;

    memcpy(&h, key, sizeof h); /* already a hash: any eight bytes are as good as another */
    return (size_t)(h ^ (h >> 32));
}

static size_t home_of_control(uint64_t control)
{
    return (size_t)(control ^ (control >> 29));
}

static void text_into(char *out, size_t room, struct slice s)
{
    size_t len = s.len < room - 1 ? s.len : room - 1; /* both come from a struct error of these sizes */

    if (len > 0)
        memcpy(out, s.ptr, len);
    out[len] = '\0';
}

struct duplicate_fault *duplicate_fault_new(struct slice where, struct slice message)
{
    if (message.len == 0)
        return NULL;
    struct duplicate_fault *f = memory_new(sizeof *f);
    text_into(f->where, sizeof f->where, where);
    text_into(f->message, sizeof f->message, message);
    return f;
}

static struct duplicate *entry_at(const struct duplicates *d, size_t place)
{
    return &d->ring[place & (d->room - 1)];
}

void duplicates_free(struct duplicates *d)
{
    for (size_t i = 0; i < d->count; i++)
        free(entry_at(d, d->first + i)->fault);
    free(d->ring);
    free(d->by_key);
    free(d->by_control);
    memset(d, 0, sizeof *d);
}

static void index_add(uint32_t *slots, size_t mask, size_t home, size_t place)
{
    size_t at = home & mask;

    while (slots[at] != 0)
        at = (at + 1) & mask;
    slots[at] = (uint32_t)place + 1;
}

/* Removal by moving later members of the run back (no tombstones, so a full day leaves no dirt). */
static void index_remove(const struct duplicates *d, uint32_t *slots, size_t home, size_t place, bool control)
{
    size_t at = home & d->mask;

    while (slots[at] != (uint32_t)place + 1) {
        if (slots[at] == 0)
            return;
        at = (at + 1) & d->mask;
    }
    for (size_t next = (at + 1) & d->mask; slots[next] != 0; next = (next + 1) & d->mask) {
        const struct duplicate *e = &d->ring[slots[next] - 1];
        size_t want = (control ? home_of_control(e->control) : home_of_key(e->key)) & d->mask;
        if (((next - want) & d->mask) >= ((next - at) & d->mask)) {
            slots[at] = slots[next];
            at = next;
        }
    }
    slots[at] = 0;
}

static void index_entry(struct duplicates *d, size_t place)
{
    const struct duplicate *e = &d->ring[place];

    index_add(d->by_key, d->mask, home_of_key(e->key), place);
    if (e->control != 0)
        index_add(d->by_control, d->mask, home_of_control(e->control), place);
}

static void grow(struct duplicates *d)
{
    size_t room = d->room > 0 ? d->room * 2 : 1024;
    struct duplicate *ring = memory_array(room, sizeof *ring);

    for (size_t i = 0; i < d->count; i++)
        ring[i] = *entry_at(d, d->first + i);
    free(d->ring);
    free(d->by_key);
    free(d->by_control);
    d->ring = ring;
    d->room = room;
    d->first = 0;
    d->mask = room * 2 - 1;
    d->by_key = memory_array(room * 2, sizeof *d->by_key);
    d->by_control = memory_array(room * 2, sizeof *d->by_control);
    for (size_t i = 0; i < d->count; i++)
        index_entry(d, i);
}

static void drop_first(struct duplicates *d)
{
    size_t place = d->first & (d->room - 1);
    struct duplicate *e = &d->ring[place];

    free(e->fault);
    e->fault = NULL;
    index_remove(d, d->by_key, home_of_key(e->key), place, false);
    if (e->control != 0)
        index_remove(d, d->by_control, home_of_control(e->control), place, true);
    d->first = (d->first + 1) & (d->room - 1);
    d->count--;
}

const struct duplicate *duplicates_find(const struct duplicates *d, const uint8_t key[16])
{
    if (d->room == 0)
        return NULL;
    for (size_t at = home_of_key(key) & d->mask; d->by_key[at] != 0; at = (at + 1) & d->mask) {
        const struct duplicate *e = &d->ring[d->by_key[at] - 1];
        if (memcmp(e->key, key, sizeof e->key) == 0)
            return e;
    }
    return NULL;
}

bool duplicates_control(const struct duplicates *d, uint64_t control)
{
    if (d->room == 0 || control == 0)
        return false;
    for (size_t at = home_of_control(control) & d->mask; d->by_control[at] != 0; at = (at + 1) & d->mask)
        if (d->ring[d->by_control[at] - 1].control == control)
            return true;
    return false;
}

bool duplicates_add(struct duplicates *d, const struct duplicate *entry)
{
    bool kept = true;

    while (d->count > 0 && entry_at(d, d->first)->lane_us <= entry->lane_us - DUPLICATE_WINDOW_US)
        drop_first(d);
    if (d->count >= LIMIT_DUPLICATES) {
        drop_first(d);
        kept = false;
    }
    if (d->count == d->room)
        grow(d);
    size_t place = (d->first + d->count) & (d->room - 1);
    d->ring[place] = *entry;
    d->count++;
    index_entry(d, place);
    return kept;
}

void duplicates_write(const struct duplicates *d, struct buf *out)
{
    buf_u64(out, d->count);
    for (size_t i = 0; i < d->count; i++) {
        const struct duplicate *e = entry_at(d, d->first + i);
        buf_bytes(out, e->key, sizeof e->key);
        buf_u64(out, e->control);
        buf_u64(out, e->position);
        buf_i64(out, e->lane_us);
        buf_i64(out, e->wall_us);
        buf_u8(out, e->verdict);
        buf_u8(out, e->code);
        buf_u8(out, e->accepted ? 1 : 0);
        buf_slice_put(out, slice_of(e->fault != NULL ? e->fault->where : NULL));
        buf_slice_put(out, slice_of(e->fault != NULL ? e->fault->message : NULL));
    }
}

void duplicates_read(struct duplicates *d, struct reader *in)
{
    uint64_t count = read_u64(in);

    for (uint64_t i = 0; i < count && !in->failed; i++) {
        struct duplicate e = { .control = 0 };
        struct slice key = read_raw(in, sizeof e.key);
        if (key.len == sizeof e.key)
            memcpy(e.key, key.ptr, sizeof e.key);
        e.control = read_u64(in);
        e.position = read_u64(in);
        e.lane_us = read_i64(in);
        e.wall_us = read_i64(in);
        e.verdict = read_u8(in);
        e.code = read_u8(in);
        e.accepted = read_u8(in) != 0;
        struct slice where = read_slice(in), message = read_slice(in);
        if (e.lane_us < 0) /* lane time begins at 0 */
            in->failed = true;
        if (in->failed)
            break;
        e.fault = duplicate_fault_new(where, message);
        duplicates_add(d, &e);
    }
}
