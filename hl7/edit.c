#include "hl7/edit.h"
#include "hl7/line.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "hl7/encode.h"
#include "hl7/masked.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 10000 /* repetitions, components or sub-components that an edit may count up to */ };

/* The new bytes of a whole field. */
struct field_edit {
    struct field_edit *next; /* a higher field */
    uint32_t field;
    struct slice raw;
};

struct added {
    struct added *next;
    struct slice raw;
};

struct segment_edit {
    struct field_edit *fields, *last_field;
    struct added *added, *last_added;
    bool dropped;
};

struct hl7_edit {
    struct arena *arena;
    const struct hl7_message *m;
    struct slice whole;
    struct segment_edit *segments; /* one for each of the message */
    size_t added;
};

struct hl7_edit *hl7_edit_begin(struct arena *arena, const struct hl7_message *m, struct slice whole)
{
    struct hl7_edit *e = arena_alloc(arena, sizeof *e);
    struct slice wire = hl7_message_wire(m);

    /* Bytes that do not hold the message cannot be what it was parsed from. */
    if (wire.ptr < whole.ptr || wire.ptr + wire.len > whole.ptr + whole.len)
        whole = wire;
    *e = (struct hl7_edit){ .arena = arena, .m = m, .whole = whole };
    e->segments = arena_array(arena, hl7_message_segments(m), sizeof *e->segments);
    return e;
}

/* --- one field ------------------------------------------------------------------------------------ */

static struct field_edit *field_find(const struct hl7_edit *e, size_t segment, uint32_t field)
{
    struct field_edit *f = e->segments[segment].last_field;

    if (f != NULL && f->field < field) /* mostly they come in order */
        return NULL;
    for (f = e->segments[segment].fields; f != NULL && f->field < field;)
        f = f->next;
    return f != NULL && f->field == field ? f : NULL;
}

/* The field's bytes as they are now. */
static struct slice field_now(const struct hl7_edit *e, size_t segment, uint32_t field)
{
    const struct field_edit *f = field_find(e, segment, field);
    struct slice raw;

    if (f != NULL)
        return f->raw;
    hl7_get(e->m, segment, field, 0, 0, 0, &raw);
    return raw;
}

static void field_put(struct hl7_edit *e, size_t segment, uint32_t field, struct slice raw)
{
    struct segment_edit *s = &e->segments[segment];
    struct field_edit *f = field_find(e, segment, field), **link = &s->fields;

    if (f != NULL) {
        f->raw = raw;
        return;
    }
    if (s->last_field != NULL && s->last_field->field < field)
        link = &s->last_field->next;
    while (*link != NULL && (*link)->field < field)
        link = &(*link)->next;
    f = arena_alloc(e->arena, sizeof *f);
    *f = (struct field_edit){ .next = *link, .field = field, .raw = raw };
    *link = f;
    if (f->next == NULL)
        s->last_field = f;
}

static void put_times(struct buf *out, char c, uint32_t times)
{
    for (; times > 0; times--)
        buf_bytes(out, &c, 1);
}

/* Copies `*rest` up to the n-th part (1-based) between separators, making those that are missing, and cuts
 * that part from it. `*rest` then begins with the separator behind. */
static struct hl7_masked part_reach(struct buf *out, struct hl7_masked *rest, char separator, uint32_t n)
{
    size_t end = hl7_masked_find(*rest, separator);

    for (; n > 1; n--) {
        buf_bytes(out, rest->bytes, end);
        buf_bytes(out, &separator, 1);
        *rest = hl7_masked_skip(*rest, end + 1);
        end = hl7_masked_find(*rest, separator);
    }
    struct hl7_masked part = hl7_masked_head(*rest, end);
    *rest = hl7_masked_skip(*rest, end);
    return part;
}

