#include "hl7/batch.h"

#include "hl7/delimiters.h"
#include "hl7/dtm.h"
#include "hl7/line.h"
#include "hl7/write.h"

enum { VT = 0x0B, FS = 0x1C, CONTROL_ID = 11 };

/* What a line is, by its first letters. LINE_MARK: a frame mark stands here, at the start of a line or not.
 */
enum line_kind { LINE_PLAIN, LINE_MESSAGE, LINE_FHS, LINE_BHS, LINE_BTS, LINE_FTS, LINE_MARK };

/* --- finding -------------------------------------------------------------------------------------- */

static bool is_mark(char c)
{
    return c == VT || c == FS;
}

/* A name, and then what may be a field separator or ends the line: not a word that goes on, nor a blank, as
 * in a text that was broken over lines ("MSH is missing"). */
static enum line_kind line_kind(struct slice s, size_t at)
{
    static const char NAMES[][4] = { "MSH", "FHS", "BHS", "BTS", "FTS" };
    const char *p = s.ptr + at;
    char next = s.len - at > 3 ? p[3] : '\r';

    if (s.len - at < 3 || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') ||
        (next >= '0' && next <= '9') || next == ' ' || next == '\t' || (unsigned char)next >= 0x7F)
        return LINE_PLAIN;
    for (int i = 0; i < 5; i++)
        if (p[0] == NAMES[i][0] && p[1] == NAMES[i][1] && p[2] == NAMES[i][2])
            return (enum line_kind)(LINE_MESSAGE + i);
    return LINE_PLAIN;
}

/* What begins at `at`. A line begins at the first byte and behind every line end and frame mark. */
static enum line_kind kind_at(struct slice s, size_t at)
{
    if (is_mark(s.ptr[at]))
        return LINE_MARK;
    if (at > 0 && !hl7_is_end(s.ptr[at - 1]) && !is_mark(s.ptr[at - 1]))
        return LINE_PLAIN;
    return line_kind(s, at);
}

/* Where at or after `from` something begins that is not a plain line; s.len when nothing does. */
static size_t boundary_find(struct slice s, size_t from)
{
    const unsigned char *p = (const unsigned char *)s.ptr;

    for (size_t at = from; at < s.len; at++) {
        if (kind_at(s, at) != LINE_PLAIN)
            return at;
        while (at < s.len && p[at] >= ' ') /* line ends and marks are below */
            at++;
        if (at < s.len && is_mark(s.ptr[at]))
            return at;
    }
    return s.len;
}

bool hl7_batch_next(struct slice *rest, struct slice *message)
{
    size_t at;

    if (slice_starts(*rest, SLICE("\xEF\xBB\xBF")))
        *rest = slice_sub(*rest, 3, SIZE_MAX);
    for (at = boundary_find(*rest, 0); at < rest->len && kind_at(*rest, at) != LINE_MESSAGE;)
        at = boundary_find(*rest, at + 1);
    size_t end = at < rest->len ? boundary_find(*rest, at + 1) : at;
    *message = slice_sub(*rest, at, end - at);
    *rest = slice_sub(*rest, end, SIZE_MAX);
    return message->len > 0;
}

/* --- streams -------------------------------------------------------------------------------------- */

struct hl7_stream hl7_stream_make(struct slice whole)
{
    return (struct hl7_stream){ .whole = whole, .delimiters = hl7_delimiters_usual() };
}

/* The n-th field (1-based) of a batch segment, whose fourth byte is its field separator whatever the
 * header said. `counts_self`: field 1 is that separator (FHS, BHS). */
static struct slice field_cut(struct slice line, uint32_t n, bool counts_self)
{
    struct slice rest = slice_trim(line), part = { NULL, 0 };
    char separator = rest.len > 3 ? rest.ptr[3] : 0;
    uint32_t skip = counts_self ? n - 1 : n;

    if (separator == 0)
        return part;
    for (uint32_t i = 0; i <= skip; i++) {
        if (rest.ptr == NULL)
            return (struct slice){ NULL, 0 };
        bool last = slice_find(rest, separator) == rest.len;
        part = slice_cut(&rest, separator);
        if (last)
            rest.ptr = NULL;
    }
    return part;
}

static void header_take(struct hl7_stream *s, struct hl7_item *item, bool file)
{
    hl7_delimiters_read(item->bytes, "", &s->delimiters, NULL); /* wrong ones: those before stay */
    item->control_id = field_cut(item->bytes, CONTROL_ID, true);
    s->in_batch = !file;
    s->batch_messages = 0;
    if (file) {
        s->in_file = true;
        s->file_batches = 0;
    } else {
        s->file_batches++;
        s->batches++;
    }
}

/* Messages, or a trailer, with no BHS before them are a batch too: BHS and BTS are optional. */
static void batch_imply(struct hl7_stream *s)
{
    if (s->in_batch || s->batch_messages > 0)
        return;
    s->file_batches++;
    s->batches++;
}

