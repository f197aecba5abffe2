/* hl7/mllp.h - frames of the minimal lower layer protocol: VT message FS CR (MLLP release 1 and 2).
 *
 * An incremental framer over an input that grows. The frame ends at FS, so it can be acknowledged
 * without waiting for the CR; a CR that comes later is swallowed. Bytes outside a frame are noise:
 * skipped and counted. A VT inside a frame means that the end before it was lost: the frame starts
 * again there. Nothing is searched twice, however small the chunks.
 *
 * Release 2 adds two frames of one byte each way: VT ACK FS CR, the frame before is stored, and
 * VT NAK FS CR, it is not: send it again. They are told apart from messages always; whether they are
 * expected is the caller's business. */
#ifndef NIGHTBELL_HL7_MLLP_H
#define NIGHTBELL_HL7_MLLP_H

#include "base/buf.h"
#include "base/error.h"

enum { MLLP_VT = 0x0B, MLLP_FS = 0x1C, MLLP_CR = 0x0D, MLLP_ACK = 0x06, MLLP_NAK = 0x15 };

enum mllp_result {
    MLLP_MORE,       /* no whole frame yet */
    MLLP_FRAME,      /* *frame is one message, without VT and FS */
    MLLP_EMPTY,      /* a frame with nothing in it: pass over it, no acknowledgement */
    MLLP_COMMIT_ACK, /* release 2: the other side has stored our frame */
    MLLP_COMMIT_NAK, /* release 2: it could not */
    MLLP_ERROR       /* the frame passes max_bytes (ERROR_LIMIT, message-bytes); *frame is its beginning */
};

struct mllp_framer {
    size_t max_bytes;      /* of one message */
    uint64_t noise_bytes;  /* outside frames, so far */
    uint64_t lost_frames;  /* begun, and cut off by the next VT */
    size_t scanned;        /* of an unfinished frame: bytes from its VT on that hold no FS */
    bool inside, after_fs; /* a frame has begun; the last byte taken was an FS */
};

struct mllp_framer mllp_framer_make(size_t max_bytes);

/* Takes what it can from *in and moves it past that. With MLLP_MORE *in is what must be offered again,
 * unchanged and first, together with newer bytes; it may have moved in memory meanwhile. *frame points
 * into *in's bytes. Call again until MLLP_MORE. After MLLP_ERROR the rest of that frame is noise. */
enum mllp_result mllp_next(struct mllp_framer *f, struct slice *in, struct slice *frame, struct error *err);
/* A message has begun and not ended (for the frame-seconds limit). */
bool mllp_inside(const struct mllp_framer *f);

/* Appends the framed message. False, and nothing appended, when it holds a VT or FS. */
bool mllp_wrap(struct buf *out, struct slice message);
enum { MLLP_COMMIT_BYTES = 4 };
/* A commit acknowledgement as it travels: stored, or not. */
struct slice mllp_commit(bool stored);

#endif
