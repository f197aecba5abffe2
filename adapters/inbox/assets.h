/* adapters/inbox/assets.h - the files of the nurse's web app (inbox/dist), carried inside the program.
 *
 * The table is C source that inbox/embed.cmake writes at build time. Everything is constant and lives as long
 * as the program. No file is gzipped, none is long (the whole app is some 100 KB). */
#ifndef NIGHTBELL_ADAPTERS_INBOX_ASSETS_H
#define NIGHTBELL_ADAPTERS_INBOX_ASSETS_H

#include <stddef.h>

#include "base/slice.h"

struct inbox_asset {
    const char *path;           /* as requested: "/app.js"; index.html stands under "/" and "/index.html" */
    const char *type;           /* for Content-Type, with charset where it is text */
    const unsigned char *bytes; /* `length` bytes */
    size_t length;
    const char *etag; /* a strong validator with its quotes, from SHA-256 of the bytes (RFC 9110, 8.8.3) */
};

/* The asset under exactly this path, or NULL. Serve with Cache-Control: no-cache and 304 when If-None-Match
 * holds the etag: a phone then has the new app at the next start after an update. */
const struct inbox_asset *inbox_asset_find(struct slice path);

#endif
