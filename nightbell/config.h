/* nightbell/config.h - the slices of a site that the other processes work with, as JSON on the bus.
 *
 * The router alone compiles a site; feeds, web and delivery get names, settings and token hashes:
 * {"site":NAME,"dir":...,"blocks":[{"endpoint":false,"kind":"mllp","name":"telemetry",
 *   "settings":[["on","127.0.0.1:2575"],...]}],"tokens":[{"listener","name","hash"}],"rate":1000,"demo":true}
 */
#ifndef NIGHTBELL_NIGHTBELL_CONFIG_H
#define NIGHTBELL_NIGHTBELL_CONFIG_H

#include "base/buf.h"
#include "base/error.h"
#include "rules/site/site.h"

struct config_token {
    struct slice listener, name;
    uint8_t hash[32];
};

struct config {
    struct arena *arena;
    struct slice site;
    const struct block *blocks;
    size_t block_count;
    const struct config_token *tokens;
    size_t token_count;
    uint32_t rate_permille;
    bool demo; /* the site says `demo yes`: a demo certificate may be made */
};

/* For the router: `token` is asked for index 0, 1, ... until it says false. */
void config_write(struct buf *out, const struct site *site, uint32_t rate_permille,
                  bool (*token)(void *ctx, size_t index, struct config_token *out), void *ctx);
/* Owned by its arena: config_free. NULL when the text is not one. */
struct config *config_read(struct slice json, struct error *err);
void config_free(struct config **c);

/* A setting as a number (bytes, count, seconds), or `otherwise`. */
unsigned config_number(const struct block *b, const char *key, unsigned otherwise);

#endif
