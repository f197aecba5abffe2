#include "adapters/mllp/client.h"

#include "adapters/mllp/client_parts.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { READ_CHUNK = 65536 };
enum { CONNECT_MS = 5000, ANSWER_MS = 30000, RETRY_FIRST_MS = 1000, RETRY_MOST_MS = 60000 };

/* --- telling what became of it ------------------------------------------------------------------------- */

static struct timeval in_ms(unsigned ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (int)(ms % 1000) * 1000 };
}

static void wake_in(struct mllp_sender *s, unsigned ms)
{
    struct timeval t = in_ms(ms);

    event_add(s->timer, &t);
}

/* Somewhere between half and all of the pause, so that many senders do not return at once. */
static unsigned pause_next(struct mllp_sender *s)
{
    unsigned pause = s->pause_ms > 0 ? s->pause_ms : s->o.retry_first_ms;
    unsigned doubled = pause > s->o.retry_most_ms / 2 ? s->o.retry_most_ms : pause * 2;

    s->pause_ms = doubled;
    return pause / 2 + (unsigned)prng_below(&s->random, pause / 2 + 1);
}

/* Ends the message in hand. The caller may hand over the next one inside its callback. */
static void finish(struct mllp_sender *s, struct mllp_sent_result *r)
{
    r->id = s->id;
    s->state = s->bev != NULL && s->connected ? SENDER_IDLE : SENDER_CLOSED;
    event_del(s->timer);
    buf_free(&s->message);
    if (r->outcome == MLLP_SENT_AGAIN) {
        s->counts.again++;
        s->wait_ms = pause_next(s);
    } else {
        s->counts.accepted += r->outcome == MLLP_SENT_ACCEPTED;
        s->counts.refused += r->outcome == MLLP_SENT_REFUSED;
        s->pause_ms = s->wait_ms = 0;
    }
    s->busy = false;
    s->o.on_result(s->o.ctx, r);
}

static void finish_word(struct mllp_sender *s, enum mllp_sent outcome, const char *detail)
{
    struct mllp_sent_result r = { .outcome = outcome, .detail = detail };

    finish(s, &r);
}

/* --- the connection ------------------------------------------------------------------------------------ */

static void hang_up(struct mllp_sender *s)
{
    if (s->bev != NULL)
        bufferevent_free(s->bev);
    s->bev = NULL;
    s->connected = false;
    buf_free(&s->in);
}

/* Everything that ends an attempt without an answer comes here. */
static void fail(struct mllp_sender *s, const char *detail)
{
    bool in_hand = s->busy && s->state != SENDER_WAITING;

    log_event(LOG_INFO, "mllp", "sender-closed", "sender", s->name, "reason", detail, NULL);
    hang_up(s);
    if (in_hand)
        finish_word(s, MLLP_SENT_AGAIN, detail);
}

static void write_message(struct mllp_sender *s)
{
    struct evbuffer *out = bufferevent_get_output(s->bev);

    s->state = SENDER_WRITING;
    s->counts.written++;
    evbuffer_add(out, s->message.ptr, s->message.len);
    wake_in(s, s->o.answer_ms);
}

static void dial(struct mllp_sender *s)
{
    s->state = SENDER_CONNECTING;
    s->framer = mllp_framer_make(LIMIT_MESSAGE_BYTES);
    wake_in(s, s->o.connect_ms);
    if (!client_dial(s))
        fail(s, "connect");
}

/* The pause is over, or there was none. */
static void begin(struct mllp_sender *s)
{
    if (s->connected)
        write_message(s);
    else
        dial(s);
}

/* --- answers ------------------------------------------------------------------------------------------- */

static const char *code_word(struct slice code)
{
    static const char *const words[] = { "AA", "CA", "AE", "AR", "CR", "CE" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_is(code, words[i]))
            return words[i];
    return NULL;
}

