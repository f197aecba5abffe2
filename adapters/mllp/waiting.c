/* adapters/mllp/waiting.c - unanswered messages in their order, and the answers that leave. */
#include "adapters/mllp/connection.h"
#include "adapters/net/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "hl7/ack.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONTROL_ID = 32, KEPT_ROOM = 262144 };

/* --- the ring ---------------------------------------------------------------------------------------- */

static void ring_grow(struct connection *c)
{
    size_t room = c->ring_room > 0 ? c->ring_room * 2 : 8;
    struct waiting_message *ring = memory_array(room, sizeof *ring);

    for (size_t i = 0; i < c->ring_count; i++)
        ring[i] = c->ring[(c->ring_first + i) % c->ring_room];
    free(c->ring);
    c->ring = ring;
    c->ring_room = room;
    c->ring_first = 0;
}

void waiting_push(struct connection *c, enum waiting_kind kind, struct slice text)
{
    if (c->ring_count == c->ring_room)
        ring_grow(c);
    struct waiting_message *w = &c->ring[(c->ring_first + c->ring_count++) % c->ring_room];
    *w = (struct waiting_message){ .kind = kind, .text_len = text.len };
    if (text.ptr != NULL)
        w->text = memory_text(text.ptr, text.len);
    if (kind == WAITING_MESSAGE) {
        w->sequence = c->next_sequence++;
        c->waiting++;
    }
}

/* Takes the first out; its text is now the caller's. */
static struct waiting_message ring_take(struct connection *c)
{
    struct waiting_message w = c->ring[c->ring_first];

    c->ring_first = (c->ring_first + 1) % c->ring_room;
    c->ring_count--;
    c->waiting -= w.kind == WAITING_MESSAGE;
    return w;
}

static void answer_reset(struct answering *a)
{
    free(a->file);
    free(a->batch);
    buf_free(&a->held);
    *a = (struct answering){ .held = a->held };
}

void waiting_free(struct connection *c)
{
    while (c->ring_count > 0)
        free(ring_take(c).text);
    free(c->ring);
    c->ring = NULL;
    c->ring_room = 0;
    answer_reset(&c->answer);
}

/* --- where answers go -------------------------------------------------------------------------------- */

static void send_now(struct connection *c, struct slice s)
{
    evbuffer_add(bufferevent_get_output(c->bev), s.ptr, s.len);
}

/* Under release 2 the commit acknowledgement goes first, and that is known when the whole frame is stored. */
static void send_answer(struct connection *c, struct slice s)
{
    if (c->owner->o.release_2)
        buf_put(&c->answer.held, s);
    else
        send_now(c, s);
}

static void frame_begin(struct connection *c)
{
    send_answer(c, SLICE("\x0B"));
    c->answer.frame_open = true;
}

static void frame_end(struct connection *c)
{
    send_answer(c, SLICE("\x1C\r"));
    c->answer.frame_open = false;
}

/* --- batches of answers ------------------------------------------------------------------------------ */

static void put_header(struct connection *c, const char *name, struct slice theirs,
                       const struct mllp_verdict *v)
{
    struct buf *out = &c->owner->ack;
    char id[CONTROL_ID];
    int len = snprintf(id, sizeof id, "NB%c%llu", name[0], (unsigned long long)v->position);

    out->max = LIMIT_HTTP_HEADER_BYTES;
    buf_reset(out);
    hl7_ack_batch_begin(out, name, theirs, (struct slice){ id, (size_t)len }, v->wall_us);
    send_answer(c, buf_slice(out));
}

static void put_trailer(struct connection *c, const char *name, struct slice theirs, uint64_t count)
{
    struct buf *out = &c->owner->ack;

    out->max = LIMIT_HTTP_HEADER_BYTES;
    buf_reset(out);
    hl7_ack_batch_end(out, name, theirs, count);
    send_answer(c, buf_slice(out));
}

static struct slice their_file(const struct answering *a)
{
    return (struct slice){ a->file, a->file_len };
}

static struct slice their_batch(const struct answering *a)
{
    return (struct slice){ a->batch, a->batch_len };
}

/* Headers leave with the first answer below them: a batch that nobody wants answers to gets none. */
static void open_headers(struct connection *c, const struct mllp_verdict *v)
{
    struct answering *a = &c->answer;

    if (!a->frame_open)
        frame_begin(c);
    if (a->file != NULL && !a->file_open) {
        put_header(c, "FHS", their_file(a), v);
        a->file_open = true;
        a->batches = 0;
    }
    if (a->batch != NULL && !a->batch_open) {
        put_header(c, "BHS", their_batch(a), v);
        a->batch_open = true;
        a->acks = 0;
    }
}

static void batch_close(struct connection *c)
{
    struct answering *a = &c->answer;

    if (a->batch_open) {
        put_trailer(c, "BTS", their_batch(a), a->acks);
        a->batches++;
    }
    free(a->batch);
    a->batch = NULL;
    a->batch_open = false;
}

static void file_close(struct connection *c)
{
    struct answering *a = &c->answer;

    batch_close(c);
    if (a->file_open)
        put_trailer(c, "FTS", their_file(a), a->batches);
    free(a->file);
    a->file = NULL;
    a->file_open = false;
}

/* A batch without messages is answered by one without acknowledgements, so that nobody waits in vain. */
static void empty_batch_answer(struct connection *c)
{
    const struct mllp_verdict nothing = { .wall_us = clock_wall_us() };

    if (c->answer.headed && c->answer.messages == 0)
        open_headers(c, &nothing);
}

