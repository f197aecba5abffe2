/* Switches of the character set within a value: ISO 2022 escape sequences (ISO/IEC 2022, RFC 1468, RFC 1554,
 * RFC 1922), as MSH-18 allows them when it names several sets. ESC ( and ESC $ choose what bytes below 0x80
 * mean (G0), ESC ) - $) what bytes above mean (G1); SO and SI lay G1 over the bytes below. */
#include "hl7/charset.h"

#include <string.h>

enum { ESC = 0x1B, SO = 0x0E, SI = 0x0F, LOW = 0x21, HIGH = 0x7E, LAST_ROW = 0x74, LAST_KANA = 0x5F };

enum kind {
    G0_ASCII, /* Japanese romaji too: its yen and overline are written as the delimiters they stand for */
    G0_KANA,  /* one byte a character */
    G0_PAIRS, /* two bytes a character; with the high bits set they are EUC */
    G0_PAIRS_THIRD, /* the same after SS3 (EUC-JP's code set 3) */
    G1
};

static const struct designation {
    const char *sequence; /* behind ESC */
    const char *iconv_name;
    enum kind kind;
} DESIGNATIONS[] = {
    { "(B", NULL, G0_ASCII },
    { "(J", NULL, G0_ASCII },
    { "(I", "CP932", G0_KANA },
    { "$@", "EUC-JP", G0_PAIRS },
    { "$B", "EUC-JP", G0_PAIRS },
    { "$(B", "EUC-JP", G0_PAIRS },
    { "$(D", "EUC-JP", G0_PAIRS_THIRD },
    { "$A", "EUC-CN", G0_PAIRS },
    { "$(C", "EUC-KR", G0_PAIRS },
    { ")I", "CP932", G1 },
    { "$)A", "EUC-CN", G1 },
    { "$)B", "EUC-JP", G1 },
    { "$)C", "EUC-KR", G1 },
    { "$)G", "EUC-TW", G1 },
    { "-A", "ISO-8859-1", G1 },
    { "-B", "ISO-8859-2", G1 },
    { "-C", "ISO-8859-3", G1 },
    { "-D", "ISO-8859-4", G1 },
    { "-L", "ISO-8859-5", G1 },
    { "-G", "ISO-8859-6", G1 },
    { "-F", "ISO-8859-7", G1 },
    { "-H", "ISO-8859-8", G1 },
    { "-M", "ISO-8859-9", G1 },
    { "-T", "TIS-620", G1 },
    { "-b", "ISO-8859-15", G1 },
};

static const struct designation *designation_find(struct slice sequence)
{
    for (size_t i = 0; i < sizeof DESIGNATIONS / sizeof *DESIGNATIONS; i++)
        if (slice_starts(sequence, slice_of(DESIGNATIONS[i].sequence)))
            return &DESIGNATIONS[i];
    return NULL;
}

size_t hl7_iso2022_length(struct slice sequence)
{
    const struct designation *d = designation_find(sequence);

    return d != NULL ? strlen(d->sequence) : 0;
}

/* --- to UTF-8 ---------------------------------------------------------------------- */

struct decoding {
    struct buf *out;
    const struct hl7_reading *how;
    const struct designation *g0, *g1; /* NULL: as every value begins */
    bool shifted;                      /* by SO */
};

static bool is_graphic(char c)
{
    return c >= LOW && c <= HIGH;
}

static bool is_high(char c)
{
    return (unsigned char)c >= 0x80;
}

/* Sets the high bits, and SS3 before each pair of JIS X 0212. */
static bool put_raised(struct buf *out, const struct designation *d, struct slice low)
{
    struct buf raised = buf_make(low.len * 2 + 16);

    for (size_t i = 0; i < low.len; i++) {
        if (d->kind == G0_PAIRS_THIRD && i % 2 == 0)
            buf_u8(&raised, 0x8F);
        buf_u8(&raised, (uint8_t)((unsigned char)low.ptr[i] | 0x80));
    }
    bool ok = hl7_iconv_put(out, d->iconv_name, buf_slice(&raised));
    buf_free(&raised);
    return ok;
}

/* Takes the bytes at the start of *rest for which `belongs` is the same as for the first. */
static struct slice alike_take(struct slice *rest, bool (*belongs)(char))
{
    bool first = belongs(rest->ptr[0]);
    size_t n = 1;

    while (n < rest->len && belongs(rest->ptr[n]) == first)
        n++;
    struct slice taken = slice_sub(*rest, 0, n);
    *rest = slice_sub(*rest, n, SIZE_MAX);
    return taken;
}

static bool put_low(struct decoding *d, struct slice low)
{
    const struct designation *set = d->shifted ? d->g1 : d->g0;

    while (low.len > 0) {
        struct slice part = alike_take(&low, is_graphic);
        if (set == NULL || set->kind == G0_ASCII || !is_graphic(part.ptr[0]))
            buf_put(d->out, part);
        else if (!put_raised(d->out, set, part))
            return false;
    }
    return true;
}

/* Bytes without a switch among them. */
static bool put_run(struct decoding *d, struct slice run)
{
    bool begun = (d->g0 == NULL || d->g0->kind == G0_ASCII) && d->g1 == NULL && !d->shifted;

    if (begun) {
        hl7_reading_put(d->out, d->how, run);
        return true;
    }
    while (run.len > 0) {
        struct slice part = alike_take(&run, is_high);
        if (!is_high(part.ptr[0])) {
            if (!put_low(d, part))
                return false;
        } else if (d->g1 == NULL) {
            hl7_reading_put(d->out, d->how, part);
        } else if (!hl7_iconv_put(d->out, d->g1->iconv_name, part)) {
            return false;
        }
    }
    return true;
}

