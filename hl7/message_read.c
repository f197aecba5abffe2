/* Reading a parsed message: fields, their parts, and their text. */
#include "hl7/escape.h"
#include "hl7/message_parts.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    LONG = 512, /* bytes of a value that is worth a cursor */
    LANE = 16,
    FAR = 128 /* bytes that memchr finds its way through sooner */
};

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
    return m->reading.charset;
}

const struct hl7_reading *hl7_message_reading(const struct hl7_message *m)
{
    return &m->reading;
}

size_t hl7_message_segments(const struct hl7_message *m)
{
    return m->count;
}

struct slice hl7_segment_raw(const struct hl7_message *m, size_t index)
{
    if (index >= m->count)
        return (struct slice){ NULL, 0 };
    const struct hl7_segment *s = &m->segments[index];
    return (struct slice){ m->wire.ptr + s->start, s->end - s->start };
}

struct slice hl7_segment_name(const struct hl7_message *m, size_t index)
{
    struct slice raw = hl7_segment_raw(m, index);

    if (raw.len == 0)
        return raw;
    if (m->segments[index].packed != 0)
        return slice_sub(raw, 0, 3);
    if (m->segments[index].fields > 0)
        raw.len = m->marks[m->segments[index].first] - m->segments[index].start;
    raw.len = slice_find(raw, '\r'); /* what was joined to a word alone is not of its name */
    raw.len = slice_find(raw, '\n');
    return raw;
}

uint32_t hl7_segment_fields(const struct hl7_message *m, size_t index)
{
    if (index >= m->count)
        return 0;
    return m->segments[index].fields + (index == 0);
}

/* --- parts ------------------------------------------------------------------------- */

#if defined(__SSE2__)
/* The first `separator` in [at, end), or `end`. Bytes up to `limit`, the end of the message, may be read: so
 * a short value, as most are, is looked through at once, and no function is called. */
static inline const char *separator_find(const char *at, const char *end, const char *limit, char separator)
{
    for (; at < end && limit - at >= LANE; at += LANE) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned hits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(separator)));
        const char *hit = at + __builtin_ctz(hits | 1U << LANE);
        if (hits != 0 || hit >= end)
            return hit < end ? hit : end;
        if (end - at >= FAR)
            break;
    }
    const char *hit = at < end ? memchr(at, separator, (size_t)(end - at)) : NULL;
    return hit != NULL ? hit : end;
}
#else
static inline const char *separator_find(const char *at, const char *end, const char *limit, char separator)
{
    const char *hit = at < end ? memchr(at, separator, (size_t)(end - at)) : NULL;

    (void)limit;
    return hit != NULL ? hit : end;
}
#endif

/* The n-th (1-based) part of *s between separators; a separator of 0 does not exist. In a long value the
 * cursor stays where the part was found: who asks for each in turn reads the value once. */
static inline bool part_take(struct slice *s, const char *limit, char separator, uint32_t n,
                             struct hl7_cursor *cursor)
{
    const char *at = s->ptr, *end = s->ptr + s->len;
    uint32_t left = n;

    if (separator == 0)
        return n == 1;
    if (s->len >= LONG && cursor->value == s->ptr && cursor->len == s->len && cursor->n <= n) {
        at += cursor->at;
        left -= cursor->n - 1;
        if (left == 1) {
            *s = (struct slice){ at, cursor->part_len };
            return true;
        }
    }
    for (;;) {
        const char *hit = separator_find(at, end, limit, separator);
        if (--left == 0) {
            struct slice part = { at, (size_t)(hit - at) };
            if (s->len >= LONG)
                *cursor = (struct hl7_cursor){ s->ptr, s->len, (size_t)(at - s->ptr), part.len, n };
            *s = part;
            return true;
        }
        if (hit == end)
            return false;
        at = hit + 1;
    }
}

/* The whole field, in the bytes where delimiters are looked for. MSH-1 is the separator itself, so MSH counts
 * one further than the others. */
static inline bool field_take(const struct hl7_message *m, size_t index, uint32_t field, struct slice *out)
{
    if (index >= m->count)
        return false;
    const struct hl7_segment *s = &m->segments[index];
    if (index == 0 && field-- == 1) {
        *out = (struct slice){ m->scan + s->start + 3, 1 };
        return true;
    }
    if (field == 0 || field > s->fields)
        return false;
    const uint32_t *mark = &m->marks[s->first + field - 1];
    uint32_t end = field < s->fields ? mark[1] : s->end;
    *out = (struct slice){ m->scan + mark[0] + 1, end - mark[0] - 1 };
    return true;
}

