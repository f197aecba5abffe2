/* JSON that other processes send: the configuration on the bus. Any bytes give one or a located error. */
#include "nightbell/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read may be looked at. */
static size_t look(const struct config *c)
{
    size_t sum = c->site.len + c->rate_permille + c->demo;

    for (size_t i = 0; i < c->block_count; i++) {
        const struct block *b = &c->blocks[i];
        sum += b->kind.len + b->name.len + config_number(b, "max-message", 1);
        for (size_t k = 0; k < b->setting_count; k++)
            for (size_t v = 0; v < b->settings[k].value_count; v++)
                sum += b->settings[k].values[v].len;
    }
    for (size_t i = 0; i < c->token_count; i++)
        sum += c->tokens[i].name.len + c->tokens[i].listener.len + c->tokens[i].hash[0];
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = { .code = ERROR_NONE };
    struct config *c = config_read((struct slice){ (const char *)data, size }, &err);

    if ((c == NULL) != (err.code != ERROR_NONE))
        abort();
    if (c != NULL && look(c) == SIZE_MAX)
        abort();
    config_free(&c);
    return 0;
}
