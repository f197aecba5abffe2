#include "adapters/seal/code.h"

#include <openssl/crypto.h>
#include <string.h>

#include "adapters/seal/hash.h"
#include "adapters/seal/random.h"
#include "base/base64url.h"

/* Crockford's base 32: no I, L, O, U (crockford.com/base32.html). */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { CODE_DIGITS = 9 };

static void code_show(const char plain[CODE_DIGITS], char out[CODE_TEXT])
{
    for (size_t i = 0, at = 0; i < CODE_DIGITS; i++) {
        if (i == 3 || i == 6)
            out[at++] = '-';
        out[at++] = plain[i];
    }
    out[CODE_TEXT - 1] = '\0';
}

void code_new(char out[CODE_TEXT])
{
    char plain[CODE_DIGITS];
    uint64_t bits = seal_random_u64();
    for (size_t i = 0; i < CODE_DIGITS; i++)
        plain[i] = digits[bits >> (5 * i) & 31];
    code_show(plain, out);
}

/* The digit somebody meant, or NUL. */
static char digit_meant(char c)
{
    char upper = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    if (upper == 'O')
        return '0';
    if (upper == 'I' || upper == 'L')
        return '1';
    return upper != '\0' && strchr(digits, upper) != NULL ? upper : '\0';
}

bool code_normal(struct slice typed, char out[CODE_TEXT])
{
    char plain[CODE_DIGITS];
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.ptr[i] == '-' || typed.ptr[i] == ' ')
            continue;
        char digit = digit_meant(typed.ptr[i]);
        if (digit == '\0' || count == CODE_DIGITS)
            return false;
        plain[count++] = digit;
    }
    if (count != CODE_DIGITS)
        return false;
    code_show(plain, out);
    return true;
}

bool code_hash(const struct keys *k, struct slice typed, uint8_t out[CODE_HASH])
{
    char code[CODE_TEXT];
    uint8_t key[KEYS_BYTES];
    if (!code_normal(typed, code))
        return false;
    keys_derive(k, "enrolment-code", key);
    hash_hmac((struct slice){ (char *)key, sizeof key }, (struct slice){ code, CODE_TEXT - 1 }, out);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(code, sizeof code);
    return true;
}

void token_new(char out[TOKEN_TEXT])
{
    uint8_t random[32];
    struct buf text = buf_make(TOKEN_TEXT);
    seal_random(random, sizeof random);
    buf_text(&text, "nb_");
    base64url_put(&text, (struct slice){ (char *)random, sizeof random });
    memcpy(out, text.ptr, TOKEN_TEXT - 1);
    out[TOKEN_TEXT - 1] = '\0';
    OPENSSL_cleanse(text.ptr, text.len);
    OPENSSL_cleanse(random, sizeof random);
    buf_free(&text);
}

bool token_hash(struct slice token, uint8_t out[CODE_HASH])
{
    struct buf bytes = buf_make(64);
    bool ok = token.len == TOKEN_TEXT - 1 && slice_starts(token, SLICE("nb_")) &&
              base64url_decode(slice_sub(token, 3, token.len - 3), &bytes) && bytes.len == 32;
    if (ok)
        hash_sha256(token, out);
    buf_free(&bytes);
    return ok;
}
