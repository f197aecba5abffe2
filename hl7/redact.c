#include "hl7/redact.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/siphash.h"
#include "base/time.h"
#include "hl7/encode.h"
#include "hl7/masked.h"
#include "hl7/names.h"
#include "hl7/redact_parts.h"

#include <stdlib.h>

enum { WEEKS_LEAST = 52, WEEKS_MORE = 470 /* dates move back by 1 to 10 years, and stay the same weekday */ };

struct hl7_redaction *hl7_redaction_new(const uint8_t key[32])
{
    struct hl7_redaction *r = memory_new(sizeof *r);

    memcpy(r->key, key, sizeof r->key);
    uint64_t weeks = WEEKS_LEAST + siphash(key + 16, SLICE("days")) % WEEKS_MORE;
    r->move_us = -(int64_t)weeks * 7 * TIME_DAY;
    r->ids = map_new();
    r->arena = arena_new();
    return r;
}

void hl7_redaction_free(struct hl7_redaction **r)
{
    if (r == NULL || *r == NULL)
        return;
    map_free(&(*r)->ids, NULL);
    arena_free(&(*r)->arena);
    memset(*r, 0, sizeof **r); /* the key */
    free(*r);
    *r = NULL;
}

/* One message in hand. */
struct redacting {
    struct hl7_redaction *r;
    const struct hl7_message *m;
    struct hl7_delimiters d;
    struct arena *arena; /* of texts and masks */
    struct buf *out;
};

/* --- values --------------------------------------------------------------------------------------- */

/* A value that the delimiters cannot carry (no escape character) loses what they cannot. */
static void put_line(struct redacting *x, struct slice text)
{
    if (hl7_encode(x->out, &x->d, NULL, text))
        return;
    char *plain = arena_text(x->arena, text);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)plain[i] < ' ' || plain[i] == 0x7F || hl7_is_delimiter(&x->d, plain[i]))
            plain[i] = ' ';
    hl7_encode(x->out, &x->d, NULL, (struct slice){ plain, text.len });
}

/* Line feeds of a text were mostly \.br\ and become that again. */
static void put_encoded(struct redacting *x, struct slice text)
{
    bool breaks = x->d.escape != 0 && !hl7_is_delimiter(&x->d, '.') && !hl7_is_delimiter(&x->d, 'b') &&
                  !hl7_is_delimiter(&x->d, 'r');

    for (size_t end = slice_find(text, '\n'); breaks && end < text.len; end = slice_find(text, '\n')) {
        put_line(x, slice_sub(text, 0, end));
        buf_printf(x->out, "%c.br%c", x->d.escape, x->d.escape);
        text = slice_sub(text, end + 1, SIZE_MAX);
    }
    put_line(x, text);
}

/* Written like a number of social security (123-45-6789). */
static bool is_person_number(struct slice s)
{
    bool is = s.len == 11;

    for (size_t i = 0; i < s.len && is; i++)
        is = i == 3 || i == 6 ? s.ptr[i] == '-' : s.ptr[i] >= '0' && s.ptr[i] <= '9';
    return is;
}

/* What would stay, but is somebody's wherever it stands: senders put things into the wrong field. */
static enum redact_act kept_act(struct slice text)
{
    if (is_person_number(slice_trim(text)))
        return REDACT_ID;
    size_t at = slice_find(text, '@');
    return at > 0 && at + 1 < text.len ? REDACT_PHONE : REDACT_KEEP;
}

/* A value with nothing below it. Empty ones and nulls stay. */
static void put_value(struct redacting *x, enum redact_act act, struct hl7_masked value)
{
    struct slice raw = hl7_masked_bytes(value);
    struct slice text = hl7_text(x->m, x->arena, raw);

    /* Whether a line feed ends a line follows from the first one of the message: none may stay in a value. */
    if (act == REDACT_KEEP && (slice_find(raw, '\n') < raw.len || slice_find(raw, '\r') < raw.len))
        act = REDACT_TEXT;
    if (act == REDACT_KEEP)
        act = kept_act(text);
    if (act == REDACT_KEEP || text.len == 0) {
        /* Formatting alone has no text; a null and nothing have none either. */
        buf_put(x->out, raw);
        return;
    }
    struct buf made = buf_make(SIZE_MAX / 2);
    redact_value_put(x->r, act, text, &made);
    put_encoded(x, buf_slice(&made));
    buf_free(&made);
}