static void on_answer(struct mllp_sender *s, struct slice frame)
{
    struct mllp_sent_result r = { .outcome = MLLP_SENT_REFUSED };
    struct hl7_answer a;

    bool is_answer = hl7_answer_read(frame, &a);
    /* It is a message to us, and we have it. Before the callback, as the other side waits for it. */
    if (s->o.release_2)
        bufferevent_write(s->bev, mllp_commit(true).ptr, MLLP_COMMIT_BYTES);
    r.detail = is_answer ? code_word(a.code) : NULL;
    bool ours = s->busy && (s->state == SENDER_WRITING || s->state == SENDER_COMMITTED) &&
                slice_eq(slice_trim(a.control_id), slice_trim(buf_slice(&s->control_id)));
    if (r.detail == NULL || !ours) {
        s->counts.strangers++;
        return;
    }
    if (r.detail[1] == 'A')
        r.outcome = MLLP_SENT_ACCEPTED;
    else if (strcmp(r.detail, "CE") == 0)
        r.outcome = MLLP_SENT_AGAIN;
    memcpy(r.where, a.where, sizeof r.where);
    r.err_0357 = a.err_0357;
    finish(s, &r);
}

static void on_commit(struct mllp_sender *s, bool stored)
{
    if (!s->o.release_2 || !s->busy || s->state != SENDER_WRITING) {
        s->counts.strangers +=
            !s->o.release_2 || stored; /* a refusal of our commit concerns nothing in hand */
        return;
    }
    if (!stored) {
        finish_word(s, MLLP_SENT_AGAIN, "nak");
    } else if (s->answer == ANSWER_NEVER) {
        finish_word(s, MLLP_SENT_ACCEPTED, "commit");
    } else {
        s->state = SENDER_COMMITTED;
        wake_in(s, s->o.answer_ms);
    }
}

/* Frames of what has come; what is left stays for the next bytes. */
static void read_frames(struct mllp_sender *s)
{
    struct slice rest = buf_slice(&s->in), frame;
    enum mllp_result r = MLLP_EMPTY;

    while (r != MLLP_MORE) {
        r = mllp_next(&s->framer, &rest, &frame, NULL);
        if (r == MLLP_FRAME)
            on_answer(s, frame);
        else if (r == MLLP_COMMIT_ACK || r == MLLP_COMMIT_NAK)
            on_commit(s, r == MLLP_COMMIT_ACK);
    }
    if (rest.len > 0 && rest.ptr != s->in.ptr)
        memmove(s->in.ptr, rest.ptr, rest.len);
    s->in.len = rest.len;
}

void client_on_read(struct bufferevent *bev, void *arg)
{
    struct mllp_sender *s = arg;
    struct evbuffer *input = bufferevent_get_input(bev);
    size_t ready;

    while ((ready = evbuffer_get_length(input)) > 0) {
        size_t take = ready < READ_CHUNK ? ready : READ_CHUNK;
        char *at = buf_extend(&s->in, take);
        if (at == NULL) { /* the framer lets go of what passes its limit: nothing stays that is longer */
            fail(s, "lost");
            return;
        }
        evbuffer_remove(input, at, take);
        read_frames(s);
    }
}

/* All bytes are with the network: for what wants no answer that is all there is. */
void client_on_written(struct bufferevent *bev, void *arg)
{
    struct mllp_sender *s = arg;

    if (s->busy && s->state == SENDER_WRITING && evbuffer_get_length(bufferevent_get_output(bev)) == 0) {
        wake_in(s, s->o.answer_ms);
        if (s->answer == ANSWER_NEVER && !s->o.release_2)
            finish_word(s, MLLP_SENT_ACCEPTED, "written");
    }
}

void client_on_event(struct bufferevent *bev, short what, void *arg)
{
    struct mllp_sender *s = arg;
    bool connecting = s->state == SENDER_CONNECTING && !s->connected;

    if ((what & BEV_EVENT_CONNECTED) != 0) {
        s->connected = true;
        s->counts.connects++;
        log_event(LOG_INFO, "mllp", "sender-connected", "sender", s->name, NULL);
        if (s->busy && s->state == SENDER_CONNECTING)
            write_message(s);
        return;
    }
    const char *why = connecting ? client_why(s, bev) : "lost";
    s->counts.failed_connects += connecting;
    fail(s, why);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct mllp_sender *s = arg;

    (void)fd;
    (void)what;
    if (!s->busy)
        return;
    if (s->state == SENDER_WAITING) {
        begin(s);
    } else if (s->state == SENDER_CONNECTING) {
        s->counts.failed_connects++;
        fail(s, "timeout");
    } else if (s->answer == ANSWER_ON_ERROR && (s->state == SENDER_COMMITTED || !s->o.release_2)) {
        finish_word(s, MLLP_SENT_ACCEPTED, "silence"); /* MSH-15 ER: only a fault would have been answered */
    } else {
        fail(s, "timeout"); /* an answer that comes later would be taken for the next one's */
    }
}

