#include "base/utf8.h"

enum { BAD = 0xFFFD }; /* U+FFFD, the replacement character */

/* One code point at the start of s: its length in bytes, or 0 when the bytes are not UTF-8 (RFC 3629
 * section 4; the ranges of the second byte exclude overlongs, surrogates and what is past U+10FFFF). */
static size_t next_point(struct slice s, uint32_t *point)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)s.ptr[0];
    size_t len = first < 0x80   ? 1
                 : first < 0xC2 ? 0
                 : first < 0xE0 ? 2
                 : first < 0xF0 ? 3
                 : first < 0xF5 ? 4
                                : 0;

    if (len == 0 || len > s.len)
        return 0;
    uint32_t value = len == 1 ? first : first & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (c & 0x3Fu);
    }
    if (value < least[len] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *point = value;
    return len;
}

bool utf8_valid(struct slice s)
{
    uint32_t point;

    while (s.len > 0) {
        size_t len = next_point(s, &point);
        if (len == 0)
            return false;
        s = (struct slice){ s.ptr + len, s.len - len };
    }
    return true;
}

size_t utf8_count(struct slice s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return count;
}

void utf8_put(struct buf *out, uint32_t code_point)
{
    uint32_t c = code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF) ? BAD : code_point;
    char bytes[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = len; i-- > 1; c >>= 6)
        bytes[i] = (char)(unsigned char)(0x80 | (c & 0x3F));
    bytes[0] = (char)(unsigned char)(len == 1 ? c : (0xF00u >> len & 0xFF) | c);
    buf_bytes(out, bytes, len);
}

/* 0x80-0x9F of Windows-1252. The five bytes it leaves open stand for themselves, as the WHATWG
 * Encoding Standard reads them. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

void utf8_put_any(struct buf *out, struct slice bytes)
{
    if (utf8_valid(bytes)) {
        buf_put(out, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        utf8_put(out, c >= 0x80 && c < 0xA0 ? windows_1252[c - 0x80] : c);
    }
}

/* Controls, and the characters some log readers take for a line end (NEL, LS, PS). */
static bool needs_escape(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
}

static void put_json_point(struct buf *out, uint32_t point)
{
    static const char letters[] = "\bb\ff\nn\rr\tt";

    if (point == '"' || point == '\\') {
        buf_u8(out, '\\');
        buf_u8(out, (uint8_t)point);
        return;
    }
    for (size_t i = 0; letters[i] != '\0'; i += 2)
        if (point == (unsigned char)letters[i]) {
            buf_u8(out, '\\');
            buf_u8(out, (uint8_t)letters[i + 1]);
            return;
        }
    if (needs_escape(point))
        buf_printf(out, "\\u%04x", (unsigned)point);
    else
        utf8_put(out, point);
}

void utf8_put_json(struct buf *out, struct slice s)
{
    while (s.len > 0) {
        uint32_t point = BAD;
        size_t len = next_point(s, &point);
        put_json_point(out, point);
        if (len == 0)
            len = 1;
        s = (struct slice){ s.ptr + len, s.len - len };
    }
}