/* The repetition with `bytes` at its component and sub-component. */
static void put_repetition(struct buf *out, const struct hl7_delimiters *d, struct hl7_masked repetition,
                           const struct hl7_match *at, struct slice bytes)
{
    struct hl7_masked rest = repetition, component = { NULL, NULL, 0 };

    if (at->component == 0) {
        buf_put(out, bytes);
        return;
    }
    component = part_reach(out, &rest, d->component, at->component);
    if (at->sub > 0)
        part_reach(out, &component, d->subcomponent, at->sub);
    else
        component.len = 0;
    buf_put(out, bytes);
    buf_put(out, hl7_masked_bytes(component));
    buf_put(out, hl7_masked_bytes(rest));
}

/* The field with `bytes` at each of `count` places in it, which are in ascending order of repetition. */
static void field_edit(struct hl7_edit *e, const struct hl7_match *at, size_t count, struct slice bytes)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(e->m);
    struct hl7_masked rest = hl7_masked_of(e->m, e->arena, field_now(e, at->segment, at->field));
    struct buf out = buf_make(SIZE_MAX / 2);
    uint32_t now = 1;

    for (size_t i = 0; i < count; i++) {
        uint32_t wanted = at[i].repetition > 0 ? at[i].repetition : 1;
        struct hl7_masked repetition = part_reach(&out, &rest, d->repetition, wanted - now + 1);
        put_repetition(&out, d, repetition, &at[i], bytes);
        now = wanted;
    }
    buf_put(&out, hl7_masked_bytes(rest));
    field_put(e, at->segment, at->field, arena_copy(e->arena, buf_slice(&out)));
    buf_free(&out);
}

/* --- is it possible? ------------------------------------------------------------------------------ */

static bool is_code(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_code(c) || (c >= 'a' && c <= 'z');
}

/* New fields behind a text that is broken over lines, of which the last is three letters: with a separator
 * behind it that line would be a segment. */
static bool would_break(const struct hl7_edit *e, const struct hl7_match *at)
{
    struct slice raw = hl7_segment_raw(e->m, at->segment);
    size_t line = raw.len;

    if (at->field <= hl7_segment_fields(e->m, at->segment))
        return false;
    while (line > 0 && raw.ptr[line - 1] != '\r' && raw.ptr[line - 1] != '\n')
        line--;
    return line > 0 && raw.len - line == 3 && is_alnum(raw.ptr[line]) && is_alnum(raw.ptr[line + 1]) &&
           is_alnum(raw.ptr[line + 2]);
}

static bool place_check(const struct hl7_edit *e, const struct hl7_path *path, const struct hl7_match *at,
                        struct error *err)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(e->m);
    char place[HL7_PLACE];

    if (at->segment == HL7_NONE) {
        struct slice name = hl7_path_segment(path);
        memcpy(place, name.ptr, name.len < HL7_PLACE ? name.len : 0);
        place[name.len < HL7_PLACE ? name.len : 0] = 0;
        error_at(err, ERROR_MISSING, place, "no such segment to set a value in");
        error_hint(err, "add the segment first");
        return false;
    }
    hl7_place(e->m, at->segment, at->field, at->component, place);
    if (at->segment == 0 && at->field <= 2)
        return error_at(err, ERROR_UNSUPPORTED, place, "the delimiters of a message cannot be changed");
    if (e->segments[at->segment].dropped)
        return error_at(err, ERROR_CONFLICT, place, "that segment was dropped");
    if (at->field > LIMIT_FIELDS)
        return error_at(err, ERROR_LIMIT, place, "more fields than fields allows (%d)", LIMIT_FIELDS);
    if (at->state == HL7_ABSENT &&
        (at->repetition > PARTS_MAX || at->component > PARTS_MAX || at->sub > PARTS_MAX))
        return error_at(err, ERROR_VALUE, place, "too far behind what is there (at most %d)", PARTS_MAX);
    if ((at->repetition > 1 && d->repetition == 0) || (at->sub > 1 && d->subcomponent == 0))
        return error_at(err, ERROR_UNSUPPORTED, place, "MSH-2 declares no separator for that place");
    if (at->segment == 0 && slice_find(hl7_segment_raw(e->m, 0), '\n') < hl7_segment_raw(e->m, 0).len)
        return error_at(err, ERROR_CONFLICT, place, "line feeds in MSH tell how lines end, and must stay");
    if (would_break(e, at))
        return error_at(err, ERROR_CONFLICT, place, "the broken line before it would become a segment");
    return true;
}