/* --- from outside -------------------------------------------------------------------------------------- */

static unsigned or_default(unsigned said, unsigned otherwise)
{
    return said > 0 ? said : otherwise;
}

struct mllp_sender *mllp_sender_new(struct event_base *loop, const struct mllp_sender_options *options,
                                    struct error *err)
{
    struct mllp_sender *s = memory_new(sizeof *s);
    uint64_t seed = 0;

    s->loop = loop;
    s->o = *options;
    s->o.connect_ms = or_default(options->connect_ms, CONNECT_MS);
    s->o.answer_ms = or_default(options->answer_ms, ANSWER_MS);
    s->o.retry_first_ms = or_default(options->retry_first_ms, RETRY_FIRST_MS);
    s->o.retry_most_ms = or_default(options->retry_most_ms, RETRY_MOST_MS);
    s->name = memory_text(options->name, strlen(options->name));
    s->in = buf_make(LIMIT_MESSAGE_BYTES + 4 * (size_t)READ_CHUNK);
    s->message = buf_make(LIMIT_MESSAGE_BYTES + 8);
    s->control_id = buf_make(LIMIT_MESSAGE_BYTES);
    evutil_secure_rng_get_bytes(&seed, sizeof seed);
    s->random = prng_make(seed);
    s->timer = event_new(loop, -1, 0, on_timer, s);
    if (!client_address_read(s, options->address, err))
        mllp_sender_free(&s);
    return s;
}

void mllp_sender_free(struct mllp_sender **sender)
{
    struct mllp_sender *s = sender != NULL ? *sender : NULL;

    if (s == NULL)
        return;
    hang_up(s);
    client_dns_free(s);
    event_free(s->timer);
    buf_free(&s->message);
    buf_free(&s->control_id);
    free(s->name);
    free(s->host);
    free(s);
    *sender = NULL;
}

/* Which answer decides: by MSH-15 and 16 alone, so that a delayed acknowledgement may ask for its own. */
static enum sender_answer answer_wanted(struct hl7_header h)
{
    bool original = h.accept_ack.len == 0 && h.application_ack.len == 0;

    if (original)
        return hl7_ack_mode(&h) == HL7_ACK_NEVER ? ANSWER_NEVER : ANSWER_ALWAYS;
    h.type = SLICE("");
    h.is_answer = false;
    struct hl7_ack_due fine = hl7_ack_due(&h, HL7_OUTCOME_OK), bad = hl7_ack_due(&h, HL7_OUTCOME_ERROR);
    if (fine.accept[0] != 0 || fine.application[0] != 0)
        return ANSWER_ALWAYS;
    return bad.accept[0] != 0 || bad.application[0] != 0 ? ANSWER_ON_ERROR : ANSWER_NEVER;
}

bool mllp_sender_send(struct mllp_sender *s, uint64_t id, struct slice message)
{
    struct hl7_header header;

    if (s->busy || !hl7_header_scan(message, &header) || message.len > LIMIT_MESSAGE_BYTES)
        return false;
    buf_reset(&s->message);
    if (!mllp_wrap(&s->message, message))
        return false;
    buf_reset(&s->control_id);
    buf_put(&s->control_id, header.control_id);
    s->answer = answer_wanted(header);
    s->id = id;
    s->busy = true;
    s->state = SENDER_WAITING;
    wake_in(s, s->wait_ms); /* from the loop, also when it may go at once */
    s->wait_ms = 0;
    return true;
}

bool mllp_sender_cancel(struct mllp_sender *s, uint64_t id)
{
    if (!s->busy || s->id != id)
        return false;
    bool begun = s->state != SENDER_WAITING;
    s->busy = false;
    event_del(s->timer);
    if (begun)
        hang_up(s);
    s->state = s->connected ? SENDER_IDLE : SENDER_CLOSED;
    return true;
}

bool mllp_sender_busy(const struct mllp_sender *s)
{
    return s->busy;
}

bool mllp_sender_open(const struct mllp_sender *s)
{
    return s->connected;
}

const struct mllp_sender_counts *mllp_sender_counts(const struct mllp_sender *s)
{
    return &s->counts;
}
