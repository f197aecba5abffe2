#include "hl7/message.h"

#include "base/limits.h"
#include "hl7/charset.h"
#include "hl7/delimiters.h"
#include "hl7/escape.h"
#include "hl7/scan.h"

#include <stdio.h>
#include <string.h>

struct segment {
    uint32_t start, end;    /* bytes of the wire, without the line end */
    uint32_t first, fields; /* its field separators: marks[first .. first + fields) */
    uint32_t name;          /* packed, 0 when it is not three bytes long */
};

struct hl7_message {
    struct arena *arena;
    struct slice wire;
    struct hl7_delimiters delimiters;
    enum hl7_charset charset;
    const char *iconv_name;
    uint32_t *marks; /* offsets of the field separators, in order */
    struct segment *segments;
    size_t count;
};

/* --- building the index ------------------------------------------------------------------------- */

/* What parsing holds besides the message: how lines end, and the line in hand. */
struct building {
    struct hl7_message *m;
    struct error *err;
    size_t room;              /* for segments */
    bool lf_is_data;          /* the message uses CR */
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

static bool is_code(char c)
{
    return is_upper(c) || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_letter(c) || is_code(c);
}

static uint32_t name_pack(struct slice name)
{
    const unsigned char *p = (const unsigned char *)name.ptr;

    return name.len == 3 ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
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
    size_t lf = slice_find(wire, '\n'), cr = slice_find(wire, '\r');

    if (cr == wire.len || cr < lf)
        return cr < lf;
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
    const char *at = m->wire.ptr + b->line;
    uint32_t first = b->line_mark, name_end = marks > first ? m->marks[first] : end;
    uint32_t name = name_pack((struct slice){ at, name_end - b->line });

    if (m->count == b->room)
        return error_at(b->err, ERROR_LIMIT, "", "more segments than message-segments allows (%d)",
                        LIMIT_MESSAGE_SEGMENTS);
    if (m->count > 0 && name == name_pack(SLICE("MSH")))
        return error_at(b->err, ERROR_SYNTAX, "MSH[2]", "a second message begins inside this one");
    m->segments[m->count++] = (struct segment){ b->line, end, first, marks - first, name };
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
        struct segment *last = &m->segments[m->count - 1];
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

static bool line_end(void *ctx, uint32_t at, uint32_t marks)
{
    struct building *b = ctx;

    if (b->lf_is_data && at != b->line && at < b->m->wire.len && b->m->wire.ptr[at] == '\n')
        return true;
    if (!line_close(b, at, marks))
        return false;
    b->line = at + 1;
    b->line_mark = marks;
    return true;
}

/* Without byte order mark, blank lines before and line ends behind. */
static struct slice wire_strip(struct slice wire)
{
    if (slice_starts(wire, SLICE("\xEF\xBB\xBF")))
        wire = slice_sub(wire, 3, SIZE_MAX);
    while (wire.len > 0 && (wire.ptr[0] == '\r' || wire.ptr[0] == '\n'))
        wire = slice_sub(wire, 1, SIZE_MAX);
    while (wire.len > 0 && (wire.ptr[wire.len - 1] == '\r' || wire.ptr[wire.len - 1] == '\n'))
        wire.len--;
    return wire;
}

static bool header_check(struct slice wire, struct hl7_delimiters *out, struct error *err)
{
    if (slice_starts(wire, SLICE("FHS")) || slice_starts(wire, SLICE("BHS"))) {
        error_at(err, ERROR_UNSUPPORTED, "", "a batch where one message is expected");
        return false;
    }
    if (!slice_starts(wire, SLICE("MSH")))
        return error_at(err, ERROR_SYNTAX, "MSH", "the message does not begin with MSH");
    if (wire.len >= UINT32_MAX)
        return error_at(err, ERROR_LIMIT, "", "longer than message-bytes can be (4 GB)");
    return hl7_delimiters_read(wire, "MSH-2", out, err);
}

struct hl7_message *hl7_message_parse(struct arena *arena, struct slice wire, struct error *err)
{
    struct hl7_delimiters d;

    wire = wire_strip(wire);
    if (!header_check(wire, &d, err))
        return NULL;
    struct hl7_counts n = hl7_scan_count(wire, d.field);
    struct hl7_message *m = arena_alloc(arena, sizeof *m);
    struct building b = { .m = m, .err = err, .lf_is_data = n.ends > 0 && lf_is_data(wire, d.field) };
    b.room = n.ends < LIMIT_MESSAGE_SEGMENTS ? n.ends + 1 : LIMIT_MESSAGE_SEGMENTS;
    *m = (struct hl7_message){ .arena = arena, .wire = wire, .delimiters = d };
    m->marks = arena_array(arena, n.fields + HL7_SCAN_SLACK, sizeof *m->marks);
    m->segments = arena_array(arena, b.room, sizeof *m->segments);
    if (!hl7_scan(wire, d.field, m->marks, line_end, &b))
        return NULL;
    struct slice charset = { NULL, 0 };
    hl7_get(m, 0, 18, 1, 1, 0, &charset);
    m->charset = hl7_charset_find(charset, &m->iconv_name);
    return m;
}

/* --- reading -------------------------------------------------------------------------------------- */

struct arena *hl7_message_arena(const struct hl7_message *m)
{
    return m->arena;
}

struct slice hl7_message_wire(const struct hl7_message *m)
{
    return m->wire;
}

const struct hl7_delimiters *hl7_message_delimiters(const struct hl7_message *m)
{
    return &m->delimiters;
}

enum hl7_charset hl7_message_charset(const struct hl7_message *m)
{
    return m->charset;
}

size_t hl7_message_segments(const struct hl7_message *m)
{
    return m->count;
}

struct slice hl7_segment_raw(const struct hl7_message *m, size_t index)
{
    if (index >= m->count)
        return (struct slice){ NULL, 0 };
    const struct segment *s = &m->segments[index];
    return (struct slice){ m->wire.ptr + s->start, s->end - s->start };
}

struct slice hl7_segment_name(const struct hl7_message *m, size_t index)
{
    struct slice raw = hl7_segment_raw(m, index);

    if (raw.len > 0 && m->segments[index].fields > 0)
        raw.len = m->marks[m->segments[index].first] - m->segments[index].start;
    return raw;
}

uint32_t hl7_segment_fields(const struct hl7_message *m, size_t index)
{
    if (index >= m->count)
        return 0;
    return m->segments[index].fields + (index == 0);
}

size_t hl7_segment_next(const struct hl7_message *m, struct slice name, size_t from_index)
{
    uint32_t wanted = name_pack(name);

    for (size_t i = from_index; wanted != 0 && i < m->count; i++)
        if (m->segments[i].name == wanted)
            return i;
    return HL7_NONE;
}

size_t hl7_segment_find(const struct hl7_message *m, struct slice name, size_t occurrence)
{
    size_t at = occurrence > 0 ? hl7_segment_next(m, name, 0) : HL7_NONE;

    for (; at != HL7_NONE && occurrence > 1; occurrence--)
        at = hl7_segment_next(m, name, at + 1);
    return at;
}

size_t hl7_segment_occurrence(const struct hl7_message *m, size_t index)
{
    size_t n = 0;

    for (size_t i = 0; i < m->count && i <= index; i++)
        n += m->segments[i].name == m->segments[index < m->count ? index : i].name;
    return index < m->count ? n : 0;
}

/* The n-th (1-based) part of *s between separators; a separator of 0 does not exist. */
static bool part_take(struct slice *s, char separator, uint32_t n)
{
    const char *at = s->ptr, *end = s->ptr + s->len;

    if (separator == 0)
        return n == 1;
    for (;;) {
        const char *hit = at < end ? memchr(at, separator, (size_t)(end - at)) : NULL;
        if (--n == 0) {
            *s = (struct slice){ at, (size_t)((hit != NULL ? hit : end) - at) };
            return true;
        }
        if (hit == NULL)
            return false;
        at = hit + 1;
    }
}

/* The whole field. MSH-1 is the separator itself, so MSH counts one further than the others. */
static bool field_take(const struct hl7_message *m, size_t index, uint32_t field, struct slice *out)
{
    if (index >= m->count || field == 0 || field > hl7_segment_fields(m, index))
        return false;
    const struct segment *s = &m->segments[index];
    if (index == 0 && field == 1) {
        *out = (struct slice){ m->wire.ptr + s->start + 3, 1 };
        return true;
    }
    const uint32_t *mark = &m->marks[s->first + field - 1 - (index == 0)];
    uint32_t end = mark + 1 < &m->marks[s->first + s->fields] ? mark[1] : s->end;
    *out = (struct slice){ m->wire.ptr + mark[0] + 1, end - mark[0] - 1 };
    return true;
}

static enum hl7_presence presence_of(struct slice value)
{
    if (value.len == 0)
        return HL7_EMPTY;
    return value.len == 2 && value.ptr[0] == '"' && value.ptr[1] == '"' ? HL7_NULL : HL7_VALUE;
}

enum hl7_presence hl7_get(const struct hl7_message *m, size_t segment_index, uint32_t field,
                          uint32_t repetition, uint32_t component, uint32_t sub, struct slice *raw)
{
    struct hl7_delimiters d = m->delimiters;
    struct slice value;

    if (raw != NULL)
        *raw = (struct slice){ NULL, 0 };
    if (!field_take(m, segment_index, field, &value))
        return HL7_ABSENT;
    if (segment_index == 0 && field <= 2) /* delimiters are not separated by themselves */
        d = (struct hl7_delimiters){ 0 };
    if (component == 0 && sub > 1) /* a sub-component of a whole field means nothing */
        return HL7_ABSENT;
    if ((repetition != 0 && !part_take(&value, d.repetition, repetition)) ||
        (component != 0 && !part_take(&value, d.component, component)) ||
        (component != 0 && sub != 0 && !part_take(&value, d.subcomponent, sub)))
        return HL7_ABSENT;
    enum hl7_presence presence = presence_of(value);
    if (raw != NULL && presence >= HL7_NULL)
        *raw = value;
    return presence;
}

uint32_t hl7_repetitions(const struct hl7_message *m, size_t segment_index, uint32_t field)
{
    struct slice value;
    uint32_t n = 1;

    if (!field_take(m, segment_index, field, &value) || value.len == 0)
        return 0;
    if (m->delimiters.repetition == 0 || (segment_index == 0 && field <= 2))
        return 1;
    for (size_t i = 0; i < value.len; i++)
        n += value.ptr[i] == m->delimiters.repetition;
    return n;
}

struct slice hl7_text(const struct hl7_message *m, struct arena *arena, struct slice raw)
{
    if (presence_of(raw) != HL7_VALUE)
        return (struct slice){ NULL, 0 };
    return hl7_charset_text(arena, m->charset, m->iconv_name, hl7_unescape(arena, &m->delimiters, raw));
}

struct slice hl7_value(const struct hl7_message *m, struct arena *arena, size_t segment_index, uint32_t field,
                       uint32_t repetition, uint32_t component, uint32_t sub)
{
    struct slice raw;

    hl7_get(m, segment_index, field, repetition, component, sub, &raw);
    /* MSH-2 is not text: its escape character opens nothing. */
    return segment_index == 0 && field <= 2 ? raw : hl7_text(m, arena, raw);
}

/* --- places --------------------------------------------------------------------------------------- */

const char *hl7_place(const struct hl7_message *m, size_t segment_index, uint32_t field, uint32_t component,
                      char out[HL7_PLACE])
{
    struct slice name = hl7_segment_name(m, segment_index);
    size_t occurrence = hl7_segment_occurrence(m, segment_index);
    int at;

    out[0] = 0;
    if (occurrence == 0)
        return out;
    /* A line that is no segment may begin with anything: its bytes are not shown. */
    if (name.len != 3 || !is_upper(name.ptr[0]) || !is_code(name.ptr[1]) || !is_code(name.ptr[2]))
        at = snprintf(out, HL7_PLACE, "segment %zu", segment_index + 1);
    else if (occurrence == 1 && hl7_segment_next(m, name, segment_index + 1) == HL7_NONE)
        at = snprintf(out, HL7_PLACE, "%.3s", name.ptr);
    else
        at = snprintf(out, HL7_PLACE, "%.3s[%zu]", name.ptr, occurrence);
    if (field > 0)
        at += snprintf(out + at, HL7_PLACE - (size_t)at, "-%u", field);
    if (field > 0 && component > 0)
        snprintf(out + at, HL7_PLACE - (size_t)at, ".%u", component);
    return out;
}
