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

size_t lsp_offset(struct slice text, json_int_t line, json_int_t character, bool utf8)
{
    size_t at = 0;

    for (; line > 0 && at < text.len; at++)
        line -= text.ptr[at] == '\n';
    if (line > 0)
        return text.len;
    while (at < text.len && character > 0 && text.ptr[at] != '\n' && text.ptr[at] != '\r') {
        size_t bytes = character_bytes((unsigned char)text.ptr[at]);
        if (units(bytes, utf8) > character)
            break;
        character -= units(bytes, utf8);
        at += bytes;
    }
    return at < text.len ? at : text.len;
}

json_t *lsp_position(struct slice text, size_t offset, bool utf8)
{
    json_int_t line = 0, character = 0;

    offset = offset < text.len ? offset : text.len;
    for (size_t at = 0; at < offset;) {
        size_t bytes = character_bytes((unsigned char)text.ptr[at]);
        bool next = text.ptr[at] == '\n';
        line += next;
        character = next ? 0 : character + units(bytes, utf8);
        at += bytes;
    }
    return json_pack("{s:I s:I}", "line", line, "character", character);
}

json_t *lsp_range(struct slice text, size_t from, size_t to, bool utf8)
{
    return json_pack("{s:o s:o}", "start", lsp_position(text, from, utf8), "end",
                     lsp_position(text, to, utf8));
}

size_t lsp_span_offset(struct slice text, struct span at)
{
    struct slice rest = text;

    for (uint32_t i = 1; i < at.line && rest.len > 0; i++)
        slice_cut(&rest, '\n');
    size_t start = text.len - rest.len, column = at.column > 0 ? at.column - 1 : 0;
    return start + column < text.len ? start + column : text.len;
}

json_t *lsp_span_range(struct slice text, struct span at, bool utf8)
{
    size_t from = lsp_span_offset(text, at);

    return lsp_range(text, from, from + (at.length > 0 ? at.length : 1), utf8);
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
