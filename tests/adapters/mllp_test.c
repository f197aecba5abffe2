/* The MLLP listener on real sockets: framing as senders do it, order, limits, endings, TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/adapters/mllp_help.h"

#define BODY                                                                                                 \
    "MSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|%s|P|2.5.1%s\rPID|1||M1^^^H^MR||DOE^PAT\r"            \
    "PV1|1|I|U1^B1\rOBR|1\rOBX|1|NM|88^HR^LN||162|/min|50-120|HH|||F\r"

static struct buf message(const char *id, const char *more)
{
    struct buf b = buf_make(8 << 20);

    buf_u8(&b, MLLP_VT);
    buf_printf(&b, BODY, id, more);
    buf_bytes(&b, "\x1c\r", 2);
    return b;
}

static void put_message(struct buf *out, const char *id)
{
    struct buf one = message(id, "");

    buf_put(out, buf_slice(&one));
    buf_free(&one);
}

/* --- framing: each case of the field ------------------------------------------------------------------ */

struct framing_case {
    const char *name;
    const char *parts[4]; /* "{N}" stands for a framed message N, "[N]" for one without its CR */
    bool bytewise;
    const char *acks;
};

static const struct framing_case framing[] = {
    { "one message", { "{N1}" }, false, "AA:N1" },
    { "two, one after the other", { "{S1}", "{S2}" }, false, "AA:S1 AA:S2" },
    { "two in one segment", { "{P1}{P2}" }, false, "AA:P1 AA:P2" },
    { "ten in one segment",
      { "{0}{1}{2}{3}{4}{5}{6}{7}{8}{9}" },
      false,
      "AA:0 AA:1 AA:2 AA:3 AA:4 AA:5 AA:6 AA:7 AA:8 AA:9" },
    { "one byte at a time", { "{B1}{B2}" }, true, "AA:B1 AA:B2" },
    { "FS and CR in two segments", { "[F1]", "\r{F2}" }, false, "AA:F1 AA:F2" },
    { "no CR after FS, ever", { "[C1]", "[C2]", "{C3}" }, false, "AA:C1 AA:C2 AA:C3" },
    { "bytes before VT", { "\r\n{G1}" }, false, "AA:G1" },
    { "bytes between frames", { "{G1}\r\n\r\nnoise{G2}" }, false, "AA:G1 AA:G2" },
    { "empty frame, then one", { "\x0b\x1c\r{E1}" }, false, "AA:E1" },
    { "a frame whose end was lost", { "\x0bMSH|^~\\&|A|B|C", "{L1}" }, false, "AA:L1" },
    { "no VT at all",
      { "MSH|^~\\&|A|B|C|D|20260101120000||ORU^R01|U1|P|2.5.1\r\x1c\r{U2}" },
      false,
      "AA:U2" },
    { "not HL7 at all", { "\x0bhello\x1c\r{H2}" }, false, "AR: AA:H2" },
    { "no MSH-10", { "{}{M2}" }, false, "AA: AA:M2" },
    { "LF between segments",
      { "\x0bMSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|LF|P|2.5.1\nPID|1\nOBR|1\n\x1c\r" },
      false,
      "AA:LF" },
    { "other delimiters",
      { "\x0bMSH!^~\\&!A!B!C!D!20260101120000!!ORU^R01^ORU_R01!D1!P!2.5.1\rPID!1\rOBR!1\r\x1c\r" },
      false,
      "AA:D1" },
    { "Latin-1 byte, MSH-18 empty",
      { "\x0bMSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|X1|P|2.5.1\rPID|1||M1||D\xf6"
        "E\rOBR|1\r\x1c\r" },
      false,
      "AA:X1" },
};

static void expand(struct buf *out, const char *part)
{
    for (; *part != '\0'; part++) {
        const char *end = *part == '{' ? strchr(part, '}') : *part == '[' ? strchr(part, ']') : NULL;
        char id[16];
        if (end == NULL) {
            buf_u8(out, (uint8_t)*part);
            continue;
        }
        snprintf(id, sizeof id, "%.*s", (int)(end - part - 1), part + 1);
        put_message(out, id);
        if (*part == '[')
            out->len--;
        part = end;
    }
}

