/* The synthetic values: from a keyed hash of the original, so that equal ones become equal. */
#include "base/prng.h"
#include "base/siphash.h"
#include "base/time.h"
#include "base/utf8.h"
#include "hl7/redact_parts.h"

#include <string.h>

enum { TRIES = 16 /* draws of an identifier until it is nobody else's */ };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Bytes above ASCII are letters of some alphabet here. */
static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Random numbers that belong to this value: `kind` and `turn` tell several uses of one value apart. */
static struct prng random_for(const struct hl7_redaction *r, char kind, int turn, struct slice text)
{
    struct buf bytes = buf_make(SIZE_MAX / 2);

    buf_bytes(&bytes, &kind, 1);
    buf_u32(&bytes, (uint32_t)turn);
    buf_put(&bytes, text);
    struct prng random = prng_make(siphash(r->key, buf_slice(&bytes)));
    buf_free(&bytes);
    return random;
}

/* --- identifiers ---------------------------------------------------------------------------------- */

/* Every letter another letter and every digit another digit, with the same case; a first digit is not 0
 * unless it was. */
static void put_scrambled(struct prng *random, struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        uint64_t draw = prng_next(random);
        if (is_digit(c))
            c = (char)(i == 0 && c != '0' ? '1' + draw % 9 : '0' + draw % 10);
        else if (is_inside_character(c))
            continue;
        else if (is_letter(c))
            c = (char)((is_upper(c) ? 'A' : 'a') + (char)(draw % 26));
        buf_bytes(out, &c, 1);
    }
}

static void put_id(struct hl7_redaction *r, struct slice text, struct buf *out)
{
    size_t from = out->len;

    for (int turn = 0; turn < TRIES; turn++) {
        struct prng random = random_for(r, 'i', turn, text);
        out->len = from;
        put_scrambled(&random, text, out);
        struct slice made = slice_sub(buf_slice(out), from, SIZE_MAX), *owner = map_get(r->ids, made);
        if (out->failed || (owner != NULL && slice_eq(*owner, text)))
            return;
        if (owner != NULL || slice_eq(made, text))
            continue;
        owner = arena_alloc(r->arena, sizeof *owner);
        *owner = arena_copy(r->arena, text);
        map_put(r->ids, made, owner);
        return;
    }
}

/* --- names ---------------------------------------------------------------------------------------- */

static void put_name(const struct hl7_redaction *r, struct slice word, struct buf *out)
{
    static const char SYLLABLES[][5] = { "bax", "dov", "fex", "gim",  "jov", "kez", "lum", "mox",
                                         "nuv", "paz", "quo", "rix",  "sev", "tuv", "vok", "wex",
                                         "yal", "zem", "hof", "krin", "ulb", "oxa", "ivo", "ept" };
    struct buf lower = buf_make(SIZE_MAX / 2);
    bool upper = true;
    size_t from = out->len;

    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        upper = upper && (is_upper(c) || (unsigned char)c >= 0x80);
        buf_u8(&lower, (uint8_t)(is_upper(c) ? c - 'A' + 'a' : c));
    }
    struct prng random = random_for(r, 'n', 0, buf_slice(&lower));
    buf_free(&lower);
    if (word.len == 1) {
        put_scrambled(&random, word, out);
        return;
    }
    for (int i = 0; i < (word.len > 5 ? 3 : 2); i++)
        buf_text(out, SYLLABLES[prng_below(&random, sizeof SYLLABLES / sizeof *SYLLABLES)]);
    for (size_t i = from; i < out->len; i++)
        if (upper || (i == from && (is_upper(word.ptr[0]) || (unsigned char)word.ptr[0] >= 0x80)))
            out->ptr[i] = (char)(out->ptr[i] - 'a' + 'A');
}

/* Runs of letters and runs of digits, the rest as it is. A lone digit stays: it is a floor or a number of
 * children rather than somebody's number. */
static void put_words(struct hl7_redaction *r, struct slice text, struct buf *out,
                      void (*put)(const struct hl7_redaction *, struct slice, struct buf *))
{
    for (size_t i = 0, end; i < text.len; i = end) {
        bool letters = is_letter(text.ptr[i]), digits = is_digit(text.ptr[i]);
        for (end = i + 1; end < text.len &&
                          ((letters && is_letter(text.ptr[end])) || (digits && is_digit(text.ptr[end])));)
            end++;
        struct slice run = slice_sub(text, i, end - i);
        if (letters) {
            put(r, run, out);
        } else if (digits && run.len > 1) {
            struct prng random = random_for(r, 'd', 0, run);
            put_scrambled(&random, run, out);
        } else {
            buf_put(out, run);
        }
    }
}

static void put_text(const struct hl7_redaction *r, struct slice word, struct buf *out)
{
    size_t n = 0;

    (void)r;
    for (size_t i = 0; i < word.len; i++)
        if (!is_inside_character(word.ptr[i]))
            buf_bytes(out, &"text"[n++ % 4], 1);
}

/* --- dates ---------------------------------------------------------------------------------------- */

