#include "hl7/charset.h"

#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>

/* Table 0211, and the spellings that are seen. Sets whose second bytes can be delimiters (ISO IR87, BIG-5,
 * UTF-16) are not among them: their messages are read as a guess. */
static const struct charset_name {
    const char *declared;
    enum hl7_charset charset;
    const char *iconv_name;
} CHARSETS[] = {
    { "UNICODE UTF-8", HL7_CHARSET_UTF8, NULL },
    { "UTF-8", HL7_CHARSET_UTF8, NULL },
    { "UTF8", HL7_CHARSET_UTF8, NULL },
    { "8859/1", HL7_CHARSET_8859_1, NULL },
    { "8859-1", HL7_CHARSET_8859_1, NULL },
    { "ISO-8859-1", HL7_CHARSET_8859_1, NULL },
    { "ISO8859-1", HL7_CHARSET_8859_1, NULL },
    { "8859/2", HL7_CHARSET_NAMED, "ISO-8859-2" },
    { "8859/3", HL7_CHARSET_NAMED, "ISO-8859-3" },
    { "8859/4", HL7_CHARSET_NAMED, "ISO-8859-4" },
    { "8859/5", HL7_CHARSET_NAMED, "ISO-8859-5" },
    { "8859/6", HL7_CHARSET_NAMED, "ISO-8859-6" },
    { "8859/7", HL7_CHARSET_NAMED, "ISO-8859-7" },
    { "8859/8", HL7_CHARSET_NAMED, "ISO-8859-8" },
    { "8859/9", HL7_CHARSET_NAMED, "ISO-8859-9" },
    { "8859/15", HL7_CHARSET_NAMED, "ISO-8859-15" },
    { "GB 18030-2000", HL7_CHARSET_NAMED, "GB18030" },
    { "KS X 1001", HL7_CHARSET_NAMED, "EUC-KR" },
};

enum hl7_charset hl7_charset_find(struct slice declared, const char **iconv_name)
{
    *iconv_name = NULL;
    declared = slice_trim(declared);
    for (size_t i = 0; declared.len > 0 && i < sizeof CHARSETS / sizeof *CHARSETS; i++) {
        if (!slice_eq_nocase(declared, slice_of(CHARSETS[i].declared)))
            continue;
        *iconv_name = CHARSETS[i].iconv_name;
        return CHARSETS[i].charset;
    }
    return HL7_CHARSET_GUESS;
}

static bool is_ascii(struct slice s)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < s.len; i++)
        seen |= (unsigned char)s.ptr[i];
    return seen < 0x80;
}

/* 8859/1 as it is meant: senders put Windows-1252 characters where ISO 8859-1 has control codes. */
static void put_single_bytes(struct buf *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        utf8_put_any(out, slice_sub(bytes, i, 1));
}

/* False when iconv does not know the name, or the bytes are not of that set. */
static bool put_named(struct buf *out, const char *name, struct slice bytes)
{
    iconv_t with = iconv_open("UTF-8", name);
    char *in = (char *)(uintptr_t)bytes.ptr; /* iconv does not write there */
    size_t left = bytes.len;
    bool whole = true;

    if (with == (iconv_t)-1) /* POSIX: the value that means failure */
        return false;
    while (left > 0 && whole) {
        char chunk[512], *to = chunk;
        size_t room = sizeof chunk;
        whole = iconv(with, &in, &left, &to, &room) != (size_t)-1 || errno == E2BIG;
        buf_bytes(out, chunk, sizeof chunk - room);
    }
    iconv_close(with);
    return whole;
}

struct slice hl7_charset_text(struct arena *arena, enum hl7_charset charset, const char *iconv_name,
                              struct slice bytes)
{
    if (is_ascii(bytes) || (charset <= HL7_CHARSET_UTF8 && utf8_valid(bytes)))
        return bytes;
    struct buf out = buf_make(SIZE_MAX / 2);
    if (charset == HL7_CHARSET_8859_1) {
        put_single_bytes(&out, bytes);
    } else if (charset != HL7_CHARSET_NAMED || !put_named(&out, iconv_name, bytes)) {
        buf_reset(&out);
        utf8_put_any(&out, bytes);
    }
    struct slice text = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return text;
}
