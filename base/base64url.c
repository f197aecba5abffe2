#include "base/base64url.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_put(struct buf *out, struct slice bytes)
{
    size_t tail = bytes.len % 3;
    char *to = buf_extend(out, bytes.len / 3 * 4 + (tail > 0 ? tail + 1 : 0));

    if (to == NULL)
        return;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t here = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < here ? (unsigned char)bytes.ptr[i + k] : 0u);
        for (size_t k = 0; k <= here; k++)
            *to++ = letters[group >> (18 - 6 * k) & 63];
    }
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool base64url_decode(struct slice text, struct buf *out)
{
    size_t start = out->len, at = 0;
    uint32_t bits = 0, held = 0;

    if (text.len % 4 == 1)
        return false;
    char *to = buf_extend(out, text.len / 4 * 3 + (text.len % 4) * 3 / 4);
    if (to == NULL)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int value = sextet(text.ptr[i]);
        if (value < 0) {
            out->len = start;
            return false;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            to[at++] = (char)(unsigned char)(bits >> held);
        }
    }
    /* One value, one spelling: bits that stand for no byte must be zero (RFC 4648 section 3.5). */
    if ((bits & ((1u << held) - 1)) != 0) {
        out->len = start;
        return false;
    }
    return true;
}

void hex_put(struct buf *out, struct slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *to = buf_extend(out, bytes.len * 2);

    for (size_t i = 0; to != NULL && i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        to[2 * i] = digits[byte >> 4];
        to[2 * i + 1] = digits[byte & 15];
    }
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct slice text, struct buf *out)
{
    size_t start = out->len;
    char *to = text.len % 2 == 0 ? buf_extend(out, text.len / 2) : NULL;

    if (to == NULL)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = nibble(text.ptr[i]), low = nibble(text.ptr[i + 1]);
        if (high < 0 || low < 0) {
            out->len = start;
            return false;
        }
        to[i / 2] = (char)(unsigned char)(high << 4 | low);
    }
    return true;
}
