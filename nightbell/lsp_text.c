#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightbell/json_text.h"
#include "nightbell/lsp.h"

/* Bytes of the character that begins at c; 1 for what is not UTF-8. */
static size_t character_bytes(unsigned char c)
{
    return c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
}

/* Units that one character of `bytes` bytes counts. */
static json_int_t units(size_t bytes, bool utf8)
{
    return utf8 ? (json_int_t)bytes : bytes == 4 ? 2 : 1;
}

struct lsp_lines lsp_lines_of(struct arena *a, struct slice text)
{
    size_t count = 1, *starts;

    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    starts = arena_array(a, count, sizeof *starts);
    count = 1;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\n')
            starts[count++] = i + 1;
    return (struct lsp_lines){ text, starts, count };
}

json_int_t lsp_characters(struct slice piece, bool utf8)
{
    json_int_t count = 0;

    for (size_t at = 0; at < piece.len;) {
        size_t bytes = character_bytes((unsigned char)piece.ptr[at]);
        count += units(bytes, utf8);
        at += bytes;
    }
    return count;
}

size_t lsp_offset(const struct lsp_lines *l, json_int_t line, json_int_t character, bool utf8)
{
    struct slice text = l->text;
    size_t at;

    if (line >= (json_int_t)l->count)
        return text.len;
    at = l->starts[line > 0 ? line : 0];
    while (at < text.len && character > 0 && text.ptr[at] != '\n' && text.ptr[at] != '\r') {
        size_t bytes = character_bytes((unsigned char)text.ptr[at]);
        if (units(bytes, utf8) > character)
            break;
        character -= units(bytes, utf8);
        at += bytes;
    }
    return at < text.len ? at : text.len;
}

/* The line that holds the offset, from 0. */
static size_t line_at(const struct lsp_lines *l, size_t offset)
{
    size_t low = 0, high = l->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

json_t *lsp_position(const struct lsp_lines *l, size_t offset, bool utf8)
{
    size_t line = line_at(l, offset), start = l->starts[line];
    struct slice before = slice_sub(l->text, start, offset - start);

    return json_pack("{s:I s:I}", "line", (json_int_t)line, "character", lsp_characters(before, utf8));
}

json_t *lsp_range(const struct lsp_lines *l, size_t from, size_t to, bool utf8)
{
    return json_pack("{s:o s:o}", "start", lsp_position(l, from, utf8), "end", lsp_position(l, to, utf8));
}

size_t lsp_span_offset(const struct lsp_lines *l, struct span at)
{
    size_t line = at.line > 0 ? at.line - 1 : 0, column = at.column > 0 ? at.column - 1 : 0;
    size_t offset = line < l->count ? l->starts[line] + column : l->text.len;

    return offset < l->text.len ? offset : l->text.len;
}

json_t *lsp_span_range(const struct lsp_lines *l, struct span at, bool utf8)
{
    size_t from = lsp_span_offset(l, at);

    return lsp_range(l, from, from + (at.length > 0 ? at.length : 1), utf8);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

char *lsp_path_of(struct slice uri)
{
    struct slice scheme = SLICE("file://"), rest = slice_sub(uri, scheme.len, uri.len);
    char *path = calloc(1, uri.len + 1);
    size_t n = 0;

    if (path == NULL || !slice_starts(uri, scheme)) {
        free(path);
        return NULL;
    }
    rest = slice_sub(rest, slice_find(rest, '/'), rest.len); /* a host, "localhost", goes */
    for (size_t i = 0; i < rest.len; i++) {
        bool escaped =
            rest.ptr[i] == '%' && i + 2 < rest.len && hex(rest.ptr[i + 1]) >= 0 && hex(rest.ptr[i + 2]) >= 0;
        path[n++] = escaped ? (char)(hex(rest.ptr[i + 1]) * 16 + hex(rest.ptr[i + 2])) : rest.ptr[i];
        i += escaped ? 2 : 0;
    }
    char *real = strlen(path) == n && n > 0 ? realpath(path, NULL) : NULL;
    if (real == NULL && strlen(path) == n && path[0] == '/')
        return path; /* a file that is not on disk yet */
    free(path);
    return real;
}

json_t *lsp_uri_of(const char *path)
{
    struct buf uri = buf_make(1 << 16);

    buf_text(&uri, "file://");
    for (const char *c = path; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                     strchr("/-._~", *c) != NULL;
        if (plain)
            buf_u8(&uri, (uint8_t)*c);
        else
            buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
    }
    json_t *text = json_of_slice(buf_slice(&uri));
    buf_free(&uri);
    return text;
}

static bool of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_-.:", c) != NULL);
}

bool lsp_word_at(struct slice text, size_t offset, size_t *from, size_t *to)
{
    *from = *to = offset < text.len ? offset : text.len;
    while (*from > 0 && of_word(text.ptr[*from - 1]))
        (*from)--;
    while (*to < text.len && of_word(text.ptr[*to]))
        (*to)++;
    return *to > *from;
}
