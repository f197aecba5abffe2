/* Frames that hold several messages, master files, and MLLP release 2, on real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/adapters/mllp_help.h"

/* What came, so that a table can say it: frames in <>, "+" and "-" for commit acknowledgements; of each frame
 * BHS(reference), FHS(reference), BTS(count), FTS(count) and code:control-id of each MSA, MFA by its MFA-4.
 */
static const char *frames_of(const struct client *c)
{
    static char text[65536];
    struct mllp_framer f = mllp_framer_make(1 << 20);
    struct slice rest = buf_slice(&c->got), frame;
    enum mllp_result r;
    size_t at = 0;

    text[0] = 0;
    while ((r = mllp_next(&f, &rest, &frame, NULL)) != MLLP_MORE) {
        if (r != MLLP_FRAME) {
            at += (size_t)snprintf(text + at, sizeof text - at, r == MLLP_COMMIT_ACK ? "+" : "-");
            continue;
        }
        at += (size_t)snprintf(text + at, sizeof text - at, "<");
        const char *gap = "";
        while (frame.len > 0) {
            struct slice line = slice_cut(&frame, '\r'), name = slice_sub(line, 0, 3), part[13];
            for (int i = 0; i < 13; i++)
                part[i] = slice_cut(&line, '|');
            char word[128] = "";
            if (slice_is(name, "BHS") || slice_is(name, "FHS"))
                snprintf(word, sizeof word, "%.3s(%.*s)", name.ptr, SLICE_ARG(part[11]));
            else if (slice_is(name, "BTS") || slice_is(name, "FTS"))
                snprintf(word, sizeof word, "%.3s(%.*s)", name.ptr, SLICE_ARG(part[1]));
            else if (slice_is(name, "MSA"))
                snprintf(word, sizeof word, "%.*s:%.*s", SLICE_ARG(part[1]), SLICE_ARG(part[2]));
            else if (slice_is(name, "MFA"))
                snprintf(word, sizeof word, "%.1s", part[4].ptr);
            if (word[0] == 0)
                continue;
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", gap, word);
            gap = " ";
        }
        at += (size_t)snprintf(text + at, sizeof text - at, ">");
    }
    if (f.noise_bytes > 0)
        snprintf(text + at, sizeof text - at, " noise");
    return text;
}

#define VT       "\x0b"
#define FS       "\x1c\r"
#define M(n)     "MSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|" n "|P|2.5.1\rPID|1||M1\rOBR|1\r"
#define NEVER(n) "MSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|" n "|P|2.5.1|||NE|NE\rPID|1||M1\rOBR|1\r"
#define BHS(n)   "BHS|^~\\&|A|B|C|D|20260101||||" n "\r"
#define FHS(n)   "FHS|^~\\&|A|B|C|D|20260101||||" n "\r"
#define BAD      "MSH|^~^&|A|B|C|D|20260101120000||ORU^R01|BAD|P|2.5.1\r"
#define MFN                                                                                                  \
    "MSH|^~\\&|A|B|C|D|20260101120000||MFN^M02^MFN_M02|F1|P|2.5.1\rMFI|STF||UPD|||AL\r"                      \
    "MFE|MAD|1||P1\rSTF|P1||Doe\rMFE|MAD|2||P2\rSTF|P2||Roe\r"

