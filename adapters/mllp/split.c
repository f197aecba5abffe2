/* adapters/mllp/split.c - the messages of a frame: one, or several with or without batch headers. */
#include "adapters/mllp/connection.h"
#include "base/log.h"
#include "base/memory.h"
#include "hl7/ack.h"

#include <stdlib.h>

enum { KEPT_HEADER = 4096, KEPT_BROKEN = 65536 };

/* What the acknowledgement needs: the MSH segment, and of a master file what its MFK repeats. */
static void push_message(struct connection *c, struct slice message)
{
    struct slice line = slice_sub(hl7_header_line(message), 0, KEPT_HEADER);
    struct hl7_header header;

    if (!hl7_header_scan(line, &header) || !slice_is(header.type, "MFN")) {
        waiting_push(c, WAITING_MESSAGE, line);
        return;
    }
    struct buf kept = buf_make(message.len + 8); /* a last line without its end gets one */
    hl7_master_keep(&kept, message);
    waiting_push(c, WAITING_MESSAGE, buf_slice(&kept));
    buf_free(&kept);
}

static void hand_over(struct connection *c, struct slice message, const struct error *framing)
{
    struct mllp_listener *l = c->owner;
    struct mllp_message m = { .connection = c->id,
                              .sequence = c->next_sequence,
                              .bytes = message,
                              .principal = slice_of(c->principal) };

    if (framing->code != ERROR_NONE) {
        m.framing = *framing;
        m.bytes = slice_sub(message, 0, KEPT_BROKEN);
    }
    l->counts.messages++;
    /* The place in the ring is taken before the call: a verdict may not overtake it. */
    push_message(c, message);
    if (l->o.on_message(l->o.ctx, &m) || c->closed || c->ring_count == 0)
        return;
    struct waiting_message *w = &c->ring[(c->ring_first + c->ring_count - 1) % c->ring_room];
    free(w->text);
    w->text = NULL;
}

/* What a trailer says is often wrong in the field: told, never a reason to refuse. */
static void compare_count(struct connection *c, const struct hl7_item *item)
{
    char declared[LOG_NUM], counted[LOG_NUM];

    if (!item->has_declared || item->declared == item->counted)
        return;
    c->owner->counts.wrong_counts++;
    log_event(LOG_WARN, "mllp", "batch-count", "listener", c->owner->o.name, "peer", c->peer, "declared",
              log_num(declared, (int64_t)item->declared), "counted", log_num(counted, (int64_t)item->counted),
              NULL);
}

static void take_item(struct connection *c, const struct hl7_item *item)
{
    static const struct error none = { .code = ERROR_NONE };
    struct slice line = slice_sub(hl7_header_line(item->bytes), 0, KEPT_HEADER);

    switch (item->kind) {
    case HL7_ITEM_MESSAGE:
        hand_over(c, item->bytes, &none);
        break;
    case HL7_ITEM_FILE_HEADER:
        waiting_push(c, WAITING_FILE, line);
        break;
    case HL7_ITEM_BATCH_HEADER:
        c->owner->counts.batches++;
        waiting_push(c, WAITING_BATCH, line);
        break;
    case HL7_ITEM_BATCH_TRAILER:
        compare_count(c, item);
        waiting_push(c, WAITING_BATCH_END, (struct slice){ NULL, 0 });
        break;
    case HL7_ITEM_FILE_TRAILER:
        compare_count(c, item);
        waiting_push(c, WAITING_FILE_END, (struct slice){ NULL, 0 });
        break;
    case HL7_ITEM_OTHER: /* no message, but not nothing: refused alone */
        if (slice_trim(item->bytes).len > 0)
            hand_over(c, item->bytes, &none);
        break;
    }
}

static void end_frame(struct connection *c)
{
    waiting_push(c, WAITING_FRAME_END, (struct slice){ NULL, 0 });
    waiting_settle(c);
}

void connection_split_on(struct connection *c)
{
    struct hl7_item item;

    while (c->split.active && connection_may_take(c)) {
        if (hl7_stream_next(&c->split.stream, &item)) {
            take_item(c, &item);
            waiting_settle(c);
            continue;
        }
        c->split.active = false;
        end_frame(c);
    }
    if (!c->split.active && c->split.bytes.room > 0)
        buf_free(&c->split.bytes);
}

void connection_take_frame(struct connection *c, struct slice frame, const struct error *framing)
{
    uint64_t before = c->dropped;
    bool several = framing->code == ERROR_NONE && hl7_batch_is(frame);
    bool marked = several || c->owner->o.release_2; /* else nothing is to be done at its end */

    c->open_frames += marked;
    if (several) {
        buf_put(&c->split.bytes, frame); /* it may take several turns, and the input moves on */
        c->split.stream = hl7_stream_make(buf_slice(&c->split.bytes));
        c->split.active = true;
        connection_split_on(c);
        return;
    }
    hand_over(c, frame, framing);
    if (marked && !c->closed && before == c->dropped)
        end_frame(c);
}
