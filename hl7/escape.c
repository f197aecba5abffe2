#include "hl7/escape.h"

#include "hl7/charset.h"

#include <string.h>

enum { KEEP = -1, FORMAT_MAX = 99 /* lines or blanks that one formatting command may ask for */ };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Puts n times `c` at out (NULL: only counts). */
static int64_t fill(char *out, char c, size_t n)
{
    if (out != NULL)
        memset(out, c, n);
    return (int64_t)n;
}

static int64_t decode_hex(struct slice digits, char *out)
{
    if (digits.len == 0 || digits.len % 2 != 0)
        return KEEP;
    for (size_t i = 0; i < digits.len; i++)
        if (hex_digit(digits.ptr[i]) < 0)
            return KEEP;
    for (size_t i = 0; out != NULL && i < digits.len; i += 2)
        out[i / 2] = (char)(hex_digit(digits.ptr[i]) * 16 + hex_digit(digits.ptr[i + 1]));
    return (int64_t)(digits.len / 2);
}

/* Formatting commands of FT (HL7 v2 section 2.7.6): what they put, and whether a number may follow. */
static const struct format {
    char name[3];
    char puts; /* 0: nothing */
    bool counts, signs;
} FORMATS[] = {
    { "br", '\n', false, false }, { "sp", '\n', true, false }, { "sk", ' ', true, false },
    { "ce", '\n', false, false }, { "in", 0, true, true },     { "ti", 0, true, true },
    { "fi", 0, false, false },    { "nf", 0, false, false },
};

/* `body` follows the point: "br", "sp3", "in+4". */
static int64_t decode_format(struct slice body, char *out)
{
    struct slice number = slice_sub(body, 2, SIZE_MAX);
    uint32_t n = 1;

    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        const struct format *f = &FORMATS[i];
        if (!slice_eq_nocase(slice_sub(body, 0, 2), slice_of(f->name)))
            continue;
        if (f->signs && number.len > 1 && (number.ptr[0] == '+' || number.ptr[0] == '-'))
            number = slice_sub(number, 1, SIZE_MAX);
        if (number.len > 0 && (!f->counts || !slice_to_u32(number, &n) || n > FORMAT_MAX))
            return KEEP;
        return f->puts != 0 ? fill(out, f->puts, n) : 0;
    }
    return KEEP;
}

/* The delimiter that a one letter escape stands for; 0 when it is none, or not declared here. */
static char delimiter_of(const struct hl7_delimiters *d, char letter)
{
    switch (letter) {
    case 'F':
        return d->field;
    case 'S':
        return d->component;
    case 'T':
        return d->subcomponent;
    case 'R':
        return d->repetition;
    case 'E':
        return d->escape;
    case 'P':
        return d->truncation;
    default:
        return 0;
    }
}

/* "C2842", "M242844": the bytes of an ISO 2022 escape sequence behind its ESC. KEEP when it is none that is
 * known. */
static int64_t decode_switch(struct slice body, char *out)
{
    char sequence[4] = { 0x1B };
    struct slice digits = slice_sub(body, 1, SIZE_MAX);
    bool fits = digits.len == 4 || (digits.len == 6 && body.ptr[0] == 'M');
    int64_t n = fits ? decode_hex(digits, sequence + 1) : KEEP;

    if (n == KEEP || hl7_iso2022_length((struct slice){ sequence + 1, (size_t)n }) != (size_t)n)
        return KEEP;
    if (out != NULL)
        memcpy(out, sequence, (size_t)n + 1);
    return n + 1;
}

/* What is decoded. The mask is where escape characters are looked for; it is `raw` itself when there is none.
 */
struct decoding {
    const struct hl7_delimiters *d;
    struct slice raw;
    const char *mask;
    bool takes_switches, switched;
};

/* Bytes that the escape stands for, written to out unless NULL; KEEP when it is not one we decode. */
static int64_t decode_one(struct decoding *in, struct slice body, char *out)
{
    const struct hl7_delimiters *d = in->d;

    if (body.len == 0)
        return KEEP;
    if (body.len == 1) {
        char c = delimiter_of(d, body.ptr[0]);
        if (c != 0)
            return fill(out, c, 1);
        return body.ptr[0] == 'H' || body.ptr[0] == 'N' ? 0 : KEEP;
    }
    if (body.ptr[0] == 'X')
        return decode_hex(slice_sub(body, 1, SIZE_MAX), out);
    if (in->takes_switches && (body.ptr[0] == 'C' || body.ptr[0] == 'M')) {
        int64_t n = decode_switch(body, out);
        in->switched = in->switched || n != KEEP;
        return n;
    }
    return body.ptr[0] == '.' ? decode_format(slice_sub(body, 1, SIZE_MAX), out) : KEEP;
}