static const struct {
    const char *name, *sent, *got, *got_2; /* release 1, release 2 */
    unsigned messages;
} cases[] = {
    { "a message alone", VT M("1") FS, "<AA:1>", "+<AA:1>", 1 },
    { "two frames", VT M("1") FS VT M("2") FS, "<AA:1><AA:2>", "+<AA:1>+<AA:2>", 2 },
    { "several without a header: one frame each", VT M("1") M("2") M("3") FS, "<AA:1><AA:2><AA:3>",
      "+<AA:1><AA:2><AA:3>", 3 },
    { "a batch", VT BHS("B7") M("1") M("2") "BTS|2\r" FS, "<BHS(B7) AA:1 AA:2 BTS(2)>",
      "+<BHS(B7) AA:1 AA:2 BTS(2)>", 2 },
    { "a batch without trailer", VT BHS("B7") M("1") M("2") FS, "<BHS(B7) AA:1 AA:2 BTS(2)>",
      "+<BHS(B7) AA:1 AA:2 BTS(2)>", 2 },
    { "a wrong count is no reason to refuse", VT BHS("B7") M("1") "BTS|9\r" FS, "<BHS(B7) AA:1 BTS(1)>",
      "+<BHS(B7) AA:1 BTS(1)>", 1 },
    { "one bad message stops no other", VT BHS("B7") M("1") BAD M("3") "BTS|3\r" FS,
      "<BHS(B7) AA:1 AR:BAD AA:3 BTS(3)>", "+<BHS(B7) AA:1 AR:BAD AA:3 BTS(3)>", 3 },
    { "what is no message is refused alone", VT BHS("B7") "PID|1||stray\r" M("2") "BTS|1\r" FS,
      "<BHS(B7) AR: AA:2 BTS(2)>", "+<BHS(B7) AR: AA:2 BTS(2)>", 2 },
    { "only those that are due are in it", VT BHS("B7") NEVER("1") M("2") "BTS|2\r" FS,
      "<BHS(B7) AA:2 BTS(1)>", "+<BHS(B7) AA:2 BTS(1)>", 2 },
    { "none is due: no batch", VT BHS("B7") NEVER("1") NEVER("2") "BTS|2\r" FS VT M("3") FS, "<AA:3>",
      "++<AA:3>", 3 },
    { "an empty batch", VT BHS("B7") "BTS|0\r" FS, "<BHS(B7) BTS(0)>", "+<BHS(B7) BTS(0)>", 0 },
    { "two batches in a frame", VT BHS("B1") M("1") "BTS|1\r" BHS("B2") M("2") "BTS|1\r" FS,
      "<BHS(B1) AA:1 BTS(1) BHS(B2) AA:2 BTS(1)>", "+<BHS(B1) AA:1 BTS(1) BHS(B2) AA:2 BTS(1)>", 2 },
    { "a file of two batches",
      VT FHS("F1") BHS("B1") M("1") "BTS|1\r" BHS("B2") M("2") M("3") "BTS|2\rFTS|2\r" FS,
      "<FHS(F1) BHS(B1) AA:1 BTS(1) BHS(B2) AA:2 AA:3 BTS(2) FTS(2)>",
      "+<FHS(F1) BHS(B1) AA:1 BTS(1) BHS(B2) AA:2 AA:3 BTS(2) FTS(2)>", 3 },
    { "a file without BHS", VT FHS("F1") M("1") M("2") "FTS|1\r" FS, "<FHS(F1) AA:1 AA:2 FTS(0)>",
      "+<FHS(F1) AA:1 AA:2 FTS(0)>", 2 },
    { "a message behind the batch", VT BHS("B1") M("1") "BTS|1\r" M("2") FS, "<BHS(B1) AA:1 BTS(1)><AA:2>",
      "+<BHS(B1) AA:1 BTS(1)><AA:2>", 2 },
    { "a batch, then a message in its own frame", VT BHS("B1") M("1") "BTS|1\r" FS VT M("2") FS,
      "<BHS(B1) AA:1 BTS(1)><AA:2>", "+<BHS(B1) AA:1 BTS(1)>+<AA:2>", 2 },
    { "a master file", VT MFN FS, "<AA:F1 S S>", "+<AA:F1 S S>", 1 },
    { "a master file in a batch", VT BHS("B1") MFN M("2") FS, "<BHS(B1) AA:F1 S S AA:2 BTS(2)>",
      "+<BHS(B1) AA:F1 S S AA:2 BTS(2)>", 2 },
    { "their commits", VT "\x06" FS VT "\x15" FS VT M("1") FS, "<AA:1>", "+<AA:1>", 1 },
    { "nothing due, release 2 says stored", VT NEVER("1") FS VT M("2") FS, "<AA:2>", "++<AA:2>", 2 },
    { "not HL7", VT "hello" FS, "<AR:>", "+<AR:>", 1 },
};

