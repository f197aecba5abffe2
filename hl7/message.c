#include "hl7/message.h"

#include "base/limits.h"
#include "hl7/delimiters.h"
#include "hl7/line.h"
#include "hl7/message_parts.h"
#include "hl7/scan.h"

#include <string.h>

/* --- building the index ------------------------------------------------------------ */

enum {
    PACKED_MSH = HL7_PACK('M', 'S', 'H'),
    SHORT = 4096 /* bytes of a message that is not counted first: its arrays are taken as long as it is */
};

/* What parsing holds besides the message: how lines end, and the line in hand. */
struct building {
    struct hl7_message *m;
    struct error *err; /* NULL: what the bytes say may not count yet */
    size_t room;       /* for segments */
    bool lf_is_data;   /* the message uses CR */
    struct hl7_line_end *ends;
    struct hl7_counts n;
    uint32_t line, line_mark; /* start of the line, and its first mark */
};

static bool segment_open(struct building *b, uint32_t end, uint32_t marks)
{
    struct hl7_message *m = b->m;
    uint32_t first = b->line_mark, name_end = marks > first ? m->marks[first] : end;
    struct slice name = { m->wire.ptr + b->line, name_end - b->line };

    if (m->count == 1) /* it may be a stray line that holds an LF */
        name.len = slice_find(name, '\n');
    uint32_t packed = hl7_name_pack(name);
    if (m->count == b->room)
        return error_at(b->err, ERROR_LIMIT, "", "more segments than message-segments allows (%d)",
                        LIMIT_MESSAGE_SEGMENTS);
    if (m->count > 0 && packed == PACKED_MSH)
        return error_at(b->err, ERROR_SYNTAX, "MSH[2]", "a second message begins inside this one");
    m->segments[m->count++] = (struct hl7_segment){ b->line, end, first, marks - first, packed };
    return true;
}

/* The line from b->line to `end` is complete; `marks` separators stand before its end. */
static bool line_close(struct building *b, uint32_t end, uint32_t marks)
{
    struct hl7_message *m = b->m;
    struct slice line = { m->wire.ptr + b->line, end - b->line };

    if (line.len == 0)
        return true;
    /* After MSH a stray line stands alone: it must not reach into the header's last field. */
    if (m->count <= 1 || hl7_line_is_segment(line, m->delimiters.field)) {
        if (!segment_open(b, end, marks))
            return false;
    } else {
        struct hl7_segment *last = &m->segments[m->count - 1];
        last->end = end;
        last->fields = marks - last->first;
    }
    if (m->segments[m->count - 1].fields > LIMIT_FIELDS) {
        char place[HL7_PLACE];
        return error_at(b->err, ERROR_LIMIT, hl7_place(m, m->count - 1, 0, 0, place),
                        "more fields than fields allows (%d)", LIMIT_FIELDS);
    }
    return true;
}

/* Of "OBX|", its first byte highest: is it a capital, then capitals or digits? All bytes at once: a bit 7 is
 * carried into where a byte is not below a bound. */
static bool word_is_name(uint32_t word)
{
    uint32_t name = word >> 8;
    uint32_t upper = (name + 0x3F3F3F) & ~(name + 0x252525), digit = (name + 0x505050) & ~(name + 0x464646);

    return ((upper | (digit & 0x008080)) & ~name & 0x808080) == 0x808080;
}

/* What nearly every line is: a segment that nothing speaks against, past the header and the line after it.
 * False, and nothing done, when it is not seen at a glance. */
static inline bool line_is_plain(const struct building *b, uint32_t line, uint32_t first, uint32_t fields,
                                 uint32_t *packed)
{
    const struct hl7_message *m = b->m;

    if (m->count < 2 || m->count >= b->room || fields == 0 || fields > LIMIT_FIELDS ||
        m->marks[first] != line + 3)
        return false;
    const unsigned char *p = (const unsigned char *)m->wire.ptr + line;
    uint32_t word = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    *packed = 1U << 24 | word >> 8;
    return word_is_name(word) && *packed != PACKED_MSH;
}