/* Each part between separators by `each`, the separators as they were. */
struct level {
    enum redact_act act;
    struct slice type;
    bool has_code, has_other_code; /* of a CWE: is there a code beside its text? */
};
typedef void put_part(struct redacting *x, struct level level, uint32_t number, struct hl7_masked part);

static void each_part(struct redacting *x, struct level level, struct hl7_masked value, char separator,
                      put_part *each)
{
    bool last = false;

    for (uint32_t n = 1; !last; n++) {
        struct hl7_masked part = hl7_masked_cut(&value, separator, &last);
        each(x, level, n, part);
        if (!last)
            buf_bytes(x->out, &separator, 1);
    }
}

static void put_sub(struct redacting *x, struct level level, uint32_t number, struct hl7_masked part)
{
    enum redact_act act = level.act;

    if (act == REDACT_BY_TYPE)
        act = redact_is_coded(level.type) ? REDACT_KEEP : redact_part_act(level.type, number);
    put_value(x, act == REDACT_BY_TYPE ? REDACT_UNKNOWN : act, part);
}

/* A text beside a code is the code's name and stays; alone it is somebody's words. So is what stands where
 * the code should be, when it has blanks and names no coding system. */
static enum redact_act coded_act(struct level level, uint32_t number, struct hl7_masked part)
{
    if (number == 1)
        return level.act == REDACT_TEXT && memchr(part.bytes, ' ', part.len) != NULL ? REDACT_TEXT
                                                                                     : REDACT_KEEP;
    if (number == 2)
        return level.has_code ? REDACT_KEEP : REDACT_TEXT;
    if (number == 5)
        return level.has_other_code ? REDACT_KEEP : REDACT_TEXT;
    return number == 9 ? REDACT_TEXT : REDACT_KEEP;
}

static void put_component(struct redacting *x, struct level level, uint32_t number, struct hl7_masked part)
{
    if (redact_is_coded(level.type) && (level.act == REDACT_BY_TYPE || level.act == REDACT_TEXT)) {
        level.act = part.len > 0 ? coded_act(level, number, part) : REDACT_KEEP;
    } else if (level.act == REDACT_BY_TYPE) {
        level.act = redact_part_act(level.type, number);
        level.type = slice_of(hl7_component_type(level.type, number));
    }
    each_part(x, level, part, x->d.subcomponent, put_sub);
}

/* Of a repetition: its n-th component. */
static struct hl7_masked component_of(struct redacting *x, struct hl7_masked value, uint32_t number)
{
    struct hl7_masked part = { NULL, NULL, 0 };
    bool last = false;

    for (uint32_t n = 1; n <= number && !last; n++) {
        part = hl7_masked_cut(&value, x->d.component, &last);
        if (n == number)
            return part;
    }
    return (struct hl7_masked){ NULL, NULL, 0 };
}

/* Where a coding system should be named: does something else stand there? It has blanks or parts. People's
 * names, in fields that their sender shifted, look so. */
static bool is_misplaced(const struct redacting *x, struct hl7_masked system)
{
    static const char *const SYSTEMS[] = { "SNOMED", "ICD", "LOINC", "LOCAL", "Local", "HL7", "CPT", "IHE" };
    struct slice text = slice_trim(hl7_masked_bytes(system));

    for (size_t i = 0; i < sizeof SYSTEMS / sizeof *SYSTEMS; i++)
        if (slice_starts(text, slice_of(SYSTEMS[i])))
            return false;
    return slice_find(text, ' ') < text.len ||
           (x->d.subcomponent != 0 && slice_find(text, x->d.subcomponent) < text.len);
}

