#include "hl7/encode.h"

#include "base/utf8.h"
#include "hl7/charset.h"
#include "hl7/escape.h"

#include <iconv.h>
#include <string.h>

enum { CHARACTER_MAX = 16 /* bytes of one character in any set, shifts included */ };

const char *hl7_encoding_name(struct slice declared)
{
    struct hl7_reading how = hl7_reading_find(declared, 0, NULL);

    switch (how.charset) {
    case HL7_CHARSET_UTF8:
        return "UTF-8";
    case HL7_CHARSET_8859_1:
        return "ISO-8859-1";
    case HL7_CHARSET_NAMED:
        return how.iconv_name;
    default:
        return how.switches ? "ISO-2022-JP" : NULL;
    }
}

static bool is_ascii(char c)
{
    return (unsigned char)c < 0x80;
}

bool hl7_is_delimiter(const struct hl7_delimiters *d, char c)
{
    return c != 0 && (c == d->field || c == d->component || c == d->repetition || c == d->escape ||
                      c == d->subcomponent || c == d->truncation);
}

/* Escapes are made of letters, digits and the point: a delimiter of that kind would break them. */
static bool is_risky(const struct hl7_delimiters *d)
{
    const char all[] = { d->field, d->component, d->repetition, d->escape, d->subcomponent, d->truncation };

    for (size_t i = 0; i < sizeof all; i++)
        if ((all[i] >= '0' && all[i] <= '9') || (all[i] >= 'A' && all[i] <= 'Z') ||
            (all[i] >= 'a' && all[i] <= 'z') || all[i] == '.')
            return true;
    return false;
}

static bool is_separator(const struct hl7_delimiters *d, char c)
{
    return c != d->escape && c != d->truncation && hl7_is_delimiter(d, c);
}

/* Does `put` give `bytes` again, and hold no separator? Asked for risky delimiters only. */
static bool reads_back(const struct hl7_delimiters *d, struct slice put, struct slice bytes)
{
    for (size_t i = 0; i < put.len; i++)
        if (is_separator(d, put.ptr[i]))
            return false;
    struct arena *arena = arena_new();
    bool same = slice_eq(hl7_unescape(arena, d, put), bytes);
    arena_free(&arena);
    return same;
}

/* One character of several bytes. */
static bool put_character(struct buf *out, const struct hl7_delimiters *d, struct slice bytes)
{
    bool plain = true;

    for (size_t i = 0; i < bytes.len; i++)
        plain &= !is_ascii(bytes.ptr[i]) || ((unsigned char)bytes.ptr[i] >= ' ' && bytes.ptr[i] != 0x7F &&
                                             !hl7_is_delimiter(d, bytes.ptr[i]));
    if (plain) {
        buf_put(out, bytes);
        return true;
    }
    if (d->escape == 0)
        return false;
    buf_printf(out, "%cX", d->escape);
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(out, "%02X", (unsigned)(unsigned char)bytes.ptr[i]);
    buf_bytes(out, &d->escape, 1);
    return true;
}

/* One character in the set, back in its initial shift state; 0 when it has none. */
static size_t convert(iconv_t to, struct slice character, char out[CHARACTER_MAX])
{
    char *in = (char *)(uintptr_t)character.ptr; /* iconv does not write there */
    char *at = out;
    size_t left = character.len, room = CHARACTER_MAX;

    iconv(to, NULL, NULL, NULL, NULL);
    if (iconv(to, &in, &left, &at, &room) != 0 || iconv(to, NULL, NULL, &at, &room) == (size_t)-1)
        return 0; /* not exactly one way, or more than one character */
    return CHARACTER_MAX - room;
}

static size_t character_length(char first)
{
    unsigned char c = (unsigned char)first;

    return c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static bool put_converted(struct buf *out, struct buf *bytes, const struct hl7_delimiters *d, iconv_t to,
                          struct slice text)
{
    while (text.len > 0) {
        size_t n = 0;
        while (n < text.len && is_ascii(text.ptr[n]))
            n++;
        if (!hl7_escape_put(out, d, slice_sub(text, 0, n)))
            return false;
        buf_bytes(bytes, text.ptr, n);
        text = slice_sub(text, n, SIZE_MAX);
        if (text.len == 0)
            break;
        char to_bytes[CHARACTER_MAX];
        size_t len = character_length(text.ptr[0]);
        struct slice character = { to_bytes, convert(to, slice_sub(text, 0, len), to_bytes) };
        if (character.len == 0 || !put_character(out, d, character))
            return false;
        buf_put(bytes, character);
        text = slice_sub(text, len, SIZE_MAX);
    }
    return true;
}

/* `bytes` gets what was meant, in the set, without escapes. */
static bool put_in_set(struct buf *out, struct buf *bytes, const struct hl7_delimiters *d, const char *set,
                       struct slice text)
{
    if (!utf8_valid(text))
        return false;
    iconv_t to = iconv_open(set, "UTF-8");
    if (to == (iconv_t)-1) /* POSIX: the value that means failure */
        return false;
    bool held = put_converted(out, bytes, d, to, text);
    iconv_close(to);
    return held;
}

bool hl7_encode(struct buf *out, const struct hl7_delimiters *d, const char *set, struct slice text)
{
    struct buf bytes = buf_make(SIZE_MAX / 2);
    size_t from = out->len;
    bool held;

    if (slice_is(text, "\"\"")) {
        buf_put(&bytes, text);
        held = d->escape != 0;
        if (held)
            buf_printf(out, "%cX2222%c", d->escape, d->escape);
    } else if (set == NULL || strcmp(set, "UTF-8") == 0) {
        buf_put(&bytes, text);
        held = (set == NULL || utf8_valid(text)) && hl7_escape_put(out, d, text);
    } else {
        held = put_in_set(out, &bytes, d, set, text);
    }
    if (held && !out->failed && is_risky(d))
        held = reads_back(d, slice_sub(buf_slice(out), from, SIZE_MAX), buf_slice(&bytes));
    buf_free(&bytes);
    if (!held)
        out->len = from;
    return held;
}
