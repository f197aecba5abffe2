#include "adapters/store/chain.h"

static uint8_t *put_le(uint8_t *at, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        *at++ = (uint8_t)(v >> (8 * i));
    return at;
}

struct chain chain_start(const uint8_t journal_id[CHAIN_ID], uint64_t lane)
{
    struct chain c = { { 0 } };
    uint8_t number[8];
    put_le(number, lane, 8);
    struct slice parts[] = { SLICE("nightbell journal 1"),
                             { (const char *)journal_id, CHAIN_ID },
                             { (char *)number, sizeof number } };
    hash_sha256_parts(parts, 3, c.link);
    return c;
}

void chain_header(const struct chain_row *row, uint8_t out[CHAIN_HEADER])
{
    uint8_t *at = out;
    *at++ = CHAIN_VERSION;
    at = put_le(at, row->lane, 8);
    at = put_le(at, row->first, 8);
    at = put_le(at, row->count, 4);
    at = put_le(at, row->epoch, 8);
    at = put_le(at, (uint64_t)row->lane_us, 8);
    at = put_le(at, (uint64_t)row->wall_us, 8);
    at = put_le(at, row->key, 4);
    put_le(at, row->sealed_bytes, 4);
}

void chain_add(struct chain *c, const struct chain_row *row, const uint8_t nonce[AEAD_NONCE],
               struct slice sealed)
{
    uint8_t header[CHAIN_HEADER];
    chain_header(row, header);
    struct slice parts[] = { { (char *)c->link, HASH_BYTES },
                             { (char *)header, sizeof header },
                             { (const char *)nonce, AEAD_NONCE },
                             sealed };
    hash_sha256_parts(parts, 4, c->link);
}