static size_t words(const char *text)
{
    return *text != '\0' ? count_of(slice_of(text), " ") + 1 : 0;
}

static void play(struct net *n, const struct framing_case *t, struct client *c)
{
    for (size_t p = 0; p < 4 && t->parts[p] != NULL; p++) {
        struct buf bytes = buf_make(1 << 20);
        expand(&bytes, t->parts[p]);
        for (size_t i = 0; t->bytewise && i < bytes.len; i++) {
            assert_true(client_send(n, c, slice_sub(buf_slice(&bytes), i, 1)));
            net_pump(n);
        }
        if (!t->bytewise)
            assert_true(client_send(n, c, buf_slice(&bytes)));
        net_pump_ms(n, 5);
        buf_free(&bytes);
    }
    client_wait(n, c, words(t->acks));
    net_pump_ms(n, 5); /* for stray ones */
}

static void every_framing_case_is_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof framing / sizeof framing[0]; i++) {
        struct net n;
        net_open(&n, &(struct mllp_options){ .tls = NULL });
        struct client *c = net_dial(&n);
        play(&n, &framing[i], c);
        if (strcmp(client_acks(c), framing[i].acks) != 0)
            fail_msg("%s: %s instead of %s", framing[i].name, client_acks(c), framing[i].acks);
        assert_false(c->eof);
        net_close(&n);
    }
}

static void every_split_of_two_messages_is_answered(void **state)
{
    struct buf two = buf_make(1 << 16);
    struct net n;

    (void)state;
    put_message(&two, "A");
    put_message(&two, "B");
    net_open(&n, &(struct mllp_options){ .max_per_peer = 500 });
    struct client *c = net_dial(&n);
    for (size_t cut = 0; cut <= two.len; cut++) {
        buf_reset(&c->got);
        assert_true(client_send(&n, c, slice_sub(buf_slice(&two), 0, cut)));
        net_pump(&n);
        net_pump(&n);
        assert_true(client_send(&n, c, slice_sub(buf_slice(&two), cut, two.len)));
        client_wait(&n, c, 2);
        assert_string_equal(client_acks(c), "AA:A AA:B");
    }
    buf_free(&two);
    net_close(&n);
}

/* --- what acknowledgements say ----------------------------------------------------------------------------
 */

static void a_refusal_locates_and_quotes_nothing(void **state)
{
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .max_message = 2048 });
    struct client *c = net_dial(&n);
    struct buf bytes = buf_make(1 << 16);
    buf_u8(&bytes, MLLP_VT);
    buf_printf(&bytes, BODY, "BAD1", "");
    buf_text(&bytes, "NTE|1||ROSALIND CANARY\rMSH|^~\\&|second\r");
    buf_bytes(&bytes, "\x1c\r", 2);
    assert_true(client_send(&n, c, buf_slice(&bytes)));
    client_wait(&n, c, 1);
    assert_string_equal(client_acks(c), "AR:BAD1");
    assert_int_equal(count_of(buf_slice(&c->got), "\rERR|"), 1);
    assert_true(count_of(buf_slice(&c->got), "MSH^2") > 0); /* ERR-2: where */
    assert_int_equal(count_of(buf_slice(&c->got), "CANARY"), 0);
    assert_int_equal(count_of(buf_slice(&c->got), "DOE"), 0);
    assert_int_equal(count_of(buf_slice(&c->got), "NB1"), 1);
    buf_free(&bytes);
    net_close(&n);
}

