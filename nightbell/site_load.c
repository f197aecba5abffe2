#include "nightbell/site_load.h"

#include "nightbell/block_schemas.h"
#include "nightbell/site_folder.h"

struct site *site_load(const char *folder, struct error *err)
{
    struct fileset *files = site_folder_read(folder, err);
    struct arena *arena = arena_new();
    struct diagnostics d;
    size_t schemas;
    struct site *site = NULL;

    if (files != NULL) {
        diagnostics_init(&d, arena, NULL, 0);
        const struct block_schema *known = block_schemas(&schemas);
        site = site_compile(files, known, schemas, &d);
        if (site == NULL)
            error_set(err, ERROR_VALUE, "the site has %zu errors: nightbell check %s shows them", d.errors,
                      folder);
        diagnostics_free(&d);
    }
    fileset_free(&files);
    arena_free(&arena);
    return site;
}