struct matches {
    struct hl7_match *items;
    size_t count, room;
};

static bool match_keep(void *ctx, const struct hl7_match *match)
{
    struct matches *all = ctx;

    MEMORY_ROOM(all->items, all->count, all->room);
    all->items[all->count++] = *match;
    return true;
}

/* What stands in a place is made of the levels below it: no field separator, no end of a line or frame. */
static bool raw_check(const struct hl7_edit *e, const struct hl7_match *at, struct slice raw,
                      struct error *err)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(e->m);
    const char refused[] = { '\r',
                             '\n',
                             0x0B,
                             0x1C,
                             d->field,
                             at->component > 0 ? d->repetition : 0,
                             at->component > 0 ? d->component : 0,
                             at->sub > 0 ? d->subcomponent : 0 };
    char place[HL7_PLACE];

    struct hl7_masked masked = hl7_masked_of(e->m, e->arena, raw);

    hl7_place(e->m, at->segment, at->field, at->component, place);
    for (size_t i = 0; i < sizeof refused; i++)
        if (hl7_masked_find(masked, refused[i]) < raw.len)
            return error_at(err, ERROR_VALUE, place,
                            "a line end or separator that cannot stand in that place");
    return true;
}

/* Puts `bytes` at every place of the path, or at none. */
static bool places_set(struct hl7_edit *e, const struct hl7_path *path, struct slice bytes, struct error *err)
{
    struct matches all = { NULL, 0, 0 };
    bool fine = true;

    hl7_path_each(path, e->m, match_keep, &all);
    if (all.count > 0)
        fine = raw_check(e, &all.items[0], bytes, err);
    for (size_t i = 0; i < all.count && fine; i++)
        fine = place_check(e, path, &all.items[i], err);
    for (size_t i = 0, n; i < all.count && fine; i += n) {
        const struct hl7_match *at = &all.items[i];
        for (n = 1; i + n < all.count && at[n].segment == at->segment && at[n].field == at->field; n++)
            ;
        field_edit(e, at, n, bytes);
    }
    free(all.items);
    return fine;
}

/* --- setting -------------------------------------------------------------------------------------- */

static bool is_ascii(struct slice s)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < s.len; i++)
        seen |= (unsigned char)s.ptr[i];
    return seen < 0x80;
}

/* The set that text is written in; NULL when there is none for it. Where nothing is declared, the message's
 * own bytes say it: it is read by them, too. */
static const char *set_for(const struct hl7_edit *e, struct slice text)
{
    const struct hl7_reading *how = hl7_message_reading(e->m);
    struct slice declared, wire = hl7_message_wire(e->m);

    if (how->charset == HL7_CHARSET_NAMED)
        return how->iconv_name;
    if (how->charset == HL7_CHARSET_UTF8 || is_ascii(text))
        return "UTF-8";
    if (how->charset == HL7_CHARSET_8859_1)
        return "ISO-8859-1";
    if (how->switches)
        return "ISO-2022-JP";
    hl7_get(e->m, 0, 18, 1, 1, 0, &declared);
    if (slice_eq_nocase(slice_trim(declared), SLICE("ASCII")) && is_ascii(wire))
        return NULL;
    return utf8_valid(wire) ? "UTF-8" : "CP1252";
}

