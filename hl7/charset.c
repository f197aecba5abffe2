#include "hl7/charset.h"

#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { ESC = 0x1B };

static bool is_ascii(struct slice s)
{
    uint64_t seen = 0, word;
    size_t at = 0;

    for (; s.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, s.ptr + at, sizeof word);
        seen |= word;
    }
    for (; at < s.len; at++)
        seen |= (uint64_t)(unsigned char)s.ptr[at];
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

bool hl7_iconv_put(struct buf *out, const char *from, struct slice bytes)
{
    iconv_t with = iconv_open("UTF-8", from);
    char *in = (char *)(uintptr_t)bytes.ptr; /* iconv does not write there */
    size_t left = bytes.len;
    bool whole = true, flushed = false;

    if (with == (iconv_t)-1) /* POSIX: the value that means failure */
        return false;
    /* The last turn asks for what iconv holds back: in some sets a mark may follow a letter. */
    while (whole && !flushed) {
        char chunk[512], *to = chunk;
        size_t room = sizeof chunk;
        flushed = left == 0;
        whole = iconv(with, flushed ? NULL : &in, flushed ? NULL : &left, &to, &room) != (size_t)-1 ||
                errno == E2BIG;
        buf_bytes(out, chunk, sizeof chunk - room);
    }
    iconv_close(with);
    return whole;
}

/* 8859/1 as it is meant: senders put Windows-1252 characters where ISO 8859-1 has control codes. One byte
 * alone is never valid UTF-8 unless it is ASCII. */
static void put_single_bytes(struct buf *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        utf8_put_any(out, slice_sub(bytes, i, 1));
}

/* Drops what a failed conversion appended. */
static bool undo(struct buf *out, size_t len)
{
    out->len = len;
    return false;
}

static bool put_named(struct buf *out, const char *iconv_name, struct slice bytes)
{
    size_t before = out->len;

    return iconv_name != NULL && (hl7_iconv_put(out, iconv_name, bytes) || undo(out, before));
}

void hl7_reading_put(struct buf *out, const struct hl7_reading *how, struct slice bytes)
{
    if (how->charset == HL7_CHARSET_8859_1)
        put_single_bytes(out, bytes);
    else if (is_ascii(bytes))
        buf_put(out, bytes);
    else if (how->charset != HL7_CHARSET_NAMED || !put_named(out, how->iconv_name, bytes)) {
        if (utf8_valid(bytes) || !put_named(out, how->fallback_iconv_name, bytes))
            utf8_put_any(out, bytes);
    }
}

struct slice hl7_reading_text(struct arena *arena, const struct hl7_reading *how, struct slice bytes)
{
    bool switched = how->switches && slice_find(bytes, ESC) < bytes.len;

    if (!switched && (is_ascii(bytes) || (how->charset <= HL7_CHARSET_UTF8 && utf8_valid(bytes))))
        return bytes;
    struct buf out = buf_make(SIZE_MAX / 2);
    if (!switched || !hl7_iso2022_put(&out, how, bytes)) {
        buf_reset(&out);
        hl7_reading_put(&out, how, bytes);
    }
    struct slice text = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

struct slice hl7_charset_text(struct arena *arena, enum hl7_charset charset, const char *iconv_name,
                              struct slice bytes)
{
    struct hl7_reading how = { .charset = charset, .iconv_name = iconv_name };

    return hl7_reading_text(arena, &how, bytes);
}

/* --- masks ------------------------------------------------------------------------- */

bool hl7_charset_hides(const struct hl7_reading *how, struct slice bytes)
{
    if (how->hiding == HL7_HIDES_NOTHING)
        return false;
    if (how->hiding == HL7_HIDES_ISO_2022)
        return slice_find(bytes, ESC) < bytes.len ||
               (bytes.len > 0 && memmem(bytes.ptr, bytes.len, "M24", 3) != NULL);
    return !is_ascii(bytes);
}

static bool within(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

static bool leads(enum hl7_hiding hiding, unsigned char c)
{
    switch (hiding) {
    case HL7_HIDES_BIG5:
        return within(c, 0xA1, 0xF9);
    case HL7_HIDES_SHIFT_JIS: /* 0xA1 to 0xDF are katakana of one byte */
        return within(c, 0x81, 0x9F) || within(c, 0xE0, 0xFC);
    default:
        return within(c, 0x81, 0xFE);
    }
}

/* The length of the character at `at`, when it has more than one byte; else 1. */
static size_t pair_length(enum hl7_hiding hiding, const unsigned char *at, size_t left)
{
    if (left < 2 || !leads(hiding, at[0]))
        return 1;
    if (hiding == HL7_HIDES_GB18030 && left >= 4 && within(at[1], '0', '9') && within(at[2], 0x81, 0xFE) &&
        within(at[3], '0', '9'))
        return 4;
    return within(at[1], 0x40, 0x7E) || within(at[1], 0x80, 0xFE) ? 2 : 1;
}

void hl7_charset_mask(const struct hl7_reading *how, char escape, struct slice bytes, char *mask)
{
    if (bytes.len > 0)
        memcpy(mask, bytes.ptr, bytes.len);
    if (how->hiding == HL7_HIDES_ISO_2022) {
        hl7_iso2022_mask(escape, bytes, mask);
        return;
    }
    for (size_t at = 0, len; how->hiding != HL7_HIDES_NOTHING && at < bytes.len; at += len) {
        len = pair_length(how->hiding, (const unsigned char *)bytes.ptr + at, bytes.len - at);
        if (len > 1)
            memset(mask + at, HL7_BLOT, len);
    }
}
