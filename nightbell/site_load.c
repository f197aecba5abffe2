#include "nightbell/site_load.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "nightbell/block_schemas.h"
#include "nightbell/site_folder.h"

#include <stdio.h>

void ruleset_named(const struct fileset *files, char out[RULESET_DIGITS + 1])
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    uint8_t hash[HASH_BYTES];

    fileset_write(&bytes, files);
    hash_sha256(buf_slice(&bytes), hash);
    for (size_t i = 0; i < RULESET_DIGITS / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    buf_free(&bytes);
}

static struct site *from_files(const struct fileset *files, bool data_change, const char *folder,
                               struct error *err)
{
    struct arena *arena = arena_new();
    struct diagnostics d;
    size_t schemas;

    diagnostics_init(&d, arena, NULL, 0);
    d.data_change = data_change;
    const struct block_schema *known = block_schemas(&schemas);
    struct site *site = site_compile(files, known, schemas, &d);
    if (site == NULL)
        error_set(err, ERROR_VALUE, "the site has %zu errors: nightbell check%s%s shows them", d.errors,
                  folder[0] != '\0' ? " " : "", folder);
    diagnostics_free(&d);
    arena_free(&arena);
    return site;
}

struct site *site_from_files(const struct fileset *files, const char *folder, struct error *err)
{
    return from_files(files, false, folder, err);
}

struct site *site_from_record(struct slice bytes, struct error *err)
{
    struct fileset *files = fileset_read(bytes, err);
    struct site *site = files != NULL ? from_files(files, true, "", err) : NULL;

    fileset_free(&files);
    return site;
}

struct site *site_load(const char *folder, struct error *err)
{
    struct fileset *files = site_folder_read(folder, err);
    struct site *site = files != NULL ? site_from_files(files, folder, err) : NULL;

    fileset_free(&files);
    return site;
}
