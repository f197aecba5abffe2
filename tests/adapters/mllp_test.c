/* The MLLP listener on real sockets: framing as senders do it, acknowledgements, order, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/adapters/mllp_help.h"

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

/* --- what acknowledgements say --- */

static void a_refusal_locates_and_quotes_nothing(void **state)
{
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .max_message = 8192 });
    struct client *c = net_dial(&n);
    struct buf bytes = buf_make(1 << 16);
    buf_u8(&bytes, MLLP_VT);
    buf_printf(&bytes, BODY, "BAD1", "");
    buf_text(&bytes, "NTE|1||ROSALIND CANARY");
    for (int i = 0; i < LIMIT_FIELDS; i++)
        buf_text(&bytes, "|");
    buf_text(&bytes, "\r");
    buf_bytes(&bytes, "\x1c\r", 2);
    assert_true(client_send(&n, c, buf_slice(&bytes)));
    client_wait(&n, c, 1);
    assert_string_equal(client_acks(c), "AR:BAD1");
    assert_int_equal(count_of(buf_slice(&c->got), "\rERR|"), 1);
    assert_true(count_of(buf_slice(&c->got), "ERR||NTE^1|104^") > 0); /* ERR-2: where */
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
        char id[16];
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

/* --- limits --- */

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
