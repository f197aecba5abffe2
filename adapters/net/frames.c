#include "adapters/net/frames.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>

static bool is_list(enum frame_type type)
{
    return type == FRAME_SUBMIT || type == FRAME_VERDICTS || type == FRAME_DELIVER || type == FRAME_REPORT ||
           type == FRAME_PUSH || type == FRAME_PUSHED;
}

bool frame_open(struct slice bytes, struct frame *out, struct error *err)
{
    struct reader r = reader_make(bytes);
    uint8_t version = read_u8(&r), type = read_u8(&r);
    uint64_t session = read_u64(&r);

    if (r.failed)
        return error_set(err, ERROR_SYNTAX, "a bus frame is shorter than its header");
    if (version != FRAME_VERSION)
        return error_set(err, ERROR_VERSION, "bus frame version %u, this program reads %u", version,
                         FRAME_VERSION);
    if (type == 0 || type >= FRAME_TYPES)
        return error_set(err, ERROR_UNSUPPORTED, "bus frame type %u is not known", type);
    *out = (struct frame){ .type = (enum frame_type)type, .session = session };
    if (is_list(out->type))
        out->count = read_u32(&r);
    if (r.failed)
        return error_set(err, ERROR_SYNTAX, "a bus frame lacks its count");
    if (out->count > LIMIT_BUS_FRAME_ITEMS)
        return error_set(err, ERROR_LIMIT, "bus-frame-items: %u items, at most %d", out->count,
                         LIMIT_BUS_FRAME_ITEMS);
    out->body = r;
    return true;
}

void frame_begin(struct buf *out, enum frame_type type, uint64_t session)
{
    buf_reset(out);
    buf_u8(out, FRAME_VERSION);
    buf_u8(out, (uint8_t)type);
    buf_u64(out, session);
    if (is_list(type))
        buf_u32(out, 0);
}

uint32_t frame_count(const struct buf *out)
{
    struct reader r = reader_make(buf_slice(out));

    read_raw(&r, FRAME_HEADER_BYTES);
    return read_u32(&r);
}

void frame_item(struct buf *out)
{
    buf_patch_u32(out, FRAME_HEADER_BYTES, frame_count(out) + 1);
}

/* A frame with something in it takes no more past this, so that many small ones share memory and time; one
 * item alone may be larger, up to LIMIT_BUS_FRAME_BYTES. */
enum { FRAME_TARGET = 16 * 1024 * 1024 };

bool frame_full(const struct buf *out, size_t bytes)
{
    return frame_count(out) >= LIMIT_BUS_FRAME_ITEMS || out->len + bytes > FRAME_TARGET;
}

static void put_error(struct buf *out, const struct error *e)
{
    buf_u8(out, (uint8_t)e->code);
    buf_slice_put(out, slice_of(e->where));
    buf_slice_put(out, slice_of(e->message));
    buf_slice_put(out, slice_of(e->hint));
}

static void get_error(struct reader *in, struct error *e)
{
    uint8_t code = read_u8(in);
    struct slice where = read_slice(in), message = read_slice(in), hint = read_slice(in);

    error_clear(e);
    if (code > ERROR_INTERNAL)
        code = ERROR_INTERNAL;
    e->code = (enum error_code)code;
    snprintf(e->where, sizeof e->where, "%.*s", SLICE_ARG(where));
    snprintf(e->message, sizeof e->message, "%.*s", SLICE_ARG(message));
    snprintf(e->hint, sizeof e->hint, "%.*s", SLICE_ARG(hint));
}

void submit_write(struct buf *out, const struct submit_item *i)
{
    buf_u64(out, i->connection);
    buf_u64(out, i->sequence);
    buf_slice_put(out, i->listener);
    buf_u8(out, i->format);
    buf_slice_put(out, i->principal);
    buf_slice_put(out, i->control_id);
    buf_bytes(out, i->duplicate_key, sizeof i->duplicate_key);
    buf_u8(out, i->suspect);
    put_error(out, &i->syntax);
    buf_slice_put(out, i->bytes);
    frame_item(out);
}

bool submit_read(struct reader *in, struct submit_item *out)
{
    *out = (struct submit_item){ .connection = read_u64(in) };
    out->sequence = read_u64(in);
    out->listener = read_slice(in);
    out->format = read_u8(in);
    out->principal = read_slice(in);
    out->control_id = read_slice(in);
    struct slice key = read_raw(in, sizeof out->duplicate_key);
    if (key.len == sizeof out->duplicate_key)
        memcpy(out->duplicate_key, key.ptr, key.len);
    out->suspect = read_u8(in) != 0;
    get_error(in, &out->syntax);
    out->bytes = read_slice(in);
    return !in->failed;
}

