#include "hl7/message.h"

#include "base/limits.h"
#include "hl7/delimiters.h"
#include "hl7/message_parts.h"
#include "hl7/scan.h"

#include <string.h>

/* --- building the index ------------------------------------------------------------ */

enum { PACKED_MSH = HL7_PACK('M', 'S', 'H') };

/* What parsing holds besides the message: how lines end, and the line in hand. */
struct building {
    struct hl7_message *m;
    struct error *err;
    size_t room;     /* for segments */
    bool lf_is_data; /* the message uses CR */
    struct hl7_line_end *ends;
    uint32_t line, line_mark; /* start of the line, and its first mark */
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_alnum(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* "OBX|...", or three capitals alone on a line. */
static bool line_is_segment(struct slice line, char field)
{
    if (line.len < 3 || !is_letter(line.ptr[0]) || !is_alnum(line.ptr[1]) || !is_alnum(line.ptr[2]))
        return false;
    return line.len == 3 ? is_upper(line.ptr[0]) : line.ptr[3] == field;
}

/* A message that uses CR keeps LF as data. Files are mostly LF, and some mix both: there an LF that is
 * followed by a segment ends one. */
static bool lf_is_data(struct slice wire, char field)
{
    size_t cr = slice_find(wire, '\r'), lf = slice_find(slice_sub(wire, 0, cr), '\n');

    if (cr == wire.len || lf == cr)
        return cr < wire.len;
    struct slice next = slice_sub(wire, lf + 1, SIZE_MAX);
    while (next.len > 0 && (next.ptr[0] == '\n' || next.ptr[0] == '\r'))
        next = slice_sub(next, 1, SIZE_MAX);
    size_t end = 0;
    while (end < next.len && end < 4 && next.ptr[end] != '\n' && next.ptr[end] != '\r')
        end++;
    return !line_is_segment(slice_sub(next, 0, end), field);
}

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
    if (m->count <= 1 || line_is_segment(line, m->delimiters.field)) {
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

/* Makes segments of the lines. An LF that is data ends none. */
static bool lines_close(struct building *b, const struct hl7_line_end *ends)
{
    const char *scan = b->m->scan;

    for (size_t i = 0;; i++) {
        uint32_t at = ends[i].at;
        bool last = at == b->m->wire.len;
        if (b->lf_is_data && !last && at != b->line && scan[at] == '\n')
            continue;
        if (!line_close(b, at, ends[i].fields))
            return false;
        if (last)
            return true;
        b->line = at + 1;
        b->line_mark = ends[i].fields;
    }
}

/* Without byte order mark and blank lines before. */
static struct slice front_strip(struct slice wire)
{
    if (slice_starts(wire, SLICE("\xEF\xBB\xBF")))
        wire = slice_sub(wire, 3, SIZE_MAX);
    while (wire.len > 0 && (wire.ptr[0] == '\r' || wire.ptr[0] == '\n'))
        wire = slice_sub(wire, 1, SIZE_MAX);
    return wire;
}

/* Without line ends behind. */
static struct slice back_strip(struct slice wire)
{
    while (wire.len > 0 && (wire.ptr[wire.len - 1] == '\r' || wire.ptr[wire.len - 1] == '\n'))
        wire.len--;
    return wire;
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

/* Finds all segments and fields in the bytes of b->m->scan. */
static bool index_make(struct building *b)
{
    struct hl7_message *m = b->m;
    struct slice scan = { m->scan, m->wire.len };

    m->count = 0;
    b->line = b->line_mark = 0;
    hl7_scan(scan, m->delimiters.field, m->marks, b->ends);
    return lines_close(b, b->ends);
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
    if (!hl7_charset_hides(&m->reading, m->wire))
        return false;
    mask_make(m, &m->reading);
    return true;
}

/* What the bytes say without a mask, an error too, does not count when it turns out that one is needed. */
static bool parse(struct building *b, const struct hl7_charset_choice *choice, struct error *err)
{
    struct error unmasked = { 0 };

    b->err = &unmasked;
    bool ok = index_make(b);
    b->err = err;
    if (reading_choose(b->m, choice))
        return index_make(b);
    if (!ok && err != NULL && err->code == ERROR_NONE)
        *err = unmasked;
    return ok;
}

struct hl7_message *hl7_message_parse_as(struct arena *arena, struct slice wire,
                                         const struct hl7_charset_choice *charset, struct error *err)
{
    struct hl7_delimiters d;

    struct slice with_ends = front_strip(wire);
    wire = back_strip(with_ends);
    if (!header_check(wire, &d, err))
        return NULL;
    struct hl7_counts n = hl7_scan_count(wire, d.field);
    struct whole {
        struct hl7_message m;
        struct hl7_cursors cursors;
    } *whole = arena_alloc(arena, sizeof *whole);
    struct hl7_message *m = &whole->m;
    struct building b = { .m = m, .lf_is_data = n.ends > 0 && lf_is_data(with_ends, d.field) };
    b.room = n.ends < LIMIT_MESSAGE_SEGMENTS ? n.ends + 1 : LIMIT_MESSAGE_SEGMENTS;
    *m = (struct hl7_message){ .arena = arena, .wire = wire, .scan = wire.ptr, .delimiters = d };
    m->cursors = &whole->cursors;
    m->marks = arena_array(arena, n.fields + HL7_SCAN_SLACK, sizeof *m->marks);
    m->segments = arena_array(arena, b.room, sizeof *m->segments);
    b.ends = arena_array(arena, n.ends + 1 + HL7_SCAN_SLACK, sizeof *b.ends);
    if (!parse(&b, charset, err))
        return NULL;
    hl7_names_index(m);
    return m;
}

struct hl7_message *hl7_message_parse(struct arena *arena, struct slice wire, struct error *err)
{
    return hl7_message_parse_as(arena, wire, NULL, err);
}