/* Makes segments of the lines. An LF that is data ends none. */
static bool lines_close(struct building *b)
{
    struct hl7_message *m = b->m;
    const char *scan = m->scan;
    uint32_t line = 0, first = 0, len = (uint32_t)m->wire.len, packed;

    for (const struct hl7_line_end *e = b->ends;; e++) {
        uint32_t at = e->at, marks = e->fields;
        if (b->lf_is_data && at != len && at != line && scan[at] == '\n')
            continue;
        if (line_is_plain(b, line, first, marks - first, &packed)) {
            m->segments[m->count++] = (struct hl7_segment){ line, at, first, marks - first, packed };
        } else {
            b->line = line;
            b->line_mark = first;
            if (!line_close(b, at, marks))
                return false;
        }
        if (at == len)
            return true;
        line = at + 1;
        first = marks;
    }
}

/* The first bytes of UTF-16 and UTF-32, with and without a byte order mark. */
static bool is_wide(struct slice wire)
{
    return slice_starts(wire, SLICE("\xFF\xFE")) || slice_starts(wire, SLICE("\xFE\xFF")) ||
           slice_starts(wire, SLICE("M\0S\0")) || slice_starts(wire, SLICE("\0M\0S")) ||
           slice_starts(wire, SLICE("M\0\0\0")) || slice_starts(wire, SLICE("\0\0\0M")) ||
           slice_starts(wire, SLICE("\0\0\xFE\xFF"));
}

static bool header_check(struct slice wire, struct hl7_delimiters *out, struct error *err)
{
    if (hl7_name_pack(slice_sub(wire, 0, 3)) == PACKED_MSH) {
        if (wire.len >= UINT32_MAX)
            return error_at(err, ERROR_LIMIT, "", "longer than message-bytes can be (4 GB)");
        return hl7_delimiters_read(wire, "MSH-2", out, err);
    }
    if (slice_starts(wire, SLICE("FHS")) || slice_starts(wire, SLICE("BHS")))
        return error_at(err, ERROR_UNSUPPORTED, "", "a batch where one message is expected");
    if (is_wide(wire)) {
        error_at(err, ERROR_UNSUPPORTED, "MSH",
                 "the bytes are UTF-16 or UTF-32, which HL7 v2 over bytes cannot be");
        error_hint(err, "send UTF-8 (MSH-18 UNICODE UTF-8)");
        return false;
    }
    return error_at(err, ERROR_SYNTAX, "MSH", "the message does not begin with MSH");
}

/* Finds all fields and line ends in the bytes of b->m->scan. */
static void marks_find(struct building *b)
{
    struct slice scan = { b->m->scan, b->m->wire.len };

    b->n = hl7_scan(scan, b->m->delimiters.field, b->m->marks, b->ends);
}

/* --- the character set ------------------------------------------------------------- */

/* MSH-18 of bytes in which delimiters are looked for. */
static struct slice declared_find(struct slice msh, char field)
{
    for (int i = 1; i < 18 && msh.len > 0; i++)
        slice_cut(&msh, field);
    return slice_cut(&msh, field);
}

static void mask_make(struct hl7_message *m, const struct hl7_reading *how)
{
    char *mask = arena_alloc(m->arena, m->wire.len);

    hl7_charset_mask(how, m->delimiters.escape, m->wire, mask);
    m->scan = mask;
}

/* When a character before MSH-18 hides a separator, what seems to be MSH-18 is another field. Each set that
 * hides some is tried: the one that MSH-18 names when MSH is read with it is the one. */
static bool reading_guess(struct hl7_message *m, const struct hl7_charset_choice *choice)
{
    static const char *const SETS[] = { "GB 18030-2000", "BIG-5", "ISO IR87", "SHIFT_JIS" };
    const struct hl7_reading pairs = { .hiding = HL7_HIDES_GB18030 },
                             switched = { .hiding = HL7_HIDES_ISO_2022 };
    struct slice msh = hl7_segment_raw(m, 0);

    if (!hl7_charset_hides(&pairs, msh) && !hl7_charset_hides(&switched, msh))
        return false;
    char *mask = arena_alloc(m->arena, msh.len + 1);
    for (size_t i = 0; i < sizeof SETS / sizeof *SETS; i++) {
        struct hl7_reading as = hl7_reading_find(slice_of(SETS[i]), 0, choice);
        if (!hl7_charset_hides(&as, msh))
            continue;
        hl7_charset_mask(&as, m->delimiters.escape, msh, mask);
        struct slice declared = declared_find((struct slice){ mask, msh.len }, m->delimiters.field);
        struct hl7_reading said = hl7_reading_find(declared, m->delimiters.repetition, choice);
        if (declared.len > 0 && said.hiding == as.hiding && said.iconv_name == as.iconv_name) {
            m->reading = said;
            return true;
        }
    }
    return false;
}