static void all_answered(struct connection *c)
{
    struct answering *a = &c->answer;

    empty_batch_answer(c);
    file_close(c);
    if (a->frame_open)
        frame_end(c);
    c->open_frames--;
    if (c->owner->o.release_2 && !a->held.failed) {
        send_now(c, mllp_commit(true));
        send_now(c, buf_slice(&a->held));
    }
    /* Stored, but its answers cannot all be kept: we end our side, as for a sender gone. */
    if (a->held.failed) {
        log_event(LOG_WARN, "mllp", "answers-too-long", "listener", c->owner->o.name, "peer", c->peer,
                  "limit", "message-bytes", NULL);
        c->ended = true;
    }
    answer_reset(a);
}

static void settle_one(struct connection *c, struct waiting_message *w)
{
    struct answering *a = &c->answer;

    switch (w->kind) {
    case WAITING_FILE:
        file_close(c);
        a->file = w->text;
        a->file_len = w->text_len;
        a->headed = true;
        return;
    case WAITING_BATCH:
        batch_close(c);
        a->batch = w->text;
        a->batch_len = w->text_len;
        a->headed = true;
        return;
    case WAITING_BATCH_END:
        empty_batch_answer(c);
        batch_close(c);
        return;
    case WAITING_FILE_END:
        empty_batch_answer(c);
        file_close(c);
        return;
    case WAITING_FRAME_END:
        all_answered(c);
        return;
    case WAITING_MESSAGE:
        return;
    }
}

void waiting_settle(struct connection *c)
{
    while (!c->closed && c->ring_count > 0 && c->ring[c->ring_first].kind != WAITING_MESSAGE) {
        struct waiting_message w = ring_take(c);
        settle_one(c, &w);
    }
}

/* --- one answer -------------------------------------------------------------------------------------- */

/* A site may know better than a header: ORIGINAL is one AA, AE or AR; ENHANCED one CA, CE or CR. */
static void set_mode(struct hl7_header *h, enum mllp_ack ack)
{
    if (ack == MLLP_ACK_BY_HEADER || h->is_answer)
        return;
    h->accept_ack = ack == MLLP_ACK_ENHANCED ? SLICE("AL") : SLICE("");
    h->application_ack = ack == MLLP_ACK_ENHANCED ? SLICE("NE") : SLICE("");
}

/* An MFK is as long as its file. What would pass message-bytes is answered by a plain ACK. */
static void write_request(struct buf *out, struct hl7_ack_request *r)
{
    bool master = r->header != NULL && hl7_ack_is_master(r->header, r->code);

    for (int i = 0; i < 2; i++) {
        if (out->room > KEPT_ROOM)
            buf_free(out);
        buf_reset(out);
        out->max = master ? LIMIT_MESSAGE_BYTES : 2 * LIMIT_HTTP_HEADER_BYTES;
        hl7_ack_put(out, r);
        if (!out->failed)
            return;
        master = false;
        r->kept = (struct slice){ NULL, 0 };
    }
}

static void send_ack(struct connection *c, const struct mllp_verdict *v, struct slice ack)
{
    struct answering *a = &c->answer;

    if (a->file != NULL || a->batch != NULL) {
        open_headers(c, v);
        send_answer(c, ack);
        a->acks++;
        return;
    }
    if (a->frame_open) /* a batch came before it in this frame */
        frame_end(c);
    frame_begin(c);
    send_answer(c, ack);
    frame_end(c);
}

static void write_ack(struct connection *c, const struct waiting_message *w, const struct mllp_verdict *v)
{
    struct slice text = { w->text, w->text_len };
    struct hl7_header header;
    char control_id[CONTROL_ID];

    bool known = hl7_header_scan(text, &header);
    if (known)
        set_mode(&header, c->owner->o.ack);
    enum hl7_outcome outcome = v->accepted ? HL7_OUTCOME_OK
                               : v->reject ? HL7_OUTCOME_REJECT
                                           : HL7_OUTCOME_ERROR;
    struct hl7_ack_due due = hl7_ack_due(known ? &header : NULL, outcome);
    /* One answer on this connection: the accept acknowledgement when it is asked for, else the other. */
    const char *code = due.accept[0] != '\0' ? due.accept : due.application;
    if (code[0] == '\0')
        return;
    int length = snprintf(control_id, sizeof control_id, "NB%llu", (unsigned long long)v->position);
    struct hl7_ack_request r = { .header = known ? &header : NULL,
                                 .code = code,
                                 .control_id = { control_id, (size_t)length },
                                 .wall_us = v->wall_us,
                                 .err = v->error.code != ERROR_NONE ? &v->error : NULL,
                                 .kept = text };
    struct buf *ack = &c->owner->ack;
    write_request(ack, &r);
    struct buf own = *ack; /* headers before it are written into the same place */
    *ack = buf_make(own.max);
    send_ack(c, v, buf_slice(&own));
    buf_free(ack);
    *ack = own;
}

void connection_answer(struct connection *c, uint64_t sequence, const struct mllp_verdict *v)
{
    bool was_full = c->waiting >= LIMIT_INFLIGHT;

    if (c->waiting == 0 || c->ring[c->ring_first].sequence != sequence)
        return;
    struct waiting_message w = ring_take(c);
    c->answer.messages++;
    if (w.text != NULL)
        write_ack(c, &w, v);
    free(w.text);
    waiting_settle(c);
    if (!c->closed && (was_full || c->ended))
        connection_go_on(c); /* from the loop: what was left in the buffers, or the end */
}

void connection_refuse_waiting(struct connection *c)
{
    while (c->ring_count > 0)
        free(ring_take(c).text);
    for (; c->open_frames > 0; c->open_frames--) {
        send_now(c, mllp_commit(false));
        c->owner->counts.refused_frames++;
    }
    answer_reset(&c->answer);
    c->split.active = false;
    c->dropped++;
}
