/* The whole state as bytes and back: equal states give equal bytes, on every machine.
 *
 *   "NBS" | u8 version | head | counters | fates | lists | duplicates | census | devices | staff
 *         | sources | versions | alerts | reports | limits
 *
 * Everything that is derived (indexes, timers, the compiled site) is made again on reading. */
#include "router/state.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT_VERSION = 3 };

static void write_alerts(const struct alert *first, size_t count, struct buf *out)
{
    buf_u32(out, (uint32_t)count);
    for (const struct alert *a = first; a != NULL; a = a->next_open)
        alert_write(a, out);
}

void core_snapshot(const struct core *c, struct buf *out)
{
    buf_bytes(out, "NBS", 3);
    buf_u8(out, SNAPSHOT_VERSION);
    layout_write(out, &head_layout, &c->head);
    buf_u32(out, COUNTER_COUNT);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        buf_u64(out, c->counters[i]);
    buf_u32(out, FATE_COUNT);
    for (unsigned i = 0; i < FATE_COUNT; i++)
        buf_u64(out, c->fates[i]);
    lists_write(&c->lists, out);
    duplicates_write(&c->duplicates, out);
    census_write(&c->census, out);
    devices_write(&c->devices, out);
    staff_write(c->staff, out);
    sources_write(c, out);
    versions_write(&c->versions, out);
    write_alerts(c->closed_first, c->closed_count, out);
    write_alerts(c->open_first, c->open_count, out);
    reports_write(&c->reports, out);
    limits_write(&c->limits, out);
}

/* A newer program may count more; an older snapshot counts less. */
static void read_numbers(struct reader *in, uint64_t *numbers, uint32_t room)
{
    uint32_t count = read_u32(in);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        uint64_t n = read_u64(in);
        if (i < room)
            numbers[i] = n;
    }
}

static void read_alerts(struct core *c, struct reader *in, uint8_t version)
{
    uint32_t count = read_u32(in);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct alert *a = alert_new();
        if (!alert_read(a, in, version)) {
            in->failed = true;
            alert_free(a);
            return;
        }
        if (version < 3) {
            memcpy(a->site, c->head.site_hash, sizeof a->site);
            a->adopted_us = TIME_NONE;
        }
        core_derive_alert(c, a);
    }
}

static bool read_site(struct core *c, struct error *err)
{
    if (c->head.fileset.len == 0)
        return true;
    c->site = c->hooks.compile_site(c->hooks.ctx, c->head.fileset, err);
    if (c->site == NULL)
        return error_set(err, ERROR_VALUE, "the site in the snapshot does not compile");
    sources_expect(c);
    reports_expect(c);
    return true;
}

bool core_restore(struct core *c, struct slice snapshot, struct error *err)
{
    struct reader in = reader_make(snapshot);
    struct slice magic = read_raw(&in, 3);
    uint8_t version = read_u8(&in);

    if (!slice_is(magic, "NBS") || version == 0)
        return error_set(err, ERROR_SYNTAX, "this is not a snapshot");
    if (version > SNAPSHOT_VERSION)
        return error_set(err, ERROR_VERSION, "a snapshot of version %u; this program reads up to %d", version,
                         SNAPSHOT_VERSION);
    core_scratch_reset(c);
    layout_drop(&head_layout, &c->head);
    layout_read_first(&in, &head_layout, version > 2 ? head_layout.count : HEAD_MEMBERS_V2, &c->head);
    layout_own(&head_layout, &c->head);
    read_numbers(&in, c->counters, COUNTER_COUNT);
    read_numbers(&in, c->fates, FATE_COUNT);
    lists_read(&c->lists, &in, version);
    duplicates_read(&c->duplicates, &in);
    census_read(&c->census, &in, version);
    devices_read(&c->devices, &in, version);
    if (version > 1)
        staff_read(c->staff, &in);
    sources_read(c, &in);
    if (version > 2)
        versions_read(&c->versions, &in);
    c->now_us = c->head.lane_us;
    read_alerts(c, &in, version);
    read_alerts(c, &in, version);
    if (version > 1)
        reports_read(&c->reports, &in);
    if (version > 2)
        limits_read(&c->limits, &in);
    if (!reader_done(&in))
        return error_set(err, ERROR_SYNTAX, "a damaged snapshot");
    core_watch_roster(c);
    return read_site(c, err);
}

uint64_t core_state_hash(const struct core *c)
{
    struct buf b = buf_make(SIZE_MAX / 2);

    core_snapshot(c, &b);
    uint64_t hash = slice_hash(buf_slice(&b), 0);
    buf_free(&b);
    return hash;
}