static const struct {
    const char *name, *more, *acks;
    enum mllp_ack ack;
} modes[] = {
    { "original", "", "AA:M", MLLP_ACK_BY_HEADER },
    { "enhanced, always", "|||AL|NE", "CA:M", MLLP_ACK_BY_HEADER },
    { "enhanced, on error only", "|||ER|NE", "", MLLP_ACK_BY_HEADER },
    { "enhanced, never", "|||NE|NE", "", MLLP_ACK_BY_HEADER },
    { "enhanced, application only", "|||NE|AL", "AA:M", MLLP_ACK_BY_HEADER },
    { "the site says original", "|||AL|NE", "AA:M", MLLP_ACK_ORIGINAL },
    { "the site says enhanced", "", "CA:M", MLLP_ACK_ENHANCED },
    { "the site says enhanced, the header never", "|||NE|NE", "CA:M", MLLP_ACK_ENHANCED },
};

static void the_mode_decides_which_acknowledgement_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct net n;
        net_open(&n, &(struct mllp_options){ .ack = modes[i].ack });
        struct client *c = net_dial(&n);
        struct buf m = message("M", modes[i].more);
        assert_true(client_send(&n, c, buf_slice(&m)));
        client_wait(&n, c, words(modes[i].acks));
        net_pump_ms(&n, 10);
        if (strcmp(client_acks(c), modes[i].acks) != 0)
            fail_msg("%s: %s", modes[i].name, client_acks(c));
        assert_int_equal(n.count, 1);
        assert_int_equal(mllp_unanswered(n.listener), 0);
        buf_free(&m);
        net_close(&n);
    }
}

static void an_acknowledgement_is_never_acknowledged(void **state)
{
    static const char ack[] = "\x0bMSH|^~\\&|A|B|C|D|20260101120000||ACK|K1|P|2.5.1\rMSA|AA|X\r\x1c\r";
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    struct buf m = message("M", "");
    assert_true(client_send(&n, c, slice_of(ack)));
    assert_true(client_send(&n, c, buf_slice(&m)));
    client_wait(&n, c, 1);
    assert_string_equal(client_acks(c), "AA:M");
    buf_free(&m);
    net_close(&n);
}

static void nothing_leaves_before_the_verdict_and_order_stays(void **state)
{
    struct net n;
    struct buf m = buf_make(1 << 16);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n), *other = net_dial(&n);
    n.hold = true;
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "A%d", i);
        put_message(&m, id);
    }
    assert_true(client_send(&n, c, buf_slice(&m)));
    net_pump_ms(&n, 20);
    assert_int_equal(n.count, 5);
    assert_int_equal(c->got.len, 0);
    assert_int_equal(mllp_unanswered(n.listener), 5);
    mllp_answer(n.listener, n.seen[2].connection, n.seen[2].sequence,
                &(struct mllp_verdict){ .accepted = true });
    net_pump_ms(&n, 5);
    assert_int_equal(c->got.len, 0); /* not before its turn */
    for (int i = 0; i < 5; i++)
        net_answer_one(&n);
    client_wait(&n, c, 5);
    assert_string_equal(client_acks(c), "AA:A0 AA:A1 AA:A2 AA:A3 AA:A4");
    assert_int_equal(other->got.len, 0);
    buf_free(&m);
    net_close(&n);
}

/* --- limits
 * --------------------------------------------------------------------------------------------------- */

static void the_size_limit_holds_to_the_byte(void **state)
{
    enum { MOST = 1000 };
    struct net n;

    (void)state;
    for (int over = 0; over <= 1; over++) {
        net_open(&n, &(struct mllp_options){ .max_message = MOST });
        struct client *c = net_dial(&n);
        struct buf m = message("BIG", "");
        size_t now = m.len - 3; /* VT, FS, CR do not count */
        m.len -= 2;
        buf_text(&m, "NTE|1||");
        while (m.len - 1 < MOST + (size_t)over - 1)
            buf_u8(&m, 'x');
        buf_bytes(&m, "\r\x1c\r", 3);
        assert_true(now < MOST);
        put_message(&m, "NEXT");
        assert_true(client_send(&n, c, buf_slice(&m)));
        client_wait(&n, c, 2);
        assert_string_equal(client_acks(c), over ? "AR:BIG AA:NEXT" : "AA:BIG AA:NEXT");
        assert_int_equal(count_of(buf_slice(&c->got), "message-bytes") > 0, over);
        assert_int_equal(n.seen[0].bytes, MOST);
        buf_free(&m);
        net_close(&n);
    }
}

