#include "rules/syntax/diagnostics.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 2000, NEAREST_MAX = 64 }; /* ITEMS_MAX of each severity */

void diagnostics_init(struct diagnostics *d, struct arena *arena, const struct source_file *files,
                      size_t count)
{
    *d = (struct diagnostics){ .arena = arena, .files = files, .file_count = count };
}

void diagnostics_free(struct diagnostics *d)
{
    free(d->items);
    d->items = NULL;
    d->count = d->room = 0;
}

static struct slice formatted(struct arena *a, const char *format, va_list ap)
{
    va_list again;

    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(a, (size_t)(len > 0 ? len : 0) + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, format, ap);
    return (struct slice){ text, (size_t)(len > 0 ? len : 0) };
}

/* What a roster, a calendar or a catalogue can break without a word of a rule being changed (LANGUAGE 7, Data
 * changes): a code that is gone, with it a rule that owns nothing any more, hours without anybody. */
static bool data_breaks(unsigned number)
{
    static const unsigned NUMBERS[] = { 203, 304, 402 };

    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        if (NUMBERS[i] == number)
            return true;
    return false;
}

/* Counts one finding of its severity. Each has its own bound, so that no flood of notes hides an error. */
static size_t counted(struct diagnostics *d, enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return ++d->errors;
    case SEVERITY_WARNING:
        return ++d->warnings;
    case SEVERITY_NOTE:
        break;
    }
    return ++d->notes;
}

void diagnose(struct diagnostics *d, enum severity severity, unsigned number, struct span at,
              const char *format, ...)
{
    va_list ap;

    if (d->data_change && severity == SEVERITY_ERROR && data_breaks(number)) {
        severity = SEVERITY_WARNING;
        d->uncovered++;
    }
    d->last_dropped = counted(d, severity) > ITEMS_MAX;
    if (d->last_dropped) {
        d->dropped++;
        return;
    }
    MEMORY_ROOM(d->items, d->count, d->room);
    struct diagnostic *item = &d->items[d->count++];
    *item = (struct diagnostic){ .severity = severity, .number = number, .at = at };
    va_start(ap, format);
    item->message = formatted(d->arena, format, ap);
    va_end(ap);
}

void diagnose_hint(struct diagnostics *d, const char *format, ...)
{
    va_list ap;

    if (d->count == 0 || d->last_dropped)
        return;
    va_start(ap, format);
    d->items[d->count - 1].hint = formatted(d->arena, format, ap);
    va_end(ap);
}

static char low(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap of neighbours) to make b of a, ASCII case ignored; both are at
 * most NEAREST_MAX long. */