static void play(size_t i, bool release_2, size_t chunk)
{
    struct net n;
    net_open(&n, &(struct mllp_options){ .release_2 = release_2 });
    struct client *c = net_dial(&n);
    const char *wanted = release_2 ? cases[i].got_2 : cases[i].got;
    struct slice all = slice_of(cases[i].sent);

    for (size_t at = 0; at < all.len; at += chunk) {
        assert_true(client_send(&n, c, slice_sub(all, at, chunk)));
        net_pump(&n);
    }
    for (int ms = 0; ms < 2000 && strlen(frames_of(c)) < strlen(wanted); ms++)
        net_pump_ms(&n, 1);
    net_pump_ms(&n, 3); /* for stray ones */
    if (strcmp(frames_of(c), wanted) != 0)
        fail_msg("%s, release %d, chunks of %zu: %s instead of %s", cases[i].name, 1 + release_2, chunk,
                 frames_of(c), wanted);
    assert_int_equal(n.count, cases[i].messages);
    assert_int_equal(mllp_unanswered(n.listener), 0);
    assert_false(c->eof);
    net_close(&n);
}

static void several_messages_in_a_frame_are_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int release_2 = 0; release_2 <= 1; release_2++) {
            play(i, release_2, SIZE_MAX / 2);
            play(i, release_2, 1);
        }
}

static void counts_are_told(void **state)
{
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .release_2 = true });
    struct client *c = net_dial(&n);
    assert_true(client_send(&n, c,
                            SLICE(VT BHS("B1") M("1") "BTS|9\r" FS VT BHS("B2")
                                      M("2") "BTS\r" FS VT "\x06" FS VT "\x15" FS VT "\x06" FS)));
    client_wait(&n, c, 2);
    net_pump_ms(&n, 5);
    const struct mllp_counts *counts = mllp_counts(n.listener);
    assert_int_equal(counts->batches, 2);
    assert_int_equal(counts->wrong_counts, 1);
    assert_int_equal(counts->commits, 2);
    assert_int_equal(counts->commit_refusals, 1);
    assert_int_equal(counts->noise_bytes, 0);
    net_close(&n);
}

static void what_a_batch_of_answers_says(void **state)
{
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .tls = NULL });
    struct client *c = net_dial(&n);
    assert_true(client_send(&n, c, SLICE(VT "BHS!%~*@!mon!icu!nb!main!20260101!!!!B%7\r" M("1") FS)));
    client_wait(&n, c, 1);
    net_pump_ms(&n, 5);
    assert_true(slice_is(buf_slice(&c->got),
                         VT "BHS!%~*@!nb!main!mon!icu!20260101000000+0000!!!!NBB1!B%7\r"
                            "MSH|^~\\&|C|D|A|B|20260101000000+0000||ACK^R01^ACK|NB1|P|2.5.1\rMSA|AA|1\r"
                            "BTS!1\r" FS));
    net_close(&n);
}

/* --- nothing before the verdict --------------------------------------------------------------------------
 */

static void release_2_says_stored_after_the_verdict_only(void **state)
{
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .release_2 = true });
    n.hold = true;
    struct client *c = net_dial(&n);
    assert_true(client_send(&n, c, SLICE(VT BHS("B1") M("1") M("2") FS VT NEVER("3") FS)));
    net_pump_ms(&n, 20);
    assert_int_equal(n.count, 3);
    assert_string_equal(frames_of(c), "");
    net_answer_one(&n);
    net_pump_ms(&n, 5);
    assert_string_equal(frames_of(c), ""); /* half the batch is stored */
    net_answer_one(&n);
    net_pump_ms(&n, 5);
    assert_string_equal(frames_of(c), "+<BHS(B1) AA:1 AA:2 BTS(2)>");
    net_answer_one(&n);
    net_pump_ms(&n, 5);
    assert_string_equal(frames_of(c), "+<BHS(B1) AA:1 AA:2 BTS(2)>+");
    net_close(&n);
}

static void release_2_says_not_stored_when_the_router_goes(void **state)
{
    struct net n;

    (void)state;
    net_open(&n, &(struct mllp_options){ .release_2 = true });
    n.hold = true;
    struct client *c = net_dial(&n);
    assert_true(client_send(&n, c, SLICE(VT M("1") FS VT BHS("B1") M("2") M("3") FS)));
    net_pump_ms(&n, 20);
    net_answer_one(&n);
    net_answer_one(&n); /* the first of the batch */
    mllp_close_unanswered(n.listener);
    net_answer_one(&n); /* too late: passed over */
    net_pump_ms(&n, 20);
    assert_string_equal(frames_of(c), "+<AA:1>-");
    assert_false(c->eof);
    assert_int_equal(mllp_counts(n.listener)->refused_frames, 1);
    n.hold = false;
    assert_true(client_send(&n, c, SLICE(VT BHS("B1") M("2") M("3") FS)));
    client_wait(&n, c, 3);
    net_pump_ms(&n, 3);
    assert_string_equal(frames_of(c), "+<AA:1>-+<BHS(B1) AA:2 AA:3 BTS(2)>");
    net_close(&n);
}