bool hl7_edit_set(struct hl7_edit *e, const struct hl7_path *path, struct slice text, struct error *err)
{
    struct buf out = buf_make(SIZE_MAX / 2);
    const char *set = set_for(e, text);
    bool fine = set != NULL && hl7_encode(&out, hl7_message_delimiters(e->m), set, text);
    struct slice bytes = arena_copy(e->arena, buf_slice(&out));

    buf_free(&out);
    /* What a reader of this message gets must be the text, whatever MSH-18 says. */
    if (!fine || !slice_eq(hl7_text(e->m, e->arena, bytes), text)) {
        error_at(err, ERROR_VALUE, "", "the text cannot be written with this message's character set");
        error_hint(err, "MSH-18 declares the set and MSH-2 the escape character");
        return false;
    }
    return places_set(e, path, bytes, err);
}

bool hl7_edit_set_raw(struct hl7_edit *e, const struct hl7_path *path, struct slice raw, struct error *err)
{
    return places_set(e, path, arena_copy(e->arena, raw), err);
}

bool hl7_edit_set_null(struct hl7_edit *e, const struct hl7_path *path, struct error *err)
{
    if (hl7_is_delimiter(hl7_message_delimiters(e->m), '"'))
        return error_at(err, ERROR_UNSUPPORTED, "MSH-2",
                        "null is two quotes, and a quote is a delimiter here");
    return places_set(e, path, SLICE("\"\""), err);
}

/* --- segments ------------------------------------------------------------------------------------- */

/* "ZXX", or "ZXX|..." in one line. */
static bool segment_check(const struct hl7_edit *e, struct slice s, struct error *err)
{
    static const char ENDS[] = { '\r', '\n', 0x0B, 0x1C };
    char field = hl7_message_delimiters(e->m)->field;
    bool named = s.len >= 3 && is_code(s.ptr[0]) && is_code(s.ptr[1]) && is_code(s.ptr[2]);
    uint32_t fields = 0;

    if (!named || s.ptr[0] <= '9' || (s.len > 3 && s.ptr[3] != field))
        return error_set(err, ERROR_SYNTAX,
                         "a segment is three capitals, then this message's field separator");
    for (size_t i = 0; i < sizeof ENDS; i++)
        if (slice_find(s, ENDS[i]) < s.len)
            return error_set(err, ERROR_SYNTAX, "a line end or frame mark in a segment");
    struct slice name = slice_sub(s, 0, 3);
    if (slice_is(name, "MSH") || slice_is(name, "FHS") || slice_is(name, "BHS") || slice_is(name, "BTS") ||
        slice_is(name, "FTS"))
        return error_set(err, ERROR_CONFLICT,
                         "a message holds one MSH, which is first, and no batch segment");
    for (size_t i = 0; i < s.len; i++)
        fields += s.ptr[i] == field;
    if (fields > LIMIT_FIELDS)
        return error_set(err, ERROR_LIMIT, "more fields than fields allows (%d)", LIMIT_FIELDS);
    return true;
}

/* The line behind MSH stands alone even when it is no segment; behind another segment it would be its text.
 */
static bool stray_behind(const struct hl7_edit *e, size_t after)
{
    struct slice line = hl7_segment_raw(e->m, 1);
    char field = hl7_message_delimiters(e->m)->field;

    return after == 0 && line.len > 0 && !hl7_line_is_segment(line, field);
}

bool hl7_edit_add(struct hl7_edit *e, size_t after, struct slice segment, struct error *err)
{
    size_t count = hl7_message_segments(e->m);

    after = after == HL7_NONE ? count - 1 : after;
    if (after >= count)
        return error_set(err, ERROR_MISSING, "no such segment to add one behind");
    if (!segment_check(e, segment, err))
        return false;
    if (count + e->added >= LIMIT_MESSAGE_SEGMENTS)
        return error_set(err, ERROR_LIMIT, "more segments than message-segments allows (%d)",
                         LIMIT_MESSAGE_SEGMENTS);
    if (stray_behind(e, after))
        return error_at(err, ERROR_CONFLICT, "segment 2",
                        "the line behind MSH is no segment and would join it");
    struct added *a = arena_alloc(e->arena, sizeof *a);
    struct segment_edit *s = &e->segments[after];
    a->raw = arena_copy(e->arena, segment);
    *(s->added == NULL ? &s->added : &s->last_added->next) = a;
    s->last_added = a;
    e->added++;
    return true;
}