static size_t distance(struct slice a, struct slice b)
{
    size_t rows[3][NEAREST_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *now = rows[2];

    for (size_t j = 0; j <= b.len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = low(a.ptr[i - 1]) != low(b.ptr[j - 1]);
            now[j] = least(least(above[j] + 1, now[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && low(a.ptr[i - 1]) == low(b.ptr[j - 2]) &&
                low(a.ptr[i - 2]) == low(b.ptr[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = above;
        above = now;
        now = spare;
    }
    return above[b.len];
}

struct slice diagnose_nearest(struct slice word, const struct slice *candidates, size_t count)
{
    size_t best = word.len / 3 + 1 + 1; /* one more than what still counts as near */
    struct slice found = { NULL, 0 };

    if (word.len == 0 || word.len > NEAREST_MAX)
        return found;
    for (size_t i = 0; i < count; i++) {
        struct slice c = candidates[i];
        size_t apart = c.len > word.len ? c.len - word.len : word.len - c.len;
        if (c.len > NEAREST_MAX || apart >= best)
            continue;
        size_t d = distance(word, c);
        if (d < best && d < c.len) {
            best = d;
            found = c;
        }
    }
    return found;
}

static int by_place(const void *x, const void *y)
{
    const struct diagnostic *a = *(const struct diagnostic *const *)x,
                            *b = *(const struct diagnostic *const *)y;

    if (a->at.file != b->at.file)
        return a->at.file < b->at.file ? -1 : 1;
    if (a->at.line != b->at.line)
        return a->at.line < b->at.line ? -1 : 1;
    if (a->at.column != b->at.column)
        return a->at.column < b->at.column ? -1 : 1;
    return a < b ? -1 : a > b; /* in the order of finding */
}

static const struct diagnostic **sorted(const struct diagnostics *d)
{
    const struct diagnostic **list = memory_array(d->count + 1, sizeof *list);

    for (size_t i = 0; i < d->count; i++)
        list[i] = &d->items[i];
    if (d->count > 1)
        qsort(list, d->count, sizeof *list, by_place);
    return list;
}

struct slice diagnostics_line(const struct diagnostics *d, struct span at)
{
    struct slice rest = { NULL, 0 }, line = { NULL, 0 };

    if (at.file >= d->file_count || at.line == 0)
        return line;
    rest = d->files[at.file].bytes;
    for (uint32_t i = 0; i < at.line; i++)
        line = slice_cut(&rest, '\n');
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

static const char *const severities[] = { "error", "warning", "note" };
static const char letters[] = "EWN";
static const char *const colours[] = { "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m" };

static void put_times(struct buf *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_bytes(out, &c, 1);
}

/* The line as a terminal may show it: other control characters and broken UTF-8 become '?'. */
static void put_line(struct buf *out, struct slice line)
{
    bool fine = utf8_valid(line);

    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];
        bool shown = c == '\t' || (c >= 0x20 && c != 0x7f && (c < 0x80 || fine));
        buf_bytes(out, shown ? line.ptr + i : "?", 1);
    }
}

/* Below the caret's column: tabs stay tabs, a character of several bytes is one blank. */
static void put_margin(struct buf *out, struct slice line, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        char c = i < line.len ? line.ptr[i] : ' ';
        if (((unsigned char)c & 0xc0) != 0x80)
            buf_text(out, c == '\t' ? "\t" : " ");
    }
}

static void put_item(const struct diagnostics *d, const struct diagnostic *item, bool colour, struct buf *out)
{
    const char *on = colour ? colours[item->severity] : "", *off = colour ? "\x1b[0m" : "";
    const char *bold = colour ? "\x1b[1m" : "";
    struct slice name = item->at.file < d->file_count ? d->files[item->at.file].name : SLICE("site");
    struct slice line = diagnostics_line(d, item->at);

    buf_printf(out, "%s%s[%c%03u]%s: %s%.*s%s\n", on, severities[item->severity], letters[item->severity],
               item->number, off, bold, SLICE_ARG(item->message), off);
    if (item->at.line == 0) {
        if (item->hint.len > 0)
            buf_printf(out, "%15s | %.*s\n", "", SLICE_ARG(item->hint));
        return;
    }
    struct slice place =
        arena_printf(d->arena, "%.*s:%u:%u", SLICE_ARG(name), item->at.line, item->at.column);
    size_t width = place.len > 15 ? place.len : 15;
    put_times(out, ' ', width - place.len);
    buf_printf(out, "%.*s |", SLICE_ARG(place));
    put_line(out, line);
    buf_text(out, "\n");
    put_times(out, ' ', width + 1);
    buf_text(out, "|");
    put_margin(out, line, item->at.column - 1);
    buf_text(out, on);
    size_t wide = utf8_count(slice_sub(line, item->at.column - 1, item->at.length));
    put_times(out, '^', wide > 0 ? wide : 1);
    buf_text(out, off);
    if (item->hint.len > 0)
        buf_printf(out, " %.*s", SLICE_ARG(item->hint));
    buf_text(out, "\n");
}

void diagnostics_text(const struct diagnostics *d, bool colour, struct buf *out)
{
    const struct diagnostic **list = sorted(d);

    for (size_t i = 0; i < d->count; i++)
        put_item(d, list[i], colour, out);
    if (d->dropped > 0)
        buf_printf(out, "and %zu more\n", d->dropped);
    free(list);
}

static void put_member(struct buf *out, const char *name, struct slice text)
{
    buf_printf(out, ",\"%s\":\"", name);
    utf8_put_json(out, text);
    buf_text(out, "\"");
}

void diagnostics_json(const struct diagnostics *d, struct buf *out)
{
    const struct diagnostic **list = sorted(d);

    for (size_t i = 0; i < d->count; i++) {
        const struct diagnostic *item = list[i];
        buf_printf(out, "{\"severity\":\"%s\",\"number\":\"%c%03u\"", severities[item->severity],
                   letters[item->severity], item->number);
        if (item->at.file < d->file_count)
            put_member(out, "file", d->files[item->at.file].name);
        buf_printf(out, ",\"line\":%u,\"column\":%u,\"length\":%u", item->at.line, item->at.column,
                   item->at.length);
        put_member(out, "message", item->message);
        if (item->hint.len > 0)
            put_member(out, "hint", item->hint);
        buf_text(out, "}\n");
    }
    free(list);
}
