/* adapters/seal/code.h - enrolment codes for people to type, tokens for programs to send.
 *
 * A code has 45 random bits in Crockford's base 32, shown as XXX-XXX-XXX. It is read without regard to
 * case, spaces and dashes, with O as 0 and I or L as 1. Its hash is an HMAC under a key made from the
 * master key, so that a stolen journal does not give the codes back by trying them all. A token has
 * 256 random bits and needs no key: its hash is plain SHA-256. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_CODE_H
#define NIGHTBELL_ADAPTERS_SEAL_CODE_H

#include "adapters/seal/keys.h"

enum {
    CODE_TEXT = 12 /* XXX-XXX-XXX and NUL */,
    TOKEN_TEXT = 47 /* nb_, 43 characters and NUL */,
    CODE_HASH = 32
};

void code_new(char out[CODE_TEXT]);
/* What was typed, as it is shown; false when it cannot be a code. */
bool code_normal(struct slice typed, char out[CODE_TEXT]);
/* False when `typed` cannot be a code. */
bool code_hash(const struct keys *k, struct slice typed, uint8_t out[CODE_HASH]);

void token_new(char out[TOKEN_TEXT]);
/* False when it does not look like a token; nothing to compare with then. */
bool token_hash(struct slice token, uint8_t out[CODE_HASH]);

#endif