static void trailer_take(struct hl7_stream *s, struct hl7_item *item, bool file)
{
    item->has_declared = slice_to_u64(slice_trim(field_cut(item->bytes, 1, false)), &item->declared);
    if (!file)
        batch_imply(s);
    item->counted = file ? s->file_batches : s->batch_messages;
    s->in_batch = false;
    s->batch_messages = 0;
    if (file) {
        s->in_file = false;
        s->file_batches = 0;
    }
}

static void message_take(struct hl7_stream *s, struct hl7_item *item)
{
    batch_imply(s);
    item->in_batch = s->in_batch;
    s->messages++;
    s->batch_messages++;
}

/* A batch segment is its line with the line ends behind it; a message and all else go to the next boundary.
 */
static size_t item_end(struct slice s, size_t at, enum line_kind kind)
{
    if (kind == LINE_MESSAGE)
        return boundary_find(s, at + 1);
    if (kind == LINE_PLAIN || kind == LINE_MARK) {
        while (at < s.len && (kind_at(s, at) == LINE_PLAIN || kind_at(s, at) == LINE_MARK))
            at = boundary_find(s, at + 1);
        return at;
    }
    while (at < s.len && !hl7_is_end(s.ptr[at]) && !is_mark(s.ptr[at]))
        at++;
    while (at < s.len && hl7_is_end(s.ptr[at]))
        at++;
    return at;
}

bool hl7_stream_next(struct hl7_stream *s, struct hl7_item *out)
{
    static const enum hl7_item_kind KINDS[] = {
        [LINE_PLAIN] = HL7_ITEM_OTHER,       [LINE_MESSAGE] = HL7_ITEM_MESSAGE,
        [LINE_FHS] = HL7_ITEM_FILE_HEADER,   [LINE_BHS] = HL7_ITEM_BATCH_HEADER,
        [LINE_BTS] = HL7_ITEM_BATCH_TRAILER, [LINE_FTS] = HL7_ITEM_FILE_TRAILER,
        [LINE_MARK] = HL7_ITEM_OTHER,
    };
    bool bom = s->at == 0 && slice_starts(s->whole, SLICE("\xEF\xBB\xBF"));

    if (s->at >= s->whole.len)
        return false;
    /* A byte order mark is an item of its own, so that what follows it begins a line. */
    struct slice rest = slice_sub(s->whole, s->at, bom ? 3 : SIZE_MAX);
    enum line_kind kind = kind_at(rest, 0);
    *out = (struct hl7_item){ .kind = KINDS[kind], .offset = s->at };
    out->bytes = slice_sub(rest, 0, item_end(rest, 0, kind));
    s->at += out->bytes.len;
    if (kind == LINE_MESSAGE)
        message_take(s, out);
    else if (kind == LINE_FHS || kind == LINE_BHS)
        header_take(s, out, kind == LINE_FHS);
    else if (kind == LINE_FTS || kind == LINE_BTS)
        trailer_take(s, out, kind == LINE_FTS);
    return true;
}

bool hl7_batch_is(struct slice bytes)
{
    struct hl7_stream s = hl7_stream_make(bytes);
    struct hl7_item item;

    while (hl7_stream_next(&s, &item))
        if (s.messages > 1 || item.kind == HL7_ITEM_FILE_HEADER || item.kind == HL7_ITEM_BATCH_HEADER)
            return true;
    return false;
}

/* --- writing -------------------------------------------------------------------------------------- */

bool hl7_batch_begin(struct buf *out, const char *name, const struct hl7_delimiters *d,
                     const struct hl7_batch_header *h)
{
    struct hl7_writer w = hl7_writer_make(out, d);
    struct buf time = buf_make(64);

    hl7_dtm_put(&time, h->time_us);
    hl7_write_segment(&w, name);
    hl7_write_field(&w, 3, h->sending_application);
    hl7_write_field(&w, 4, h->sending_facility);
    hl7_write_field(&w, 5, h->receiving_application);
    hl7_write_field(&w, 6, h->receiving_facility);
    hl7_write_field(&w, 7, buf_slice(&time));
    hl7_write_field(&w, CONTROL_ID, h->control_id);
    hl7_write_field(&w, CONTROL_ID + 1, h->reference_id);
    buf_free(&time);
    return hl7_write_end(&w);
}

void hl7_batch_end(struct buf *out, const char *name, const struct hl7_delimiters *d, uint64_t count)
{
    char digits[24];
    size_t at = sizeof digits;
    struct hl7_writer w = hl7_writer_make(out, d);

    for (digits[--at] = (char)('0' + count % 10); count >= 10;)
        digits[--at] = (char)('0' + (count /= 10) % 10);
    hl7_write_segment(&w, name);
    hl7_write_field(&w, 1, (struct slice){ digits + at, sizeof digits - at });
    hl7_write_end(&w);
}