void verdict_write(struct buf *out, const struct verdict_item *i)
{
    buf_u64(out, i->connection);
    buf_u64(out, i->sequence);
    buf_u8(out, i->verdict);
    buf_u8(out, i->accepted);
    buf_u64(out, i->position);
    buf_i64(out, i->wall_us);
    put_error(out, &i->error);
    frame_item(out);
}

bool verdict_read(struct reader *in, struct verdict_item *out)
{
    *out = (struct verdict_item){ .connection = read_u64(in) };
    out->sequence = read_u64(in);
    out->verdict = read_u8(in);
    out->accepted = read_u8(in) != 0;
    out->position = read_u64(in);
    out->wall_us = read_i64(in);
    get_error(in, &out->error);
    return !in->failed;
}

void deliver_write(struct buf *out, const struct deliver_item *i)
{
    buf_u64(out, i->delivery);
    buf_u64(out, i->alert);
    buf_u64(out, i->device);
    buf_u8(out, i->what);
    buf_u8(out, i->level);
    buf_slice_put(out, i->key);
    buf_slice_put(out, i->endpoint);
    buf_slice_put(out, i->address);
    buf_slice_put(out, i->payload);
    frame_item(out);
}

bool deliver_read(struct reader *in, struct deliver_item *out)
{
    *out = (struct deliver_item){ .delivery = read_u64(in) };
    out->alert = read_u64(in);
    out->device = read_u64(in);
    out->what = read_u8(in);
    out->level = read_u8(in);
    out->key = read_slice(in);
    out->endpoint = read_slice(in);
    out->address = read_slice(in);
    out->payload = read_slice(in);
    return !in->failed && out->what <= DELIVER_REPORT;
}

void report_write(struct buf *out, const struct report_item *i)
{
    buf_u64(out, i->delivery);
    buf_u8(out, i->state);
    buf_slice_put(out, i->detail);
    frame_item(out);
}

bool report_read(struct reader *in, struct report_item *out)
{
    *out = (struct report_item){ .delivery = read_u64(in) };
    out->state = read_u8(in);
    out->detail = read_slice(in);
    return !in->failed;
}

void push_write(struct buf *out, const struct push_item *i)
{
    buf_u64(out, i->delivery);
    buf_u64(out, i->device);
    buf_slice_put(out, i->jwe);
    frame_item(out);
}

bool push_read(struct reader *in, struct push_item *out)
{
    *out = (struct push_item){ .delivery = read_u64(in) };
    out->device = read_u64(in);
    out->jwe = read_slice(in);
    return !in->failed;
}

void pushed_write(struct buf *out, const struct pushed_item *i)
{
    buf_u64(out, i->delivery);
    buf_u8(out, i->written);
    frame_item(out);
}

bool pushed_read(struct reader *in, struct pushed_item *out)
{
    *out = (struct pushed_item){ .delivery = read_u64(in) };
    out->written = read_u8(in) != 0;
    return !in->failed;
}

void hello_write(struct buf *out, uint64_t session, enum frame_role role, uint64_t last_router)
{
    frame_begin(out, FRAME_HELLO, session);
    buf_u8(out, (uint8_t)role);
    buf_u64(out, last_router);
}

void welcome_write(struct buf *out, uint64_t session, uint64_t router, struct slice configuration)
{
    frame_begin(out, FRAME_WELCOME, session);
    buf_u64(out, router);
    buf_u32(out, LIMIT_BUS_CREDIT_ITEMS);
    buf_u32(out, LIMIT_BUS_CREDIT_BYTES);
    buf_slice_put(out, configuration);
}

void ask_write(struct buf *out, uint64_t session, uint64_t id, enum frame_question question,
               struct slice body)
{
    frame_begin(out, FRAME_ASK, session);
    buf_u64(out, id);
    buf_u8(out, (uint8_t)question);
    buf_slice_put(out, body);
}

void reply_write(struct buf *out, uint64_t session, uint64_t id, uint16_t status, struct slice body)
{
    frame_begin(out, FRAME_REPLY, session);
    buf_u64(out, id);
    buf_u16(out, status);
    buf_slice_put(out, body);
}

void stream_write(struct buf *out, uint64_t session, uint64_t device, bool open)
{
    frame_begin(out, FRAME_STREAM, session);
    buf_u64(out, device);
    buf_u8(out, open);
}

void configuration_write(struct buf *out, uint64_t session, struct slice configuration)
{
    frame_begin(out, FRAME_CONFIGURATION, session);
    buf_slice_put(out, configuration);
}

void stale_write(struct buf *out, uint64_t session)
{
    frame_begin(out, FRAME_STALE, session);
}
