#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nightbell/lsp.h"

enum { HEADER_BYTES = 8192, PIECE = 65536 };

bool lsp_frames_read(struct lsp_frames *f, int fd, int timeout_ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char piece[PIECE];

    if (f->ended)
        return false;
    int ready = poll(&p, 1, timeout_ms);
    if (ready <= 0)
        return ready == 0 || errno == EINTR;
    ssize_t got = read(fd, piece, sizeof piece);
    if (got <= 0) {
        f->ended = got == 0 || errno != EINTR;
        return !f->ended;
    }
    size_t passed = (size_t)got < f->skip ? (size_t)got : f->skip;
    f->skip -= passed;
    buf_bytes(&f->in, piece + passed, (size_t)got - passed);
    return true;
}

static void drop(struct lsp_frames *f, size_t bytes)
{
    memmove(f->in.ptr, f->in.ptr + bytes, f->in.len - bytes);
    f->in.len -= bytes;
}

/* Value of Content-Length; false when there is none, or no number. */
static bool content_length(struct slice header, uint64_t *out)
{
    while (header.len > 0) {
        struct slice line = slice_trim(slice_cut(&header, '\n')), value = line, name = slice_cut(&value, ':');
        if (slice_eq_nocase(slice_trim(name), SLICE("Content-Length")))
            return slice_to_u64(slice_trim(value), out);
    }
    return false;
}

/* A header too long to be one: its bytes go, but for a few that may begin its end. */
static enum lsp_frame no_header(struct lsp_frames *f)
{
    if (f->in.len <= HEADER_BYTES)
        return LSP_FRAME_NONE;
    drop(f, f->in.len - 3);
    return LSP_FRAME_BAD;
}

enum lsp_frame lsp_frames_next(struct lsp_frames *f, struct buf *out)
{
    const char *end = f->in.len > 0 ? memmem(f->in.ptr, f->in.len, "\r\n\r\n", 4) : NULL;
    uint64_t length;

    if (end == NULL)
        return no_header(f);
    size_t header = (size_t)(end - f->in.ptr) + 4;
    if (!content_length((struct slice){ f->in.ptr, header }, &length)) {
        drop(f, header);
        return LSP_FRAME_BAD;
    }
    if (length > LSP_FRAME_BYTES) {
        size_t here = f->in.len - header < length ? f->in.len - header : (size_t)length;
        drop(f, header + here);
        f->skip = (size_t)(length - here);
        return LSP_FRAME_HUGE;
    }
    if (f->in.len - header < length)
        return LSP_FRAME_NONE;
    buf_reset(out);
    buf_bytes(out, f->in.ptr + header, (size_t)length);
    drop(f, header + (size_t)length);
    return LSP_FRAME;
}

static void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote < 0 && errno != EINTR)
            return; /* the editor is gone: the end of input will say so */
        bytes += wrote > 0 ? wrote : 0;
        len -= wrote > 0 ? (size_t)wrote : 0;
    }
}

void lsp_send(const struct lsp *s, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    struct buf frame = buf_make(2 * (size_t)LSP_FRAME_BYTES);

    json_decref(message);
    if (text == NULL)
        return;
    buf_printf(&frame, "Content-Length: %zu\r\n\r\n", strlen(text));
    buf_text(&frame, text);
    if (!frame.failed)
        write_all(s->out, frame.ptr, frame.len);
    buf_free(&frame);
    free(text);
}
