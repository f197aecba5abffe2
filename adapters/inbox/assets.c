#include "adapters/inbox/assets.h"

#include "adapters/inbox/assets_table.h"

const struct inbox_asset *inbox_asset_find(struct slice path)
{
    for (const struct inbox_asset *a = inbox_assets; a->path != NULL; a++) {
        if (slice_is(path, a->path)) {
            return a;
        }
    }
    return NULL;
}
