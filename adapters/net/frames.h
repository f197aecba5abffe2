/* adapters/net/frames.h - the frames of docs/bus.md, written and read.
 *
 * Writers append to a buf; begin a list frame, add items, and the count is patched in. Readers are
 * total: any bytes give a frame or a located error. Slices point into the frame's bytes. */
#ifndef NIGHTBELL_ADAPTERS_NET_FRAMES_H
#define NIGHTBELL_ADAPTERS_NET_FRAMES_H

#include "base/buf.h"
#include "base/error.h"

enum { FRAME_VERSION = 1, FRAME_HEADER_BYTES = 10 };

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_WELCOME,
    FRAME_SUBMIT,
    FRAME_VERDICTS,
    FRAME_ASK,
    FRAME_REPLY,
    FRAME_DELIVER,
    FRAME_REPORT,
    FRAME_PUSH,
    FRAME_PUSHED,
    FRAME_STREAM,
    FRAME_CONFIGURATION,
    FRAME_STALE,
    FRAME_TYPES
};
enum frame_role { ROLE_FEEDS = 1, ROLE_WEB = 2, ROLE_DELIVERY = 3 };
enum frame_question { QUESTION_ENROL = 1, QUESTION_SESSION, QUESTION_DEVICE_ANSWER, QUESTION_GATEWAY_ANSWER };

struct frame {
    enum frame_type type;
    uint64_t session;
    struct reader body; /* of list frames: after the count */
    uint32_t count;     /* items of a list frame, else 0 */
};

/* False (err filled) when it is not a frame of a version we read. */
bool frame_open(struct slice bytes, struct frame *out, struct error *err);

/* Starts a frame in `out` (which is emptied). List frames: frame_item after each item. */
void frame_begin(struct buf *out, enum frame_type type, uint64_t session);
void frame_item(struct buf *out);
uint32_t frame_count(const struct buf *out);
/* Would another item of about `bytes` pass the frame's limits? */
bool frame_full(const struct buf *out, size_t bytes);

struct submit_item {
    uint64_t connection, sequence;
    struct slice listener, principal, control_id, bytes;
    uint8_t format; /* enum message_format */
    uint8_t duplicate_key[16];
    bool suspect;
    struct error syntax;
};
void submit_write(struct buf *out, const struct submit_item *i);
bool submit_read(struct reader *in, struct submit_item *out);

struct verdict_item {
    uint64_t connection, sequence, position;
    uint8_t verdict; /* enum verdict */
    bool accepted;
    int64_t wall_us;
    struct error error;
};
void verdict_write(struct buf *out, const struct verdict_item *i);
bool verdict_read(struct reader *in, struct verdict_item *out);

enum deliver_what {
    DELIVER_SEND,
    DELIVER_NOTICE,
    DELIVER_CANCEL,
    DELIVER_REPORT /* delivery: its id; endpoint: the listener; payload: the HL7 message */
};
struct deliver_item {
    uint64_t delivery, alert, device;
    uint8_t what, level;
    struct slice key; /* 65 bytes: the device's ECDH point; empty for a gateway */
    struct slice endpoint, address, payload;
};
void deliver_write(struct buf *out, const struct deliver_item *i);
bool deliver_read(struct reader *in, struct deliver_item *out);

enum { REPORT_STATE = 3 }; /* the state that says "taken" of a DELIVER_REPORT; then refused, stalled */
struct report_item {
    uint64_t delivery;
    uint8_t state;
    struct slice detail;
};
void report_write(struct buf *out, const struct report_item *i);
bool report_read(struct reader *in, struct report_item *out);

struct push_item {
    uint64_t delivery, device;
    struct slice jwe;
};
void push_write(struct buf *out, const struct push_item *i);
bool push_read(struct reader *in, struct push_item *out);

struct pushed_item {
    uint64_t delivery;
    bool written;
};
void pushed_write(struct buf *out, const struct pushed_item *i);
bool pushed_read(struct reader *in, struct pushed_item *out);

/* The small frames, whole. */
void hello_write(struct buf *out, uint64_t session, enum frame_role role, uint64_t last_router);
void welcome_write(struct buf *out, uint64_t session, uint64_t router, struct slice configuration);
void ask_write(struct buf *out, uint64_t session, uint64_t id, enum frame_question question,
               struct slice body);
void reply_write(struct buf *out, uint64_t session, uint64_t id, uint16_t status, struct slice body);
void stream_write(struct buf *out, uint64_t session, uint64_t device, bool open);
void configuration_write(struct buf *out, uint64_t session, struct slice configuration);
void stale_write(struct buf *out, uint64_t session);

#endif
