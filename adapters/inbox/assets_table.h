/* adapters/inbox/assets_table.h - the generated table behind assets.h; only assets.c reads it. */
#ifndef NIGHTBELL_ADAPTERS_INBOX_ASSETS_TABLE_H
#define NIGHTBELL_ADAPTERS_INBOX_ASSETS_TABLE_H

#include "adapters/inbox/assets.h"

extern const struct inbox_asset inbox_assets[]; /* ends with a NULL path */

#endif