static size_t digits_of(struct slice text)
{
    size_t n = 0;

    while (n < text.len && is_digit(text.ptr[n]))
        n++;
    return n;
}

static uint32_t number_of(struct slice text, size_t from, size_t len, uint32_t otherwise)
{
    uint32_t n = otherwise;

    if (text.len >= from + len)
        slice_to_u32(slice_sub(text, from, len), &n);
    return n;
}

/* YYYY[MM[DD...]]: the date moves, what follows it stays. In a year or month alone its middle moves. */
static bool put_moved(const struct hl7_redaction *r, struct slice text, struct buf *out)
{
    size_t digits = digits_of(text), shown = digits < 6 ? 4 : digits < 8 ? 6 : 8;
    uint32_t year = number_of(text, 0, 4, 0), month = number_of(slice_sub(text, 0, shown), 4, 2, 7),
             day = number_of(slice_sub(text, 0, shown), 6, 2, 15);
    char moved[32];

    if (digits < 4 || digits % 2 != 0 || digits > 14 || year < 1800 || year > 2200 || month > 12 || day > 31)
        return false;
    struct civil c = { .year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day };
    if (!civil_valid(c))
        return false;
    c = time_to_civil(time_from_civil(c) + r->move_us);
    for (size_t i = 0, n = (size_t)c.year * 10000 + c.month * 100u + c.day; i < 8; i++, n /= 10)
        moved[7 - i] = (char)('0' + n % 10);
    buf_bytes(out, moved, shown);
    buf_put(out, slice_sub(text, shown, SIZE_MAX));
    return true;
}

static void put_date(struct hl7_redaction *r, struct slice text, struct buf *out)
{
    struct slice trimmed = slice_trim(text);

    if (trimmed.len <= 1)
        buf_put(out, text); /* the precision that TS had as a second part */
    else if (!put_moved(r, trimmed, out))
        put_id(r, text, out);
}

/* --- others --------------------------------------------------------------------------------------- */

/* The last seven digits become 555-01xx, a range that is nobody's; the others, other digits. */
static void put_phone(struct hl7_redaction *r, struct slice text, struct buf *out)
{
    static const char NOBODY[] = "55501";
    struct prng random = random_for(r, 'p', 0, text);
    size_t digits = 0, seen = 0, at = slice_find(text, '@');

    if (at < text.len) {
        put_scrambled(&random, slice_sub(text, 0, at), out);
        buf_text(out, "@example.org");
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        digits += is_digit(text.ptr[i]);
    for (size_t i = 0; i < text.len; i++) {
        struct slice one = slice_sub(text, i, 1);
        size_t from_last = digits - seen;
        if (is_digit(text.ptr[i]) && digits >= 7 && from_last <= 7 && from_last > 2)
            buf_bytes(out, &NOBODY[7 - from_last], 1);
        else
            put_scrambled(&random, one, out);
        seen += is_digit(text.ptr[i]);
    }
}

/* A number as it is measured: "-12.5", "<0.1". Long runs of digits are somebody's number. */
static bool is_measure(struct slice text)
{
    size_t digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]) && strchr(".<>=+-", text.ptr[i]) == NULL)
            return false;
        digits += is_digit(text.ptr[i]);
    }
    return digits < 4 || (slice_find(text, '.') < text.len && digits < 8);
}

static void put_unknown(struct hl7_redaction *r, struct slice text, struct buf *out)
{
    bool letters = false, digits = false;

    for (size_t i = 0; i < text.len; i++) {
        letters |= is_letter(text.ptr[i]);
        digits |= is_digit(text.ptr[i]);
    }
    size_t from = out->len;
    if (!letters && digits_of(slice_trim(text)) >= 8 && put_moved(r, slice_trim(text), out))
        return;
    out->len = from;
    if (letters && !digits)
        put_words(r, text, out, put_text);
    else if (letters || !is_measure(text))
        put_id(r, text, out);
    else
        buf_put(out, text);
}

static size_t letters_of(struct slice text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += is_letter(text.ptr[i]);
    return n;
}

void redact_value_put(struct hl7_redaction *r, enum redact_act act, struct slice text, struct buf *out)
{
    switch (act) {
    case REDACT_NAME:
        put_words(r, text, out, put_name);
        break;
    case REDACT_SHORT:
        if (text.len <= 3 && letters_of(text) == text.len)
            buf_put(out, text);
        else
            put_words(r, text, out, put_name);
        break;
    case REDACT_ID:
        put_id(r, text, out);
        break;
    case REDACT_DATE:
        put_date(r, text, out);
        break;
    case REDACT_PHONE:
        put_phone(r, text, out);
        break;
    case REDACT_TEXT:
        if (is_measure(text))
            buf_put(out, text);
        else
            put_words(r, text, out, put_text);
        break;
    case REDACT_DATA:
        buf_text(out, "c3ludGhldGlj"); /* base64 of "synthetic" */
        break;
    default:
        put_unknown(r, text, out);
        break;
    }
}