static void gone_inside(struct net *n)
{
    if (n->count == 2)
        mllp_close_unanswered(n->listener);
}

static void the_router_may_go_while_a_batch_is_handed_over(void **state)
{
    (void)state;
    for (int release_2 = 0; release_2 <= 1; release_2++) {
        struct net n;
        net_open(&n, &(struct mllp_options){ .release_2 = release_2 });
        n.hold = true;
        n.meanwhile = gone_inside;
        struct client *c = net_dial(&n);
        assert_true(client_send(&n, c, SLICE(VT BHS("B1") M("1") M("2") M("3") FS)));
        for (int ms = 0; ms < 1000 && !c->eof && c->got.len == 0; ms++)
            net_pump_ms(&n, 1);
        assert_int_equal(n.count, 2);
        assert_string_equal(frames_of(c), release_2 ? "-" : "");
        assert_int_equal(c->eof, !release_2);
        net_close(&n);
    }
}

/* --- bounds ----------------------------------------------------------------------------------------------
 */

enum { COUNT = 2000 };

static void put_batch(struct buf *m)
{
    buf_text(m, VT BHS("B1"));
    for (int i = 0; i < COUNT; i++)
        buf_printf(m, "MSH|^~\\&|A|B|C|D|20260101120000||ORU^R01^ORU_R01|%d|P|2.5.1\rPID|1\r", i);
    buf_printf(m, "BTS|%d\r" FS, COUNT);
}

/* A batch counts as its messages: reading stops at the limit, and goes on as verdicts come. */
static void a_large_batch_keeps_to_the_inflight_limit(void **state)
{
    struct buf m = buf_make(1 << 20);

    (void)state;
    put_batch(&m);
    for (int release_2 = 0; release_2 <= 1; release_2++) {
        struct net n;
        net_open(&n, &(struct mllp_options){ .release_2 = release_2 });
        n.hold = true;
        struct client *c = net_dial(&n);
        assert_true(client_send(&n, c, buf_slice(&m)));
        shutdown(c->fd, SHUT_WR);
        net_pump_ms(&n, 20);
        assert_int_equal(n.count, LIMIT_INFLIGHT);
        mllp_pause(n.listener, true);
        net_answer_all(&n);
        net_pump_ms(&n, 5);
        assert_int_equal(n.count, LIMIT_INFLIGHT);
        mllp_pause(n.listener, false);
        n.hold = false;
        client_wait_end(&n, c);
        assert_int_equal(n.count, COUNT);
        assert_in_order(c, COUNT);
        assert_int_equal(count_of(buf_slice(&c->got), "BTS|2000\r"), 1);
        net_close(&n);
    }
    buf_free(&m);
}

static void a_client_may_vanish_inside_a_batch(void **state)
{
    struct buf m = buf_make(1 << 20);
    struct net n;

    (void)state;
    put_batch(&m);
    net_open(&n, &(struct mllp_options){ .release_2 = true });
    n.hold = true;
    struct client *c = net_dial(&n);
    const struct linger reset = { 1, 0 };
    assert_true(client_send(&n, c, buf_slice(&m)));
    net_pump_ms(&n, 10);
    net_answer_one(&n);
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_close(c);
    net_pump_ms(&n, 10);
    n.hold = false;
    for (int ms = 0; ms < 500 && mllp_counts(n.listener)->open > 0; ms++)
        net_pump_ms(&n, 1);
    assert_int_equal(mllp_counts(n.listener)->open, 0);
    net_close(&n);
    buf_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_messages_in_a_frame_are_answered),
        cmocka_unit_test(counts_are_told),
        cmocka_unit_test(what_a_batch_of_answers_says),
        cmocka_unit_test(release_2_says_stored_after_the_verdict_only),
        cmocka_unit_test(release_2_says_not_stored_when_the_router_goes),
        cmocka_unit_test(the_router_may_go_while_a_batch_is_handed_over),
        cmocka_unit_test(a_large_batch_keeps_to_the_inflight_limit),
        cmocka_unit_test(a_client_may_vanish_inside_a_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
