#include "nightbell/config.h"

#include "base/base64url.h"
#include "base/limits.h"
#include "base/memory.h"
#include "nightbell/json_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *block_json(const struct block *b)
{
    json_t *settings = json_array();

    for (size_t i = 0; i < b->setting_count; i++) {
        json_t *row = json_array();
        json_array_append_new(row, json_of_slice(b->settings[i].key));
        for (size_t v = 0; v < b->settings[i].value_count; v++)
            json_array_append_new(row, json_of_slice(b->settings[i].values[v]));
        json_array_append_new(settings, row);
    }
    json_t *o = json_object();
    json_object_set_new(o, "endpoint", json_boolean(b->endpoint));
    json_object_set_new(o, "kind", json_of_slice(b->kind));
    json_object_set_new(o, "name", json_of_slice(b->name));
    json_object_set_new(o, "settings", settings);
    return o;
}

static json_t *token_json(const struct config_token *t)
{
    struct buf hex = buf_make(128);
    json_t *o = json_object();

    hex_put(&hex, (struct slice){ (const char *)t->hash, sizeof t->hash });
    json_object_set_new(o, "listener", json_of_slice(t->listener));
    json_object_set_new(o, "name", json_of_slice(t->name));
    json_object_set_new(o, "hash", json_of_slice(buf_slice(&hex)));
    buf_free(&hex);
    return o;
}

void config_write(struct buf *out, const struct site *site, uint32_t rate_permille,
                  bool (*token)(void *ctx, size_t index, struct config_token *out), void *ctx)
{
    json_t *o = json_object(), *blocks = json_array(), *tokens = json_array();
    struct config_token t;

    for (size_t i = 0; i < site->block_count; i++)
        json_array_append_new(blocks, block_json(&site->blocks[i]));
    for (size_t i = 0; token(ctx, i, &t); i++)
        json_array_append_new(tokens, token_json(&t));
    json_object_set_new(o, "site", json_of_slice(site->name));
    json_object_set_new(o, "rate", json_integer(rate_permille));
    json_object_set_new(o, "demo", json_boolean(site->demo));
    json_object_set_new(o, "blocks", blocks);
    json_object_set_new(o, "tokens", tokens);
    char *dumped = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    if (dumped != NULL)
        buf_text(out, dumped);
    free(dumped);
}

static struct slice kept(struct arena *a, const json_t *s)
{
    return json_is_string(s) ? arena_copy(a, (struct slice){ json_string_value(s), json_string_length(s) })
                             : (struct slice){ "", 0 };
}

static void read_setting(struct arena *a, const json_t *row, struct setting *out)
{
    size_t count = json_array_size(row);
    struct slice *values = arena_array(a, count, sizeof *values);

    for (size_t i = 1; i < count; i++)
        values[i - 1] = kept(a, json_array_get(row, i));
    *out = (struct setting){ .key = kept(a, json_array_get(row, 0)),
                             .values = values,
                             .value_count = count > 0 ? count - 1 : 0 };
}

static void read_block(struct arena *a, const json_t *o, struct block *out)
{
    const json_t *settings = json_object_get(o, "settings");
    size_t count = json_array_size(settings);
    struct setting *list = arena_array(a, count, sizeof *list);

    for (size_t i = 0; i < count; i++)
        read_setting(a, json_array_get(settings, i), &list[i]);
    *out = (struct block){ .endpoint = json_is_true(json_object_get(o, "endpoint")),
                           .kind = kept(a, json_object_get(o, "kind")),
                           .name = kept(a, json_object_get(o, "name")),
                           .settings = list,
                           .setting_count = count };
}

static void read_token(struct arena *a, const json_t *o, struct config_token *out)
{
    struct buf hash = buf_make(64);
    struct slice hex = kept(a, json_object_get(o, "hash"));

    *out = (struct config_token){ .listener = kept(a, json_object_get(o, "listener")),
                                  .name = kept(a, json_object_get(o, "name")) };
    if (hex_decode(hex, &hash) && hash.len == sizeof out->hash)
        memcpy(out->hash, hash.ptr, hash.len);
    buf_free(&hash);
}

struct config *config_read(struct slice json, struct error *err)
{
    json_error_t where;
    json_t *o = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &where);

    if (!json_is_object(o)) {
        json_decref(o);
        error_set(err, ERROR_SYNTAX, "the configuration from the router cannot be read");
        return NULL;
    }
    struct arena *a = arena_new();
    struct config *c = arena_alloc(a, sizeof *c);
    const json_t *blocks = json_object_get(o, "blocks"), *tokens = json_object_get(o, "tokens");
    *c = (struct config){ .arena = a,
                          .site = kept(a, json_object_get(o, "site")),
                          .block_count = json_array_size(blocks),
                          .token_count = json_array_size(tokens),
                          .rate_permille = (uint32_t)json_integer_value(json_object_get(o, "rate")),
                          .demo = json_is_true(json_object_get(o, "demo")) };
    struct block *list = arena_array(a, c->block_count, sizeof *list);
    struct config_token *known = arena_array(a, c->token_count, sizeof *known);
    for (size_t i = 0; i < c->block_count; i++)
        read_block(a, json_array_get(blocks, i), &list[i]);
    for (size_t i = 0; i < c->token_count; i++)
        read_token(a, json_array_get(tokens, i), &known[i]);
    c->blocks = list;
    c->tokens = known;
    json_decref(o);
    return c;
}

void config_free(struct config **c)
{
    if (c == NULL || *c == NULL)
        return;
    struct arena *a = (*c)->arena;
    arena_free(&a);
    *c = NULL;
}

unsigned config_number(const struct block *b, const char *key, unsigned otherwise)
{
    uint32_t n;

    return slice_to_u32(block_value(b, slice_of(key), (struct slice){ "", 0 }), &n) && n > 0 ? n : otherwise;
}