/* ESC and what follows it, SO or SI. */
static bool switch_take(struct decoding *d, struct slice *rest)
{
    char c = rest->ptr[0];
    const struct designation *to = NULL;

    *rest = slice_sub(*rest, 1, SIZE_MAX);
    if (c != ESC) {
        d->shifted = c == SO;
        return c != SO || d->g1 != NULL;
    }
    to = designation_find(*rest);
    if (to == NULL)
        return false;
    *(to->kind == G1 ? &d->g1 : &d->g0) = to;
    *rest = slice_sub(*rest, strlen(to->sequence), SIZE_MAX);
    return true;
}

static bool is_switch(char c)
{
    return c == ESC || c == SO || c == SI;
}

bool hl7_iso2022_put(struct buf *out, const struct hl7_reading *how, struct slice bytes)
{
    struct decoding d = { .out = out, .how = how };

    while (bytes.len > 0) {
        if (is_switch(bytes.ptr[0]) ? !switch_take(&d, &bytes) : !put_run(&d, alike_take(&bytes, is_switch)))
            return false;
    }
    return true;
}

/* --- masks ------------------------------------------------------------------------- */

struct masking {
    struct slice bytes;
    char escape; /* of the message; 0 when none is declared */
    char *mask;
    size_t at;
    enum kind g0;
    bool wide, shifted; /* G1 holds pairs; SO is on */
    size_t back, line;  /* the next \C28 and the next line end at or behind at; 0: not looked for yet */
};

/* Follows ESC at m->at. */
static void mask_switch(struct masking *m)
{
    const struct designation *d = designation_find(slice_sub(m->bytes, m->at + 1, SIZE_MAX));

    m->at++;
    if (d == NULL)
        return;
    if (d->kind == G1)
        m->wide = d->sequence[0] == '$';
    else
        m->g0 = d->kind;
    memset(m->mask + m->at, HL7_BLOT, strlen(d->sequence));
    m->at += strlen(d->sequence);
}

/* Offset of `what` at or behind m->at, or the end. Looked for again only when at has passed it: once for all
 * bytes. */
static size_t find_ahead(const struct masking *m, size_t known, struct slice what)
{
    if (known > m->at)
        return known;
    const char *hit = memmem(m->bytes.ptr + m->at, m->bytes.len - m->at, what.ptr, what.len);
    return hit != NULL ? (size_t)(hit - m->bytes.ptr) : m->bytes.len;
}

static size_t line_end_ahead(const struct masking *m, size_t known)
{
    while (known <= m->at ||
           (known < m->bytes.len && m->bytes.ptr[known] != '\r' && m->bytes.ptr[known] != '\n'))
        known = known <= m->at ? m->at + 1 : known + 1;
    return known;
}

/* \M2442\ at m->at, when the switch back, \C28..\, follows on the same line: what lies between are pairs.
 * Without it nothing is hidden, so that a sender who never switches back keeps his fields. */
static bool mask_spelled(struct masking *m)
{
    struct slice rest = slice_sub(m->bytes, m->at, SIZE_MAX);
    char back[4] = { m->escape, 'C', '2', '8' };
    size_t open = slice_find(slice_sub(rest, 1, 8), m->escape) + 2;

    if (m->escape == 0 || rest.ptr[0] != m->escape || !slice_starts(slice_sub(rest, 1, 3), SLICE("M24")) ||
        open > 8)
        return false;
    m->back = find_ahead(m, m->back, (struct slice){ back, sizeof back });
    m->line = line_end_ahead(m, m->line);
    size_t from = m->at + open;
    if (m->back >= m->line || m->back < from || (m->back - from) % 2 != 0)
        return false;
    memset(m->mask + from, HL7_BLOT, m->back - from);
    m->at = m->back;
    return true;
}

/* The bytes of one character at m->at: 0 when it is not of a set that hides any. */
static size_t mask_length(const struct masking *m)
{
    const char *at = m->bytes.ptr + m->at;
    bool pairs = m->shifted ? m->wide : m->g0 == G0_PAIRS || m->g0 == G0_PAIRS_THIRD;

    if (pairs)
        return m->bytes.len - m->at >= 2 && is_graphic(at[0]) && at[0] <= LAST_ROW && is_graphic(at[1]) ? 2
                                                                                                        : 0;
    return !m->shifted && m->g0 == G0_KANA && is_graphic(*at) && *at <= LAST_KANA ? 1 : 0;
}

/* A byte that no row begins with (| and ~ among them) ends a switch that the sender left open, as a line end
 * does: each value begins in the set of the message. */
void hl7_iso2022_mask(char escape, struct slice bytes, char *mask)
{
    struct masking m = { .bytes = bytes, .escape = escape, .mask = mask };

    while (m.at < bytes.len) {
        char c = bytes.ptr[m.at];
        size_t len = mask_length(&m);
        if (c == ESC) {
            mask_switch(&m);
        } else if (c == SO || c == SI) {
            m.shifted = c == SO;
            m.at++;
        } else if (len > 0) {
            memset(mask + m.at, HL7_BLOT, len);
            m.at += len;
        } else if (!mask_spelled(&m)) {
            if (!is_high(c) && c != ' ') {
                m.g0 = G0_ASCII;
                m.shifted = false;
            }
            m.at++;
        }
    }
}
