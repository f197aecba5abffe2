/* nightbell/block_schemas.h - the keys of every kind of `listen` and `endpoint` block (docs/rules/site.md).
 *
 * rules/ knows no adapter, so the program hands this table to site_compile. A kind that lists `insecure`
 * can run in plain text and is checked for it; the others always speak TLS. */
#ifndef NIGHTBELL_NIGHTBELL_BLOCK_SCHEMAS_H
#define NIGHTBELL_NIGHTBELL_BLOCK_SCHEMAS_H

#include "rules/site/site.h"

const struct block_schema *block_schemas(size_t *count);

#endif
