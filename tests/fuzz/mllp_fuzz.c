/* Any bytes in any chunks: the frames are those that the whole gives, and no byte is lost. */
#include "hl7/mllp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Everything that came out, as one text to compare. */
static void feed(struct slice input, size_t chunk, size_t max_bytes, struct buf *seen)
{
    struct mllp_framer f = mllp_framer_make(max_bytes);
    struct buf held = buf_make(1 << 24);
    enum mllp_result result;
    struct slice frame;

    for (size_t at = 0; at < input.len; at += chunk < input.len ? chunk : input.len) {
        buf_put(&held, slice_sub(input, at, chunk));
        struct slice in = buf_slice(&held);
        while ((result = mllp_next(&f, &in, &frame, NULL)) != MLLP_MORE) {
            if (frame.len > max_bytes)
                abort();
            bool commit = result == MLLP_COMMIT_ACK || result == MLLP_COMMIT_NAK;
            if (commit &&
                (frame.len != 1 || slice_find(mllp_commit(result == MLLP_COMMIT_ACK), frame.ptr[0]) != 1))
                abort();
            buf_u8(seen, (uint8_t)result);
            buf_slice_put(seen, frame);
        }
        if (in.len > max_bytes + 1)
            abort();
        struct buf left = buf_make(1 << 24);
        buf_put(&left, in);
        buf_free(&held);
        held = left;
    }
    buf_u64(seen, f.noise_bytes);
    buf_u8(seen, mllp_inside(&f));
    buf_free(&held);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct slice input = { (const char *)data + 2, size - 2 };
    struct buf whole = buf_make(1 << 26), parts = buf_make(1 << 26);
    size_t chunk = data[0] % 16 + 1u, max_bytes = (size_t)data[1] * 4 + 1;

    feed(input, SIZE_MAX, input.len + 1, &whole);
    feed(input, chunk, input.len + 1, &parts);
    if (!slice_eq(buf_slice(&whole), buf_slice(&parts)))
        abort();
    buf_reset(&parts);
    feed(input, chunk, max_bytes, &parts);
    buf_free(&whole);
    buf_free(&parts);
    return 0;
}
