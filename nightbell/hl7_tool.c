#include "nightbell/hl7_tool.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "hl7/names.h"
#include "nightbell/file.h"
#include "nightbell/json_text.h"
#include "nightbell/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES                                                                                           \
    ((size_t)1 << 30) /* of one file that a tool reads; messages are bounded by their own limits */

static void items_read(struct hl7_file *f)
{
    struct hl7_stream s = hl7_stream_make(buf_slice(&f->bytes));
    struct hl7_item item;
    size_t room = 0, message_room = 0;

    while (hl7_stream_next(&s, &item)) {
        MEMORY_ROOM(f->items, f->count, room);
        if (item.kind == HL7_ITEM_MESSAGE) {
            MEMORY_ROOM(f->message_items, f->messages, message_room);
            f->message_items[f->messages++] = f->count;
        }
        f->items[f->count++] = item;
    }
}

bool hl7_file_read(struct hl7_file *f, const char *path)
{
    struct error err = { .code = ERROR_NONE };

    *f = (struct hl7_file){ .bytes = buf_make(FILE_BYTES), .arena = arena_new() };
    if (!file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, &f->bytes, &err)) {
        report(&err);
        hl7_file_free(f);
        return false;
    }
    items_read(f);
    return true;
}

void hl7_file_free(struct hl7_file *f)
{
    buf_free(&f->bytes);
    arena_free(&f->arena);
    free(f->items);
    free(f->message_items);
    f->items = NULL;
    f->message_items = NULL;
}

bool hl7_file_is_batch(const struct hl7_file *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->items[i].kind != HL7_ITEM_MESSAGE && f->items[i].kind != HL7_ITEM_OTHER)
            return true;
    return false;
}

bool hl7_is_marks(struct slice bytes)
{
    if (slice_is(bytes, "\xEF\xBB\xBF"))
        return true;
    for (size_t i = 0; i < bytes.len; i++)
        if ((unsigned char)bytes.ptr[i] > ' ')
            return false;
    return true;
}

const struct hl7_item *hl7_file_message(const struct hl7_file *f, size_t n)
{
    return n > 0 && n <= f->messages ? &f->items[f->message_items[n - 1]] : NULL;
}

struct hl7_message *hl7_file_parse(struct hl7_file *f, const struct hl7_item *item, size_t n)
{
    struct error err = { .code = ERROR_NONE };
    struct hl7_message *m = hl7_message_parse(f->arena, item->bytes, &err);

    if (m == NULL)
        hl7_say(&err, f->messages > 1 ? n : 0);
    return m;
}

struct hl7_path *hl7_path_read(struct arena *a, struct slice text, bool terser)
{
    struct error err = { .code = ERROR_NONE };
    struct hl7_path *p = terser ? hl7_terser_compile(a, text, &err) : hl7_path_compile(a, text, &err);

    if (p != NULL)
        return p;
    fprintf(stderr, "nightbell: %.*s: %s\n", SLICE_ARG(text), err.message);
    if (err.column > 0)
        fprintf(stderr, "           %*s^\n", (int)err.column - 1, "");
    if (err.hint[0] != '\0')
        fprintf(stderr, "  %s\n", err.hint);
    return NULL;
}

bool hl7_path_known(const struct hl7_path *path, const char *written)
{
    struct error err = { .code = ERROR_NONE };
    uint32_t size = hl7_segment_size(hl7_path_segment(path));

    if (size == 0 || hl7_path_field(path) <= size || hl7_path_check(path, &err))
        return true;
    fprintf(stderr, "nightbell: %s: %s\n  %s\n", written, err.message, err.hint);
    return false;
}

bool hl7_file_range(const struct hl7_file *f, const char *tool, const char *given, bool all_by_default,
                    size_t *first, size_t *last)
{
    uint32_t n;

    *first = 1;
    *last = all_by_default ? f->messages : 1;
    if (f->messages == 0) {
        fprintf(stderr, "nightbell: MSH: there is no message in the file: no line begins with MSH\n");
        return false;
    }
    if (given == NULL)
        return true;
    *last = f->messages;
    if (strcmp(given, "all") == 0)
        return true;
    if (!slice_to_u32(slice_of(given), &n) || n == 0 || n > f->messages) {
        fprintf(stderr, "nightbell hl7 %s: --message is 1 to %zu, or all\n", tool, f->messages);
        return false;
    }
    *first = *last = n;
    return true;
}

bool hl7_colour(void)
{
    return show_colour_on(STDOUT_FILENO);
}

const char *hl7_paint(const char *code)
{
    return hl7_colour() ? code : "";
}

void hl7_put(const struct buf *b)
{
    if (b->len > 0)
        fwrite(b->ptr, 1, b->len, stdout);
}

void hl7_put_json(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);

    puts(text != NULL ? text : "{}");
    free(text);
    json_decref(line);
}

json_t *hl7_json_error(const struct error *err)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "code", error_name(err->code), "where", err->where, "message",
                     err->message, "hint", err->hint);
}

void hl7_say(const struct error *err, size_t n)
{
    fputs("nightbell: ", stderr);
    if (n > 0)
        fprintf(stderr, "message %zu: ", n);
    fprintf(stderr, "%s%s%s\n", err->where, err->where[0] != '\0' ? ": " : "", err->message);
    if (err->hint[0] != '\0')
        fprintf(stderr, "  %s\n", err->hint);
}

json_t *hl7_json_bytes(struct slice bytes)
{
    if (utf8_valid(bytes))
        return json_of_slice(bytes);
    struct buf text = buf_make(SIZE_MAX / 2);
    utf8_put_any(&text, bytes);
    json_t *j = json_of_slice(buf_slice(&text));
    buf_free(&text);
    return j;
}

const char *hl7_state_name(enum hl7_presence p)
{
    static const char *const NAMES[] = {
        [HL7_ABSENT] = "absent", [HL7_EMPTY] = "empty", [HL7_NULL] = "null", [HL7_VALUE] = "value"
    };

    return NAMES[p];
}