static void a_large_message_is_within_the_default(void **state)
{
    struct net n;
    struct buf m = message("Z1", "");

    (void)state;
    m.len -= 2;
    buf_text(&m, "NTE|1||");
    for (int i = 0; i < 2000000; i++)
        buf_u8(&m, 'x');
    buf_bytes(&m, "\r\x1c\r", 3);
    put_message(&m, "Z2");
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    assert_true(client_send(&n, c, buf_slice(&m)));
    client_wait(&n, c, 2);
    assert_string_equal(client_acks(c), "AA:Z1 AA:Z2");
    buf_free(&m);
    net_close(&n);
}

static void connections_past_a_limit_are_closed(void **state)
{
    static const struct mllp_options limits[] = { { .max_connections = 3 }, { .max_per_peer = 3 } };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct net n;
        net_open(&n, &limits[i]);
        struct client *c[4];
        for (int k = 0; k < 4; k++) {
            c[k] = net_dial(&n);
            net_pump_ms(&n, 5);
        }
        assert_true(c[3]->eof);
        assert_false(c[2]->eof);
        assert_int_equal(mllp_counts(n.listener)->refused, 1);
        client_close(c[0]); /* its place is free again */
        net_pump_ms(&n, 10);
        struct client *again = net_dial(&n);
        struct buf m = message("M", "");
        assert_true(client_send(&n, again, buf_slice(&m)));
        client_wait(&n, again, 1);
        assert_string_equal(client_acks(again), "AA:M");
        buf_free(&m);
        net_close(&n);
    }
}

static struct buf many(int count)
{
    struct buf m = buf_make(8 << 20);
    char id[16];

    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%d", i);
        put_message(&m, id);
    }
    return m;
}

static void assert_in_order(const struct client *c, int count)
{
    char wanted[65536];
    size_t at = 0;

    for (int i = 0; i < count; i++)
        at += (size_t)snprintf(wanted + at, sizeof wanted - at, "%sAA:%d", i > 0 ? " " : "", i);
    wanted[at] = '\0';
    assert_string_equal(client_acks(c), wanted);
}

/* Thousands of messages at once, no verdict: reading stops at the limit, and goes on as verdicts come. */
static void the_inflight_limit_stops_reading_and_loses_nothing(void **state)
{
    enum { COUNT = 3000 };
    struct net n;
    struct buf m = many(COUNT);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.hold = true;
    client_send(&n, c, buf_slice(&m));
    net_pump_ms(&n, 20);
    assert_int_equal(n.count, LIMIT_INFLIGHT);
    net_answer_one(&n);
    net_pump_ms(&n, 5);
    assert_int_equal(n.count, LIMIT_INFLIGHT + 1);
    n.hold = false;
    client_wait(&n, c, COUNT);
    assert_in_order(c, COUNT);
    buf_free(&m);
    net_close(&n);
}

static void pause_with_bytes_in_the_buffers_goes_on_afterwards(void **state)
{
    enum { COUNT = 600 };
    struct net n;
    struct buf m = many(COUNT);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    net_pump_ms(&n, 20);
    mllp_pause(n.listener, true);
    net_answer_all(&n);
    net_pump_ms(&n, 20);
    assert_int_equal(n.count, LIMIT_INFLIGHT); /* no credit: nothing more is handed over */
    n.hold = false;
    mllp_pause(n.listener, false);
    client_wait(&n, c, COUNT);
    assert_in_order(c, COUNT);
    buf_free(&m);
    net_close(&n);
}

static void pause_inside(struct net *n)
{
    if (n->count == 3)
        mllp_pause(n->listener, true);
}