static void put_repetition(struct redacting *x, struct level level, uint32_t number, struct hl7_masked part)
{
    (void)number;
    if (redact_is_coded(level.type) && is_misplaced(x, component_of(x, part, 3))) {
        each_part(x, (struct level){ .act = REDACT_UNKNOWN }, part, x->d.component, put_component);
        return;
    }
    if (redact_is_coded(level.type) && level.act == REDACT_BY_TYPE) {
        level.has_code = component_of(x, part, 1).len > 0;
        level.has_other_code = component_of(x, part, 4).len > 0;
        if (component_of(x, part, 3).len == 0)
            level.act = REDACT_TEXT; /* coded_act reads it: no coding system */
    } else if (level.act == REDACT_TEXT) {
        level.type = SLICE("");
    }
    each_part(x, level, part, x->d.component, put_component);
}

/* --- segments ------------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_name(struct slice s)
{
    bool is = s.len == 3 && is_letter(s.ptr[0]);

    for (size_t i = 1; i < 3 && is; i++)
        is = is_letter(s.ptr[i]) || (s.ptr[i] >= '0' && s.ptr[i] <= '9');
    return is;
}

/* What stands before the first separator. Mostly a name; else a line that is no segment, or a name alone in
 * its line with such a line behind it, which must not come out as a segment of its own. */
static void put_name(struct redacting *x, struct hl7_masked name)
{
    struct slice raw = hl7_masked_bytes(name);
    size_t line = 0;

    if (is_name(slice_sub(raw, 0, 3)) && (raw.len == 3 || raw.ptr[3] == '\r' || raw.ptr[3] == '\n'))
        for (line = 3; line < raw.len && (raw.ptr[line] == '\r' || raw.ptr[line] == '\n');)
            line++;
    buf_put(x->out, slice_sub(raw, 0, line));
    size_t from = x->out->len;
    each_part(x, (struct level){ .act = REDACT_TEXT }, hl7_masked_skip(name, line), x->d.repetition,
              put_repetition);
    if (is_name(slice_sub(buf_slice(x->out), from, SIZE_MAX)))
        x->out->len--;
}

static void put_field(struct redacting *x, size_t segment, uint32_t field, struct hl7_masked value)
{
    struct slice name = hl7_segment_name(x->m, segment), obx2, obx3;
    struct level level = { .has_code = false };

    if (segment == 0 && field == 2) {
        buf_put(x->out, hl7_masked_bytes(value));
        return;
    }
    hl7_get(x->m, segment, 2, 1, 1, 1, &obx2);
    hl7_get(x->m, segment, 3, 1, 1, 1, &obx3);
    level.act = redact_field_act(name, field, slice_trim(obx2), slice_trim(obx3), &level.type);
    each_part(x, level, value, x->d.repetition, put_repetition);
}

static void put_segment(struct redacting *x, size_t index)
{
    struct hl7_masked rest = hl7_masked_of(x->m, x->arena, hl7_segment_raw(x->m, index));
    bool last;
    struct hl7_masked part = hl7_masked_cut(&rest, x->d.field, &last);

    put_name(x, part);
    for (uint32_t field = index == 0 ? 2 : 1; !last; field++) {
        buf_bytes(x->out, &x->d.field, 1);
        part = hl7_masked_cut(&rest, x->d.field, &last);
        put_field(x, index, field, part);
    }
}

bool hl7_redact(struct hl7_redaction *r, const struct hl7_message *m, struct slice whole, struct buf *out,
                struct error *err)
{
    struct redacting x = {
        .r = r, .m = m, .d = *hl7_message_delimiters(m), .arena = arena_new(), .out = out
    };
    const char *done = whole.ptr, *end = whole.ptr + whole.len;

    for (size_t i = 0; i < hl7_message_segments(m); i++) {
        struct slice raw = hl7_segment_raw(m, i);
        if (raw.ptr >= done && raw.ptr + raw.len <= end)
            buf_bytes(out, done, (size_t)(raw.ptr - done)); /* line ends and what stands before the first */
        put_segment(&x, i);
        done = raw.ptr + raw.len;
        arena_reset(x.arena);
    }
    if (done >= whole.ptr && done <= end)
        buf_bytes(out, done, (size_t)(end - done));
    arena_free(&x.arena);
    return !out->failed ||
           error_at(err, ERROR_LIMIT, "", "the redacted message is longer than message-bytes allows");
}