/* Reads MSH-18. True when delimiters may be hidden in characters: then m->scan is a mask. */
static bool reading_choose(struct hl7_message *m, const struct hl7_charset_choice *choice)
{
    struct slice declared = { NULL, 0 };

    hl7_get(m, 0, 18, 0, 0, 0, &declared);
    m->reading = hl7_reading_find(declared, m->delimiters.repetition, choice);
    if ((m->reading.unknown || declared.len == 0) && !reading_guess(m, choice))
        return false;
    if (m->reading.hiding == HL7_HIDES_NOTHING || !hl7_charset_hides(&m->reading, m->wire))
        return false;
    mask_make(m, &m->reading);
    return true;
}

/* Makes the segments; all of it once more in a mask when one is needed, because what the bytes say without
 * it, an error too, does not count then; and once more when there is an error, to say it. */
static bool segments_make(struct building *b, const struct hl7_charset_choice *choice, struct error *err)
{
    bool ok = lines_close(b);
    bool masked = reading_choose(b->m, choice);

    if (ok && !masked)
        return true;
    b->m->count = 0;
    if (masked)
        marks_find(b); /* no more than before */
    b->err = err;
    return lines_close(b);
}

/* From the fields and line ends that were found to the message. */
static struct hl7_message *parse(struct building *b, struct slice with_ends,
                                 const struct hl7_charset_choice *choice, struct error *err)
{
    struct hl7_message *m = b->m;

    b->lf_is_data = b->n.ends > 0 && hl7_lf_is_data(with_ends, b->ends[0].at, m->delimiters.field);
    b->room = b->n.ends < LIMIT_MESSAGE_SEGMENTS ? b->n.ends + 1 : LIMIT_MESSAGE_SEGMENTS;
    m->segments = arena_raw(m->arena, b->room * sizeof *m->segments);
    if (!segments_make(b, choice, err))
        return NULL;
    hl7_names_index(m);
    return m;
}

static size_t marks_bytes(size_t fields)
{
    return (fields + HL7_SCAN_SLACK) * sizeof(uint32_t);
}

/* Not counted: room for as many separators as bytes, of which what is left over is given back. */
static struct hl7_message *parse_short(struct hl7_message *m, struct slice with_ends,
                                       const struct hl7_charset_choice *choice, struct error *err)
{
    struct hl7_line_end ends[SHORT + 1 + HL7_SCAN_SLACK];
    struct building b = { .m = m, .ends = ends };

    m->marks = arena_raw(m->arena, marks_bytes(m->wire.len));
    marks_find(&b);
    arena_cut(m->arena, m->marks, marks_bytes(m->wire.len), marks_bytes(b.n.fields));
    return parse(&b, with_ends, choice, err);
}

static struct hl7_message *parse_long(struct hl7_message *m, struct slice with_ends,
                                      const struct hl7_charset_choice *choice, struct error *err)
{
    struct hl7_counts n = hl7_scan_count(m->wire, m->delimiters.field);
    struct building b = { .m = m };

    m->marks = arena_raw(m->arena, marks_bytes(n.fields));
    b.ends = arena_raw(m->arena, (n.ends + 1 + HL7_SCAN_SLACK) * sizeof *b.ends);
    marks_find(&b);
    return parse(&b, with_ends, choice, err);
}

struct hl7_message *hl7_message_parse_as(struct arena *arena, struct slice wire,
                                         const struct hl7_charset_choice *charset, struct error *err)
{
    struct slice with_ends = hl7_front_strip(wire);
    struct hl7_delimiters d;

    wire = hl7_back_strip(with_ends);
    if (!header_check(wire, &d, err))
        return NULL;
    struct whole {
        struct hl7_message m;
        struct hl7_cursors cursors;
    } *whole = arena_alloc(arena, sizeof *whole);
    struct hl7_message *m = &whole->m;
    m->arena = arena;
    m->wire = wire;
    m->scan = wire.ptr;
    m->delimiters = d;
    m->cursors = &whole->cursors;
    return (wire.len <= SHORT ? parse_short : parse_long)(m, with_ends, charset, err);
}

struct hl7_message *hl7_message_parse(struct arena *arena, struct slice wire, struct error *err)
{
    return hl7_message_parse_as(arena, wire, NULL, err);
}