/* Could this be an escape that we do not know? Then its closing character belongs to it. Else the first
 * character stood alone, and the second may open an escape. */
static bool is_plausible(struct slice body)
{
    if (body.len == 0 || (!is_letter(body.ptr[0]) && body.ptr[0] != '.'))
        return false;
    for (size_t i = 1; i < body.len; i++)
        if (!is_letter(body.ptr[i]) && !(body.ptr[i] >= '0' && body.ptr[i] <= '9') && body.ptr[i] != '+' &&
            body.ptr[i] != '-' && body.ptr[i] != '.')
            return false;
    return true;
}

static size_t copy(char *out, const char *from, size_t len)
{
    if (out != NULL)
        memcpy(out, from, len);
    return len;
}

/* Decodes all of in->raw to out, or with NULL counts the bytes that it would take. */
static size_t decode(struct decoding *in, char *out)
{
    struct slice raw = in->raw, mask = { in->mask, raw.len };
    size_t at = 0, put = 0;

    while (at < raw.len) {
        size_t plain = slice_find(slice_sub(mask, at, SIZE_MAX), in->d->escape);
        put += copy(out != NULL ? out + put : NULL, raw.ptr + at, plain);
        at += plain;
        if (at == raw.len)
            break;
        struct slice body = slice_sub(mask, at + 1, SIZE_MAX);
        size_t close = slice_find(body, in->d->escape);
        bool closed = close < body.len;
        body.len = close;
        int64_t n = closed ? decode_one(in, body, out != NULL ? out + put : NULL) : KEEP;
        size_t whole = close + 2, kept = closed && is_plausible(body) ? whole : 1;
        if (n == KEEP)
            n = (int64_t)copy(out != NULL ? out + put : NULL, raw.ptr + at, whole = kept);
        put += (size_t)n;
        at += whole;
    }
    return put;
}

static struct slice unescape(struct arena *arena, struct decoding *in)
{
    if (in->d->escape == 0 ||
        slice_find((struct slice){ in->mask, in->raw.len }, in->d->escape) == in->raw.len)
        return in->raw;
    char *out = arena_alloc(arena, decode(in, NULL) + 1);
    return (struct slice){ out, decode(in, out) };
}

struct slice hl7_unescape(struct arena *arena, const struct hl7_delimiters *d, struct slice raw)
{
    struct decoding in = { .d = d, .raw = raw, .mask = raw.ptr };

    return unescape(arena, &in);
}

struct slice hl7_unescape_text(struct arena *arena, const struct hl7_delimiters *d, struct slice raw,
                               const char *mask, bool *switched)
{
    struct decoding in = {
        .d = d, .raw = raw, .mask = mask != NULL ? mask : raw.ptr, .takes_switches = true
    };
    struct slice bytes = unescape(arena, &in);

    *switched = in.switched;
    return bytes;
}

static char letter_of(const struct hl7_delimiters *d, char c)
{
    static const char LETTERS[] = "FSTREP";

    for (size_t i = 0; LETTERS[i] != 0; i++)
        if (delimiter_of(d, LETTERS[i]) == c)
            return LETTERS[i];
    return 0;
}

bool hl7_escape_put(struct buf *out, const struct hl7_delimiters *d, struct slice text)
{
    bool whole = true;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], letter = c != 0 ? letter_of(d, c) : 0;
        bool control = (unsigned char)c < 0x20 || c == 0x7F;
        if (letter == 0 && !control) {
            buf_bytes(out, &c, 1);
        } else if (d->escape == 0) {
            buf_text(out, " ");
            whole = false;
        } else if (letter != 0) {
            buf_bytes(out, (char[]){ d->escape, letter, d->escape }, 3);
        } else {
            buf_printf(out, "%cX%02X%c", d->escape, (unsigned)c, d->escape);
        }
    }
    return whole;
}