static void pause_from_inside_a_message_stops_at_once(void **state)
{
    struct net n;
    struct buf m = many(10);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.meanwhile = pause_inside;
    assert_true(client_send(&n, c, buf_slice(&m)));
    net_pump_ms(&n, 20);
    assert_int_equal(n.count, 3);
    mllp_pause(n.listener, false);
    client_wait(&n, c, 10);
    assert_in_order(c, 10);
    buf_free(&m);
    net_close(&n);
}

static void who_reads_no_acknowledgements_is_not_read_either(void **state)
{
    struct net n;
    struct buf m = many(2000);
    int small = 4096;

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    n.client_count = 0; /* nobody reads for it */
    bool taken = true;
    for (int round = 0; taken && round < 40 && n.count < 4000; round++) {
        n.count = n.answered = 0;
        taken = client_send(&n, c, buf_slice(&m));
        n.count = n.answered = 0;
    }
    assert_false(taken);
    n.client_count = 1;
    net_close(&n);
    buf_free(&m);
}

static void slow_frames_and_silence_end_a_connection(void **state)
{
    static const struct {
        struct mllp_options o;
        const char *sent;
        bool ends;
    } cases[] = {
        { { .frame_s = 1 }, "\x0bMSH|", true },
        { { .frame_s = 1 }, "noise", false },
        { { .idle_s = 1 }, "noise", true },
        { { .idle_s = 1 }, "", true },
    };

    enum { COUNT = sizeof cases / sizeof cases[0] };
    struct net n[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        net_open(&n[i], &cases[i].o);
        client_send(&n[i], net_dial(&n[i]), slice_of(cases[i].sent));
    }
    for (int ms = 0; ms < 2300 / COUNT; ms++)
        for (size_t i = 0; i < COUNT; i++)
            net_pump_ms(&n[i], 1);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(n[i].clients[0]->eof, cases[i].ends);
        net_close(&n[i]);
    }
}

static void a_pause_of_ours_counts_against_nobody(void **state)
{
    struct net n;
    struct buf m = message("M", "");

    (void)state;
    net_open(&n, &(struct mllp_options){ .frame_s = 1, .idle_s = 2 });
    struct client *c = net_dial(&n);
    assert_true(client_send(&n, c, slice_sub(buf_slice(&m), 0, 40)));
    net_pump_ms(&n, 10);
    mllp_pause(n.listener, true);
    net_pump_ms(&n, 2600);
    assert_false(c->eof);
    mllp_pause(n.listener, false);
    assert_true(client_send(&n, c, slice_sub(buf_slice(&m), 40, m.len)));
    client_wait(&n, c, 1);
    assert_string_equal(client_acks(c), "AA:M");
    buf_free(&m);
    net_close(&n);
}

/* --- endings
 * -------------------------------------------------------------------------------------------------- */

static void who_ends_its_side_still_gets_every_answer(void **state)
{
    enum { COUNT = 700 };
    struct net n;
    struct buf m = many(COUNT);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    shutdown(c->fd, SHUT_WR);
    net_pump_ms(&n, 30);
    assert_false(c->eof);
    n.hold = false;
    client_wait(&n, c, COUNT);
    client_wait_end(&n, c);
    assert_in_order(c, COUNT);
    assert_true(c->eof);
    assert_int_equal(mllp_counts(n.listener)->open, 0);
    buf_free(&m);
    net_close(&n);
}