bool hl7_edit_drop(struct hl7_edit *e, size_t segment, struct error *err)
{
    if (segment == 0)
        return error_at(err, ERROR_UNSUPPORTED, "MSH", "a message without MSH is none");
    if (segment >= hl7_message_segments(e->m))
        return error_set(err, ERROR_MISSING, "no such segment to drop");
    e->segments[segment].dropped = true;
    return true;
}

/* --- writing -------------------------------------------------------------------------------------- */

/* Bytes of `whole` before `done` are written, or stand for something that is. */
struct writing {
    const struct hl7_edit *e;
    struct buf *out;
    size_t done;
};

static void copy_to(struct writing *w, size_t end)
{
    buf_put(w->out, slice_sub(w->e->whole, w->done, end - w->done));
    w->done = end;
}

static size_t offset_of(const struct writing *w, const char *at)
{
    return (size_t)(at - w->e->whole.ptr);
}

/* The line end at `at`: CR, LF, CRLF, or none. */
static struct slice line_end_at(struct slice s, size_t at)
{
    bool cr = at < s.len && s.ptr[at] == '\r';
    bool lf = at + cr < s.len && s.ptr[at + cr] == '\n';

    return slice_sub(s, at, (size_t)cr + lf);
}

/* How this message ends its lines: as the first one is. */
static struct slice line_end_of(const struct writing *w)
{
    struct slice first = hl7_segment_raw(w->e->m, 0);
    struct slice end = line_end_at(w->e->whole, offset_of(w, first.ptr + first.len));

    return end.len > 0 ? end : SLICE("\r");
}

static void write_fields(struct writing *w, size_t index)
{
    const struct field_edit *f = w->e->segments[index].fields;
    char separator = hl7_message_delimiters(w->e->m)->field;
    uint32_t now = index == 0; /* the field that `rest` begins with; the name counts as 0, MSH-1 is no part */

    if (f == NULL)
        return;
    struct hl7_masked rest = hl7_masked_of(w->e->m, w->e->arena, hl7_segment_raw(w->e->m, index));
    for (; f != NULL; f = f->next) {
        size_t end = hl7_masked_find(rest, separator);
        for (; now < f->field && end < rest.len; now++) {
            rest = hl7_masked_skip(rest, end + 1);
            end = hl7_masked_find(rest, separator);
        }
        if (now < f->field) {
            copy_to(w, offset_of(w, rest.bytes + rest.len));
            put_times(w->out, separator, f->field - now);
            now = f->field;
            rest = hl7_masked_skip(rest, rest.len);
            end = 0;
        }
        copy_to(w, offset_of(w, rest.bytes));
        buf_put(w->out, f->raw);
        w->done = offset_of(w, rest.bytes + end);
        rest = hl7_masked_skip(rest, end);
    }
}

static void write_segment(struct writing *w, size_t index, struct slice line_end)
{
    const struct segment_edit *s = &w->e->segments[index];
    struct slice raw = hl7_segment_raw(w->e->m, index);
    size_t end = offset_of(w, raw.ptr + raw.len);

    if (!s->dropped) {
        write_fields(w, index);
        if (s->added == NULL)
            return;
        copy_to(w, end);
    } else {
        copy_to(w, offset_of(w, raw.ptr));
        w->done = end + (s->added == NULL ? line_end_at(w->e->whole, end).len : 0);
    }
    for (const struct added *a = s->added; a != NULL; a = a->next) {
        if (a != s->added || !s->dropped)
            buf_put(w->out, line_end);
        buf_put(w->out, a->raw);
    }
}

void hl7_edit_write(const struct hl7_edit *e, struct buf *out)
{
    struct writing w = { e, out, 0 };
    struct slice line_end = line_end_of(&w);

    for (size_t i = 0; i < hl7_message_segments(e->m); i++)
        write_segment(&w, i, line_end);
    copy_to(&w, e->whole.len);
}
