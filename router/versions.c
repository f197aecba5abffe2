#include "router/versions.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

LAYOUT_DEFINE(static, kept_layout, "kept-version", struct kept_version, KEPT_VERSION_MEMBERS)
LAYOUT_DEFINE(static, taken_layout, "taken-version", struct taken_version, TAKEN_VERSION_MEMBERS)

static void kept_free(struct kept_version *k)
{
    site_free(&k->site);
    layout_drop(&kept_layout, k);
}

void versions_free(struct versions *v)
{
    for (size_t i = 0; i < v->kept_count; i++)
        kept_free(&v->kept[i]);
    for (size_t i = 0; i < v->taken_count; i++)
        layout_drop(&taken_layout, &v->taken[i]);
    free(v->kept);
    free(v->taken);
    *v = (struct versions){ .kept = NULL };
}

struct kept_version *versions_kept(const struct versions *v, const uint8_t hash[32])
{
    for (size_t i = 0; i < v->kept_count; i++)
        if (memcmp(v->kept[i].hash, hash, sizeof v->kept[i].hash) == 0)
            return &v->kept[i];
    return NULL;
}

void versions_keep(struct versions *v, const uint8_t hash[32], struct slice fileset, struct site *site,
                   size_t alerts)
{
    MEMORY_ROOM(v->kept, v->kept_count, v->kept_room);
    struct kept_version *k = &v->kept[v->kept_count++];

    *k = (struct kept_version){ .fileset = fileset, .site = site, .alerts = alerts };
    memcpy(k->hash, hash, sizeof k->hash);
}

void versions_drop(struct versions *v, struct kept_version *k)
{
    size_t at = (size_t)(k - v->kept);

    kept_free(k);
    v->kept_count--;
    memmove(&v->kept[at], &v->kept[at + 1], (v->kept_count - at) * sizeof *v->kept);
}

void versions_take(struct versions *v, const struct taken_version *row)
{
    if (v->taken_count >= LIMIT_SITE_HISTORY) {
        layout_drop(&taken_layout, &v->taken[0]);
        v->taken_count--;
        memmove(&v->taken[0], &v->taken[1], v->taken_count * sizeof *v->taken);
    }
    MEMORY_ROOM(v->taken, v->taken_count, v->taken_room);
    v->taken[v->taken_count] = *row;
    layout_own(&taken_layout, &v->taken[v->taken_count++]);
}

void versions_write(const struct versions *v, struct buf *out)
{
    buf_u32(out, (uint32_t)v->kept_count);
    for (size_t i = 0; i < v->kept_count; i++)
        layout_write(out, &kept_layout, &v->kept[i]);
    buf_u32(out, (uint32_t)v->taken_count);
    for (size_t i = 0; i < v->taken_count; i++)
        layout_write(out, &taken_layout, &v->taken[i]);
}

void versions_read(struct versions *v, struct reader *in)
{
    uint32_t kept = read_u32(in);

    for (uint32_t i = 0; i < kept && !in->failed; i++) {
        struct kept_version row = { .alerts = 0 };
        layout_read(in, &kept_layout, &row);
        layout_own(&kept_layout, &row);
        versions_keep(v, row.hash, row.fileset, NULL, 0);
    }
    uint32_t taken = read_u32(in);
    for (uint32_t i = 0; i < taken && !in->failed; i++) {
        struct taken_version row = { .position = 0 };
        layout_read(in, &taken_layout, &row);
        versions_take(v, &row);
    }
}