static void a_client_that_vanishes_takes_nobody_along(void **state)
{
    struct net n;
    struct buf m = many(10);
    const struct linger reset = { 1, 0 };

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    n.hold = true;
    struct client *gone = net_dial(&n);
    assert_true(client_send(&n, gone, buf_slice(&m)));
    net_pump_ms(&n, 10);
    setsockopt(gone->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_close(gone);
    net_pump_ms(&n, 10);
    assert_int_equal(mllp_counts(n.listener)->open, 0);
    struct client *next = net_dial(&n); /* takes the same slot */
    net_pump_ms(&n, 10);
    net_answer_all(&n); /* verdicts for the one that went: passed over */
    net_pump_ms(&n, 10);
    assert_int_equal(next->got.len, 0);
    n.hold = false;
    assert_true(client_send(&n, next, buf_slice(&m)));
    client_wait(&n, next, 10);
    assert_in_order(next, 10);
    buf_free(&m);
    net_close(&n);
}

static void close_inside(struct net *n)
{
    if (n->count == 5)
        mllp_close_unanswered(n->listener);
}

static void the_router_may_go_while_a_message_is_handed_over(void **state)
{
    struct net n;
    struct buf m = many(20);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    n.hold = true;
    n.meanwhile = close_inside;
    struct client *c = net_dial(&n), *idle = net_dial(&n);
    assert_true(client_send(&n, c, buf_slice(&m)));
    client_wait_end(&n, c);
    assert_true(c->eof);
    assert_false(idle->eof);
    assert_int_equal(n.count, 5);
    assert_int_equal(mllp_counts(n.listener)->closed_unanswered, 1);
    buf_free(&m);
    net_close(&n);
}

static void leaving_answers_what_is_open_and_reads_no_more(void **state)
{
    struct net n;
    struct buf m = many(300);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    net_pump_ms(&n, 20);
    mllp_stop(n.listener);
    mllp_pause(n.listener, false); /* a welcome on the way out changes nothing */
    n.hold = false;
    client_wait(&n, c, LIMIT_INFLIGHT);
    net_pump_ms(&n, 20);
    assert_in_order(c, LIMIT_INFLIGHT);
    assert_int_equal(mllp_unanswered(n.listener), 0);
    struct client *late = net_dial(&n);
    net_pump_ms(&n, 10);
    assert_int_equal(mllp_counts(n.listener)->open, 1);
    assert_false(late->eof);
    buf_free(&m);
    net_close(&n);
}

/* --- TLS
 * ------------------------------------------------------------------------------------------------------- */

static char folder[64];

static int make_certificates(void **state)
{
    static const char *const none[] = { NULL };
    struct error err = { .code = ERROR_NONE };

    (void)state;
    snprintf(folder, sizeof folder, "/tmp/nightbell-mllp-XXXXXX");
    return mkdtemp(folder) != NULL && tls_make_demo(folder, none, &err) &&
                   tls_make_client(folder, "monitor-7", &err)
               ? 0
               : -1;
}

static int drop_certificates(void **state)
{
    static const char *const files[] = { "ca.pem",     "ca.key",        "server.pem",
                                         "server.key", "monitor-7.pem", "monitor-7.key" };
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static char *in_folder(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *out = path[next++ % 4];

    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static SSL_CTX *server_context(void)
{
    struct error err = { .code = ERROR_NONE };

    return tls_server_new(&(struct tls_config){ .cert_file = in_folder("server.pem"),
                                                .key_file = in_folder("server.key"),
                                                .client_ca_file = in_folder("ca.pem"),
                                                .mutual_required = true },
                          &err);
}

static SSL_CTX *client_context(bool certificate)
{
    struct error err = { .code = ERROR_NONE };

    return tls_client_new(in_folder("ca.pem"), certificate ? in_folder("monitor-7.pem") : NULL,
                          certificate ? in_folder("monitor-7.key") : NULL, &err);
}

static bool start_tls(struct net *n, struct client *c, SSL_CTX *ctx)
{
    c->ssl = SSL_new(ctx);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_connect_state(c->ssl);
    for (int i = 0; i < 2000; i++) {
        int done = SSL_do_handshake(c->ssl);
        if (done == 1)
            return true;
        int why = SSL_get_error(c->ssl, done);
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            return false;
        event_base_loop(n->loop, EVLOOP_NONBLOCK);
    }
    return false;
}

static void mutual_tls_names_its_sender(void **state)
{
    struct net n;
    struct buf m = many(600);
    SSL_CTX *server = server_context(), *ctx = client_context(true);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server });
    struct client *c = net_dial(&n);
    assert_true(start_tls(&n, c, ctx));
    assert_true(client_send(&n, c, buf_slice(&m)));
    client_wait(&n, c, 600);
    assert_in_order(c, 600);
    assert_string_equal(n.seen[0].principal, "monitor-7");
    net_close(&n);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
    buf_free(&m);
}

static void without_a_certificate_nothing_is_heard(void **state)
{
    struct net n;
    struct buf m = message("M", "");
    SSL_CTX *server = server_context(), *ctx = client_context(false);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server });
    struct client *c = net_dial(&n), *plain = net_dial(&n);
    if (start_tls(&n, c, ctx)) /* TLS 1.3: the client hears of it with its first read */
        client_send(&n, c, buf_slice(&m));
    client_send(&n, plain, buf_slice(&m));
    client_wait_end(&n, c);
    client_wait_end(&n, plain);
    assert_true(c->eof);
    assert_true(plain->eof);
    assert_int_equal(n.count, 0);
    net_close(&n);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
    buf_free(&m);
}