static enum hl7_presence presence_of(struct slice value)
{
    if (value.len == 0)
        return HL7_EMPTY;
    return value.len == 2 && value.ptr[0] == '"' && value.ptr[1] == '"' ? HL7_NULL : HL7_VALUE;
}

static bool parts_take(const struct hl7_message *m, uint32_t repetition, uint32_t component, uint32_t sub,
                       struct slice *value)
{
    const struct hl7_delimiters *d = &m->delimiters;
    const char *limit = m->scan + m->wire.len;
    struct hl7_cursors *c = m->cursors;

    return (repetition == 0 || part_take(value, limit, d->repetition, repetition, &c->repetition)) &&
           (component == 0 || (part_take(value, limit, d->component, component, &c->component) &&
                               (sub == 0 || part_take(value, limit, d->subcomponent, sub, &c->sub))));
}

enum hl7_presence hl7_get(const struct hl7_message *m, size_t segment_index, uint32_t field,
                          uint32_t repetition, uint32_t component, uint32_t sub, struct slice *raw)
{
    struct slice value;

    if (raw != NULL)
        *raw = (struct slice){ NULL, 0 };
    if (!field_take(m, segment_index, field, &value))
        return HL7_ABSENT;
    if (component == 0 && sub > 1) /* a sub-component of a whole field means nothing */
        return HL7_ABSENT;
    if (segment_index == 0 && field <= 2) { /* delimiters are not separated by themselves */
        if (repetition > 1 || component > 1 || sub > 1)
            return HL7_ABSENT;
    } else if (!parts_take(m, repetition, component, sub, &value)) {
        return HL7_ABSENT;
    }
    enum hl7_presence presence = presence_of(value);
    if (raw != NULL && presence >= HL7_NULL)
        *raw = (struct slice){ m->wire.ptr + (value.ptr - m->scan), value.len };
    return presence;
}

static uint32_t parts_count(struct slice s, char separator)
{
    const char *at = s.ptr, *end = s.ptr + s.len;
    uint32_t n = 1;

    for (; at < end && (at = memchr(at, separator, (size_t)(end - at))) != NULL; at++)
        n++;
    return n;
}

uint32_t hl7_repetitions(const struct hl7_message *m, size_t segment_index, uint32_t field)
{
    struct hl7_cursors *c = m->cursors;
    struct slice value;

    if (!field_take(m, segment_index, field, &value) || value.len == 0)
        return 0;
    if (m->delimiters.repetition == 0 || (segment_index == 0 && field <= 2))
        return 1;
    /* Loops ask before each repetition. */
    if (c->counted != value.ptr || c->counted_len != value.len) {
        c->count = parts_count(value, m->delimiters.repetition);
        c->counted = value.ptr;
        c->counted_len = value.len;
    }
    return c->count;
}

/* --- text -------------------------------------------------------------------------- */

struct slice hl7_text(const struct hl7_message *m, struct arena *arena, struct slice raw)
{
    struct hl7_reading how = m->reading;
    char *mask = NULL;
    bool switched;

    if (presence_of(raw) != HL7_VALUE)
        return (struct slice){ NULL, 0 };
    if (hl7_charset_hides(&how, raw)) {
        mask = arena_alloc(arena, raw.len);
        hl7_charset_mask(&how, m->delimiters.escape, raw, mask);
    }
    struct slice bytes = hl7_unescape_text(arena, &m->delimiters, raw, mask, &switched);
    how.switches = how.switches || switched;
    return hl7_reading_text(arena, &how, bytes);
}

struct slice hl7_value(const struct hl7_message *m, struct arena *arena, size_t segment_index, uint32_t field,
                       uint32_t repetition, uint32_t component, uint32_t sub)
{
    struct slice raw;

    hl7_get(m, segment_index, field, repetition, component, sub, &raw);
    /* MSH-2 is not text: its escape character opens nothing. */
    return segment_index == 0 && field <= 2 ? raw : hl7_text(m, arena, raw);
}
