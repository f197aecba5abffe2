#include "hl7/mllp.h"

#include <string.h>

struct mllp_framer mllp_framer_make(size_t max_bytes)
{
    return (struct mllp_framer){ .max_bytes = max_bytes };
}

bool mllp_inside(const struct mllp_framer *f)
{
    return f->inside;
}

static void input_drop(struct slice *in, size_t bytes)
{
    *in = slice_sub(*in, bytes, SIZE_MAX);
}

/* Passes over what is outside a frame, up to the next VT. The CR of the frame before is no noise. */
static bool frame_begin(struct mllp_framer *f, struct slice *in)
{
    if (f->after_fs && in->len > 0) {
        f->after_fs = false;
        if (in->ptr[0] == MLLP_CR)
            input_drop(in, 1);
    }
    size_t noise = slice_find(*in, MLLP_VT);
    f->noise_bytes += noise;
    input_drop(in, noise);
    f->inside = in->len > 0;
    f->scanned = f->inside ? 1 : 0;
    return f->inside;
}

/* A VT in the new bytes: the end of the frame before was lost, the last VT begins what counts. */
static void frame_resync(struct mllp_framer *f, struct slice *in, size_t end)
{
    const char *from = in->ptr + f->scanned;
    const char *vt = end > f->scanned ? memrchr(from, MLLP_VT, end - f->scanned) : NULL;

    if (vt == NULL)
        return;
    for (const char *p = from; p <= vt; p++)
        f->lost_frames += *p == MLLP_VT;
    input_drop(in, (size_t)(vt - in->ptr));
    f->scanned = 1;
}

static enum mllp_result frame_refuse(struct mllp_framer *f, struct slice *in, struct slice *frame,
                                     struct error *err)
{
    *frame = slice_sub(*in, 1, f->max_bytes);
    input_drop(in, 1 + f->max_bytes);
    f->inside = false;
    f->scanned = 0;
    error_set(err, ERROR_LIMIT, "longer than message-bytes allows (%zu)", f->max_bytes);
    return MLLP_ERROR;
}

static enum mllp_result frame_kind(struct slice frame)
{
    if (frame.len == 0)
        return MLLP_EMPTY;
    if (frame.len > 1)
        return MLLP_FRAME;
    return frame.ptr[0] == MLLP_ACK   ? MLLP_COMMIT_ACK
           : frame.ptr[0] == MLLP_NAK ? MLLP_COMMIT_NAK
                                      : MLLP_FRAME;
}

enum mllp_result mllp_next(struct mllp_framer *f, struct slice *in, struct slice *frame, struct error *err)
{
    *frame = (struct slice){ NULL, 0 };
    if (!f->inside && !frame_begin(f, in))
        return MLLP_MORE;
    if (f->scanned > in->len) /* the caller offers less than before: begin again with what is there */
        f->scanned = in->len > 0;
    size_t end = f->scanned + slice_find(slice_sub(*in, f->scanned, SIZE_MAX), MLLP_FS);
    size_t taken = in->len;
    frame_resync(f, in, end);
    end -= taken - in->len;
    if (end > f->max_bytes + 1)
        return frame_refuse(f, in, frame, err);
    f->scanned = end;
    if (end == in->len)
        return MLLP_MORE;
    *frame = slice_sub(*in, 1, end - 1);
    input_drop(in, end + 1);
    f->inside = false;
    f->after_fs = true;
    f->scanned = 0;
    return frame_kind(*frame);
}

bool mllp_wrap(struct buf *out, struct slice message)
{
    if (slice_find(message, MLLP_VT) < message.len || slice_find(message, MLLP_FS) < message.len)
        return false;
    buf_u8(out, MLLP_VT);
    buf_put(out, message);
    buf_bytes(out, (char[]){ MLLP_FS, MLLP_CR }, 2);
    return true;
}

struct slice mllp_commit(bool stored)
{
    return stored ? SLICE("\x0B\x06\x1C\r") : SLICE("\x0B\x15\x1C\r");
}