static void who_never_shakes_hands_is_let_go(void **state)
{
    struct net n;
    SSL_CTX *server = server_context();

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server, .frame_s = 1 });
    struct client *c = net_dial(&n);
    net_pump_ms(&n, 2300);
    assert_true(c->eof);
    net_close(&n);
    SSL_CTX_free(server);
}

/* close_notify ends the sender's side only; what it is owed still comes. */
static void a_tls_sender_that_says_goodbye_gets_its_answers(void **state)
{
    struct net n;
    struct buf m = many(400);
    SSL_CTX *server = server_context(), *ctx = client_context(true);

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = server });
    struct client *c = net_dial(&n);
    assert_true(start_tls(&n, c, ctx));
    n.hold = true;
    assert_true(client_send(&n, c, buf_slice(&m)));
    SSL_shutdown(c->ssl);
    net_pump_ms(&n, 30);
    n.hold = false;
    client_wait(&n, c, 400);
    client_wait_end(&n, c);
    assert_in_order(c, 400);
    assert_true(c->eof);
    net_close(&n);
    SSL_CTX_free(ctx);
    SSL_CTX_free(server);
    buf_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_framing_case_is_answered),
        cmocka_unit_test(every_split_of_two_messages_is_answered),
        cmocka_unit_test(a_refusal_locates_and_quotes_nothing),
        cmocka_unit_test(the_mode_decides_which_acknowledgement_leaves),
        cmocka_unit_test(an_acknowledgement_is_never_acknowledged),
        cmocka_unit_test(nothing_leaves_before_the_verdict_and_order_stays),
        cmocka_unit_test(the_size_limit_holds_to_the_byte),
        cmocka_unit_test(a_large_message_is_within_the_default),
        cmocka_unit_test(connections_past_a_limit_are_closed),
        cmocka_unit_test(the_inflight_limit_stops_reading_and_loses_nothing),
        cmocka_unit_test(pause_with_bytes_in_the_buffers_goes_on_afterwards),
        cmocka_unit_test(pause_from_inside_a_message_stops_at_once),
        cmocka_unit_test(who_reads_no_acknowledgements_is_not_read_either),
        cmocka_unit_test(slow_frames_and_silence_end_a_connection),
        cmocka_unit_test(a_pause_of_ours_counts_against_nobody),
        cmocka_unit_test(who_ends_its_side_still_gets_every_answer),
        cmocka_unit_test(a_client_that_vanishes_takes_nobody_along),
        cmocka_unit_test(the_router_may_go_while_a_message_is_handed_over),
        cmocka_unit_test(leaving_answers_what_is_open_and_reads_no_more),
        cmocka_unit_test(mutual_tls_names_its_sender),
        cmocka_unit_test(without_a_certificate_nothing_is_heard),
        cmocka_unit_test(who_never_shakes_hands_is_let_go),
        cmocka_unit_test(a_tls_sender_that_says_goodbye_gets_its_answers),
    };

    return cmocka_run_group_tests(tests, make_certificates, drop_certificates);
}
